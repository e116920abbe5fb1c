"""The button under an answer: what the assistant proposed is done now, because a person pressed it.

In: a conversation of whoever presses, and a proposal made in it. Out: what became of it. Owner and terms are checked
anew; pressing twice, or on two pages, does it once.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from assistant.as_json import plain
from assistant.errors import StoreError, StorefrontError
from assistant.turns import press as carry_out
from ui.api.access import MyConversation
from ui.api.problems import BUSY_S, Problem, not_found, problems
from ui.api.service import Served, counted_write
from ui.api.wire import CarriedOut
from ui.protection import client_address

router = APIRouter(prefix="/conversations", tags=["conversations"])


@router.post(
    "/{conversation_id}/proposals/{proposal_id}",
    summary="Do what was proposed",
    response_model=CarriedOut,
    responses=problems(400, 401, 404, 413, 422, 429, 503),
    dependencies=[counted_write],
)
async def press(
    request: Request,
    service: Served,
    mine: MyConversation,
    proposal_id: Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")],
) -> dict[str, Any]:
    """The shopper pressed the button of a proposal. Pressed again, it tells what became of it."""
    store, writer = service.store, service.turns.writer
    address = client_address(request.scope)
    try:
        outcome = await carry_out(service.assistant(), store, writer, mine.conversation, proposal_id, address)
    except (StorefrontError, StoreError):
        detail = "The shop's system gave no answer; nothing was lost by trying. Please try again in a moment."
        raise Problem(503, "no-answer", detail, headers={"retry-after": str(BUSY_S)}) from None
    if outcome is None:
        raise not_found("proposal")
    return {"proposal": plain(outcome)}
