"""What a product is, and what it is only made for; other names of a thing; what stands beside a product."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.changes import with_changes
from knowledge_base.commands import run_related
from knowledge_base.entry_json import product_entry
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.glossary import names_in
from knowledge_base.index import Index, build_index, load, save
from knowledge_base.kinds import before_purpose, called, kind_scores
from knowledge_base.product_types import ProductTypes
from knowledge_base.profiles import Profiles
from knowledge_base.related import cheaper, compatible, goes_with, linked_product, similar
from knowledge_base.retrieval import retrieve, search, understood
from knowledge_base.shop import open_shop
from knowledge_base.types import Product
from tests.shops import write_shop

NOTEBOOK = {"processor": "quad core", "screen size": "15 in", "memory": "8 GB"}
CASE = {"material": "felt", "closure": "zip"}


def product(number: str, title: str, attributes: dict[str, str], price: int, brand: str, text: str = "") -> Product:
    return Product(number, title, text, brand, (), Decimal(price), currency="EUR", attributes=attributes)


PRODUCTS = [
    product("n1", "P slim Notebook NX100", NOTEBOOK, 600, "P"),
    product("n2", "Q slim Notebook NX200", NOTEBOOK, 700, "Q"),
    product("n3", "R slim Notebook NX300", NOTEBOOK, 800, "R"),
    product("n4", "S slim Notebook NX400", NOTEBOOK, 900, "S"),
    *(product(f"c{i}", f"{brand} Laptop Sleeve", CASE, 20 + i, brand, "Sleeves.") for i, brand in enumerate("TUVW")),
    product("b", "T felt bag for notebooks", CASE, 30, "T", "A bag for notebooks, of felt."),
    product("m", "Q Board B650 motherboards, socket sAM5", {"socket": "sAM5"}, 150, "Q"),
    product("k", "R processor AM5 7600X", {"cache": "32 MB"}, 250, "R"),
    product("l", "S processor AM4 1200X", {"cache": "16 MB"}, 120, "S", "One of many processors."),
    product("o", "P processor AM4 1300X", {"cache": "16 MB"}, 130, "P"),
    *(product(f"h{i}", f"{brand} Stereo headsets", {"driver": "40 mm"}, 40, brand) for i, brand in enumerate("PQ", 1)),
    product("d", "Styling head doll set", {"age": "3"}, 25, "Z"),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    shop = open_shop(write_shop(tmp_path_factory.mktemp("shops") / "small"))
    return build_index(shop, PRODUCTS, (), None)


def ids(index: Index, query: str, k: int = 4) -> list[str | None]:
    return [hit.entry.product_id for hit in retrieve(index, query, k=k)]


def test_a_laptop_is_found_by_its_other_name_and_before_what_is_made_for_laptops(index: Index) -> None:
    assert set(ids(index, "laptop")) == {"n1", "n2", "n3", "n4"}


def test_a_category_named_beside_the_thing_is_met_by_a_title_with_its_word_too(tmp_path: Path) -> None:
    def cased(number: str, title: str, category: tuple[str, ...], price: int) -> Product:
        return Product(number, title, "", None, category, Decimal(price), currency="EUR")

    filed = [cased(f"f{i}", f"Corvane Tower Case C{i}", ("Cases", "Corvane"), 90 + i) for i in range(4)]
    others = [cased(f"o{i}", f"Orsten Tower Case T{i}", ("Cases", "Orsten"), 50 + i) for i in range(4)]
    elsewhere = cased("e", "Corvane Mesh Case M1", ("Cases", "Mesh"), 60)
    fans = [cased(f"p{i}", f"Corvane Case Fan F{i}", ("Fans",), 9) for i in range(3)]
    shop = build_index(open_shop(write_shop(tmp_path / "cased")), [*filed, *others, elsewhere, *fans], (), None)
    text = "cheapest case from Corvane"
    hits = search(shop, text, understood(shop, text), 5)
    assert [hit.entry.product_id for hit in hits] == ["e", "f0", "f1", "f2", "f3"]


def test_a_text_of_one_word_finds_the_thing_before_what_says_the_word_in_fewer_words(tmp_path: Path) -> None:
    text = "A thin computer with a bright screen, a long battery life, a fast processor and a backlit keyboard. " * 3
    things = [product(f"n{b}", f"{b} slim Notebook with a wide panel, NX{b}00", NOTEBOOK, 600, b, text) for b in "PQRS"]
    stands = [product(f"c{b}", f"{b} laptop Stand", CASE, 20, b, "Stands for a laptop.") for b in "TUVW"]
    both = build_index(open_shop(write_shop(tmp_path / "both")), [*things, *stands], (), None)
    assert set(ids(both, "laptop")) == {"nP", "nQ", "nR", "nS"}
    assert set(ids(both, "laptop stand")) == {"cT", "cU", "cV", "cW"}


def test_past_some_dozens_of_a_thing_its_other_readings_come_in_turn(tmp_path: Path) -> None:
    notebooks = [
        product(f"n{i}", f"{'PQRS'[i % 4]} slim Notebook NX{i}", NOTEBOOK, 600 + i, "PQRS"[i % 4]) for i in range(80)
    ]
    sleeves = [product(f"c{i}", f"{'TUVW'[i % 4]} Laptop Sleeve {i}", CASE, 20 + i, "TUVW"[i % 4]) for i in range(20)]
    many = build_index(open_shop(write_shop(tmp_path / "many")), [*notebooks, *sleeves], (), None)
    hits = retrieve(many, "laptop", k=70)
    found = [str(hit.entry.product_id)[0] for hit in hits]
    assert "c" not in found[:40]
    assert found[40:].count("c") >= 8
    assert len({hit.entry.product_id for hit in hits}) == 70
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.entry.product_id for hit in retrieve(many, "laptop", k=50)] == [
        hit.entry.product_id for hit in hits[:50]
    ]


def test_records_tell_what_titles_do_not(index: Index) -> None:
    rows = np.array([index.product_rows[i] for i in ("n1", "c0")])
    thing, sleeve = kind_scores(index, "notebook", rows).tolist()
    assert thing > 0.5 > sleeve


def test_a_kind_that_nothing_is_called_by_scores_nothing(index: Index) -> None:
    assert not kind_scores(index, "submarine", np.arange(len(PRODUCTS))).any()
    assert not len(called(index, "for"))


def test_a_word_split_in_two_is_read_as_the_one_the_catalogue_writes(index: Index) -> None:
    assert set(ids(index, "head set", 2)) == {"h1", "h2"}


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("case for a laptop", "case "),
        ("Find all offers for keyboards with white keys", "find all offers for keyboards "),
        ("RAM that glows", "ram "),
        ("for notebooks", "for notebooks"),
    ],
)
def test_what_a_thing_is_for_is_told_from_what_it_is(query: str, asked: str) -> None:
    assert before_purpose(query) == asked


def test_names_of_one_line_stand_for_each_other_across_languages() -> None:
    laptop = next(names_in(["gaming", "laptop"]), None)
    assert [named.english for named in names_in(["laptop"])] == [("notebook", "laptop computer", "notebook pc")]
    assert [named.said for named in names_in(["laptop", "bag"])] == [("laptop", "bag")]
    assert "laptop" in next(names_in(["二手笔记本电脑"])).english
    assert laptop is not None and "电竞" in laptop.chinese
    assert list(names_in(["zyxwv"])) == []


def test_a_narrower_name_stands_for_a_wider_one_and_not_the_other_way_round(tmp_path: Path) -> None:
    shop = open_shop(write_shop(tmp_path / "small"))
    products = [
        product("pad", "P iPad Air", {}, 300, "P"),
        product("tab", "Q Galaxy Tab", {}, 300, "Q"),
        product("boot", "R winter boots", {}, 90, "R"),
        product("mouse", "S mouse", {}, 20, "S"),
    ]
    tablets = build_index(shop, products, (), None)
    assert set(ids(tablets, "tablets")) == {"pad", "tab"}
    assert ids(tablets, "ipad") == ["pad"]
    assert ids(tablets, "shoes") == ["boot"]
    assert ids(tablets, "mice") == ["mouse"]


def test_a_chinese_question_finds_what_an_english_catalogue_calls_it(index: Index) -> None:
    assert set(ids(index, "笔记本电脑", 8)) >= {"n1", "n2", "n3", "n4"}


def test_likeness_is_the_mean_log_odds_of_features() -> None:
    profiles = Profiles.build([PRODUCTS[0], PRODUCTS[1], PRODUCTS[4], PRODUCTS[5]])
    alike, other = profiles.likeness(np.array([0]), np.array([1, 2])).tolist()
    # Of one notebook among four products each feature stands in that one and in one of the three others.
    assert alike == pytest.approx(np.log(1.5 / 2) - np.log(1.5 / 4))
    assert other == pytest.approx(-2.0)
    assert np.isnan(Profiles.build([product("x", "X", {}, 1, "X")]).likeness(np.array([0]), np.array([0])))[0]


def test_profiles_of_added_rows_are_those_of_a_build(tmp_path: Path) -> None:
    whole, grown = Profiles.build(PRODUCTS), Profiles.build(PRODUCTS[:5]).extended(PRODUCTS[5:])
    whole.save(tmp_path)
    rows = np.arange(len(PRODUCTS))
    for other in (grown, Profiles.load(tmp_path)):
        assert np.array_equal(whole.likeness(rows[:4], rows), other.likeness(rows[:4], rows), equal_nan=True)


def test_stored_kinds_are_those_that_were_learned(tmp_path: Path) -> None:
    built = ProductTypes.build(PRODUCTS)
    built.save(tmp_path)
    stored = ProductTypes.load(tmp_path)
    for text in ("laptop", "notebook", "bag for a laptop", "case", "nothing", "笔记本"):
        assert stored.named_by(text).tolist() == built.named_by(text).tolist()
        assert stored.ending(text).tolist() == built.ending(text).tolist()
    names = [built.name_of(row) for row in range(len(PRODUCTS))]
    assert [stored.name_of(row) for row in range(len(PRODUCTS))] == names and any(names)


def test_what_changed_since_it_was_built_is_not_kept_as_if_it_had_not(index: Index, tmp_path: Path) -> None:
    changed = with_changes(index, {"product:n1": None})
    for part in (changed.facets, changed.types):
        with pytest.raises(ValueError, match="anew"):
            part.save(tmp_path)
    with pytest.raises(ValueError, match="anew"):
        index.profiles.extended([product("n9", "X", NOTEBOOK, 1, "X")]).save(tmp_path)


def test_an_index_with_changes_knows_the_kinds_of_what_was_added(index: Index) -> None:
    added = product("n9", "X slim Notebook NX900", NOTEBOOK, 900, "X")
    changed = with_changes(index, {"product:n9": product_entry(added), "product:n1": None})
    assert set(ids(changed, "laptop")) == {"n2", "n3", "n4", "n9"}


def test_similar_products_are_of_the_same_kind_and_not_the_product_itself(index: Index) -> None:
    assert {hit.entry.product_id for hit in similar(index, "n1", 3)} == {"n2", "n3", "n4"}
    assert similar(index, "no such") == ()


def test_cheaper_products_cost_less(index: Index) -> None:
    assert {hit.entry.product_id for hit in cheaper(index, "n3", 2)} == {"n1", "n2"}
    assert "n4" not in {hit.entry.product_id for hit in cheaper(index, "n3", 50)}


def test_what_fits_shares_a_socket_or_says_that_it_is_made_for_it(index: Index) -> None:
    assert [hit.entry.product_id for hit in compatible(index, "m", 1, "processors")] == ["k"]
    assert "b" in {hit.entry.product_id for hit in compatible(index, "n1")}
    assert "b" in {hit.entry.product_id for hit in goes_with(index, "n1")}
    assert "l" not in {hit.entry.product_id for hit in compatible(index, "m")}


def test_a_link_names_the_product_whose_title_it_ends_in(index: Index) -> None:
    found = linked_product(index, "What fits https://shop.example/product/q-board-b650-motherboards-socket-sam5 ?")
    assert found is not None and found[0] == "m" and "http" not in found[1]
    assert linked_product(index, "a 50/50 blend of wool") is None


def test_a_search_with_a_link_is_about_the_linked_product(index: Index) -> None:
    link = "https://shop.example/product/q-board-b650-motherboards-socket-sam5"
    for text, first in ((f"buy {link} now", "m"), (f"Find processors for this board: {link}", "k")):
        assert search(index, text, understood(index, text))[0].entry.product_id == first


def test_look_ups_are_printed_as_json_and_refuse_an_unknown_product(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "small")
    output = io.StringIO()
    options = {
        "shop": shop,
        "data": tmp_path,
        "embedder": "none",
        "vectors": None,
        "k": 2,
        "json": True,
        "command": "similar",
    }
    assert run_related(Namespace(id="tent-2", **options), output) == 0
    answer = json.loads(output.getvalue())
    assert answer["id"] == "tent-2" and answer["hits"][0]["id"].startswith("tent-")
    with pytest.raises(KnowledgeBaseError, match="no product"):
        run_related(Namespace(id="nothing", **options), output)


def test_profiles_are_part_of_a_snapshot(index: Index, tmp_path: Path) -> None:
    save(index, tmp_path)
    assert set(ids(load(tmp_path, None), "laptop")) == {"n1", "n2", "n3", "n4"}
