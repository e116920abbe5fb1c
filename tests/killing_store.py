"""Processes that talk through a store and are killed at any moment, and what must hold whenever one looks.

Each client posts messages, answers them with events, and writes in a file what it tries and what was acknowledged. One
that was killed is started again and settles what it had begun, as a browser and a worker do: posts again with the same
key, takes its own turns over. POSIX only. `benchmarks/kill_store.py` runs it at full size.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from assistant.errors import IdempotencyConflict, StoreError, TurnOver
from assistant.store import NewEvent, NewMessage, Store, StoredTurn
from assistant.types import Query, Reply
from tests.databases import PostgreSQL

_LEASE_S = 0.2
_MOMENT_S = 0.02  # a kill must not always come right after something was told
_CONVERSATIONS = 3  # of a client
_REPLY = Reply("", Query("a tent", ("find",)))
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What one look found. `lost`, `doubled` and `damaged` name everything that is wrong."""

    n_acknowledged: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.doubled or self.damaged)


@dataclass
class Herd:
    """Clients of one store, each a process."""

    url: str
    told: Path
    n_clients: int
    running: dict[int, str] = field(default_factory=dict)  # process to name

    def start(self, name: str) -> None:
        process = os.fork()
        if process:
            self.running[process] = name
            return
        try:
            _client(self.url, name, self.told / name)
        finally:
            os._exit(1)

    def start_all(self) -> None:
        for n in range(self.n_clients):
            self.start(f"w{n}")

    def kill(self, processes: list[int]) -> None:
        """Kill these without warning, and start others in their place."""
        names = [self.running[process] for process in processes]
        self._end(processes)
        for name in names:
            self.start(name)

    def end(self) -> None:
        self._end(list(self.running))

    def _end(self, processes: list[int]) -> None:
        for process in processes:
            os.kill(process, signal.SIGKILL)
        for process in processes:
            os.waitpid(process, 0)
            del self.running[process]


def kill_at_random(
    url: str, told: Path, n_kills: int, n_clients: int, most_chars: int = 4000, server: PostgreSQL | None = None
) -> Iterator[Seen]:
    """Kill a client (each tenth time all, each twentieth the server, too); a look after each twentieth and the last.

    Between two kills they are let write up to `most_chars` of what they do, however busy the machine is.
    """
    told.mkdir(exist_ok=True)
    store = Store.at_url(url)
    store.create_conversation("shared")
    store.close()
    herd, chance = Herd(url, told, n_clients), random.Random(7)
    herd.start_all()
    try:
        for n in range(1, n_kills + 1):
            _let_them_write(told, chance.randint(0, most_chars))
            time.sleep(chance.uniform(0, _MOMENT_S))
            if server is not None and n % 20 == 5:
                server.kill()
                time.sleep(chance.uniform(0, _MOMENT_S))
                server.start_again()
            everyone = sorted(herd.running)
            herd.kill(everyone if n % 10 == 0 else [chance.choice(everyone)])
            if n % 20 == 0 and n < n_kills:
                yield look(url, told)
    finally:
        herd.end()
    yield look(url, told)


def _let_them_write(told: Path, n_chars: int) -> None:
    """Wait until the clients' files have grown, or for so long that something must be wrong."""
    sizes: Callable[[], int] = lambda: sum(path.stat().st_size for path in told.iterdir())  # noqa: E731
    enough, deadline = sizes() + n_chars, time.monotonic() + 10
    while sizes() < enough and time.monotonic() < deadline:
        time.sleep(0.005)


def look(url: str, told: Path) -> Seen:
    """Hold the database against what was acknowledged, read without the store's own methods."""
    said = [line for path in sorted(told.iterdir()) for line in _lines(path)]
    store = Store.at_url(url)
    try:
        with store.database.reading() as connection:
            if store.database.is_sqlite:
                damaged = [str(row[0]) for row in connection.execute(sa.text("PRAGMA integrity_check"))]
                damaged = [fault for fault in damaged if fault != "ok"]
                damaged += [str(tuple(row)) for row in connection.execute(sa.text("PRAGMA foreign_key_check"))]
            else:
                damaged = []
            kept = {
                row.id: row for row in connection.execute(sa.text("SELECT id, conversation_id, text FROM messages"))
            }
            events = connection.execute(sa.text("SELECT conversation_id, seq, kind FROM events ORDER BY 1, 2")).all()
            heads = connection.execute(sa.text("SELECT id, last_seq FROM conversations")).all()
            open_turns = connection.execute(
                sa.text("SELECT conversation_id, count(*) FROM turns WHERE state = 'running' GROUP BY 1")
            ).all()
    finally:
        store.close()
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in events:
        numbers[event.conversation_id].append(event.seq)
    for head in heads:
        if numbers[head.id] != list(range(1, head.last_seq + 1)):
            damaged.append(f"{head.id}: events {numbers[head.id][-3:]} with {head.last_seq} as the last")
    damaged += [f"{name}: {n} turns run at once" for name, n in open_turns if n > 1]

    lost: list[str] = []
    for line in said:
        if line["did"] == "ack":
            row = kept.get(line["id"])
            if row is None or (row.conversation_id, row.text) != (line["conversation"], line["text"]):
                lost.append(f"message {line['id']}: {line['text']}")
        elif line["did"] == "ack events":
            for name, seq in line["seqs"]:
                if not 0 < seq <= len(numbers[name]):
                    lost.append(f"event {seq} of {name}")
    times = Counter(row.text for row in kept.values())
    doubled = tuple(f"{n} times {text}" for text, n in times.items() if n > 1)
    return Seen(sum(line["did"].startswith("ack") for line in said), tuple(lost), doubled, tuple(damaged))


def _client(url: str, name: str, path: Path) -> None:
    """Talk for ever, after what an earlier life left unfinished."""
    store = _until_it_works(lambda: Store.at_url(url))
    for n in range(_CONVERSATIONS):
        with contextlib.suppress(StoreError):  # it is there already
            store.create_conversation(f"{name}-{n}")
    chance = random.Random()
    before = _lines(path) if path.exists() else []
    ended = {line["of"] for line in before if line["did"] == "ended"}
    tried = [line for line in before if line["did"] == "try"]
    with path.open("a", buffering=1, encoding="utf-8") as log:
        for line in tried:
            if line["text"] not in ended:
                _exchange(store, log, name, line["conversation"], line["text"])
        n = len(tried)
        while True:
            n += 1
            conversation, text = f"{name}-{chance.randrange(_CONVERSATIONS)}", f"{name} asks {n}"
            _tell(log, did="try", conversation=conversation, text=text)
            _exchange(store, log, name, conversation, text)


def _exchange(store: Store, log: Any, name: str, conversation: str, text: str) -> None:
    """One message, answered; every step may have been done already."""
    turn = _until_it_works(lambda: store.post_turn(conversation, text, key=text))
    _tell(log, did="ack", conversation=conversation, text=text, id=turn.message_id)
    if not turn.finished and _until_it_works(lambda: _take(store, turn, name)):
        pieces = [NewEvent(conversation, turn.id, "text", {"delta": "piece " * 20}, name) for _ in range(3)]
        pieces.append(NewEvent("shared", None, "text", {"by": text}))
        with contextlib.suppress(StoreError):  # whether they are there is not known: they are not told once more
            seqs = store.append_events(pieces)
            told = [(event.conversation_id, seq) for event, seq in zip(pieces, seqs, strict=True) if seq is not None]
            _tell(log, did="ack events", seqs=told)
        answer = f"answer to {text}"
        with contextlib.suppress(TurnOver):
            end = _until_it_works(
                lambda: store.finish_turn(turn.id, "done", answer, _REPLY, lambda m: [("done", {"id": m and m.id})])
            )
            assert end.message is not None
            _tell(log, did="ack", conversation=conversation, text=answer, id=end.message.id)
    with contextlib.suppress(StoreError):  # as a page does that cannot ask once more
        page = NewMessage(f"page-{name}", "shopper", f"page: {text}, {random.random()}")
        with store.database.together():  # as a server's writer has it: several calls, one transaction
            (message_id,) = store.append_messages([page])
            store.append_events([NewEvent("shared", None, "text", {"by": name})])
        _tell(log, did="ack", conversation=page.conversation_id, text=page.text, id=message_id)
    _tell(log, did="ended", of=text)


def _take(store: Store, turn: StoredTurn, name: str) -> bool:
    """Take a turn, from an earlier life as soon as its hold is over; False: it is finished."""
    while not store.claim_turn(turn.id, name, _LEASE_S):
        now = store.turn(turn.id)
        if now is None or now.finished:
            return False
        if store.take_turn_over(turn.id, name, _LEASE_S) is not None:
            break
        time.sleep(0.02)
    return True


def _until_it_works(do: Callable[[], T]) -> T:
    """Again and again while the database is away."""
    while True:
        try:
            return do()
        except (TurnOver, IdempotencyConflict):
            raise
        except StoreError:
            time.sleep(0.02)


def _tell(log: Any, **values: Any) -> None:
    log.write(json.dumps(values) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    """What was written in full."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1] if line.endswith("}")]
