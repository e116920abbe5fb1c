"""`python -m knowledge_base check`: the dry run, on shops that are fine, wrong and hopeless."""

import gzip
import io
import json
import random
from pathlib import Path

import pytest
from openpyxl import Workbook

from assistant.storefront import FolderStorefront
from knowledge_base.__main__ import main
from knowledge_base.check import check_shop, render
from knowledge_base.errors import ShopError
from knowledge_base.shop import open_shop


def make(folder: Path, **files: str | bytes) -> Path:
    for key, content in files.items():
        path = folder / ".".join(key.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


GOOD = {
    "shop_toml": 'name = "Fern"\nlanguage = "en"\ncurrency = "EUR"\n',
    "products_csv": "id,product_name,price\n1,Cup,4.50\n2,Pot,12.00\n",
    "faq_md": "## How long?\nTwo days.\n",
    "policies__returns_md": "# Returns\n30 days.\n",
    "orders_jsonl": '{"id": "W1", "customer_id": "ann", "items": [{"product_id": "1", "quantity": 1}]}\n',
}


def test_a_good_shop_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(make(tmp_path, **GOOD))]) == 0
    said = capsys.readouterr().out
    assert "Fern" in said
    assert "products   2, from 2 rows" in said
    assert "product_name  title" in said
    assert "1 questions;  policies 1 passages" in said
    assert "no problems found" in said


def test_refused_rows_are_listed_worst_first_and_set_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{n},,1\n" for n in range(3, 12))
    make(tmp_path, **GOOD | {"products_csv": "id,title,price\n1,Cup,-4\n2,Pot,12\n" + rows})
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "9 refused" in said
    assert said.index("refused (9)") < said.index("repaired or unknown (1)")
    assert "and 6 more" in said
    assert "row 4" in said
    assert main(["check", str(tmp_path), "--all"]) == 1
    assert "row 12" in capsys.readouterr().out


def test_json_holds_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, **GOOD | {"products_csv": "id,title,price\n1,Cup,abc\n,Pot,12\n"})
    assert main(["check", str(tmp_path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["products"], said["rows"], said["refused"], said["status"]) == (1, 2, 1, 1)
    assert said["columns"]["products.csv"]["title"] == "title"
    assert [(p["row"], p["column"], p["severity"]) for p in said["problems"]] == [
        (2, "price", "warning"),
        (3, None, "error"),
    ]
    assert all(p["remedy"] for p in said["problems"])


def test_references_to_unknown_products_are_warnings(tmp_path: Path) -> None:
    make(
        tmp_path,
        **GOOD
        | {
            "orders_jsonl": '{"id": "W1", "customer_id": "a", "items": [{"product_id": "99"}]}',
            "reviews_csv": "product_id,text\n98,Good\n1,Fine\n",
            "faq_jsonl": '{"id": "a", "question": "b?", "answer": "c", "product_id": "97"}',
        },
    )
    report = check_shop(open_shop(tmp_path))
    assert [(p.file, p.value) for p in report.problems if p.severity == "warning"] == [
        ("orders.jsonl", "99"), ("reviews.csv", "98"), ("faq.jsonl", "97"),
    ]  # fmt: skip
    assert report.status == 0


def test_a_shop_that_cannot_be_used_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert "products.csv" in capsys.readouterr().err
    assert main(["check", str(tmp_path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["status"] == 2
    make(tmp_path, products_csv="id,title\n1,\n")
    assert main(["check", str(tmp_path)]) == 2


def test_a_report_never_steers_the_terminal(tmp_path: Path) -> None:
    make(tmp_path, **GOOD | {"products_csv": 'id,title,price\n1,Cup,"\x1b[2Jx"\n'})
    lines = "\n".join(render(check_shop(open_shop(tmp_path)), None))
    assert "\x1b" not in lines


def test_search_needs_a_query_or_a_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["search", str(tmp_path)])
    assert "QUERY" in capsys.readouterr().err


# --- no input file may raise anything but ShopError ---


def _workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["id", "title", "price"], [1, "Cup", 4.5], [2, "Pot", "12,00 €"]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


SEEDS: dict[str, bytes] = {
    "products_csv": (
        'id,title,price,stock,rating,attributes\n1,"Cup, blue",4.50,3,4.5,"{""a"": 1}"\n2,Töpf,"1.299,00 €",x,9,\n'
    ).encode(),
    "products_tsv": "编号\t商品名称\t价格\n1\t电热水壶\t￥199\n2\t杯子\t-3\n".encode("gbk"),
    "products_jsonl": (
        b'{"id":1,"title":"Cup","price":4.5,"variants":[{"id":"a","options":{"size":"M"},"price":"3"}]}\n'
        b'{"id":2,"title":"<b>Pot</b>"}\n'
    ),
    "products_json": b'{"products":[{"id":1,"title":"Cup","category":["a","b"],"rating":{"stars":4}},{"id":2}]}',
    "products_xml": (
        b'<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id>'
        b"<title>A</title><g:price>4 EUR</g:price></item></channel></rss>"
    ),
    "products_xlsx": _workbook(),
    "products_csv.gz": gzip.compress(b"id,title,price\n1,Cup,4\n2,Pot,5\n", mtime=0),
    "faq_md": b"# FAQ\n## How?\nSo **so**.\n\nQ: a?\nA: b\n",
    "faq_csv": b"question,answer\nHow?,So\n",
    "policies__a_html": b"<h1>Returns</h1><p>30 days &amp; more</p><script>x</script><ul><li>a</ul>",
    "policies__b_txt": "退货\n\n七天内可以退货。\n\n1. 运费\n买家承担。\n".encode("utf-16"),
    "orders_jsonl": (
        b'{"id":"1","customer_id":"a","items":[{"product_id":"1","quantity":2}],'
        b'"shipments":[{"events":[{"at":"x"}]}]}\n'
    ),
    "reviews_csv": b"product_id,text,rating,at\n1,Good,5,2026-01-01\n",
    "prices_csv": b"product_id,at,price\n1,2026-01-01,4.50\n",
    "events_jsonl": b'{"shopper_id":"a","kind":"view","product_id":"1","at":1706700000}\n',
    "shop_toml": b'name = "S"\n[products.columns]\nprice = "price"\n[links]\na = "https://a.example"\n',
}
SPLICES = (
    b"\x00", b"\xff\xfe", b'"', b"'", b"{", b"[", b"\\ud800", b"1e999", b"NaN", b"-", b"\r", b"\xe2\x80\xa8", b"<",
    b"&#0;", b"&#99999999;", b"<![CDATA[", b"]]>", b"\xed\xa0\x80", b"9" * 400, b"[" * 300, b"null", b"\x1b[2J",
    b"PK\x03\x04",
)  # fmt: skip


def _mutated(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0 if data:
                data[at % len(data)] = chance.randrange(256)
            case 1:
                data[at:at] = chance.choice(SPLICES)
            case 2:
                del data[at : at + chance.randint(1, 12)]
            case 3:
                data = data[:at]
            case _:
                data[at:at] = data[chance.randrange(len(data) + 1) :][:40]
    return bytes(data)


@pytest.mark.parametrize("name", SEEDS)
def test_no_file_raises_anything_but_a_shop_error(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    for _ in range(60):
        folder = tmp_path / "shop"
        make(folder, **{"products_csv": SEEDS["products_csv"]} if not name.startswith("products") else {})
        content = _mutated(SEEDS[name], chance)
        make(folder, **{name: content})
        try:
            shop = open_shop(folder)
            "\n".join(render(check_shop(shop), None)).encode()
            FolderStorefront(shop)
        except ShopError as error:
            assert str(error)
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
