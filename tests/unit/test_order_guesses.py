"""Nobody learns of an order that is not theirs: not by its number, nor an address, nor the time an answer takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import StorefrontError
from assistant.orders.attempts import LIMIT, WINDOW, Attempts, MemoryAttempts, attempt_keys
from assistant.orders.claims import Claim, claim_of, claimed_in
from assistant.orders.visit import Visit
from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from assistant.types import Message, Order, Query, Turn
from benchmarks.order_guesses import run, tries_let_through
from knowledge_base.importing.records import read_orders
from knowledge_base.shop import open_shop

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ASK = Query("where is my order", ("order_status",))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("where is my order 1234, my mail is a@b.co", ("1234", "a@b.co")),
        ("order #W-1001 / Ann.Lee+shop@mail.example.com", ("W-1001", "Ann.Lee+shop@mail.example.com")),
        ("AP30292 c-1004@example.com", ("AP30292", "c-1004@example.com")),
        ("c-1004@example.com", (None, "c-1004@example.com")),
        ("where is order AP30292?", ("AP30292", None)),
        ("订单号YX202630117，邮箱u-2009@example.com", ("YX202630117", "u-2009@example.com")),
        ("订单是313271663680", ("313271663680", None)),
        ("邮箱：ａ１＠ｂ．ｃｏｍ 订单１２３４５６", ("123456", "a1@b.com")),
        ("my mail is a@b.co", (None, "a@b.co")),
        ("a tent under $1299 for a@b.co", (None, "a@b.co")),
        ("hello", (None, None)),
    ],
)
def test_number_and_address_are_read_as_written(text: str, claim: tuple[str | None, str | None]) -> None:
    assert claimed_in(text) == claim


def test_a_claim_may_be_made_in_two_messages() -> None:
    history = (Message("shopper", "where is order W-1?? 1001"), Message("assistant", "your address? x@shop.example"))
    history = (Message("shopper", "where is order W1001"), *history[1:])
    assert claim_of(Turn("c", "it is ann@example.com", history)) == Claim("W1001", "ann@example.com", True)
    assert claim_of(Turn("c", "thanks", history)) == Claim("W1001", None, False)


def _tries(attempts: Attempts, n: int, keys: Sequence[str], at: datetime = NOW) -> int:
    return sum(attempts.begin_attempt(keys, at) is not None for _ in range(n))


def test_five_tries_are_counted_under_each_key_and_age() -> None:
    attempts = MemoryAttempts()
    assert _tries(attempts, 9, ("a", "b")) == LIMIT
    assert _tries(attempts, 9, ("b", "c")) == 0
    assert _tries(attempts, 9, ("c",)) == LIMIT, "a try that was turned away is not counted"
    assert _tries(attempts, 9, ("a",), NOW + WINDOW - timedelta(seconds=1)) == 0
    assert _tries(attempts, 9, ("a",), NOW + WINDOW) == LIMIT


def test_a_try_that_was_right_is_taken_back() -> None:
    attempts = MemoryAttempts()
    for _ in range(20):
        ticket = attempts.begin_attempt(("a",), NOW)
        assert ticket is not None
        attempts.forgive_attempt(ticket)


def test_what_tries_are_counted_by_tells_nobody_anything() -> None:
    keys = attempt_keys("conversation-7", "10.1.2.3", "w1001")
    assert len(set(keys)) == 3 and all(len(key) == 64 for key in keys)
    assert len(attempt_keys("conversation-7", None, "w1001")) == 2


class Asked:
    """A storefront that counts what it is asked, and may be down."""

    abilities = frozenset[str]()

    def __init__(self, shop: Path, down: bool = False) -> None:
        self.real, self.down, self.n = FolderStorefront(open_shop(shop)), down, 0

    def orders(self, shopper: str) -> tuple[Order, ...]:
        return self.real.orders(shopper)

    def order(self, shopper: str, ref: str) -> Order | None:
        return self.real.order(shopper, ref)

    def look_up(self, ref: str, email: str) -> Order | None:
        self.n += 1
        if self.down:
            raise StorefrontError("down")
        return self.real.look_up(ref, email)


def _visit(storefront: Asked, attempts: Attempts, turn: Turn) -> Visit:
    return Visit(storefront, attempts, turn, lambda: NOW)  # type: ignore[arg-type]  # has what a visit asks for


def test_a_guess_is_made_and_counted_once_a_turn(small_shop: Path) -> None:
    storefront, attempts = Asked(small_shop), MemoryAttempts()
    visit = _visit(storefront, attempts, Turn("c", "order A1001, eve@example.com"))
    assert [visit.orders(ASK).state for _ in range(3)] == ["none"] * 3
    assert storefront.n == 1


def test_after_five_wrong_guesses_not_even_a_right_one_is_looked_up(small_shop: Path) -> None:
    storefront, attempts = Asked(small_shop), MemoryAttempts()
    for n in range(5):
        _visit(storefront, attempts, Turn("c", f"order A1001, eve{n}@example.com")).orders(ASK)
    for turn in (Turn("c", "order A1001, ada@example.com"), Turn("other", "order a-1001, ada@example.com")):
        assert _visit(storefront, attempts, turn).orders(ASK).state == "locked"
    assert storefront.n == 5


def test_guesses_from_one_address_are_one_count(small_shop: Path) -> None:
    storefront, attempts = Asked(small_shop), MemoryAttempts()
    states = [
        _visit(storefront, attempts, Turn(f"c{n}", f"order X{n}000, ada@example.com", address="10.0.0.1")).orders(ASK)
        for n in range(1, 8)
    ]
    assert [seen.state for seen in states] == ["none"] * 5 + ["locked"] * 2


def test_a_shop_that_is_down_costs_no_try(small_shop: Path) -> None:
    storefront, attempts = Asked(small_shop, down=True), MemoryAttempts()
    turn = Turn("c", "order A1001, ada@example.com")
    assert [_visit(storefront, attempts, turn).orders(ASK).state for _ in range(9)] == ["unreachable"] * 9


def test_an_old_wrong_claim_is_not_tried_with_every_message(small_shop: Path) -> None:
    storefront, attempts = Asked(small_shop), MemoryAttempts()
    history = (Message("shopper", "order A1001, eve@example.com"), Message("assistant", "not found"))
    assert _visit(storefront, attempts, Turn("c", "where is it", history)).orders(ASK).state == "ask"
    assert storefront.n == 0


async def test_a_guest_sees_the_order_whose_number_and_address_fit(assistant: Assistant) -> None:
    first = Turn("guest", "where is my order A1001?")
    asked = await assistant.answer(first)
    assert "e-mail" in asked.text and asked.orders == ()
    history = (Message("shopper", first.text), asked.as_message())
    second = Turn("guest", "ADA@example.com", history)
    shown = await assistant.answer(second)
    assert shown.orders == ("A1001",)
    assert "TRK-777" in shown.text
    history = (*history, Message("shopper", second.text), shown.as_message())
    again = await assistant.answer(Turn("guest", "has my order arrived?", history))
    assert "TRK-777" in again.text


async def test_wrong_foreign_and_missing_get_the_same_words(assistant: Assistant) -> None:
    texts = [
        (await assistant.answer(Turn(f"c{n}", f"where is my order {ref}, my mail is {email}"))).text.replace(ref, "N")
        for n, (ref, email) in enumerate(
            [("A1001", "eve@example.com"), ("B2002", "ada@example.com"), ("Z9999", "ada@example.com")]
        )
    ]
    assert len(set(texts)) == 1


async def test_guesses_tell_nothing_by_words_or_time(assistant: Assistant, small_shop: Path) -> None:
    records = read_orders(open_shop(small_shop))[0]
    known = [records[0], records[0].__class__("B2002", "bob", "bob@example.com")]
    await run(assistant, known, 20, 0)
    outcomes = [await run(assistant, known, 90, seed) for seed in (1, 2, 3)]
    assert sum(outcome.leaks for outcome in outcomes) == 0
    assert all(outcome.wordings <= 2 for outcome in outcomes), "one a language"
    assert min(outcome.gap_ms() for outcome in outcomes) <= 5, "whatever else this machine does meanwhile"
    assert await tries_let_through(assistant, known, 12) == LIMIT
