"""A merchant's own system is called signed and in time, and believed only where its answer can be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from assistant.errors import SettingsError, StorefrontError
from assistant.storefront import OrderAction, Receipt
from assistant.storefronts import http
from assistant.storefronts.http import Endpoint, HttpStorefront
from tests.merchant import KEY, OFFER, ORDERS, Merchant, merchant_server


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with merchant_server(Merchant()) as running:
        yield running


@pytest.fixture
def storefront(merchant: Merchant) -> Iterator[HttpStorefront]:
    endpoint = Endpoint(merchant.url, KEY, timeout_s=5, currency="USD", look_up_s=0.0)
    with closing(HttpStorefront(endpoint)) as made:
        yield made


def test_a_shoppers_orders_come_typed_and_newest_first(storefront: HttpStorefront) -> None:
    newest, order = storefront.orders("ann")
    assert (newest.id, order.id) == ("M-1002", "M-1001")
    assert (newest.currency, order.currency, order.total) == ("USD", "EUR", Decimal("9.00"))
    assert (order.items[0].price, dict(order.items[0].options)) == (Decimal("4.50"), {"color": "blue"})
    assert [text for _, text in order.shipments[0].events] == ["in", "out"]
    assert order.expected == "2026-12-03"
    assert storefront.orders("nobody") == ()


def test_an_order_is_found_for_its_owner_alone(storefront: HttpStorefront) -> None:
    found = storefront.order("ann", "m1001")
    assert found is not None and found.id == "M-1001"
    assert storefront.order("ann", "M-2001") is None
    assert storefront.order("ann", "M-9999") is None


@pytest.mark.parametrize(
    ("ref", "email", "id_"),
    [
        ("M-1001", "ann@example.com", "M-1001"),
        ("m 1001", " ＡNN@example.com", None),
        ("M-1001", "bob@example.com", None),
    ],
)
def test_number_and_address_must_both_fit(storefront: HttpStorefront, ref: str, email: str, id_: str | None) -> None:
    found = storefront.look_up(ref, email)
    assert (found.id if found else None) == id_


def test_a_look_up_takes_as_long_whatever_the_shop_takes_over_it(merchant: Merchant) -> None:
    merchant.slow_look_ups = {"M-1001": 0.06}  # it has the order, and compares the address with care
    times: dict[str, list[float]] = {"M-1001": [], "M-9999": []}
    with closing(HttpStorefront(Endpoint(merchant.url, KEY, look_up_s=0.1))) as storefront:
        for ref in ["M-1001", "M-9999"] * 5:
            began = time.perf_counter()
            assert storefront.look_up(ref, "eve@example.com") is None
            times[ref].append((time.perf_counter() - began) * 1000)
    existing, missing = (min(taken) for taken in times.values())
    assert abs(existing - missing) <= 5


@pytest.mark.parametrize("order", [ORDERS[2], {**ORDERS[0], "email": None}, {**ORDERS[0], "email": "eve@example.com"}])
def test_a_merchant_that_checks_no_address_leaks_nothing(
    storefront: HttpStorefront, merchant: Merchant, order: dict[str, Any]
) -> None:
    merchant.answers["/orders/look-up"] = json.dumps({"order": order}).encode()
    assert storefront.look_up("M-1001", "ann@example.com") is None


@pytest.mark.parametrize("order", [ORDERS[2], {**ORDERS[0], "customer_id": None}])
def test_somebody_elses_order_in_an_answer_refuses_all_of_it(
    storefront: HttpStorefront, merchant: Merchant, order: dict[str, Any]
) -> None:
    merchant.answers["/orders"] = json.dumps({"orders": [ORDERS[0], order]}).encode()
    merchant.answers["/orders/find"] = json.dumps({"order": {**order, "id": "M-1001"}}).encode()
    with pytest.raises(StorefrontError, match="somebody else"):
        storefront.orders("ann")
    with pytest.raises(StorefrontError, match="somebody else"):
        storefront.order("ann", "M-1001")


def test_another_order_than_was_asked_for_is_refused(storefront: HttpStorefront, merchant: Merchant) -> None:
    merchant.answers["/orders/find"] = json.dumps({"order": ORDERS[1]}).encode()
    with pytest.raises(StorefrontError, match="another order"):
        storefront.order("ann", "M-1001")


def _order(**changes: object) -> bytes:
    return json.dumps({"orders": [{**ORDERS[0], **changes}]}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"<html>", b'{"order": []}', b'{"orders": null}', b'{"orders": [{}]}', b"{" * 5000,
        b"\xff\xfe", _order(total=9.99), _order(total="nine"), _order(total="NaN"), _order(total="-1"),
        _order(id=""), _order(id=7), _order(items="none"), _order(items=[{"quantity": 0}]), _order(placed_at="soon"),
        _order(currency="$"), _order(status=["shipped"]), _order(shipments=[{"events": [{"at": "x", "text": "y"}]}]),
        json.dumps({"orders": [ORDERS[0]] * 201}).encode(),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_as_agreed_is_refused(
    storefront: HttpStorefront, merchant: Merchant, body: bytes
) -> None:
    merchant.answers["/orders"] = body
    with pytest.raises(StorefrontError, match="not as agreed"):
        storefront.orders("ann")


def _unsigned(merchant: Merchant) -> None:
    merchant.headers = {"X-Shopkeeper-Signature": ""}


def _other_key(merchant: Merchant) -> None:
    merchant.key = b"another key that somebody in between made up"


def _old(merchant: Merchant) -> None:
    merchant.age_s = 301


@pytest.mark.parametrize("forge", [_unsigned, _other_key, _old])
def test_a_forged_or_replayed_answer_is_refused(
    storefront: HttpStorefront, merchant: Merchant, forge: Callable[[Merchant], None]
) -> None:
    forge(merchant)
    with pytest.raises(StorefrontError, match="signature"):
        storefront.orders("ann")


@pytest.mark.parametrize(
    ("status", "headers"), [(302, {"Location": "http://127.0.0.1:1/"}), (307, {"Location": "/"}), (401, {}), (500, {})]
)
def test_no_redirect_is_followed_and_no_error_believed(
    storefront: HttpStorefront, merchant: Merchant, status: int, headers: dict[str, str]
) -> None:
    merchant.status, merchant.headers = status, headers
    with pytest.raises(StorefrontError, match=str(status)):
        storefront.orders("ann")
    assert len(merchant.asked) == 1


def test_a_huge_or_packed_answer_is_refused(storefront: HttpStorefront, merchant: Merchant) -> None:
    merchant.answers["/orders"] = b" " * (http.MAX_ANSWER_BYTES + 1)
    with pytest.raises(StorefrontError, match="more than"):
        storefront.orders("ann")
    merchant.answers["/orders"], merchant.headers = b"{}", {"Content-Encoding": "gzip"}
    with pytest.raises(StorefrontError, match="packed"):
        storefront.orders("ann")


@pytest.mark.parametrize(("delay_s", "drip_s"), [(1.0, 0.0), (0.0, 0.05)])
def test_a_slow_answer_is_given_up_in_time(merchant: Merchant, delay_s: float, drip_s: float) -> None:
    merchant.delay_s, merchant.drip_s = delay_s, drip_s
    with closing(HttpStorefront(Endpoint(merchant.url, KEY, timeout_s=0.2))) as storefront:
        began = time.monotonic()
        with pytest.raises(StorefrontError, match=r"within 0\.2 s"):
            storefront.orders("ann")
        assert time.monotonic() - began < 0.6


def test_a_read_is_tried_again_after_a_broken_connection_and_a_request_is_not(
    storefront: HttpStorefront, merchant: Merchant
) -> None:
    merchant.drops = 1
    assert len(storefront.orders("ann")) == 2
    merchant.drops = 1
    with pytest.raises(StorefrontError, match="reached"):
        storefront.act(OrderAction("return", "M-1001", "k1", (0,)))
    assert [path for path, _, _ in merchant.asked] == ["/orders", "/orders", "/returns"]


def test_a_request_carries_its_key_and_is_accepted_once(storefront: HttpStorefront, merchant: Merchant) -> None:
    action = OrderAction("cancel", "M-1002", "k2")
    assert storefront.act(action) == storefront.act(action) == Receipt(True, "R-1")
    path, body, headers = merchant.asked[0]
    assert (path, body) == ("/cancellations", {"order": "M-1002", "items": [], "key": "k2"})
    assert headers["Idempotency-Key"] == "k2"


def test_numbers_and_addresses_stay_out_of_the_requests_url(storefront: HttpStorefront, merchant: Merchant) -> None:
    storefront.look_up("M-1001", "ann@example.com")
    assert [path for path, _, _ in merchant.asked] == ["/orders/look-up"]
    assert merchant.n_refused == 0


def test_live_figures_come_for_the_products_asked_for(storefront: HttpStorefront, merchant: Merchant) -> None:
    merchant.offers.append({**OFFER, "product_id": "2"})
    (offer,) = storefront.offers(["1"])
    assert (offer.variant_id, offer.price, offer.in_stock, offer.stock) == ("1a", Decimal("4.20"), True, 3)
    assert offer.as_of == "2026-12-01T00:00:00+00:00"
    assert storefront.offers([]) == ()


def test_live_figures_are_not_waited_for(merchant: Merchant) -> None:
    merchant.delay_s = 0.6
    with closing(HttpStorefront(Endpoint(merchant.url, KEY))) as storefront:
        began = time.monotonic()
        with pytest.raises(StorefrontError):
            storefront.offers(["1"])
        assert time.monotonic() - began < 0.5


def test_a_system_that_is_down_is_left_alone_for_a_while(storefront: HttpStorefront, merchant: Merchant) -> None:
    merchant.status = 500
    for _ in range(5):
        with pytest.raises(StorefrontError, match="500"):
            storefront.orders("ann")
    merchant.status = 200
    with pytest.raises(StorefrontError, match="in a row"):
        storefront.orders("ann")
    assert len(merchant.asked) == 5


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://shop.example/a", KEY), ("ftp://shop.example", KEY), ("shop.example", KEY), ("https://", KEY),
        ("https://u:p@shop.example", KEY), ("https://shop.example/?a=1", KEY), ("https://shop.example", b"short"),
        ("https://shop.example", b"x" * 31),
    ],
)  # fmt: skip
def test_an_address_or_key_that_is_not_safe_is_refused(url: str, key: bytes) -> None:
    with pytest.raises(SettingsError):
        Endpoint(url, key)
