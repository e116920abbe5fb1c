"""Delimited text to rows, whatever delimits it and however it is quoted.

In: a text stream. Out: rows and the problems of single rows: ragged, an unclosed quote, NUL and broken bytes. A row
whose cells may stand in the wrong columns is refused, because a shifted price is worse than a missing product.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from knowledge_base.importing.decoding import mend
from knowledge_base.importing.rows import Row, unique_headers
from knowledge_base.types import Problem

_SAMPLE_CHARS = 1 << 16
_RECORD_LINES = 2000  # longer records are an unclosed quote
_DELIMITERS = (",", ";", "\t", "|", "\x01", "\x1f", "^", "~", "¦", "§", "#", ":", "，", "；")
csv.field_size_limit(1 << 26)  # the module's own limit refuses a description with an embedded picture
_ODD = re.compile("[\ud800-\udfff\ufffd\x00]")


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is delimited and quoted."""

    delimiter: str = ","
    quoted: bool = True
    backslash: bool = False
    spaced: bool = False

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """A csv reader of this style; it never complains, it only misreads."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            escapechar="\\" if self.backslash else None,
            skipinitialspace=self.spaced,
            strict=False,
        )


def read_delimited(stream: TextIO, name: str) -> Iterator[Row | Problem]:
    """Rows of a delimited text; the first row with column names is the header, titles above it are skipped."""
    sample = stream.read(_SAMPLE_CHARS)
    rest = sample[sample.rfind("\n") + 1 :] + stream.readline()
    lines = deque(io.StringIO(sample[: sample.rfind("\n") + 1] + rest, newline=""))
    skipped = 0
    if re.match(r"sep=.\r?\n?$", lines[0] if lines else "", re.IGNORECASE):
        lines.popleft()
        skipped = 1
    style = sniff("".join(lines)[:_SAMPLE_CHARS])
    yield from _rows(_records(lines, stream, style), style, name, skipped)


def sniff(sample: str) -> Style:
    """The style under which the most rows of the sample have as many cells as most of them, and more than one."""
    whole = sample[: sample.rfind("\n") + 1] if sample.count("\n") > 2 else sample
    best, best_score = Style(), 0.0
    for delimiter in _DELIMITERS:
        if delimiter not in whole:
            continue
        mark = re.escape(delimiter)
        spaced = re.search(rf'{mark} +"', whole) is not None
        styles = [Style(delimiter, spaced=spaced)]
        if '\\"' in whole:
            styles.append(Style(delimiter, backslash=True, spaced=spaced))
        if '"' in whole and delimiter not in ",;":  # tab-delimited feeds write 27" as it is
            styles.append(Style(delimiter, quoted=False))
        for style in styles:
            score = _evenness(whole, style)
            if score > best_score * 1.02:
                best, best_score = style, score
    return best


def _evenness(sample: str, style: Style) -> float:
    """How table-like a sample is under a style: the share of rows of the usual width, more for wider tables."""
    try:
        widths = [
            len(cells) for cells in islice(style.reader(iter(io.StringIO(sample, newline=""))), 400) if any(cells)
        ]
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    usual, count = Counter(widths).most_common(1)[0]
    if usual < 2:
        return 0.0
    plain = style.delimiter in ",;\t|"
    if widths[0] != usual and not plain:
        return 0.0
    headed = 1.0 if widths[0] == usual else 0.6  # titles may stand above the header, but seldom do
    return (1.0 if plain else 0.9) * headed * (count / len(widths)) * (2 - 1 / usual) * min(1.0, 0.5 + count / 4)


def _records(lines: deque[str], stream: TextIO, style: Style) -> Iterator[tuple[list[str], bool]]:
    """Records as (cells, whether a quote was never closed).

    An unclosed quote swallows the rows after it: where the line after it is a whole row by itself, only the record's
    first line is given up and reading goes on with the second.
    """
    width = 0
    while True:
        used: list[str] = []

        def feed(used: list[str] = used) -> Iterator[str]:
            while len(used) < _RECORD_LINES:
                line = lines.popleft() if lines else stream.readline()
                if not line:
                    return
                used.append(line)
                yield line

        reader = style.reader(feed())
        while True:
            used.clear()
            try:
                cells = next(reader, None)
            except csv.Error:  # a field longer than the csv module allows
                cells = []
            if cells is None:
                return
            if len(used) > 1 and width and (len(cells) != width or not _is_strict(used, style)):
                if len(next(style.reader(iter(used[1:2])), [])) == width:
                    lines.extendleft(reversed(used[1:]))
                    yield [used[0].strip()], True
                    break
                if len(cells) != width:
                    yield cells, not _is_strict(used, style)
                    continue
            width = width or len(cells)
            yield cells, False


def _is_strict(record: list[str], style: Style) -> bool:
    """Whether every quotation mark of a record stands where it may."""
    try:
        list(csv.reader(record, delimiter=style.delimiter, skipinitialspace=style.spaced, strict=True))
    except csv.Error:
        return False
    return True


def _rows(records: Iterator[tuple[list[str], bool]], style: Style, name: str, skipped: int) -> Iterator[Row | Problem]:
    numbered = enumerate(records, skipped + 1)
    top = list(islice(numbered, 10))
    filled = [sum(1 for cell in record[0] if cell.strip()) for _, record in top]
    start = next((i for i, n in enumerate(filled) if n and n * 2 > max(filled)), None)
    if start is None:
        return
    headers = unique_headers([_tidy(cell)[0] for cell in top[start][1][0]])
    width = len(headers)
    for number, (cells, unclosed) in chain(top[start + 1 :], numbered):
        yield from _row(number, cells, unclosed, headers, width, style, name)


def _row(
    number: int, cells: list[str], unclosed: bool, headers: list[str], width: int, style: Style, name: str
) -> Iterator[Row | Problem]:
    if not any(cell.strip() for cell in cells):
        return
    shown = style.delimiter.join(cells)[:80]
    if unclosed:
        yield Problem(
            name, number, None, shown, "a quotation mark is opened and never closed", 'write "" for a quotation mark'
        )
        return
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        message = f"the row has {len(cells)} cells, the header {width}: its values may stand in the wrong columns"
        yield Problem(name, number, None, shown, message, "put texts that hold the delimiter in quotation marks")
        return
    short = len(cells) < width
    if short:
        message = f"the row has {len(cells)} cells, the header {width}; what is missing is taken as unknown"
        yield Problem(name, number, None, shown, message, "check for a line break or a lost delimiter", "warning")
    values: dict[str, str] = {}
    for header, cell in zip(headers, cells, strict=False):
        text, odd = _tidy(cell) if _ODD.search(cell) else (cell, False)
        if odd:
            message = "holds bytes that are no text in this encoding; they were repaired or dropped"
            yield Problem(name, number, header, text[:80], message, "check the text, and export as UTF-8", "warning")
        values[header] = text.strip()
    yield Row(number, values, short)


def _tidy(cell: str) -> tuple[str, bool]:
    text, odd = mend(cell)
    if "\x00" in text:
        text, odd = text.replace("\x00", ""), True
    return text.strip("\ufeff \t\r\n"), odd or "\ufffd" in text
