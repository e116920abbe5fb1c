"""What the server writes down: problems always; on request one line a turn and one a request.

In: log records, and turns that are over. Out: lines on the standard error stream, as text for people or as JSON for a
collector. No line holds a word of a message, a path with ids in it, an address, or what a header said.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.config import PREFIX
from assistant.errors import SettingsError
from assistant.observing import TurnSeen
from assistant.privacy.logs import install as mask_logs
from assistant.types import Turn
from ui.metrics import route_of

_log = logging.getLogger(__name__)
FORMS: Final = ("problems", "text", "json")
_FIELDS: Final = "fields"  # the attribute of a record that holds its values by name


def configure_logs(form: str) -> None:
    """Set the process's logging up, once.

    Raises:
        SettingsError: there is no such form.
    """
    if form not in FORMS:
        raise SettingsError(f"{PREFIX}LOG={form!r}: write one of {', '.join(FORMS)}")
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_OursFromInfo(form != "problems"))  # on the handler: some libraries lower their loggers' level
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    mask_logs()
    if form != "problems":
        for package in ("assistant", "knowledge_base", "ui"):
            logging.getLogger(package).setLevel(logging.INFO)


class _OursFromInfo(logging.Filter):
    """Problems of everybody; with `ours` also what our own packages tell."""

    def __init__(self, ours: bool) -> None:
        super().__init__()
        self._ours = ours

    def filter(self, record: logging.LogRecord) -> bool:
        own = record.name.partition(".")[0] in ("assistant", "knowledge_base", "ui", "__main__")
        return record.levelno >= (logging.INFO if self._ours and own else logging.WARNING)


class TextLines(logging.Formatter):
    """`2026-12-01 12:00:00,000 INFO ui.logs: turn outcome=done …`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line with its values behind it."""
        values = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        return f"{super().formatMessage(record)} {values}".rstrip()


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the values by name, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        line |= {"message": record.getMessage(), **_fields(record)}
        if record.exc_info or record.exc_text:  # masking leaves the text alone
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return json.dumps(line, ensure_ascii=False, default=str)


class TurnLog:
    """A `TurnObserver` that writes one line a turn: ids, counts and times, never what was said."""

    def began(self, turn: Turn) -> None:
        """Nothing is written before a turn is over."""

    def ended(self, seen: TurnSeen) -> None:
        """Write its line."""
        values: dict[str, Any] = {
            "conversation": seen.turn.conversation_id,
            "outcome": seen.outcome,
            "ms": round(seen.seconds * 1000, 1),
            **{f"{stage.name}_ms": round(stage.seconds * 1000, 1) for stage in seen.stages},
        }
        if seen.first_text_ns is not None:
            values["first_text_ms"] = round((seen.first_text_ns - seen.started_ns) / 1e6, 1)
        if (reply := seen.reply) is not None:
            values |= {
                "intents": ",".join(reply.query.intents),
                "language": reply.query.language,
                "products": len(reply.products),
                "citations": len(reply.citations),
                "findings": len(reply.findings),
                "answered": reply.answered,
                "handoff": reply.handoff is not None,
                "model": reply.model,
                "fallback": reply.fallback is not None,
            }
        _log.info("turn", extra={_FIELDS: values})


class LogRequests:
    """Writes one line a request: method, route, status, time to the first byte and in all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _log.isEnabledFor(logging.INFO):
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        status, first = 0, 0.0

        async def noted(message: Message) -> None:
            nonlocal status, first
            if message["type"] == "http.response.start":
                status, first = message["status"], time.perf_counter() - started
            await send(message)

        try:
            return await self._app(scope, receive, noted)
        finally:
            values = {"method": scope["method"], "route": route_of(scope), "status": status}
            times = {"first_ms": round(first * 1000, 1), "ms": round((time.perf_counter() - started) * 1000, 1)}
            _log.info("request", extra={_FIELDS: values | times})


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, _FIELDS, {})
    return fields
