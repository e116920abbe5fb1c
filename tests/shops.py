"""Two small shops for tests, written as a merchant would write them: one in English, one in Chinese."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_JACKET = [
    ("rain-blue-m", "blue", "M", "89.00", 3),
    ("rain-blue-l", "blue", "L", "92.00", 0),
    ("rain-red-m", "red", "M", "79.50", 5),
    ("rain-red-xl", "red", "XL", "99.00", 1),
]

ENGLISH: list[dict[str, Any]] = [
    {
        "id": "tent-2", "title": "Fernway 2 Tent", "brand": "Fernway", "category": ["Camping", "Tents"],
        "price": "189.00", "stock": 4, "rating": "4.6", "review_count": 120,
        "description": "A light two-person tent with a rain cover.",
        "attributes": {"capacity": "2 persons", "weight": "1.9 kg", "waterproof": "yes", "season": "3-season"},
    },
    {
        "id": "tent-4", "title": "Fernway 4 Tent", "brand": "Fernway", "category": ["Camping", "Tents"],
        "price": "329.00", "stock": 0, "rating": "4.2", "review_count": 60,
        "description": "Room for the family.",
        "attributes": {"capacity": "4 persons", "weight": "4.2 kg", "waterproof": "yes", "season": "3-season"},
    },
    {
        "id": "tent-solo", "title": "Larch Solo Tent", "brand": "Larch", "category": ["Camping", "Tents"],
        "price": "99.00", "stock": 9, "rating": "3.9", "review_count": 14,
        "attributes": {"capacity": "1 person", "weight": "1.2 kg", "waterproof": "no", "season": "summer"},
    },
    {
        "id": "rain-jacket", "title": "Mistral Rain Jacket", "brand": "Larch", "category": ["Clothing", "Jackets"],
        "rating": "4.8", "review_count": 230, "attributes": {"material": "nylon", "waterproof": "yes"},
        "variants": [
            {"id": i, "options": {"color": c, "size": s}, "price": p, "stock": n} for i, c, s, p, n in _JACKET
        ],
    },
    {
        "id": "wool-jacket", "title": "Cairn Wool Jacket", "brand": "Cairn", "category": ["Clothing", "Jackets"],
        "price": "149.00", "stock": 2, "attributes": {"material": "wool", "waterproof": "no"},
    },
    {
        "id": "mug", "title": "Enamel Mug", "category": ["Kitchen", "Mugs"], "price": "12.50", "stock": 40,
        "attributes": {"capacity": "350 ml", "dishwasher safe": "yes"},
    },
    {"id": "mystery", "title": "Camping Lantern", "category": ["Camping", "Lighting"]},
]  # fmt: skip

CHINESE: list[dict[str, Any]] = [
    {
        "id": "k1", "title": "云朵电热水壶 1.7升", "brand": "云朵", "category": ["小家电", "电热水壶"], "price": "129.00",
        "stock": 8, "rating": "4.7", "attributes": {"容量": "1.7升", "材质": "不锈钢", "功率": "1800W"},
    },
    {
        "id": "k2", "title": "山泉电热水壶 1.2升", "brand": "山泉", "category": ["小家电", "电热水壶"], "price": "89.00",
        "stock": 0, "rating": "4.4", "attributes": {"容量": "1.2升", "材质": "玻璃", "功率": "1500W"},
    },
    {
        "id": "c1", "title": "暖阳保温杯", "brand": "暖阳", "category": ["厨具", "保温杯"], "attributes": {"材质": "不锈钢"},
        "variants": [
            {"id": "c1-红", "options": {"颜色": "红色", "容量": "500ml"}, "price": "69.00", "stock": 3},
            {"id": "c1-蓝", "options": {"颜色": "蓝色", "容量": "500ml"}, "price": "69.00", "stock": 0},
            {"id": "c1-蓝大", "options": {"颜色": "蓝色", "容量": "750ml"}, "price": "89.00", "stock": 6},
        ],
    },
]  # fmt: skip

ENGLISH_FAQ = """## How long do I have to return something?
You can return unused items within 45 days of delivery.

## Do you ship to Canada?
Yes, we ship to Canada for $14.90.
"""
CHINESE_FAQ = """## 多久可以退货？
签收后15天内可以退货，商品需未使用。

## 运费怎么算？
满199元包邮，不满收取12元运费。
"""


def write_shop(folder: Path, language: str = "en", products: list[dict[str, Any]] | None = None) -> Path:
    """A shop folder with these products (default: the small shop of that language), FAQ and two orders."""
    folder.mkdir(parents=True, exist_ok=True)
    chinese = language == "zh"
    name, currency = ("小店", "CNY") if chinese else ("Small Shop", "USD")
    (folder / "shop.toml").write_text(
        f'name = "{name}"\nlanguage = "{language}"\ncurrency = "{currency}"\n', encoding="utf-8"
    )
    rows = products if products is not None else CHINESE if chinese else ENGLISH
    _jsonl(folder / "products.jsonl", rows)
    (folder / "faq.md").write_text(CHINESE_FAQ if chinese else ENGLISH_FAQ, encoding="utf-8")
    _jsonl(
        folder / "orders.jsonl",
        [
            {
                "id": "A1001", "customer_id": "ada", "email": "ada@example.com", "status": "shipped",
                "items": [{"product_id": "mug", "title": "Enamel Mug", "price": "12.50", "quantity": 2}],
                "shipments": [{"carrier": "DHL", "tracking": "TRK-777", "status": "in transit"}], "total": "25.00",
            },
            {"id": "B2002", "customer_id": "bob", "status": "delivered", "items": [], "total": "99.00"},
        ],
    )  # fmt: skip
    return folder


def _jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
