"""What an agent can do on the page, each by its name.

In: who does it, where they are, and what the script sent along. Out: what there is to say of it and which parts of the
page change. Everything that counts is decided in `assistant.desk`; what was sent is taken for what it says and no more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from assistant.desk import Desk
from assistant.store import Agent
from assistant.types import Language
from ui.desk.catalogue import Catalogue
from ui.desk.draft_screen import render_canned, render_products
from ui.desk.lead_screens import render_teach
from ui.desk.leading import Leading
from ui.desk.queue_screen import notice, render_keys, undo
from ui.desk.reading import Reading, draft_kind
from ui.desk.showing import Place, Told, text_of
from ui.desk.wording import Words

ALL: Final = frozenset({"queue", "head"})  # "head" stands for the whole chat
_CHAT: Final = frozenset({"head"})
_QUEUE: Final = frozenset({"queue"})
_LEAD: Final = frozenset({"lead"})
_MOST_CHARS: Final = 4000


Action = Callable[[Agent, Place, Mapping[str, Any]], Awaitable[Told]]


class Acting:
    """The actions of an agent on the chats; those of leads are `Leading`'s."""

    def __init__(self, desk: Desk, reading: Reading, catalogue: Catalogue, leading: Leading, words: Words) -> None:
        self._desk = desk
        self._reading = reading
        self._catalogue = catalogue
        self._leading = leading
        self._words = words
        self._actions: Mapping[str, Action] = {
            "refresh": self._refresh,
            "screen": self._screen,
            "view": self._view,
            "open": self._open,
            "take": self._take,
            "hand_back": _on_the_chat(desk.hand_back),
            "close": _on_the_chat(desk.close_conversation),
            "release": _on_the_chat(desk.release),
            "reassign": self._reassign,
            "draft": self._draft,
            "send": self._send,
            "withdraw": self._withdraw,
            "reject": self._reject,
            "save_note": self._note,
            "translate": self._translate,
            "canned": self._canned,
            "product": self._products,
            "compare": self._products,
            "insert_product": self._insert_product,
            "insert_table": self._insert_table,
            "teach": self._teach,
            "propose": self._propose,
            "keys": self._keys,
        }

    async def act(self, agent: Agent, do: str, place: Place, asked: Mapping[str, Any]) -> Told:
        """Do what was asked; what is not known is nothing.

        Raises:
            AssistantError: it was refused, and why.
        """
        action = self._actions.get(do)
        if action is not None:
            return await action(agent, place, asked)
        return await self._leading.act(agent, do, place, asked)

    async def _refresh(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        if place.screen != "chats":
            return Told()
        if asked.get("seen") is True and place.chat:
            await self._desk.seen(agent, place.chat)
        wanted = asked.get("parts")
        known = frozenset(part for part in (wanted if isinstance(wanted, list) else ()) if part in ALL)
        return Told(known or ALL)

    async def _screen(self, _agent: Agent, place: Place, _: Mapping[str, Any]) -> Told:
        return Told(frozenset({"frame"}) | (ALL if place.screen == "chats" else _LEAD), sheet="")

    async def _view(self, _agent: Agent, _place: Place, _: Mapping[str, Any]) -> Told:
        return Told(_QUEUE)

    async def _open(self, agent: Agent, place: Place, _: Mapping[str, Any]) -> Told:
        if place.chat:
            await self._desk.seen(agent, place.chat)
        return Told(ALL)

    async def _take(self, agent: Agent, place: Place, _: Mapping[str, Any]) -> Told:
        if place.chat:
            await self._desk.take(agent, place.chat)
        return Told(ALL, place=replace(place, view="mine"))

    async def _reassign(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        if place.chat:
            await self._desk.reassign(agent, place.chat, text_of(asked.get("agent")))
        return Told(ALL)

    async def _draft(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        if place.chat:
            instruction, language = text_of(asked.get("instruction"))[:300], text_of(asked.get("language"))
            kind = draft_kind(text_of(asked.get("kind")))
            await self._desk.draft(agent, place.chat, kind, instruction or None, language or None)
        return Told(_CHAT)

    async def _send(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        text, key, draft_id = text_of(asked.get("text")), text_of(asked.get("key"))[:64], asked.get("draft")
        if not text.strip() or not key or place.chat is None:
            return Told(notice=self._say("empty_text", "bad"))
        if asked.get("take") is True:  # nobody has it yet: sending takes it
            await self._desk.take(agent, place.chat)
        draft_id = draft_id if isinstance(draft_id, str) else None
        event = await self._desk.send(agent, place.chat, text, key, draft_id)
        message_id, seconds = event.data["message"]["id"], self._desk.settings.undo_seconds
        data = {"chat": place.chat, "sent": key, "seconds": seconds, "message": message_id}
        said = notice(self._words("sent"), "good", undo(self._words, message_id) if seconds else "", data)
        return Told(ALL, said, place=replace(place, view="mine") if asked.get("take") is True else None)

    async def _withdraw(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        message_id = asked.get("message")
        if not isinstance(message_id, int) or place.chat is None:
            return Told()
        await self._desk.withdraw(agent, place.chat, message_id)
        text = await self._reading.said(place.chat, message_id)
        return Told(ALL, self._say("taken_back", "good", {"chat": place.chat, "restore": text}))

    async def _reject(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        await self._desk.reject(agent, text_of(asked.get("draft")), text_of(asked.get("reason"))[:200])
        return Told(_CHAT)

    async def _note(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        text = text_of(asked.get("text")).strip()[:_MOST_CHARS]
        if not text or place.chat is None:
            return Told(notice=self._say("empty_text", "bad"))
        await self._desk.note(agent, place.chat, text)
        return Told(_CHAT, self._say("saved", "good", {"chat": place.chat, "noted": True}))

    async def _translate(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        message_id = asked.get("message")
        if place.chat is None or not isinstance(message_id, int):
            return Told()
        text = await self._desk.translate(agent, place.chat, message_id, self._words.language)
        return Told(notice=self._silent({"translated": message_id, "text": text}))

    async def _canned(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        search = text_of(asked.get("search"))[:200]
        return Told(sheet=render_canned(await self._reading.canned(agent, search), search, self._words))

    async def _products(self, _agent: Agent, _place: Place, asked: Mapping[str, Any]) -> Told:
        search, kind, chosen = text_of(asked.get("search"))[:200], str(asked.get("do")), _ids(asked.get("chosen"))
        cards = await self._catalogue.search(search, chosen)
        return Told(sheet=render_products(cards, search, chosen, self._words, kind))

    async def _insert_product(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        text = await self._catalogue.line(text_of(asked.get("id")), await self._language(agent, place))
        return Told(sheet="", notice=self._silent({"insert": text}))

    async def _insert_table(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        text = await self._catalogue.table(_ids(asked.get("chosen")), await self._language(agent, place))
        return Told(sheet="", notice=self._silent({"insert": text}))

    async def _teach(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        message_id = asked.get("message")
        question, answer = text_of(asked.get("question"))[:1000], ""
        if isinstance(message_id, int):
            asked_then, answer = await self._reading.taught(message_id)
            question = question or asked_then
        else:
            message_id = None
        return Told(sheet=render_teach(question, answer, message_id, self._words))

    async def _propose(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        return await self._leading.propose(agent, asked)

    async def _keys(self, *_: object) -> Told:
        return Told(sheet=render_keys(self._words))

    async def _language(self, agent: Agent, place: Place) -> Language:
        """The language that the open chat is in."""
        chat = await self._reading.chat(agent, place.chat) if place.chat else None
        return "zh" if chat is not None and chat.language.startswith("zh") else "en"

    def _say(self, name: str, kind: str, data: Mapping[str, object] | None = None) -> str:
        return notice(self._words(name), kind, "", data)

    def _silent(self, data: Mapping[str, object]) -> str:
        return notice("", "silent", "", data)


def _on_the_chat(change: Callable[[Agent, str], Awaitable[object]]) -> Action:
    """The action that changes the open chat, of which everything is drawn anew."""

    async def act(agent: Agent, place: Place, _: Mapping[str, Any]) -> Told:
        if place.chat:
            await change(agent, place.chat)
        return Told(ALL)

    return act


def _ids(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str))[:4] if isinstance(value, list) else ()
