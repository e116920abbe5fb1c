"""Truthful and lying sentences about records: templates filled from whatever products and passages they are given.

In: a seeded random generator and an `Evidence`. Out: sentences in English and Chinese. The lies carry the words that
must not be shown. Shared with no code under test: money and options are written here by hand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assistant.types import Evidence, Query
from knowledge_base.types import Entry, Filters, Hit, Product, Variant

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥"}


@dataclass(frozen=True, slots=True)
class Lie:
    """A false sentence and the words of it that may not reach a shopper."""

    kind: str
    text: str
    forbidden: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------- a shop

_NOUNS = {
    "en": (
        "Tent",
        "Kettle",
        "Backpack",
        "Desk Lamp",
        "Rain Jacket",
        "Office Chair",
        "Blender",
        "Headphones",
        "Water Bottle",
    ),
    "zh": ("电热水壶", "双肩背包", "护眼台灯", "冲锋衣", "办公椅", "破壁机", "蓝牙耳机", "保温杯", "电热水器"),
}
_FIRST = {
    "en": ("Aurora", "Granite", "Willow", "Harbor", "Summit", "Ember", "Juniper", "Coastal", "Meridian", "Tundra"),
    "zh": ("晨光", "青岚", "远山", "星河", "暖阳", "松涛", "云杉", "海屿", "北辰", "拾光"),
}
_COLOURS = {"en": ("black", "blue", "red", "green", "silver"), "zh": ("黑色", "蓝色", "红色", "绿色", "银色")}
_SIZES = ("S", "M", "L", "XL")
_MATERIALS = {"en": ("cotton", "nylon", "bamboo", "stainless steel"), "zh": ("纯棉", "尼龙", "竹纤维", "不锈钢")}
_FLAGS = {
    "en": ("waterproof", "rechargeable", "foldable", "dishwasher safe"),
    "zh": ("防水", "可充电", "可折叠", "可机洗"),
}

FAQ = {
    "en": (
        (
            "How long does delivery take?",
            "Standard delivery takes 3 to 5 business days. Express arrives within 2 business days for $14.95.",
        ),
        ("What does delivery cost?", "Standard delivery is $5.95, or free on orders over $65."),
        (
            "Can I return something?",
            "Unused goods may be returned within 60 days for a full refund. Return labels cost $4.50.",
        ),
        ("What warranty is there?", "Every product has a 2-year warranty against faults in material and workmanship."),
        ("Can I pay in installments?", "Orders above $120 can be split into 4 interest-free payments."),
    ),
    "zh": (
        ("多久能送到？", "标准配送需要3到5个工作日。加急配送2个工作日内送达，费用15元。"),
        ("运费是多少？", "标准配送运费8元，订单满99元包邮。"),
        ("可以退货吗？", "未使用的商品支持30天内退货，全额退款。退货运费12元由买家承担。"),
        ("保修多久？", "所有商品质保2年，质保期内免费维修。"),
        ("可以分期吗？", "满500元可分3期免息付款。"),
    ),
}


def catalogue(rng: random.Random, language: str, n: int) -> tuple[Product, ...]:
    """Products with and without variants, with all figures different enough that a wrong one is wrong."""
    currency = "CNY" if language == "zh" else "USD"
    products = []
    for i in range(n):
        first, noun = _FIRST[language][i % 10], _NOUNS[language][(i // 10 + i) % 9]
        title = f"{first}{noun}" if language == "zh" else f"{first} {noun}"
        title += ("" if language == "zh" else " ") + f"{rng.choice('ABKRTX')}{rng.randint(100, 989)}"
        price = Decimal(rng.randint(900, 90000)) / 100
        flags = rng.sample(_FLAGS[language], 2)
        yes, no = ("是", "否") if language == "zh" else ("yes", "no")
        names = ("重量", "容量", "材质") if language == "zh" else ("Weight", "Capacity", "Material")
        attributes = {
            names[0]: f"{rng.randint(3, 99) / 10:.1f} kg",
            names[1]: f"{rng.randint(2, 60)} L",
            names[2]: rng.choice(_MATERIALS[language]),
            flags[0]: yes,
            flags[1]: no,
        }
        products.append(_product(rng, i, language, title, price, currency, attributes))
    return tuple(products)


def _product(
    rng: random.Random, i: int, language: str, title: str, price: Decimal, currency: str, attributes: dict[str, str]
) -> Product:
    listed = (price * Decimal("1.25")).quantize(Decimal("0.01")) if rng.random() < 0.4 else None
    variants: tuple[Variant, ...] = ()
    if i % 2:
        names = ("颜色", "尺码") if language == "zh" else ("color", "size")
        combos = [(c, s) for c in rng.sample(_COLOURS[language], 3) for s in rng.sample(_SIZES, 2)]
        variants = tuple(
            Variant(
                f"{i}-{j}",
                {names[0]: c, names[1]: s},
                price + j * Decimal("3.17"),
                None,
                stock := rng.choice((0, 2, 7, 40)),
                stock > 0,
            )
            for j, (c, s) in enumerate(combos)
        )
    stock = rng.choice((0, 3, 12, 55))
    return Product(
        id=f"P{i}",
        title=title,
        description="It packs small and is made for daily use." if language == "en" else "轻巧耐用，适合日常使用。",
        brand=title[:2] if language == "zh" else title.split()[0],
        category=("家居",) if language == "zh" else ("Home",),
        price=None if variants else price,
        list_price=None if variants else listed,
        currency=currency,
        stock=None if variants else stock,
        in_stock=None if variants else stock > 0,
        rating=Decimal(rng.randint(30, 49)) / 10,
        review_count=rng.randint(11, 980),
        url=f"https://shop.example/p/{i}",
        attributes=attributes,
        variants=variants,
    )


def evidence(rng: random.Random, language: str, products: tuple[Product, ...]) -> tuple[Query, Evidence]:
    """A turn over some of the products and all passages."""
    chosen = rng.sample(products, rng.randint(1, 4))
    hits = tuple(product_hit(product, i) for i, product in enumerate(chosen, 1))
    passages = tuple(
        Hit(Entry(f"faq:{i}", "faq", title, text, "faq.md", language), 1.0, i, "fused")
        for i, (title, text) in enumerate(rng.sample(FAQ[language], 3), 1)
    )
    query = Query(
        "show me something for every day" if language == "en" else "推荐几款日常用的",
        ("find",),
        language,
        filters=Filters(),
    )  # type: ignore[arg-type]
    return query, Evidence(hits, passages, total=len(chosen) + 7, n_skus=len(chosen) + 30)


def product_hit(product: Product, rank: int) -> Hit:
    return Hit(
        Entry(f"product:{product.id}", "product", product.title, product.description or "", product=product),
        1.0,
        rank,
        "fused",
    )


# ------------------------------------------------------------------------------------------------------- wording


def money(rng: random.Random, amount: Decimal, currency: str | None, language: str) -> str:
    """One of the ways people write an amount."""
    if language == "zh":
        sign = {"CNY": "元", "USD": "美元", "EUR": "欧元"}.get(currency or "", "")
        return rng.choice(
            (f"{amount}{sign}", f"{amount} {sign}", f"¥{amount}" if currency == "CNY" else f"{amount}{sign}")
        )
    sign = SIGNS.get(currency or "", "")
    return rng.choice((f"{sign}{amount:,}", f"{amount:,} {currency}", f"{sign}{amount}")) if currency else f"{amount}"


def _named(rng: random.Random, product: Product, n: int, sku: Variant, language: str) -> str:
    """The product, with its variant where it has some, cited before or right after."""
    title = product.title
    if language == "zh":
        options = f"（{'、'.join(sku.options.values())}）" if sku.options else ""
        return rng.choice((f"「{title}」{options}[{n}]", f"{title}{options}[{n}]", f"这款{title}{options}[{n}]"))
    options = (
        rng.choice((f" in {', '.join(sku.options.values())}", f" ({', '.join(sku.options.values())})"))
        if sku.options
        else ""
    )
    return rng.choice((f"The {title}{options} [{n}]", f"**{title}**{options} [{n}]", f"{title}{options} [{n}]"))


def _attribute_sentences(product: Product, name: str, language: str) -> Iterator[str]:
    names = list(product.attributes.items())
    (weight_name, weight), (capacity_name, capacity), (_, material), (yes, _), (no, _) = names
    if language == "zh":
        yield f"{name}重{weight}。"
        yield f"{name}的{capacity_name}为{capacity}，{yes}。"
        yield f"{name}采用{material}，不{no}。"
        yield f"{name}{weight_name}{weight}，{capacity_name}{capacity}。"
        return
    yield f"{name} weighs {weight}."
    yield f"{name} holds {capacity} and is {yes}."
    yield f"{name} is made of {material}, but it is not {no}."
    yield f"At {weight}, {name.replace('The ', 'the ')} is easy to carry and has a capacity of {capacity}."
    yield f"{name} is {yes}, which makes it a good choice for every day."


def truths(rng: random.Random, found: Evidence, language: str) -> Iterator[str]:
    """True sentences in many wordings about the products and passages of the evidence."""
    for n, hit in enumerate(found.products, 1):
        product = hit.entry.product
        assert product is not None
        sku = rng.choice(product.skus)
        name = _named(rng, product, n, sku, language)
        yield from _true_figures(rng, product, sku, name, language)
        yield from _attribute_sentences(product, name, language)
        yield from _true_stock(sku, name, language)
    yield from _true_rest(found, language)
    yield from _true_passages(found, language)


def _true_figures(rng: random.Random, product: Product, sku: Variant, name: str, language: str) -> Iterator[str]:
    assert sku.price is not None
    cost = money(rng, sku.price, product.currency, language)
    if language == "zh":
        yield from (
            f"{name}售价{cost}。",
            f"{name}的价格是{cost}，评分{product.rating}分。",
            f"推荐{name}，只要{cost}。",
        )
        yield f"- {name}：{cost}，评分{product.rating}（{product.review_count}条评价）"
        if sku.list_price:
            yield f"{name}原价{money(rng, sku.list_price, product.currency, language)}，现价{cost}。"
            yield f"{name}比原价便宜{money(rng, sku.list_price - sku.price, product.currency, language)}。"
        if len(product.skus) > 1:
            low, high = product.price_range or (0, 0)
            yield f"{product.title}的价格从{low}元到{high}元不等。"
        return
    yield from (
        f"{name} costs {cost}.",
        f"{name} is {cost} and rated {product.rating} out of 5.",
        f"For {cost} you get {name}.",
    )
    yield f"- {name} — {cost}, {product.rating} stars ({product.review_count} reviews)"
    yield f"{product.review_count} shoppers rated {name.replace('The ', 'the ')} {product.rating} stars on average."
    if sku.list_price:
        was = money(rng, sku.list_price, product.currency, language)
        saved = money(rng, sku.list_price - sku.price, product.currency, language)
        yield f"{name} was {was} and now costs {cost}."
        yield f"{name} costs {cost} instead of {was}, so you save {saved}."
        yield f"{name} is 20% off its list price."
    if len(product.skus) > 1:
        low, high = product.price_range or (0, 0)
        yield f"Prices of the {product.title} run from ${low} to ${high}."
        yield f"The {product.title} starts at ${low}."


def _true_stock(sku: Variant, name: str, language: str) -> Iterator[str]:
    if language == "zh":
        yield f"{name}有现货。" if sku.in_stock else f"{name}暂时缺货。"
        if sku.stock:
            yield f"{name}库存还有{sku.stock}件。"
        return
    yield f"{name} is in stock." if sku.in_stock else f"{name} is out of stock right now."
    if sku.stock:
        yield f"{name} is available, with {sku.stock} left in stock."


def _true_rest(found: Evidence, language: str) -> Iterator[str]:
    if language == "zh":
        yield from (
            f"本店共有{found.total}款符合要求。",
            "好的，我来帮您挑选。",
            "您的预算大概是多少？",
            "如果需要，我可以再帮您比较。",
        )
        return
    yield from (
        f"We have {found.total} products that fit.",
        "Happy to help you choose.",
        "What would you like to spend?",
        "Let me know if you would like to compare them.",
        "Here are a few options that could work well for you:",
        "Both are good choices, so it depends on how often you will use it.",
        "I can't find that in the shop's information.",
    )


_TRUE_PASSAGES = {
    "How long does delivery take?": (
        "Delivery takes 3 to 5 business days [{n}].",
        "Standard delivery needs 3-5 business days [{n}].",
        "With express it arrives within 2 business days for $14.95 [{n}].",
    ),
    "What does delivery cost?": (
        "Standard delivery costs $5.95 [{n}].",
        "Shipping is free on orders over $65 [{n}].",
        "Delivery is $5.95, and free for orders over $65 [{n}].",
    ),
    "Can I return something?": (
        "You can return unused goods within 60 days [{n}].",
        "Returns are accepted for 60 days if the item is unused, and you get a full refund [{n}].",
        "A return label costs $4.50 [{n}].",
    ),
    "What warranty is there?": (
        "It comes with a 2-year warranty [{n}].",
        "Every product has a two-year warranty [{n}].",
    ),
    "Can I pay in installments?": ("Orders above $120 can be split into 4 interest-free payments [{n}].",),
    "多久能送到？": (
        "标准配送需要3到5个工作日[{n}]。",
        "一般3-5个工作日送达[{n}]。",
        "加急配送2个工作日内送达，费用15元[{n}]。",
    ),
    "运费是多少？": ("标准配送运费8元[{n}]。", "订单满99元包邮[{n}]。", "运费8元，满99元免运费[{n}]。"),
    "可以退货吗？": ("未使用的商品30天内可以退货[{n}]。", "支持30天内退货，全额退款[{n}]。"),
    "保修多久？": ("所有商品质保2年[{n}]。", "质保两年，期内免费维修[{n}]。"),
    "可以分期吗？": ("满500元可以分3期免息付款[{n}]。",),
}


def _true_passages(found: Evidence, language: str) -> Iterator[str]:
    for n, hit in enumerate(found.hits, 1):
        for template in _TRUE_PASSAGES.get(hit.entry.title, ()):
            yield template.format(n=n)


# ---------------------------------------------------------------------------------------------------------- lies


def lies(rng: random.Random, found: Evidence, language: str) -> Iterator[Lie]:
    """False sentences: wrong figures of the right products, right figures of the wrong ones, and inventions."""
    products = [(n, hit.entry.product) for n, hit in enumerate(found.products, 1) if hit.entry.product]
    for n, product in products:
        sku = rng.choice(product.skus)
        name = _named(rng, product, n, sku, language)
        yield from _wrong_figures(rng, product, sku, name, language)
        yield from _wrong_stock(sku, name, language)
        yield from _wrong_attributes(rng, product, name, language)
        for _, other in products:
            if other is not product and other.price_range and product.price_range:
                stranger = other.skus[0].price
                if stranger is not None and stranger not in {s.price for s in product.skus}:
                    said = money(rng, stranger, product.currency, language)
                    yield Lie(
                        "another product's price",
                        f"{name} costs {said}." if language == "en" else f"{name}售价{said}。",
                        (said,),
                    )
    yield from _inventions(rng, products, language)


def _wrong_figures(rng: random.Random, product: Product, sku: Variant, name: str, language: str) -> Iterator[Lie]:
    assert sku.price is not None and product.rating is not None and product.review_count is not None
    zh = language == "zh"
    wrong = (sku.price * Decimal(rng.choice(("0.5", "0.83", "1.1", "2"))) + Decimal("0.07")).quantize(Decimal("0.01"))
    said = money(rng, wrong, product.currency, language)
    wordings = (
        (
            "{name}售价{x}。",
            "{name}现在只要{x}！",
            "您可以用{x}买到{name}。",
            "{name}，{x}，值得入手。",
            "- {name}：{x}",
        )
        if zh
        else (
            "{name} costs {x}.",
            "{name} is only {x} today!",
            "You can get {name} for {x}.",
            "- {name} — {x}",
            "{name}, priced at {x}, is a great pick.",
            "{name} is a steal at just {x}.",
        )
    )
    yield Lie("price", rng.choice(wordings).format(name=name, x=said), (said,))
    others = [v.price for v in product.skus if v.price != sku.price and v.options != sku.options]
    if others:
        other = money(rng, others[-1] or wrong, product.currency, language)
        yield Lie("another variant's price", f"{name}售价{other}。" if zh else f"{name} costs {other}.", (other,))
    if sku.list_price:
        was = money(rng, sku.list_price, product.currency, language)
        yield Lie("list price as price", f"{name}售价{was}。" if zh else f"{name} costs {was}.", (was,))
    percent = rng.choice((10, 15, 33, 70))
    yield Lie(
        "discount",
        f"{name}现在打{rng.choice('三五七')}折。" if zh else f"{name} is {percent}% off this week.",
        ("折" if zh else f"{percent}%",),
    )
    rating = product.rating + Decimal("0.1")
    yield Lie("rating", f"{name}评分{rating}分。" if zh else f"{name} is rated {rating} out of 5.", (str(rating),))
    count = product.review_count + rng.randint(1, 4000)
    yield Lie("reviews", f"{name}有{count}条评价。" if zh else f"{name} has {count} reviews.", (str(count),))


def _wrong_stock(sku: Variant, name: str, language: str) -> Iterator[Lie]:
    if language == "zh":
        yield (
            Lie("stock", f"{name}暂时缺货。", ("缺货",))
            if sku.in_stock
            else Lie("stock", f"{name}有现货，可立即发货。", ("有现货", "现货，可"))
        )
        yield Lie("stock count", f"{name}仅剩{(sku.stock or 0) + 1}件。", (f"仅剩{(sku.stock or 0) + 1}",))
        return
    if sku.in_stock:
        yield Lie("stock", f"{name} is sold out.", ("sold out",))
    else:
        yield Lie("stock", f"{name} is in stock and ready to ship.", ("is in stock", "ready to ship"))
    yield Lie("stock count", f"Only {(sku.stock or 0) + 1} left of {name}.", (f"Only {(sku.stock or 0) + 1}",))


def _wrong_attributes(rng: random.Random, product: Product, name: str, language: str) -> Iterator[Lie]:
    weight, capacity, _, yes, no = list(product.attributes.items())
    kilos = float(weight[1].split()[0]) + 0.3
    litres = int(capacity[1].split()[0]) + rng.randint(1, 9)
    if language == "zh":
        yield Lie("measure", f"{name}重{kilos:.1f}公斤。", (f"{kilos:.1f}",))
        yield Lie("measure", f"{name}容量{litres}升。", (f"{litres}升",))
        yield Lie("flag", f"{name}{no[0]}。", (f"{no[0]}。",))
        yield Lie("flag", f"{name}不{yes[0]}。", (f"不{yes[0]}",))
        yield Lie("colour", f"{name}有紫色可选。", ("紫色",))
        return
    yield Lie("measure", f"{name} weighs {kilos:.1f} kg.", (f"{kilos:.1f}",))
    yield Lie("measure", f"{name} holds {litres} litres.", (f"{litres} l",))
    yield Lie("flag", f"{name} is {no[0]}.", (f"is {no[0]}",))
    yield Lie("flag", f"{name} is not {yes[0]}.", (f"not {yes[0]}",))
    yield Lie("colour", f"{name} also comes in purple.", ("purple",))
    yield Lie(
        "material", f"{name} is made of {rng.choice(('titanium', 'cashmere', 'oak'))}.", ("titanium", "cashmere", "oak")
    )


def _inventions(rng: random.Random, products: list[tuple[int, Product]], language: str) -> Iterator[Lie]:
    n, product = rng.choice(products)
    days, off = rng.choice((45, 90, 365)), rng.choice((12, 25, 40))
    if language == "zh":
        yield Lie("policy", f"支持{days}天无理由退货。", (f"{days}天",))
        yield Lie("policy", f"{product.title}[{n}]终身保修。", ("终身",))
        yield Lie("policy", "所有订单一律包邮。", ("包邮",))
        yield Lie("discount", f"新用户立减{off}元。", (f"{off}元",))
        yield Lie("product", f"另外推荐「泽菲克斯{rng.choice('甲乙丙')}型榨汁机」。", ("泽菲克斯",))
        yield Lie("link", "请到 https://deal.example.net/x 下单。", ("deal.example.net",))
        yield Lie("superlative", f"{product.title}[{n}]是全网销量第一。", ("销量第一",))
        yield Lie("order", "您的订单W8812345已发货，明天送达。", ("W8812345", "已发货"))
        return
    yield Lie("policy", f"You can return it within {days} days.", (f"{days} days",))
    yield Lie("policy", f"The {product.title} [{n}] has a lifetime warranty.", ("lifetime",))
    yield Lie("policy", "Shipping is free on every order.", ("free on every",))
    yield Lie("discount", f"New customers get ${off} off.", (f"${off}",))
    yield Lie("product", f"I also recommend the Zephyrix {rng.choice(('Pro', 'Max', 'Quantum'))}.", ("Zephyrix",))
    yield Lie("link", "Order it at https://deal.example.net/x today.", ("deal.example.net",))
    yield Lie("superlative", f"The {product.title} [{n}] is our best seller.", ("best seller",))
    yield Lie("order", "Your order #W8812345 has shipped and arrives tomorrow.", ("W8812345", "has shipped"))
