"""The demo shops: they import cleanly, their figures agree, and they are what their generator writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.catalog import read_products
from knowledge_base.documents import read_documents
from knowledge_base.shop import open_shop

ROOT = Path(__file__).parents[2]
SHOPS = {"en": ROOT / "knowledge_base/demo_shop", "zh": ROOT / "knowledge_base/demo_shop_zh"}
QUESTIONS = ROOT / "assistant/evaluation/data"
GENERATED = ("products.jsonl", "orders.jsonl", "reviews.jsonl", "prices.jsonl", "events.jsonl")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(params=SHOPS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(language: str) -> Path:
    return SHOPS[language]


def test_every_row_of_a_demo_shop_imports_without_an_error(folder: Path) -> None:
    shop = open_shop(folder)
    products, product_problems = read_products(shop)
    entries, document_problems = read_documents(shop)
    assert [p for p in (*product_problems, *document_problems) if p.severity == "error"] == []
    assert len(products) == len(rows(folder / "products.jsonl")) >= 150
    assert len({product.category[0] for product in products}) >= 6
    assert sum(entry.kind == "faq" and entry.product_id is None for entry in entries) == 40
    assert len({entry.source for entry in entries if entry.kind == "policy"}) == 5
    assert len({entry.id for entry in entries}) == len(entries)


def test_every_product_has_attributes_and_some_lack_picture_price_rating_or_stock(folder: Path) -> None:
    products = rows(folder / "products.jsonl")
    assert len({product["id"] for product in products}) == len(products)
    assert all(product["attributes"] for product in products)
    assert 5 <= sum("image" not in product for product in products) <= 15
    assert any("price" not in product for product in products)
    assert any("rating" not in product for product in products)
    assert any(product.get("stock") == 0 for product in products)
    assert any(variant.get("stock") == 0 for product in products for variant in product.get("variants", ()))


def test_options_never_contradict_an_attribute_of_the_same_name(folder: Path) -> None:
    for product in rows(folder / "products.jsonl"):
        for variant in product.get("variants", ()):
            for name in variant["options"].keys() & product["attributes"].keys():
                assert product["attributes"][name] in {"adjustable"}, f"{product['id']}: {name}"


def test_list_prices_are_above_prices(folder: Path) -> None:
    for product in rows(folder / "products.jsonl"):
        for sku in (product, *product.get("variants", ())):
            if "list_price" in sku:
                assert Decimal(sku["list_price"]) > Decimal(sku["price"])


def test_pictures_exist_are_small_and_carry_no_text_script_or_reference(folder: Path) -> None:
    products = rows(folder / "products.jsonl")
    named = {sku["image"] for p in products for sku in (p, *p.get("variants", ())) if "image" in sku}
    assert named == {f"images/{path.name}" for path in (folder / "images").iterdir()}
    for path in (folder / "images").iterdir():
        drawing = path.read_text(encoding="utf-8")
        assert len(drawing.encode()) < 3000
        assert not re.search(r"<(text|script|image|use|style|foreignObject)|href|url\(|\son\w+=", drawing), path.name


def test_orders_name_real_variants_at_their_price_and_add_up(folder: Path) -> None:
    products = {product["id"]: product for product in rows(folder / "products.jsonl")}
    orders = rows(folder / "orders.jsonl")
    assert len(orders) >= 25
    assert len({order["customer_id"] for order in orders}) >= 8
    assert len({order["status"] for order in orders}) >= 6
    for order in orders:
        for item in order["items"]:
            product = products[item["product_id"]]
            assert item["title"] == product["title"]
            skus = {variant["id"]: variant for variant in product.get("variants", ())} or {None: product}
            sku = skus[item.get("variant_id")]
            assert (item["price"], item.get("options")) == (sku["price"], sku.get("options"))
        assert Decimal(order["total"]) == sum(Decimal(item["price"]) * item["quantity"] for item in order["items"])
        for shipment in order["shipments"]:
            times = [event["at"] for event in shipment["events"]]
            assert times == sorted(times)
            assert order["placed_at"] < times[0]


def test_reviews_disagree_and_are_no_more_than_the_product_counts(folder: Path) -> None:
    products = {product["id"]: product for product in rows(folder / "products.jsonl")}
    reviews = rows(folder / "reviews.jsonl")
    assert len(reviews) >= 400
    for product_id, count in Counter(review["product_id"] for review in reviews).items():
        assert count <= products[product_id]["review_count"]
        stars = [review["rating"] for review in reviews if review["product_id"] == product_id]
        assert max(stars) == 5
        assert min(stars) <= 3


def test_price_histories_span_a_year_and_end_at_the_present_price(folder: Path) -> None:
    products = {product["id"]: product for product in rows(folder / "products.jsonl")}
    histories: dict[str, list[dict[str, Any]]] = {}
    for row in rows(folder / "prices.jsonl"):
        histories.setdefault(row["product_id"], []).append(row)
    assert len(histories) >= 20
    for product_id, history in histories.items():
        assert [row["at"] for row in history] == sorted(row["at"] for row in history)
        assert int(history[-1]["at"][:4]) - int(history[0]["at"][:4]) == 1
        assert history[-1]["price"] == products[product_id]["price"]


def test_events_name_real_products_and_a_purchase_follows_a_view(folder: Path) -> None:
    products = {product["id"] for product in rows(folder / "products.jsonl")}
    events = rows(folder / "events.jsonl")
    assert len({event["shopper_id"] for event in events}) >= 60
    seen: set[tuple[str, str, str]] = set()
    for event in events:
        shopper, kind, product = event["shopper_id"], event["kind"], event["product_id"]
        assert product in products
        assert kind == "view" or (shopper, "view", product) in seen
        seen.add((shopper, kind, product))


def test_the_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    script = ROOT / "docs/demo-shops/make_demo_shops.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True)
    for folder in SHOPS.values():
        for name in (*GENERATED, *(f"images/{path.name}" for path in (folder / "images").iterdir())):
            assert (tmp_path / folder.name / name).read_bytes() == (folder / name).read_bytes(), name


def test_every_gold_source_of_the_paraphrases_exists(language: str) -> None:
    known = {entry.id for entry in read_documents(open_shop(SHOPS[language]))[0]}
    questions = rows(QUESTIONS / f"paraphrases.{language}.jsonl")
    assert len({question["text"] for question in questions}) == 160
    for question in questions:
        assert question["gold"]
        assert set(question["gold"]) <= known, question["id"]


def test_no_question_is_worded_like_an_indexed_one(language: str) -> None:
    titles = {entry.title.casefold().strip("?？ ") for entry in read_documents(open_shop(SHOPS[language]))[0]}
    for name in ("paraphrases", "unanswerable"):
        for question in rows(QUESTIONS / f"{name}.{language}.jsonl"):
            assert question["text"].casefold().strip("?？ ") not in titles


@pytest.mark.parametrize(("name", "size"), [("paraphrases", 50), ("unanswerable", 15)])
def test_each_question_set_has_three_parts(language: str, name: str, size: int) -> None:
    questions = rows(QUESTIONS / f"{name}.{language}.jsonl")
    assert len({question["id"] for question in questions}) == len(questions)
    fresh = {"paraphrases": 60, "unanswerable": 30}[name]
    assert Counter(question["split"] for question in questions) == {"tune": size, "test": size, "fresh": fresh}
