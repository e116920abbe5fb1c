"""The products of an index as records on disk, decoded when one is looked at.

In: entries one after the other, or the files of a snapshot. Out: a sequence of entries, of which a few thousand are
kept decoded, and which entry has which row. Entries that changed since lie over those on disk. A record is a line of
JSON and is held against its checksum whenever it is read, so that what a disk alters under a running program is found.
"""

from __future__ import annotations

import json
import mmap
import re
import tempfile
import zlib
from array import array
from collections.abc import Collection, Container, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import IO, overload

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entry_json import entry_from_json
from knowledge_base.errors import SnapshotDamaged
from knowledge_base.packed import PackedBuilder, Places, open_array
from knowledge_base.types import Entry, Product

RECORDS = "records.jsonl"
_DECODED = 4096  # entries that are kept decoded
_BUFFER = 1 << 20
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
Mask = NDArray[np.bool_]


class RecordFile:
    """Lines of a file, nameless where `path` is None. `ends` (n,) is where each ends, `checksums` (n,) its CRC-32."""

    def __init__(
        self, file: IO[bytes], path: Path | None, ends: NDArray[np.int64], checksums: NDArray[np.uint32]
    ) -> None:
        self.path, self.ends, self.checksums = path, ends, checksums
        self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if len(ends) else b""
        self.entry = lru_cache(_DECODED)(self._entry)

    def __len__(self) -> int:
        return len(self.ends)

    def _entry(self, row: int) -> Entry:
        start = int(self.ends[row - 1]) if row else 0
        return self._decoded(row, self._bytes[start : int(self.ends[row])])

    def __iter__(self) -> Iterator[Entry]:
        """All entries, none of which is kept."""
        end = 0
        for first in range(0, len(self), _DECODED):
            ends = [end, *self.ends[first : first + _DECODED].tolist()]
            for row, (start, end) in enumerate(pairwise(ends), first):
                yield self._decoded(row, self._bytes[start:end])

    def _decoded(self, row: int, line: bytes) -> Entry:
        if zlib.crc32(line) != self.checksums[row]:
            raise SnapshotDamaged(f"record {row + 1} of {self.path or 'the index'} is not as it was written")
        return entry_from_json(json.loads(line))

    def save(self, folder: Path) -> None:
        """Write the records into `folder`, unless that is where they are."""
        if self.path != folder / RECORDS:
            with (folder / RECORDS).open("wb") as target:
                for start in range(0, len(self._bytes), _BUFFER):
                    target.write(self._bytes[start : start + _BUFFER])
        np.save(folder / "ends.npy", self.ends, allow_pickle=False)
        np.save(folder / "checksums.npy", self.checksums, allow_pickle=False)


class Records(Sequence[Entry]):
    """The entries of a `RecordFile`, and over them `later`: what rows became, and further rows, up to `n_rows`."""

    def __init__(self, file: RecordFile, later: Mapping[int, Entry] | None = None, n_rows: int | None = None) -> None:
        self._file, self._later = file, later or {}
        self._n_rows = len(file) if n_rows is None else n_rows

    def __len__(self) -> int:
        return self._n_rows

    @overload
    def __getitem__(self, row: int) -> Entry: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, row: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(row, slice):
            return tuple(self[i] for i in range(*row.indices(len(self))))
        row = int(row)
        if row < 0:
            row += self._n_rows
        if not 0 <= row < self._n_rows:
            raise IndexError(row)
        later = self._later.get(row)
        return self._file.entry(row) if later is None else later

    def __iter__(self) -> Iterator[Entry]:
        """All entries in row order, streamed."""
        for row, entry in enumerate(self._file):
            yield self._later.get(row, entry)
        for row in range(len(self._file), self._n_rows):
            yield self._later[row]

    def changed(self, became: Mapping[int, Entry], added: Sequence[Entry] = ()) -> Records:
        """These records where the rows of `became` have other entries, with further rows for `added`."""
        later = {**self._later, **became, **dict(enumerate(added, self._n_rows))}
        return Records(self._file, later, self._n_rows + len(added))

    @property
    def changed_rows(self) -> Collection[int]:
        """The rows whose entries are not those on disk."""
        return self._later.keys()

    def save(self, folder: Path) -> None:
        """Write into a `folder` of a snapshot. Changed records are none that are saved: whoever saves builds anew."""
        if self._later:
            raise ValueError("a changed index is not saved: build it anew")
        self._file.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Records:
        """What `save` wrote, left on disk; the files must have been verified."""
        path = folder / RECORDS
        ends, checksums = open_array(folder / "ends.npy"), open_array(folder / "checksums.npy")
        with path.open("rb") as file:
            return cls(RecordFile(file, path, ends, checksums))


class RecordsBuilder:
    """Takes the lines of entries one after the other. Without a `folder` they go into a nameless temporary file."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / RECORDS
        self._file: IO[bytes]  # `build` closes it
        self._file = tempfile.TemporaryFile() if self._path is None else self._path.open("w+b", _BUFFER)  # noqa: SIM115
        self._ids = PackedBuilder()
        self._ends, self._checksums, self._end = array("q"), array("I"), 0

    def add(self, entry_id: str, line: bytes) -> None:
        """Append the record of an entry, one line of JSON with its end."""
        self._file.write(line)
        self._end += len(line)
        self._ends.append(self._end)
        self._checksums.append(zlib.crc32(line))
        self._ids.add(entry_id)

    def close(self) -> None:
        """Stop writing."""
        self._file.close()

    def build(self) -> tuple[Records, EntryRows]:
        """The records, and the row of every entry id."""
        self._file.flush()
        ends, checksums = np.frombuffer(self._ends, np.int64), np.frombuffer(self._checksums, np.uint32)
        with self._file:
            return Records(RecordFile(self._file, self._path, ends, checksums)), EntryRows(Places.of(self._ids.build()))


class EntryRows(Mapping[str, int]):
    """The row of every entry id that is alive, in row order, which is shop order.

    `later` are the rows of entries added since the build; `alive` (n_rows,) tells which rows still count, None: all.
    """

    def __init__(self, built: Places, later: Mapping[str, int] | None = None, alive: Mask | None = None) -> None:
        self._built, self._later, self._alive = built, later or {}, alive
        self._len = len(built) + len(self._later) if alive is None else int(np.count_nonzero(alive))

    def __getitem__(self, entry_id: str) -> int:
        row = self._later.get(entry_id)
        if row is None:
            row = self._built.place_of(entry_id)
        if row is None or (self._alive is not None and not self._alive[row]):
            raise KeyError(entry_id)
        return row

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[str]:
        return (entry_id for entry_id, _ in self.pairs())

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Ids and rows, streamed."""
        alive = self._alive
        for row, entry_id in enumerate(self._built.strings):
            if alive is None or alive[row]:
                yield entry_id, row
        for entry_id, row in self._later.items():
            if alive is None or alive[row]:
                yield entry_id, row

    def changed(self, added: Mapping[str, int], alive: Mask) -> EntryRows:
        """These rows with further ones, of which those in `alive` count."""
        later = {entry_id: row for entry_id, row in self._later.items() if entry_id not in added}
        return EntryRows(self._built, {**later, **added}, alive)

    def save(self, folder: Path) -> None:
        """Write the rows of the build into `folder`."""
        self._built.save(folder, "ids")

    @classmethod
    def load(cls, folder: Path) -> EntryRows:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(Places.load(folder, "ids"))


class ProductRows(Mapping[str, int]):
    """`EntryRows` of products by the products' own ids."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        self._rows = rows

    def __getitem__(self, product_id: str) -> int:
        return self._rows[f"product:{product_id}"]

    def __contains__(self, product_id: object) -> bool:
        return f"product:{product_id}" in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return (entry_id.partition(":")[2] for entry_id in self._rows)


def pictures_of(product: Product) -> Iterator[str]:
    """The files of a product's pictures below the shop folder, as the record names them; not those on other hosts."""
    for image in (product.image, *(variant.image for variant in product.variants)):
        if image is not None and not _REMOTE.match(image):
            yield image


class PicturesBuilder:
    """Takes products one after the other."""

    def __init__(self) -> None:
        self._names, self._rows, self._n_products = PackedBuilder(), array("i"), 0

    def add(self, product: Product) -> None:
        """Note the files of the next product's pictures."""
        for name in dict.fromkeys(pictures_of(product)):
            self._names.add(name)
            self._rows.append(self._n_products)
        self._n_products += 1

    def build(self) -> PictureNames:
        """Which product names which file."""
        return PictureNames(Places.of(self._names.build()), np.frombuffer(self._rows, np.int32))


@dataclass(frozen=True, slots=True)
class PictureNames:
    """The names of picture files, and of which row each is."""

    names: Places
    rows: NDArray[np.int32]

    def save(self, folder: Path) -> None:
        """Write into `folder`."""
        self.names.save(folder, "pictures")
        np.save(folder / "pictures.of.npy", self.rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> PictureNames:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(Places.load(folder, "pictures"), open_array(folder / "pictures.of.npy"))


@dataclass(frozen=True, slots=True)
class Pictures(Container[str]):
    """The picture files that the entries alive name."""

    built: PictureNames
    entries: Records
    alive: Mask | None

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        rows = (int(self.built.rows[place]) for place in self.built.names.all_of(name))
        return any(self._names(row, name) for row in (*rows, *self.entries.changed_rows))

    def _names(self, row: int, name: str) -> bool:
        product = self.entries[row].product if self.alive is None or self.alive[row] else None
        return product is not None and name in pictures_of(product)


class Products(Mapping[str, Product]):
    """The products of `entries` by their ids, decoded when one is looked at; `rows` are those of the entries alive."""

    def __init__(self, entries: Sequence[Entry], rows: Mapping[str, int], alive: Mask | None) -> None:
        self._entries, self._rows, self._alive = entries, ProductRows(rows), alive

    def __getitem__(self, product_id: str) -> Product:
        product = self._entries[self._rows[product_id]].product
        if product is None:
            raise KeyError(product_id)
        return product

    def __contains__(self, product_id: object) -> bool:
        return product_id in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def values(self) -> ValuesView[Product]:
        """All products in shop order, streamed."""
        return _Streamed(self)

    def stream(self) -> Iterator[Product]:
        """All products in shop order, none of which is kept."""
        for row, entry in enumerate(self._entries):
            if entry.product is not None and (self._alive is None or self._alive[row]):
                yield entry.product


class _Streamed(ValuesView[Product]):
    """The values of `Products` without a look-up each."""

    _mapping: Products

    def __iter__(self) -> Iterator[Product]:
        return self._mapping.stream()
