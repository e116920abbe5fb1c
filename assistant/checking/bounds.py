"""What surrounds a figure in a draft: the words before and behind it, and whether it repeats the shopper's own limit.

In: a `Draft` and one of its quantities. Out: text, or yes and no. It refuses to know any record.
"""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.checking import claims
from assistant.checking.grounds import equal
from assistant.checking.reading import Draft
from knowledge_base.quantities import Quantity, find_quantities


def text_before(draft: Draft, q: Quantity) -> str:
    """What leads up to a figure, from the figure before it on."""
    start = max([0, q.start - 40, *(other.end for other in draft.quantities if other.end <= q.start)])
    return draft.text[start : q.start]


def text_after(draft: Draft, q: Quantity) -> str:
    """What follows a figure, up to the next one."""
    end = min([q.end + 40, *(other.start for other in draft.quantities if other.start >= q.end)])
    return draft.text[q.end : end]


def is_bound(before: str, after: str) -> bool:
    """Whether the words around a figure make it a limit: "under", "at least", 以内."""
    return bool(claims.BOUND.search(before) or claims.BOUND_AFTER.match(after))


def echoed(draft: Draft, q: Quantity) -> bool:
    """Whether the figure repeats the shopper's own limit or wish, as a limit ("under $50", "for 4 people")."""
    filters = draft.query.filters
    wished = [value for c in (*filters.conditions, *draft.query.wishes) for value in c.values]
    asked = [k for text in (draft.query.text, *wished) for k in find_quantities(text, draft.info.currency)]
    limits = {v for v in (filters.price_min, filters.price_max) if v is not None}
    if q.dimension == "money":
        known = any(equal(q, k) or (k.dimension == "count" and k.low <= q.low <= q.high <= k.high) for k in asked)
        known = known or {q.low, q.high} <= limits
        relaxed = any(draft.text[q.start : q.end] in words for words in draft.evidence.relaxed)
        return (known or relaxed) and (
            is_bound(text_before(draft, q), text_after(draft, q)) or q.low != q.high or quoted_wish(draft, q)
        )
    if q.dimension == "rating":
        return (
            filters.rating_min is not None
            and q.low == filters.rating_min
            and is_bound(text_before(draft, q), text_after(draft, q))
        )
    bounds = {
        limit
        for c in (*filters.conditions, *draft.query.wishes)
        for limit in (c.minimum, c.maximum, *(number(v) for v in c.values))
        if limit is not None
    }
    return any(equal(q, k) for k in asked) or q.low in bounds


def quoted_wish(draft: Draft, q: Quantity) -> bool:
    """Whether the figure stands in a constraint that was given up."""
    return any(draft.text[q.start : q.end] in wish for wish in draft.evidence.relaxed)


def number(text: str) -> Decimal | None:
    """The number with which a value starts."""
    match = re.match(r"\d+(?:\.\d+)?", text)
    return Decimal(match[0]) if match else None


_WAIVED = re.compile(r"(?i)\bneed not\b|\bmay differ\b|\bwithout\b|\bno\b|不限|不要求|没有")


def given_up(draft: Draft, q: Quantity) -> bool:
    """Whether the figure only repeats a constraint that nothing meets: "if it need not hold 4 people"."""
    said = draft.text[q.start : q.end]
    start = max([0, *(m.end for m in draft.mentions if m.named and m.end <= q.start)])
    part = re.split(r"[,，;；。]", draft.text[start : q.start])[-1]
    return any(said in words for words in draft.evidence.relaxed) and bool(_WAIVED.search(part))


# "We have no tents under $50", not "the non-stick pan under $50".
_HAS_NONE = re.compile(r"(?i)\b(?:have|has|is|are|find) (?:no|not any|none of)\b|n['’]t (?:have|find) any\b|没有")


def denies_limit(draft: Draft, q: Quantity) -> bool:
    """Whether the shopper's own limit is repeated to say that nothing meets it: "we have no tents under $50"."""
    return bool(_HAS_NONE.search(draft.text, 0, q.start)) and echoed(draft, q)
