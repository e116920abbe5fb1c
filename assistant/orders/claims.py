"""What a message claims about an order: its number and the e-mail address it was placed with.

In: a turn. Out: a `Claim`, to be checked against the shop's own system and worth nothing before. It is read from what
the shopper wrote, by rule; no model has a say in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from assistant.types import Turn
from assistant.understanding.intents import EMAIL, order_ref
from knowledge_base.text import clean

# Beside an address, anything like "AP30292" or "#1234" is taken for the number.
_CODE = re.compile(r"(?<![\w@.¥$€£-])#?[A-Za-z]{0,6}[-_]?\d[\dA-Za-z_-]{2,24}(?![\w@]|[.,]\d)", re.A)
_MESSAGES = 12  # how far back a claim may have been made


@dataclass(frozen=True, slots=True)
class Claim:
    """A number and an address; None where none was given. `fresh`: this very message gives one of them anew."""

    ref: str | None = None
    email: str | None = None
    fresh: bool = False


def claim_of(turn: Turn) -> Claim:
    """The number and the address that the shopper gave last, in this message or the ones before."""
    ref, email = claimed_in(turn.text)
    fresh = bool(ref or email)
    for message in reversed(turn.history[-_MESSAGES:]):
        if ref and email:
            break
        if message.role == "shopper":
            earlier = claimed_in(message.text)
            ref, email = ref or earlier[0], email or earlier[1]
    return Claim(ref, email, fresh)


def claimed_in(text: str) -> tuple[str | None, str | None]:
    """The order number and the e-mail address that a text holds."""
    plain = clean(unicodedata.normalize("NFKC", text))
    match = EMAIL.search(plain)
    rest = EMAIL.sub(" ", plain)
    ref = order_ref(rest)
    if ref is None and (match is not None or re.fullmatch(r"\W*\d{4,9}\W*", rest)):
        code = _CODE.search(rest)
        ref = code[0] if code else None
    return ref, match[0] if match else None
