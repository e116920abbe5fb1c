"""Price cells: exact to the cent, or unknown."""

from decimal import Decimal

import pytest

from knowledge_base.importing.money import ParsedPrice, currency_of, decimal_mark, parse_price


@pytest.mark.parametrize(
    ("text", "default", "amount", "currency"),
    [
        ("12.99", "USD", "12.99", "USD"),
        ("US $1,299.50", None, "1299.50", "USD"),
        ("$ 12.99", "CAD", "12.99", "CAD"),
        ("$12.99", "EUR", "12.99", "USD"),
        ("HK$5", "USD", "5", "HKD"),
        ("1.299,00", "EUR", "1299.00", "EUR"),
        ("1.299,00 €", None, "1299.00", "EUR"),
        ("19,90 EUR", None, "19.90", "EUR"),
        ("19.90EUR", None, "19.90", "EUR"),
        ("1 299,00 €", None, "1299.00", "EUR"),
        ("1\u202f299,00 €", None, "1299.00", "EUR"),
        ("CHF 1'299.-", None, "1299", "CHF"),
        ("12,- €", None, "12", "EUR"),
        ("1,299", "USD", "1299", "USD"),
        ("1.299", "EUR", "1299", "EUR"),
        ("1.299.000", "IDR", "1299000", "IDR"),
        ("1,29,999.00", "INR", "129999.00", "INR"),
        ("¥1,299", None, "1299", "CNY"),
        ("¥1,299", "JPY", "1299", "JPY"),
        ("￥５９９", None, "599", "CNY"),
        ("99元起", None, "99", "CNY"),
        ("1.5万", "CNY", "15000", "CNY"),
        ("ab 12,99 € inkl. MwSt.", None, "12.99", "EUR"),
        ("Rs. 499", None, "499", "INR"),
        ("99 kr", "SEK", "99", "SEK"),
        ("£1,000.00", None, "1000.00", "GBP"),
        ("$12.99 each", None, "12.99", "USD"),
        ("0.1", "USD", "0.1", "USD"),
    ],
)
def test_a_price_is_read_exactly(text: str, default: str | None, amount: str, currency: str) -> None:
    assert parse_price(text, default) == ParsedPrice(Decimal(amount), Decimal(amount), currency)


NO_PRICES = (
    "", "free", "call us", "-5", "$-5", "−5,00 €", "(5.00)", "10%", "2 for $5", "Call 555-1234", "12.99.99", "12,99,99",
    "1e5", "NaN", "inf", "$", "was $20 now $15", "5 10", "9" * 40, "12.99 per month for 24 months", "½", "twelve",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_PRICES)
def test_what_is_no_clear_price_is_unknown(text: str) -> None:
    assert parse_price(text, "USD") is None


@pytest.mark.parametrize(
    "text", ["$10 - $20", "10-20 USD", "USD 10.00 to USD 20.00", "10 bis 20 $", "$10–$20", "$20 - $10"]
)
def test_a_range_keeps_both_ends(text: str) -> None:
    parsed = parse_price(text, "USD")
    assert parsed is not None
    assert (parsed.low, parsed.high, parsed.currency) == (Decimal(10), Decimal(20), "USD")


def test_the_column_decides_what_a_single_cell_cannot() -> None:
    assert decimal_mark(["12,50", "1.299"]) == (",", True)
    assert decimal_mark(["12.50", "1,299"]) == (".", True)
    assert decimal_mark(["1,299", "5"]) == (None, True)
    assert parse_price("1.299", "USD", ",") == ParsedPrice(Decimal(1299), Decimal(1299), "USD")
    assert parse_price("1,299", "EUR", ",") == ParsedPrice(Decimal("1.299"), Decimal("1.299"), "EUR")


def test_a_header_or_a_code_names_its_currency() -> None:
    assert currency_of("Price (USD)") == "USD"
    assert currency_of("价格 元") == "CNY"
    assert currency_of("price") is None
    assert currency_of("all prices") is None
