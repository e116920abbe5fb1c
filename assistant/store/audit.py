"""Who did what at the desk, in a chain of rows that shows where it was tampered with.

In: what was done, by whom, to what: ids, never a word of a message. Out: numbered rows, each with the sha256 of itself
and of the hash before it; and the first row that is not as it was written. Whoever can write to the database can write
a whole chain anew: that shows only against a hash that was noted down elsewhere (`verify_audit(noted=...)`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from assistant.store.tables import audit, audit_head
from assistant.store.transactions import Transactions

FIRST_HASH: Final = "0" * 64  # what the first row has for the hash before it
_LOCK: Final = 4_711_020_002  # of PostgreSQL's advisory locks: any number that nobody else takes
_AT_ONCE: Final = 500  # rows in memory while the chain is gone through


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that was done. `agent_id` None: at the machine itself, by command."""

    number: int
    at: datetime
    agent_id: str | None
    action: str
    subject: str
    data: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest row's number and hash; number 0 before there is any."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFault:
    """The first place where the chain does not hold: the number of the row, and what is wrong with it."""

    number: int
    what: str


def append_audit(
    connection: sa.Connection,
    now: datetime,
    action: str,
    subject: str,
    agent_id: str | None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down what was done, in the transaction that does it: both are kept or neither.

    Call it last in the transaction: from here to its end nobody else appends. `subject` is the id of what it was done
    to, `data` what else must be known, as JSON; neither may hold a word of a message.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    head = _head(connection)
    last = head or _last(connection)
    row = {
        "number": last.number + 1,
        "at": now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000),
        "agent_id": agent_id,
        "action": action,
        "subject": subject,
        "data": json.loads(json.dumps(dict(data or {}))),
        "previous_hash": last.hash,
    }
    row["hash"] = _hash(row)
    connection.execute(audit.insert(), row)
    newest = {"number": row["number"], "hash": row["hash"]}
    if head is not None:
        connection.execute(audit_head.update().values(newest))
    elif last.number == 0:  # a head that somebody took away is not made again: `verify_audit` tells
        connection.execute(audit_head.insert(), {"id": 1, **newest})


class Audit(Transactions):
    """The part of the store that keeps who did what."""

    def record(
        self, action: str, subject: str, agent_id: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        """Write down something that has no transaction of its own; see `append_audit`.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("what was done could not be written down") as connection:
            append_audit(connection, self._now(), action, subject, agent_id, data)

    def audit_rows(self, before: int | None = None, limit: int = 100, **of: str) -> tuple[AuditRow, ...]:
        """What was done, the newest first, of numbers below `before`; `of` narrows it to one `agent_id`, `action` or
        `subject`.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(audit).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            found = found.where(audit.c.number < before)
        for name, value in of.items():
            found = found.where(audit.c[name] == value)
        with self._database.reading("the audit could not be read") as connection:
            return tuple(AuditRow(**row._mapping) for row in connection.execute(found))

    def whole_audit(self) -> Iterator[AuditRow]:
        """Every row, the oldest first, a few at a time.

        Raises:
            StoreError: they could not be read.
        """
        after = 0
        while rows := self._audit_after(after):
            yield from rows
            after = rows[-1].number

    def audit_head(self) -> AuditHead:
        """The newest row's number and hash, to be noted down elsewhere.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the audit could not be read") as connection:
            return _last(connection)

    def verify_audit(self, noted: AuditHead | None = None) -> AuditFault | None:
        """Go through the whole chain; None where every row is as it was written and none is missing.

        `noted` is a head from before, kept elsewhere: the row it names must be there and still have that hash. Without
        it, a chain that was written anew from some row on, its head included, looks as good as the true one.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the audit could not be read") as connection:
            head = _head(connection)  # read first: rows that come in meanwhile follow it
        last = AuditHead(0, FIRST_HASH)
        wanted = {known.number: known.hash for known in (head, noted) if known is not None}
        if noted is not None and head is not None and head.number == noted.number and head.hash != noted.hash:
            return AuditFault(noted.number, "it is not the row whose hash was noted down")
        for row in self.whole_audit():
            if fault := _fault(row, last):
                return fault
            if wanted.pop(row.number, row.hash) != row.hash:
                return AuditFault(row.number, "it was replaced: the hash that was kept apart is another")
            last = AuditHead(row.number, row.hash)
        if missing := [number for number in wanted if number > 0]:
            return AuditFault(last.number + 1, f"rows were removed: there was one of number {max(missing)}")
        if head is None and last.number:
            return AuditFault(last.number, "the head, which says how many rows there are, was removed")
        return None

    def _audit_after(self, number: int) -> tuple[AuditRow, ...]:
        found = sa.select(audit).where(audit.c.number > number).order_by(audit.c.number).limit(_AT_ONCE)
        with self._database.reading("the audit could not be read") as connection:
            return tuple(AuditRow(**row._mapping) for row in connection.execute(found))


def _fault(row: AuditRow, last: AuditHead) -> AuditFault | None:
    """What is wrong with a row that follows `last`."""
    if row.number != last.number + 1:
        return AuditFault(last.number + 1, f"it is missing: after {last.number} comes {row.number}")
    if row.previous_hash != last.hash:
        return AuditFault(row.number, "it does not follow the row before: one of them was altered, moved or put in")
    if _hash({name: getattr(row, name) for name in _HASHED}) != row.hash:
        return AuditFault(row.number, "it was altered: its hash is another")
    return None


_HASHED: Final = ("number", "at", "agent_id", "action", "subject", "data", "previous_hash")


def _hash(row: Mapping[str, Any]) -> str:
    plain = {**{name: row[name] for name in _HASHED}, "at": row["at"].isoformat(timespec="milliseconds")}
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _head(connection: sa.Connection) -> AuditHead | None:
    row = connection.execute(sa.select(audit_head.c.number, audit_head.c.hash)).first()
    return None if row is None else AuditHead(row.number, row.hash)


def _last(connection: sa.Connection) -> AuditHead:
    newest = sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(newest).first()
    return AuditHead(0, FIRST_HASH) if row is None else AuditHead(row.number, row.hash)
