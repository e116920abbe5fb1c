"""An iterator that runs in another process, so that making its items and using them take a core each.

In: a function at the top of a module that gives an iterator, and its arguments. Out: the same items in the same order.
They come in batches, and no more than a few are under way, so that neither process holds many. What is raised there is
raised here. It costs the start of a process: it is for what takes longer than that.
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
                raise KnowledgeBaseError(
                    f"the process that reads the files ended with status {process.exitcode}: if nothing above says "
                    "why, the system ended it; give it more memory"
                ) from error
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
