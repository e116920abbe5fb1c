"""Finding and recommending: one product with its reasons, what sets others apart, or what to change if nothing fits.

In: a scene. Out: a paragraph. It reads only the hits of the evidence, and recommends nothing that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.generation.conditions import (
    goes_further,
    missed_price,
    phrases,
    price_words,
    said_limit,
    wanted,
)
from assistant.generation.figures import attribute_value
from assistant.generation.grammar import is_mass
from assistant.generation.passages import speaks_of
from assistant.generation.reasons import (
    Fact,
    contrasts,
    is_gift,
    is_open,
    matching_facts,
    names_nothing,
    near_hit,
    product_of,
    telling_facts,
)
from assistant.generation.scene import Scene
from knowledge_base.text import fold, has_cjk
from knowledge_base.types import Hit

_MAX_VERBS = 4
_MANY = 8
_POINTS = 3  # products to start from


def recommend(scene: Scene) -> str:
    """The answer to a wish to find or choose something."""
    evidence = scene.evidence
    if not evidence.products or not evidence.answerable:
        query = scene.query
        bare = names_nothing(query.subject) and not query.filters and query.intent in ("find", "recommend")
        return ask_back(scene) if bare else nothing(scene)
    if evidence.choices:
        return _choices(scene)
    if evidence.relaxed:
        return nearest(scene)
    if evidence.departments or is_open(scene.query, evidence):
        return ask_back(scene)
    if scene.query.sort != "relevance" and not any(_in_order(scene, hit) for hit in evidence.products):
        return unordered(scene)
    sentences = []
    if lead_in := _how_many(scene):
        sentences.append(lead_in)
    lead = _lead(evidence.products)
    sentences.append(lead_sentence(scene, lead))
    room = 3 - len(sentences)
    others = contrasts(scene.query, evidence.products[:6], lead, max(1, room))
    if scene.query.limit == 1:
        others = ()
    for contrast in others:
        mention = scene.mention(contrast.hit, scene.named_sku(contrast.hit))
        sentences.append(scene.say.alternative(contrast, mention, scene.price_tag(contrast.hit)))
    if question := _narrowing(scene):
        sentences.append(question)
    return _text(scene, sentences)


def _choices(scene: Scene) -> str:
    """The values of a facet that were asked for, with how many products have each."""
    query, choices = scene.query, scene.evidence.choices
    shown = choices[:_MANY]
    items = [
        f"{attribute_value(value, 40)}（{n}款）" if query.language == "zh" else f"{attribute_value(value, 40)} ({n})"
        for value, n in shown
    ]
    return scene.say.choices(wanted(query, scene.info), query.asks[0], items, more=len(choices) > len(shown))


def _text(scene: Scene, sentences: Sequence[str]) -> str:
    return ("" if scene.query.language == "zh" else " ").join(sentence for sentence in sentences if sentence)


def _lead(hits: Sequence[Hit]) -> Hit:
    """The first hit, unless it is sold out and one of the next two is not."""
    return next((hit for hit in hits[:3] if product_of(hit).available is not False), hits[0])


def _how_many(scene: Scene) -> str:
    """ "We have 12 tents under $200." where something was counted and there is more than is named here."""
    total, query = scene.evidence.total, scene.query
    if total is None or total <= 3 or not query.subject:
        return ""
    words = wanted(query, scene.info)
    if query.language == "zh":
        return scene.say.have(f"{total}款", words)
    if is_mass(query.subject) or has_cjk(query.subject):
        return ""
    return scene.say.have(f"{total:,}", words)


def lead_sentence(scene: Scene, hit: Hit) -> str:
    """Why one product fits, in a sentence that recommends it."""
    verbs, but = good_points(scene, hit)
    facts = _wished(scene, hit)
    style = 0 if len(scene.evidence.products) == 1 else scene.style
    sentence = scene.say.recommend(style, scene.mention(hit, scene.named_sku(hit)), verbs, but)
    quote = _description(scene, hit, facts) if len(facts) < 2 else ""
    return _text(scene, [sentence, quote])


def _wished(scene: Scene, hit: Hit) -> list[Fact]:
    """What the product has of what was wished, without the options by which it is named."""
    named = scene.named_sku(hit)
    facts = matching_facts(scene.query, product_of(hit), scene.sku(hit))
    return [fact for fact in facts if named is None or fact.name not in named.options][:3]


def good_points(scene: Scene, hit: Hit) -> tuple[list[str], str]:
    """What the product has of what was wished, its rating, its price and whether it is in stock, as verb phrases; and
    what speaks against it, or ""."""
    say, query, product, sku = scene.say, scene.query, product_of(hit), scene.sku(hit)
    named, facts = scene.named_sku(hit), _wished(scene, hit)
    verbs = [say.clause(fact) for fact in facts]
    if len(verbs) < 2:
        verbs += [say.clause(fact) for fact in telling_facts(product, facts, 2 - len(verbs))]
    if product.rating is not None and (product.rating >= 4 or query.filters.rating_min is not None):
        verbs.append(say.rating(product))
    if price := say.price(sku, scene.currency(product), said_limit(query), starting=scene.varies(hit)):
        verbs.append(price)
    in_stock = sku.in_stock if named is not None else product.available
    but = say.stock(False) if in_stock is False else ""
    if in_stock and (len(verbs) <= 2 or query.filters.in_stock) and "," not in price:
        verbs.append(say.stock(True, sku.stock if named is not None else product.stock))
    return verbs[-_MAX_VERBS - 1 :], but


def _description(scene: Scene, hit: Hit, facts: Sequence[Fact]) -> str:
    """A sentence of the description that speaks of the wish where no attribute does."""
    query = scene.query
    said = {fold(fact.value) for fact in facts}
    terms = [term for term in query.terms if fold(term) not in said and fold(term) not in fold(query.subject)]
    description = product_of(hit).description or ""
    if not terms or has_cjk(description) != (query.language == "zh"):
        return ""
    quote = speaks_of(" ".join(terms), description)
    if not quote or "“" in quote:
        return ""
    return scene.say.described(scene.mark(hit), quote)


def _narrowing(scene: Scene) -> str:
    """A closing question where a plain subject has many products: what would help to choose."""
    query, evidence = scene.query, scene.evidence
    if phrases(query, scene.info) or query.terms or (evidence.total or 0) < _MANY:
        return ""
    zh = query.language == "zh"
    prices = {sku.price for hit in evidence.products for sku in product_of(hit).skus}
    options: list[str] = []
    if len(prices) > 1:
        options.append("价格" if zh else "the price")
    brands = {product_of(hit).brand for hit in evidence.products if product_of(hit).brand}
    if len(brands) > 1:
        options.append("品牌" if zh else "the brand")
    if sum(product_of(hit).rating is not None for hit in evidence.products) > 1:
        options.append("评分" if zh else "the rating")
    return scene.say.narrow(query.subject, options[:2]) if len(options) > 1 else ""


def _in_order(scene: Scene, hit: Hit) -> bool:
    """Whether the record tells the product's place in the query's order."""
    product = product_of(hit)
    match scene.query.sort:
        case "rating":
            return product.rating is not None
        case "newest":
            return product.added_on is not None
        case _:
            return product.price_range is not None


def unordered(scene: Scene) -> str:
    """Nothing of the kind has what the order goes by: says so, and names a few all the same."""
    say, query = scene.say, scene.query
    items = [
        say.priced(scene.mention(hit, scene.named_sku(hit)), scene.price_tag(hit))
        for hit in scene.evidence.products[:3]
    ]
    lead = say.not_stated(query.sort, wanted(query, scene.info))
    return _text(scene, [lead, say.starting_points(items)])


def nearest(scene: Scene) -> str:
    """Nothing meets everything: the constraint that was given up, and the one product that comes nearest."""
    say, query, relaxed = scene.say, scene.query, scene.evidence.relaxed
    end = missed_price(query, relaxed, scene.info)
    if end:
        query = replace(query, sort="price_asc" if end == "lowest" else "price_desc")
    scene = replace(scene, query=query)
    hit = near_hit(query, scene.evidence, scene.info)
    named, cost = scene.named_sku(hit), scene.price_tag(hit)
    item = say.priced(scene.mention(hit, named), cost)
    gone = (named.in_stock if named is not None else product_of(hit).available) is False
    rest = wanted(query, scene.info, many=False, without=relaxed)
    lead = say.none_meets(wanted(query, scene.info), other=bool(query.exclude) and not goes_further(query))
    return _text(scene, [lead, say.nearest_product(item, rest, end, relaxed, gone=gone)])


def nothing(scene: Scene) -> str:
    """The shop has nothing that fits; names the constraint that is most worth relaxing."""
    query, info = scene.query, scene.info
    found = [phrase.text for phrase in phrases(query, info)]
    price = price_words(query.filters, info.currency, query.language)
    kind = "price" if price in found and query.filters.price_max is not None else ""
    others = [text for text in found if text != price]
    if goes_further(query):
        return scene.say.no_further(wanted(query, info))
    if query.exclude and query.subject:
        return scene.say.no_others(wanted(query, info))
    text = scene.say.nothing(wanted(query, info), others[-1] if others else "", kind)
    return _text(scene, [text, scene.say.departments(names) if (names := scene.evidence.departments) else ""])


def ask_back(scene: Scene) -> str:
    """One useful question, built from what splits the products found, with up to two starting points."""
    say, query = scene.say, scene.query
    points: list[str] = []
    seen: set[str] = set()
    for hit in scene.evidence.products:
        product = product_of(hit)
        group = product.category[0] if product.category else product.id
        if group not in seen and product.available is not False:
            seen.add(group)
            points.append(say.priced(scene.mention(hit, scene.named_sku(hit)), scene.price_tag(hit)))
    budget = query.filters.price_max is None and query.filters.price_min is None
    question = say.ask_back(_groups(scene), gift=is_gift(query), budget=budget)
    return _text(scene, [say.open_lead(scene.style), question, say.starting_points(points[:_POINTS]) if points else ""])


def _groups(scene: Scene) -> tuple[str, ...]:
    """The departments, or below one department the categories, over which the found products spread."""
    if scene.evidence.departments:
        return _lower(scene, scene.evidence.departments)
    paths = [product_of(hit).category for hit in scene.evidence.products if product_of(hit).category]
    for level in (0, 1, 2):
        names = list(dict.fromkeys(path[level] for path in paths if len(path) > level))
        if len(names) > 1:
            return _lower(scene, names[:4])
    return ()


def _lower(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    zh = scene.query.language == "zh"
    return tuple(name if zh or has_cjk(name) or not name.istitle() else name.lower() for name in names)
