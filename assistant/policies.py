"""What the shop's questions and policies say to a message, and how sure it is that they answer it.

In: the message and the index. Out: passages with a confidence, ranked when first asked for and once a message. What
the confidence must reach is for those to say who ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from knowledge_base.answerability import answerable
from knowledge_base.index import Index
from knowledge_base.ranking import Ranking, rank_passages
from knowledge_base.retrieval import passage_hits
from knowledge_base.types import Filters, Hit

ANSWERS = 0.5  # confidence from which passages are taken to answer
SURELY_ANSWERS = 0.85  # the same for a message that bounds, orders or counts products
_PASSAGES = 3

Told = tuple[tuple[Hit, ...], float]


class Policies:
    """The shop's own words on one message."""

    def __init__(self, text: str, index: Index) -> None:
        self._text = text
        self._index = index

    @cached_property
    def told(self) -> Told:
        """The passages nearest to the message, best first, and how sure it is that they answer it, in 0..1."""
        return self._best(Filters())

    @property
    def answer(self) -> tuple[Hit, ...]:
        """The passages that answer; () where none does."""
        passages, confidence = self.told
        return passages if confidence >= ANSWERS else ()

    def told_of(self, product_ids: Sequence[str]) -> Told:
        """The same without what is about other products."""
        return self._best(Filters(product_ids=tuple(product_ids)))

    @cached_property
    def _ranking(self) -> Ranking:
        return rank_passages(self._index, self._text)

    def _best(self, filters: Filters) -> Told:
        if not self._text.strip() or not self._index.passages.entries:
            return (), 0.0
        hits = tuple(passage_hits(self._index, self._ranking, filters, _PASSAGES))
        return hits, (answerable(self._index, self._text, hits, self._ranking) if hits else 0.0)
