"""Small hand-built evidences for the composer's tests, and the conversations whose replies stand in tests/golden.

`python -m tests.unit.composing` writes the golden files anew; read what changed before committing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from assistant.generation.composer import compose
from assistant.types import Evidence, Order, OrderItem, Query, Shipment
from knowledge_base.shop import ShopInfo
from knowledge_base.types import Condition, Entry, Filters, Hit, Product, Variant

GOLDEN = Path(__file__).parents[1] / "golden"
SHOP = ShopInfo(
    "Fern & Stone",
    "en",
    "USD",
    hours="daily 9 to 6",
    handoff={"email": "help@fern.example", "rule": "after two misses"},
)
SHOP_ZH = ShopInfo("松石家居", "zh", "CNY", hours="每天9点到18点", handoff={"电话": "400-000-0000"})


def d(figure: str) -> Decimal:
    return Decimal(figure)


def shirt_variant(number: int, color: str, size: str, price: str, in_stock: bool | None = True) -> Variant:
    return Variant(f"s{number}", {"color": color, "size": size}, d(price), in_stock=in_stock)


TENT = Product(
    "t1",
    "Fernway 2 Tent",
    brand="Fernway",
    category=("Camping", "Tents"),
    price=d("189.00"),
    currency="USD",
    in_stock=True,
    rating=d("4.6"),
    review_count=212,
    attributes={"sleeps": "2", "weight": "1.9 kg", "waterproof": "yes", "touchscreen": "no", "material": "Nylon"},
    description="A light tent. Its bathtub floor keeps you dry on wet meadows.",
    added_on=date(2025, 3, 4),
)
TENT_HEAVY = Product(
    "t2",
    "Oakdome 4",
    category=("Camping", "Tents"),
    price=d("149.00"),
    currency="USD",
    in_stock=True,
    rating=d("4.8"),
    review_count=31,
    attributes={"sleeps": "4", "weight": "4.2 kg", "waterproof": "yes"},
)
TENT_GONE = Product(
    "t3", "Breeze 1", category=("Camping", "Tents"), price=d("79.00"), currency="USD", in_stock=False, attributes={}
)
SHIRT = Product(
    "s",
    "T-Shirt",
    category=("Clothing",),
    currency="USD",
    variants=(
        shirt_variant(1, "blue", "M", "53.43"),
        shirt_variant(2, "blue", "S", "54.00", in_stock=False),
        shirt_variant(3, "red", "M", "46.66"),
        shirt_variant(4, "red", "L", "46.66", in_stock=False),
    ),
)
SOCKS = Product("k", "Trail Socks", category=("Clothing",), price=d("12.00"), currency="USD", in_stock=True)
KETTLE = Product(
    "z1",
    "松石1.7升电热水壶",
    brand="松石",
    category=("厨房", "电水壶"),
    price=d("129.00"),
    currency="CNY",
    in_stock=True,
    rating=d("4.6"),
    review_count=320,
    attributes={"容量": "1.7L", "功率": "1800W", "保温": "否", "防干烧": "是"},
)
KETTLE_CHEAP = Product(
    "z2",
    "松石旅行电热水壶",
    category=("厨房", "电水壶"),
    price=d("89.90"),
    currency="CNY",
    in_stock=True,
    attributes={"容量": "0.6L", "功率": "600W", "保温": "是"},
)
SHIRT_ZH = Product(
    "z3",
    "纯棉T恤",
    category=("服饰",),
    currency="CNY",
    variants=(
        Variant("v1", {"颜色": "蓝色", "尺码": "M"}, d("59"), in_stock=True),
        Variant("v2", {"颜色": "红色", "尺码": "L"}, d("69"), in_stock=False),
    ),
)


def hit(product: Product, rank: int = 1, variant_ids: tuple[str, ...] = ()) -> Hit:
    entry = Entry(f"product:{product.id}", "product", product.title, product.description or "", product=product)
    return Hit(entry, 1.0, rank, "selected", variant_ids)


def shown(*products: Product, **known: object) -> Evidence:
    return Evidence(tuple(hit(p, n) for n, p in enumerate(products, 1)), **known)  # type: ignore[arg-type]


def passage(title: str, text: str, kind: str = "faq", product_id: str | None = None) -> Hit:
    return Hit(Entry(f"{kind}:{title}", kind, title, text, product_id=product_id), 1.0, 1, "fused")  # type: ignore[arg-type]


def ask(text: str, *intents: str, **known: object) -> Query:
    return Query(text, intents, **known)  # type: ignore[arg-type]


def zh(text: str, *intents: str, **known: object) -> Query:
    return Query(text, intents, "zh", **known)  # type: ignore[arg-type]


def has(name: str, *values: str, negated: bool = False) -> Condition:
    return Condition((name,), values, negated=negated)


RETURNS = passage(
    "How long can I send it back?", "You can return unused goods within 60 days. The label is free [not for bikes]."
)
DELIVERY = passage("Delivery > Standard", "Standard delivery costs $5.95. It takes 3 to 5 business days.", "policy")
ORDER = Order(
    "W42",
    "ann",
    "shipped",
    "2026-03-02T10:00:00",
    (OrderItem("s", "s1", "T-Shirt", {"color": "blue", "size": "M"}, d("53.43"), 2),),
    (Shipment("Postal", "TR123", "in transit", (("2026-03-03T08:15:00", "Left the depot in Ohio."),)),),
    d("106.86"),
    "USD",
)
OLD_ORDER = Order("W40", "ann", "delivered", "2026-01-09", (), (), None, "USD")
UNDER_200 = Filters(price_max=d("200"), conditions=(has("waterproof", "yes"),))

CASES: Mapping[str, tuple[Query, Evidence]] = {
    "find with reasons and alternatives": (
        ask("a waterproof tent under $200", "find", subject="tent", filters=UNDER_200),
        shown(TENT, TENT_HEAVY, total=12),
    ),
    "find one": (ask("a tent for two", "find", subject="tent", filters=Filters(price_max=d("200"))), shown(TENT)),
    "find plural": (ask("socks", "find", subject="socks"), shown(SOCKS)),
    "find relaxed": (
        ask(
            "waterproof tent under $50",
            "find",
            subject="tent",
            filters=Filters(None, d("50"), None, None, (has("waterproof", "yes"),)),
        ),
        shown(TENT_HEAVY, TENT, total=0, relaxed=("under $50",)),
    ),
    "find relaxed on what it is": (
        ask(
            "a red tent under $200",
            "find",
            subject="tent",
            filters=Filters(None, d("200"), None, None, (has("color", "red"),)),
        ),
        shown(TENT, TENT_HEAVY, total=0, relaxed=("in red",)),
    ),
    "cheapest of a kind there is not": (
        ask(
            "cheapest red tent",
            "superlative",
            subject="tent",
            sort="price_asc",
            filters=Filters(conditions=(has("color", "red"),)),
        ),
        shown(TENT_HEAVY, TENT, total=0, relaxed=("in red",)),
    ),
    "best rated without ratings": (
        ask("best rated t-shirt", "superlative", subject="t-shirt", sort="rating"),
        shown(SHIRT, SOCKS, total=2),
    ),
    "a brand alone": (
        ask("how many fernway", "count", subject="fernway"),
        shown(TENT, total=3),
    ),
    "a category of several nouns": (
        ask("cheapest tents & tarps", "superlative", subject="tents & tarps", sort="price_asc"),
        shown(TENT_HEAVY, TENT, total=2),
    ),
    "find nothing under the price": (
        ask("tent under $5", "find", subject="tent", filters=Filters(price_max=d("5"))),
        shown(total=0),
    ),
    "find nothing of the kind": (ask("do you have pianos", "find", subject="pianos"), shown(answerable=False)),
    "find nothing cheaper": (
        ask("anything cheaper?", "find", subject="tent", filters=Filters(price_max=d("78.99")), than_shown="cheaper"),
        shown(total=0),
    ),
    "too open": (ask("I need a gift", "recommend", subject="gift"), shown(TENT, SHIRT, SOCKS)),
    "price of a variant": (
        ask(
            "how much is the blue t-shirt in M",
            "product_question",
            refers_to=("s",),
            asks=("price",),
            filters=Filters(conditions=(has("color", "blue"), has("size", "M"))),
        ),
        shown(SHIRT),
    ),
    "price range": (
        ask("how much is the t-shirt", "product_question", refers_to=("s",), asks=("price",)),
        shown(SHIRT),
    ),
    "stock of variants": (
        ask("is the t-shirt in stock", "product_question", refers_to=("s",), asks=("stock",)),
        shown(SHIRT),
    ),
    "sold out": (
        ask(
            "is the t-shirt there in blue, S",
            "product_question",
            refers_to=("s",),
            asks=("stock",),
            filters=Filters(conditions=(has("color", "blue"), has("size", "S"))),
        ),
        shown(SHIRT),
    ),
    "options": (ask("which options", "product_question", refers_to=("s",), asks=("options",)), shown(SHIRT)),
    "no such combination": (
        ask(
            "the blue one in L",
            "product_question",
            refers_to=("s",),
            filters=Filters(conditions=(has("color", "blue"), has("size", "L"))),
        ),
        shown(SHIRT),
    ),
    "no such value": (
        ask(
            "do you have it in green",
            "product_question",
            refers_to=("s",),
            filters=Filters(conditions=(has("color", "green"),)),
        ),
        shown(SHIRT),
    ),
    "attribute": (ask("how heavy is it", "product_question", refers_to=("t1",), asks=("weight",)), shown(TENT)),
    "yes": (ask("is it waterproof", "product_question", refers_to=("t1",), asks=("waterproof",)), shown(TENT)),
    "no": (
        ask("does it have a touchscreen", "product_question", refers_to=("t1",), asks=("touchscreen",)),
        shown(TENT),
    ),
    "unknown attribute": (
        ask("is it fireproof", "product_question", refers_to=("t1",), asks=("fireproof",)),
        shown(TENT),
    ),
    "attribute in the description": (
        ask("has it a bathtub floor", "product_question", refers_to=("t1",), asks=("bathtub floor",)),
        shown(TENT),
    ),
    "several products": (
        ask("are they waterproof", "product_question", refers_to=("t1", "t2"), asks=("waterproof",)),
        shown(TENT, TENT_HEAVY),
    ),
    "rating": (ask("how is it rated", "product_question", refers_to=("t1",), asks=("rating",)), shown(TENT)),
    "overview": (ask("tell me about the Fernway", "product_question", refers_to=("t1",)), shown(TENT)),
    "compare": (ask("compare them", "compare", refers_to=("t1", "t2")), shown(TENT, TENT_HEAVY)),
    "which is cheaper": (
        ask(
            "which is cheaper, the Fernway or the Oakdome?",
            "compare",
            refers_to=("t1", "t2"),
            rank_by=("price",),
            rank_direction=-1,
        ),
        shown(TENT, TENT_HEAVY),
    ),
    "which is rated better, one unrated": (
        ask("is the Fernway or the Breeze better rated?", "compare", refers_to=("t1", "t3"), rank_by=("rating",)),
        shown(TENT, TENT_GONE),
    ),
    "count": (
        ask("how many tents under $200", "count", subject="tents", filters=Filters(price_max=d("200"))),
        shown(TENT, TENT_HEAVY, TENT_GONE, total=12, n_skus=20),
    ),
    "count one": (ask("how many t-shirts", "count", subject="t-shirts"), shown(SHIRT, total=1, n_skus=4)),
    "cheapest is sold out": (
        ask("your cheapest tent", "superlative", subject="tent", sort="price_asc"),
        shown(TENT_GONE, TENT_HEAVY, TENT, total=3),
    ),
    "two most expensive": (
        ask("two dearest tents", "superlative", subject="tent", sort="price_desc", limit=2),
        shown(TENT, TENT_HEAVY, total=3),
    ),
    "cheapest variant": (
        ask("cheapest t-shirt", "superlative", subject="t-shirt", sort="price_asc"),
        shown(SHIRT, total=1),
    ),
    "newest": (ask("newest tent", "superlative", subject="tent", sort="newest"), shown(TENT, total=1)),
    "policy": (ask("how long can I send it back", "policy"), Evidence(passages=(RETURNS, DELIVERY))),
    "not answerable": (ask("do you sponsor teams", "policy"), Evidence(answerable=False)),
    "not explained": (
        ask("do you rent out tents?", "policy", unexplained=("rent",), is_question=True),
        Evidence(answerable=False),
    ),
    "product and policy": (
        ask(
            "how much is the Fernway and how long does delivery take",
            "product_question",
            "policy",
            refers_to=("t1",),
            asks=("price",),
        ),
        Evidence((hit(TENT),), (DELIVERY,)),
    ),
    "one order": (ask("where is my order", "order_status"), Evidence(orders=(ORDER,))),
    "several orders": (ask("my orders", "order_status"), Evidence(orders=(OLD_ORDER, ORDER))),
    "no order to show": (ask("where is order W99", "order_status", order_ref="W99"), Evidence()),
    "complaint": (ask("it broke again, I am furious", "complaint"), Evidence()),
    "handoff": (ask("a person please", "handoff"), Evidence()),
    "greeting": (ask("hi", "small_talk"), Evidence()),
    "thanks": (ask("thanks!", "small_talk"), Evidence()),
    "out of scope": (ask("write a poem", "out_of_scope"), Evidence()),
}

CASES_ZH: Mapping[str, tuple[Query, Evidence]] = {
    "推荐": (
        zh("300元以内的电热水壶", "find", subject="电热水壶", filters=Filters(price_max=d("300"))),
        shown(KETTLE, KETTLE_CHEAP, total=5),
    ),
    "没有符合的": (
        zh("50元以内的电热水壶", "find", subject="电热水壶", filters=Filters(price_max=d("50"))),
        shown(total=0),
    ),
    "放宽条件": (
        zh(
            "80元以内带保温的电热水壶",
            "find",
            subject="电热水壶",
            filters=Filters(price_max=d("80"), conditions=(has("保温", "yes"),)),
        ),
        shown(KETTLE_CHEAP, total=0, relaxed=("80元以内",)),
    ),
    "放宽颜色": (
        zh("红色的电热水壶", "find", subject="电热水壶", filters=Filters(conditions=(has("颜色", "红色"),))),
        shown(KETTLE, total=0, relaxed=("红色",)),
    ),
    "没有评分": (
        zh("评分最高的T恤", "superlative", subject="T恤", sort="rating"),
        shown(SHIRT_ZH, total=1),
    ),
    "太宽泛": (zh("想买个礼物", "recommend", subject="礼物"), shown(KETTLE, SHIRT_ZH)),
    "价格": (zh("多少钱", "product_question", refers_to=("z1",), asks=("price",)), shown(KETTLE)),
    "价格区间": (zh("T恤多少钱", "product_question", refers_to=("z3",), asks=("price",)), shown(SHIRT_ZH)),
    "是": (zh("防干烧吗", "product_question", refers_to=("z1",), asks=("防干烧",)), shown(KETTLE)),
    "否": (zh("能保温吗", "product_question", refers_to=("z1",), asks=("保温",)), shown(KETTLE)),
    "没写明": (zh("静音吗", "product_question", refers_to=("z1",), asks=("静音",)), shown(KETTLE)),
    "没有这个颜色": (
        zh("有绿色吗", "product_question", refers_to=("z3",), filters=Filters(conditions=(has("颜色", "绿色"),))),
        shown(SHIRT_ZH),
    ),
    "款式": (zh("有哪些款", "product_question", refers_to=("z3",), asks=("options",)), shown(SHIRT_ZH)),
    "库存": (zh("有货吗", "product_question", refers_to=("z3",), asks=("stock",)), shown(SHIRT_ZH)),
    "对比": (zh("对比一下", "compare", refers_to=("z1", "z2")), shown(KETTLE, KETTLE_CHEAP)),
    "哪款更便宜": (
        zh("第一款和第二款哪个更便宜？", "compare", refers_to=("z1", "z2"), rank_by=("price",), rank_direction=-1),
        shown(KETTLE, KETTLE_CHEAP),
    ),
    "数量": (zh("有多少款电热水壶", "count", subject="电热水壶"), shown(KETTLE, KETTLE_CHEAP, total=8)),
    "最便宜": (
        zh("最便宜的电热水壶", "superlative", subject="电热水壶", sort="price_asc"),
        shown(KETTLE_CHEAP, KETTLE, total=2),
    ),
    "政策": (
        zh("运费怎么算", "policy"),
        Evidence(passages=(passage("运费怎么算？", "满59元包邮,不满收6元。新疆、西藏18元。"),)),
    ),
    "不知道": (zh("有实体店吗", "policy"), Evidence(answerable=False)),
    "没解释的词": (
        zh("你们可以租帐篷吗", "policy", unexplained=("租",), is_question=True),
        Evidence(answerable=False),
    ),
    "订单": (zh("我的订单到哪了", "order_status"), Evidence(orders=(ORDER,))),
    "看不到订单": (zh("我的订单到哪了", "order_status"), Evidence()),
    "投诉": (zh("又坏了，气死我了", "complaint"), Evidence()),
    "人工": (zh("转人工", "handoff"), Evidence()),
    "问候": (zh("你好", "small_talk"), Evidence()),
    "题外": (zh("写首诗", "out_of_scope"), Evidence()),
}


def rendered(cases: Mapping[str, tuple[Query, Evidence]], info: ShopInfo) -> str:
    """Every case with its reply, as the golden files hold them."""
    parts = [
        f"## {name}\n> {query.text}\n\n{compose(query, evidence, info)}\n" for name, (query, evidence) in cases.items()
    ]
    return "\n".join(parts)


def main() -> None:
    (GOLDEN / "composer_en.txt").write_text(rendered(CASES, SHOP), encoding="utf-8")
    (GOLDEN / "composer_zh.txt").write_text(rendered(CASES_ZH, SHOP_ZH), encoding="utf-8")


if __name__ == "__main__":
    main()
