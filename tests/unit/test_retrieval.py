"""What is found, in which order, and that no filter is ever broken."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from decimal import Decimal
from pathlib import Path

import pytest

from knowledge_base.answerability import answerable
from knowledge_base.commands import run_search
from knowledge_base.concepts import concepts
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Index
from knowledge_base.langchain_retriever import ShopRetriever
from knowledge_base.opening import open_index
from knowledge_base.product_types import ProductTypes
from knowledge_base.retrieval import retrieve, select
from knowledge_base.types import Condition, Filters, Product
from tests.shops import write_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shops") / "small")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def shop_index(shop: Path, data: Path) -> Index:
    return open_index(shop, data, "none", progress=False)


def found(index: Index, text: str, filters: Filters = Filters(), **options: object) -> list[str | None]:  # noqa: B008
    return [hit.entry.product_id for hit in retrieve(index, text, filters, **options)]  # type: ignore[arg-type]


def test_hits_are_ranked_from_one_and_their_scores_fall(shop_index: Index) -> None:
    hits = retrieve(shop_index, "waterproof tent")
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].entry.product_id in ("tent-2", "tent-4")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(price_max=Decimal(100)), {"tent-solo"}),
        (Filters(price_min=Decimal(180), price_max=Decimal(189)), {"tent-2"}),
        (Filters(in_stock=True), {"tent-2", "tent-solo"}),
        (Filters(rating_min=Decimal("4.5")), {"tent-2"}),
        (Filters(conditions=(Condition(("brand",), ("Fernway",)),)), {"tent-2", "tent-4"}),
        (Filters(conditions=(Condition(("brand",), ("Fernway",), negated=True),)), {"tent-solo"}),
        (Filters(product_ids=("tent-4", "no-such-id")), {"tent-4"}),
        (Filters(product_ids=()), set()),
    ],
)
def test_every_hit_meets_the_filters(shop_index: Index, filters: Filters, expected: set[str]) -> None:
    assert set(found(shop_index, "tent", filters)) & {"tent-2", "tent-4", "tent-solo"} == expected
    assert len(found(shop_index, "tent", filters)) <= len(select(shop_index, filters).hits)


def test_a_hit_names_the_variants_that_meet_the_filters_cheapest_first(shop_index: Index) -> None:
    filters = Filters(price_max=Decimal(95), conditions=(Condition(("color",), ("blue",)),))
    (hit,) = retrieve(shop_index, "rain jacket", filters)
    assert hit.variant_ids == ("rain-blue-m", "rain-blue-l")


def test_a_sort_ranks_all_that_fit_the_text_and_only_those(shop_index: Index) -> None:
    assert found(shop_index, "tent", sort="price_asc") == ["tent-solo", "tent-2", "tent-4"]
    assert found(shop_index, "tent", sort="price_desc", k=1) == ["tent-4"]
    assert found(shop_index, "tent", sort="rating") == ["tent-2", "tent-4", "tent-solo"]


def test_a_selection_counts_everything_whatever_its_limit(shop_index: Index) -> None:
    selection = select(shop_index, Filters(), "price_asc", 2)
    assert [hit.entry.product_id for hit in selection.hits] == ["mug", "rain-jacket"]
    assert (selection.total, selection.n_skus) == (7, 10)
    assert select(shop_index, text="tent").total == 3


def test_a_product_of_unknown_price_comes_last(shop_index: Index) -> None:
    assert select(shop_index, sort="price_asc").hits[-1].entry.product_id == "mystery"
    assert select(shop_index, sort="price_desc").hits[-1].entry.product_id == "mystery"


def test_an_empty_text_finds_every_product_and_no_passage(shop_index: Index) -> None:
    assert len(found(shop_index, "  ", k=100)) == 7
    assert retrieve(shop_index, "", kinds=("faq", "policy")) == ()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("can I send it back after a month", "How long do I have to return something?"),
        ("do you deliver to toronto", "Do you ship to Canada?"),
    ],
)
def test_a_question_is_found_in_other_words(shop_index: Index, text: str, title: str) -> None:
    assert retrieve(shop_index, text, kinds=("faq",))[0].entry.title == title


def test_what_the_shop_says_nothing_about_is_not_answerable(shop_index: Index) -> None:
    def confidence(text: str) -> float:
        return answerable(shop_index, text, retrieve(shop_index, text, kinds=("faq", "policy")))

    assert confidence("how long do I have to return something") > 0.5
    assert confidence("is there parking near the shop") < 0.5
    assert answerable(shop_index, "anything", ()) == 0.0


def test_concepts_are_the_same_in_both_languages() -> None:
    assert set(concepts("how long does a refund take")) & set(concepts("退款多久到账")) >= {"\0refund_time"}
    assert "\0store_location" not in concepts("do you sell store credit")
    assert concepts("") == ()


def test_a_sleeve_for_a_laptop_is_a_sleeve() -> None:
    titles = {
        "Acme": ["Acme Laptop Sleeve 15", "Acme Laptop Sleeve 13", "Acme Laptop 15", "Acme Laptop 17"],
        "Bolt": ["Bolt Sleeve for Laptop", "Bolt Laptop 13", "Bolt Laptop 12"],
    }
    products = [Product(title, title, brand=brand) for brand, names in titles.items() for title in names]
    types = ProductTypes.build(products)
    named = {products[row].title for row in types.named_by("sleeve for a laptop")}
    assert named == {"Acme Laptop Sleeve 15", "Acme Laptop Sleeve 13", "Bolt Sleeve for Laptop"}
    assert "Acme Laptop Sleeve 15" not in {products[row].title for row in types.named_by("laptop")}


def test_is_a_langchain_retriever(shop_index: Index) -> None:
    documents = ShopRetriever(index=shop_index, filters=Filters(price_max=Decimal(100)), k=3).invoke("tent")
    assert documents[0].metadata["id"] == "product:tent-solo"
    assert documents[0].metadata["price_min"] == "99.00"
    assert documents[0].page_content.startswith("Larch Solo Tent")


def arguments(shop: Path, data: Path, **given: object) -> Namespace:
    values = {
        "shop": shop,
        "data": data,
        "embedder": "none",
        "vectors": None,
        "k": 3,
        "query": None,
        "batch": None,
        "json": False,
    }
    return Namespace(**(values | given))


def test_batch_search_answers_line_by_line_with_the_records_own_ids(shop: Path, data: Path, tmp_path: Path) -> None:
    batch = tmp_path / "queries.jsonl"
    batch.write_text('{"id": 7, "text": "tent under $100"}\n\n{"id": "b", "text": "ship to canada"}\n')
    output = io.StringIO()
    assert run_search(arguments(shop, data, batch=str(batch)), output) == 0
    first, second = (json.loads(line) for line in output.getvalue().splitlines())
    assert (first["id"], first["filters"]["price_max"], first["sort"]) == (7, "100", "relevance")
    assert first["hits"][0]["id"] == "tent-solo"
    assert {"id", "kind", "score", "rank"} == set(first["hits"][0])
    assert first["suitable"] and second["suitable"]
    assert (second["id"], second["hits"][0]["kind"]) == ("b", "faq")


def test_a_search_says_when_it_found_only_the_nearest(shop: Path, data: Path) -> None:
    for_programs, for_people = io.StringIO(), io.StringIO()
    run_search(arguments(shop, data, query="camping stove with rain cover", json=True), for_programs)
    found = json.loads(for_programs.getvalue())
    assert found["hits"] and not found["suitable"]
    run_search(arguments(shop, data, query="camping stove with rain cover"), for_people)
    assert "nothing suitable; the nearest:" in for_people.getvalue()


@pytest.mark.parametrize("line", ["not json", "[]", '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": 2}'])
def test_a_bad_batch_line_is_named(shop: Path, data: Path, tmp_path: Path, line: str) -> None:
    batch = tmp_path / "queries.jsonl"
    batch.write_text('{"id": 1, "text": "tent"}\n' + line + "\n")
    with pytest.raises(KnowledgeBaseError, match="line 2"):
        run_search(arguments(shop, data, batch=str(batch)), io.StringIO())


def test_a_search_for_people_shows_titles_and_prices(shop: Path, data: Path) -> None:
    output = io.StringIO()
    run_search(arguments(shop, data, query="tent under $100"), output)
    assert "Larch Solo Tent" in output.getvalue()
    assert "99.00 USD" in output.getvalue()
