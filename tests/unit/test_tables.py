"""Rows out of any file: delimiters, encodings, wrappings, and every way in which a file can be broken."""

import gzip
import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.types import Problem

WANTED = [{"id": "1", "name": "Tasse bleue", "price": "12,50"}, {"id": "2", "name": "Café crème", "price": "3,20"}]


def read(folder: Path, name: str, content: bytes | str) -> tuple[list[Row], list[Problem]]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read_rows(path))
    return [f for f in found if isinstance(f, Row)], [f for f in found if isinstance(f, Problem)]


def cells(rows: list[Row]) -> list[dict[str, object]]:
    return [dict(row.cells) for row in rows]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "^", "~", "\x01"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_whatever_delimits_and_encodes_it(
    tmp_path: Path, delimiter: str, encoding: str, line_end: str
) -> None:
    lines = [delimiter.join(row) for row in [WANTED[0].keys(), *(row.values() for row in WANTED)]]
    rows, _ = read(tmp_path, "a.csv", (line_end.join(lines) + line_end).encode(encoding))
    assert cells(rows) == WANTED
    assert [row.number for row in rows] == [2, 3]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-8"])
def test_chinese_tables_are_read_in_their_encodings(tmp_path: Path, encoding: str) -> None:
    text = "编号,商品名称,价格\n1,美的电热水器六十升,1299\n2,苹果手机保护壳，黑色,19\n"
    rows, problems = read(tmp_path, "a.csv", text.encode(encoding))
    assert cells(rows)[1] == {"编号": "2", "商品名称": "苹果手机保护壳，黑色", "价格": "19"}
    assert [p.severity for p in problems] == (["note"] if encoding.startswith("gb") else [])


def test_french_in_windows_1252_is_not_taken_for_another_code_page(tmp_path: Path) -> None:
    text = "id;nom;prix\n1;Théière à « café » – crème brûlée;12,50 €\n2;L’été à Nîmes;3 €\n"
    rows, _ = read(tmp_path, "a.csv", text.encode("cp1252"))
    assert cells(rows)[0] == {"id": "1", "nom": "Théière à « café » – crème brûlée", "prix": "12,50 €"}


def test_single_bytes_that_are_not_utf8_are_repaired_where_they_stand(tmp_path: Path) -> None:
    raw = "id,name\n1,é è à ü ö ä\n".encode() + b"2,b\xe9ret\n3,nu\x00l\n"
    rows, problems = read(tmp_path, "a.csv", raw)
    assert [row.cells["name"] for row in rows] == ["é è à ü ö ä", "béret", "nul"]
    assert [(p.row, p.column, p.severity) for p in problems] == [(3, "name", "warning"), (4, "name", "warning")]


def test_the_excel_separator_line_and_titles_above_the_header_are_skipped(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "a.csv", "sep=;\r\nid;name\r\n1;Cup\r\n")
    assert [(row.number, dict(row.cells)) for row in rows] == [(3, {"id": "1", "name": "Cup"})]
    rows, _ = read(tmp_path, "b.csv", "Our products\n\nid,name,price\n1,Cup,2\n2,Pot,3\n")
    assert [(row.number, row.cells["name"]) for row in rows] == [(4, "Cup"), (5, "Pot")]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a.csv", 'id,name,text\n1,"a, ""b""","x\ny"\n2,27" screen,z\n')
    assert cells(rows) == [
        {"id": "1", "name": 'a, "b"', "text": "x\ny"},
        {"id": "2", "name": '27" screen', "text": "z"},
    ]
    assert not problems


def test_an_unclosed_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = [f"{n},Cup {n},{n}.50" for n in range(1, 30)]
    lines[9] = '10,"Cup 10,10.50'
    rows, problems = read(tmp_path, "a.csv", "\n".join(["id,name,price", *lines]) + "\n")
    assert [row.cells["id"] for row in rows] == [str(n) for n in range(1, 30) if n != 10]
    assert [(p.row, p.severity) for p in problems] == [(11, "error")]


def test_a_row_with_too_many_cells_is_refused_and_a_short_one_is_marked(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a.csv", "id,name,price\n1,Cup,2\n2,Cup, blue,3\n3,Pot\n4,Jar,5,,\n")
    assert [(row.cells["id"], row.short) for row in rows] == [("1", False), ("3", True), ("4", False)]
    assert [(p.row, p.severity) for p in problems] == [(3, "error"), (4, "warning")]


def test_repeated_and_empty_headers_keep_their_cells(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "a.csv", "id,name,,name\n1,a,b,c\n")
    assert cells(rows) == [{"id": "1", "name": "a", "column 3": "b", "name (2)": "c"}]


def test_jsonl_is_split_at_line_feeds_only_and_keeps_decimals(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a.jsonl", '{"id":1,"t":"a\u2028b\u0085c","p":19.90}\n\n{bad}\n[1]\n{"id":NaN}\n')
    assert [row.number for row in rows] == [1, 5]
    assert rows[0].cells["t"] == "a\u2028b\u0085c"
    assert str(rows[0].cells["p"]) == "19.90"
    assert rows[1].cells["id"] is None
    assert [p.row for p in problems] == [3, 4]


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": 1}, {"id": 2}]',
        '{"products": [{"id": 1}, {"id": 2}]}',
        '{"data": {"items": [{"id": 1}, {"id": 2}]}, "next": null}',
        '{"id": 1}\n{"id": 2}\n',
    ],
)
def test_json_rows_are_found_wherever_they_are_wrapped(tmp_path: Path, text: str) -> None:
    rows, _ = read(tmp_path, "a.json", text)
    assert [(row.number, row.cells["id"]) for row in rows] == [(1, 1), (2, 2)]


def test_json_objects_keyed_by_their_ids_are_rows(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "a.json", '{"shop": {"main": {"a1": {"name": "Cup"}, "a2": {"name": "Pot"}}}}')
    assert cells(rows) == [{"id": "a1", "name": "Cup"}, {"id": "a2", "name": "Pot"}]


def test_a_workbook_is_read_with_numbers_in_their_shortest_form(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["id", "name", "price", "new"], [1, "Cup", 19.9, True], [2, None, 0.1 + 0.2, False]):
        sheet.append(line)
    book.create_sheet("Notes").append(["call", "mum"])
    buffer = io.BytesIO()
    book.save(buffer)
    rows, problems = read(tmp_path, "a.xlsx", buffer.getvalue())
    assert cells(rows)[0] == {"id": "1", "name": "Cup", "price": "19.9", "new": "yes"}
    assert [row.number for row in rows] == [2, 3]
    assert "Notes" in problems[0].message


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    packed = gzip.compress(b"id,name\n1,Cup\n", mtime=0)
    for name in ("a.csv.gz", "b.csv"):
        rows, _ = read(tmp_path, name, packed)
        assert cells(rows) == [{"id": "1", "name": "Cup"}]


def test_xml_items_are_rows(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
        "<item><g:id>1</g:id><title>Cup &amp; Saucer</title><g:image_link>a</g:image_link>"
        "<g:image_link>b</g:image_link><g:shipping><g:price>1 EUR</g:price></g:shipping></item></channel></rss>"
    )
    rows, _ = read(tmp_path, "a.xml", text)
    assert cells(rows) == [
        {"id": "1", "title": "Cup & Saucer", "image_link": ["a", "b"], "shipping": {"price": "1 EUR"}}
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf\n\n", "empty"),
        ("a.xlsx", b"PK\x03\x04rubbish", "workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0old", "xlsx"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("a.csv.gz", gzip.compress(b"id,name\n" * 999, mtime=0)[:-20], "cannot be read"),
        ("a.json", b'[{"id": 1}, {"id":', "JSON"),
        ("a.json", b"[" * 100_000, "JSON"),
        ("a.xml", b"<rss><item><id>1</id></item><item>", "breaks off"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><rss><item><id>&a;</id></item></rss>', "entities"),
        ("a.xml", b"<html><p>not found</p></html>", "no <item>"),
    ],
)
def test_what_cannot_be_read_is_one_error_that_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    _, problems = read(tmp_path, name, content)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert len(errors) == 1
    assert said in errors[0].message + errors[0].remedy
    assert errors[0].remedy


def test_a_missing_file_is_a_problem_too(tmp_path: Path) -> None:
    assert [type(found) for found in read_rows(tmp_path / "nothing.csv")] == [Problem]
