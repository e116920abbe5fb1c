"""What follows for an order comes from its recorded days and the passages' own figures, or is said to be open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from assistant.orders.facts import Terms, facts_of, items_meant, order_meant
from assistant.orders.phases import Phase, arrived_on, left_on, phase_of
from assistant.orders.rules import cancel_rule, delivery_rule, exclusions, return_rules
from assistant.types import Order, OrderItem, OrderRequest, Query, Shipment
from knowledge_base.documents import read_documents
from knowledge_base.shop import open_shop
from knowledge_base.types import Entry

DEMO = Path(__file__).parents[2] / "knowledge_base"


def passages(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(f"policy:{n}", "policy", "Terms", text) for n, text in enumerate(texts))


def order(
    status: str = "delivered",
    events: Sequence[tuple[str, str]] = (),
    items: Sequence[str] = ("Blue Cup",),
    **more: object,
) -> Order:
    lines = tuple(OrderItem(None, None, title, {}, None, 1) for title in items)
    values = {"placed_at": "2026-11-02T09:00:00", "requests": (), "expected": None, **more}
    parcels = (Shipment("DHL", "T1" if events else None, status, tuple(events)),)
    values = {"shipments": parcels, "total": None, "currency": None} | values
    return Order("W1", "ann", status, items=lines, **values)  # type: ignore[arg-type]


DELIVERED = (("2026-11-05T10:00:00", "Picked up by the carrier"), ("2026-11-09T10:00:00", "Delivered at the door"))


# -- how far it has come -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("processing", "waiting"), ("Pending", "waiting"), ("待发货", "waiting"), ("已付款", "waiting"),
        ("unfulfilled", "waiting"), ("shipped", "on its way"), ("out for delivery", "on its way"),
        ("待收货", "on its way"), ("运输中", "on its way"), ("delayed", "on its way"), ("partly shipped", "partly"),
        ("delivered", "arrived"), ("已签收", "arrived"), ("completed", "arrived"), ("cancelled", "cancelled"),
        ("已取消", "cancelled"), ("refunded", "returned"), ("退款中", "returned"), ("frobnicated", None), (None, None),
    ],
)  # fmt: skip
def test_a_status_is_a_phase_or_nobody_knows(status: str, phase: Phase | None) -> None:
    assert phase_of(order(status)) == phase


def test_the_days_it_left_and_arrived_are_those_of_its_events() -> None:
    assert left_on(order(events=DELIVERED)) == date(2026, 11, 5)
    assert arrived_on(order(events=DELIVERED)) == date(2026, 11, 9)
    out = [("2026-11-09T10:00:00", "Out for delivery"), ("2026-11-09T12:00:00", "Delivery attempted, nobody there")]
    assert arrived_on(order(events=out)) is None
    assert arrived_on(order("shipped", DELIVERED)) is None
    assert arrived_on(order("已签收", [("2026-11-09", "已签收，签收人：本人")])) == date(2026, 11, 9)


# -- what the passages say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days", "start", "general"),
    [
        ("You can return unused goods within 60 days of delivery.", 60, "delivery", True),
        ("Items may be sent back within two weeks of purchase.", 14, "order", True),
        ("You have 30 days to return it.", 30, "", True),
        ("We offer a 30-day money back guarantee on all items.", None, "", True),
        ("Bikes can be returned within 14 days with fewer than 10 miles on them.", 14, "", False),
        ("签收后15天内，商品不影响二次销售都可以无理由退。", 15, "delivery", True),
        ("支持七天无理由退货。", 7, "", True),
        ("Faulty goods can be returned within 2 years.", None, "", False),
        ("We check returns within 3 business days of their arrival.", None, "", False),
        ("Print the label and drop the parcel off within 12 days.", None, "", False),
        ("签收后30天内出现质量问题，包退包换。", None, "", False),
        ("Standard delivery takes 3 to 5 days.", None, "", False),
    ],
)
def test_a_rule_of_returns_is_read_with_its_days(text: str, days: int | None, start: str, general: bool) -> None:
    found = [(rule.days, rule.counts_from, rule.general) for rule in return_rules(passages(text))]
    assert found == ([] if days is None else [(days, start, general)])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (
            "We have a 30-day return policy, so you have 30 days after receiving your item to ask.",
            30,
        ),
        ("You may return most new, unopened items within 30 days of delivery for a full refund.", 30),
        ("Returns accepted within 30 days of receipt.", 30),
        ("Our return window is 30 days.", 30),
        ("We offer free 14-day returns.", 14),
        ("If you are not happy with your purchase, send it back within 28 days.", 28),
        ("Items must be returned within 30 days from the date of purchase.", 30),
        ("You can return your order for free up to 100 days after purchase.", 100),
        ("You have 14 days from the day you receive the goods to withdraw from the contract.", 14),
        ("Customers can exchange or return products within 15 days.", 15),
        ("Returns are free within 60 days.", 60),
        ("Refunds are issued within 5 business days after we receive the return.", None),
        ("Once your return is received and inspected, we will refund you within 10 days.", None),
        ("Please ship the item back within 7 days of getting your return label.", None),
        ("Damaged items must be reported within 48 hours.", None),
        ("支持7天无理由退换货。", 7),
        ("自签收之日起7日内可申请退货。", 7),
        ("收到商品后15天内可以退货。", 15),
        ("本店商品30天内可退换。", 30),
        ("签收后七天内，不影响二次销售的商品可退货。", 7),
        ("退款将在3个工作日内到账。", None),
        ("商品有质量问题，15天内可退换。", None),
        ("买家需在7天内寄回商品。", None),
        ("7天无理由退货，生鲜除外。", 7),
        ("自收到商品之日起 30 日内，可无理由退货", 30),
    ],
)
def test_shops_word_it_in_their_own_ways(text: str, days: int | None) -> None:
    found = [(rule.days, rule.general) for rule in return_rules(passages(text))]
    assert found == ([] if days is None else [(days, True)])


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Standard shipping takes 3-5 business days.", (3, 5, True)),
        ("Orders arrive within 2 to 4 days.", (2, 4, False)),
        ("Delivery: 5–7 working days.", (5, 7, True)),
        ("We deliver within 3 days.", (3, 3, False)),
        ("普通快递3-5天送达。", (3, 5, False)),
        ("一般发货后2至3个工作日到货。", (2, 3, True)),
        ("Orders ship within 24 hours.", None),
        ("下单后48小时内发货。", None),
        ("Lost parcels are refunded within 9 days.", None),
        ("Express delivery takes 2 days.", None),
    ],
)
def test_how_long_a_delivery_takes_is_read(text: str, taken: tuple[int, int, bool] | None) -> None:
    rule = delivery_rule(passages(text))
    assert (rule.ranges[0] if rule else None) == taken


def _demo(name: str) -> tuple[Entry, ...]:
    return read_documents(open_shop(DEMO / name))[0]


@pytest.mark.parametrize(
    ("name", "days", "ranges", "cancel"),
    [
        ("demo_shop", {60, 14}, ((3, 5, True),), "60 minutes"),
        ("demo_shop_zh", {15}, ((1, 2, False), (3, 4, False), (5, 8, False), (6, 9, False)), "30分钟"),
    ],
)
def test_the_demo_shops_terms_are_read(name: str, days: set[int], ranges: tuple[object, ...], cancel: str) -> None:
    entries = _demo(name)
    assert {rule.days for rule in return_rules(entries)} == days
    rule, stop = delivery_rule(entries), cancel_rule(entries)
    assert rule is not None and rule.ranges == ranges
    assert stop is not None and cancel in stop[1]
    assert exclusions(entries)


# -- sending back ------------------------------------------------------------------------------------------------------

THIRTY = passages("You can return unused goods within 30 days of delivery.")


@pytest.mark.parametrize(
    ("status", "events", "today", "state"),
    [
        ("delivered", DELIVERED, "2026-12-09", "open"),
        ("delivered", DELIVERED, "2026-12-10", "over"),
        ("delivered", (), "2026-12-01", "unclear"),
        ("shipped", DELIVERED[:1], "2026-12-01", "waiting"),
        ("returned", DELIVERED, "2026-12-01", "unclear"),
        ("frobnicated", DELIVERED, "2026-12-01", "unclear"),
    ],
)
def test_the_days_are_counted_from_the_delivery(
    status: str, events: Sequence[tuple[str, str]], today: str, state: str
) -> None:
    facts = facts_of(
        Query("", ("order_status",), action="return"),
        order(status, events),
        Terms(THIRTY, {}),
        date.fromisoformat(today),
    )
    (terms,) = facts.returns
    assert terms.state == state
    assert terms.passage.entry.id == "policy:0"
    assert terms.until == (date(2026, 12, 9) if state in ("open", "over") else None)


def _terms(entries: Sequence[Entry], of: Order, today: str, text: str = "") -> dict[tuple[int, ...], str]:
    query = Query(text, ("order_status",), action="return")
    facts = facts_of(query, of, Terms(entries, {}), date.fromisoformat(today))
    return {terms.items: terms.state for terms in facts.returns}


def test_what_is_counted_from_an_unsaid_day_is_sure_only_from_both() -> None:
    entries = passages("You can return all items within 10 days.")
    states = [_terms(entries, order(events=DELIVERED), f"2026-11-{day}")[0,] for day in (12, 15, 25)]
    assert states == ["open", "unclear", "over"]


def test_a_longer_time_over_the_holidays_counts_where_the_order_is_of_those_days() -> None:
    text = "You can return goods within 30 days of delivery. What you buy between November 1 and December 24 can be "
    entries = passages(text + "returned until January 31.")
    assert _terms(entries, order(events=DELIVERED), "2027-01-31")[0,] == "open"
    assert _terms(entries, order(events=DELIVERED), "2027-02-01")[0,] == "over"
    early = order(events=DELIVERED, placed_at="2026-10-30T10:00:00")
    assert _terms(entries, early, "2027-01-31")[0,] == "over"
    unread = passages("You can return goods within 30 days of delivery. Around December 24 we are generous.")
    assert _terms(unread, order(events=DELIVERED), "2027-01-31")[0,] == "unclear"


def test_goods_of_a_kind_of_their_own_have_their_own_terms() -> None:
    entries = passages(
        "You can return goods within 30 days of delivery.",
        "Bikes can be returned within 5 days of delivery.",
        "Gift cards, opened coffee and sleeping bag liners cannot be returned.",
    )
    mixed = order(events=DELIVERED, items=("City Bike", "Espresso Coffee", "Duffel Bag", "Silk Liner"))
    states = _terms(entries, mixed, "2026-12-01")
    assert states == {(0,): "over", (1, 3): "excluded", (2,): "open"}
    assert _terms(entries, mixed, "2026-12-01", "I want to return the duffel") == {(2,): "open"}


def test_contradicting_terms_decide_nothing() -> None:
    entries = passages(
        "You can return goods within 30 days of delivery.", "You can return items within 14 days of delivery."
    )
    assert _terms(entries, order(events=DELIVERED), "2026-12-01")[0,] == "unclear"


def test_without_a_passage_nothing_is_said_about_returns() -> None:
    assert _terms(passages("We are nice people."), order(events=DELIVERED), "2026-12-01") == {}


def test_the_order_with_the_goods_named_is_the_one_meant() -> None:
    old = order(events=DELIVERED, items=("Walnut Desk",))
    new = order("processing", items=("Blue Cup",))
    assert order_meant(Query("return the desk", ("order_status",), action="return"), (new, old)) is old
    assert order_meant(Query("return something", ("order_status",), action="return"), (new, old)) is old
    assert order_meant(Query("cancel", ("order_status",), action="cancel"), (old, new)) is new
    assert items_meant("return the cup for my order", order(items=("Blue Cup", "Set for Two"))) == (0,)


# -- arriving and stopping ---------------------------------------------------------------------------------------------

RANGE = (Entry("policy:1", "policy", "Shipping > Standard delivery", "It takes 3 to 5 business days. Nice."),)


def _arrival(of: Order, today: str = "2026-11-20", entries: Sequence[Entry] = RANGE) -> tuple[object, ...] | None:
    facts = facts_of(Query("", ("order_status",)), of, Terms(entries, {}), date.fromisoformat(today))
    found = facts.arrival
    return found and (found.first, found.last, found.counted_from, facts.late)


def test_business_days_are_counted_from_the_recorded_day_and_a_late_order_is_late() -> None:
    shipped = order("shipped", DELIVERED[:1])  # a Thursday
    assert _arrival(shipped, "2026-11-12") == (date(2026, 11, 10), date(2026, 11, 12), "shipped", False)
    assert _arrival(shipped, "2026-11-13") == (date(2026, 11, 10), date(2026, 11, 12), "shipped", True)
    assert _arrival(order("processing")) == (date(2026, 11, 5), date(2026, 11, 9), "placed", True)


def test_what_the_shop_says_of_this_order_comes_before_any_estimate() -> None:
    said = order("shipped", expected="2026-12-03")
    assert _arrival(said) == (date(2026, 12, 3), date(2026, 12, 3), "", False)


def test_nothing_is_estimated_without_a_day_a_range_or_need() -> None:
    assert _arrival(order("processing", placed_at=None)) is None
    assert _arrival(order("shipped"), entries=passages("We deliver fast.")) is None
    assert _arrival(order("delivered", DELIVERED)) is None
    assert _arrival(order("frobnicated")) is None
    several = (Entry("policy:2", "policy", "送达时间", "江浙沪发出后1到2天到，其他省份3到4天。"),)
    assert _arrival(order("shipped", placed_at="2026-11-19"), entries=several) == (None, None, "placed", False)
    assert _arrival(order("shipped", placed_at="2026-11-01"), entries=several) == (None, None, "placed", True)


@pytest.mark.parametrize(
    ("status", "cancel"),
    [("processing", "open"), ("shipped", "left"), ("delivered", "arrived"), ("cancelled", "cancelled"), ("odd", None)],
)
def test_an_order_can_be_stopped_before_it_left(status: str, cancel: str | None) -> None:
    entries = (Entry("policy:1", "policy", "Changing an order", "You can cancel the order for 60 minutes."),)
    facts = facts_of(
        Query("", ("order_status",), action="cancel"), order(status), Terms(entries, {}), date(2026, 12, 1)
    )
    assert facts.cancel == cancel
    assert facts.cancel_quote == "You can cancel the order for 60 minutes."


def test_a_parcel_that_is_on_its_way_is_believed_before_the_status() -> None:
    query = Query("", ("order_status",), action="cancel")
    left = order("processing", DELIVERED[:1])
    labelled = order("processing", shipments=(Shipment("DHL", "T1", None),))
    found = [facts_of(query, of, Terms((), {}), date(2026, 12, 1)).cancel for of in (left, labelled)]
    assert found == ["left", None]


def test_what_was_asked_before_is_not_asked_again() -> None:
    asked = order("processing", requests=(OrderRequest("cancel", "2026-11-03T10:00:00"),))
    facts = facts_of(Query("", ("order_status",), action="cancel"), asked, Terms((), {}), date(2026, 12, 1))
    assert facts.cancel == "requested"
