"""The words of a catalogue: which facets a phrase names, what is known, and which typing errors are put right."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.facets import Facets
from knowledge_base.types import Product, Variant
from knowledge_base.vocabulary import Vocabulary, value_key
from tests.vocabularies import known_of


@pytest.fixture(scope="module")
def facets() -> Facets:
    products = [
        Product(
            str(n),
            f"{brand} Headphones {n}",
            brand=brand,
            category=("Audio", "Headphones"),
            attributes={"Colour": "Navy Blue", "waterproof": "yes" if n else "no", "weight": f"{200 + n} g"},
            variants=(Variant(f"v{n}", {"Size": "M"}),),
        )
        for n, brand in enumerate(("Auralis", "Auralis", "Bright & Co"))
    ]
    products.append(Product("zh", "云朵电热水壶", brand="云朵", category=("小家电",), attributes={"材质": "不锈钢"}))
    return Facets.build(products)


@pytest.fixture(scope="module")
def vocabulary(facets: Facets) -> Vocabulary:
    return facets.vocabulary


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jackets", "jacket"),
        ("Navy-Blue", "navy  blue"),
        ("COLOUR", "color"),
        ("Ｗａｔｅｒｐｒｏｏｆ", "waterproof"),
        ("USB_C", "usb-c"),
        ("t\u200bent", "tent"),
    ],
)
def test_spellings_of_the_same_thing_have_one_key(one: str, other: str) -> None:
    assert value_key(one) == value_key(other)


@pytest.mark.parametrize(("one", "other"), [("wool", "wood"), ("S", "XS"), ("1.5 l", "15 l"), ("红色", "红")])
def test_different_things_have_different_keys(one: str, other: str) -> None:
    assert value_key(one) != value_key(other)


@pytest.mark.parametrize(
    ("phrase", "name", "value", "n_products"),
    [
        ("navy blue", "Colour", "Navy Blue", 3),
        ("auralis", "brand", "Auralis", 2),
        ("headphone", "category", "Headphones", 3),
        ("M", "Size", "M", 3),
        ("不锈钢", "材质", "不锈钢", 1),
    ],
)
def test_a_phrase_names_the_facets_that_have_it(
    phrase: str, name: str, value: str, n_products: int, vocabulary: Vocabulary
) -> None:
    found = vocabulary.values(value_key(phrase))
    assert [(v.name, v.value, v.n_products) for v in found] == [(name, value, n_products)]


def test_unknown_phrases_name_nothing(vocabulary: Vocabulary) -> None:
    assert not vocabulary.values("flamingo")
    assert not vocabulary.values("")
    assert not vocabulary.named("flamingo")
    assert not vocabulary.knows("flamingo")


def test_facets_are_described_as_what_they_hold(vocabulary: Vocabulary) -> None:
    (waterproof,) = vocabulary.named(value_key("waterproof"))
    assert waterproof.boolean and not waterproof.is_option and not waterproof.numeric
    (size,) = vocabulary.named(value_key("sizes"))
    assert size.is_option and not size.boolean
    (weight,) = vocabulary.named(value_key("weight"))
    assert weight.numeric and weight.unit == "g" and weight.n_products == 3


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("headphnoes", "headphones"),
        ("hedphones", "headphones"),
        ("auralsi", "auralis"),
        ("aurallis", "auralis"),
        ("watreproof", "waterproof"),
    ],
)
def test_typing_errors_are_corrected(typed: str, meant: str, vocabulary: Vocabulary) -> None:
    assert vocabulary.correct(typed) == meant


@pytest.mark.parametrize(
    "word",
    ["headphone", "headphones", "sofa", "xyz", "blu", "m5300", "telephone", "heavy", "", "云朵", "x" * 200],
    ids=["known", "plural", "far", "nonsense", "short", "number", "a word", "near", "empty", "Chinese", "long"],
)
def test_words_that_are_right_or_too_far_off_stay(word: str, vocabulary: Vocabulary) -> None:
    assert vocabulary.correct(word) is None


def test_a_stored_vocabulary_answers_the_same(facets: Facets, tmp_path: Path) -> None:
    facets.save(tmp_path)
    vocabulary, stored = facets.vocabulary, Facets.load(tmp_path).vocabulary
    assert known_of(stored) == known_of(vocabulary)
    assert stored.values(value_key("navy blue")) == vocabulary.values(value_key("navy blue")) != ()
    assert stored.generic == vocabulary.generic
    assert stored.correct("hedphones") == vocabulary.correct("hedphones") == "headphones"


def test_descriptive_words_tell_no_product_from_another_but_names_do(vocabulary: Vocabulary) -> None:
    assert {"headphon", "color", "blue"} <= vocabulary.generic
    assert "auralis" not in vocabulary.generic
