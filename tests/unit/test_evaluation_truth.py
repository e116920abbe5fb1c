"""Ground truth and questions over a small shop, checked by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.evaluation import phrasing
from assistant.evaluation.generator import Generator
from assistant.evaluation.records import Record, ShopRecords, Sku, read_records
from assistant.evaluation.subjects import find_subjects
from assistant.evaluation.truth import (
    Subject,
    Trait,
    Wanted,
    extreme,
    has_trait,
    ladder,
    matching,
    plural,
    product_ids,
    singular_phrase,
)

ROWS = [
    {"id": "t1", "title": "Fjell Dome Tent", "brand": "Fjell", "category": ["Camping", "Tents"], "price": "120.00",
     "in_stock": True, "attributes": {"season": "summer", "weight": 2.0}},
    {"id": "t2", "title": "Fjell Tunnel Tent", "brand": "Fjell", "category": ["Camping", "Tents"], "price": "340.00",
     "in_stock": False, "attributes": {"season": "winter"}},
    {"id": "t3", "title": "Oase Family Tent", "brand": "Oase", "category": ["Camping", "Tents"], "price": "120.00",
     "stock": 3, "attributes": {"season": "summer"}},
    {"id": "s1", "title": "Trail Shirt &amp; Co", "brand": "Oase", "category": "Clothing > Shirts", "variants": [
        {"id": "s1-r-m", "options": {"color": "red", "size": "M"}, "price": "20.00", "stock": 0},
        {"id": "s1-b-m", "options": {"color": "blue", "size": "M"}, "price": "22.50", "stock": 4},
        {"id": "s1-b-l", "options": {"color": "blue", "size": "L"}, "price": "25.00", "stock": 1}]},
    {"id": "x1", "title": "Mystery Box", "category": ["Other"], "price": "-3"},
    {"id": "t1", "title": "A second row of the same id"},
    {"id": "", "title": "No id"},
    {"id": "n1", "title": ""},
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> ShopRecords:
    (tmp_path / "shop.toml").write_text('name = "S"\nlanguage = "en"\ncurrency = "USD"\n', encoding="utf-8")
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "products.jsonl").write_text(lines, encoding="utf-8")
    return read_records(tmp_path)


def test_records_are_read_as_the_export_states_them(shop: ShopRecords) -> None:
    by_id = shop.by_id()
    assert list(by_id) == ["t1", "t2", "t3", "s1", "x1"]
    assert by_id["t1"].attributes["weight"] == "2"
    assert by_id["t3"].skus[0].in_stock is True
    assert by_id["s1"].category == ("Clothing", "Shirts")
    assert by_id["s1"].title == "Trail Shirt & Co"
    assert by_id["x1"].prices == ()
    assert by_id["x1"].available is None
    assert (shop.language, shop.currency) == ("en", "USD")


def test_constraints_hold_for_one_sku_at_a_time(shop: ShopRecords) -> None:
    # the red shirt is cheap enough and the blue one in stock, but no shirt under 22 is in stock
    assert matching(shop.records, Wanted(price_max=Decimal(22), in_stock=True)) == []
    found = matching(shop.records, Wanted(price_max=Decimal(25), traits=(Trait("blue", "color"),)))
    assert [(record.id, sku.id) for record, sku in found] == [("s1", "s1-b-m"), ("s1", "s1-b-l")]
    assert product_ids(found) == ("s1",)


def test_an_unknown_price_meets_no_price_limit(shop: ShopRecords) -> None:
    assert "x1" not in product_ids(matching(shop.records, Wanted(price_max=Decimal(1000))))
    assert "x1" in product_ids(matching(shop.records, Wanted()))


def test_the_cheapest_keeps_every_product_of_that_price(shop: ShopRecords) -> None:
    tents = [record for record in shop.records if "Tents" in record.category]
    assert extreme(matching(tents, Wanted())) == (Decimal("120.00"), ("t1", "t3"))
    assert extreme(matching(tents, Wanted()), dearest=True) == (Decimal("340.00"), ("t2",))
    assert extreme([]) is None
    assert ladder(matching(shop.records, Wanted())) == [Decimal(p) for p in ("20.00", "120.00", "120.00", "340.00")]


def test_a_list_value_holds_each_of_its_parts() -> None:
    record = Record("a", "A lamp, black trim", (Sku(""),), attributes={"colour": "Black,Silver"})
    assert has_trait(record, record.skus[0], Trait("silver", "colour"))
    assert not has_trait(record, record.skus[0], Trait("silver", "colour", negated=True))
    assert not has_trait(record, record.skus[0], Trait("red", "colour"))


def test_a_loose_trait_may_stand_in_the_title() -> None:
    record = Record("a", "Black lamp", (Sku(""),))
    assert not has_trait(record, record.skus[0], Trait("black", "colour"))
    assert has_trait(record, record.skus[0], Trait("black", "colour"), loose=True)


def test_subjects_come_from_every_level_of_the_categories(shop: ShopRecords) -> None:
    subjects = {subject.name: subject for subject in find_subjects(shop.records)}
    assert set(subjects) == {"camping product", "tent", "clothing product", "shirt"}
    assert subjects["tent"].plural == "tents"
    assert subjects["tent"].readings[0] == {"t1", "t2", "t3"}


def test_subjects_of_a_shop_without_categories_come_from_the_titles() -> None:
    records = [
        Record(str(n), title, (Sku("", price=Decimal(n)), Sku("b", price=Decimal(n))))
        for n, title in enumerate(["Red Table Lamp", "Blue Table Lamp, 40 cm", "Office Chair", "Garden Chair"], start=1)
    ]
    names = {subject.name for subject in find_subjects(records)}
    assert {"lamp", "table lamp", "chair"} <= names


def test_subjects_of_a_chinese_shop_are_nouns_of_its_titles() -> None:
    titles = [
        "60升电热水器 速热",
        "80升电热水器",
        "16升燃气热水器 天然气",
        "12升燃气热水器",
        "嵌入式 洗碗机",
        "台式 洗碗机",
    ]
    records = [Record(str(n), title, (Sku("", price=Decimal(n)),)) for n, title in enumerate(titles)]
    subjects = {subject.name: subject.readings[0] for subject in find_subjects(records)}
    assert subjects["热水器"] == {"0", "1", "2", "3"}
    assert subjects["燃气热水器"] == {"2", "3"}
    assert subjects["洗碗机"] == {"4", "5"}


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("tent", "tents"),
        ("box", "boxes"),
        ("battery", "batteries"),
        ("shelf", "shelves"),
        ("gaming mouse", "gaming mice"),
        ("running shoes", "running shoes"),
        ("热水器", "热水器"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many


def test_singular_phrases_leave_words_that_only_look_plural() -> None:
    assert singular_phrase("yoga mats") == "yoga mat"
    assert singular_phrase("camera lens") == "camera lens"
    assert singular_phrase("electronics") == "electronics"


def test_the_same_seed_draws_the_same_questions(shop: ShopRecords) -> None:
    first = [q.to_json() for q in Generator(shop, seed=4).questions(60)]
    assert first == [q.to_json() for q in Generator(shop, seed=4).questions(60)]
    assert first != [q.to_json() for q in Generator(shop, seed=5).questions(60)]


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_questions_are_exactly_as_many_as_asked_for_and_serialise(shop: ShopRecords, language: str) -> None:
    questions = list(Generator(shop, seed=1, language=language).questions(150))
    assert len(questions) == 150
    assert len({q.kind for q in questions}) >= 20
    for question in questions:
        json.dumps(question.to_json())
        assert "{" not in question.text
    assert {q.language for q in questions} == ({"en", "zh"} if language == "both" else {language})


def test_generated_truth_agrees_with_a_count_by_hand(shop: ShopRecords) -> None:
    for question in Generator(shop, seed=2).questions(400):
        if question.kind == "count_all" and question.truth.subject and question.truth.subject.name == "tent":
            assert (question.truth.answers[0].n_products, question.truth.answers[0].n_skus) == (3, 3)
            break
    else:
        pytest.fail("no question counted the tents")


def test_a_limit_is_never_a_price_of_the_shop(shop: ShopRecords) -> None:
    prices = {sku.price for record in shop.records for sku in record.skus}
    for question in Generator(shop, seed=3).questions(300):
        assert question.truth.wanted.price_max not in prices - {None}


def test_a_shop_without_products_is_refused() -> None:
    with pytest.raises(ValueError, match="no question can be asked"):
        list(Generator(ShopRecords(Path("x"), "en", None, ())).questions(1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_at_least_eight_wordings(language: str) -> None:
    assert phrasing.wordings("en").keys() == phrasing.wordings("zh").keys()
    for kind, lines in phrasing.wordings(language).items():
        assert len(set(lines)) >= 8, kind


def test_a_subject_is_not_what_never_mentions_it() -> None:
    subject = Subject("tent", "tents", "category", (frozenset({"t1"}),))
    assert subject.is_kind(Record("t1", "Dome", (Sku(""),)))
    assert subject.is_kind(Record("t9", "Big tents for all", (Sku(""),)))
    assert not subject.is_kind(Record("t9", "Tentative plan", (Sku(""),)))


def _without_categories(*titles: str, **attributes: str) -> list[Record]:
    return [Record(f"r{i}", title, (Sku(""),), attributes=attributes) for i, title in enumerate(titles)]


def test_two_spellings_and_mark_up_in_a_title_change_nothing(tmp_path: Path) -> None:
    row = {"id": "c", "title": "Fibre Optic <b>Cable</b>, grey", "price": "9"}
    (tmp_path / "products.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (record,) = read_records(tmp_path).records
    assert record.key == "fiber optic cable, gray"
    assert {"fiber", "cable"} <= record.words


def test_a_trait_in_a_noun_counts_who_states_it_and_a_name_does_not() -> None:
    records = _without_categories(*["Cyan toner cartridge"] * 8, **{"printing colours": "Cyan"})
    records.append(Record("states", "Toner cartridge X", (Sku(""),), attributes={"printing colours": "Cyan"}))
    records += [Record(f"d{i}", "Docking station", (Sku(""),)) for i in range(8)]
    records.append(Record("other", "Charging station", (Sku(""),), attributes={"connector": "Docking"}))
    readings = {subject.name: subject.readings for subject in find_subjects(records)}
    assert any("states" in reading for reading in readings["cyan toner cartridge"])
    assert not any("other" in reading for reading in readings["docking station"])


def test_nobody_is_asked_for_ups_as_the_plural_of_up() -> None:
    assert singular_phrase("line interactive ups") == "line interactive ups"
