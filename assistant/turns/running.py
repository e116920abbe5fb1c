"""One turn being answered: from the assistant's events to those of the conversation's log, and to its end.

In: a turn that this worker has, what was said before, the assistant's stream. Out: events in the log, and how it ended.
Whoever cancels the task stops the answer; what was said until then stays. It decides neither when a turn runs nor when
it is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assistant.as_json import plain
from assistant.errors import TurnOver
from assistant.handoff import reason_code
from assistant.store import NewEvent, NewHandoff, StoredMessage, StoredTurn, TurnState
from assistant.trace import Trace
from assistant.turns.log import EventLog
from assistant.types import Event, Language, Reply, Turn
from knowledge_base.text import language_of

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_UNSTORED: Final = 64  # events on their way to the store before the answer waits for them

OPENING: Final[Mapping[Language, str]] = {
    "en": "The shop is just opening. Your question is next",
    "zh": "店铺正在开门，马上回答您",
}
WAITING: Final[Mapping[Language, str]] = {
    "en": "Many people are asking right now. Waiting for a place: {ahead} ahead of you",
    "zh": "现在咨询的人较多，正在排队：前面还有 {ahead} 位",
}
FAILED: Final[Mapping[Language, str]] = {
    "en": "Something went wrong on our side. Your question was fine; please try again.",
    "zh": "我们这边出了点问题，不是您的问题，请再试一次。",
}


@dataclass(slots=True)
class Running:
    """A turn while it is answered here; `said` and `shown` are how far it has come, `reply` comes last."""

    turn: StoredTurn
    owner: str
    log: EventLog
    said: list[str] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)
    reply: Reply | None = None
    trace: Trace | None = None
    problem: Mapping[str, Any] | None = None
    left_to_a_person: bool = False
    handoff: NewHandoff | None = None
    _unstored: set[asyncio.Future[int | None]] = field(default_factory=set)
    _failure: Exception | None = None

    @property
    def language(self) -> Language:
        """The language in which to tell the shopper what is happening."""
        known = language_of(self.turn.text) or self.turn.locale or "en"
        return "zh" if known.startswith("zh") else "en"

    def leave(self, handoff: NewHandoff | None = None) -> None:
        """Leave the message to a person; `handoff` where nobody has the conversation yet."""
        self.left_to_a_person, self.handoff = True, handoff

    def asks_for_a_person(self) -> NewHandoff | None:
        """The hand-off that the answer, or that there is none, comes to; None where nobody is needed."""
        if self.handoff is not None or self.reply is None or self.reply.handoff is None:
            return self.handoff
        query = self.reply.query
        return NewHandoff(
            reason_code(self.reply.handoff),
            query.intent,
            query.language,
            "upset" if "complaint" in query.intents else "calm",
            query.order_ref or next(iter(self.reply.orders), None),
        )

    async def answer(self, assistant: Assistant, turn: Turn) -> None:
        """Let the assistant answer, and every event into the log.

        Raises:
            TurnOver: the turn is another worker's by now.
            StoreError: an event could not be stored.
        """
        async with aclosing(assistant.stream(turn)) as events:
            async for event in events:
                match event.kind:
                    case "done":
                        self.reply, self.trace = event.data["reply"], event.data.get("trace")
                    case "error":
                        self.problem = event.data
                    case _:
                        await self.tell(event)
        await self.stored()

    async def tell(self, event: Event) -> None:
        """Put an event into the log; returns at once unless many are on their way to the store already."""
        self.put(event)
        if self._failure is not None or len(self._unstored) >= _UNSTORED:
            await self.stored()

    def put(self, event: Event) -> None:
        """Put an event into the log."""
        data: dict[str, Any] = plain(event.data)
        if event.kind == "text":
            self.said.append(data["delta"])
        elif event.kind != "status":
            self.shown |= data
        appended = self.log.append(
            NewEvent(self.turn.conversation_id, self.turn.id, event.kind, {**data, "turn": self.turn.id}, self.owner)
        )
        self._unstored.add(appended)
        appended.add_done_callback(self._settle)

    async def stored(self) -> None:
        """Return when everything told so far is stored.

        Raises:
            TurnOver: the turn is another worker's by now.
            StoreError: an event could not be stored.
        """
        if self._unstored:
            await asyncio.wait(self._unstored)
        if self._failure is not None:
            raise self._failure

    def end(self, state: TurnState) -> tuple[TurnState, str, Sequence[tuple[str, Mapping[str, Any]]] | None]:
        """What there is to store in the end: the state, the answer's text, and the events where it failed."""
        if self.reply is not None:
            return "done", self.reply.text, None
        if self.left_to_a_person:
            return "done", "", None
        if state == "stopped":
            return "stopped", "".join(self.said).strip(), None
        problem = self.problem or {"message": FAILED[self.language], "retry": True}
        return "failed", "", [("error", {**plain(problem), "turn": self.turn.id})]

    def done(self, state: TurnState, message: StoredMessage | None) -> dict[str, Any]:
        """The data of the `done` event: the whole answer again."""
        return {"turn": self.turn.id, "state": state, "message": None if message is None else self._whole(message)}

    def _whole(self, message: StoredMessage) -> dict[str, Any]:
        at = message.at.isoformat(timespec="milliseconds")
        told = {"id": message.id, "role": message.role, "text": message.text, "at": at}
        return told | (answer_json(self.shown) if message.reply is None else reply_parts(message.reply))

    def _settle(self, appended: asyncio.Future[int | None]) -> None:
        self._unstored.discard(appended)
        failure = appended.exception()
        if failure is None and appended.result() is None:
            failure = TurnOver(f"turn {self.turn.id!r} is answered by another worker now")
        if isinstance(failure, Exception):
            self._failure = self._failure or failure


def reply_parts(reply: Mapping[str, Any]) -> dict[str, Any]:
    """What a page needs of a stored reply, beside its text."""
    return {
        "products": reply.get("products", []),
        "citations": reply.get("citations", []),
        "suggestions": reply.get("suggestions", []),
        "proposals": reply.get("proposals", []),
        "handoff": reply.get("handoff"),
        "model": reply.get("model"),
        "fallback": reply.get("fallback"),
        "language": (reply.get("query") or {}).get("language"),
    }


def answer_json(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer that was stopped, from the events that were told."""
    return reply_parts({**shown, "handoff": shown.get("reason")})
