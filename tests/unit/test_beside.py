"""Items made in another process are the same items, and what fails there fails here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from knowledge_base.beside import UsedBeside, beside
from knowledge_base.errors import KnowledgeBaseError, ShopError


def numbers(n: int) -> Iterator[int]:
    yield from range(n)


def processes() -> Iterator[int]:
    yield os.getpid()


def failing() -> Iterator[int]:
    yield 1
    raise ShopError("the file is gone")


def ending() -> Iterator[int]:
    yield 1
    os._exit(9)


def test_items_come_in_their_order_from_another_process() -> None:
    assert list(beside(numbers, 1000)) == list(range(1000))
    assert list(beside(numbers, 0)) == []
    assert list(beside(processes)) != [os.getpid()]


def test_whoever_wants_no_more_items_ends_the_process() -> None:
    assert list(islice(beside(numbers, 10**9), 3)) == [0, 1, 2]


def test_what_is_raised_there_is_raised_here() -> None:
    with pytest.raises(ShopError, match="the file is gone"):
        list(beside(failing))


def test_a_process_that_is_ended_from_outside_is_an_error_and_no_end() -> None:
    with pytest.raises(KnowledgeBaseError, match="status 9"):
        list(beside(ending))


def keep(items: Iterator[int], path: Path) -> None:
    path.write_text(json.dumps([os.getpid(), *items]))


def refuse(items: Iterator[int]) -> None:
    next(items)
    raise ShopError("no room")


def end(items: Iterator[int]) -> None:
    next(items)
    os._exit(9)


def test_items_are_used_in_their_order_in_another_process(tmp_path: Path) -> None:
    other = UsedBeside(keep, tmp_path / "items.json")
    for number in range(1000):
        other.add(number)
    other.finish()
    other.close()
    process, *items = json.loads((tmp_path / "items.json").read_text())
    assert process != os.getpid() and items == list(range(1000))


def test_what_is_raised_where_items_are_used_is_raised_here() -> None:
    other = UsedBeside(refuse)
    with pytest.raises(ShopError, match="no room"):
        for number in range(10**7):
            other.add(number)
    other.close()


def test_a_user_that_is_ended_from_outside_is_an_error() -> None:
    other = UsedBeside(end)
    other.add(1)
    with pytest.raises(KnowledgeBaseError, match="status 9"):
        other.finish()
    other.close()
