"""A stored conversation is shown again as it stood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from assistant.as_json import plain, revive
from assistant.store import StoredMessage
from assistant.types import Citation, Finding, ProductCard, Query, Reply
from knowledge_base.types import Condition, Filters
from ui.restoring import restore

NOW = datetime(2026, 11, 25, tzinfo=UTC)
REPLY = Reply(
    "It costs $9.90 [1].",
    Query(
        "cheap tents",
        ("find", "count"),
        "en",
        filters=Filters(
            Decimal("1.50"), None, True, None, (Condition(("brand",), ("A",), Decimal("0.1"), None, "kg"),)
        ),
        refers_to=("t1",),
    ),
    (ProductCard("t1", "Tent", None, {"Color": "Red"}, Decimal("9.90"), None, None, "USD", True, Decimal("4.5"), 3),),
    (Citation(1, "product:t1", "product", "Tent", "A tent."),),
    ("Anything cheaper?",),
    findings=(Finding("figures", "note", "all hold"),),
    timings_ms={"total": 3},
)


def message(number: int, role: str, text: str, reply: Reply | None = None, **known: Any) -> StoredMessage:
    stored: Mapping[str, Any] | None = json.loads(json.dumps(plain(reply))) if reply else None
    return StoredMessage(number, "c", NOW, role, text, stored, **known)  # type: ignore[arg-type]


def test_a_reply_comes_back_from_its_json_exactly() -> None:
    assert revive(Reply, json.loads(json.dumps(plain(REPLY)))) == REPLY


@pytest.mark.parametrize(
    "change",
    [
        {"text": 1},
        {"query": None},
        {"products": {}},
        {"products": [{"id": "t1"}]},
        {"products": [{"id": "t1", "title": "Tent", "price": "cheap"}]},
        {"query": {"text": "x", "intents": ["conquer"]}},
    ],
)
def test_json_of_another_shape_is_refused_and_its_text_still_shown(change: dict[str, Any]) -> None:
    changed = plain(REPLY) | change
    with pytest.raises(ValueError):
        revive(Reply, changed)

    asked = message(1, "shopper", "Tents?")
    (exchange,) = restore([asked, StoredMessage(2, "c", NOW, "assistant", REPLY.text, changed)])
    assert (exchange.state, exchange.answer) == ("done", REPLY.text)


def test_answers_votes_and_what_was_stopped_stand_as_before() -> None:
    exchanges = restore(
        [
            message(1, "shopper", "Tents?"),
            message(2, "assistant", REPLY.text, REPLY, vote="up"),
            message(3, "shopper", "帐篷呢？"),
            message(4, "assistant", "有"),
            message(5, "shopper", "And?"),
        ]
    )

    assert [e.state for e in exchanges] == ["done", "stopped", "stopped"]
    assert (exchanges[0].answer, exchanges[0].products, exchanges[0].citations) == (
        REPLY.text,
        REPLY.products,
        REPLY.citations,
    )
    assert (exchanges[0].vote, exchanges[0].message_id) == ("up", 2)
    assert (exchanges[1].answer, exchanges[1].language) == ("有", "zh")
    assert exchanges[2].answer == ""


def test_what_was_edited_is_gone_with_all_that_followed() -> None:
    exchanges = restore(
        [
            message(1, "shopper", "one"),
            message(2, "assistant", "1"),
            message(3, "shopper", "two"),
            message(4, "assistant", "2"),
            message(5, "shopper", "three"),
            message(6, "shopper", "two, better", replaces=3),
            message(7, "assistant", "2b"),
        ]
    )

    assert [(e.text, e.answer) for e in exchanges] == [("one", "1"), ("two, better", "2b")]


def test_an_answer_whose_question_is_cut_off_is_left_out() -> None:
    assert restore([message(2, "assistant", "1")]) == []
