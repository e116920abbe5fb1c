"""Who a shopper is, by the token that the shop signed; nothing else may say so.

In: the shop's key and a token of a shopper who is signed in at the shop. Out: that shopper's id with the token's own id
and end, or a refusal. Whether a token was used before is the store's to know. It knows no request and no conversation.
Follows https://www.rfc-editor.org/rfc/rfc8725 (JSON Web Token best current practices).
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import jwt

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError

MIN_KEY_BYTES: Final = 32
MAX_LIFETIME_S: Final = 15 * 60
LEEWAY_S: Final = 10  # by which the shop's clock may be off
_ALGORITHMS: Final = ("HS256",)  # exactly: what a token says of itself decides nothing
_CLAIMS: Final = ("sub", "aud", "iat", "exp", "jti")
_MIN_KEY_CHARACTERS: Final = 10  # different ones; a random key of 32 bytes has far more
_SAMPLE: Final = re.compile(
    r"change.?me|example|sample|placeholder|your.?(?:256|key|secret)|secret.?key|insecure|at.least.32|0123456789|abcdefgh",
    re.IGNORECASE,
)
_MAX_ID_CHARS: Final = 128


class TokenRefused(Exception):
    """A token that is not taken; the message is fit for whoever sent it."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A shopper as the shop's token names them.

    `jti` is the token's own id, which is used once; `expires_at` (Unix time) is when no such token is taken any more.
    """

    shopper: str
    jti: str
    expires_at: float


class ShopTokens:
    """Reads the tokens of one shop. Without a key in the settings, only tokens that this process signs are taken."""

    def __init__(self, settings: Settings, shop_id: str) -> None:
        """
        Raises:
            SettingsError: the key is too short, a sample, or no key for HMAC.
        """
        self.shop_id = shop_id
        self.has_key = bool(settings.jwt_key)
        self._key = _checked(settings.jwt_key) if settings.jwt_key else secrets.token_bytes(MIN_KEY_BYTES)

    def read(self, token: str) -> SignedIn:
        """The shopper of a token.

        Raises:
            TokenRefused: it is forged, expired, for another shop, valid for too long, or lacks something.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=_ALGORITHMS,
                audience=self.shop_id,
                leeway=LEEWAY_S,
                options={"require": list(_CLAIMS), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise TokenRefused("The shop's token has expired; fetch a new one.") from None
        except jwt.InvalidAudienceError:
            raise TokenRefused("The shop's token is meant for another shop.") from None
        except jwt.MissingRequiredClaimError as error:
            raise TokenRefused(f"The shop's token lacks {error.claim}.") from None
        except jwt.PyJWTError:
            raise TokenRefused("The shop's token is not signed with the shop's key.") from None
        issued, expires = _seconds(claims["iat"]), _seconds(claims["exp"])
        if not 0 < expires - issued <= MAX_LIFETIME_S:
            raise TokenRefused(f"The shop's token may be valid for {MAX_LIFETIME_S // 60} minutes at most.")
        return SignedIn(_id(claims, "sub"), _id(claims, "jti"), expires + LEEWAY_S)

    def sign(self, shopper: str, lifetime_s: float = 300) -> str:
        """A token for a shopper, as the shop would sign it; for the demo storefront and tests."""
        now = int(time.time())
        claims = {"sub": shopper, "aud": self.shop_id, "iat": now, "exp": now + int(lifetime_s)}
        return jwt.encode({**claims, "jti": secrets.token_urlsafe(16)}, self._key, algorithm=_ALGORITHMS[0])


def _checked(key: str) -> bytes:
    name, remedy = f"{PREFIX}JWT_KEY", 'take one of: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    encoded = key.encode()
    if len(encoded) < MIN_KEY_BYTES:
        raise SettingsError(f"{name} has {len(encoded)} bytes and needs {MIN_KEY_BYTES}: {remedy}")
    if _SAMPLE.search(key) or len(set(key)) < _MIN_KEY_CHARACTERS:
        raise SettingsError(f"{name} is a sample or can be guessed: {remedy}")
    try:
        jwt.get_algorithm_by_name(_ALGORITHMS[0]).prepare_key(encoded)
    except jwt.InvalidKeyError as error:
        raise SettingsError(f"{name} is no key for {_ALGORITHMS[0]} ({error}): {remedy}") from error
    return encoded


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TokenRefused("The shop's token has a time that is no number.")
    return float(value)


def _id(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID_CHARS or not value.isprintable():
        raise TokenRefused(f"The shop's token has a {name} that is not 1 to {_MAX_ID_CHARS} printable characters.")
    return value
