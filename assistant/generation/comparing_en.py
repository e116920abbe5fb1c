"""English sentences that set products side by side: the labels of the table, and what decides.

In: mentions and figures already taken from the records. Out: one sentence a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.generation import grammar
from assistant.generation.naming import Mention
from assistant.generation.wording_en import English, capital

_VERDICTS = {
    ("price", True): "cheaper", ("price", False): "dearer", ("weight", True): "lighter", ("weight", False): "heavier",
    ("rating", True): "rated higher",
}  # fmt: skip
_VERDICTS_OF_MANY = {
    ("price", True): "the cheapest of these", ("price", False): "the dearest of these",
    ("weight", True): "the lightest of these", ("weight", False): "the heaviest of these",
    ("rating", True): "rated highest of these",
}  # fmt: skip


class EnglishComparison(English):
    """English wording of comparisons."""

    labels: Mapping[str, str] = {
        "price": "Price", "stock": "Stock", "rating": "Rating", "brand": "Brand", "in": "in stock",
        "out": "out of stock",
        "part": "in some versions", "yes": "yes", "no": "no", "unknown": "not stated", "category": "Category",
    }  # fmt: skip

    def starting(self, cost: str) -> str:
        """The lowest of several prices."""
        return f"from {cost}"

    def deciding(self, points: Sequence[tuple[Mention, Sequence[str]]]) -> str:
        """What decides between the compared products: each with its advantages."""
        if not points:
            return "On what the shop's data tells, there is little between them."
        return " ".join(f"{capital(mention.text)} {grammar.join(said)}." for mention, said in points)

    def verdict(self, kind: str, first: bool, ranked: Sequence[tuple[Mention, str]]) -> str:
        """Which of the compared products it is, with the figure of each, the winner first."""
        verbs = {"price": "costs {v}", "weight": "weighs {v}", "rating": "is rated {v}"}
        word = _VERDICTS[kind, first] if len(ranked) == 2 else _VERDICTS_OF_MANY[kind, first]

        def said(mention: Mention, figure: str) -> str:
            if figure.startswith("from "):
                return mention.verb(f"starts at {figure.removeprefix('from ')}")
            return mention.verb(verbs[kind].format(v=figure))

        winner, figure = ranked[0]
        it = "they" if winner.plural else "it"
        others = grammar.join([f"{mention.text} {said(mention, value)}" for mention, value in ranked[1:]])
        return f"{capital(winner.text)} {winner.verb('is')} {word}: {it} {said(winner, figure)}, and {others}."

    def equal(self, kind: str, ties: Sequence[Mention], figure: str) -> str:
        """They have the same figure."""
        verbs = {"price": "cost {v}", "weight": "weigh {v}", "rating": "are rated {v}"}
        if figure.startswith("from "):
            verbs["price"], figure = "start at {v}", figure.removeprefix("from ")
        both = "both" if len(ties) == 2 else "all"
        return f"{capital(grammar.join([tie.text for tie in ties]))} {both} {verbs[kind].format(v=figure)}."

    def undecided(self, kind: str, first: bool, unknown: Sequence[Mention]) -> str:
        """The record of some lacks what would decide."""
        names = grammar.join([mention.text for mention in unknown])
        word = (_VERDICTS[kind, first]).removeprefix("the ")
        return f"The shop's data gives no {kind} for {names}, so I can't say which is {word}."

    def incomparable(self, kind: str) -> str:
        """Their figures are in different units."""
        return f"Their {kind}s are stated in different units, so I can't compare them."

    def point(self, kind: str, mention: Mention, figure: str) -> str:
        """One advantage: "costs less ($5)"."""
        words = {"price": "costs less", "rating": "is rated higher", "stock": "is in stock", "weight": "weighs less"}
        return mention.verb(words[kind]) + (f" ({figure})" if figure else "")
