"""Every product has a picture: the shop's own where its record names one, else one drawn for its kind and colour."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from assistant.types import ProductCard
from ui import pictures
from ui.pictures import Pictures, draw, drawn_url, kind_of, tone_of


@pytest.mark.parametrize(
    ("title", "category", "kind"),
    [
        ("Larkspur 2", ("Camping", "Tents"), "tent"),
        ("Down sleeping bag", (), "sleeping"),
        ("美的 60升 电热水器", (), "heater"),
        ("双人帐篷", ("户外", "露营"), "tent"),
        ('27" IPS display', (), "monitor"),
        ("HP Pavilion dv7 Notebook Silver", (), "laptop"),
        ("Kingston 8GB DDR4", ("PC Components", "Memory", "Kingston"), "chip"),
        ("T-Shirt", (), "shirt"),
        ("Something nobody has a word for", (), "box"),
        ("Panorama poster", (), "box"),  # no pan in it
    ],
)
def test_the_drawing_shows_what_kind_of_thing_it_is(title: str, category: tuple[str, ...], kind: str) -> None:
    assert kind_of(title, category) == kind


@pytest.mark.parametrize(
    ("colour", "tone"), [("Navy", "blue"), ("深红色", "red"), ("Forest Green", "green"), ("black", "ink")]
)
def test_the_drawing_takes_the_variants_colour(colour: str, tone: str) -> None:
    assert tone_of("id-1", "Jacket", (colour,)) == tone


def test_a_product_without_a_colour_keeps_its_tone() -> None:
    assert tone_of("id-1", "Jacket") == tone_of("id-1", "Jacket", ("M",))


def test_every_kind_a_word_leads_to_is_drawn_and_well_formed() -> None:
    for kind in [*pictures._WORDS, "box"]:
        for tone in pictures._TONES:
            svg = draw(f"{kind}-{tone}.svg")
            assert svg is not None, kind
            ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    "name", ["tent-blue.png", "nothing-blue.svg", "tent-nothing.svg", "../tent-blue.svg", "", "tent"]
)
def test_a_drawing_that_does_not_exist_is_none(name: str) -> None:
    assert draw(name) is None


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "images").mkdir(parents=True)
    for name in ("images/a b.png", "images/红.webp", "orders.jsonl", "notes.txt"):
        (folder / name).write_bytes(b"x")
    (tmp_path / "outside.png").write_bytes(b"secret")
    (folder / "images" / "link.png").symlink_to(tmp_path / "outside.png")
    return folder


NAMED = ("images/a b.png", "images/红.webp", "../outside.png", "images/link.png", "notes.txt", "images/gone.png")


def shop_pictures(folder: Path, remote: bool = False) -> Pictures:
    return Pictures(folder, NAMED, remote)


@pytest.mark.parametrize("name", NAMED[:2])
def test_a_file_that_a_record_names_is_served(shop: Path, name: str) -> None:
    found = shop_pictures(shop).file(name)

    assert found == shop / name
    assert shop_pictures(shop).url(ProductCard("p", "Mug", image=name)).startswith("/shop-images/images/")


@pytest.mark.parametrize(
    "name",
    [
        *NAMED[2:],
        "orders.jsonl",
        "../shop/images/a b.png",
        "images/../orders.jsonl",
        "/etc/passwd",
        "%2e%2e/outside.png",
    ],
)
def test_nothing_else_is_served(shop: Path, name: str) -> None:
    assert shop_pictures(shop).file(name) is None


def test_a_missing_file_gives_way_to_a_drawing(shop: Path) -> None:
    mug = ProductCard("p", "Mug", image="images/gone.png")

    assert shop_pictures(shop).url(mug) == drawn_url(mug)


def test_pictures_on_other_hosts_are_asked_for_only_when_the_merchant_allows_it(shop: Path) -> None:
    mug = ProductCard("p", "Mug", image="https://cdn.example/mug.png")

    assert shop_pictures(shop).url(mug) == drawn_url(mug)
    assert shop_pictures(shop, remote=True).url(mug) == mug.image
