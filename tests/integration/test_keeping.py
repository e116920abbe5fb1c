"""A shopper is handed all that is kept of them, and erased to the last byte; what is old goes by itself."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from assistant.config import Settings
from assistant.errors import StoreError
from assistant.keeping import Console, add_commands
from assistant.pipeline import Assistant
from assistant.store import NewEvent, NewMessage, Store
from assistant.store.upkeep import Upkeep
from assistant.types import Proposal, Turn

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
# Words of one shopper, each so odd that it stands nowhere by chance.
PLANTED = ("Zwetschgenmus", "quokka-4711@example.org", "我的电话是13900001111", "0171 2233445", "Ada-Quillfeather")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    sqlite_file = database_url.startswith("sqlite")
    return Settings(data=data, database_url="" if sqlite_file else database_url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings.data, settings.database_url)
    yield opened
    opened.close()


def run(settings: Settings, *words: str, says: str | None = None) -> tuple[int, str, str]:
    """A command as `python -m assistant` runs it: exit status, output, notes."""
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    arguments = parser.parse_args(words)
    console = Console(io.StringIO(), io.StringIO(), None if says is None else io.StringIO(says))
    status = arguments.run(arguments, settings, console)
    return status, console.out.getvalue(), console.notes.getvalue()  # type: ignore[attr-defined]


async def talk(store: Store, assistant: Assistant, conversation: str, shopper: str | None, *texts: str) -> list[str]:
    """A conversation through the store as the server has it: turns, events, answers with traces, a vote; turn ids."""
    store.create_conversation(conversation, shopper=shopper, secret=None if shopper else "s3cret")
    turns: list[str] = []
    for text in texts:
        turn = store.post_turn(conversation, text, key=text[:128], locale=f"en-x-{text}")
        turns.append(turn.id)
        assert store.claim_turn(turn.id, "w", 10)
        async with aclosing(assistant.stream(Turn(conversation, text, shopper=shopper))) as events:
            async for event in events:
                if event.kind == "text":
                    store.append_events([NewEvent(conversation, turn.id, "text", {**event.data, "you said": text})])
                if event.kind == "done":
                    reply = event.data["reply"]
                    reply = replace(reply, proposals=(Proposal(turn.id, "cancel", f"Cancel {text}"),))
                    end = store.finish_turn(
                        turn.id, "done", reply.text, reply, lambda m: [("done", {"text": m and m.text})],
                        trace=event.data["trace"],
                    )  # fmt: skip
        assert end.message is not None
        store.set_feedback(conversation, end.message.id, "up")
    return turns


def kept(settings: Settings) -> Callable[[str], bool]:
    """Whether a text stands anywhere: in any byte of a file below the data folder, or in any row of PostgreSQL."""
    everything = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    if settings.database_url:
        with psycopg.connect(settings.database_url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = [connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in tables]
        everything += json.dumps(rows, ensure_ascii=False).encode()
    spellings: Callable[[str], set[bytes]] = lambda text: {  # noqa: E731
        text.encode(), json.dumps(text)[1:-1].encode(), json.dumps(json.dumps(text)[1:-1])[1:-1].encode()
    }  # fmt: skip
    return lambda text: any(spelling in everything for spelling in spellings(text))


async def test_nothing_of_an_erased_shopper_is_in_any_file_or_table(
    store: Store, settings: Settings, assistant: Assistant
) -> None:
    await talk(store, assistant, "a1", "ada", *PLANTED[:3], "where is my order?")
    await talk(store, assistant, "a2", "ada", f"{PLANTED[3]} " * 300, "where is my order?", PLANTED[4])
    await talk(store, assistant, "b1", "bob", "a Brombeer tent", "where is my order?")
    store.append_messages([NewMessage("a2", "shopper", "from the page", browser="a browser of ada")])
    token = store.open_session("ada", "jti", NOW, datetime.now(UTC) + timedelta(hours=1))
    assert token is not None
    planted = (*PLANTED, "A1001", "a browser of ada")
    before = kept(settings)
    assert all(before(text) for text in (*planted, "Brombeer", "B2002"))

    status, said, _ = run(settings, "erase", "ada", "--yes")

    assert (status, said) == (0, "erased of shopper ada: 2 conversations with 15 messages, 1 sessions\n")
    after = kept(settings)
    assert [text for text in (*planted, '"ada"') if after(text)] == []
    assert after("Brombeer") and after("B2002"), "another's must stay"
    assert store.session_shopper(token) is None
    assert store.conversations_of("ada") == () and store.history("a1") == ()
    assert len(store.history("b1")) == 4
    with store.database.reading() as connection:
        for table in ("messages", "turns", "events", "traces", "proposals"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() > 0  # type: ignore[operator]
    assert run(settings, "erase", "ada", "--yes")[1] == "nothing is kept of shopper ada\n"


async def test_a_guests_conversation_is_erased_by_its_id(
    store: Store, settings: Settings, assistant: Assistant
) -> None:
    (turn,) = await talk(store, assistant, "g1", None, PLANTED[0])
    await talk(store, assistant, "g2", None, "another guest")
    assert run(settings, "erase", "--conversation", "g1", "--yes")[0] == 0
    assert not kept(settings)(PLANTED[0])
    assert store.conversation("g1") is None and store.turn(turn) is None
    assert store.conversation("g2") is not None


def test_erasing_asks_first(store: Store, settings: Settings) -> None:
    store.create_conversation("a1", shopper="ada")
    with pytest.raises(StoreError, match="--yes"):
        run(settings, "erase", "ada")
    assert run(settings, "erase", "ada", says="\n")[0] == 1
    assert store.conversation("a1") is not None
    status, _, asked = run(settings, "erase", "ada", says="y\n")
    assert status == 0 and "shopper ada" in asked
    assert store.conversation("a1") is None


async def test_all_that_is_kept_is_handed_out(
    store: Store, settings: Settings, assistant: Assistant, tmp_path: Path
) -> None:
    await talk(store, assistant, "a1", "ada", *PLANTED)
    await talk(store, assistant, "b1", "bob", "a Brombeer tent")
    store.open_session("ada", "jti", NOW, datetime.now(UTC) + timedelta(hours=1))

    status, out, notes = run(settings, "export", "ada")
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.split("\n")[:-1]]
    assert status == 0 and notes == f"{len(lines)} lines of shopper ada\n"
    kinds = [line["kind"] for line in lines]
    assert {kind: kinds.count(kind) for kind in kinds if kind != "hit"} == {
        "session": 1, "conversation": 1, "turn": 5, "message": 10, "proposal": 5, "trace": 5,
    }  # fmt: skip
    assert all(text in out for text in PLANTED) and "Brombeer" not in out
    assert "hash" not in out
    said = [line for line in lines if line["kind"] == "message"]
    assert [line["text"] for line in said[::2]] == list(PLANTED)
    assert said[1]["vote"] == "up" and said[1]["reply"]["text"] == said[1]["text"]

    run(settings, "export", "--conversation", "a1", "--out", str(tmp_path / "a1.jsonl"))
    assert (tmp_path / "a1.jsonl").read_text("utf-8").split("\n")[:-1] == out.split("\n")[1:-1]
    assert run(settings, "export", "nobody") == (0, "", "nothing is kept of shopper nobody\n")


def test_an_answer_is_replayed_from_the_command_line(store: Store, settings: Settings, assistant: Assistant) -> None:
    (turn,) = asyncio.run(talk(store, assistant, "a1", "ada", "how much is the Enamel Mug?"))
    status, said, _ = run(settings, "replay", turn)
    assert "product:mug" in said and said.count("$12.50") == 2
    assert (status, said.strip().split("\n")[-1]) == (1, "not the same: proposals")  # which `talk` made up

    message = store.answer_named(turn)
    found = json.loads(run(settings, "replay", str(message), "--json")[1])
    assert found["stored"]["text"] == found["replayed"]["text"]
    assert found["differences"] == ["proposals"]

    with pytest.raises(StoreError, match="'nothing'"):
        run(settings, "replay", "nothing")
    untraced = store.append_messages([NewMessage("a1", "assistant", "Yes.", assistant_reply(store, turn))])
    with pytest.raises(StoreError, match="before traces"):
        run(settings, "replay", str(untraced[0]))


def assistant_reply(store: Store, turn: str) -> Any:
    from assistant.as_json import revive
    from assistant.types import Reply

    answer = store.answer_of(turn)
    assert answer is not None
    return replace(revive(Reply, answer.reply), proposals=())


@pytest.mark.parametrize("words", [("erase", "--yes"), ("export", "a", "--conversation", "b")])
def test_whose_it_is_must_be_said(store: Store, settings: Settings, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="one SHOPPER, or --conversation"):
        run(settings, *words)


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--data"):
        run(Settings(data=tmp_path), "export", "ada")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_older_than_the_shop_keeps_it_goes_in_steps(
    database_url: str, assistant: Assistant, settings: Settings
) -> None:
    now = datetime.now(UTC)
    clock = [now - timedelta(days=31)]
    store = Store.open(settings.data, settings.database_url, lambda: clock[0])
    for n in range(3):
        await talk(store, assistant, f"old{n}", None, "an old tent")
    store.open_session("ada", "jti", clock[0], clock[0])
    clock[0] = now - timedelta(days=29)
    (turn,) = await talk(store, assistant, "kept", None, "a newer tent")
    clock[0] = now
    (fresh,) = await talk(store, assistant, "new", None, "the newest tent")

    assert [store.erase_before(now - timedelta(days=30), most=2) for _ in range(3)] == [2, 1, 0]
    Upkeep(store, retention_days=30).sweep()

    assert store.conversation("old0") is None and store.history("kept")
    assert [event.kind for event in store.events("kept")] == ["message", "done"]
    assert "text" in [event.kind for event in store.events("new")]
    assert store.turn(turn) is not None and store.turn(fresh) is not None
    with store.database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM sessions")).scalar() == 0
        n_records = connection.execute(sa.text("SELECT count(*) FROM records")).scalar()
        rested_on = connection.execute(sa.text("SELECT count(DISTINCT digest) FROM trace_hits")).scalar()
    assert n_records == rested_on

    Upkeep(store, retention_days=0).sweep()
    assert store.history("kept") and store.history("new")
    store.close()


def test_upkeep_runs_in_a_thread_and_ends_when_told(store: Store) -> None:
    upkeep = Upkeep(store, 30)
    upkeep.start()
    upkeep.stop()
    upkeep.join(timeout=10)
    assert not upkeep.is_alive()


def test_no_frequent_query_reads_a_whole_table(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    asked: dict[str, Any] = {}

    @sa.event.listens_for(store.database.engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, values: Any, ___: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked[statement] = values[0] if many else values

    store.create_conversation("c", shopper="ada")
    turn = store.post_turn("c", "a tent?", key="k")
    store.claim_turn(turn.id, "w", 5)
    store.append_events([NewEvent("c", turn.id, "text", {})])
    store.renew_turns("w", [turn.id], 5)
    store.request_stop("c")
    store.finish_turn(turn.id, "done", "yes", None, lambda _: [("done", {})])
    for read in (store.conversation, store.events, store.history, store.messages, store.unfinished_turns,
                 store.proposals, store.conversations_of, store.erase_conversation, store.erase_shopper):  # fmt: skip
        read("c")
    store.heads(["c"])
    store.answer_of(turn.id)
    store.turn_by_key("c", "k")
    store.prune_events(NOW)
    store.erase_before(NOW)
    store.close()
    assert len(asked) > 25
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as connection:
        for statement, values in asked.items():
            plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            tables = {"events", "messages", "turns", "conversations", "traces", "proposals", "feedback", "sessions"}
            assert [step for step in plan if step[:5] == "SCAN " and step.split(" ")[1] in tables] == [], statement
