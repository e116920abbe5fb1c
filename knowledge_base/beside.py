"""Items that are made or used in another process, so that making and using them take a core each.

In: a function at the top of a module that gives an iterator or takes one, and its other arguments. Out: the same items
in the same order. They go in batches, and no more than a few are under way, so that neither process holds many. What is
raised there is raised here. It costs the start of a process: it is for what takes longer than that.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from knowledge_base.errors import KnowledgeBaseError

_BATCH = 256
T = TypeVar("T")


def beside(make: Callable[..., Iterator[T]], *arguments: Any) -> Iterator[T]:
    """The items of `make(*arguments)`, made in another process.

    Raises:
        KnowledgeBaseError: that process failed, or was ended from outside.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that threads of this process hold
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(there, make, arguments), daemon=True)
    process.start()
    there.close()
    try:
        while True:
            try:
                items = here.recv()
            except EOFError as error:
                process.join()
                raise _ended(process.exitcode) from error
            if items is None:
                break
            if isinstance(items, Exception):
                raise items
            yield from items
        process.join()
    finally:
        here.close()
        process.terminate()
        process.join()


def _make(there: Connection, make: Callable[..., Iterator[Any]], arguments: tuple[Any, ...]) -> None:
    """In the other process: send the items, or what was raised."""
    try:
        items = make(*arguments)
        while batch := list(islice(items, _BATCH)):
            there.send(batch)
        there.send(None)
    except BrokenPipeError:
        return  # nobody wants the rest
    except (KnowledgeBaseError, OSError) as error:
        there.send(error)


class UsedBeside:
    """Another process that runs `use(items, *arguments)`, where the items are those of `add`."""

    def __init__(self, use: Callable[..., None], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        there, self._items = context.Pipe(duplex=False)
        self._said, said = context.Pipe(duplex=False)
        self._process = context.Process(target=_use, args=(there, said, use, arguments), daemon=True)
        self._process.start()
        there.close()
        said.close()
        self._batch: list[Any] = []

    def add(self, item: Any) -> None:
        """Hand over an item.

        Raises:
            KnowledgeBaseError: that process failed, or was ended from outside.
        """
        self._batch.append(item)
        if len(self._batch) >= _BATCH:
            self._send(self._batch)
            self._batch = []

    def finish(self) -> None:
        """Wait until all items were used; raises what `add` raises."""
        self._send(self._batch)
        self._send(None)
        self._wait()

    def close(self) -> None:
        """End the process."""
        self._items.close()
        self._said.close()
        self._process.terminate()
        self._process.join()

    def _send(self, batch: list[Any] | None) -> None:
        try:
            self._items.send(batch)
        except BrokenPipeError:
            self._wait()

    def _wait(self) -> None:
        try:
            failure = self._said.recv()
        except EOFError as error:
            self._process.join()
            raise _ended(self._process.exitcode) from error
        if failure is not None:
            raise failure


def _use(there: Connection, said: Connection, use: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """In the other process: take the items; say when it is done, or what was raised."""
    try:
        use(_received(there), *arguments)
        said.send(None)
    except (KnowledgeBaseError, OSError) as error:
        said.send(error)


def _received(there: Connection) -> Iterator[Any]:
    while (batch := there.recv()) is not None:
        yield from batch


def _ended(status: int | None) -> KnowledgeBaseError:
    return KnowledgeBaseError(
        f"a process of this import ended with status {status}: if nothing above says why, the system ended it; give it "
        "more memory"
    )
