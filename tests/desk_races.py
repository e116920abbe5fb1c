"""Agents and shoppers who do at the same moment what only one of them may: in threads, or in processes of their own.

In: a database, how many races. Out: how each ended, and the races that ended as none may.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final

from assistant.errors import DeskError
from assistant.store import Agent, NewDraft, NewHandoff, Store
from assistant.types import Query, Reply

REPLY: Final = Reply("It costs $9.90.", Query("tent", ("find",)))
Act = Callable[[Store, Agent, str, str | None, int], str]
"""What a racer, of some number, does with a conversation and its draft; what came of it in a word."""


@dataclass(slots=True)
class Races:
    """`ends` counts what the racers were told; `faults` are races that ended as none may."""

    n: int
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def claim_races(url: str, n: int, racers: int = 4, processes: bool = False) -> Races:
    """Agents claim the same waiting conversation: one of them gets it."""
    ended = _race(url, n, ["claim"] * racers, processes)
    races = Races(n)
    for name, ends in ended.items():
        races.ends.update(ends)
        if Counter(ends) != {"claimed": 1, "Taken": racers - 1}:
            races.faults.append(f"{name}: {ends}")
    with _opened(url) as store:
        for name in ended:
            found = store.handoff(name)
            if found is None or found.agent_id is None:
                races.faults.append(f"{name}: nobody has it")
            told = [event.data["who"] for event in store.events(name) if event.kind == "who"]
            if told != ["waiting", "agent"]:
                races.faults.append(f"{name}: told {told}")
    return races


def send_races(url: str, n: int, racers: int = 4, processes: bool = False) -> Races:
    """Agents, each with two pages open, take the same conversation and send the same draft: it is sent once.

    Every page sends it twice with its key, as one does that heard nothing.
    """
    ended = _race(url, n, ["send"] * racers, processes)
    races = Races(n)
    with _opened(url) as store:
        for name, ends in ended.items():
            races.ends.update(ends)
            said = [message for message in store.history(name) if message.role == "agent"]
            told = [e for e in store.events(name) if e.kind == "message" and e.data["message"]["role"] == "agent"]
            if ends.count("sent") != 1 or len(said) != 1 or len(told) != 1 or len(store.decisions(name)) != 1:
                races.faults.append(f"{name}: {len(said)} messages, {len(told)} events, {ends}")
    return races


def stale_races(url: str, n: int, processes: bool = False) -> Races:
    """An agent sends a draft while the shopper writes: it is sent before the new message, or not at all."""
    ended = _race(url, n, ["answer", "write"], processes)
    races = Races(n)
    with _opened(url) as store:
        for name, ends in ended.items():
            races.ends.update(end for end in ends if end != "written")
            roles = [message.role for message in store.history(name)]
            expected = ["shopper", "agent", "shopper"] if "sent" in ends else ["shopper", "shopper"]
            if roles != expected or "written" not in ends:
                races.faults.append(f"{name}: {roles}, {ends}")
    return races


def _claim(store: Store, agent: Agent, name: str, draft_id: str | None, racer: int) -> str:
    store.claim_handoff(agent, name)
    return "claimed"


def _send(store: Store, agent: Agent, name: str, draft_id: str | None, racer: int) -> str:
    store.take_conversation(agent, name)
    store.send_message(agent, name, REPLY.text, f"key of {racer}", draft_id)
    store.send_message(agent, name, REPLY.text, f"key of {racer}", draft_id)
    return "sent"


def _answer(store: Store, agent: Agent, name: str, draft_id: str | None, racer: int) -> str:
    store.send_message(agent, name, REPLY.text, "k", draft_id)
    return "sent"


def _write(store: Store, agent: Agent, name: str, draft_id: str | None, racer: int) -> str:
    store.post_turn(name, "And in red?")
    return "written"


_ACTS: Final[dict[str, Act]] = {"claim": _claim, "send": _send, "answer": _answer, "write": _write}


def _race(url: str, n: int, acts: Sequence[str], processes: bool) -> dict[str, list[str]]:
    """Let racers do each their act with one conversation after the other, all at once; what each was told."""
    with _opened(url) as store:
        added = [store.add_agent(f"agent{i}", f"Agent {i}") for i in range(len(acts))]
        agents = [added[i // 2 if act == "send" else i] for i, act in enumerate(acts)]
        lots = [_prepared(store, f"r{i}", agents[0] if acts[0] == "answer" else None) for i in range(n)]
    names = [name for name, _ in lots]
    told: Any
    start: Any
    racers: list[Any]
    if processes:
        context = multiprocessing.get_context("spawn")
        told, start = context.SimpleQueue(), context.Barrier(len(acts))
        racers = [
            context.Process(target=_racer, args=(url, act, agent, i, lots, start, told))
            for i, (act, agent) in enumerate(zip(acts, agents, strict=True))
        ]
    else:
        told, start = SimpleQueue(), threading.Barrier(len(acts))
        racers = [
            threading.Thread(target=_racer, args=(url, act, agent, i, lots, start, told))
            for i, (act, agent) in enumerate(zip(acts, agents, strict=True))
        ]
    for racer in racers:
        racer.start()
    ends: list[list[str]] = []
    while len(ends) < len(racers):
        if not told.empty():
            ends.append(told.get())
        elif any(getattr(racer, "exitcode", None) for racer in racers):
            raise RuntimeError("a racer has died: what is above tells why")
        else:
            time.sleep(0.01)
    for racer in racers:
        racer.join()
    return {name: [of[i] for of in ends] for i, name in enumerate(names)}


def _racer(
    url: str, act: str, agent: Agent, racer: int, lots: Sequence[tuple[str, str | None]], start: Any, told: Any
) -> None:
    ends = []
    with _opened(url) as store:
        for name, draft_id in lots:
            start.wait(60)
            try:
                ends.append(_ACTS[act](store, agent, name, draft_id, racer))
            except DeskError as error:
                ends.append(type(error).__name__)
    told.put(ends)


def _prepared(store: Store, name: str, taken_by: Agent | None) -> tuple[str, str | None]:
    """A conversation with a question that waits for an agent, and its draft."""
    store.create_conversation(name, secret="s")
    asked = store.post_turn(name, "How much is the tent?")
    if taken_by is not None:
        store.take_conversation(taken_by, name)
    else:
        assert store.claim_turn(asked.id, "w", 10)
        store.finish_turn(asked.id, "done", "", None, lambda _: [], owner="w", handoff=NewHandoff("asked"))
    draft = store.add_draft(NewDraft(name, asked.message_id, REPLY))
    return name, draft.id if draft is not None else None


class _opened:
    """A store of its own, as every process has one."""

    def __init__(self, url: str) -> None:
        self._store = Store.at_url(url)

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()
