"""What the screens show, read from the desk.

In: an agent, and what they look at. Out: values of `showing`. It decides nothing: what must be refused the desk
refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from assistant.as_json import revive
from assistant.desk import Desk, OpenConversation
from assistant.desk.figures import find_figures
from assistant.store import Agent, Draft, QueueFilters, QueueItem, Store, StoredMessage
from assistant.store.drafts import DraftKind
from assistant.types import Language, Reply
from knowledge_base.shop import ShopInfo
from knowledge_base.text import language_of
from ui.desk.showing import Canned, Chat, Colleague, DraftShown, Earlier, Line, NoteShown, QueueRow, View

_FILTERS: Final = ("reason", "language", "mood")
_KINDS: Final = get_args(DraftKind)
_EARLIER: Final = 5


class Reading:
    """Reads for one shop's desk."""

    def __init__(self, desk: Desk, store: Store, info: ShopInfo) -> None:
        self._desk = desk
        self._store = store
        self._info = info

    async def queue(
        self, agent: Agent, view: View, search: str, filters: Mapping[str, str]
    ) -> tuple[tuple[QueueRow, ...], Mapping[str, int]]:
        """The chats of a view, and how many wait and are the agent's."""
        chosen = QueueFilters(**{name: filters[name] for name in _FILTERS if name in filters})  # type: ignore[arg-type]
        plain: tuple[View, ...] = ("waiting", "mine")
        found = await asyncio.gather(
            self._desk.queue(agent, view, search, chosen), *(self._desk.queue(agent, name) for name in plain)
        )
        now = datetime.now(UTC)
        rows = tuple(_row(item, agent, now) for item in found[0])
        return rows, {name: len(items) for name, items in zip(plain, found[1:], strict=True)}

    async def chat(self, agent: Agent, conversation_id: str) -> Chat:
        """A chat with all that stands beside it.

        Raises:
            UnknownConversation, StoreError.
        """
        found = await self._desk.open(agent, conversation_id)
        openings = await asyncio.to_thread(self._openings, found)
        return await asyncio.to_thread(self._chat, found, openings, agent)

    def _openings(self, found: OpenConversation) -> tuple[Earlier, ...]:
        """Earlier chats with the words that each began with."""
        shown = []
        for one in found.earlier[:_EARLIER]:
            first = self._store.messages(one.id, limit=1)
            shown.append(Earlier(one.id, one.last_at, first[0].text[:80] if first else ""))
        return tuple(shown)

    def _chat(self, found: OpenConversation, earlier: tuple[Earlier, ...], agent: Agent) -> Chat:
        conversation, handoff = found.conversation, found.handoff
        asked = [message.text for message in found.messages if message.role == "shopper"]
        language = (handoff.language if handoff else None) or (_language(asked[-1]) if asked else "")
        is_mine = handoff is not None and handoff.agent_id == agent.id
        return Chat(
            id=found.id,
            who=conversation.who,
            agent=handoff.agent if handoff else None,
            is_mine=is_mine,
            reason=handoff.reason if handoff else "",
            since=handoff.at if handoff else None,
            language=language,
            intent=(handoff.intent or "") if handoff else "",
            mood=(handoff.mood or "") if handoff else "",
            shopper=found.shopper,
            page_product=conversation.page_product_id,
            started_at=conversation.started_at,
            lines=tuple(_line(message) for message in found.messages),
            orders=found.orders,
            orders_problem=found.orders_problem,
            earlier=earlier,
            notes=tuple(NoteShown(note.at, note.by, note.text) for note in found.notes),
            draft=self._draft(found.draft) if found.draft else None,
            other_drafts=tuple(DraftShown(one.id, one.text, one.kind) for one in found.drafts[1:]),
            draft_wanted=found.is_drafting,
            is_foreign=bool(asked) and _language(asked[-1]) != self._desk_language,
        )

    @property
    def _desk_language(self) -> Language:
        return "zh" if self._info.language.startswith("zh") else "en"

    def _draft(self, draft: Draft) -> DraftShown:
        evidences = [part.evidence for part in draft.trace.parts] if draft.trace is not None else []
        language: Language = "zh" if (draft.language or "").startswith("zh") else "en"
        reply = draft.reply
        return DraftShown(
            draft.id,
            draft.text,
            draft.kind,
            draft.model,
            draft.confidence,
            tuple(find_figures(draft.text, evidences, self._info, language)) if evidences else (),
            reply.citations,
            reply.products,
            reply.findings,
            language,
            reply.answered,
        )

    async def colleagues(self, agent: Agent) -> tuple[Colleague, ...]:
        """To whom a chat can be given; nobody for those who may not."""
        if not agent.may("lead"):
            return ()
        found = await asyncio.to_thread(self._store.agents)
        return tuple(Colleague(one.id, one.name) for one in found if not one.disabled and one.id != agent.id)

    async def canned(self, agent: Agent, search: str = "") -> tuple[Canned, ...]:
        """Canned replies with these words in them."""
        words = search.casefold().split()
        kept = await self._desk.canned_replies(agent)
        return tuple(
            Canned(one.id, one.title, one.text, one.language)
            for one in kept
            if all(word in f"{one.title} {one.text}".casefold() for word in words)
        )

    async def taught(self, message_id: int) -> tuple[str, str]:
        """The question that an agent's message answers, and the message."""
        return await asyncio.to_thread(self._taught, message_id)

    def _taught(self, message_id: int) -> tuple[str, str]:
        message = self._store.message(message_id)
        if message is None or message.role != "agent" or message.withdrawn_at is not None:
            return "", ""
        asked = [
            one.text
            for one in self._store.history(message.conversation_id)
            if one.role == "shopper" and one.id < message_id
        ]
        return asked[-1] if asked else "", message.text

    async def said(self, conversation_id: str, message_id: int) -> str:
        """The words of one message; "" where it is not there."""
        message = await asyncio.to_thread(self._store.message, message_id)
        return message.text if message is not None and message.conversation_id == conversation_id else ""


def _line(message: StoredMessage) -> Line:
    reply = _reply(message)
    line = Line(
        message.id,
        message.role,
        message.text,
        message.at,
        name=message.by if message.role == "agent" else "",
        is_withdrawn=message.withdrawn_at is not None,
        vote=message.vote,
        language=_language(message.text),
        can_teach=message.role == "agent" and message.withdrawn_at is None,
    )
    return line if reply is None else replace(line, products=reply.products, citations=reply.citations)


def draft_kind(name: str) -> DraftKind:
    """The kind of draft of that name, the first where there is none."""
    return name if name in _KINDS else "first"  # type: ignore[return-value]


def _row(item: QueueItem, agent: Agent, now: datetime) -> QueueRow:
    waits = item.waiting_s
    return QueueRow(
        item.id,
        item.preview,
        item.reason or "",
        now - timedelta(seconds=waits) if waits is not None else item.last_at,
        item.language or "",
        item.intent or "",
        item.mood or "",
        item.order_id,
        item.agent,
        item.agent_id == agent.id,
        item.unread,
        item.is_known,
        waits is not None and waits > 0,
        item.preview_role or "shopper",
    )


def _reply(message: StoredMessage) -> Reply | None:
    if message.reply is None:
        return None
    try:
        reply: Reply = revive(Reply, message.reply)
    except ValueError:  # an older version wrote it
        return None
    return reply


def _language(text: str) -> Language:
    return "zh" if language_of(text) == "zh" else "en"
