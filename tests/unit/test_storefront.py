"""Orders are shown to the verified shopper they belong to, and to nobody else."""

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.bootstrap import make_storefront
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.storefront import FolderStorefront
from knowledge_base.errors import ShopError
from knowledge_base.importing.records import read_events, read_orders, read_prices, read_reviews
from knowledge_base.shop import Shop, open_shop

ORDERS = [
    {
        "id": "#W-1001", "customer_id": "ann", "status": "shipped", "placed_at": "2026-01-02",
        "items": [{"product_id": "1", "variant_id": "1a", "title": "Cup", "options": {"color": "blue"}, "price": "4.50",
                   "quantity": 2}],
        "shipments": [{"carrier": "DHL", "tracking": ["T1", "T2"], "status": "on its way", "variant_ids": ["1a"],
                       "events": [{"at": "2026-01-04T10", "text": "out"}, {"at": "2026-01-03T10", "text": "in"}]}],
        "total": "9.00",
    },
    {"id": "W-1002", "customer_id": "ann", "status": "new", "placed_at": "2026-02-02"},
    {"id": "W-2001", "customer_id": "bob", "status": "new"},
]  # fmt: skip


def shop(folder: Path, **files: str) -> Shop:
    (folder / "shop.toml").write_text('name = "S"\ncurrency = "EUR"\nlanguage = "en"\n', encoding="utf-8")
    (folder / "products.csv").write_text("id,title\n1,Cup\n", encoding="utf-8")
    for key, content in files.items():
        (folder / ".".join(key.rsplit("_", 1))).write_text(content, encoding="utf-8")
    return open_shop(folder)


@pytest.fixture
def storefront(tmp_path: Path) -> FolderStorefront:
    return FolderStorefront(shop(tmp_path, orders_jsonl="\n".join(json.dumps(order) for order in ORDERS)))


@pytest.mark.parametrize("ref", ["#W-1001", "w-1001", "W1001", " # w 1001 ", "Ｗ－1001"])
def test_an_order_is_found_however_its_number_is_written(storefront: FolderStorefront, ref: str) -> None:
    order = storefront.order("ann", ref)
    assert order is not None
    assert (order.id, order.status, order.total, order.currency) == ("#W-1001", "shipped", Decimal("9.00"), "EUR")
    assert (order.items[0].title, dict(order.items[0].options), order.items[0].quantity) == (
        "Cup",
        {"color": "blue"},
        2,
    )
    assert order.shipments[0].tracking == "T1, T2"
    assert [text for _, text in order.shipments[0].events] == ["in", "out"]


@pytest.mark.parametrize("ref", ["W-2001", "W-9999", "", "#", "1001", "W-100", "*"])
def test_not_yours_and_no_such_order_look_the_same(storefront: FolderStorefront, ref: str) -> None:
    assert storefront.order("ann", ref) is None


def test_a_shopper_sees_her_own_orders_newest_first(storefront: FolderStorefront) -> None:
    assert [order.id for order in storefront.orders("ann")] == ["W-1002", "#W-1001"]
    assert storefront.orders("carl") == ()
    assert storefront.orders("") == ()


def test_a_shop_without_orders_has_none(tmp_path: Path) -> None:
    assert FolderStorefront(shop(tmp_path)).orders("ann") == ()


def test_line_items_in_rows_of_their_own_are_one_order(tmp_path: Path) -> None:
    text = "order_id,customer_id,status,product_id,quantity,price\n"
    text += '1,ann,paid,1,2,"4,50"\n1,ann,paid,2,1,3.00\n2,bob,paid,1,x,3\n'
    orders, problems = read_orders(shop(tmp_path, orders_csv=text))
    assert [(o.id, [(i.product_id, i.quantity, i.price) for i in o.items]) for o in orders] == [
        ("1", [("1", 2, Decimal("4.50")), ("2", 1, Decimal("3.00"))]),
        ("2", [("1", 1, Decimal(3))]),
    ]
    assert [(p.row, p.column) for p in problems] == [(4, "quantity")]


def test_orders_without_id_or_owner_and_repeated_ones_are_refused(tmp_path: Path) -> None:
    text = "id,customer_id\n,ann\n2,\n3,ann\n3,bob\n"
    orders, problems = read_orders(shop(tmp_path, orders_csv=text))
    assert [(o.id, o.customer_id) for o in orders] == [("3", "ann")]
    assert [(p.row, p.severity) for p in problems] == [(2, "error"), (3, "error"), (5, "error")]


def test_reviews_prices_and_events_are_read_and_checked(tmp_path: Path) -> None:
    folder = shop(
        tmp_path,
        reviews_csv="product_id,text,rating,at\n1,<b>Good</b>,5,2026-01-01\n1,,4,\n1,Meh,17,soon\n",
        prices_csv="product_id,at,price\n1,2026-01-01,4.50\n1,never,4\n1,2026-01-02,free\n",
        events_csv="user_id,event,product_id,at\nann,add_to_cart,1,2026-01-01\nann,juggle,1,\n",
    )
    reviews, review_problems = read_reviews(folder)
    assert [(r.text, r.rating, r.at is not None) for r in reviews] == [("Good", 5, True), ("Meh", None, False)]
    assert [(p.row, p.column, p.severity) for p in review_problems] == [
        (3, "text", "error"), (4, "rating", "warning"), (4, "at", "warning"),
    ]  # fmt: skip
    prices, price_problems = read_prices(folder)
    assert [price.price for price in prices] == [Decimal("4.50")]
    assert {p.row for p in price_problems if p.severity == "error"} == {3, 4}
    events, event_problems = read_events(folder)
    assert [(e.shopper_id, e.kind) for e in events] == [("ann", "cart")]
    assert [p.row for p in event_problems] == [3]


@pytest.mark.parametrize(
    ("ref", "email", "found"),
    [
        ("#W-1001", "ann@example.com", True), ("w1001", " ANN@example.com ", True),
        ("W-1001", "ａnn@example.com", True),
        ("W-1001", "bob@example.com", False), ("W-2001", "ann@example.com", False), ("W-9", "ann@example.com", False),
        ("W-2001", "", False), ("", "ann@example.com", False), ("W-1001", "ann@example.co", False),
    ],
)  # fmt: skip
def test_a_guest_needs_number_and_address(tmp_path: Path, ref: str, email: str, found: bool) -> None:
    rows = [{**ORDERS[0], "email": "Ann@Example.com"}, ORDERS[1], ORDERS[2]]
    storefront = FolderStorefront(shop(tmp_path, orders_jsonl="\n".join(json.dumps(order) for order in rows)))
    assert (storefront.look_up(ref, email) is not None) == found


def test_orders_are_read_again_when_their_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.storefront._LOOK_S", 0.0)
    folder = shop(tmp_path, orders_jsonl=json.dumps(ORDERS[1]))
    storefront = FolderStorefront(folder)
    (tmp_path / "orders.jsonl").write_text("\n".join(json.dumps(order) for order in ORDERS), encoding="utf-8")
    assert [order.id for order in storefront.orders("ann")] == ["W-1002", "#W-1001"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('url = "https://shop.example"\nofers = true', "did you mean offers"),
        ("offers = true", "storefront.url"),
        ('url = "https://shop.example"\ntimeout_s = 99', "timeout_s"),
    ],
)
def test_a_storefront_that_is_not_as_documented_is_refused(tmp_path: Path, table: str, message: str) -> None:
    shop(tmp_path)
    (tmp_path / "shop.toml").write_text(f"[storefront]\n{table}\n", encoding="utf-8")
    with pytest.raises(ShopError, match=message):
        open_shop(tmp_path)


def test_the_settings_decide_which_storefront_it_is(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert isinstance(make_storefront(folder, Settings(data=tmp_path / "data")), FolderStorefront)
    (tmp_path / "shop.toml").write_text('[storefront]\nurl = "https://shop.example/a"\noffers = true', encoding="utf-8")
    with closing(make_storefront(open_shop(tmp_path), Settings(storefront_key="k" * 32))) as storefront:
        assert storefront.abilities == {"offers"}
    with pytest.raises(SettingsError, match="openssl"):
        make_storefront(open_shop(tmp_path), Settings())
