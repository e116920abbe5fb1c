"""A text while it is being read, with a mark on what has been understood.

In: a text. Out: windows of it around a place, patterns matched there, and whether a stretch is still free. It knows
neither numbers nor words; those who do mark what they read, so that nobody reads it twice.
"""

from __future__ import annotations

import re
from enum import IntEnum

_LOOK_BEHIND, _LOOK_AHEAD = 56, 200  # characters around a mention


class How(IntEnum):
    """How a stretch was understood, and so what may still be made of it."""

    READ = 1  # not to be searched for
    SEARCHED = 2  # still searched for
    FACET = 3  # likewise, but it names no kind of thing


class MarkedText:
    """The text and the marks on it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.used = bytearray(len(text))

    def free(self, start: int, end: int) -> bool:
        """Whether nobody has read any of a stretch."""
        return not any(self.used[start:end])

    def mark(self, start: int, end: int, how: How = How.READ) -> None:
        """Say how a stretch was understood."""
        self.used[start:end] = bytes([how]) * (end - start)

    def head(self, end: int) -> str:
        """What stands before `end`, as far as it can matter: the time to read a message must grow with its length."""
        return self.text[max(0, end - _LOOK_BEHIND) : end]

    def tail(self, start: int) -> str:
        """What follows `start`, as far as it can matter."""
        return self.text[start : start + _LOOK_AHEAD]

    def unread(self, start: int) -> str:
        """What follows `start`, as far as it can matter, without what has been read as a bound, a sort or stock."""
        span = range(start, min(start + _LOOK_AHEAD, len(self.text)))
        return "".join("\x00" if self.used[i] == How.READ else self.text[i] for i in span)

    def before(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        """The cue that ends right before `start`, where it is free."""
        window = max(0, start - 48)
        match = pattern.search(self.text, window, start)
        return match if match and self.free(match.start(), match.end()) else None

    def after(self, pattern: re.Pattern[str], end: int) -> re.Match[str] | None:
        """The cue that begins right after `end`, where it is free."""
        # Patterns are anchored with ^, which means the start of the string given, not of a window in it.
        match = pattern.match(self.text[end : end + 32])
        return match if match and self.free(end, end + match.end()) else None
