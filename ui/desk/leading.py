"""The screens and actions of leads: corrections, gaps, canned replies, figures, the audit.

In: a lead, where they are, and what they do. Out: the screen as HTML, and what came of it. Who is no lead sees and does
nothing here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from assistant.desk.conflicts import Conflict, Stale
from assistant.desk.gaps import gaps
from assistant.desk.insights import gather_insights
from assistant.desk.learning import Learning
from assistant.errors import ModelUnavailable, NotYours
from assistant.store import Agent, Correction, CorrectionState
from knowledge_base.live import LiveIndex
from ui.api.service import Service
from ui.desk.insights import render_insights
from ui.desk.lead_screens import (
    render_audit,
    render_canned_screen,
    render_corrections,
    render_gaps,
    render_insights_screen,
)
from ui.desk.queue_screen import notice
from ui.desk.reading import Reading
from ui.desk.showing import SCREENS, AuditShown, CorrectionShown, EntryShown, GapShown, Place, Told, text_of
from ui.desk.wording import Words

_LEAD: Final = frozenset({"lead"})
_ROWS: Final = 100
Action = Callable[[Agent, Place, Mapping[str, Any]], Awaitable[Told]]


class Leading:
    """What leads see and do, for one shop."""

    def __init__(self, service: Service, reading: Reading, words: Words) -> None:
        self._service = service
        self._desk = service.desk
        self._store = service.store
        self._reading = reading
        self._words = words
        self._actions: Mapping[str, Action] = {
            "lead": self._again,
            "canned": self._save_canned,
            "canned_delete": self._delete_canned,
            "approve": self._approve,
            "reject_correction": self._reject,
            "roll_back": self._roll_back,
        }
        self._screens: Mapping[str, Callable[[Agent, Place], Awaitable[str]]] = {
            "corrections": self._corrections,
            "gaps": self._gaps,
            "canned_screen": self._canned,
            "insights": self._insights,
            "audit": self._audit,
        }

    async def screen(self, agent: Agent, place: Place) -> str:
        """A screen as HTML; "" for who may not see it."""
        draw = self._screens.get(place.screen)
        if draw is None or not agent.may(SCREENS[place.screen]):
            return ""
        return await draw(agent, place)

    async def act(self, agent: Agent, do: str, place: Place, asked: Mapping[str, Any]) -> Told:
        """Do what was asked; what is not known is nothing.

        Raises:
            AssistantError: it was refused, and why.
        """
        action = self._actions.get(do)
        if action is None:
            return Told()
        if not agent.may("lead"):
            raise NotYours("this is for leads")
        return await action(agent, place, asked)

    async def _again(self, _agent: Agent, _place: Place, _: Mapping[str, Any]) -> Told:
        return Told(_LEAD)

    async def propose(self, agent: Agent, asked: Mapping[str, Any]) -> Told:
        """An answer to teach; every agent may propose one.

        Raises:
            CorrectionRefused: nothing is left of it without personal data, or it names what is not there.
        """
        message_id = text_of(asked.get("message"))
        await asyncio.to_thread(
            self._learning().propose,
            agent,
            text_of(asked.get("question")),
            text_of(asked.get("answer")),
            message_id=int(message_id) if message_id.isdecimal() else None,
        )
        return Told(sheet="", notice=notice(self._words("proposed_ok"), "good"))

    def _learning(self) -> Learning:
        """What carries corrections out.

        Raises:
            ModelUnavailable: the shop is still being opened.
        """
        catalogue = self._service.opening.result().catalogue if self._service.is_open else None
        if not isinstance(catalogue, LiveIndex):
            raise ModelUnavailable("the shop is just opening: try again in a moment")
        return Learning(catalogue, self._store)

    async def _corrections(self, _agent: Agent, place: Place) -> str:
        learning, words = self._learning(), self._words
        found, conflicts, stale = await asyncio.gather(
            asyncio.to_thread(learning.corrections, *_states(place.state)),
            asyncio.to_thread(learning.conflicts),
            asyncio.to_thread(learning.stale),
        )
        rivals = [await asyncio.to_thread(learning.rivals, one.id) if one.state == "proposed" else () for one in found]
        shown = [
            _correction(one, near[0].text if near and not one.before else "")
            for one, near in zip(found, rivals, strict=True)
        ]
        contradicting = [_conflict(one, words) for one in conflicts]
        return render_corrections(shown, place.state, contradicting, [_stale(one, words) for one in stale], words)

    async def _approve(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        await asyncio.to_thread(self._learning().approve, agent, text_of(asked.get("id")))
        return self._done("approved_ok")

    async def _reject(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        await asyncio.to_thread(self._learning().reject, agent, text_of(asked.get("id")))
        return self._done("rejected_ok")

    async def _roll_back(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        await asyncio.to_thread(self._learning().roll_back, agent, text_of(asked.get("id")))
        return self._done("rolled_back_ok")

    async def _gaps(self, _agent: Agent, place: Place) -> str:
        since = datetime.now(UTC) - timedelta(days=place.days)
        found = (
            await asyncio.to_thread(gaps, self._store, self._service.index(), since) if self._service.is_open else ()
        )
        shown = [
            GapShown(gap.question, gap.count, gap.examples[1:], gap.language or "", gap.answered_message_id)
            for gap in found
        ]
        return render_gaps(shown, place.days, self._words)

    async def _canned(self, agent: Agent, place: Place) -> str:
        return render_canned_screen(await self._reading.canned(agent), place.edited, self._words)

    async def _save_canned(self, agent: Agent, place: Place, asked: Mapping[str, Any]) -> Told:
        title, text, language, known = (text_of(asked.get(name)) for name in ("title", "text", "language", "id"))
        await self._desk.save_canned_reply(agent, title.strip(), text.strip(), language or None, known or None)
        return self._done("saved", replace(place, edited=None))

    async def _delete_canned(self, agent: Agent, _: Place, asked: Mapping[str, Any]) -> Told:
        await self._desk.delete_canned_reply(agent, text_of(asked.get("id")))
        return self._done("deleted")

    async def _insights(self, _agent: Agent, place: Place) -> str:
        zone = ZoneInfo(self._desk.settings.timezone)
        today = datetime.now(zone).date()
        since = today - timedelta(days=place.days - 1)
        figures = await asyncio.to_thread(gather_insights, self._store, since, today, zone)
        stretch = f"since={since}&until={today}"
        links = (("download", f"/desk/api/insights.csv?{stretch}"), ("download_decisions", "/desk/api/decisions.jsonl"))
        return render_insights_screen(render_insights(figures, self._words.language), place.days, links, self._words)

    async def _audit(self, _agent: Agent, place: Place) -> str:
        rows, agents, fault = await asyncio.gather(
            asyncio.to_thread(self._store.audit_rows, place.before, _ROWS),
            asyncio.to_thread(self._store.agents),
            asyncio.to_thread(self._store.verify_audit),
        )
        names = {agent.id: agent.name for agent in agents}
        shown = [
            AuditShown(
                row.number, row.at.astimezone(UTC), names.get(row.agent_id or "", row.agent_id or ""),
                row.action, row.subject, row.data,
            )
            for row in rows
        ]  # fmt: skip
        return render_audit(shown, fault.number if fault else None, self._words, more=len(rows) == _ROWS)

    def _done(self, name: str, place: Place | None = None) -> Told:
        return Told(_LEAD, notice(self._words(name), "good"), place=place)


def _states(name: str) -> tuple[CorrectionState, ...]:
    """The states of a tab; what is being carried out stands with what it becomes."""
    known: Mapping[str, tuple[CorrectionState, ...]] = {
        "approved": ("approved", "approving"),
        "rejected": ("rejected",),
        "rolled_back": ("rolled_back", "rolling_back", "replaced"),
    }
    return known.get(name, ("proposed",))


def _correction(one: Correction, near: str) -> CorrectionShown:
    """A correction; `near` is what answers its question now, where it stands in place of nothing."""
    return CorrectionShown(
        one.id,
        one.state,
        one.question,
        one.answer,
        one.author,
        one.proposed_at,
        str((one.before or {}).get("text") or ""),
        one.language or "",
        one.product_id or "",
        one.reviewer or "",
        one.reviewed_at,
        one.state in ("approved", "rolling_back"),
        near,
        one.wordings,
    )


def _conflict(one: Conflict, words: Words) -> EntryShown:
    why = words.plain("other_figures", first=one.figures[0], second=one.figures[1])
    return EntryShown(one.first.id, one.first.title, one.first.text, why, one.second.title, one.second.text)


def _stale(one: Stale, words: Words) -> EntryShown:
    return EntryShown(one.entry.id, one.entry.title, one.entry.text, words.plain(f"stale_{one.why}", what=one.what))
