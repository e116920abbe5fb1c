"""Requests and answers that nobody in between can forge or send again later.

In: a key that shop and assistant share, and the bytes of a message. Out: headers that go with it, and whether those of
another hold. The signature is HMAC-SHA256 (RFC 2104) over the time, what the message is for, and the body's digest.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

TIMESTAMP, SIGNATURE = "X-Shopkeeper-Timestamp", "X-Shopkeeper-Signature"
TOLERANCE_S = 300


def sign(key: bytes, purpose: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of a message sent at that Unix time. `purpose` is "POST /path" of a request; of its answer, the
    request's own signature."""
    return {TIMESTAMP: str(at), SIGNATURE: f"v1={_mac(key, purpose, body, str(at))}"}


def holds(key: bytes, purpose: str, body: bytes, headers: Mapping[str, str], now: float) -> bool:
    """Whether a message was signed with the key for this purpose within the last five minutes."""
    stamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    expected = f"v1={_mac(key, purpose, body, stamp)}"
    fresh = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(now - int(stamp)) <= TOLERANCE_S
    return hmac.compare_digest(expected.encode(), signature.encode()) and fresh


def _mac(key: bytes, purpose: str, body: bytes, stamp: str) -> str:
    signed = f"{stamp}\n{purpose}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
