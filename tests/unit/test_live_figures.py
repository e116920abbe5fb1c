"""Text, prompt and cards have the price and stock of now where the shop tells them in time, else those of its records,
with their age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assistant.errors import StorefrontError
from assistant.orders.visit import Freshness
from assistant.pipeline import Assistant
from assistant.storefront import Ability, FolderStorefront, Offer
from assistant.storefronts.http import Endpoint, HttpStorefront
from assistant.types import Reply, Turn
from knowledge_base.index import Index
from tests.fakes import FakeDrafter
from tests.merchant import KEY, Merchant, merchant_server

NOW = datetime.now(UTC)
JUST_NOW = NOW.isoformat()


class Shop(FolderStorefront):
    """A shop that says what things cost now, or fails."""

    def __init__(self, *told: Offer, down: bool = False) -> None:
        self.told, self.down, self.asked = told, down, list[tuple[str, ...]]()

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset(("offers",))

    def offers(self, product_ids: Sequence[str]) -> tuple[Offer, ...]:
        self.asked.append(tuple(product_ids))
        if self.down:
            raise StorefrontError("down")
        return tuple(offer for offer in self.told if offer.product_id in product_ids)


def offer(product: str, price: str | None = None, variant: str | None = None, **more: object) -> Offer:
    return Offer(product, variant, JUST_NOW, Decimal(price) if price else None, **more)  # type: ignore[arg-type]


async def ask(index: Index, storefront: Shop, text: str, **more: object) -> Reply:
    return await Assistant(index, storefront=storefront, **more).answer(Turn("c", text))  # type: ignore[arg-type]


async def test_text_and_card_have_the_price_and_stock_of_now(index: Index) -> None:
    reply = await ask(index, Shop(offer("mug", "9.75", in_stock=False)), "how much is the Enamel Mug?")
    (card,) = reply.products
    assert (card.price, card.in_stock) == (Decimal("9.75"), False)
    assert "$9.75" in reply.text and "12.50" not in reply.text and "out of stock" in reply.text
    assert "9.75" in reply.citations[0].quote


async def test_each_variant_has_its_own_and_what_is_not_told_stays(index: Index) -> None:
    shop = Shop(offer("rain-jacket", "71.00", "rain-red-m", stock=2), offer("rain-jacket", "1.00", "unknown"))
    reply = await ask(index, shop, "how much is the Mistral Rain Jacket in red M?")
    assert "$71.00" in reply.text
    reply = await ask(index, shop, "how much is the Mistral Rain Jacket in blue M?")
    assert "$89.00" in reply.text
    shop = Shop(offer("mug", None, stock=0))
    (card,) = (await ask(index, shop, "how much is the Enamel Mug?")).products
    assert (card.price, card.in_stock) == (Decimal("12.50"), False)


@pytest.mark.parametrize(
    ("offers", "text", "ids"),
    [
        ((offer("tent-2", "240.00"),), "tents under $200", ["tent-solo"]),
        ((offer("tent-2", in_stock=False),), "tents in stock", ["tent-solo"]),
        ((offer("tent-2", "80.00"),), "the 2 cheapest tents", ["tent-2", "tent-solo"]),
        ((offer("rain-jacket", "120.00", "rain-red-m"), offer("rain-jacket", "130.00", "rain-blue-m")),
         "rain jackets under $90", []),
    ],
)  # fmt: skip
async def test_what_meets_the_request_no_more_is_not_shown_as_if_it_did(
    index: Index, offers: tuple[Offer, ...], text: str, ids: list[str]
) -> None:
    reply = await ask(index, Shop(*offers), text)
    assert [card.id for card in reply.products] == ids
    assert all(f"${card.price}" in reply.text for card in reply.products[:1])


async def test_a_model_is_given_and_held_to_the_figures_of_now(index: Index) -> None:
    drafter = FakeDrafter("The Enamel Mug [1] costs $9.75. It costs $12.50 [1].")
    reply = await ask(index, Shop(offer("mug", "9.75")), "tell me about the Enamel Mug", drafter=drafter)
    assert "9.75" in drafter.prompts[0].messages[-1][1] and "12.50" not in drafter.prompts[0].messages[-1][1]
    assert "$9.75" in reply.text and "12.50" not in reply.text


async def test_a_shop_is_asked_once_a_turn(index: Index) -> None:
    shop = Shop()
    await ask(index, shop, "how much is the Enamel Mug? and do you have tents?")
    assert len(shop.asked) == len(set(shop.asked))


def aged(days: float) -> Freshness:
    return Freshness(lambda: NOW - timedelta(days=days), timedelta(days=7))


async def test_records_stand_in_for_a_shop_that_is_down_with_their_age(index: Index) -> None:
    reply = await ask(index, Shop(down=True), "how much is the Enamel Mug?", freshness=aged(9))
    assert reply.products[0].price == Decimal("12.50")
    assert reply.products[0].as_of is not None
    assert datetime.fromisoformat(reply.products[0].as_of).date() == (NOW - timedelta(days=9)).date()


@pytest.mark.parametrize(
    ("told", "freshness", "is_told"),
    [
        ((), aged(6), False),
        ((), aged(8), True),
        ((), Freshness(lambda: None, timedelta(days=7)), False),
        ((), None, False),
        ((offer("mug", "9.75"),), aged(8), False),
        ((replace(offer("mug", "9.75"), as_of=(NOW - timedelta(days=8)).isoformat()),), aged(1), True),
    ],
)
async def test_only_old_figures_have_their_age_told(
    index: Index, told: tuple[Offer, ...], freshness: Freshness | None, is_told: bool
) -> None:
    reply = await ask(index, Shop(*told), "how much is the Enamel Mug?", freshness=freshness)
    assert (reply.products[0].as_of is not None) == is_told


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with merchant_server(Merchant(offers=[{"product_id": "mug", "as_of": JUST_NOW, "price": "9.75"}])) as running:
        yield running


@pytest.mark.parametrize(("delay_s", "price"), [(0.0, "9.75"), (0.5, "12.50")])
async def test_a_real_shop_answers_in_time_or_its_records_do(
    index: Index, merchant: Merchant, delay_s: float, price: str
) -> None:
    merchant.delay_s = delay_s
    with closing(HttpStorefront(Endpoint(merchant.url, KEY, frozenset(("offers",))))) as storefront:
        reply = await Assistant(index, storefront=storefront).answer(Turn("c", "how much is the Enamel Mug?"))
    assert [card.price for card in reply.products] == [Decimal(price)]
    assert reply.timings_ms["total"] < 450
