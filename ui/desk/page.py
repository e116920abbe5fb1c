"""The desk's page: Gradio components, and what is drawn when an agent does something.

In: what the desk's script asks for (assets/desk.js), each with where the agent is: screen, view, search, open chat.
Out: the parts of the page that change, as HTML. It keeps nothing of an agent between two events, so that any worker can
answer the next. Who presses comes from the gate, never from what was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import gradio as gr

from assistant.desk import MESSAGE_CHARS
from assistant.errors import AssistantError
from assistant.store import Agent
from ui.api.service import Service
from ui.desk.acting import Acting
from ui.desk.application import agent_of
from ui.desk.catalogue import Catalogue
from ui.desk.chat_screen import render_head, render_log, render_side
from ui.desk.draft_screen import render_composer, render_draft
from ui.desk.leading import Leading
from ui.desk.queue_screen import render_frame, render_queue, render_search
from ui.desk.reading import Reading
from ui.desk.refusing import refusal
from ui.desk.showing import Place, Told
from ui.desk.wording import Words
from ui.wording import page_language

_log = logging.getLogger(__name__)
_PLAIN: Final = "${value}"
_WIRE: Final = "window.desk.wire(element, trigger, watch)"  # assets/desk.js
PARTS: Final = ("frame", "queue", "head", "log", "draft", "side", "sheet", "lead", "told")
"""The parts of the page that are drawn anew, each a component "dk-…"."""
_CHAT: Final = ("head", "log", "draft", "side")
_EVERYBODY: Final = 256  # as many events run at a time
Draw = tuple[Any, ...]


class DeskPage:
    """The page of one shop's desk."""

    def __init__(self, service: Service) -> None:
        info = service.shop.info
        self._shop = info.name
        self._words = words = Words(page_language(info.language, None))
        self._reading = Reading(service.desk, service.store, info)
        self._leading = Leading(service, self._reading, words)
        self._acting = Acting(service.desk, self._reading, Catalogue(service), self._leading, words)

    def blocks(self) -> gr.Blocks:
        """The components, and the one handler behind them all."""
        words = self._words
        plain: dict[str, Any] = {"show_progress": "hidden", "preprocess": False, "postprocess": False}
        plain |= {"api_visibility": "private", "concurrency_limit": None, "trigger_mode": "multiple"}
        with gr.Blocks(title=self._shop, analytics_enabled=False, fill_width=True) as page:
            parts = {
                "frame": _part("frame"),
                "find": _part("find", render_search(words)),
                "queue": _part("queue"),
                "head": _part("head"),
                "log": _part("log", render_log(None, words)),
                "draft": _part("draft"),
                "composer": _part("composer", render_composer(words, MESSAGE_CHARS)),
                "side": _part("side"),
                "lead": _part("lead"),
                "sheet": _part("sheet"),
                "told": _part("told"),
            }
            drawn = [parts[name] for name in PARTS]
            gr.on([part.submit for part in parts.values()], self.act, None, drawn, **plain)
        page.max_threads = _EVERYBODY
        page.queue(default_concurrency_limit=_EVERYBODY, max_size=_EVERYBODY, api_open=False)
        return page

    async def act(self, event: gr.EventData, request: gr.Request) -> Draw:
        """What an agent does, or the page by itself; and what of the page changes by it."""
        asked = event._data if isinstance(event._data, dict) else {}
        agent, place, words = agent_of(request), Place.of(asked), self._words
        drawing = Drawing()
        try:
            told = await self._acting.act(agent, str(asked.get("do")), place, asked)
        except AssistantError as error:
            _log.info("agent %s: %s was refused: %s", agent.id, asked.get("do"), error)
            told = refusal(error, words)
        place = told.place or place
        try:
            await self._draw(agent, place, told, drawing)
        except AssistantError as error:
            _log.exception("agent %s: the desk could not be drawn", agent.id)
            drawing.parts["told"] = refusal(error, words).notice or ""
        return drawing.outputs()

    async def _draw(self, agent: Agent, place: Place, told: Told, drawing: Drawing) -> None:
        words, parts = self._words, drawing.parts
        if told.notice is not None:
            parts["told"] = told.notice
        if told.sheet is not None:
            parts["sheet"] = told.sheet
        if "frame" in told.redraw:
            parts["frame"] = render_frame(self._shop, agent, place.screen, words)
        if "lead" in told.redraw:
            parts["lead"] = await self._leading.screen(agent, place)
        if "queue" in told.redraw:
            rows, counts = await self._reading.queue(agent, place.view, place.search, place.filters)
            searched = bool(place.search or any(place.filters.values()))
            parts["queue"] = render_queue(rows, place.view, place.chat, counts, words, searched=searched)
        if any(name in told.redraw for name in _CHAT):
            chat = await self._reading.chat(agent, place.chat) if place.chat else None
            colleagues = await self._reading.colleagues(agent) if chat is not None else ()
            parts["head"] = render_head(chat, colleagues, words)
            parts["log"] = render_log(chat, words)
            parts["draft"] = render_draft(chat, words)
            parts["side"] = render_side(chat, words)


@dataclass(slots=True)
class Drawing:
    """The parts that are drawn anew by one event."""

    parts: dict[str, str] = field(default_factory=dict)

    def outputs(self) -> Draw:
        """A value for every part; those that stay as they are are skipped."""
        return tuple(self.parts.get(name, gr.skip()) for name in PARTS)


def _part(name: str, value: str = "") -> gr.HTML:
    """A gr.HTML without Gradio's own look, wired to assets/desk.js."""
    bare: Mapping[str, Any] = {"apply_default_css": False, "padding": False, "container": False}
    return gr.HTML(value, elem_id=f"dk-{name}", html_template=_PLAIN, js_on_load=_WIRE, **bare)
