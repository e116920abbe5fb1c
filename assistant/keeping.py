"""`python -m assistant replay`, `export` and `erase`: what is kept, looked into, handed out and forgotten.

In: the command's arguments, the settings, and a console. Out: lines on the console or in a file, and an exit status.
The database is the one that the settings name; none is made where there is none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from assistant.as_json import plain
from assistant.config import Settings
from assistant.errors import StoreError
from assistant.replay import differences, replay
from assistant.store import Erased, Store, StoredMessage, reply_json
from assistant.trace import Trace
from assistant.types import Reply


@dataclass(frozen=True, slots=True)
class Console:
    """Where results go, where notes go, and where answers come from; None: there is nobody to ask."""

    out: TextIO
    notes: TextIO
    answers: TextIO | None = None

    def asks(self, question: str) -> bool:
        """Whether somebody says yes; False also where they say nothing."""
        self.notes.write(question)
        self.notes.flush()
        return self.answers is not None and self.answers.readline().strip().lower() in ("y", "yes")


def add_commands(commands: Any) -> None:
    """The three commands, each with its function as the default of `run`."""
    help_of = {name: field.metadata["help"] for name, field in Settings.__dataclass_fields__.items()}
    again = commands.add_parser("replay", help="make an answer again from what was kept of it")
    again.add_argument("id", help="a message's or a turn's id")
    again.add_argument("--shop", type=Path, metavar="DIR", help="also ask the shop folder as it is now")
    again.add_argument("--json", action="store_true", help="everything, as one JSON object")
    handed = commands.add_parser("export", help="everything that is kept of a shopper, as JSON lines")
    handed.add_argument("--out", type=Path, metavar="FILE", help="the file to write; left out: the terminal")
    erased = commands.add_parser("erase", help="erase everything that is kept of a shopper")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    for command in (handed, erased):
        command.add_argument("shopper", nargs="?", help="the shopper's id, as the shop signs it")
        command.add_argument("--conversation", metavar="ID", help="one conversation instead, as a guest's")
    for command, run in ((again, replay_answer), (handed, export), (erased, erase)):
        command.add_argument("--data", type=Path, help=help_of["data"])
        command.set_defaults(run=run)


def replay_answer(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """0: the same answer; 1: another one."""
    with _store(settings) as store:
        message_id = store.answer_named(arguments.id)
        stored = store.message(message_id) if message_id is not None else None
        if stored is None or stored.reply is None:
            raise StoreError(f"{arguments.id!r} names no answer of the assistant: give a message's or a turn's id")
        trace = store.trace(stored.id)
    if trace is None:
        raise StoreError(f"what message {stored.id} was made of was not kept: it is from before traces were")
    again = asyncio.run(replay(trace))
    differing = differences(stored.reply, again)
    now = asyncio.run(_asked_now(trace, settings)) if arguments.shop is not None else None
    if arguments.json:
        found = {
            "message": stored.id,
            "stored": stored.reply,
            "replayed": reply_json(again),
            "differences": differing,
            "now": None if now is None else reply_json(now),
            "trace": plain(trace),
        }
        _write([found], console.out)
    else:
        console.out.write("\n".join(_told(stored, trace, again, differing, now)) + "\n")
    return 1 if differing else 0


def export(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """0: handed out, be it nothing."""
    whose = _whose(arguments)
    with _store(settings) as store:
        if arguments.conversation is not None:
            lines = store.export_conversation(arguments.conversation)
        else:
            lines = store.export_shopper(arguments.shopper)
        if arguments.out is None:
            n_lines = _write(lines, console.out)
        else:
            with arguments.out.open("w", encoding="utf-8") as file:
                n_lines = _write(lines, file)
    console.notes.write(f"{n_lines} lines of {whose}\n" if n_lines else f"nothing is kept of {whose}\n")
    return 0


def erase(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """0: nothing is kept any more; 1: whoever was asked said no."""
    whose = _whose(arguments)
    with _store(settings) as store:
        if not arguments.yes:
            if console.answers is None:
                raise StoreError("nobody can be asked here: give --yes to erase without asking")
            if not console.asks(f"Erase everything that is kept of {whose}? It cannot be had back. [y/N] "):
                return 1
        if arguments.conversation is not None:
            erased = store.erase_conversation(arguments.conversation)
        else:
            erased = store.erase_shopper(arguments.shopper)
        store.wipe()  # also where nothing was found: an earlier try may have been cut short before it
    console.out.write(_erased(whose, erased) + "\n")
    return 0


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    if not settings.database_url and not (settings.data / "conversations.db").exists():
        raise StoreError(f"no conversations are kept in {settings.data.resolve()}: give the --data that the shop uses")
    store = Store.open(settings.data, settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _whose(arguments: argparse.Namespace) -> str:
    if (arguments.shopper is None) == (arguments.conversation is None):
        raise ValueError("give one SHOPPER, or --conversation ID")
    return f"shopper {arguments.shopper}" if arguments.shopper else f"conversation {arguments.conversation}"


def _write(lines: Iterable[Mapping[str, Any]], file: TextIO) -> int:
    n_lines = 0
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        n_lines += 1
    return n_lines


def _erased(whose: str, erased: Erased) -> str:
    if erased == Erased():
        return f"nothing is kept of {whose}"
    said = f"{erased.conversations} conversations with {erased.messages} messages"
    return f"erased of {whose}: {said}, {erased.sessions} sessions"


async def _asked_now(trace: Trace, settings: Settings) -> Reply:
    """What the composer answers from the shop's catalogue as it is now."""
    from assistant.bootstrap import bootstrap

    assistant = bootstrap(replace(settings, model="composer"), progress=False)
    async with aclosing(assistant.stream(trace.turn)) as events:
        async for event in events:
            if event.kind == "done":
                reply: Reply = event.data["reply"]
                return reply
    raise AssertionError("a stream ends with done")


def _told(
    stored: StoredMessage, trace: Trace, again: Reply, differing: tuple[str, ...], now: Reply | None
) -> Iterator[str]:
    """A replay for people: what went in, what came out, then and now."""
    yield f"message   {stored.id} of {stored.at.isoformat(timespec='seconds')}"
    yield f"asked     {trace.turn.text}"
    for part in trace.parts:
        yield f"understood as {', '.join(part.query.intents)}: {part.query.text}"
        for n, hit in enumerate(part.evidence.hits, 1):
            yield f"  [{n}] {hit.entry.id}  {hit.stage} {hit.score:.4f}"
    yield f"model     {trace.asked or 'composer'}" + (f", which failed: {trace.failure}" if trace.failure else "")
    for change in trace.changed:
        yield f"  written {change.sentence.strip()}"
        yield f"  kept    {change.kept.strip() or '(nothing)'}"
    for finding in again.findings:
        yield f"  check   {finding.check}, {finding.action}: {finding.detail}"
    yield from ("", "stored:", stored.text, "", "replayed:", again.text, "")
    yield "the same" if not differing else f"not the same: {', '.join(differing)}"
    if now is not None:
        same = "the same text" if now.text == stored.text else "another text"
        yield from ("", f"asked now, of the catalogue as it is ({same}):", now.text)
