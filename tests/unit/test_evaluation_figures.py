"""What the judge reads out of a reply's text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.evaluation import figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $1,299.00 today", ["1299.00"]),
        ("**€1.299,00** [1]", ["1299.00"]),
        ("between €10 and €20", ["10", "20"]),
        ("$10-$20 or 15–18 €", ["10", "20", "15", "18"]),
        ("售价2,599元，不超过¥3000", ["2599", "3000"]),
        ("US$12.99 or 20 bucks", ["12.99", "20"]),
        ("27 inch, 16GB, 4.5/5, 12 tents", []),
        ("1.299 €", ["1299"]),
    ],
)
def test_amounts_of_money_are_found(text: str, expected: list[str]) -> None:
    assert figures.amounts(text) == [Decimal(amount) for amount in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We have 12 tents [1] under $200.", [12]),
        ("We have two: the X [1] and the Y [2].", [2]),
        ("本店共有18款2000元以内的热水器[1]。", [18]),
        ("There are 1,204 cables.", [1204]),
        ("5 cameras (34 variants), 4K, 30MP", [5, 34]),
        ("两款都有货", [2]),
    ],
)
def test_counts_are_whole_numbers_that_are_no_money_and_no_citations(text: str, expected: list[int]) -> None:
    assert figures.counts(text) == expected


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Yes, the tent is in stock.", True),
        ("The tent is out of stock.", False),
        ("It isn't available right now.", False),
        ("这款现在缺货。", False),
        ("有现货，可以下单。", True),
        ("没有货了", False),
        ("It costs $5.", None),
    ],
)
def test_stock_claims_are_read_in_both_languages(sentence: str, claim: bool | None) -> None:
    assert figures.stock_claim(sentence) is claim


def test_ratings_and_pieces_left_are_figures_of_their_own() -> None:
    assert figures.ratings("Rated 4.5/5, 4.2 stars, 4.8分, 5 minutes") == [
        Decimal("4.5"),
        Decimal("4.2"),
        Decimal("4.8"),
    ]
    assert figures.pieces_left("Only 3 left. 还剩5件，库存12") == [3, 5, 12]


def test_sentences_keep_decimal_figures_whole_and_leave_tables_out() -> None:
    text = "It costs $4.50. It is red.\n| A | B |\n|---|---|\n| $1 | $2 |\n很好。有货！"
    assert figures.sentences(text) == ["It costs $4.50.", "It is red.", "很好。", "有货！"]
    assert list(figures.tables(text)) == [[["A", "B"], ["$1", "$2"]]]


def test_saying_none_and_saying_unknown_are_told_apart_from_answers() -> None:
    assert figures.says_none("We have no tents under $5.")
    assert figures.says_none("没有5元以下的")
    assert not figures.says_none("We have 4 tents.")
    assert figures.says_unknown("The shop doesn't say whether it is in stock.")
    assert figures.says_unknown("资料里没有写明库存")
    assert not figures.says_unknown("It is in stock.")
