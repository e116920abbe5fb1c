"""A shop folder opened, or refused with what to do about it."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from knowledge_base.errors import ShopError
from knowledge_base.shop import ShopInfo, open_shop, settings_of_index

TOML = """
name = "Fern & Co"
language = "en"
currency = "eur"
voice = "warm and short"
greeting = "Hello!"

[links]
returns = "https://fern.example/returns"
mail = "mailto:help@fern.example"

[hours]
mon-fri = "9-17"
sat = "10-14"

[handoff]
email = "help@fern.example"

[products.columns]
price = "VK"
"attributes.colour" = "Farbe"
"""


def make(folder: Path, toml: str | None = TOML, **files: str) -> Path:
    if toml is not None:
        (folder / "shop.toml").write_text(toml, encoding="utf-8")
    for key, content in (files or {"products_csv": "id,title\n1,Cup\n"}).items():
        (folder / ".".join(key.rsplit("_", 1))).write_text(content, encoding="utf-8")
    return folder


def test_settings_are_read_and_survive_json(tmp_path: Path) -> None:
    info = open_shop(make(tmp_path)).info
    assert info == ShopInfo(
        name="Fern & Co",
        language="en",
        currency="EUR",
        voice="warm and short",
        greeting="Hello!",
        links={"returns": "https://fern.example/returns", "mail": "mailto:help@fern.example"},
        hours="mon-fri: 9-17; sat: 10-14",
        handoff={"email": "help@fern.example"},
        columns={"price": "VK", "attributes.colour": "Farbe"},
    )
    assert ShopInfo.from_json(info.to_json()) == info


def test_the_desk_is_as_the_shop_says_and_changes_no_index(tmp_path: Path) -> None:
    for name in ("plain", "desk"):
        (tmp_path / name).mkdir()
    shop = open_shop(make(tmp_path / "plain"))
    assert (shop.desk.mode, shop.desk.asks_for_people, shop.desk.undo_seconds) == ("autopilot", False, 5.0)
    toml = TOML + (
        '\n[desk]\nmode = "copilot"\nautopilot = ["small_talk"]\ntimezone = "Asia/Shanghai"\nundo_seconds = 8\n'
        '[desk.hours]\nmon = "9:00-12:00, 13:00-24:00"\n[desk.waiting]\nzh = "请稍等"\n'
    )
    other = open_shop(make(tmp_path / "desk", toml))
    assert (other.desk.mode, other.desk.autopilot, other.desk.timezone) == ("copilot", ("small_talk",), "Asia/Shanghai")
    assert other.desk.hours == {"mon": ((time(9), time(12)), (time(13), time.max))}
    assert (other.desk.notice("zh-CN"), other.desk.undo_seconds) == ("请稍等", 8)
    assert replace(other.info, name=shop.info.name) == shop.info
    assert settings_of_index(other.folder) == settings_of_index(shop.folder) != settings_of_index(tmp_path)


def test_every_kind_of_file_is_found(tmp_path: Path) -> None:
    make(
        tmp_path, products_csv="id,title\n1,Cup\n", faq_md="## A?\nb\n", orders_jsonl="", reviews_csv="", prices_csv=""
    )
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "returns.md").write_text("x", encoding="utf-8")
    (tmp_path / "policies" / ".hidden.md").write_text("x", encoding="utf-8")
    (tmp_path / "products.csv.bak").write_text("x", encoding="utf-8")
    (tmp_path / "products-sale.CSV.gz").write_bytes(b"")
    shop = open_shop(tmp_path)
    assert [p.name for p in shop.products] == ["products-sale.CSV.gz", "products.csv"]
    assert [shop.name_of(p) for p in shop.policies] == ["policies/returns.md"]
    assert [p.name for p in (*shop.faq, *shop.orders, *shop.reviews, *shop.prices)] == [
        "faq.md", "orders.jsonl", "reviews.csv", "prices.csv",
    ]  # fmt: skip
    assert shop.events == ()


def test_without_settings_everything_is_guessed_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "fern_and_co"
    folder.mkdir()
    shop = open_shop(make(folder, None, products_csv="id,title,price\n1,Blue cup,4.50 €\n"))
    assert (shop.info.name, shop.info.language, shop.info.currency) == ("Fern And Co", "en", "EUR")
    assert [(note.column, note.value, note.severity) for note in shop.notes] == [
        ("language", "en", "note"),
        ("currency", "EUR", "note"),
    ]


def test_a_chinese_export_is_a_chinese_shop(tmp_path: Path) -> None:
    shop = open_shop(make(tmp_path, None, products_csv="商品编号,商品名称,价格\n1,电热水壶,¥199\n"))
    assert (shop.info.language, shop.info.currency) == ("zh", "CNY")


def test_an_export_by_another_name_is_taken_and_said(tmp_path: Path) -> None:
    shop = open_shop(make(tmp_path, **{"wc-product-export-1_csv": "id,title\n1,Cup\n"}))
    assert [p.name for p in shop.products] == ["wc-product-export-1.csv"]
    assert any("by its name" in note.message for note in shop.notes)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('nmae = "x"', "unknown key nmae: did you mean name?"),
        ('[products.colums]\nprice = "x"', "did you mean columns?"),
        ('[products.columns]\nprize = "x"', "did you mean price?"),
        ('currency = "Euro"', "ISO 4217"),
        ('language = "English please"', "language tag"),
        ("name = 3", "name"),
        ('[links]\nhome = "javascript:alert(1)"', "https://"),
        ('[desk]\nmodus = "copilot"', "did you mean mode?"),
        ('[desk]\nmode = "manual"', "desk.mode"),
        ('[desk]\ncopilot = ["complaints"]', "complaints is no intent"),
        ('[desk]\ncopilot = ["policy"]\nautopilot = ["policy"]', "both"),
        ('[desk.hours]\nmonday = "9-17"', "monday is no day"),
        ('[desk.hours]\nmon = "9-17"', '"09:00-18:00"'),
        ('[desk.hours]\nmon = "09:00-25:00"', "no time of day"),
        ('[desk]\ntimezone = "Vermont"', "Europe/Berlin"),
        ('[desk.waiting]\nde = "Moment"', "en or zh"),
        ("name = ", "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_wrong_settings_are_refused_with_the_remedy(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(ShopError) as caught:
        open_shop(make(tmp_path, toml))
    assert said in str(caught.value)


def test_settings_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    (make(tmp_path) / "shop.toml").write_bytes('name = "Café"'.encode("cp1252"))
    with pytest.raises(ShopError, match="UTF-8"):
        open_shop(tmp_path)


def test_a_folder_that_cannot_be_a_shop_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ShopError, match="does not exist"):
        open_shop(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ShopError, match="not a folder"):
        open_shop(tmp_path / "file")
    with pytest.raises(ShopError, match=r"products\.csv"):
        open_shop(tmp_path)
