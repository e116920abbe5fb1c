"""What agents teach the shop's assistant, as JSON: corrections, gaps, and entries that contradict each other.

In: an agent's proposal, a lead's decision. Out: what `assistant.desk.learning` has or did, live when it is answered. It
decides nothing.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from assistant.desk.gaps import gaps
from assistant.desk.learning import Learning
from assistant.store import CorrectionState
from knowledge_base.live import LiveIndex
from ui.api.problems import Problem
from ui.api.service import Service
from ui.desk.routes import ALead, AnAgent, Shared
from ui.desk.wire import ChangedCorrection, NewAnswer, as_json

CorrectionId = Annotated[str, Path(max_length=24)]


def teaching_routes(shared: Shared) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api")
    service = shared.service
    one = "/corrections/{correction_id}"

    @router.post("/corrections")
    async def propose(agent: AnAgent, body: NewAnswer) -> Response:
        """Propose an answer to a question; personal data is taken out of both."""
        made = await asyncio.to_thread(
            learning_of(service).propose,
            agent,
            body.question,
            body.answer,
            message_id=body.message,
            product_id=body.product_id,
            replaces=body.replaces,
            wordings=body.wordings,
        )
        return JSONResponse(as_json(made), 201)

    @router.get("/corrections")
    async def corrections(_: ALead, state: CorrectionState | None = None) -> Response:
        """Corrections, the newest first."""
        states = () if state is None else (state,)
        return JSONResponse({"corrections": as_json(await asyncio.to_thread(shared.store.corrections, *states))})

    @router.put(one)
    async def change(lead: ALead, correction_id: CorrectionId, body: ChangedCorrection) -> Response:
        """Word a proposal otherwise."""
        change = learning_of(service).change
        made = await asyncio.to_thread(change, lead, correction_id, body.question, body.answer, body.wordings)
        return JSONResponse(as_json(made))

    @router.post(one + "/approve")
    async def approve(lead: ALead, correction_id: CorrectionId) -> Response:
        """Make a proposal part of what is answered from."""
        return JSONResponse(as_json(await asyncio.to_thread(learning_of(service).approve, lead, correction_id)))

    @router.post(one + "/reject")
    async def reject(lead: ALead, correction_id: CorrectionId) -> Response:
        """Decide against a proposal."""
        return JSONResponse(as_json(await asyncio.to_thread(learning_of(service).reject, lead, correction_id)))

    @router.post(one + "/roll-back")
    async def roll_back(lead: ALead, correction_id: CorrectionId) -> Response:
        """Bring back what an approved correction replaced."""
        return JSONResponse(as_json(await asyncio.to_thread(learning_of(service).roll_back, lead, correction_id)))

    @router.get(one + "/rivals")
    async def rivals(_: ALead, correction_id: CorrectionId) -> Response:
        """Entries that answer the same, the nearest first."""
        return JSONResponse({"entries": as_json(await asyncio.to_thread(learning_of(service).rivals, correction_id))})

    @router.get("/conflicts")
    async def conflicts(_: ALead) -> Response:
        """Entries that contradict each other, and those that speak of what is no longer so."""
        learning = learning_of(service)
        found = {"conflicts": await asyncio.to_thread(learning.conflicts)}
        return JSONResponse(as_json({**found, "stale": await asyncio.to_thread(learning.stale)}))

    @router.get("/gaps")
    async def unanswered(_: ALead, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
        """What was asked and not answered, grouped, the most asked first."""
        since = datetime.now(UTC) - timedelta(days=days)
        return JSONResponse({"gaps": as_json(await asyncio.to_thread(gaps, shared.store, service.index(), since))})

    return router


def learning_of(service: Service) -> Learning:
    """What carries out corrections of the shop.

    Raises:
        Problem: the assistant is still being loaded, or its index is not one that changes.
    """
    catalogue = service.assistant().catalogue
    if not isinstance(catalogue, LiveIndex):
        raise Problem(409, "fixed-index", "This server answers from an index that does not change.")
    return Learning(catalogue, service.store)
