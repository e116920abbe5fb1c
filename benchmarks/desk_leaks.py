"""Drafts that agents have not sent: does a byte of one reach the shopper, or the tables that shoppers are shown?

    python -m benchmarks.desk_leaks [--turns 1000] [--chats 20]

The real server, with a model whose every draft has a word of its own. Each turn is asked over the API and waits for an
agent; when its draft is in the store, everything that the shopper can be told is looked through for that word: the
stream of the message, all events from the first, all messages, the conversation itself. Every tenth draft is sent
(then the word must be there). In the end every table but those of the desk is looked through for the words of the
others. Prints a line and one JSON line.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

import httpx
import sqlalchemy as sa

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.store.tables import metadata
from knowledge_base.opening import open_index
from tests.fakes import FakeDrafter
from tests.integration.api_client import Talk
from tests.running_app import RunningApp
from tests.shops import write_shop

_OF_THE_DESK = {"drafts", "decisions"}
_DRAFT_S = 30.0  # that a draft is waited for
_COPILOT = '\n[desk]\nmode = "copilot"\n'


def main() -> int:
    """0: nothing was seen that had not been sent; 1: something was, or too few drafts had a word to look for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk_leaks", description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=20)
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = drafted_turns(Path(folder), arguments.turns, arguments.chats)
    seconds = round(time.monotonic() - started, 1)
    print(f"{figures['drafted']} of {figures['turns']} turns drafted with a word of their own, {figures['sent']} sent, "
          f"{figures['leaked']} seen before, {figures['missing']} sent and not seen, "
          f"{figures['in_tables']} in other tables")  # fmt: skip
    print(json.dumps({"benchmark": "desk_leaks", **figures, "seconds": seconds}), flush=True)
    too_few = figures["drafted"] < figures["turns"] * 0.9  # the checks took the words out: nothing was looked for
    return 1 if too_few or figures["leaked"] or figures["missing"] or figures["in_tables"] else 0


def drafted_turns(folder: Path, n_turns: int, n_chats: int) -> dict[str, int]:
    """Counts of drafts that were made, sent, and seen where they must not be."""
    numbers = itertools.count()
    drafter = FakeDrafter(lambda prompt: f"Have a look at these tents, {_word(next(numbers))}.")
    shop = write_shop(folder / "shop")
    with (shop / "shop.toml").open("a", encoding="utf-8") as toml:
        toml.write(_COPILOT)
    index = open_index(shop, folder / "data", "none", progress=False)
    unlimited = {"rate_shopper": "", "rate_address": "", "rate_reads": ""}
    settings = Settings(data=folder / "data", **unlimited)  # type: ignore[arg-type]
    counts = dict.fromkeys(("turns", "drafted", "sent", "leaked", "missing", "in_tables"), 0)
    words: set[str] = set()
    with (
        RunningApp(shop, settings, Assistant(index, drafter)) as app,
        httpx.Client(base_url=app.url, trust_env=False, timeout=30) as client,
    ):
        agent = app.store.add_agent("ann", "Ann")
        talks = [Talk.begin(client) for _ in range(min(n_chats, n_turns))]
        for turn, talk in zip(range(n_turns), itertools.cycle(talks), strict=False):
            counts["turns"] += 1
            streamed = [event.data for event in talk.stream(f"Do you have a tent under ${turn + 300}?")]
            draft = _draft(app, talk.id)
            word = next((part.strip(",.") for part in draft.split() if part.startswith("zq")), None)
            if word is None:
                continue  # the checks took the word out
            counts["drafted"] += 1
            words.add(word)
            counts["leaked"] += word in json.dumps(streamed) + _shown(talk)
            if turn % 10 == 9:
                app.store.take_conversation(agent, talk.id)
                app.store.send_message(agent, talk.id, draft, f"k{turn}", app.store.open_drafts(talk.id)[0].id)
                app.store.end_handoff(agent, talk.id, "handed_back")
                words.discard(word)
                counts["sent"] += 1
                counts["missing"] += word not in _shown(talk)
        counts["in_tables"] = _found_in_tables(app, words)
    return counts


def _word(number: int) -> str:
    """A word that nothing else has, without a figure in it."""
    return "zq" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}") + "zq"


def _draft(app: RunningApp, conversation_id: str) -> str:
    """The draft of the newest message, once it is there."""
    deadline = time.monotonic() + _DRAFT_S
    while not (drafts := app.store.open_drafts(conversation_id)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no draft in {_DRAFT_S:g} s")
        time.sleep(0.005)
    return drafts[0].text


def _shown(talk: Talk) -> str:
    """Everything that the shopper's page could be told of a conversation."""
    head = talk.get().json()["last_seq"]
    seen = [talk.get().text, talk.get("/messages", limit=100).text]
    with talk.client.stream("GET", f"{talk.path}/events?after=0", headers=talk.headers) as stream:
        for line in stream.iter_lines():
            seen.append(line)
            if line == f"id: {head}":
                break
    return "\n".join(seen)


def _found_in_tables(app: RunningApp, words: set[str]) -> int:
    """How many words stand in tables that hold what shoppers are shown, or what it rests on."""
    found: set[str] = set()
    with app.store.database.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name in _OF_THE_DESK:
                continue
            for row in connection.execute(sa.select(table)):
                text = repr(row)
                if "zq" in text:
                    found |= {word for word in words if word in text}
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
