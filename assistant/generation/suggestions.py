"""What a shopper may ask next: follow-ups that the records of what is shown can really answer.

In: the query and its evidence. Out: up to three short questions in the query's language. It suggests nothing whose
answer is not in the evidence already.
"""

from __future__ import annotations

from decimal import Decimal

from assistant.generation.conditions import missed_price, wanted
from assistant.generation.figures import attribute_name, is_measured, is_nothing, money, truth
from assistant.generation.grammar import adjectival, has_no_singular, has_phrase, is_mass, is_plural, plural
from assistant.generation.naming import shorten
from assistant.generation.reasons import near_hit, product_of
from assistant.generation.wording_en import PARTICIPLES
from assistant.generation.wording_zh import known_name
from assistant.types import Evidence, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold, has_cjk
from knowledge_base.types import Hit, Product

_LIMIT = 3
_STEPS = (
    5, 10, 20, 25, 50, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10000,
)  # fmt: skip


def suggest(query: Query, evidence: Evidence, info: ShopInfo) -> tuple[str, ...]:
    """Up to three follow-ups; where nothing was found, the departments that are named."""
    if query.intent in ("complaint", "handoff"):
        return ()
    hits = evidence.products
    zh = query.language == "zh"
    if evidence.relaxed and hits:
        return _looser(query, evidence, info)
    if not hits and not evidence.passages:
        return tuple(f"有哪些{name}？" if zh else f"Show me {_lower(name)}" for name in evidence.departments)
    found: list[str] = []
    if len(hits) > 1 and query.intent not in ("compare", "policy"):
        found.append("前两款对比一下" if zh else "Compare the first two")
    if hits and query.intent not in ("policy", "count"):
        which = "" if len(hits) == 1 or len(query.refers_to) == 1 else "第一款" if zh else "the first one"
        found.append(_about_options(product_of(hits[0]), query, which))
        found.append(_about_attribute(product_of(hits[0]), query, which))
    if len(hits) > 1 and query.intent in ("find", "recommend", "count"):
        found.insert(1, _cheaper(hits, query, info))
    found += _passages(query, evidence)
    unique = [text for text in dict.fromkeys(found) if text and fold(text) != fold(query.text)]
    return tuple(unique[:_LIMIT])


def _lower(name: str) -> str:
    """A department's name within a sentence."""
    return name.lower() if name.istitle() else name


def _looser(query: Query, evidence: Evidence, info: ShopInfo) -> tuple[str, ...]:
    """The request without the constraint that nothing meets, and the product that was named as nearest."""
    zh = query.language == "zh"
    end = missed_price(query, evidence.relaxed, info)
    rest = wanted(query, info, many=not end, without=evidence.relaxed)
    name = shorten(product_of(near_hit(query, evidence, info)).title, query.subject)
    if end:
        extreme = ("最便宜" if zh else "cheapest") if end == "lowest" else ("最贵" if zh else "most expensive")
        again = (
            f"{extreme}的{rest}是哪款？"
            if zh
            else f"What {'are' if has_no_singular(rest) else 'is'} your {extreme} {rest}?"
        )
    else:
        again = f"有哪些{rest}？" if zh else f"Show me {rest}"
    return again, f"介绍一下{name}" if zh else f"Tell me about the {name.removeprefix('The ')}"


def _about_options(product: Product, query: Query, which: str) -> str:
    names = [name for name in product.option_values if len(product.option_values[name]) > 1]
    asked = {fold(ask) for ask in query.asks}
    name = next((n for n in names if fold(n) not in asked), None)
    if name is None or asked & {"options"}:
        return ""
    if query.language == "zh":
        return f"{which}有哪些{known_name(name)}？"
    shown = attribute_name(name)
    if shown in ("color", "colour", "size"):
        return f"Which {shown}s does {which or 'it'} come in?"
    kinds = f"{shown} options" if is_mass(shown) or is_plural(shown) or adjectival(shown) else plural(shown)
    return f"Which {kinds} are there{f' for {which}' if which else ''}?"


def _about_attribute(product: Product, query: Query, which: str) -> str:
    asked = {fold(ask) for ask in query.asks} | {fold(n) for c in query.filters.conditions for n in c.names}
    zh = query.language == "zh"
    if len(product.attributes) > 40:
        return ""
    for name, value in product.attributes.items():
        shown, state = attribute_name(name), truth(value)
        if fold(name) in asked or has_cjk(shown) != zh or len(shown) > 24 or (is_nothing(value) and state is None):
            continue
        if state is not None:
            if zh:
                return f"{which}{shown}吗？" if shown[0] in "防可免" else f"{which}支持{shown}吗？"
            subject = which or "it"
            head, _, last = shown.rpartition(" ")
            if (head and last in PARTICIPLES) or (not adjectival(shown) and has_phrase(shown) == shown):
                continue
            return f"Is {subject} {shown}?" if adjectival(shown) else f"Does {subject} have {has_phrase(shown)}?"
        if is_measured(value):
            if zh:
                return f"{which}的{shown}是多少？" if which else f"它的{shown}是多少？"
            if shown == "weight":
                return f"How much does {which or 'it'} weigh?"
            return f"What is the {shown} of {which}?" if which else f"What is its {shown}?"
    return ""


def _cheaper(hits: tuple[Hit, ...], query: Query, info: ShopInfo) -> str:
    """ "Anything under $100?", where one of the products shown is."""
    spans = [span for hit in hits if (span := product_of(hit).price_range) is not None]
    if len(spans) < 2 or query.sort == "price_asc":
        return ""
    lowest, top = min(span[0] for span in spans), query.filters.price_max or spans[0][0]
    step = next((Decimal(s) for s in _STEPS if lowest <= s < top), None)
    if step is None:
        return ""
    currency = product_of(hits[0]).currency or info.currency
    bound = money(step, currency, query.language, bound=True)
    return f"有没有{bound}以内的？" if query.language == "zh" else f"Anything under {bound}?"


def _passages(query: Query, evidence: Evidence) -> list[str]:
    """Questions of the shop's own FAQ that were found beside the one that answered."""
    used = 1 if query.intent in ("policy", "product_question") else 0
    zh = query.language == "zh"
    return [
        hit.entry.title
        for hit in evidence.passages[used:]
        if hit.entry.kind == "faq"
        and len(hit.entry.title) <= 80
        and hit.entry.title.rstrip().endswith(("?", "？"))
        and (hit.entry.product_id is None or hit.entry.product_id in query.refers_to)
        and has_cjk(hit.entry.title) == zh
        and evidence.answerable
    ][:2]
