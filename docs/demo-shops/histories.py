"""What happened in the demo shops: orders, reviews, a year of prices, browsing.

In: the rows of products.jsonl. Out: the rows of orders.jsonl, reviews.jsonl, prices.jsonl and events.jsonl, each drawn
from a seed, ending at a fixed day. Figures agree with the products: an order's items cost what their variants cost, the
last price of a product is its present one, no product has more reviews here than its `review_count` says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]
REVIEWED_PRODUCTS = 84
PRICED_PRODUCTS = 30
SHOPPERS = 80
AGE_DAYS = {
    "processing": 0, "shipped": 2, "partly_shipped": 3, "out_for_delivery": 4, "cancelled": 5, "delivered": 8,
    "delayed": 9,
}  # fmt: skip
ORDERS_EACH = (4, 4, 3, 3, 3, 3, 2, 2, 2, 2)


def write(products: list[Row], language: str, folder: Path, today: date) -> dict[str, list[Row]]:
    """The rows of every history file of one shop, by the file's name without its suffix."""
    words = WORDS[language]
    phrases = read_phrases(folder / f"reviews_{words['file']}.txt")
    rng = random.Random(f"histories|{language}")
    return {
        "orders": list(orders(products, words, rng, today)),
        "reviews": list(reviews(products, phrases, words, rng, today)),
        "prices": list(prices(products, rng, today)),
        "events": list(events(products, rng, today)),
    }


def read_phrases(path: Path) -> dict[str, dict[str, list[str]]]:
    """Leaf category -> mark (+, =, -) -> sentences."""
    phrases: dict[str, dict[str, list[str]]] = {}
    group: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=="):
            group = phrases.setdefault(line[2:].strip(), {"+": [], "=": [], "-": []})
        elif line and line[0] in "+=-":
            group[line[0]].append(line[1:].strip())
    return phrases


def reviews(
    products: list[Row], phrases: dict[str, dict[str, list[str]]], words: Row, rng: random.Random, today: date
) -> Iterator[Row]:
    """Four to seven reviews of each of some products, around its rating, never all of one mind."""
    rated = [row for row in products if row.get("review_count", 0) > 20]
    for row in sorted(rng.sample(rated, REVIEWED_PRODUCTS), key=lambda row: row["id"]):
        mean = float(row["rating"])
        stars = [min(5, max(1, round(rng.gauss(mean, 1.0)))) for _ in range(rng.randint(4, 7))]
        stars[0], stars[1] = 5, rng.choice((1, 2, 3))
        rng.shuffle(stars)
        used: set[str] = set()
        for star in stars:
            mark = "+" if star >= 4 else "=" if star == 3 else "-"
            own = phrases[row["category"][-1]][mark]
            text = rng.choice([phrase for phrase in own if phrase not in used] or own)
            used.add(text)
            if rng.random() < 0.55:
                text += words["joint"] + rng.choice(phrases["*"][mark])
            at = max(today - timedelta(days=rng.randint(2, 500)), date.fromisoformat(row["added_on"]))
            review = {"product_id": row["id"], "rating": star, "text": text, "at": str(min(at, today))}
            yield review | ({"author": rng.choice(words["reviewers"])} if rng.random() < 0.9 else {})


def prices(products: list[Row], rng: random.Random, today: date) -> Iterator[Row]:
    """The price of some products over fifty-two weeks, looked at every month and now and then between.

    Where a product's variants differ in price, it is the first one's, as in the product's own row.
    """
    able = [row for row in products if "price" in row]
    sure = [row for row in able if "list_price" in row]
    chosen = sure[: PRICED_PRODUCTS // 2] + rng.sample(
        [row for row in able if "list_price" not in row], PRICED_PRODUCTS - PRICED_PRODUCTS // 2
    )
    for row in sorted(chosen, key=lambda row: row["id"]):
        now = Decimal(row["price"])
        usual = Decimal(row.get("list_price") or row["price"])
        days = [today - timedelta(weeks=week) for week in range(52, 0, -1)]
        level = usual
        for number, day in enumerate(days):
            if number % 4 == 0 or rng.random() < 0.2:
                if rng.random() < 0.45:
                    factor = rng.choice((Decimal("0.85"), Decimal("0.9"), Decimal("0.95"), Decimal(1), Decimal(1)))
                    level = _rounded(usual * factor)
                yield {"product_id": row["id"], "at": str(day), "price": str(level)}
        yield {"product_id": row["id"], "at": str(today), "price": str(now)}


def _rounded(price: Decimal) -> Decimal:
    return price.quantize(Decimal(1) if price >= 100 else Decimal("0.1")).quantize(Decimal("0.01"))


def events(products: list[Row], rng: random.Random, today: date) -> Iterator[Row]:
    """What shoppers looked at, put in the cart and bought; each has one or two departments they come for."""
    by_department: dict[str, list[Row]] = {}
    for row in products:
        by_department.setdefault(row["category"][0], []).append(row)
    rows = []
    for number in range(1, SHOPPERS + 1):
        liked = rng.sample(sorted(by_department), rng.choice((1, 2, 2)))
        for _ in range(rng.randint(1, 4)):
            at = datetime.combine(today - timedelta(days=rng.randint(1, 180)), time(rng.randint(7, 22)))
            for _ in range(rng.randint(2, 7)):
                row = rng.choice(by_department[rng.choice(liked)])
                for kind, chance in (("view", 1.0), ("cart", 0.3), ("purchase", 0.5)):
                    if rng.random() > chance:
                        break
                    at += timedelta(seconds=rng.randint(20, 400))
                    rows.append((at, f"s-{number:03d}", kind, row["id"]))
    for at, shopper, kind, product in sorted(rows):
        yield {"shopper_id": shopper, "kind": kind, "product_id": product, "at": at.isoformat()}


def orders(products: list[Row], words: Row, rng: random.Random, today: date) -> Iterator[Row]:
    """Orders of ten customers in every state there is, oldest first; each reaches the free delivery threshold."""
    owners = [customer for customer, count in zip(words["customers"], ORDERS_EACH, strict=True) for _ in range(count)]
    rng.shuffle(owners)
    sellable = [row for row in products if "price" in row and (row.get("stock") or "variants" in row)]
    recent = iter(words["recent"])
    for number, (customer, name, address) in enumerate(owners):
        before = len(owners) - len(words["recent"]) - number
        state = next(recent) if before <= 0 else rng.choice(("delivered", "delivered", "returned"))
        days = AGE_DAYS[state] if before <= 0 else 14 + before * 9
        placed = datetime.combine(today - timedelta(days=days), time(rng.randint(7, 15), rng.randint(0, 59)))
        items = _items(sellable, words, rng, 2 if state == "partly_shipped" else rng.choice((1, 1, 2, 3)))
        row: Row = {"id": words["order"].format(30117 + number * 7), "customer_id": customer}
        row |= {"email": f"{customer}@example.com", "status": words["states"][state], "placed_at": placed.isoformat()}
        row |= {"currency": words["currency"], "items": items}
        row["shipments"] = list(_shipments(state, items, placed, words, rng))
        total = sum((Decimal(item["price"]) * item["quantity"] for item in items), Decimal(0))
        yield row | {"total": str(total), "address": f"{name}{words['comma']}{address}"}


def _items(products: list[Row], words: Row, rng: random.Random, count: int) -> list[Row]:
    """Lines that together reach `words["free_from"]`, each a variant as the catalogue has it."""
    while True:
        items = []
        for row in rng.sample(products, count):
            variant = rng.choice(row["variants"]) if "variants" in row else None
            price = Decimal((variant or row)["price"])
            item: Row = {"product_id": row["id"]}
            item |= {"variant_id": variant["id"]} if variant else {}
            item |= {"title": row["title"]} | ({"options": variant["options"]} if variant else {})
            items.append(item | {"price": str(price), "quantity": 2 if price < 40 and rng.random() < 0.4 else 1})
        if words["free_from"] <= sum(Decimal(item["price"]) * item["quantity"] for item in items) <= words["at_most"]:
            return items


def _shipments(state: str, items: list[Row], placed: datetime, words: Row, rng: random.Random) -> Iterator[Row]:
    """The parcels of an order in that state, with what the carrier saw so far."""
    steps = {
        "processing": 0, "cancelled": 0, "shipped": 3, "out_for_delivery": 5, "delayed": 3, "delivered": 6,
        "returned": 6, "partly_shipped": 2,
    }[state]  # fmt: skip
    if not steps:
        return
    packed = items[:1] if state == "partly_shipped" else items
    at = placed + timedelta(hours=rng.randint(3, 6))
    seen = []
    for text in words["steps"][:steps]:
        seen.append({"at": at.isoformat(), "text": text})
        at += timedelta(hours=rng.randint(7, 15))
    if state in ("delayed", "returned"):
        gap = timedelta(days=1 if state == "delayed" else 9)
        seen.append({"at": (at + gap).isoformat(), "text": words["turns"][state]})
    carrier, pattern = rng.choice(words["carriers"])
    shown = "shipped" if state == "partly_shipped" else state
    yield {
        "carrier": carrier,
        "tracking": pattern.format(rng.randint(10**9, 10**10 - 1)),
        "status": words["states"][shown],
        "events": seen,
        "variant_ids": [item["variant_id"] for item in packed if "variant_id" in item],
    }


WORDS: dict[str, Row] = {
    "en": {
        "file": "english",
        "joint": " ",
        "comma": ", ",
        "currency": "USD",
        "order": "AP{}",
        "free_from": Decimal(65),
        "at_most": Decimal(900),
        "reviewers": [
            "Dana K.", "Luis", "Maren T.", "old_bootlace", "Priya", "J. Whitcomb", "Tomasz", "hillwalker22",
            "Ana P.", "Grace", "Ben O.", "Yuki", "Sam", "Carla M.", "northfork", "Hugh", "Ines", "Farid",
            "Molly B.", "Theo",
        ],
        "customers": [
            ("c-1001", "Dana Kowalski", "18 Larch Street, Burlington, VT 05401"),
            ("c-1002", "Luis Ortega", "2207 Mesa Drive, Santa Fe, NM 87501"),
            ("c-1003", "Maren Thorsen", "64 Harbor Road, Duluth, MN 55802"),
            ("c-1004", "Priya Nair", "910 Juniper Avenue, Austin, TX 78701"),
            ("c-1005", "Jonah Whitcomb", "5 Mill Lane, Bangor, ME 04401"),
            ("c-1006", "Grace Okafor", "1440 Cedar Court, Portland, OR 97205"),
            ("c-1007", "Tomasz Zielinski", "77 Elm Place, Buffalo, NY 14202"),
            ("c-1008", "Yuki Tanaka", "31 Alder Way, Seattle, WA 98101"),
            ("c-1009", "Carla Mendes", "8 Orchard Hill, Boulder, CO 80302"),
            ("c-1010", "Ben O'Malley", "1203 Lakeview, Madison, WI 53703"),
        ],
        "states": {
            "processing": "processing", "shipped": "shipped", "out_for_delivery": "out for delivery",
            "delayed": "delayed", "partly_shipped": "partly shipped", "cancelled": "cancelled",
            "delivered": "delivered", "returned": "returned",
        },
        "recent": [
            "delayed", "delivered", "cancelled", "out_for_delivery", "out_for_delivery", "partly_shipped",
            "partly_shipped", "shipped", "shipped", "processing", "processing",
        ],
        "carriers": [("Bluejay Parcel", "BJ{}US"), ("Overland Post", "OP{}"), ("Swiftwing", "SW-{}")],
        "steps": [
            "Label created in Columbus, OH", "Picked up by the carrier", "Arrived at the sorting center",
            "Left the sorting center", "Out for delivery", "Delivered, left at the front door",
        ],
        "turns": {
            "delayed": "Delayed: held at the sorting center because of snow",
            "returned": "Return received at the warehouse in Columbus, OH",
        },
    },
    "zh": {
        "file": "chinese",
        "joint": "",
        "comma": "，",
        "currency": "CNY",
        "order": "YX2026{}",
        "free_from": Decimal(59),
        "at_most": Decimal(2600),
        "reviewers": [
            "小满", "阿杰", "木子李", "山里的猫", "晴天", "老周", "Momo", "冬瓜汤", "南风", "柚子", "静静妈",
            "大刘", "匿名用户", "阿May", "豆豆爸", "林间", "小鱼", "一只梨",
        ],
        "customers": [
            ("u-2001", "林晓", "浙江省杭州市西湖区文溪路18号3幢502"),
            ("u-2002", "周建国", "江苏省南京市鼓楼区青石巷7号"),
            ("u-2003", "陈一诺", "广东省广州市天河区荔湾新村26栋1201"),
            ("u-2004", "赵敏儿", "四川省成都市武侯区锦绣街99号"),
            ("u-2005", "吴浩", "北京市海淀区学林路5号院4单元303"),
            ("u-2006", "孙悦", "上海市徐汇区梧桐里201弄8号"),
            ("u-2007", "马力", "陕西省西安市雁塔区小寨南街12号"),
            ("u-2008", "何苗", "湖北省武汉市武昌区珞桂路33号"),
            ("u-2009", "高远", "新疆乌鲁木齐市天山区团结路40号"),
            ("u-2010", "郑可心", "福建省厦门市思明区海棠路66号"),
        ],
        "states": {
            "processing": "待发货", "shipped": "运输中", "out_for_delivery": "派送中", "delayed": "物流延误",
            "partly_shipped": "部分发货", "cancelled": "已取消", "delivered": "已签收", "returned": "已退货",
        },
        "recent": [
            "delayed", "delivered", "cancelled", "out_for_delivery", "out_for_delivery", "partly_shipped",
            "partly_shipped", "shipped", "shipped", "processing", "processing",
        ],
        "carriers": [("驰达速运", "CD{}"), ("安邻快递", "AL{}CN"), ("木牛物流", "MN{}")],
        "steps": [
            "【嘉兴】仓库已打包，等待揽收", "【嘉兴】快递员已揽收", "【嘉兴】已到达分拨中心",
            "快件已离开分拨中心，发往目的地", "快递员正在派送，请保持电话畅通", "已签收，签收人：本人",
        ],
        "turns": {"delayed": "因大雾高速封路，预计延误1到2天", "returned": "退货已送达嘉兴仓，验收完成"},
    },
}  # fmt: skip
