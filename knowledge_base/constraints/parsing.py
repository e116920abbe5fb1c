"""One message read from end to end: order, numbers, words, refusals, and what is left, in this sequence.

In: a text, the vocabulary of a catalogue and the shop's currency. Out: `Constraints`. What was said without naming its
facet is a wish rather than a filter unless it names an option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge_base.constraints.bounds import read_bounds
from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.mentions import MentionReader
from knowledge_base.constraints.ordering import read_limit, read_sort, read_stock
from knowledge_base.constraints.refusals import Refusals
from knowledge_base.constraints.result import Constraints
from knowledge_base.constraints.subject import read_remainder
from knowledge_base.text import clean
from knowledge_base.types import Condition
from knowledge_base.vocabulary import Vocabulary

# The dash of "USD 95-USD 150" and "300 dollars-350 dollars".
_SPAN = re.compile(
    r"(?<=\d)-(?=[A-Z]{3} ?\d|[$€£¥])|"
    r"(?:(?<=dollars)|(?<=euros)|(?<=euro)|(?<=EUR)|(?<=USD)|(?<=GBP)|(?<=bucks))-(?=\d)"
)


def parse_constraints(
    text: str,
    vocabulary: Vocabulary,
    currency: str | None,
    protected: Sequence[tuple[int, int]] = (),
    kinds: Sequence[tuple[int, int]] = (),
) -> Constraints:
    """Read one message. `currency` is the shop's (ISO 4217), None where unknown. Never raises.

    Two sorts of stretches of the cleaned text are no constraints whatever they say: `protected`, titles of products,
    and `kinds`, names of kinds of things (`find_kinds`).
    """
    marked = MarkedText(_SPAN.sub("~", clean(text)))
    for start, end in (*protected, *kinds):
        marked.mark(start, end, How.SEARCHED)
    sort, limit, stock = read_sort(marked), read_limit(marked), read_stock(marked, vocabulary)
    bounds = read_bounds(marked, vocabulary, currency)
    refusals = Refusals(marked)
    words = MentionReader(marked, vocabulary, refusals)
    mentions = words.read()
    hard: list[Condition] = [*bounds.measures]
    wishes: list[Condition] = []
    for mention in mentions:
        if mention.purpose and not mention.negated and mention.role in ("brand", "category"):
            continue
        certain = mention.role in ("brand", "category") or mention.named or mention.negated or mention.option
        (hard if certain else wishes).append(mention.condition)
    hard.extend(refusals.titles(mentions, vocabulary))
    remainder = read_remainder(marked, vocabulary, refusals, mentions, words.corrections, kinds)
    filters = replace(bounds.filters, in_stock=stock, conditions=tuple(dict.fromkeys(hard)))
    return Constraints(
        filters,
        tuple(dict.fromkeys(wishes)),
        sort,
        limit,
        remainder.subject,
        remainder.residual,
        remainder.terms,
        bounds.foreign,
        tuple(mentions),
        tuple(words.corrections.items()),
        remainder.unexplained,
        bounds.figures,
    )
