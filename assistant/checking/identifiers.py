"""Whether the ids, model codes, dates and times of a draft stand in a record as they are written.

In: a `Draft`. Out: a `Fault` for every token with a digit that no record has. Figures that measure are `holding`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.checking.grounds import dates_in, find_dates, fold_marks, order_text
from assistant.checking.holding import Fault
from assistant.checking.reading import Draft

_LOOSE = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*(?:[.,:/×x_-][A-Za-z0-9]*\d[A-Za-z0-9]*)*")
_LIST_NUMBER = re.compile(r"^\s*\d{1,3}(?:[.)](?=\s|$)|、)")
_LINK = re.compile(r"(?:https?://|www\.)[^\s)>\]，。]+|[\w.+-]+@[\w-]+\.[\w.-]+")


def identifier_faults(draft: Draft) -> Iterator[Fault]:
    """Tokens with a digit that are no quantity (ids, models, dates, times): each must stand in a record as it is."""
    text = draft.text
    skip = [(q.start, q.end) for q in draft.quantities] + list(draft.quoted)
    skip += [(m.start(), m.end()) for p in (_LIST_NUMBER, _LINK) for m in p.finditer(text)]
    skip += [(m.start(), m.end()) for m in re.finditer(r"\[\d[\d, ]*\]", text)]
    skip += [(m.start, m.end) for m in draft.mentions if m.named]
    allowed = [*draft.allowed_texts(), draft.query.text, *_own_words(draft)]
    if draft.evidence.orders:
        allowed += [order_text(order) for order in draft.evidence.orders]
    dates = frozenset[tuple[int, int]]().union(*(dates_in(t) for t in allowed))
    for start, end, month, day in find_dates(text):
        skip.append((start, end))
        if (month, day) not in dates and not draft.is_quoted(start, end):
            yield Fault("figure", f"the date {text[start:end]!r} is in no record")
    known = [fold_marks(t) for t in allowed]
    for match in _LOOSE.finditer(text):
        if any(left < match.end() and match.start() < right for left, right in skip):
            continue
        token = fold_marks(match[0])
        if not any(_holds_token(t, text) for text in known for t in {token, token.removesuffix("s")}):
            yield Fault("figure", f"{match[0]!r} is in no record")


def _holds_token(token: str, text: str) -> bool:
    return re.search(rf"(?<!\d){re.escape(token)}(?!\d)", text) is not None


def _own_words(draft: Draft) -> Iterable[str]:
    info = draft.info
    return (info.name, info.hours, info.greeting, *info.handoff.values(), *info.links.values())
