"""Many strings in a few arrays: a million ids without a million Python objects, and which place an id has.

In: strings, in order. Out: a sequence of them, or a table from a string to its place, that is read from disk without
being copied into memory. It knows no product and no index.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

_CHUNK = 4096  # strings that are decoded at a time where all are wanted
_SMALL = 1 << 16  # bytes


class PackedStrings(Sequence[str]):
    """Strings one after the other: that at place i ends at `ends[i]` of the bytes of `text`."""

    def __init__(self, text: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        # Plain arrays: taking a part of a `memmap` costs several times as much.
        self._text, self._ends = np.asarray(text), np.asarray(ends)
        self._bytes = memoryview(self._text.data)

    @classmethod
    def of(cls, strings: Iterable[str]) -> PackedStrings:
        """These strings, in order."""
        builder = PackedBuilder()
        for string in strings:
            builder.add(string)
        return builder.build()

    def take(self, places: NDArray[np.int64]) -> PackedStrings:
        """Those at these places."""
        starts = np.concatenate((np.zeros(1, dtype=np.int64), self._ends))[places]
        lengths = self._ends[places] - starts
        ends = np.cumsum(lengths)
        text = self._text[np.repeat(starts - ends + lengths, lengths) + np.arange(int(lengths.sum()))]
        return PackedStrings(text, ends)

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        start = self._ends[place - 1] if place else 0
        return str(self._bytes[start : self._ends[place]], "utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        start = 0
        for first in range(0, len(self), _CHUNK):
            ends = self._ends[first : first + _CHUNK].tolist()
            text = self._text[start : ends[-1]].tobytes()
            for left, right in pairwise([start, *ends]):
                yield text[left - start : right - start].decode("utf-8", "surrogatepass")
            start = ends[-1]

    def save(self, folder: Path, name: str) -> None:
        """Write two files of that name into `folder`."""
        np.save(folder / f"{name}.text.npy", self._text, allow_pickle=False)
        np.save(folder / f"{name}.ends.npy", self._ends, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, name: str) -> PackedStrings:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(open_array(folder / f"{name}.text.npy"), open_array(folder / f"{name}.ends.npy"))


class PackedBuilder:
    """Takes strings one after the other."""

    def __init__(self) -> None:
        self._text, self._ends = bytearray(), array("q")

    def add(self, string: str) -> None:
        """Append a string."""
        self._text += string.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))

    def build(self) -> PackedStrings:
        """The strings; none can be added any more."""
        return PackedStrings(np.frombuffer(self._text, np.uint8), np.frombuffer(self._ends, np.int64))


class Places:
    """The place of every string in `strings`, found by a hash of 64 bits and then held against the string itself.

    `hashes` (n,) are sorted, `rows` (n,) the places they belong to.
    """

    def __init__(self, strings: PackedStrings, hashes: NDArray[np.uint64], rows: NDArray[np.int32]) -> None:
        self.strings = strings
        self._hashes, self._rows = hashes, rows

    @classmethod
    def of(cls, strings: PackedStrings) -> Places:
        """The places of these strings."""
        hashes = np.fromiter((_hash(string) for string in strings), np.uint64, len(strings))
        order = np.argsort(hashes, kind="stable")
        return cls(strings, hashes[order], order.astype(np.int32))

    def __len__(self) -> int:
        return len(self.strings)

    def __contains__(self, string: object) -> bool:
        return isinstance(string, str) and self.place_of(string) is not None

    def place_of(self, string: str) -> int | None:
        """The place of a string; None for one that is not there, the first where it is there several times."""
        return next(self.all_of(string), None)

    def all_of(self, string: str) -> Iterator[int]:
        """Every place of a string, in order."""
        wanted = np.uint64(_hash(string))
        start = int(np.searchsorted(self._hashes, wanted, "left"))
        end = int(np.searchsorted(self._hashes, wanted, "right"))
        return (place for place in self._rows[start:end].tolist() if self.strings[place] == string)

    def places_of(self, others: Places) -> NDArray[np.int64]:
        """The place here of each of the strings of `others`, in their order, by their hashes alone; -1 for none."""
        found = np.full(len(others), -1, dtype=np.int64)
        if len(self):
            at = np.minimum(np.searchsorted(self._hashes, others._hashes), len(self) - 1)
            same = self._hashes[at] == others._hashes
            found[others._rows[same]] = self._rows[at[same]]
        return found

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`."""
        self.strings.save(folder, name)
        np.save(folder / f"{name}.hashes.npy", self._hashes, allow_pickle=False)
        np.save(folder / f"{name}.rows.npy", self._rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, name: str) -> Places:
        """What `save` wrote, left on disk; the files must have been verified."""
        hashes, rows = (open_array(folder / f"{name}.{part}.npy") for part in ("hashes", "rows"))
        return cls(PackedStrings.load(folder, name), hashes, rows)


def _hash(string: str) -> int:
    digest = hashlib.blake2b(string.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def open_array(path: Path) -> NDArray[Any]:
    """An array left on disk; a small one is read, which takes a third of the time that mapping it does."""
    found: NDArray[Any] = np.load(path, "r" if path.stat().st_size > _SMALL else None, allow_pickle=False)
    return found


class ArrayWriter:
    """An array written piece by piece: into a file `NAME.npy` of `folder`, or in memory where that is None."""

    def __init__(self, dtype: type[np.generic], folder: Path | None, name: str) -> None:
        self._dtype, self._n, self._pieces = np.dtype(dtype), 0, list[NDArray[np.generic]]()
        self._path = None if folder is None else folder / f"{name}.npy"
        self._file = None if self._path is None else self._path.open("wb")
        self._write_header()

    def _write_header(self) -> None:
        if self._file is not None:
            header = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self._n,)}
            np.lib.format.write_array_header_1_0(self._file, header)

    def add(self, piece: NDArray[np.generic]) -> None:
        """Append a piece."""
        self._n += len(piece)
        if self._file is None:
            self._pieces.append(piece)
        else:
            self._file.write(np.ascontiguousarray(piece, dtype=self._dtype).data)

    def close(self) -> NDArray[Any]:
        """The whole array; one that is in a file stays there."""
        if self._file is None or self._path is None:
            return np.concatenate([*self._pieces, np.empty(0, self._dtype)])
        with self._file:
            self._file.seek(0)
            self._write_header()  # of the same length: headers are padded
        return open_array(self._path)
