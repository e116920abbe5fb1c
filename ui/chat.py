"""The chat page: Gradio components, and what happens when a shopper uses them.

In: the shop's settings, the assistant once it is there, the store. Out: a `gr.Blocks` to mount. Each browser session
has its own `Session` in a `gr.State`; nothing here is shared between shoppers but the places in the line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

import gradio as gr
from starlette.types import ASGIApp

from assistant.config import Settings
from assistant.errors import AssistantError, StoreError
from assistant.store import Store
from assistant.turns import Turns
from knowledge_base.shop import ShopInfo
from knowledge_base.text import visible
from ui.answering import Answering, Said
from ui.conversation import Conversation, Exchange, Session, Vote, settled, spoken_language
from ui.drawing import Drawing
from ui.gate import COOKIE
from ui.live import News
from ui.protection import client_address
from ui.rendering import render_header, render_notice
from ui.restoring import restore
from ui.wording import page_language, wording

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
_LOG_TEMPLATE: Final = (
    '<div class="sk-log" role="log" aria-live="polite" aria-label="${label}" tabindex="-1">${value}</div>'
)
_PLAIN_TEMPLATE: Final = "${value}"
_WIRE: Final = "window.shopkeeper.wire(element, trigger, watch)"  # assets/chat.js
_RESUMED: Final = 30  # as many answers stand on the page again after a reload
_SPARE_PLACES: Final = 64  # for votes, stops, new chats, and for telling those who find the line full
Draw = tuple[Any, ...]


class ChatPage:
    """The page of one shop. Its methods are the event handlers; `blocks` builds the components they serve."""

    def __init__(
        self,
        folder: Path,
        info: ShopInfo,
        opening: Future[Assistant],
        store: Store,
        settings: Settings,
        turns: Turns,
    ) -> None:
        self._info = info
        self._opening = opening
        self._store = store
        self._settings = settings
        self._answering = Answering(opening, store, turns)
        self._drawing = Drawing(folder, info, opening, settings)
        self._open: WeakValueDictionary[str, Conversation] = WeakValueDictionary()  # kept alive by their sessions
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()  # by the names Gradio gives them

    def blocks(self) -> gr.Blocks:
        """The components, and which handler serves which event."""
        language = page_language(self._info.language, None)
        words = wording(language)
        # Who waits for an answer waits in the page's own line, which says so; Gradio only has to let everybody in.
        crowd = self._settings.concurrency + self._settings.queue_size + _SPARE_PLACES
        # What goes in and out is plain text: processing it would cost a change of threads a component and drawing.
        plain: dict[str, Any] = {"show_progress": "hidden", "preprocess": False, "postprocess": False}
        plain |= {"api_visibility": "private", "concurrency_limit": None}
        with gr.Blocks(title=self._info.name, analytics_enabled=False, fill_width=True) as page:
            session = gr.State(Session())  # Gradio gives every browser session a copy
            with gr.Row(elem_id="sk-header"):
                gr.HTML(render_header(self._info.name), html_template=_PLAIN_TEMPLATE, **_bare())
                new = gr.Button(words.new_chat, elem_id="sk-new", size="sm", min_width=0, scale=0)
            past = gr.HTML("", elem_id="sk-past", html_template=_PLAIN_TEMPLATE, **_bare())
            welcome = self._drawing.empty(Conversation(language), opened=False)
            now = gr.HTML(welcome, elem_id="sk-now", html_template=_LOG_TEMPLATE, label=words.conversation, **_bare())
            with gr.Column(elem_id="sk-foot"):
                notice = gr.HTML("", elem_id="sk-notice", html_template=_PLAIN_TEMPLATE, **_bare())
                with gr.Row(elem_id="sk-composer"):
                    box = gr.Textbox(
                        label=words.message_label,
                        placeholder=words.placeholder,
                        lines=1,
                        max_lines=6,
                        container=False,
                        autofocus=True,
                        elem_id="sk-box",
                        html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
                    )
                    send = gr.Button(words.send, elem_id="sk-send", variant="primary", min_width=0, scale=0)
                    stop = gr.Button(words.stop, elem_id="sk-stop", min_width=0, scale=0)
            page.load(self.open, [session], [past, now], **plain)
            gr.on(
                [box.submit, send.click, past.submit, now.submit],
                self.say,
                [box, session],
                [past, now, notice],
                trigger_mode="multiple",
                **plain,
            )
            gr.on([past.like, now.like], self.vote, [session], [past, now, notice], **plain)
            now.tick(self.look, [session], [past, now, notice], trigger_mode="multiple", **plain)
            now.select(self.label, [session], [now, box, send, stop, new], **plain)
            stop.click(self.stop, [session], None, **plain)
            new.click(self.start_over, [session], [past, now, notice, box], **plain)
        page.max_threads = crowd  # as many events run at a time; read by queue()
        page.queue(default_concurrency_limit=self._settings.concurrency, max_size=crowd, api_open=False)
        return page

    async def open(self, session: Session, request: gr.Request) -> AsyncIterator[Draw]:
        """A new page: the browser's conversation, else the greeting; questions to start with once there are any."""
        session.page_product_id = request.query_params.get("product")
        locale = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip() or None
        token = request.cookies.get(COOKIE)
        browser = sha256(token.encode()).hexdigest() if token else None  # who reads the store is not let in
        conversation = await self._resumed(browser) if browser else None
        if conversation is None:
            conversation = Conversation(page_language(self._info.language, locale), locale, browser)
            self._open[conversation.id] = conversation
        session.conversation, conversation.locale = conversation, locale
        session.address = client_address(request.request.scope) if request.request is not None else None
        self._sessions[request.session_hash or ""] = session
        yield await asyncio.to_thread(self._drawing.whole, session, conversation, _RESUMED)
        async for draw in self._watched(session, conversation):
            yield draw[:2]
        if not self._opening.done():
            await asyncio.wait([asyncio.wrap_future(self._opening)])
            if not conversation.entries:
                yield self._drawing.whole(session, conversation)

    async def _resumed(self, browser: str) -> Conversation | None:
        """The conversation that a browser is in, as it stands; None where there is none or it cannot be read."""
        ask, store = self._answering.ask, self._store
        try:
            found = await ask(store.current_conversation, browser)
            stored = await ask(store.conversation, found) if found is not None else None
            if stored is None:
                return None
            if (known := self._open.get(stored.id)) is not None:
                await self._answering.catch_up(known)
                return known
            unanswered = await ask(store.unanswered, stored.id)
            messages = await ask(store.history, stored.id, 2 * _RESUMED, withdrawn=True)
            proposals = await ask(store.proposals, stored.id)
            handoff = await ask(store.handoff, stored.id) if stored.who != "assistant" else None
        except StoreError:
            _log.exception("a conversation could not be resumed")
            return None
        entries = await asyncio.to_thread(restore, messages, unanswered)
        if not entries:
            return None
        resumed = Conversation(entries[-1].language, None, browser, stored.id, entries, stored.who, stored=True)
        resumed.name = handoff.agent if handoff is not None else None
        for entry in entries:
            resumed.change(entry.number, lambda exchange: settled(exchange, proposals))
        under_way = [turn.first_seq - 1 for turn in unanswered.values() if not turn.finished]
        resumed.seq = min([stored.last_seq, *under_way])  # what is being said is told from its beginning
        await self._answering.catch_up(resumed)
        return self._open.setdefault(stored.id, resumed)

    async def look(self, session: Session) -> AsyncIterator[Draw]:
        """Others have gone on with the conversation: an agent, or another window."""
        conversation = self._conversation(session)
        try:
            await self._answering.catch_up(conversation)
        except StoreError:
            _log.exception("conversation %s: it could not be read", conversation.id)
            return
        if not session.drawing:
            yield self._drawn(session, conversation)
            async for draw in self._watched(session, conversation):
                yield draw

    def live(self, session_hash: str) -> ASGIApp:
        """What tells a page that there is something to look at; a page that is not known any more is told so."""
        return News(self._answering, self._sessions.get(session_hash))

    async def say(self, typed: str, session: Session, event: gr.EventData) -> AsyncIterator[Draw]:
        """A message typed, edited, suggested or asked again; nothing while an answer is on its way."""
        conversation = self._conversation(session)
        asked = _asked(event)
        if conversation.running or conversation.posting:
            notice = render_notice(wording(conversation.language).one_moment, conversation.language)
            yield gr.skip(), gr.skip(), notice
            return
        if _is_gone(asked, conversation):
            yield self._drawn(session, conversation)
            return
        position = asked.get("position")
        entries = conversation.entries
        again = entries[position] if isinstance(position, int) and 0 <= position < len(entries) else None
        text = asked.get("text", again.text if again is not None else "") if asked else typed
        text = visible(text if isinstance(text, str) else "").strip()
        language = spoken_language(text, conversation.language)
        if refusal := self._refusal(text, wording(language).empty, wording(language).too_long):
            yield gr.skip(), gr.skip(), render_notice(refusal, language)
            return
        replaces = None if again is None else again.number
        if isinstance(again, Exchange) and again.number < 0:  # it was refused, so it is nowhere but here
            entries.remove(again)
            replaces = again.replaces
        conversation.language = language
        said = Said(text, session.page_product_id, session.address, replaces)
        session.drawing = True
        try:
            async with aclosing(self._answering.say(conversation, said)) as drawings:
                async for exchange in drawings:
                    if exchange is not None and not asked:
                        session.typed = exchange.number
                    yield self._drawn(session, conversation)
        finally:
            session.drawing = False

    async def _watched(self, session: Session, conversation: Conversation) -> AsyncIterator[Draw]:
        """Draw what is being answered elsewhere, to its end."""
        session.drawing = True
        try:
            async for _ in self._answering.watch(conversation):
                yield self._drawn(session, conversation)
        finally:
            session.drawing = False

    async def vote(self, session: Session, event: gr.EventData) -> Draw:
        """Thumbs up or down on one answer, the same thumb again takes it back; or the button of a proposal."""
        conversation = self._conversation(session)
        asked = _asked(event)
        position = asked.get("position")
        if not isinstance(position, int) or not 0 <= position < len(conversation.entries):
            return gr.skip(), gr.skip(), gr.skip()
        exchange = conversation.entries[position]
        if _is_gone(asked, conversation) or not isinstance(exchange, Exchange):
            return self._drawn(session, conversation)
        if asked.get("do") == "press":
            return await self._press(session, exchange, str(asked.get("proposal")))
        given: Vote = "up" if asked.get("vote") == "up" else "down"
        vote = None if exchange.vote == given else given
        kept = False
        if exchange.message_id is not None:
            write, set_feedback = self._answering.write, self._store.set_feedback
            try:
                kept = await write(set_feedback, conversation.id, exchange.message_id, vote)
            except StoreError:
                _log.exception("conversation %s: a vote could not be stored", conversation.id)
        if not kept:
            unsaved = wording(conversation.language).unsaved
            return gr.skip(), gr.skip(), render_notice(unsaved, conversation.language)
        conversation.change(exchange.number, lambda exchange: replace(exchange, vote=vote))
        return self._drawn(session, conversation)

    async def _press(self, session: Session, exchange: Exchange, proposal_id: str) -> Draw:
        """What was proposed is done; the answer shows what came of it."""
        conversation, notice = self._conversation(session), ""
        try:
            outcome = await self._answering.press(conversation, proposal_id, session.address)
        except AssistantError:
            _log.exception("conversation %s: a proposal could not be carried out", conversation.id)
            outcome, notice = None, wording(conversation.language).no_answer
        if outcome is not None:
            outcomes = {outcome.id: outcome}
            conversation.change(exchange.number, lambda exchange: settled(exchange, outcomes))
        return self._drawn(session, conversation, render_notice(notice, conversation.language))

    def _drawn(self, session: Session, conversation: Conversation, notice: str = "") -> Draw:
        """What is to be drawn anew."""
        past, now = self._drawing.anew(session, conversation)
        return gr.skip() if past is None else past, now, notice

    async def label(self, session: Session) -> Draw:
        """The page's own words in the language of the conversation."""
        words = wording(self._conversation(session).language)
        return (
            gr.update(label=words.conversation),
            gr.update(label=words.message_label, placeholder=words.placeholder),
            words.send,
            words.stop,
            words.new_chat,
        )

    async def stop(self, session: Session) -> None:
        """Stop the answer that is on its way; what was answered so far stays."""
        await self._answering.stop(self._conversation(session))

    async def start_over(self, session: Session) -> Draw:
        """A new conversation in the same session."""
        old = self._conversation(session)
        fresh = session.conversation = Conversation(old.language, old.locale, old.browser)
        self._open[fresh.id] = fresh
        try:
            await self._answering.stop(old)
            if old.browser is not None:
                await self._answering.write(self._store.leave_conversation, old.browser)
        except StoreError:
            _log.exception("conversation %s: it could not be left", old.id)
        return (*self._drawing.whole(session, fresh), "", "")

    def _conversation(self, session: Session) -> Conversation:
        """The session's conversation; one that never opened the page gets a new one."""
        if session.conversation is None:
            session.conversation = Conversation(page_language(self._info.language, None))
        return session.conversation

    def _refusal(self, text: str, empty: str, too_long: str) -> str:
        """Why a message is not taken, or "" for one that is."""
        if not text:
            return empty
        limit = self._settings.message_chars
        return too_long.format(length=f"{len(text):,}", limit=f"{limit:,}") if len(text) > limit else ""


def _is_gone(asked: Mapping[str, Any], conversation: Conversation) -> bool:
    """Whether a page speaks of a message that is no longer at its place: another window changed what went before."""
    position, number = asked.get("position"), asked.get("number")
    if not isinstance(position, int) or not isinstance(number, int):
        return False
    entries = conversation.entries
    return not 0 <= position < len(entries) or entries[position].number != number


def _bare() -> dict[str, Any]:
    """A gr.HTML without Gradio's own look, wired to assets/chat.js."""
    return {"apply_default_css": False, "js_on_load": _WIRE, "padding": False, "container": False}


def _asked(event: gr.EventData) -> Mapping[str, Any]:
    """What assets/chat.js sent with an event; empty for Gradio's own events (Enter, Send)."""
    data = event._data
    return data if isinstance(data, dict) and "do" in data else {}
