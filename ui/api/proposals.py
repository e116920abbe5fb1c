"""The button under an answer: what the assistant proposed is done now, because a person pressed it.

In: a conversation of whoever presses, and a proposal made in it. Out: what became of it. Owner and terms are checked
anew; pressing twice, or on two pages, does it once.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from assistant.as_json import plain
from assistant.errors import StoreError, StorefrontError
from assistant.turns import REMEMBERED, history_of
from assistant.types import Proposal, Turn
from ui.api.access import MyConversation
from ui.api.problems import BUSY_S, Problem, not_found, problems
from ui.api.service import Served, Service, counted_write
from ui.api.wire import MAX_SEQ, CarriedOut
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
    conversation, store = mine.conversation, service.store
    assistant = service.assistant()
    proposal = await service.write(store.accept_proposal, conversation.id, proposal_id)
    if proposal is None:
        proposal = await service.ask(store.proposal, conversation.id, proposal_id)
        if proposal is None:
            raise not_found("proposal")
        if proposal.state != "accepted" or proposal.kind == "add_to_cart":
            return {"proposal": plain(proposal)}
    earlier = await service.ask(store.history, conversation.id, REMEMBERED)
    turn = Turn(
        conversation.id,
        "",
        history_of(earlier, MAX_SEQ),
        shopper=conversation.shopper,
        locale=conversation.locale,
        address=client_address(request.scope),
    )
    try:
        outcome = await assistant.carry_out(proposal, turn)
    except (StorefrontError, StoreError):
        await service.write(store.settle_proposal, conversation.id, proposal_id, "open")
        detail = "The shop's system gave no answer; nothing was lost by trying. Please try again in a moment."
        raise Problem(503, "no-answer", detail, headers={"retry-after": str(BUSY_S)}) from None
    return {"proposal": plain(await _settled(service, conversation.id, outcome))}


async def _settled(service: Service, conversation_id: str, outcome: Proposal) -> Proposal:
    """The outcome stored; that of the other press where two pages pressed at once."""
    store = service.store
    settled = await service.write(store.settle_proposal, conversation_id, outcome.id, outcome.state, outcome.detail)
    return settled or await service.ask(store.proposal, conversation_id, outcome.id) or outcome
