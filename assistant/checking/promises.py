"""Whether what a draft promises holds: policies, discounts, services, and stock.

In: a `Draft`. Out: a `Fault` for every promise that the cited text, or the text on the same matter, does not make, and
for every stock claim that the record of the named variant contradicts or does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from assistant.checking import claims
from assistant.checking.grounds import stems_in
from assistant.checking.holding import Fault
from assistant.checking.reading import Draft, Subject
from assistant.generation.naming import version_words
from assistant.types import Language
from knowledge_base.types import Variant


def policy_faults(draft: Draft) -> Iterator[Fault]:
    """Promises (shipping, returns, warranty, discounts, …) that the cited text, or the matter's own text, lacks."""
    if draft.claims_nothing():
        return
    for family, pattern in claims.POLICIES.items():
        for match in pattern.finditer(draft.text):
            if draft.is_quoted(match.start(), match.end()) or draft.is_named(match.start(), match.end()):
                continue
            if family in _ORDER_WORDS and draft.about_orders and draft.evidence.orders:
                continue
            if _told(draft, match[0], pattern):
                continue
            if not _backed(draft, family, pattern, match.start()):
                yield Fault("policy", f"{match[0]!r} ({family}) is promised in no record")
                break


def _told(draft: Draft, said: str, pattern: re.Pattern[str]) -> bool:
    """Whether a person of the shop promised it in this conversation, as surely as the sentence does."""
    negated = bool(claims.NEGATION.search(draft.text))
    return any(
        bool(claims.NEGATION.search(one.text)) == negated
        and (said.casefold() in one.text.casefold() or bool(pattern.search(one.text)))
        for one in draft.evidence.told
    )


_ORDER_WORDS = frozenset({"cancel", "returns", "money back", "delivery date", "preorder"})
_LOOSE = frozenset({"free extras", "installation", "discount", "certified"})
_PLAIN_STEMS = stems_in(
    "free get one buy comes come with you your this that for the and off now today week weekend day use code "
    "our all new "
    "will can has have it customer customers order orders product products price prices offer special"
)
_CONDITION = re.compile(
    r"(?i)\b(?:over|from|above|if|when|orders? of|minimum|eligible|some|selected|certain|unless|except)\b|满|以上"
    r"|符合|如果|部分|除"
)
_HARMLESS_TO_DENY = frozenset(
    {
        "free extras",
        "discount",
        "invoice",
        "gift",
        "cancel",
        "preorder",
        "pickup",
        "installation",
        "loyalty",
        "certified",
    }
)
_STRICT = frozenset({"free shipping", "free returns", "lifetime", "installments", "no questions", "price match"})


def _backed(draft: Draft, family: str, pattern: re.Pattern[str], place: int) -> bool:
    if family == "discount" and _is_reduced(draft, place):
        return True
    clause = draft.clause(place)
    negated = bool(claims.NEGATION.search(_clause_of(draft.text, place)))
    universal = bool(claims.UNIVERSAL.search(clause))
    rows = {row for m in draft.mentions for row in (*m.rows, *m.cited)} | set(draft.cited)
    carried = {s.ground.n - 1 for s in draft.carried} if not draft.mentions else set()
    allowed = [g for g in draft.grounds if g.n - 1 in rows] if draft.cited else []
    if not draft.cited:
        allowed = [g for g in draft.grounds if g.n - 1 in rows | carried or g.product is None]
    if not draft.evidence.answerable:
        allowed = [g for g in allowed if g.product is not None]
    support = claims.SUPPORTS.get(family, pattern)
    for ground in allowed:
        title = "" if ground.product is not None else f"{ground.hit.entry.title} : "
        for line in re.split(r"(?<=[.!?。！？；;])\s*|\n", ground.text):
            matches = [*pattern.finditer(line), *([found] if (found := support.search(f"{title}{line}")) else [])]
            if family in _LOOSE and not _shares_matter(draft, place, f"{title}{line}"):
                continue
            for match in matches:
                there = bool(claims.NEGATION.search(_clause_of(match.string, match.end() - 1)))
                if there != negated and not (negated and family in _HARMLESS_TO_DENY):
                    continue
                limited = claims.UNIVERSAL.search(line) is None and bool(
                    re.search(r"(?i)\bover\b|\bfrom\b|above|if |only|unless|except|minimum|满|除|仅|以上", line)
                )
                if family in _STRICT and limited and (universal or not _CONDITION.search(draft.text)):
                    continue
                if family in _STRICT and universal and not claims.UNIVERSAL.search(line):
                    continue
                return True
    own = " ".join((draft.info.hours, draft.info.greeting, *draft.info.handoff.values(), *draft.info.links))
    return family in ("returns", "invoice", "pickup") and bool(pattern.search(own))


def _shares_matter(draft: Draft, place: int, line: str) -> bool:
    """Whether a promise and the line that may back it speak of the same thing."""
    return bool((stems_in(draft.clause(place)) - _PLAIN_STEMS) & stems_in(line))


def _clause_of(line: str, place: int) -> str:
    start = max(line.rfind(mark, 0, place) for mark in (";", "；", "，", ",", "。")) + 1
    ends = [e for e in (line.find(mark, place) for mark in (";", "；", "，", ",", "。")) if e >= 0]
    return line[start : min(ends) if ends else len(line)]


def _is_reduced(draft: Draft, place: int) -> bool:
    """Whether every product spoken of costs less than its list price."""
    groups = draft.subjects(place)
    products = [(s.ground.product, s) for group in groups for s in group[:1] if s.ground.product is not None]
    return bool(products) and all(
        any(v.list_price and v.price and v.list_price > v.price for v in s.variants) for p, s in products
    )


_NOT_RIGHT_BEFORE = re.compile(r"(?i)(?:\b(?:not|never|no longer|isn['’]t|aren['’]t)\b[ \w]{0,10}|[不没无未]有?)\s*$")


def stock_faults(draft: Draft) -> Iterator[Fault]:
    """Stock claims against the stock of the named variant; what the shop does not say may not be said."""
    if draft.claims_nothing():
        return
    out = [(m, False) for m in claims.OUT_OF_STOCK.finditer(draft.text)]
    inside = [
        (m, True)
        for m in claims.IN_STOCK.finditer(draft.text)
        if not any(o.start() <= m.start() + 4 <= o.end() for o, _ in out)
    ]
    for match, available in [*out, *inside]:
        if draft.is_quoted(match.start(), match.end()):
            continue
        if available and _NOT_RIGHT_BEFORE.search(draft.text, max(0, match.start() - 16), match.start()):
            available = False
        groups = draft.subjects(match.start())
        for group in groups:
            if not any(_stock_is(s, available, _listing(draft, match.end(), s)) for s in group):
                yield Fault(
                    "stock",
                    f"{match[0].strip()!r} is not what the record says",
                    group[0] if len(group) == 1 and group[0].named else None,
                )
        if not groups and not (draft.query.filters.in_stock and available) and not draft.cited:
            yield Fault("stock", f"{match[0].strip()!r} is said of no product")
    for match in claims.SCARCE.finditer(draft.text):
        if not draft.is_quoted(match.start(), match.end()) and not any(
            _is_scarce(s) for group in draft.subjects(match.start()) for s in group
        ):
            yield Fault("stock", f"{match[0].strip()!r} is not what the record says")


_LIST = re.compile(
    r"(?P<but>,? except) in (?P<a>.+?)(?=[;.]?\s*$|;)|\s*(?:in|:|的款式：|：) ?(?P<b>.+?)(?=[;；.。]?\s*$|[;；])"
    r"|(?P<but_zh>，但以下款式缺货)：(?P<c>.+?)(?=[;；.。]?\s*$|[;；])"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The versions listed behind a stock claim; `excepted` where the claim is of all the others."""

    variants: tuple[Variant, ...]
    excepted: bool


def _listing(draft: Draft, place: int, subject: Subject) -> Listing | None:
    """The versions that "in stock in blue / M and red / M" or "in stock, except in …" lists; else None."""
    found, product = _LIST.match(draft.text, place), subject.ground.product
    if found is None or product is None or not product.variants:
        return None
    items = (found["a"] or found["b"] or found["c"] or "").strip()
    chosen = [v for v in product.variants if v.id in subject.ground.hit.variant_ids]
    for among in (product.variants, chosen, subject.variants):
        varying = {n for v in among for n in v.options if len({other.options.get(n) for other in among}) > 1}
        for named in (set(product.option_values), varying):
            listed = _listed(items, among, named, draft.query.language)
            if listed:
                return Listing(listed, excepted=bool(found["but"] or found["but_zh"]))
    return None


def _listed(items: str, among: Sequence[Variant], named: Set[str], language: Language) -> tuple[Variant, ...]:
    """The variants of a list that holds nothing but their labels; () for any other list."""
    labels = {version_words({n: o for n, o in v.options.items() if n in named}, language): v for v in among}
    found, rest = [], items
    for label in sorted(filter(None, labels), key=len, reverse=True):
        if label in rest:
            rest = rest.replace(label, "\0")
            found.append(labels[label])
    return () if re.sub(r"\0|,|、|\band\b|\s", "", rest) else tuple(found)


def _stock_is(subject: Subject, available: bool, listing: Listing | None = None) -> bool:
    product = subject.ground.product
    if listing is not None and product is not None:
        listed = {v.in_stock for v in listing.variants}
        if listing.excepted:
            return listed == {False} and any(v.in_stock for v in product.variants if v not in listing.variants)
        return listed == {available}
    if product is None:
        return bool(claims.IN_STOCK.search(subject.ground.text) or claims.OUT_OF_STOCK.search(subject.ground.text))
    chosen = subject.variants
    states = {v.in_stock for v in chosen}
    return (
        True in states
        if available
        else (bool(states) and states <= {False}) or (False in states and _names_some(subject))
    )


def _names_some(subject: Subject) -> bool:
    """ "Some versions are sold out" needs only one."""
    return bool(re.search(r"(?i)\b(?:some|certain|several|other|few)\b|部分|有些|个别|其他", subject.words))


def _is_scarce(subject: Subject) -> bool:
    product = subject.ground.product
    if product is None:
        return False
    stocks = [v.stock for v in subject.variants if v.stock is not None]
    return (
        any(0 < stock <= 10 for stock in stocks)
        or "limited" in subject.ground.text.lower()
        or "限量" in subject.ground.text
    )
