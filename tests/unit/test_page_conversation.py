"""A conversation is what its log says: who spoke, who answers, what was taken back; each event once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from assistant.as_json import plain
from assistant.config import Settings
from assistant.store import StoredEvent, StoredMessage
from knowledge_base.shop import ShopInfo
from tests.browser.fake_assistant import CARDS, EVIL, SOURCES, FakeAssistant
from tests.unit.test_rendering import PICTURES, dangers
from ui.conversation import Conversation, Exchange, Remark, Session
from ui.drawing import Drawing
from ui.restoring import restore
from ui.speakers import render_remark, render_speaker

NOW = datetime(2026, 12, 1, tzinfo=UTC)


class Log:
    """Writes the log of one conversation, and has it followed."""

    def __init__(self) -> None:
        self.conversation = Conversation("en")
        self.events: list[StoredEvent] = []
        self._ids: Iterator[int] = count(10)

    def tell(self, kind: str, data: Mapping[str, Any], turn: str | None = None) -> None:
        self.events.append(StoredEvent(len(self.events) + 1, turn, kind, data, NOW))
        self.conversation.take(self.events[-1:])

    def asked(self, text: str, **more: Any) -> int:
        number = next(self._ids)
        self.tell("message", {"message": {"id": number, "role": "shopper", "text": text, **more}}, f"t{number}")
        return number

    def said(self, text: str, name: str | None = "Maya", **more: Any) -> int:
        number = next(self._ids)
        told = {"id": number, "role": "agent", "text": text, "name": name, **more}
        self.tell("message", {"message": told})
        return number

    def answered(self, asked: int, text: str) -> None:
        self.tell("text", {"delta": text}, f"t{asked}")
        message = {"id": next(self._ids), "text": text}
        self.tell("done", {"state": "done", "message": message}, f"t{asked}")

    def left(self, asked: int) -> None:
        self.tell("done", {"state": "done", "message": None}, f"t{asked}")


@pytest.fixture
def log() -> Log:
    return Log()


def texts(conversation: Conversation) -> list[str]:
    return [entry.text for entry in conversation.entries]


def test_what_people_say_stands_in_the_order_in_which_it_was_said(log: Log) -> None:
    first = log.asked("A tent?")
    log.answered(first, "Yes.")
    log.tell("who", {"who": "agent", "name": "Maya"})
    log.said("Which one?")
    log.left(log.asked("The red one"))
    log.said("帐篷有货")

    conversation = log.conversation
    assert texts(conversation) == ["A tent?", "Which one?", "The red one", "帐篷有货"]
    assert (conversation.who, conversation.name, conversation.running) == ("agent", "Maya", False)
    assert isinstance(conversation.entries[2], Exchange) and conversation.entries[2].state == "left"
    assert [entry.language for entry in conversation.entries] == ["en", "en", "en", "zh"]


def test_events_that_are_told_again_change_nothing(log: Log) -> None:
    log.answered(log.asked("A tent?"), "Yes.")
    log.said("Hello")
    before = list(log.conversation.entries)

    log.conversation.take(log.events)
    assert log.conversation.entries == before
    late = Conversation("en")
    late.take(log.events)
    assert late.entries == before


def test_what_was_taken_back_is_gone_but_its_place(log: Log) -> None:
    number = log.said("The wrong words", products=plain(CARDS), citations=plain(SOURCES))
    assert isinstance(log.conversation.entries[0], Remark) and log.conversation.entries[0].products == CARDS
    log.tell("withdrawn", {"message": number})

    assert log.conversation.entries == [Remark("", "en", number, "Maya", withdrawn=True)]
    html = render_remark(log.conversation.entries[0], 0, PICTURES)
    assert "taken back" in html and "wrong" not in html and "sk-card" not in html


def test_a_message_that_replaces_another_takes_what_followed_along(log: Log) -> None:
    first = log.asked("one")
    log.conversation.refuse("refused", "busy", None)
    log.asked("two")
    log.said("Hello")
    log.asked("one, better", replaces=first)

    assert texts(log.conversation) == ["one, better"]


def test_a_stored_conversation_has_what_its_log_has(log: Log) -> None:
    asked = log.asked("A tent?")
    log.answered(asked, "Yes.")
    said = log.said("Hello", products=plain(CARDS[:1]), citations=[])
    gone = log.said("Oops")
    log.tell("withdrawn", {"message": gone})

    def stored(number: int, role: Any, text: str, **known: Any) -> StoredMessage:
        return StoredMessage(number, "c", NOW, role, text, **known)

    beside = {"products": plain(CARDS[:1]), "citations": []}
    entries = restore(
        [
            stored(asked, "shopper", "A tent?", turn=f"t{asked}"),
            stored(11, "assistant", "Yes.", turn=f"t{asked}", reply={}),
            stored(said, "agent", "Hello", by="Maya", reply=beside),
            stored(gone, "agent", "Oops", by="Maya", withdrawn_at=NOW),
        ]
    )
    assert entries == log.conversation.entries


def test_only_what_the_page_does_not_show_already_is_drawn_anew(log: Log) -> None:
    opening: Future[Any] = Future()
    opening.set_result(FakeAssistant())
    drawing = Drawing(Path(), ShopInfo("Shop"), opening, Settings())
    session = Session()
    above, now = drawing.anew(session, log.conversation)
    assert above is None and "sk-welcome" in now

    first = log.asked("A tent?")
    assert drawing.anew(session, log.conversation)[0] is None
    log.said("Good morning")
    above, now = drawing.anew(session, log.conversation)
    assert above is not None and "A tent?" in above, "it is still being answered, above"
    assert 'data-before="10"' in now
    log.answered(first, "Yes.")
    above, _ = drawing.anew(session, log.conversation)
    assert above is not None and "Yes." in above
    log.said("Anything else?")
    assert drawing.anew(session, log.conversation)[0] is None
    log.said("Hello?")
    log.said("Hello??")
    above, _ = drawing.anew(session, log.conversation)
    assert above is not None and "Hello?" in above, "two have come at once"
    assert session.seen == log.conversation.seq


@pytest.mark.parametrize("text", [EVIL, "[x](javascript:alert(1))", "<style>*{display:none}</style>"])
def test_what_a_person_writes_and_is_called_does_not_run(text: str) -> None:
    remark = Remark(text, "en", 1, text, products=(replace(CARDS[0], title=text, url=text),))
    conversation = Conversation("en", who="agent", name=text)

    assert dangers(render_remark(remark, 0, PICTURES) + render_speaker(conversation)) == []


@pytest.mark.parametrize(
    ("who", "name", "language", "line"),
    [
        ("assistant", None, "en", "Assistant"),
        ("waiting", None, "zh", "正在转接人工客服"),
        ("agent", "Maya", "en", "Maya is answering"),
        ("agent", None, "zh", "人工客服为您服务"),
    ],
)
def test_it_is_said_who_answers(who: Any, name: str | None, language: Any, line: str) -> None:
    assert f">{line}<" in render_speaker(Conversation(language, who=who, name=name))
