"""What the desk shows of one conversation: a frozen value. It knows no screen."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.store import Draft, Handoff, Note, StoredConversation, StoredMessage
from assistant.types import Order


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """A conversation as an agent sees it. `conversation.last_seq` is where to follow it from.

    `messages` are all, those taken back among them. `handoff` is None where the assistant has it. `drafts` may be sent,
    the newest first; `draft` is the first of them, None while there is none (`is_drafting`: one is being made).
    `shopper` is the verified id, None for a guest's; their `orders` and `earlier` conversations are empty then.
    `orders_problem` says why the orders could not be had, "" where they could.
    """

    conversation: StoredConversation
    messages: tuple[StoredMessage, ...]
    handoff: Handoff | None = None
    drafts: tuple[Draft, ...] = ()
    is_drafting: bool = False
    orders: tuple[Order, ...] = ()
    orders_problem: str = ""
    earlier: tuple[StoredConversation, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    @property
    def draft(self) -> Draft | None:
        """The draft to show."""
        return self.drafts[0] if self.drafts else None

    @property
    def shopper(self) -> str | None:
        """Who it is, verified by the shop's sign-in; None for a guest."""
        return self.conversation.shopper
