"""The bytes of an export to text, whatever program wrote them.

In: a file, packed with gzip or not. Out: a text stream with line ends as they are, the encoding it is in, and
whether that was guessed. Bytes that fit nowhere stay recognisable in the text, so that `mend` can repair them in
the very cell they stand in. It knows no columns.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from charset_normalizer import from_bytes

MAX_BYTES = 4 * 1024**3
READ_ERRORS = (OSError, EOFError, zlib.error)  # gzip.BadGzipFile is an OSError
_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\ud800-\udfff]")
_WESTERN = frozenset(
    "áàâäãåéèêëíìîïóòôöõøúùûüýÿñçœæßÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕØÚÙÛÜÝÑÇŒÆ€£¥§©®™°²³¹½¼¾ªº«»¡¿·•…–—‘’‚“”„×±µ¢´`\u00a0"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is written. `sure` is False where it was told from the bytes alone; `broken` counts bad bytes."""

    name: str
    sure: bool = True
    broken: int = 0


class FileTooLarge(OSError):
    """The file, unpacked, is larger than any export of a shop."""

    def __init__(self) -> None:
        super().__init__(27, f"more than {MAX_BYTES // 1024**3} GiB unpacked")


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked if they are gzip, whatever the file is called.

    Raises:
        OSError, EOFError, zlib.error: it cannot be read, or its gzip is damaged (`READ_ERRORS`).
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield raw


@contextmanager
def open_text(path: Path) -> Iterator[tuple[TextIO, Encoding]]:
    """The file as text, and its encoding. Line ends are untouched; a byte order mark is gone.

    Raises:
        OSError, EOFError, zlib.error: as `open_bytes`.
    """
    encoding = encoding_of(path)
    errors = "surrogateescape" if encoding.name.startswith("utf-8") else "replace"
    with open_bytes(path) as raw:
        # newline="" splits lines at \n, \r and \r\n without changing them, and never at U+2028.
        stream = io.TextIOWrapper(raw, encoding=encoding.name, errors=errors, newline="")
        try:
            yield stream, encoding
        finally:
            stream.detach()


def encoding_of(path: Path) -> Encoding:
    """Which encoding a file is in, by its byte order mark or by all of its bytes.

    Raises:
        OSError, EOFError, zlib.error: as `open_bytes`.
    """
    with open_bytes(path) as raw:
        head = raw.read(_SAMPLE)
        for bom, name in _BOMS:
            if head.startswith(bom):
                return Encoding(name)
        if wide := _utf16_by_zeros(head):
            return Encoding(wide, sure=False)
        good, broken, odd = _count_utf8(head, raw)
    if not broken:
        return Encoding("utf-8")
    if good >= 4 * broken:
        return Encoding("utf-8", broken=broken)
    return Encoding(_legacy(odd), sure=False)


def mend(text: str) -> tuple[str, bool]:
    """The text with bytes that were not UTF-8 read as Windows-1252 instead, and whether there were any."""
    if not _ESCAPED.search(text):
        return text, False
    return _ESCAPED.sub(lambda m: _as_cp1252(m.group()), text), True


def _as_cp1252(surrogate: str) -> str:
    byte = ord(surrogate) - 0xDC00
    return bytes([byte]).decode("cp1252", "replace") if 0x80 <= byte <= 0xFF else "\ufffd"


def _utf16_by_zeros(head: bytes) -> str | None:
    """UTF-16 without a byte order mark: the zero bytes of ASCII characters all stand on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(4, len(head) // 50) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _count_utf8(head: bytes, rest: BinaryIO) -> tuple[int, int, bytes]:
    """Good non-ASCII characters, bad bytes, and a sample of the lines that hold either."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = broken = size = 0
    sample = bytearray()
    chunk = head
    while True:
        size += len(chunk)
        if size > MAX_BYTES:
            raise FileTooLarge
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            bad = len(_ESCAPED.findall(text))
            broken += bad
            good += len(text) - len(text.encode("ascii", "ignore")) - bad
            if len(sample) < _SAMPLE:
                sample += b"\n".join(line for line in re.split(rb"[\r\n]", chunk) if not line.isascii())
        if not chunk:
            return good, broken, bytes(sample[:_SAMPLE])
        chunk = rest.read(_CHUNK)


def _legacy(sample: bytes) -> str:
    """The encoding of text that is not UTF-8: GBK by its characters, then Western European, then what fits best."""
    chinese = sample.decode("gb18030", "ignore")
    others = [c for c in chinese if c > "\x7f"]
    if others:
        # Both bytes of GB2312 lie above 0x7F; accented Latin letters stand between ASCII ones and fail this.
        plain = sum(1 for c in others if c.encode("gb2312", "ignore"))
        if plain >= 0.9 * len(others) and len(others) * 2 >= 0.9 * sum(1 for byte in sample if byte > 0x7F):
            return "gb18030"
    western = [c for c in sample.decode("cp1252", "replace") if c > "\x7f"]
    if sum(1 for c in western if c in _WESTERN) >= 0.95 * len(western):
        return "cp1252"
    best = from_bytes(sample).best()
    name = best.encoding if best else "cp1252"
    # Mac and DOS code pages look like Windows-1252 text to a statistical guess, never the other way round.
    return "cp1252" if name.startswith(("mac_", "cp437", "cp850", "cp858", "utf", "ascii")) else name
