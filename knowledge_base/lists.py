"""Many lists of numbers in two flat arrays: the rows of each word, the words of each row.

In: pairs of numbers, once. Out: a list as a part of an array, lists that share numbers, files that are opened without
being read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.packed import open_array

Numbers = NDArray[np.int32]
Starts = NDArray[np.int64]


class Lists:
    """Immutable lists of numbers: list i is `numbers[starts[i]:starts[i + 1]]`."""

    def __init__(self, numbers: Numbers, starts: Starts) -> None:
        self.numbers, self.starts = numbers, starts

    @classmethod
    def of_pairs(cls, lists: NDArray[np.integer], numbers: NDArray[np.integer], n_lists: int) -> Lists:
        """List i holds, ascending and each once, the `numbers` beside which i stands in `lists`."""
        pairs = lists.astype(np.int64) << 32
        pairs |= numbers
        pairs.sort()
        if len(pairs):
            pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
        counts = np.bincount(pairs >> 32, minlength=n_lists)
        return cls((pairs & 0xFFFFFFFF).astype(np.int32), _starts(counts))

    @classmethod
    def of_lengths(cls, numbers: NDArray[np.integer], lengths: NDArray[np.integer]) -> Lists:
        """Lists of these lengths, one after the other, each as it stands."""
        return cls(np.asarray(numbers, dtype=np.int32), _starts(np.asarray(lengths)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, place: int) -> Numbers:
        found: Numbers = self.numbers[self.starts[place] : self.starts[place + 1]]
        return found

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How long each list is."""
        return self.starts[1:] - self.starts[:-1]

    def lengths_of(self, places: NDArray[np.integer]) -> NDArray[np.int64]:
        """How long the lists at these places are."""
        lengths: NDArray[np.int64] = self.starts[places + 1] - self.starts[places]
        return lengths

    def gathered(self, places: NDArray[np.integer]) -> Numbers:
        """The lists at these places, one after the other."""
        lengths = self.lengths_of(places)
        starts = _starts(lengths)
        return self.numbers[np.repeat(self.starts[places] - starts[:-1], lengths) + np.arange(int(starts[-1]))]

    def owners(self) -> Numbers:
        """For each number the list it stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`."""
        save_array(folder, f"{name}.numbers", self.numbers)
        save_array(folder, f"{name}.starts", self.starts)

    @classmethod
    def load(cls, folder: Path, name: str) -> Lists:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(load_array(folder, f"{name}.numbers"), load_array(folder, f"{name}.starts"))


def intersection(left: Numbers, right: Numbers) -> Numbers:
    """What two ascending lists share, ascending."""
    if len(left) > len(right):
        left, right = right, left
    if not len(left):
        return left
    if len(left) * 32 < len(right):
        places = np.searchsorted(right, left)
        places[places == len(right)] = 0
        shared: Numbers = left[right[places] == left]
        return shared
    held = np.zeros(int(right[-1]) + 1, dtype=np.bool_)
    held[right] = True
    left = left[: np.searchsorted(left, len(held))]
    return left[held[left]]


def save_array(folder: Path, name: str, values: NDArray[Any]) -> None:
    """Write one array into `folder`."""
    np.save(folder / f"{name}.npy", values, allow_pickle=False)


def load_array(folder: Path, name: str) -> NDArray[Any]:
    """What `save_array` wrote, left on disk; as a plain array, of which taking parts costs a quarter of a `memmap`."""
    return np.asarray(open_array(folder / f"{name}.npy"))


def _starts(lengths: NDArray[np.integer]) -> Starts:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
