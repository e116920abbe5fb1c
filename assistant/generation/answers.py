"""Questions on products: the price, stock, options, rating or attribute asked for, from the record of that product.

In: a scene whose query is about products of the evidence. Out: a sentence or two for each. What a record lacks is said
to be lacking; nothing is inferred from other products.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assistant.generation.figures import attribute_value, leading_number, truth
from assistant.generation.naming import Mention, option_words, version_words
from assistant.generation.passages import join_sentences, speaks_of
from assistant.generation.reasons import Fact, product_of, telling_facts
from assistant.generation.recommendation import good_points
from assistant.generation.scene import Scene
from assistant.generation.variants import Choice, choose, meets, option_conditions, value_of
from knowledge_base.text import fold, has_cjk, stems
from knowledge_base.types import Condition, Hit, Product, Variant

_MAX_PRODUCTS = 4
_MAX_NAMED_VARIANTS = 4
_PRICE = frozenset({"price", "价格", "cost"})
_STOCK = frozenset({"stock", "in_stock", "availability", "库存"})
_OPTIONS = frozenset({"options", "variants", "可选项"})
_RATING = frozenset({"rating", "reviews", "评分"})
_DELIVERY = frozenset({"delivery", "shipping", "配送"})
_REASON = frozenset({"reason"})


def answer(scene: Scene) -> str:
    """The answer about each product asked about; one paragraph a product where there are several."""
    hits = scene.asked()[:_MAX_PRODUCTS]
    if len(hits) > 1 and (together := _of_all(scene, hits)):
        return together
    paragraphs = [_about(scene, hit) for hit in hits]
    return "\n".join(f"- {text}" for text in paragraphs) if len(paragraphs) > 1 else "".join(paragraphs)


def _of_all(scene: Scene, hits: Sequence[Hit]) -> str:
    """One sentence about several products: what is in stock of them, or that nothing is known; "" for anything else."""
    asks, products = scene.query.asks, [product_of(hit) for hit in hits]
    mentions = [scene.mention(hit) for hit in hits]
    if asks and not any(knows(product, ask) for product in products for ask in asks):
        return scene.say.unknown(Mention(scene.say.either_of([mention.text for mention in mentions])), asks)
    states = [product.available for product in products]
    of_stock = bool(asks) and {fold(ask) for ask in asks} <= _STOCK
    if of_stock and set(states) == {None}:
        return scene.say.no_stock_data(Mention(scene.say.either_of([mention.text for mention in mentions])))
    if not of_stock or option_conditions_of(scene, products) or None in states:
        return ""
    inside = [mention for mention, state in zip(mentions, states, strict=True) if state]
    outside = [mention for mention, state in zip(mentions, states, strict=True) if not state]
    return scene.say.stock_of_all(inside, outside)


def option_conditions_of(scene: Scene, products: Sequence[Product]) -> bool:
    """Whether the question picks variants of any of these products."""
    return any(option_conditions(product, scene.query.filters) for product in products)


def _about(scene: Scene, hit: Hit) -> str:
    product = product_of(hit)
    choice = choose(product, scene.query.filters, hit.variant_ids)
    sentences: list[str] = []
    if choice.missing:
        sentences += _missing(scene, hit, choice)
        if len(sentences) == 1 and any(fold(ask) in _PRICE for ask in scene.query.asks):
            sentences.append(_price(scene, hit, Choice(product.skus)))
    elif not scene.evidence.answerable and not any(knows(product, ask) for ask in scene.query.asks):
        return scene.say.unknown(scene.mention(hit), _unknown_names(scene, product))
    else:
        sentences += _answers(scene, hit, choice)
    return scene.flow(hit, sentences)


def _answers(scene: Scene, hit: Hit, choice: Choice) -> list[str]:
    """One sentence for each thing asked; an overview where nothing in particular was."""
    product = product_of(hit)
    sentences: list[str] = []
    unknown: list[str] = []
    asks = [ask for ask in scene.query.asks if ask and not _names_the_product(ask, product)]
    for ask in asks:
        key = fold(ask)
        if key in _DELIVERY and scene.evidence.passages:
            continue
        text = _one_answer(scene, hit, choice, ask)
        if text is None:
            unknown.append(ask)
        elif text not in sentences and not _said_already(scene, hit, choice, key, sentences):
            sentences.append(text)
    if unknown:
        sentences.append(_quote(scene, hit, unknown) or scene.say.unknown(scene.mention(hit), unknown))
    return sentences if asks else _overview(scene, hit, choice)


def _said_already(scene: Scene, hit: Hit, choice: Choice, key: str, sentences: Sequence[str]) -> bool:
    """Whether the price or stock of a single variant stands in what was said: each is said with the other."""
    cost = scene.cost(hit, choice.skus[0])
    return len(choice.skus) == 1 and key in (_PRICE | _STOCK) and bool(cost) and any(cost in s for s in sentences)


def _one_answer(scene: Scene, hit: Hit, choice: Choice, ask: str) -> str | None:
    """The answer to one thing asked; None where the record has none."""
    product, key = product_of(hit), fold(ask)
    if key in _PRICE:
        return _price(scene, hit, choice)
    if key in _STOCK:
        return _stock(scene, hit, choice)
    if key in _OPTIONS:
        return _options(scene, hit, choice, None)
    if key in _REASON:
        return scene.say.because(scene.mention(hit, scene.named_sku(hit)), *good_points(scene, hit))
    if key in _RATING:
        rating, mention = scene.say.rating(product), scene.mention(hit)
        return scene.say.sentence(mention, [rating]) if rating else scene.say.unrated(mention)
    if key == "order":
        return scene.flow(hit, [_price(scene, hit, choice), *_buying(scene, hit, choice)])
    if key in _DELIVERY:
        return None
    option = next((name for name in product.option_values if fold(name) == key), None)
    if option is not None and choice.narrowed:
        fixed = {fold(name) for c in scene.query.filters.conditions for name in c.names}
        return _confirmed(scene, hit, choice) if key in fixed else _options(scene, hit, choice, option)
    if option is not None:
        return _options(scene, hit, choice, option)
    return _attribute(scene, hit, choice, ask) or None


def _buying(scene: Scene, hit: Hit, choice: Choice) -> list[str]:
    """What to do to buy: press the button where it is clear what is wanted, else say which version it shall be."""
    if len(choice.skus) == 1:
        stock, wanted = choice.skus[0].stock, scene.query.quantity
        if stock is not None and 0 < stock < wanted:
            return [scene.say.too_few(stock, wanted)]
        there = scene.query.action == "cart" and choice.skus[0].in_stock is not False
        return [scene.say.press_cart() if there else scene.say.how_to_buy()]
    if scene.query.action != "cart":
        return [scene.say.how_to_buy()]
    return [_options(scene, hit, choice, None), scene.say.say_which()]


def _names_the_product(ask: str, product: Product) -> bool:
    """Whether what is asked only repeats the product's title or the values of its options ("blue, cotton")."""
    if knows(product, ask):
        return False
    known = {
        stem
        for text in (product.title, *(v for vs in product.option_values.values() for v in vs))
        for stem in stems(text)
    }
    said = [stem for stem in stems(ask) if stem not in ("in", "the", "with", "and", "a", "of", "under", "over")]
    return all(stem in known or leading_number(stem.lstrip("$")) is not None for stem in said)


def knows(product: Product, ask: str) -> bool:
    """Whether the record can answer what is asked."""
    known = _PRICE | _STOCK | _OPTIONS | _RATING | _REASON | {"order"}
    return fold(ask) in known or _known_name(product, ask) is not None


def _unknown_names(scene: Scene, product: Product) -> list[str]:
    return [ask for ask in scene.query.asks if value_of(product, product.skus[0], ask) is None]


# -- price and stock -------------------------------------------------------------------------------------------------


def _price(scene: Scene, hit: Hit, choice: Choice) -> str:
    """The exact price of the variant meant, or the range with its cheapest variant."""
    say, product = scene.say, product_of(hit)
    currency = scene.currency(product)
    first = choice.skus[0]
    single = len(choice.skus) == 1 or (scene.query.sort in ("price_asc", "price_desc") and first.price is not None)
    if single:
        mention = scene.mention(hit, first if len(product.variants) > 1 else None)
        if first.price is None:
            return say.no_price(mention)
        price = say.price(first, currency, None)
        stock = say.stock(first.in_stock, first.stock)
        return say.sentence(
            mention, [price, stock] if first.in_stock else [price], stock if first.in_stock is False else ""
        )
    priced = sorted((sku for sku in choice.skus if sku.price is not None), key=lambda sku: sku.price or Decimal(0))
    shared = _shared(choice.skus) if choice.narrowed else {}
    mention = scene.mention(hit, Variant("", shared))
    if not priced:
        return say.no_price(mention)
    low, high = priced[0], priced[-1]
    if low.price == high.price:
        stock = say.stock(True) if all(sku.in_stock for sku in choice.skus) else ""
        return say.sentence(mention, [say.price(low, currency, None), stock])
    varying = [name for name in product.option_values if len({sku.options.get(name) for sku in priced}) > 1]
    cheapest = version_words({k: v for k, v in low.options.items() if k not in shared}, scene.query.language)
    assert low.price is not None and high.price is not None
    first_cost = say.money(low.price, currency)
    span = say.price_span(mention, first_cost, say.money(high.price, currency), varying)
    start = say.at_price(first_cost, cheapest, scene.mark(hit)) if cheapest else ""
    return f"{span}{'' if scene.query.language == 'zh' else ' '}{start}".strip()


def _shared(skus: Sequence[Variant]) -> dict[str, str]:
    """The options on which all the variants agree."""
    first = skus[0].options
    return {name: value for name, value in first.items() if all(sku.options.get(name) == value for sku in skus)}


def _stock(scene: Scene, hit: Hit, choice: Choice) -> str:
    """Whether the variant meant is in stock; over several variants, which are and which are not."""
    say, language = scene.say, scene.query.language
    product = product_of(hit)
    if len(choice.skus) == 1:
        sku = choice.skus[0]
        mention = scene.mention(hit, sku if len(product.variants) > 1 or choice.narrowed else None)
        if sku.in_stock is None:
            return say.no_stock_data(mention)
        price = say.price(sku, scene.currency(product), None)
        if sku.in_stock:
            return say.yes(mention, [say.stock(True, sku.stock), price])
        return say.sold_out(mention, _instead(scene, hit, sku), price)
    shared = _shared(choice.skus) if choice.narrowed else {}
    mention = scene.mention(hit, Variant("", shared))
    states = {sku.in_stock for sku in choice.skus}
    if states == {None}:
        return say.no_stock_data(mention)
    if True not in states:
        return say.sold_out(mention)

    def label(sku: Variant) -> str:
        return version_words({k: v for k, v in sku.options.items() if k not in shared}, language)

    inside = [label(sku) for sku in choice.skus if sku.in_stock]
    outside = [label(sku) for sku in choice.skus if sku.in_stock is False]
    if len(inside) > _MAX_NAMED_VARIANTS:
        inside = []
    if len(outside) > _MAX_NAMED_VARIANTS:
        # Too many to name: the options whose every variant is gone tell most; else the ones that are there.
        listed = say.option_list(mention, product.option_values, _gone(product, choice.skus))
        return join_sentences([say.stock_some(mention), listed])
    return say.stock_split(mention, inside, outside)


def _instead(scene: Scene, hit: Hit, sku: Variant) -> list[str]:
    """The in-stock variants that share the most options with a sold-out one."""
    product = product_of(hit)

    def shared(other: Variant) -> int:
        return sum(other.options.get(name) == value for name, value in sku.options.items())

    there = sorted((v for v in product.variants if v.in_stock), key=shared, reverse=True)
    near = [v for v in there if shared(v) == shared(there[0])][:2] if there and shared(there[0]) else []
    language = scene.query.language
    return [scene.say.version(version_words(v.options, language), scene.cost(hit, v), None) for v in near]


# -- options ---------------------------------------------------------------------------------------------------------


def _options(scene: Scene, hit: Hit, choice: Choice, only: str | None) -> str:
    """All values of the options (or of one) over the variants meant, with those marked that are sold out."""
    product = product_of(hit)
    if not product.option_values:
        return scene.say.no_options(scene.mention(hit))
    shared = _shared(choice.skus) if choice.narrowed else {}
    if (
        only is not None
        and {truth(value) for value in product.option_values[only]} == {True, False}
        and only not in shared
    ):
        return scene.say.either(scene.mention(hit, Variant("", shared)), only)
    values: dict[str, tuple[str, ...]] = {}
    for name in product.option_values:
        if name in shared or (only is not None and fold(only) != fold(name)):
            continue
        values[name] = tuple(dict.fromkeys(sku.options[name] for sku in choice.skus if sku.options.get(name)))
    mention = scene.mention(hit, Variant("", shared))
    if not any(values.values()):
        return _stock(scene, hit, choice)
    return scene.say.option_list(mention, values, _gone(product, choice.skus))


def _gone(product: Product, skus: Sequence[Variant]) -> dict[str, tuple[str, ...]]:
    """Option values of which every variant is known to be out of stock."""
    gone: dict[str, tuple[str, ...]] = {}
    for name, values in product.option_values.items():
        states = {v: {sku.in_stock for sku in skus if sku.options.get(name) == v} for v in values}
        gone[name] = tuple(value for value in values if states[value] == {False})
    return gone


def _missing(scene: Scene, hit: Hit, choice: Choice) -> list[str]:
    """A combination of options that does not exist, and the nearest ones that do."""
    say, product, language = scene.say, product_of(hit), scene.query.language
    mention = scene.mention(hit)
    absent = next((c for c in choice.missing if not any(meets(product, v, c) for v in product.variants)), None)
    if absent is not None:
        name = next(n for n in product.option_values if fold(n) in {fold(other) for other in absent.names})
        wished = say.join(absent.values) if absent.values else _bounds(absent)
        lead = say.no_such_value(mention, wished, name, product.option_values[name])
        if len(choice.missing) == 1:
            return [lead]
    else:
        words = [_condition_words(c, product, language) for c in choice.missing]
        lead = say.no_such_version(mention, " / ".join(words))
    near = choice.skus[:2]
    if len(near) == len(product.variants) and len(near) > 2:
        return [lead]
    items = [say.version(version_words(v.options, language), scene.cost(hit, v), v.in_stock) for v in near]
    mark = scene.mark(hit)
    items[-1] = f"{items[-1]}{'' if language == 'zh' else ' '}{mark}"
    return [lead, say.nearest(items)]


def _condition_words(condition: Condition, product: Product, language: str) -> str:
    name = next((n for n in product.option_values if fold(n) in {fold(o) for o in condition.names}), condition.names[0])
    text = (
        option_words({name: condition.values[0]}, "zh" if language == "zh" else "en")
        if condition.values
        else _bounds(condition)
    )
    if condition.negated:
        return f"不要{text}" if language == "zh" else f"not {text}"
    return text


def _bounds(condition: Condition) -> str:
    number = condition.minimum if condition.minimum is not None else condition.maximum
    return f"{number}{' ' if condition.unit else ''}{condition.unit or ''}"


# -- attributes ------------------------------------------------------------------------------------------------------


def _attribute(scene: Scene, hit: Hit, choice: Choice, ask: str) -> str:
    """The value of an attribute; "" where the record has none."""
    product = product_of(hit)
    if fold(ask) == "category":
        return (
            scene.say.attribute(scene.mention(hit), Fact("category", " > ".join(product.category)))
            if product.category
            else ""
        )
    name = _known_name(product, ask)
    if name is None:
        return ""
    pairs = [(value_of(product, sku, name), sku) for sku in choice.skus]
    values = list(dict.fromkeys(value for value, _ in pairs if value is not None))
    if not values:
        return ""
    if len(values) > 1:
        return scene.say.by_version(scene.mention(hit), name, values)
    sku = choice.skus[0] if len(choice.skus) == 1 and choice.skus[0].options else None
    mention = scene.mention(hit, Variant("", _shared(choice.skus)) if choice.narrowed else sku)
    return scene.say.attribute(mention, Fact(name, attribute_value(values[0], 300)))


def _known_name(product: Product, ask: str) -> str | None:
    """The record's own name for what was asked: equal when folded, else equal when stemmed."""
    names = [*product.attributes, *product.option_values]
    if fold(ask) == "brand":
        return "brand"
    exact = next((name for name in names if fold(name) == fold(ask)), None)
    return exact or next((name for name in names if stems(name) == stems(ask)), None)


def _quote(scene: Scene, hit: Hit, asks: Sequence[str]) -> str:
    """A sentence of the description that speaks of everything asked, by name; "" where none does."""
    product, language = product_of(hit), scene.query.language
    description = product.description or ""
    if not description or has_cjk(description) != (language == "zh"):
        return ""
    quote = speaks_of(" ".join(asks), description)
    return scene.say.described(scene.mark(hit), quote) if quote else ""


def _overview(scene: Scene, hit: Hit, choice: Choice) -> list[str]:
    """What there is to say of a product when nothing in particular was asked."""
    say, product = scene.say, product_of(hit)
    conditions = option_conditions(product, scene.query.filters)
    if conditions and choice.narrowed:
        return [_confirmed(scene, hit, choice)]
    if answered := _conditions_answered(scene, hit, choice):
        return answered
    sentences = []
    terms = " ".join(scene.query.terms)
    description = product.description or ""
    fits = has_cjk(description) == (scene.query.language == "zh") and len(scene.asked()) == 1
    quote = speaks_of(terms or scene.query.text, description) if fits else ""
    if quote:
        sentences.append(say.described(scene.mark(hit), quote))
    facts = telling_facts(product, (), 3)
    verbs = [say.clause(fact) for fact in facts]
    if product.rating is not None:
        verbs.append(say.rating(product))
    if verbs:
        sentences.append(say.sentence(scene.mention(hit), verbs))
    sentences.append(_price(scene, hit, choice))
    if product.option_values and not quote and len(scene.asked()) == 1:
        sentences.append(_options(scene, hit, choice, None))
    return sentences


def _confirmed(scene: Scene, hit: Hit, choice: Choice) -> str:
    """ "Do you have it in blue?": yes, with price and stock."""
    say, product = scene.say, product_of(hit)
    if all(sku.in_stock is False for sku in choice.skus):
        return _stock(scene, hit, choice)
    if len(choice.skus) == 1:
        sku = choice.skus[0]
        verbs = [say.stock(sku.in_stock, sku.stock), say.price(sku, scene.currency(product), None)]
        return say.yes(scene.mention(hit, sku), verbs)
    return scene.flow(hit, [_price(scene, hit, choice), _options(scene, hit, choice, None)])


def _conditions_answered(scene: Scene, hit: Hit, choice: Choice) -> list[str]:
    """ "Is it waterproof?" that arrived as a condition: what the record says under that name."""
    product = product_of(hit)
    sentences, unknown = [], []
    for condition in scene.query.filters.conditions:
        if {fold(name) for name in condition.names} <= {"title", "category"}:
            continue
        name = next((n for n in condition.names if _known_name(product, n)), None)
        text = _attribute(scene, hit, choice, name) if name else ""
        if text:
            sentences.append(text)
        else:
            unknown.append(condition.names[0])
    if unknown:
        sentences.append(scene.say.unknown(scene.mention(hit), unknown))
    return sentences
