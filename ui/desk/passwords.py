"""Passwords of those who work at the desk: which may be chosen, how they are kept, whether one is right.

In: a password as it was typed. Out: its Argon2id hash, or whether it fits one. It keeps nothing and knows no account.
https://www.rfc-editor.org/rfc/rfc9106 (Argon2), https://pages.nist.gov/800-63-4/sp800-63b.html (what to ask of one)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from assistant.errors import AgentRefused

MIN_CHARS: Final = 12
MAX_CHARS: Final = 256
_MIN_OWN_CHARS: Final = 8  # beside the names and the words that everybody tries first
_MIN_DIFFERENT: Final = 5
_GUESSED_FIRST: Final = ("password", "passwort", "shopkeeper", "qwertyuiop", "qwerty", "welcome", "letmein", "admin")
_DIGITS: Final = "01234567890123456789"


class Passwords:
    """Hashes and checks passwords. A check takes the same time whether there is a hash to check against or not."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` None: the costs of RFC 9106's second recommendation, 64 MiB and some 50 ms."""
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("nobody has this password")

    def hashed(self, password: str) -> str:
        """What is kept of a password."""
        return self._hasher.hash(_as_typed(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one that was hashed; None or "": there is no account, or none of its may log in."""
        try:
            right = self._hasher.verify(kept or self._nobodys, _as_typed(password))
        except (Argon2Error, InvalidHashError):
            return False
        return right and bool(kept)

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)


def check_new_password(password: str, names: Iterable[str]) -> None:
    """Refuse a password that would be guessed; `names` are those of its owner.

    Raises:
        AgentRefused: it is too short or too long, or little is left of it without names and common words.
    """
    typed = _as_typed(password)
    if not MIN_CHARS <= len(typed) <= MAX_CHARS:
        raise AgentRefused(f"the password has {len(typed)} characters: take {MIN_CHARS} to {MAX_CHARS}")
    if len(set(typed)) < _MIN_DIFFERENT:
        raise AgentRefused(f"the password has {len(set(typed))} different characters: take {_MIN_DIFFERENT} or more")
    own = typed.casefold()
    parts = {part for name in names for part in (name.casefold(), *re.split(r"[\W_]+", name.casefold()))}
    for word in sorted({*parts, *_GUESSED_FIRST}, key=len, reverse=True):
        own = own.replace(word, "") if len(word) > 1 else own
    if len(own) < _MIN_OWN_CHARS or own in _DIGITS:
        raise AgentRefused("the password is little more than the name or a word that is tried first: take another")


def _as_typed(password: str) -> str:
    """The same characters, whichever way a keyboard makes them."""
    return unicodedata.normalize("NFKC", password)
