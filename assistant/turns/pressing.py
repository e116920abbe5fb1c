"""The button under an answer: what was proposed is done now, because a person pressed it.

In: a proposal of a conversation. Out: what became of it. Owner and terms are checked anew; pressing twice, or on two
pages, does it once. It knows neither page nor request.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from assistant.errors import StoreError, StorefrontError
from assistant.store import Store, StoredConversation
from assistant.turns.history import REMEMBERED, history_of
from assistant.turns.writing import Writer
from assistant.types import Proposal, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


async def press(
    assistant: Assistant,
    store: Store,
    writer: Writer,
    conversation: StoredConversation,
    proposal_id: str,
    address: str | None,
) -> Proposal | None:
    """What became of a proposal whose button was pressed; None where the conversation has none of that id.

    Raises:
        StorefrontError, StoreError: the shop gave no answer; the button may be pressed again.
    """
    proposal = await writer.do(store.accept_proposal, conversation.id, proposal_id)
    if proposal is None:
        known = await asyncio.to_thread(store.proposal, conversation.id, proposal_id)
        if known is None or known.state != "accepted" or known.kind == "add_to_cart":
            return known  # else whoever took it is gone, or at it still: the shop acts on one request once
        proposal = known
    earlier = await asyncio.to_thread(store.history, conversation.id, REMEMBERED)
    turn = Turn(
        conversation.id,
        "",
        history_of(earlier, sys.maxsize),
        shopper=conversation.shopper,
        locale=conversation.locale,
        address=address,
    )
    try:
        outcome = await assistant.carry_out(proposal, turn)
    except (StorefrontError, StoreError):
        await writer.do(store.settle_proposal, conversation.id, proposal_id, "open")
        raise
    settled = await writer.do(store.settle_proposal, conversation.id, outcome.id, outcome.state, outcome.detail)
    if settled is None:  # two pages pressed at once
        settled = await asyncio.to_thread(store.proposal, conversation.id, outcome.id)
    return settled or outcome
