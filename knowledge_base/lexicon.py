"""Distinct strings and their numbers, in a few flat arrays: the words of a catalogue without an object a word.

In: strings, once. Out: the number of a string, and the string of a number, in a microsecond each; files that are opened
without being read. It knows nothing of what the strings mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from knowledge_base.lists import Numbers, load_array, save_array
from knowledge_base.packed import PackedStrings


class Lexicon:
    """Distinct strings, each with a number: `find` one, or get the string of a number. Immutable.

    They stand in the order of the buckets of a hash table, of which `buckets` says where each begins.
    """

    def __init__(self, strings: PackedStrings, buckets: Numbers) -> None:
        self.strings = strings
        self._buckets = buckets
        self._mask = len(buckets) - 2

    @classmethod
    def of(cls, texts: Iterable[str]) -> tuple[Lexicon, Numbers]:
        """A lexicon of distinct strings, and the number in it of each of them, in the order given."""
        given = PackedStrings.of(texts)
        n = len(given)
        n_buckets = 1 << n.bit_length()
        hashes = np.fromiter((_hash(text) for text in given), np.int64, n) & (n_buckets - 1)
        order = np.argsort(hashes, kind="stable")
        buckets = np.searchsorted(hashes[order], np.arange(n_buckets + 1)).astype(np.int32)
        numbers = np.empty(n, dtype=np.int32)
        numbers[order] = np.arange(n, dtype=np.int32)
        return cls(given.take(order), buckets), numbers

    def __len__(self) -> int:
        return len(self.strings)

    def __getitem__(self, number: int) -> str:
        return self.strings[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self.strings)

    def find(self, text: str) -> int:
        """The number of a string, -1 where it is none of them."""
        bucket = _hash(text) & self._mask
        for number in range(self._buckets[bucket], self._buckets[bucket + 1]):
            if self.strings[number] == text:
                return number
        return -1

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`."""
        self.strings.save(folder, name)
        save_array(folder, f"{name}.buckets", self._buckets)

    @classmethod
    def load(cls, folder: Path, name: str) -> Lexicon:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(PackedStrings.load(folder, name), load_array(folder, f"{name}.buckets"))


class Numbering:
    """Gives each distinct string a number in order of first appearance, until a `Lexicon` is made of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def lexicon(self) -> tuple[Lexicon, Numbers]:
        """The strings, and the number in the lexicon of each number given before."""
        return Lexicon.of(self._numbers)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
