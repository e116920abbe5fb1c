"""One line a turn and a request, with no word of a message and no id but the conversation's."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.pipeline import Assistant
from assistant.types import Turn
from ui.logs import JsonLines, LogRequests, TextLines, TurnLog, configure_logs

SECRET = "planted-7f3a"


async def test_a_turn_is_one_line_without_a_word_of_it(assistant: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ui.logs")
    watched = Assistant(assistant.catalogue, observers=(TurnLog(),))
    await watched.answer(Turn("c-1", f"show me tents under $200 {SECRET}", shopper=SECRET))

    (record,) = caplog.records
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "turn" and line["level"] == "info"
    assert line["conversation"] == "c-1" and line["outcome"] == "done"
    assert line["intents"] == "find" and line["products"] == 2 and line["model"] == "composer"
    assert line["understand_ms"] >= 0 and line["ms"] >= line["first_text_ms"]
    text = TextLines().format(record)
    assert "turn conversation=c-1 outcome=done" in text and "\n" not in text
    assert SECRET not in text + JsonLines().format(record) and "Fernway" not in text


async def test_a_request_is_one_line_without_its_path(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ui.logs")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})

    async def nothing(*_: Any) -> Any: ...

    scope = {"type": "http", "method": "GET", "path": f"/v1/{SECRET}", "headers": []}
    await LogRequests(application)(scope, nothing, nothing)

    (record,) = caplog.records
    line = json.loads(JsonLines().format(record))
    assert {"method": "GET", "route": "none", "status": 404}.items() <= line.items()
    assert SECRET not in str(line)


def test_a_traceback_stands_in_its_line() -> None:
    try:
        raise ValueError("what went wrong")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it broke", (), (type(error), error, None))

    line = json.loads(JsonLines().format(record))
    assert line["message"] == "it broke" and "what went wrong" in line["traceback"]


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(SettingsError, match="problems, text, json"):
        configure_logs("loud")
    assert Settings().log == "problems"
