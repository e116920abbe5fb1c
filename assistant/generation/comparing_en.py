"""English sentences that set products side by side: the labels of the table, and what decides.

In: mentions and figures already taken from the records. Out: one sentence a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.generation import grammar
from assistant.generation.figures import attribute_name
from assistant.generation.naming import Mention
from assistant.generation.reasons import Fact, Measure
from assistant.generation.wording_en import English, capital

# What comes first is said to be, of two and of more.
_VERDICTS = {
    ("price", -1): ("is cheaper", "is the cheapest of these"), ("price", 1): ("is dearer", "is the dearest of these"),
    ("rating", 1): ("is rated higher", "is rated highest of these"),
    ("rating", -1): ("is rated lower", "is rated lowest of these"),
    ("weight", -1): ("is lighter", "is the lightest of these"),
    ("weight", 1): ("is heavier", "is the heaviest of these"),
    ("battery life", 1): ("lasts longer", "lasts longest of these"),
    ("capacity", 1): ("is bigger", "is the biggest of these"),
    ("capacity", -1): ("is smaller", "is the smallest of these"),
    ("length", 1): ("is longer", "is the longest of these"), ("length", -1): ("is shorter", "is the shortest of these"),
    ("height", 1): ("is taller", "is the tallest of these"),
    ("comfort temperature", -1): ("is warmer", "is the warmest of these"),
    ("power", 1): ("is more powerful", "is the most powerful of these"),
    ("noise", -1): ("is quieter", "is the quietest of these"),
    ("brightness", 1): ("is brighter", "is the brightest of these"),
    ("thickness", -1): ("is thinner", "is the thinnest of these"),
    ("thickness", 1): ("is thicker", "is the thickest of these"),
    ("speed", 1): ("is faster", "is the fastest of these"),
    ("range", 1): ("goes further", "goes furthest of these"),
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

    gap, yes_lead, no = " ", "Yes, ", "No, "

    def judged(self, measure: Measure, *, many: bool) -> str:
        """What the one that comes first is: "is lighter", "is the lightest of these", "has the higher resolution"."""
        known = _VERDICTS.get((measure.key, measure.direction))
        if known is not None:
            return known[many]
        more, most = ("higher", "highest") if measure.direction > 0 else ("lower", "lowest")
        name = attribute_name(measure.name or measure.key)
        return f"has the {most} {name} of these" if many else f"has the {more} {name}"

    def _figure(self, mention: Mention, fact: Fact) -> str:
        if fact.name == "price":
            starts = fact.value.startswith("from ")
            return mention.verb(f"starts at {fact.value.removeprefix('from ')}" if starts else f"costs {fact.value}")
        if fact.name == "rating":
            return mention.verb(f"is rated {fact.value}")
        return self.clause(fact, mention.plural)

    def verdict(self, measure: Measure, ranked: Sequence[tuple[Mention, Fact]], *, follows: bool = False) -> str:
        """Which of the compared products it is, with the figure of each, the winner first; `follows`: after "yes"."""
        winner, fact = ranked[0]
        it = "they" if winner.plural else "it"
        others = grammar.join([f"{mention.text} {self._figure(mention, said)}" for mention, said in ranked[1:]])
        name = winner.text if follows else capital(winner.text)
        judged = winner.verb(self.judged(measure, many=len(ranked) > 2))
        return f"{name} {judged}: {it} {self._figure(winner, fact)}, and {others}."

    def equal(self, measure: Measure, ties: Sequence[Mention], fact: Fact, rest: Sequence[tuple[Mention, Fact]]) -> str:
        """Some share the first place; `rest` come after them."""
        both = "both" if len(ties) == 2 else "all"
        several = Mention("", plural=True)
        text = f"{capital(grammar.join([tie.text for tie in ties]))} {both} {self._figure(several, fact)}"
        others = [f"{mention.text} {self._figure(mention, said)}" for mention, said in rest]
        return f"{text}; {grammar.join(others)}." if others else f"{text}."

    def undecided(self, measure: Measure, unknown: Sequence[Mention]) -> str:
        """The record of all but one lacks what would decide."""
        names = grammar.join([mention.text for mention in unknown], "or")
        what, words = attribute_name(measure.name or measure.key), self.judged(measure, many=False)
        return f"The shop's data gives no {what} for {names}, so I can't say which {words}."

    def left_open(self, measure: Measure, unknown: Sequence[Mention]) -> str:
        """The record of some lacks it, so that they are left out of a comparison."""
        names = grammar.join([mention.text for mention in unknown], "or")
        return f"The shop's data gives no {attribute_name(measure.name or measure.key)} for {names}."

    def incomparable(self, measure: Measure) -> str:
        """Their figures are in different units."""
        what = attribute_name(measure.name or measure.key)
        return f"Their {what} is stated in different units, so I can't compare them."

    def point(self, kind: str, mention: Mention, figure: str) -> str:
        """One advantage: "costs less ($5)"."""
        words = {"price": "costs less", "rating": "is rated higher", "stock": "is in stock", "weight": "weighs less"}
        return mention.verb(words[kind]) + (f" ({figure})" if figure else "")
