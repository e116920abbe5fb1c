"""Cuts streamed text into sentences as it arrives, in English and Chinese.

In: deltas of any size. Out: complete sentences, each with the white space that follows it; joined they are the text,
character for character. It refuses to know what a sentence says, and never holds more than `limit` characters back.

A line is a unit of its own; a table row or list item is never cut. A citation stays with the sentence it supports,
whether it stands before or after the full stop.
"""

from __future__ import annotations

import re

LIMIT_CHARS = 600

_CITATIONS = r"(?:[ ]?\[\d{1,3}(?:,[ ]?\d{1,3}){0,9}\])*"
_CLOSERS = "[\"'”’)）\\]】」』》*_~`]*"
_END = re.compile(rf"[。！？!?…]+{_CLOSERS}{_CITATIONS}[。.]?|\.+{_CLOSERS}{_CITATIONS}|\n")
_ITEM = re.compile(r"[ \t]*(?:\||[-*•+][ \t]|\d{1,3}[.)、]|#{1,6}[ ]|>)")
_ABBREVIATION = re.compile(
    r"(?:^|[^A-Za-z])(?:(?<!\d)(?<!\d[ ])[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|e\.g|i\.e|mr|mrs|ms|dr|prof|st|no|nr"
    r"|vs|approx|incl|excl|max|min"
    r"|avg|ca|cf|fig|dept|est|vol|ed|art|dim|qty|pcs|ft|oz|lbs?|sq|tel|ext)$",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"(?:^|[^A-Za-z])(?:inc|ltd|co|corp|bros|etc|jr|sr|[ap]\.m|in)$", re.IGNORECASE)


class SentenceSplitter:
    """`feed` deltas, take complete sentences; `flush` at the end of the stream."""

    def __init__(self, limit: int = LIMIT_CHARS) -> None:
        self._buffer = ""
        self._limit = limit

    def feed(self, delta: str) -> list[str]:
        """The sentences that `delta` completes, in order; often none."""
        sentences: list[str] = []
        self._buffer += delta
        while end := self._boundary():
            sentences.append(self._buffer[:end])
            self._buffer = self._buffer[end:]
        return sentences

    def flush(self) -> str:
        """What is left: the last sentence, finished or not; "" where there is none."""
        rest, self._buffer = self._buffer, ""
        return rest

    def _boundary(self) -> int:
        """Where the first sentence of the buffer ends, its white space included; 0 while that is not certain."""
        text = self._buffer
        start = len(text) - len(text.lstrip())
        line = bool(_ITEM.match(text, text.rfind("\n", 0, start) + 1))
        for match in _END.finditer(text, start, min(len(text), self._limit + 1)):
            after = match.end()
            newline = match[0] == "\n"
            if not newline and (line or not self._ends(text, match)):
                continue
            while after < len(text) and text[after].isspace():
                after += 1
            if after == len(text):
                break  # the next character decides: white space, a citation, a lower-case letter
            if newline or self._may_follow(text, match, after):
                return after
        return self._cut() if len(text) > self._limit else 0

    def _ends(self, text: str, match: re.Match[str]) -> bool:
        """Whether the punctuation of `match` can end a sentence, by what stands before and right behind it."""
        following = text[match.end() : match.end() + 1]
        if match[0][0] in "。！？…":
            return not (match[0] == "…" and following.isalnum() and following.isascii())
        glued = _is_chinese(following) and (match[0][0] in "!?" or text[match.start() - 1 : match.start()].islower())
        if following and not following.isspace() and not glued:
            return False
        opened = text.rfind("[", max(0, match.start() - 300), match.start())
        if opened > text.rfind("]", 0, match.end()):
            return False
        return match[0][0] != "." or match[0].startswith("..") or not _ABBREVIATION.search(text, 0, match.start())

    def _may_follow(self, text: str, match: re.Match[str], after: int) -> bool:
        """Whether a sentence can begin with what follows."""
        following = text[after]
        if following == "[" and re.match(r"\[\d{0,3}(?:,[ ]?\d{1,3})*(?:\]|$)", text[after:]):
            return False
        if match[0][0] != ".":
            return True
        if following.islower() and following.isascii():
            return "\n" in text[match.end() : after]
        return not (_COMPANY.search(text, 0, match.start()) and not following.isupper())

    def _cut(self) -> int:
        """The best place to break a sentence that does not end: behind white space or a comma, else at the limit."""
        head = self._buffer[: self._limit]
        best = max(head.rfind(mark) for mark in (" ", "\n", "，", ",", "；", "、"))
        return best + 1 if best > self._limit // 2 else self._limit


def split_sentences(text: str) -> list[str]:
    """All sentences of a finished text; joined they are the text."""
    splitter = SentenceSplitter()
    sentences = splitter.feed(text)
    rest = splitter.flush()
    return [*sentences, rest] if rest else sentences


def _is_chinese(letter: str) -> bool:
    return bool(letter) and "\u3400" <= letter <= "\u9fff"
