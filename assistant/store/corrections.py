"""What agents propose that the shop should answer, and what leads decided about it.

In: questions with answers, without personal data; decisions. Out: each correction with its state, its author and its
reviewer; rows are never overwritten by others, so all versions of an entry are there. It knows no index: `Learning`
carries out what is decided here, and because a decision is written down first, it can be carried out after a kill.

    proposed ─► approving ─► approved ─► rolling_back ─► rolled_back
       └─► rejected             └─► replaced (by a newer correction of the same entry; back when that is rolled back)
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from assistant.errors import CorrectionOver, UnknownCorrection
from assistant.store.audit import append_audit
from assistant.store.tables import agents, corrections
from assistant.store.transactions import Transactions

CorrectionState = Literal["proposed", "approving", "approved", "replaced", "rolling_back", "rolled_back", "rejected"]
UNFINISHED: Final[tuple[CorrectionState, ...]] = ("approving", "rolling_back")
_FAILED = "the correction could not be stored"


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What is proposed. `wordings` are other questions with the same answer.

    `replaces` is the id of the entry that the answer is to stand in place of, None where it is a new one. `origin` says
    where it comes from ("message 17").
    """

    question: str
    answer: str
    wordings: tuple[str, ...] = ()
    language: str | None = None
    product_id: str | None = None
    replaces: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction as it is kept. `author` and `reviewer` are the names of who proposed it and who decided.

    `before` is the entry that was there before it was approved, as JSON; None where there was none. `ended_at` is when
    it ceased to hold.
    """

    id: str
    state: CorrectionState
    entry_id: str
    question: str
    answer: str
    wordings: tuple[str, ...]
    language: str | None
    product_id: str | None
    origin: str | None
    author_id: str
    author: str
    proposed_at: datetime
    reviewer_id: str | None = None
    reviewer: str | None = None
    reviewed_at: datetime | None = None
    before: Mapping[str, Any] | None = None
    ended_at: datetime | None = None


_authors, _reviewers = agents.alias("authors"), agents.alias("reviewers")
_with_names = (
    sa.select(corrections, _authors.c.name.label("author"), _reviewers.c.name.label("reviewer"))
    .join(_authors, _authors.c.id == corrections.c.author_id)
    .outerjoin(_reviewers, _reviewers.c.id == corrections.c.reviewer_id)
)


class Corrections(Transactions):
    """The part of the store that keeps corrections."""

    def add_correction(self, new: NewCorrection, by: str) -> Correction:
        """Keep a proposal of agent `by`.

        Raises:
            StoreError: it could not be written.
        """
        correction_id, now = "cor_" + secrets.token_hex(8), self._now()
        row = {
            "id": correction_id,
            "state": "proposed",
            "entry_id": new.replaces or f"faq:{correction_id}",
            "question": new.question,
            "answer": new.answer,
            "wordings": list(new.wordings),
            "language": new.language,
            "product_id": new.product_id,
            "origin": new.origin,
            "author_id": by,
            "proposed_at": now,
        }
        with self._database.writing("the correction could not be proposed") as connection:
            connection.execute(corrections.insert(), row)
            stored = _get(connection, correction_id)
            append_audit(connection, now, "correction.proposed", correction_id, by, {"entry": stored.entry_id})
        return stored

    def corrections(
        self, *states: CorrectionState, entry_id: str | None = None, limit: int = 1000
    ) -> tuple[Correction, ...]:
        """Corrections in any of these states (none named: all), the newest first; of one entry where it is named.

        Raises:
            StoreError: they could not be read.
        """
        found = _with_names.order_by(corrections.c.proposed_at.desc(), corrections.c.id.desc()).limit(limit)
        if states:
            found = found.where(corrections.c.state.in_(states))
        if entry_id is not None:
            found = found.where(corrections.c.entry_id == entry_id)
        with self._database.reading("the corrections could not be read") as connection:
            return tuple(map(_correction, connection.execute(found)))

    def correction(self, correction_id: str) -> Correction:
        """One correction.

        Raises:
            UnknownCorrection: there is none of that id.
            StoreError: it could not be read.
        """
        with self._database.reading("the correction could not be read") as connection:
            return _get(connection, correction_id)

    def change_correction(
        self, correction_id: str, question: str, answer: str, wordings: Sequence[str], by: str
    ) -> Correction:
        """Other words for a proposal.

        Raises:
            UnknownCorrection: there is none of that id.
            CorrectionOver: it was decided about already.
            StoreError: it could not be written.
        """
        values = {"question": question, "answer": answer, "wordings": list(wordings)}
        return self._moved(correction_id, ("proposed",), values, "correction.changed", by)

    def reject_correction(self, correction_id: str, by: str) -> Correction:
        """Decide against a proposal.

        Raises:
            UnknownCorrection: there is none of that id.
            CorrectionOver: it was decided about already.
            StoreError: it could not be written.
        """
        now = self._now()
        values = {"state": "rejected", "reviewer_id": by, "reviewed_at": now, "ended_at": now}
        return self._moved(correction_id, ("proposed",), values, "correction.rejected", by)

    def begin_approval(self, correction_id: str, before: Mapping[str, Any] | None, by: str) -> Correction:
        """Decide for a proposal, in whose place the entry `before` (as JSON) stands; then carry it out.

        Raises:
            UnknownCorrection: there is none of that id.
            CorrectionOver: it was decided about already.
            StoreError: it could not be written.
        """
        values = {"state": "approving", "reviewer_id": by, "reviewed_at": self._now(), "before": before}
        return self._moved(correction_id, ("proposed",), values, "correction.approved", by)

    def end_approval(self, correction_id: str) -> Correction:
        """The answer is live: what stood in its place is replaced.

        Raises:
            UnknownCorrection: there is none of that id.
            StoreError: it could not be written; it is carried out again at the next start.
        """
        with self._database.writing(_FAILED) as connection:
            correction = _get(connection, correction_id)
            if correction.state == "approving":
                its = (corrections.c.entry_id == correction.entry_id) & (corrections.c.state == "approved")
                connection.execute(corrections.update().where(its).values(state="replaced", ended_at=self._now()))
                _set(connection, correction_id, {"state": "approved"})
            return _get(connection, correction_id)

    def begin_roll_back(self, correction_id: str, by: str) -> Correction:
        """Decide that what was there before an approved correction is to come back; then carry it out.

        Raises:
            UnknownCorrection: there is none of that id.
            CorrectionOver: it is not what holds now.
            StoreError: it could not be written.
        """
        return self._moved(correction_id, ("approved",), {"state": "rolling_back"}, "correction.rolled_back", by)

    def end_roll_back(self, correction_id: str) -> Correction:
        """What was there before is live: the correction that it came from, if any, holds again.

        Raises:
            UnknownCorrection: there is none of that id.
            StoreError: it could not be written; it is carried out again at the next start.
        """
        with self._database.writing(_FAILED) as connection:
            correction = _get(connection, correction_id)
            if correction.state == "rolling_back":
                _set(connection, correction_id, {"state": "rolled_back", "ended_at": self._now()})
                its = (corrections.c.entry_id == correction.entry_id) & (corrections.c.state == "replaced")
                newest = sa.select(corrections.c.id).where(its).order_by(corrections.c.reviewed_at.desc()).limit(1)
                if (earlier := connection.execute(newest).scalar_one_or_none()) is not None:
                    _set(connection, earlier, {"state": "approved", "ended_at": None})
            return _get(connection, correction_id)

    def _moved(
        self, correction_id: str, states: Sequence[CorrectionState], values: Mapping[str, Any], action: str, by: str
    ) -> Correction:
        """Change a correction that is in one of these states, and write down who did."""
        with self._database.writing(_FAILED) as connection:
            its = (corrections.c.id == correction_id) & corrections.c.state.in_(states)
            moved = connection.execute(corrections.update().where(its).values(dict(values))).rowcount
            correction = _get(connection, correction_id)
            if moved == 0:
                raise CorrectionOver(_over(correction))
            append_audit(connection, self._now(), action, correction_id, by, {"entry": correction.entry_id})
            return correction


def _over(correction: Correction) -> str:
    who = correction.reviewer or "somebody else"
    return f"correction {correction.id} is {correction.state.replace('_', ' ')} already (by {who}): look at it again"


def _set(connection: sa.Connection, correction_id: str, values: Mapping[str, Any]) -> None:
    connection.execute(corrections.update().where(corrections.c.id == correction_id).values(dict(values)))


def _get(connection: sa.Connection, correction_id: str) -> Correction:
    row = connection.execute(_with_names.where(corrections.c.id == correction_id)).first()
    if row is None:
        raise UnknownCorrection(f"there is no correction {correction_id!r:.60}")
    return _correction(row)


def _correction(row: sa.Row[Any]) -> Correction:
    values = dict(row._mapping)
    return Correction(**{**values, "wordings": tuple(values["wordings"] or ())})
