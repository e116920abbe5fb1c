"""Who is listened to across workers: a turn is answered by one worker and may be followed at another.

In: conversations that are followed here. Out: which conversations are answered elsewhere, and whether a turn that is
answered here is followed elsewhere. It knows no event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from assistant.store.tables import turns, unfinished
from assistant.store.transactions import Transactions

_unfinished = unfinished(turns)


class Following(Transactions):
    """The part of the store that knows who follows a turn at another worker."""

    def answered_elsewhere(self, owner: str) -> frozenset[str]:
        """The conversations with a turn that waits, or that another worker than `owner` answers.

        Raises:
            StoreError: they could not be read.
        """
        others = sa.or_(turns.c.owner.is_(None), turns.c.owner != owner)
        found = sa.select(turns.c.conversation_id).where(_unfinished, others)
        with self._database.reading("the turns could not be read") as connection:
            return frozenset(connection.execute(found).scalars())

    def mark_followed(self, conversation_ids: Iterable[str], for_s: float) -> None:
        """Tell who answers in these conversations that they are followed for `for_s` seconds; 0: no longer.

        Raises:
            StoreError: it could not be written.
        """
        named = turns.c.conversation_id.in_(sorted(set(conversation_ids)))
        found = sa.select(turns.c.id).where(named, _unfinished).order_by(turns.c.id)
        until = self._now() + timedelta(seconds=for_s)
        with self._database.writing("who follows could not be stored") as connection:
            # A turn that another worker holds just now is told at the next look: waiting for several could deadlock.
            ids = connection.execute(self._database.for_update(found, skip=True)).scalars().all()
            connection.execute(turns.update().where(turns.c.id.in_(ids)).values(followed_until=until))

    def followed(self, turn_id: str) -> bool:
        """Whether a turn is followed at another worker.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(turns.c.id).where(turns.c.id == turn_id, turns.c.followed_until > self._now())
        with self._database.reading("the turn could not be read") as connection:
            return connection.execute(found).first() is not None
