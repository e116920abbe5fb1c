"""What has become of the proposals that answers made: open until the shopper presses the button, then taken once.

In: a conversation and a proposal's id. Out: the proposal as it is now. It carries nothing out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assistant.as_json import plain, revive
from assistant.store.tables import proposals
from assistant.store.transactions import Transactions
from assistant.types import Proposal, ProposalState, Reply


class Proposals(Transactions):
    """The part of the store that keeps proposals; they are stored with the answer that makes them."""

    def proposals(self, conversation_id: str) -> dict[str, Proposal]:
        """The proposals of a conversation by their ids, as they are now, in the order in which they were made.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(proposals).where(proposals.c.conversation_id == conversation_id)
        with self._database.reading("the proposals could not be read") as connection:
            rows = connection.execute(found.order_by(proposals.c.message_id, proposals.c.id))
            return {row.id: _proposal(row) for row in rows}

    def proposal(self, conversation_id: str, proposal_id: str) -> Proposal | None:
        """One proposal of a conversation as it is now; None where there is none of that id.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the proposal could not be read") as connection:
            row = connection.execute(sa.select(proposals).where(*_named(conversation_id, proposal_id))).first()
            return None if row is None else _proposal(row)

    def accept_proposal(self, conversation_id: str, proposal_id: str) -> Proposal | None:
        """Take an open proposal to carry it out; of all who try, one gets it. None: there is none, or it is not open.

        Raises:
            StoreError: it could not be written.
        """
        return self._change(conversation_id, proposal_id, "open", "accepted", "")

    def settle_proposal(
        self, conversation_id: str, proposal_id: str, state: ProposalState, detail: str = ""
    ) -> Proposal | None:
        """Say what came of an accepted proposal: "done", "refused", or "open" again. None: it was not accepted.

        Raises:
            StoreError: it could not be written.
        """
        return self._change(conversation_id, proposal_id, "accepted", state, detail)

    def _change(
        self, conversation_id: str, proposal_id: str, before: ProposalState, after: ProposalState, detail: str
    ) -> Proposal | None:
        changed = proposals.update().where(*_named(conversation_id, proposal_id), proposals.c.state == before)
        changed = changed.values(state=after, detail=detail, changed_at=self._now())
        with self._database.writing("the proposal could not be stored") as connection:
            row = connection.execute(changed.returning(proposals)).first()
            return None if row is None else _proposal(row)


def insert_proposals(
    connection: sa.Connection, conversation_id: str, message_id: int, reply: Reply, at: datetime
) -> None:
    """Keep the proposals that a stored answer makes.

    An answer that is made again proposes the same under the same ids: what was done or is under way stays so.
    """
    if not reply.proposals:
        return
    ids = [proposal.id for proposal in reply.proposals]
    mine = sa.and_(proposals.c.conversation_id == conversation_id, proposals.c.id.in_(ids))
    connection.execute(proposals.delete().where(mine, proposals.c.state.in_(("open", "refused"))))
    kept = set(connection.execute(sa.select(proposals.c.id).where(mine)).scalars())
    rows: list[dict[str, Any]] = [
        {
            "conversation_id": conversation_id,
            "id": proposal.id,
            "message_id": message_id,
            "state": proposal.state,
            "detail": proposal.detail,
            "data": plain(proposal),
            "changed_at": at,
        }
        for proposal in reply.proposals
        if proposal.id not in kept
    ]
    if rows:
        connection.execute(proposals.insert(), rows)


def _named(conversation_id: str, proposal_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return proposals.c.conversation_id == conversation_id, proposals.c.id == proposal_id


def _proposal(row: sa.Row[Any]) -> Proposal:
    made: Proposal = revive(Proposal, row.data)
    return replace(made, state=row.state, detail=row.detail)
