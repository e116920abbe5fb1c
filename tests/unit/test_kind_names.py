"""Kinds of things in a catalogue without categories: what titles call a product, and what a message names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.evidence import gather
from assistant.types import Evidence, Query, Turn
from assistant.understanding import understand
from knowledge_base.constraints import find_kinds
from knowledge_base.index import Index
from knowledge_base.noun_phrases import Nouns, learn_nouns, phrase_ends
from knowledge_base.product_types import states_type
from knowledge_base.text import noun
from knowledge_base.titles import NounIndex

# (id, brand, title, price, attributes): named after kinds that other facets have as values, too.
ROWS: tuple[tuple[str, str, str, int, dict[str, str]], ...] = (
    ("dock-a", "Acme", "Acme X1 Docking Station", 120, {"product colour": "Black"}),
    ("dock-b", "Bolt", "Bolt USB Docking Station for laptops", 90, {"product colour": "Grey"}),
    ("dock-c", "Acme", "Acme charging station", 20, {"product colour": "Black"}),
    ("kvm", "Bolt", "Bolt KVM console", 400, {"connectivity technology": "Docking"}),
    ("toner-1", "Acme", "Acme 12A black toner cartridge", 60, {"printing colours": "Black"}),
    ("toner-2", "Bolt", "Bolt Q5 black toner cartridge", 55, {"printing colours": "Black"}),
    ("toner-3", "Bolt", "Bolt Q6 toner cartridge", 50, {"printing colours": "Black"}),
    ("toner-4", "Bolt", "Bolt Q7 cyan toner cartridge", 45, {"printing colours": "Cyan"}),
    ("mount-1", "Acme", "Acme flat panel wall mount", 40, {"form factor": "Wall-mounted"}),
    ("mount-2", "Bolt", "Bolt wall mount", 30, {}),
    ("rack", "Bolt", "Bolt wall mounted rack", 10, {"form factor": "Wall-mounted"}),
    ("kit", "Acme", "Acme mounting kit", 5, {}),
    ("keyboard", "Acme", "Acme K1 Keyboard", 25, {"product colour": "Black"}),
    ("keyboard-2", "Bolt", "Bolt K2 wireless keyboard", 35, {}),
    ("cable", "Bolt", "Bolt Keyboard Extension Cable", 4, {"cable material": "Copper"}),
    ("cable-2", "Acme", "Acme power cable", 6, {"cable material": "Tin", "purpose": "cable"}),
    ("adapter", "Acme", "Acme PS/2 Keyboard to USB Adapter", 3, {}),
    ("all-1", "Acme", "Acme All-in-One PC", 700, {}),
    ("all-2", "Bolt", "Bolt All-in-One PC", 800, {}),
    ("tower", "Bolt", "Bolt tower PC", 300, {}),
    ("filter-1", "Acme", "Acme privacy filter", 50, {}),
    ("filter-2", "Bolt", "Bolt privacy filter", 70, {}),
    ("watch-1", "Acme", "Acme sports watch", 99, {}),
    ("watch-2", "Bolt", "Bolt sports watch", 89, {}),
)
DESCRIPTION = (
    "Docking stations, toner cartridges, wall mounts, racks, kits, keyboards, cables, adapters, consoles, PCs, "
    "filters and watches of all makers."
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, open_small: Callable[[Path], Index]) -> Index:
    folder = tmp_path_factory.mktemp("kinds")
    rows = [
        {"id": i, "title": title, "brand": brand, "price": str(price), "attributes": attributes}
        | {"description": DESCRIPTION if i == "kvm" else title}
        for i, brand, title, price, attributes in ROWS
    ]
    (folder / "shop.toml").write_text('name = "Kinds"\nlanguage = "en"\ncurrency = "USD"\n', encoding="utf-8")
    (folder / "products.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return open_small(folder)


def _understood(text: str, index: Index) -> Query:
    return understand(Turn("c", text), index)


def _found(text: str, index: Index) -> Evidence:
    return gather(_understood(text, index), index)[1]


def _ids(text: str, index: Index) -> list[str]:
    return [hit.entry.product.id for hit in _found(text, index).products if hit.entry.product]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("mounts", "mount", True),
        ("batteries", "battery", True),
        ("movies", "movie", True),
        ("boxes", "box", True),
        ("mice", "mouse", True),
        ("lenses", "lens", True),
        ("tvs", "tv", True),
        ("fibres", "fiber", True),
        ("mounted", "mount", False),
        ("mounting", "mount", False),
        ("rolling", "roll", False),
        ("ups", "up", False),
        ("glass", "glas", False),
    ],
)
def test_a_noun_is_the_same_in_both_numbers_and_no_other_word(one: str, other: str, equal: bool) -> None:
    assert (noun(one) == noun(other)) is equal


TEXTS = ("keyboard", "keyboards", "cable", "cables", "adapters", "adapter", "carts", "cart", "black", "1 pc", "2 pc")


@pytest.mark.parametrize(
    ("title", "ends"),
    [
        ("Slim Keyboard Black", {"keyboard"}),
        ("Keyboard Extension Cable", {"cable"}),
        ("Cart for Keyboard", {"cart"}),
        ("PS/2 Keyboard to USB Adapter", {"adapter"}),
        ("Keyboard/Cable kit", {"keyboard", "cable"}),
        ("USB Adapter - Keyboard and Mouse", {"adapter"}),
        ("usb cable Adapter ready", {"cable", "adapter"}),
        ("Keyboard PC", {"keyboard"}),
        ("black", set()),
        ("键盘", set()),
        ("", set()),
    ],
)
def test_a_title_calls_a_product_by_what_its_phrases_end_in(title: str, ends: set[str]) -> None:
    assert phrase_ends(title, None, learn_nouns(TEXTS)) == ends


def test_a_brand_and_a_unit_are_no_things() -> None:
    nouns = Nouns(frozenset({"cooler", "pc", "fan"}), frozenset({"pc"}))
    assert phrase_ends("Cooler Master Fan 1 pc", "Cooler Master", nouns) == {"fan"}


def test_what_is_said_in_both_numbers_is_a_thing_and_what_is_counted_a_unit() -> None:
    nouns = learn_nouns(TEXTS)
    assert {"keyboard", "cable", "adapter"} <= nouns.things
    assert "black" not in nouns.things
    assert "pc" in nouns.units


def test_titles_are_found_by_their_nouns_in_either_number() -> None:
    titles = NounIndex.of(("wall mount", "wall mounted rack", "mount for a wall"))
    assert titles.holding("wall mounts").tolist() == [0, 2]
    assert titles.together("wall mounts").tolist() == [0]
    assert titles.holding("").tolist() == []


def test_an_index_of_nouns_takes_in_changed_titles() -> None:
    titles = NounIndex.of(("wall mount", "desk lamp")).changed({0: "", 3: "wall lamp"})
    assert titles.holding("mounts").tolist() == []
    assert titles.holding("lamps").tolist() == [1, 3]
    assert titles.together("wall lamps").tolist() == [3]


@pytest.mark.parametrize(("name", "states"), [("Product type", True), ("type", True), ("品类", True), ("tint", False)])
def test_one_list_says_which_attributes_state_a_type(name: str, states: bool) -> None:
    assert states_type(name) is states


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("how many docking stations do you have", "docking stations"),
        ("a wall mount under $50", "wall mount"),
        ("black toner cartridges", "toner cartridges"),
        ("all in one pcs under $750", "all in one pcs"),
        ("Acme docking station", "docking station"),
        ("number of watches?", "watches"),
        ("watch this", None),
        ("something with docking station", None),
        ("not a docking station", None),
        ("anything black", None),
        ("扩展坞", None),
    ],
)
def test_the_name_of_a_kind_is_read_as_one(text: str, kind: str | None, index: Index) -> None:
    found = [text[start:end] for start, end in find_kinds(text, index.facets, index.types)]
    assert found == ([kind] if kind else [])


def test_a_catalogue_with_categories_has_its_kinds_there(shop_with_categories: Index) -> None:
    assert find_kinds("how many tents", shop_with_categories.facets, shop_with_categories.types) == ()


@pytest.fixture(scope="module")
def shop_with_categories(small_shop: Path, open_small: Callable[[Path], Index]) -> Index:
    return open_small(small_shop)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cheapest docking station", "dock-b"),
        ("cheapest keyboard", "keyboard"),
        ("cheapest wall mount", "mount-2"),
        ("cheapest black toner cartridge", "toner-3"),
        ("the most expensive all in one pc", "all-2"),
        ("what is Acme's cheapest docking station?", "dock-a"),
    ],
)
def test_the_cheapest_of_a_kind_is_one_and_not_made_for_one(text: str, first: str, index: Index) -> None:
    assert _ids(text, index)[0] == first


@pytest.mark.parametrize(
    ("text", "total"),
    [("how many docking stations", 2), ("how many wall mounts are there", 2), ("how many toner cartridges", 4)],
)
def test_a_kind_is_counted_by_its_whole_name(text: str, total: int, index: Index) -> None:
    assert _found(text, index).total == total


def test_a_value_said_beside_its_facet_is_no_kind_and_no_other_facet(index: Index) -> None:
    query = _understood("which cables with cable material copper do you have", index)
    (condition,) = query.filters.conditions
    assert (condition.names, condition.values) == (("cable material",), ("Copper",))
    assert query.subject == "cables"


@pytest.mark.parametrize("text", ["a privacy filter between $40 and $60", "I'd spend $40 to $60 on a privacy filter"])
def test_a_compound_kind_gives_no_cue_by_a_part_of_it(text: str, index: Index) -> None:
    assert _understood(text, index).intent != "policy"
    assert _ids(text, index) == ["filter-1"]


def test_a_quality_after_a_comma_does_not_replace_the_kind(index: Index) -> None:
    assert set(_ids("need a toner cartridge, cyan, max $50", index)) == {"toner-4"}
