"""Rows out of any tabular file: delimited text, JSON, JSONL, XLSX or an XML feed, packed or not.

In: a file. Out: its rows in order, each with the number it has in the file, interleaved with the problems met on the
way. Which column means what is the business of `columns`; here a row is a header -> cell mapping, cells being text in
tables and JSON values in JSON.
"""

from __future__ import annotations

import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from knowledge_base.importing.decoding import MAX_BYTES, READ_ERRORS, Encoding, mend, open_bytes, open_text
from knowledge_base.importing.delimited import read_delimited
from knowledge_base.importing.exact_json import exact, load_json
from knowledge_base.importing.rows import Row, unique_headers
from knowledge_base.types import Problem

# What a damaged workbook makes openpyxl and zipfile raise, by trial with altered files.
_WORKBOOK_ERRORS = (
    zipfile.BadZipFile, zlib.error, struct.error, ParseError, DefusedXmlException, OSError, EOFError, KeyError,
    ValueError, TypeError, AttributeError, IndexError, NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
_ROW_TAGS = frozenset({"item", "entry", "product", "offer", "row", "record"})
_HINTS = ("products", "items", "rows", "data", "results", "faq", "faqs", "questions", "orders", "reviews", "events")


def read_rows(path: Path, name: str = "") -> Iterator[Row | Problem]:
    """The rows of a file in its order, with a `Problem` before each row that was repaired and for what was refused.

    `name` is what problems call the file (its own name by default). The format is told from the content as well as
    from the suffix. Nothing is raised for bad content: a file that cannot be read yields one "error" without a row.
    """
    name = name or path.name
    try:
        with open_bytes(path) as raw:
            head = raw.read(4096)
        if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
            yield _refusal(name, "the file is empty", "export it again")
        elif head.startswith(b"PK\x03\x04"):
            yield from _workbook(path, name)
        elif head.startswith(b"\xd0\xcf\x11\xe0"):
            yield _refusal(name, "this is an old Excel (.xls) or a protected workbook", "save it as .xlsx or .csv")
        elif head.startswith(b"%PDF"):
            yield _refusal(name, "this is a PDF", "export the data as .csv, .jsonl or .xlsx")
        else:
            yield from _text_rows(path, name)
    except READ_ERRORS as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        yield _refusal(name, f"the file cannot be read: {reason}", "copy or export it again")


def _text_rows(path: Path, name: str) -> Iterator[Row | Problem]:
    with open_text(path) as (stream, encoding):
        yield from _encoding_notes(encoding, name)
        first = stream.readline()
        while first and not first.strip(" \t\r\n\ufeff\x00"):
            first = stream.readline()
    start = first.lstrip(" \t\ufeff\x00")
    suffixes = path.name.lower()
    if start.startswith("<"):
        yield from _xml_rows(path, name)
    elif re.search(r"\.(csv|tsv|tab)(\.gz)?$", suffixes) or not _looks_like_json(start, suffixes):
        with open_text(path) as (stream, _):
            yield from read_delimited(stream, name)
    elif _is_a_row(first, suffixes) and not _is_single_line(path):
        yield from _jsonl(path, name)
    else:
        yield from _json(path, name)


def _looks_like_json(start: str, suffixes: str) -> bool:
    return start[:1] in ("{", "[") or re.search(r"\.(json|jsonl|ndjson)(\.gz)?$", suffixes) is not None


def _is_a_row(line: str, suffixes: str) -> bool:
    """Whether the first line of a JSON text is a row of JSONL rather than the beginning of one document."""
    if re.search(r"\.(jsonl|ndjson)(\.gz)?$", suffixes):
        return line.strip() not in ("{", "[") and not (line.lstrip().startswith("[") and _try_json(line) is None)
    return isinstance(_try_json(line), dict)


def _encoding_notes(encoding: Encoding, name: str) -> Iterator[Problem]:
    if not encoding.sure:
        message = f"the file is not UTF-8; it was read as {encoding.name}"
        yield Problem(name, None, None, None, message, "save it as UTF-8 if names look wrong", "note")


# --- JSON ---


def _try_json(text: str) -> Any:
    try:
        return load_json(text.strip(" \t\r\n\ufeff\x00"))
    except ValueError:
        return None


def _is_single_line(path: Path) -> bool:
    """Whether a file is one line of text, so that a JSON object in it is the document and not a row."""
    if re.search(r"\.(jsonl|ndjson)(\.gz)?$", path.name.lower()):
        return False
    with open_text(path) as (stream, _):
        return sum(1 for line, _ in zip((line for line in stream if line.strip()), range(2), strict=False)) < 2


def _lines(stream: Iterable[str]) -> Iterator[str]:
    """Lines ended by "\\n" alone: JSONL knows no other line end."""
    held = ""
    for part in stream:
        held += part
        if part.endswith("\n"):
            yield held
            held = ""
    if held:
        yield held


def _jsonl(path: Path, name: str) -> Iterator[Row | Problem]:
    with open_text(path) as (stream, _):
        for number, line in enumerate(_lines(stream), 1):
            text = line.strip(" \t\r\n\ufeff\x00")
            if not text:
                continue
            try:
                value = load_json(text)
            except ValueError as error:
                reason = str(error) or "not JSON"
                yield Problem(
                    name,
                    number,
                    None,
                    text[:80],
                    f"the line is not valid JSON: {reason}",
                    "write one JSON object a line",
                )
                continue
            yield from _json_row(value, number, name, _is_suspect(line))


def _json(path: Path, name: str) -> Iterator[Row | Problem]:
    with open_text(path) as (stream, _):
        text = stream.read()
    try:
        value = load_json(text.strip(" \t\r\n\ufeff\x00"))
    except ValueError as error:
        yield _refusal(
            name, f"the file is not valid JSON: {error}", "export it again, or write one object a line as .jsonl"
        )
        return
    suspect = _is_suspect(text)
    for number, row in enumerate(find_rows(value), 1):
        yield from _json_row(row, number, name, suspect)


def find_rows(value: Any, depth: int = 0) -> list[Any]:
    """The rows in a JSON document: its list of objects, wherever it is wrapped, or objects keyed by their id."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or depth > 6:
        return []
    lists = {key: v for key, v in value.items() if isinstance(v, list) and any(isinstance(x, dict) for x in v)}
    named = [key for key in value if str(key).casefold() in _HINTS]
    if "id" not in value and "title" not in value:
        for key in named:
            if found := find_rows(value[key], depth + 1):
                return found
        if len(lists) == 1 or (lists and len(value) == len(lists)):
            return max(lists.values(), key=len)
    children = [v for v in value.values() if isinstance(v, dict)]
    if children and len(children) == len(value):
        if sum(1 for child in children if all(isinstance(v, dict) for v in child.values())) * 2 > len(children):
            return [row for child in children for row in find_rows(child, depth + 1)]
        return [child if "id" in child else {"id": key, **child} for key, child in value.items()]
    return [value]


def _json_row(value: Any, number: int, name: str, suspect: bool) -> Iterator[Row | Problem]:
    if not isinstance(value, dict):
        shown = json.dumps(value, ensure_ascii=True, default=str)[:80]
        yield Problem(name, number, None, shown, "the row is not a JSON object", 'write {"id": …, "title": …}')
        return
    if suspect:
        value, damaged = _mend_json(value)
        for column in damaged:
            yield _damage(name, number, column, value.get(column))
    yield Row(number, value)


_SUSPECT = re.compile("[\ud800-\udfff\ufffd\x00]|\\\\u(?:[dD][89a-fA-F]|0000|fffd)")


def _is_suspect(text: str) -> bool:
    """Whether a text may hold lone surrogates, NUL or replacement characters, escaped or not."""
    if text.isascii() and "\\u" not in text and "\x00" not in text:
        return False
    return _SUSPECT.search(text) is not None


def _mend_json(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The row with every string mended, and the columns in which something was."""

    def mended(value: Any) -> Any:
        if isinstance(value, str):
            return mend_text(value)[0]
        if isinstance(value, list):
            return [mended(item) for item in value]
        if isinstance(value, dict):
            return {mended(key): mended(item) for key, item in value.items()}
        return value

    fixed = {mend_text(key)[0]: mended(value) for key, value in row.items()}
    damaged = [key for (key, new), old in zip(fixed.items(), row.values(), strict=False) if new != old or _lost(new)]
    return fixed, damaged


def _lost(value: Any) -> bool:
    return isinstance(value, str) and "\ufffd" in value


def mend_text(text: str) -> tuple[str, bool]:
    """The text without NUL bytes and with wrong bytes repaired, and whether anything was wrong with it."""
    fixed, broken = mend(text)
    if "\x00" in fixed:
        fixed, broken = fixed.replace("\x00", ""), True
    return fixed, broken or "\ufffd" in fixed


def _damage(name: str, row: int, column: str, value: Any) -> Problem:
    message = "holds bytes that are no text in this encoding; they were repaired or dropped"
    return Problem(name, row, column, str(value)[:80], message, "check the text, and export as UTF-8", "warning")


# --- XLSX ---


def _workbook(path: Path, name: str) -> Iterator[Row | Problem]:
    try:
        title, others, rows = _sheet(path)
    except _WORKBOOK_ERRORS as error:
        yield _refusal(
            name, f"the workbook cannot be opened: {error}"[:200], "open it in a spreadsheet and save it again as .xlsx"
        )
        return
    if others:
        message = f"only the sheet {title!r} was read, not {', '.join(others)}"
        yield Problem(name, None, None, None, message, "move the products to the first sheet if that is wrong", "note")
    top = header_row(rows)
    if top is None:
        yield _refusal(name, "the sheet is empty", "put the column names in the first row")
        return
    headers = unique_headers(rows[top])
    for number, cells in enumerate(rows[top + 1 :], top + 2):
        if any(cells):
            yield Row(number, dict(zip(headers, cells, strict=False)))


def _sheet(path: Path) -> tuple[str, list[str], list[list[str]]]:
    """The first sheet with rows as text: its title, the other sheets' titles, its cells."""
    from openpyxl import load_workbook

    with open_bytes(path) as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it leaves out
        with zipfile.ZipFile(raw) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_BYTES // 4:
                raise ValueError("it unpacks to more than a gigabyte")
        book = load_workbook(raw, read_only=True, data_only=True)
        try:
            filled = {
                sheet.title: rows
                for sheet in book.worksheets
                if sheet.sheet_state == "visible"
                if (rows := [[_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)])
                if any(any(row) for row in rows)
            }
        finally:
            book.close()
    titles = list(filled)
    return (titles[0], titles[1:], filled[titles[0]]) if titles else ("", [], [])


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        number = exact(repr(value))
        return "" if number is None else f"{number.normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return mend_text(str(value))[0].strip()


def header_row(rows: list[list[str]]) -> int | None:
    """The index of the row with the column names: the first of the top ten that is as wide as the widest of them."""
    filled = [sum(1 for cell in row if cell) for row in rows[:10]]
    if not any(filled):
        return None
    return next(i for i, n in enumerate(filled) if n * 2 > max(filled))


# --- XML ---


def _xml_rows(path: Path, name: str) -> Iterator[Row | Problem]:
    """Every <item>, <entry> or <product>: its children's texts by name, a repeated one as a list."""
    number = 0
    try:
        with open_bytes(path) as raw:
            for _, element in iterparse(raw, events=("end",), forbid_dtd=False):
                if _local(element.tag) in _ROW_TAGS and len(element):
                    number += 1
                    yield Row(number, _children(element))
                    element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = "it declares entities" if isinstance(error, DefusedXmlException) else str(error)
        yield _refusal(name, f"the XML breaks off after {number} items: {reason}"[:200], "export the feed again")
        return
    if not number:
        yield _refusal(name, "the XML has no <item>, <entry> or <product>", "export a product feed")


def _children(element: Element) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for child in element:
        key = _local(child.tag)
        if len(child):
            value: Any = _children(child)
        else:
            value = (child.text or "").strip() or child.get("href", "")
        if key in cells:
            cells[key] = [*(cells[key] if isinstance(cells[key], list) else [cells[key]]), value]
        elif value:
            cells[key] = value
    return cells


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _refusal(name: str, message: str, remedy: str) -> Problem:
    return Problem(name, None, None, None, message, remedy, "error")
