"""Personal data in a text replaced by placeholders, and put back.

In: texts of one conversation's turn. Out: the same texts with ⟨email-1⟩, ⟨phone-1⟩ … in them, and from a text with
such placeholders, also one that arrives in pieces cut anywhere, the values again. The mapping lives in a `Masker`,
in memory, as long as the turn. It knows no model and no shop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from assistant.privacy.folding import fold
from assistant.privacy.recognising import recognise

OPEN, CLOSE = "⟨", "⟩"
_KINDS = "email|phone|card|account|id|address|order|tracking"
# Models write the brackets in other ways, too, and sometimes a space.
_OPENERS, _CLOSERS = "⟨〈《‹<", "⟩〉》›>"
_PLACEHOLDER = re.compile(
    rf"[{_OPENERS}]{{1,2}}[ ]?({_KINDS})[ ]?[-‑–_][ ]?([0-9]{{1,4}})[ ]?[{_CLOSERS}]{{1,2}}", re.IGNORECASE
)
_BEGUN = re.compile(
    rf"[{_OPENERS}]{{1,2}}[ ]?(?:[A-Za-z]{{1,8}}(?:[ ]?[-‑–_][ ]?(?:[0-9]{{1,4}}[ ]?[{_CLOSERS}]?)?)?)?$"
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its personal data, and what each placeholder in it stands for (in memory only)."""

    text: str
    values: Mapping[str, str]

    def restore(self, text: str) -> str:
        """The text with the values in place of their placeholders."""
        return restored(text, self.values)


class Masker:
    """Masks the texts of one turn: equal values get the same placeholder in all of them.

    `known` are values that are personal data whatever they look like, each with its kind ("order", "tracking").
    `is_public` says of a value as compared (letters and digits only) that the shop itself publishes it.
    """

    def __init__(
        self, known: Iterable[tuple[str, str]] = (), is_public: Callable[[str], bool] = lambda value: False
    ) -> None:
        self.values: dict[str, str] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._known = {value.casefold(): kind for kind, value in known if len(value) >= 4}
        self._is_public = is_public
        self._taken: set[str] = set()

    def reserve(self, texts: Iterable[str]) -> None:
        """Give out no placeholder that somebody wrote in one of these texts: it would be restored to a stranger's."""
        for text in texts:
            self._taken.update(_label(match) for match in _PLACEHOLDER.finditer(text))

    def mask(self, text: str) -> str:
        """The text with placeholders for the personal data in it."""
        self.reserve((text,))
        pieces: list[str] = []
        at = 0
        for found in recognise(text):
            value = text[found.start : found.end]
            if self._is_public(compared(value)):
                continue
            pieces += [self._named(text[at : found.start]), self._placeholder(found.kind, value)]
            at = found.end
        return "".join([*pieces, self._named(text[at:])])

    def _named(self, text: str) -> str:
        """A piece without finds, with placeholders for the values that are known."""
        if not self._known:
            return text
        pattern = "|".join(re.escape(value) for value in sorted(self._known, key=len, reverse=True))
        known = re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", re.IGNORECASE)
        return known.sub(lambda match: self._placeholder(self._known[match[0].casefold()], match[0]), text)

    def _placeholder(self, kind: str, value: str) -> str:
        key = (kind, compared(value))
        if key not in self._labels:
            number = 1 + sum(other == kind for other, _ in self._labels)
            while (label := f"{OPEN}{kind}-{number}{CLOSE}") in self._taken:
                number += 1
            self._taken.add(label)
            self._labels[key] = label
            self.values[label] = value
        return self._labels[key]


class Restorer:
    """Puts values back into text that arrives in pieces; a placeholder may be cut anywhere between two of them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._held = ""

    def feed(self, delta: str) -> str:
        """The text that is certain by now; "" while a placeholder may have begun."""
        text = self._held + delta
        begun = _BEGUN.search(text, max(0, len(text) - _LONGEST)) if self._values else None
        self._held = text[begun.start() :] if begun else ""
        return restored(text[: begun.start()] if begun else text, self._values)

    def flush(self) -> str:
        """What was held back when the text ended."""
        text, self._held = self._held, ""
        return restored(text, self._values)


_LONGEST = 24  # signs of the longest placeholder that is not yet closed


def mask(text: str) -> Masked:
    """One text with placeholders for the personal data in it.

    >>> mask("call 802-555-0142").text
    'call ⟨phone-1⟩'
    """
    masker = Masker()
    return Masked(masker.mask(text), masker.values)


def anonymise(text: str) -> str:
    """The text with the kind of each piece of personal data in its place: nothing leads back to the value.

    >>> anonymise("I am at a@b.com and c@d.com")
    'I am at ⟨email⟩ and ⟨email⟩'
    """
    return replaced(text, lambda kind: f"{OPEN}{kind}{CLOSE}")


def replaced(text: str, sign: Callable[[str], str], *, escapes: bool = False) -> str:
    """The text with `sign(kind)` in place of each piece of personal data; the very same string where there is none."""
    found = recognise(text, escapes=escapes)
    if not found:
        return text
    pieces: list[str] = []
    at = 0
    for one in found:
        pieces += [text[at : one.start], sign(one.kind)]
        at = one.end
    return "".join([*pieces, text[at:]])


def restored(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of the placeholders they have; one that stands for nothing stays."""
    if not values:
        return text
    return _PLACEHOLDER.sub(lambda match: values.get(_label(match), match[0]), text)


def compared(value: str) -> str:
    """A value as it is compared: its letters and digits, folded."""
    return "".join(character for character in fold(value).text.casefold() if character.isalnum())


def _label(match: re.Match[str]) -> str:
    return f"{OPEN}{match[1].lower()}-{int(match[2])}{CLOSE}"
