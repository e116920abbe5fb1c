"""Counts and superlatives: figures computed over the whole catalogue, said with the products that bear them out.

In: a scene whose evidence holds `total`, `n_skus` and the first products in the query's order. Out: a sentence or two.
It counts nothing itself: the figures come with the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.generation.conditions import noun_of, phrases
from assistant.generation.figures import attribute_value, when
from assistant.generation.reasons import Fact, choice_of, product_of
from assistant.generation.recommendation import nearest, nothing, recommend, unordered
from assistant.generation.scene import Scene
from assistant.generation.variants import value_of
from knowledge_base.types import Hit, Variant

_EXAMPLES = 3


def count(scene: Scene) -> str:
    """How many products (and variants) meet the constraints, with the first of them."""
    evidence, query = scene.evidence, scene.query
    if evidence.total is None:
        return recommend(scene)
    found = phrases(query, scene.info)
    zh = query.language == "zh"
    before = ("、" if zh else " ").join(p.text for p in found if zh or p.place == "before")
    after = " ".join(p.text for p in found if not zh and p.place != "before")
    if evidence.total == 0:
        return nothing(scene)
    noun = noun_of(query, evidence.total != 1)
    if evidence.total == 1 and (evidence.n_skus or 0) > 1 and evidence.products:
        mention = scene.mention(evidence.products[0])
        return scene.say.count_one(noun, f"{before}\0{after}", mention, evidence.n_skus or 0)
    text = scene.say.count(evidence.total, noun, f"{before}\0{after}", evidence.n_skus)
    if hits := evidence.products[:_EXAMPLES]:
        items = [scene.say.priced(scene.mention(hit, scene.named_sku(hit)), scene.price_tag(hit)) for hit in hits]
        gap = "" if zh else " "
        text += gap + scene.say.examples(items, every=len(hits) == evidence.total)
    return text


def superlative(scene: Scene) -> str:
    """The first product in the query's order, all that share its place, or as many as were asked for."""
    query, hits = scene.query, scene.evidence.products
    if not hits:
        return nothing(scene)
    if scene.evidence.relaxed:
        return nearest(scene)
    if query.rank_by:
        return _by_measure(scene)
    if query.sort == "relevance":
        return recommend(scene)
    keys = [_key(scene, hit) for hit in hits]
    known = [hit for hit, key in zip(hits, keys, strict=True) if key is not None]
    if not known:
        return unordered(scene)
    ties = [hit for hit, key in zip(hits, keys, strict=True) if key is not None and key == keys[hits.index(known[0])]]
    noun = _noun(scene, many=False)
    if query.limit is not None and query.limit > 1:
        listed = [_with_figure(scene, hit) for hit in known[: query.limit]]
        if len(listed) > 1 and scene.evidence.total is not None and scene.evidence.total < query.limit:
            return scene.say.only(len(listed), _noun(scene, many=True), listed)
        if len(listed) > 1:
            return scene.say.superlative(query.sort, _noun(scene, many=True), listed, "")
    if len(ties) > 1:
        items = [scene.mention(hit, _named(scene, hit)).text for hit in ties[:4]]
        return scene.say.tied(query.sort, _noun(scene, many=True), items, _tied_figure(scene, ties[0]))
    lead = known[0]
    gone = scene.sku(lead).in_stock is False
    detail = _detail(scene, lead) + (scene.say.but_sold_out() if gone else "")
    text = scene.say.superlative(query.sort, noun, [scene.mention(lead, _named(scene, lead)).text], detail)
    there = _next_there(scene, known) if gone else ""
    return f"{text}{'' if query.language == 'zh' else ' '}{there}".strip()


def _by_measure(scene: Scene) -> str:
    """ "The lightest tent is …": the first of an order by an attribute, with that attribute."""
    query, say = scene.query, scene.say
    measured = [(hit, fact) for hit in scene.evidence.products if (fact := _measure(scene, hit)) is not None]
    if not measured:
        return recommend(scene)
    wanted = max(query.limit or 1, sum(fact.value == measured[0][1].value for _, fact in measured))
    items = [say.measured(scene.mention(hit), fact.value) for hit, fact in measured[:wanted]]
    if len(items) > 1:
        return say.most(query.rank_word, _noun(scene, many=True), items)
    hit, fact = measured[0]
    mention = scene.mention(hit)
    return say.the_most(query.rank_word, _noun(scene, many=False), mention, fact)


def _measure(scene: Scene, hit: Hit) -> Fact | None:
    """What the record says under the first name of the measure that it has."""
    product, sku = product_of(hit), scene.sku(hit)
    for name in scene.query.rank_by:
        value = value_of(product, sku, name)
        if value is not None:
            return Fact(name, attribute_value(value))
    return None


def _noun(scene: Scene, *, many: bool) -> str:
    """The subject with its constraints, for "the cheapest …"."""
    found = phrases(scene.query, scene.info)
    noun = noun_of(scene.query, many)
    if scene.query.language == "zh":
        return (
            f"{'、'.join(p.text for p in found)}{noun}" if not found else f"{'、'.join(p.text for p in found)}的{noun}"
        )
    before = [p.text for p in found if p.place == "before"]
    after = [p.text for p in found if p.place != "before"]
    return " ".join((*before, noun, *after))


def _key(scene: Scene, hit: Hit) -> object:
    """What the order goes by; None where the record does not tell."""
    product, sort = product_of(hit), scene.query.sort
    if sort == "rating":
        return product.rating
    if sort == "newest":
        return product.added_on
    return scene.sku(hit).price


def _named(scene: Scene, hit: Hit) -> Variant | None:
    """The variant that takes the place in an order by price."""
    return scene.named_sku(hit) if scene.query.sort in ("price_asc", "price_desc") else None


def _with_figure(scene: Scene, hit: Hit) -> str:
    return scene.mention(hit, _named(scene, hit)).text + _detail(scene, hit, listed=True)


def _detail(scene: Scene, hit: Hit, *, listed: bool = False) -> str:
    """The figure that the order goes by: " at $79.00", ", rated 4.8 out of 5"."""
    product, sort, zh = product_of(hit), scene.query.sort, scene.query.language == "zh"
    if sort in ("price_asc", "price_desc"):
        cost = scene.cost(hit, scene.sku(hit))
        return "" if not cost else (f"（{cost}）" if listed else f"，售价{cost}") if zh else f" at {cost}"
    if sort == "rating":
        shown = replace(product, review_count=None) if listed else product
        words = scene.say.rating(shown).removeprefix("is ")
        return (
            ""
            if not words
            else (f"（{words}）" if listed else f"，{words}")
            if zh
            else f" ({words})"
            if listed
            else f", {words}"
        )
    if product.added_on is None:
        return ""
    day = when(product.added_on, scene.query.language)
    return (
        (f"（{day}上架）" if listed else f"，{day}上架")
        if zh
        else f" (added on {day})"
        if listed
        else f", added on {day}"
    )


def _tied_figure(scene: Scene, hit: Hit) -> str:
    """The figure that tied products share: "at $79.00", "rated 4.8 out of 5"."""
    product, zh = product_of(hit), scene.query.language == "zh"
    if scene.query.sort == "newest" and product.added_on is not None:
        day = when(product.added_on, scene.query.language)
        return f"{day}上架" if zh else f"added on {day}"
    if scene.query.sort == "rating":
        alone = replace(product, review_count=None)
        return scene.say.rating(alone).removeprefix("is ")
    cost = scene.cost(hit, scene.sku(hit))
    return cost if zh else f"at {cost}"


def _next_there(scene: Scene, hits: Sequence[Hit]) -> str:
    """The first in the order that is in stock, variant by variant where the order goes by price; "" for none."""
    if scene.query.sort in ("rating", "newest"):
        there = next((hit for hit in hits if product_of(hit).available), None)
        return scene.say.next_there(scene.query.sort, _with_figure(scene, there)) if there is not None else ""
    skus = [
        (hit, sku) for hit in hits for sku in choice_of(hit, scene.query).skus if sku.in_stock and sku.price is not None
    ]
    if not skus:
        return ""
    sign = -1 if scene.query.sort == "price_desc" else 1
    hit, sku = min(skus, key=lambda item: sign * (item[1].price or Decimal(0)))
    mention = scene.mention(hit, sku if len(product_of(hit).variants) > 1 else None)
    return scene.say.next_there(scene.query.sort, scene.say.priced(mention, scene.cost(hit, sku)))
