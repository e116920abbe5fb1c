"""Text as the recognisers read it, with the way back to what was written.

In: any text. Out: a `Folded`: full-width signs as plain ones, invisible characters gone, one kind of space and dash,
Chinese digits in long runs as figures, and for every character where it came from. With `escapes`, what programs
make of text in their logs ("%40", "\\u5e7f", "\\n") is read as the character it stands for. It knows no personal data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_DASHES = "‐‑‒–—―−﹣ー"
_ORDINARY = re.compile(r"[ -~\n]*")
_HIDDEN = frozenset(("Cf", "Mn", "Me", "Cc", "Cs", "Co"))
_CHINESE_DIGITS = re.compile("[〇零一二三四五六七八九幺]{7,}")
_FIGURES = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_ESCAPE = re.compile(
    r"(?:\\x[0-9a-fA-F]{2})+|(?:%[0-9a-fA-F]{2})+|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[nrt]|&(?:#64|#x40|commat);",
)
_MAY_ESCAPE = re.compile(r"[\\%&?]")
_QUERY = re.compile(r"\?[^\s\"'<>?]*=[^\s\"'<>]*")
_WORD_OF_ESCAPE = {"\\n": "\n", "\\r": "\n", "\\t": " "}


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what is read; `starts` and `ends` say which characters of the original each of its own stands for.

    Both are None where nothing changed.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a non-empty span of `text` stands for."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str, *, escapes: bool = False) -> Folded:
    """The text as recognisers read it.

    >>> fold("ａｎｎａ＠ｓｈｏｐ．ｅｘａｍｐｌｅ").text
    'anna@shop.example'
    """
    escaped = escapes and _MAY_ESCAPE.search(text) is not None
    if escaped:
        # In a query string a plus stands for a space.
        text = _QUERY.sub(lambda query: query[0].replace("+", " "), text)
    if not escaped and _ORDINARY.fullmatch(text):
        return Folded(text)
    read: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text) if escaped else ():
        _read(text, at, match.start(), read, starts, ends)
        for character in _unescaped(match[0]):
            for plain in _plain(character):
                read.append(plain)
                starts.append(match.start())
                ends.append(match.end())
        at = match.end()
    _read(text, at, len(text), read, starts, ends)
    folded = "".join(read)
    return Folded(_CHINESE_DIGITS.sub(lambda run: run[0].translate(_FIGURES), folded), starts, ends)


def _read(text: str, start: int, end: int, read: list[str], starts: list[int], ends: list[int]) -> None:
    for place in range(start, end):
        character = text[place]
        if " " <= character <= "~" or "\u4e00" <= character <= "\u9fff":
            read.append(character)
            starts.append(place)
            ends.append(place + 1)
            continue
        for plain in _plain(character):
            read.append(plain)
            starts.append(place)
            ends.append(place + 1)


def _plain(character: str) -> str:
    """One character as it is read; "" for one that nobody sees."""
    if character in "\n\r\u2028\u2029":
        return "\n"
    if character in _DASHES:
        return "-"
    if character.isspace():
        return " "
    if unicodedata.category(character) in _HIDDEN:
        return ""
    return unicodedata.normalize("NFKC", character)


def _unescaped(written: str) -> str:
    if written[0] == "&":
        return "@"
    if known := _WORD_OF_ESCAPE.get(written):
        return known
    if written[1] in "uU":
        number = int(written[2:], 16)
        return chr(number) if number <= 0x10FFFF else written
    data = bytes.fromhex(re.sub(r"\\x|%", "", written))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # of text, not of bytes: "\\xa0" is a space
