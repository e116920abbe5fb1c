"""Products on the table set side by side: "which of the first two is lighter?", "is the second one better rated?".

In: a text and what it points back to. Out: the products to judge, by what, and of which it is supposed to be true; or
None where the message asks for something else than what was shown. It reads no record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.understanding.measures import Wanted, judged_by
from assistant.understanding.references import Reference

_I = re.IGNORECASE
_MAX_JUDGED = 4
_WANTS_OTHERS = re.compile(
    r"\b(?:anything|something|any|some|others?|another|else|is there|are there|have you|do you|can you (?:find|show)|"
    r"show me|find me|give me|looking for|want|need|prefer|instead|please)\b"
    r"|有没有|有什么|有无|还有|换|来[一个点]|推荐|想要|我要|需要|太",
    _I,
)
_WHICH = re.compile(r"\bwhich\b|\bwhat one\b|\bwho\b|哪|谁|\bor\b|还是", _I)
_SUPPOSES = re.compile(r"^\W*(?:(?:so|and|but|then|ok|well)\W+)?(?:is|are|does|do|has|was|isn['’]t|aren['’]t)\b", _I)
_SUPPOSES_ZH = re.compile(r"比|(?:更|最).*[吗么]\W*$")
ADVICE = re.compile(
    r"\bwhich (?:one|of (?:them|these|those|the two))?\s*(?:would|should|do|did) (?:you|i|we)\b|"
    r"选哪[一]?[个款]|买哪[一]?[个款]|推荐哪[一]?[个款]|哪[一]?[个款](?:更|比较)?值得",
    _I,
)
# "Is it cheaper than the first one": what is talked about, against what is pointed at.
_THAN_THIS = re.compile(r"\b(?:it|this|that)\b.*\bthan\b|(?:它|这[个款]).*比", _I)
_EXTREME = re.compile(r"\b(?:\w{3,}est|most|least)\b|最", _I)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ids` are judged by `wanted`; `asserted` is the one supposed to come first, "" where it is asked which does."""

    ids: tuple[str, ...]
    wanted: Wanted
    asserted: str = ""


def supposed(text: str, ids: tuple[str, ...]) -> str:
    """Of two products named, the one that a question supposes to come first ("is the X cheaper than the Y?"), or ""."""
    return ids[0] if len(ids) == 2 and _supposes(text) else ""


def _supposes(text: str) -> bool:
    return bool(_SUPPOSES.search(text) or _SUPPOSES_ZH.search(text)) and not _WHICH.search(text)


def _advice(text: str) -> Wanted | None:
    """ "Which one would you take?": what shoppers rate higher is what the records can say for it."""
    match = ADVICE.search(text)
    return Wanted(("rating",), 1, match.group(), match.span()) if match else None


def judgement(text: str, reference: Reference) -> Judgement | None:
    """What of the table a message sets side by side; None where it does not."""
    wanted = judged_by(text) or _advice(text)
    pointed, table = reference.product_ids, reference.table or reference.shown
    if wanted is None or len(table) < 2:
        return None
    beside = list(text)
    for start, end in reference.spans:  # "the other one" asks for no other
        beside[start:end] = " " * (end - start)
    if _WANTS_OTHERS.search("".join(beside)) and len(pointed) < 2:
        return None
    supposes = _supposes(text)
    if reference.explicit and len(pointed) > 1:
        ids = pointed[:_MAX_JUDGED]
        return Judgement(ids, wanted, supposed(text, ids)) if supposes or _WHICH.search(text) else None
    if reference.explicit and len(pointed) == 1 and _THAN_THIS.search(text) and reference.focus[:1] != pointed:
        return Judgement((reference.focus[0], *pointed), wanted, reference.focus[0] if supposes else "")
    if reference.explicit and len(pointed) == 1 and supposes:
        return _one_of(pointed[0], wanted, reference, table)
    if reference.explicit:
        return None
    if _WHICH.search(text) and not _EXTREME.search(text):
        pool = reference.shown if len(reference.shown) > 1 else table
        return Judgement(pool[:_MAX_JUDGED], wanted)
    return None


def _one_of(product: str, wanted: Wanted, reference: Reference, table: tuple[str, ...]) -> Judgement | None:
    """ "Is the second one lighter": than the one talked about, or than the others of the list."""
    others = [i for i in reference.focus[:1] if i != product] or [i for i in table if i != product]
    return Judgement((product, *others[: _MAX_JUDGED - 1]), wanted, product) if others else None
