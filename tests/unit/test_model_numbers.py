"""Model numbers split or joined, read as the catalogue writes them."""

from __future__ import annotations

import pytest

from knowledge_base.facets import Facets
from knowledge_base.model_numbers import as_written
from knowledge_base.types import Product

_TITLES = (
    "Sony WH-1000XM4 Headphones", "Sony WF1000XM5 Earbuds", 'HP Pavilion dv7-1211ea Notebook 43.2 cm (17")',
    "Canon EOS R50 Camera", "HDMI Cable 2 m", "Fern Lamp 27inch",
)  # fmt: skip
_FACETS = Facets.build([Product(title, title) for title in _TITLES])


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("wh1000xm4", "wh-1000xm4"), ("is the WH1000XM4 good?", "is the wh-1000xm4 good?"),
        ("WH 1000 XM4", "WH 1000xm4"), ("wf-1000xm5", "wf1000xm5"), ("WF 1000 XM5", "wf1000xm5"),
        ("dv71211ea", "dv7-1211ea"), ("eosr50 price", "eos-r50 price"),
    ],
)  # fmt: skip
def test_a_number_that_titles_spell_otherwise_is_read_as_they_do(said: str, read: str) -> None:
    assert as_written(said, _FACETS) == read


@pytest.mark.parametrize(
    "said",
    ["WH-1000XM4", "dv7 1211ea", "cable of 2 m", "27 inch lamp", "headphones under 1000", "xy9999zz", "索尼耳机 2米"],
)
def test_numbers_that_stand_in_titles_measures_and_strangers_are_left_alone(said: str) -> None:
    assert as_written(said, _FACETS) == said
