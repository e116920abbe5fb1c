"""Returns and cancellations that shoppers asked for and the merchant has yet to work through.

In: what was asked for. Out: the same, for its order, from any process: a JSON line is appended and on the disk before
`append` returns, and a key is kept once. It knows no shopper and decides nothing; whoever calls has verified the owner.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from assistant.errors import StorefrontError
from assistant.types import OrderRequest

_LOCK_S = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `key` names the click; `items` are positions in the order, `titles` what they are called."""

    key: str
    kind: Literal["return", "cancel"]
    order_id: str
    items: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def shown(self) -> OrderRequest:
        """As it is shown with its order."""
        return OrderRequest(self.kind, self.at, self.titles)


class RequestLog:
    """The file of requests, shared between threads and processes. It is only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_to = 0
        self._by_key: dict[str, Asked] = {}
        self._by_order: dict[str, list[Asked]] = {}

    def of(self, order_id: str) -> tuple[Asked, ...]:
        """What was asked for an order, oldest first.

        Raises:
            StorefrontError: the file cannot be read.
        """
        with self._lock:
            self._catch_up()
            return tuple(self._by_order.get(order_id, ()))

    def append(self, asked: Asked) -> Asked:
        """Keep a request; where its key is there already, the one that was kept first.

        Raises:
            StorefrontError: it could not be written; it is not kept.
        """
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with FileLock(f"{self._path}.lock", timeout=_LOCK_S):
                    self._catch_up()
                    if asked.key not in self._by_key:
                        self._write(asked)
                        self._catch_up()
            except (OSError, Timeout) as error:
                raise StorefrontError(f"the request could not be written to {self._path}: {error}") from error
            return self._by_key[asked.key]

    def _write(self, asked: Asked) -> None:
        line = json.dumps(asdict(asked), ensure_ascii=False).encode()
        fresh = not self._path.exists()
        with self._path.open("ab") as file:
            # A line that a crash cut short ends here and is skipped; the new one begins a line of its own.
            file.write((b"\n" if file.tell() > self._read_to else b"") + line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if fresh:  # the name of a new file is on the disk once its folder is
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _catch_up(self) -> None:
        """Take in the whole lines that any process has written since."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                new = file.read()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorefrontError(f"the requests in {self._path} cannot be read: {error}") from error
        whole = new[: new.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.split(b"\n"):
            if (asked := _parsed(line)) is not None and asked.key not in self._by_key:
                self._by_key[asked.key] = asked
                self._by_order.setdefault(asked.order_id, []).append(asked)


def _parsed(line: bytes) -> Asked | None:
    """One line; None for one that a crash cut short."""
    try:
        values = json.loads(line)
        asked = Asked(**values)
    except (ValueError, TypeError):
        return None
    return replace(asked, items=tuple(asked.items), titles=tuple(asked.titles))
