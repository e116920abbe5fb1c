"""Conversations and feedback survive: what was acknowledged is on the disk, in order, and nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.errors import StoreError
from assistant.store import NewMessage, Store, reply_json
from assistant.types import ProductCard, Query, Reply

REPLY = Reply(
    text="The **Ridge 2** costs $199.00 [1].",
    query=Query("ridge tent", ("product_question",)),
    products=(ProductCard("t1", "Ridge 2", price=Decimal("199.00"), currency="USD"),),
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.at_url(database_url)
    yield opened
    opened.close()


def test_messages_come_back_in_the_order_in_which_they_were_written(store: Store) -> None:
    store.append_message("a", "shopper", "How much is the Ridge 2?")
    store.append_message("b", "shopper", "somebody else")
    store.append_message("a", "assistant", REPLY.text, REPLY)

    history = store.history("a")

    assert [(message.role, message.text) for message in history] == [
        ("shopper", "How much is the Ridge 2?"),
        ("assistant", REPLY.text),
    ]
    assert history[0].reply is None
    assert history[1].reply is not None
    assert history[1].reply["products"][0]["price"] == "199.00"


def test_an_unknown_conversation_has_no_history(store: Store) -> None:
    assert store.history("nobody") == ()


def test_a_vote_can_be_given_changed_and_taken_back(store: Store) -> None:
    message = store.append_message("a", "assistant", "Yes.", None)

    for vote in ("up", "down", None):
        assert store.set_feedback("a", message, vote)
        assert store.history("a")[0].vote == vote


def test_a_vote_on_another_conversations_message_is_refused(store: Store) -> None:
    message = store.append_message("a", "assistant", "Yes.")

    assert not store.set_feedback("b", message, "up")
    assert not store.set_feedback("a", message + 1, "up")
    assert store.history("a")[0].vote is None


def test_a_vote_on_the_shoppers_own_message_is_refused(store: Store) -> None:
    message = store.append_message("a", "shopper", "Hello?")

    assert not store.set_feedback("a", message, "up")


@pytest.mark.parametrize(
    "text", ["汉字 & emoji 🏕️", "nul \x00, \x01\x02 \x01", "\u2028 \u202e \ufeff \x7f \r\n\t ' \" \\ %s :x", ""]
)
def test_a_reopened_store_has_every_character_that_was_acknowledged(database_url: str, text: str) -> None:
    first = Store.at_url(database_url)
    first.append_message("a", "shopper", text)
    first.close()

    second = Store.at_url(database_url)
    assert second.history("a")[0].text == text
    second.close()


def test_half_a_character_is_refused_in_words(store: Store) -> None:
    with pytest.raises(StoreError, match="lone surrogate"):
        store.append_message("a", "shopper", "broken \ud83c")
    assert store.history("a") == ()


def test_money_is_stored_without_losing_a_digit() -> None:
    assert reply_json(REPLY)["products"][0]["price"] == "199.00"


def test_many_threads_write_without_losing_a_message(store: Store) -> None:
    def write(name: str) -> None:
        for n in range(20):
            store.append_message(name, "shopper", str(n))

    threads = [threading.Thread(target=write, args=(f"c{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for n in range(6):
        assert [message.text for message in store.history(f"c{n}")] == [str(m) for m in range(20)]


def test_a_write_that_fails_halfway_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(StoreError):
        store.append_message("a", "shopper", None)  # type: ignore[arg-type]

    assert store.history("a") == ()
    store.append_message("a", "shopper", "after")
    assert len(store.history("a")) == 1


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreError, match="cannot be kept"):
        Store.open(tmp_path)


def test_a_data_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(StoreError, match="--data"):
        Store.open(tmp_path / "data")


def test_acknowledged_messages_survive_a_kill(tmp_path: Path) -> None:
    writer = (
        "import sys\n"
        "from pathlib import Path\n"
        "from assistant.store import Store\n"
        f"store = Store.open(Path({str(tmp_path)!r}))\n"
        "n = 0\n"
        "while True:\n"
        "    store.append_message('a', 'shopper', str(n)); print(n, flush=True); n += 1\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait()
    process.stdout.close()

    store = Store.open(tmp_path)
    kept = [message.text for message in store.history("a")]
    store.close()
    assert kept[: len(acknowledged)] == [line.strip() for line in acknowledged]


def test_a_browser_finds_the_conversation_it_is_in_until_it_leaves(store: Store) -> None:
    assert store.current_conversation("ann") is None
    for conversation in ("a", "b"):
        store.append_messages([NewMessage(conversation, "shopper", "hello", browser="ann")])
    store.append_messages([NewMessage("c", "shopper", "hello", browser="ben")])

    assert store.current_conversation("ann") == "b"
    store.leave_conversation("ann")

    assert store.current_conversation("ann") is None
    assert store.current_conversation("ben") == "c"
    assert store.history("b")[0].text == "hello"


def test_of_messages_written_together_all_are_kept_or_none(store: Store) -> None:
    ids = store.append_messages([NewMessage("a", "shopper", "one"), NewMessage("b", "shopper", "two")])
    assert [store.history(name)[0].id for name in "ab"] == ids

    with pytest.raises(StoreError):
        store.append_messages([NewMessage("a", "shopper", "three"), NewMessage("a", None, "four")])  # type: ignore[arg-type]
    assert [message.text for message in store.history("a")] == ["one"]


def test_the_newest_messages_come_back_oldest_first(store: Store) -> None:
    for n in range(5):
        store.append_message("a", "shopper", str(n))

    assert [message.text for message in store.history("a", newest=2)] == ["3", "4"]
