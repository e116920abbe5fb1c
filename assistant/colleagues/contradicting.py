"""Whether a sentence of a reply goes against what a person of the shop said to this shopper.

In: a sentence and a `Told`. Out: yes or no. On the same matter a figure that the person did not name goes against
their words, and so do the opposite and a statement of stock; what is on another matter does not.
"""

from __future__ import annotations

import re
from typing import Final

from assistant.checking.claims import DECLINED, IN_STOCK, NEGATION, OUT_OF_STOCK
from assistant.colleagues.matters import figures_in, matters_of
from assistant.types import Told

_CITED: Final = re.compile(r"\s*\[\d[\d, ]*\]")
_LIMITS: Final = re.compile(
    r"(?i)\b(?:one|once|twice|two|three|only|just|each|per|at most|at least|limit\w*|minimum|maximum|unless"
    r"|except\w*)\b"
    r"|一次|两次|只[能有限]|仅|每[件单人次]|最多|至少|除外|除非|上限"
)
_VERDICT: Final = re.compile(r"(?i)^\W*(?:yes|no|unfortunately|sorry)\b|^\W*(?:是的|有的|没有|不是|不行|可以|抱歉)")


def contradicts(sentence: str, told: Told, currency: str | None, subject: str = "") -> bool:
    """Whether the sentence may not be said beside these words. `subject` is what it is about: its source's title."""
    said = _CITED.sub("", sentence)
    if not re.search(r"\w", said) or _plain(said) in _plain(told.text):
        return False
    matters = matters_of(said) | matters_of(subject)
    if matters and not matters & set(told.matters):
        return False
    if not matters and not told.answers:
        return False
    if figures_in(said, currency) - figures_in(told.text, currency):
        return True
    if _LIMITS.search(said) and not _LIMITS.search(told.text):
        return True
    if told.answers and (_VERDICT.search(said) or DECLINED.search(said)):
        return True
    if IN_STOCK.search(said) or OUT_OF_STOCK.search(said):
        return True
    return bool(NEGATION.search(said)) != bool(NEGATION.search(told.text))


def states(text: str, figure_text: str, told: Told, currency: str | None) -> bool:
    """Whether a figure of a sentence is one that the person named, in a sentence on that matter."""
    figures = figures_in(figure_text, currency)
    matters = matters_of(text)
    return (
        bool(figures)
        and figures <= figures_in(told.text, currency)
        and (not matters or bool(matters & set(told.matters)))
    )


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
