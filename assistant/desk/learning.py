"""What agents know and the shop's pages do not say, made part of what the assistant answers from.

In: a question with the answer that an agent gave or wishes the assistant had given. Out: a proposal without personal
data; once a lead approves it, an entry of the index that goes before what was there on the same matter, until it is
rolled back. A decision is written to the database before it is carried out and noted when it was: whatever is killed
in between is carried out at the next start (`heal`). Entries that contradict each other are `conflicts`' business.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from filelock import FileLock, Timeout

from assistant.desk.conflicts import Conflict, Stale, conflicts, rivals, stale
from assistant.desk.stripping import stripped_answer, stripped_question
from assistant.errors import CorrectionOver, CorrectionRefused, UnknownMessage
from assistant.privacy.masking import compared
from assistant.store import Agent, Correction, CorrectionState, NewCorrection, Role, Store, StoredMessage
from knowledge_base.entry_json import entry_from_json, entry_to_json
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Index
from knowledge_base.live import LiveIndex
from knowledge_base.text import language_of
from knowledge_base.types import Entry

_log = logging.getLogger(__name__)

MOST_QUESTION_CHARS, MOST_ANSWER_CHARS, MOST_WORDINGS = 300, 4000, 8
_WAIT_S: Final = 15.0  # for another worker that is carrying out a decision
_READ: Final = 200  # messages of a conversation that are looked at for its order numbers
_LOCK: Final = "corrections.lock"


class Learning:
    """Corrections of one shop: proposed, decided, live. Safe between threads and processes; its methods block."""

    def __init__(self, live: LiveIndex, store: Store) -> None:
        self._live, self._store = live, store

    # -- proposing -----------------------------------------------------------------------------------------------------

    def propose(
        self,
        agent: Agent,
        question: str = "",
        answer: str = "",
        *,
        message_id: int | None = None,
        product_id: str | None = None,
        replaces: str | None = None,
        wordings: Sequence[str] = (),
    ) -> Correction:
        """Propose that `question` be answered with `answer`.

        `message_id` is the message that prompted it, a person's or the assistant's: what the shopper had asked before
        becomes another wording of the question, and the question or the answer where these are empty. `product_id`
        ties the answer to one product; `replaces` is the FAQ entry that it is to stand in place of.

        Raises:
            CorrectionRefused: nothing is left of it without personal data, or it names what is not there.
            UnknownMessage: there is no such message.
            StoreError: it could not be written.
        """
        asked, said, known = self._said(message_id) if message_id is not None else ("", "", ())
        question, asked = self._question(question or asked, known), self._question(asked, known)
        index = self._live.current
        new = NewCorrection(
            question=_checked_question(question),
            answer=self._checked_answer(answer or said, known),
            wordings=_wordings(question, (asked, *(self._question(wording, known) for wording in wordings))),
            language=language_of(question),
            product_id=_checked_product(product_id, index),
            replaces=_checked_replaced(replaces, index),
            origin=None if message_id is None else f"message {message_id}",
        )
        return self._store.add_correction(new, agent.id)

    def change(
        self,
        lead: Agent,
        correction_id: str,
        question: str | None = None,
        answer: str | None = None,
        wordings: Sequence[str] | None = None,
    ) -> Correction:
        """Word a proposal otherwise before deciding about it; None leaves a part as it is.

        Raises:
            CorrectionRefused: nothing is left of it without personal data, or the agent may not do that.
            UnknownCorrection, CorrectionOver: there is none, or it was decided about already.
            StoreError: it could not be written.
        """
        _checked_role(lead, "lead", "change corrections")
        old = self._store.correction(correction_id)
        asked = old.question if question is None else _checked_question(self._question(question))
        said = old.answer if answer is None else self._checked_answer(answer)
        others = old.wordings if wordings is None else tuple(map(self._question, wordings))
        return self._store.change_correction(correction_id, asked, said, _wordings(asked, others), lead.id)

    # -- deciding ------------------------------------------------------------------------------------------------------

    def approve(self, lead: Agent, correction_id: str) -> Correction:
        """Make a proposal live, for every worker within a fraction of a second, and for good when this returns.

        Raises:
            CorrectionRefused: the agent may not do that.
            UnknownCorrection, CorrectionOver: there is none, or it was decided about already.
            StoreError, KnowledgeBaseError: it could not be carried out; if it was decided, it is at the next start.
        """
        _checked_role(lead, "lead", "approve corrections")
        with self._alone():
            correction = self._store.correction(correction_id)
            if correction.state != "approving":  # else it was decided, and what followed failed: here it goes on
                before = _entry_of(self._live.refreshed(), correction.entry_id)
                as_json = None if before is None else entry_to_json(before)
                correction = self._store.begin_approval(correction_id, as_json, lead.id)
            return self._carry_out(correction)

    def reject(self, lead: Agent, correction_id: str) -> Correction:
        """Decide against a proposal.

        Raises:
            CorrectionRefused: the agent may not do that.
            UnknownCorrection, CorrectionOver: there is none, or it was decided about already.
            StoreError: it could not be written.
        """
        _checked_role(lead, "lead", "reject corrections")
        return self._store.reject_correction(correction_id, lead.id)

    def roll_back(self, lead: Agent, correction_id: str) -> Correction:
        """Bring back what an approved correction replaced, or take its entry away where there was nothing.

        Where the shop has changed the entry itself since, that stays.

        Raises:
            CorrectionRefused: the agent may not do that.
            UnknownCorrection, CorrectionOver: there is none, or it is not what holds now.
            StoreError, KnowledgeBaseError: it could not be carried out; if it was decided, it is at the next start.
        """
        _checked_role(lead, "lead", "roll back corrections")
        with self._alone():
            correction = self._store.correction(correction_id)
            if correction.state != "rolling_back":
                correction = self._store.begin_roll_back(correction_id, lead.id)
            return self._carry_out(correction)

    def heal(self) -> int:
        """Carry out what was decided and is not done, and bring back approved answers that are gone, as after the
        index was built without its journal; how many. To be called when a server starts.

        An entry that the shop's own files have changed since is left as it is.

        Raises:
            StoreError, KnowledgeBaseError: it could not be done; what is served is whole.
        """
        with self._alone():
            index, n_healed = self._live.refreshed(), 0
            for correction in self._store.corrections("approving", "rolling_back", "approved"):
                if correction.state != "approved":
                    self._carry_out(correction)
                elif _entry_of(index, correction.entry_id) is None:
                    self._live.upsert([entry_of(correction)])
                else:
                    continue
                _log.warning("correction %s was not carried out to its end and is now", correction.id)
                n_healed += 1
            return n_healed

    def _carry_out(self, correction: Correction) -> Correction:
        """Do what was decided; doing it again changes nothing."""
        written = entry_of(correction)
        if correction.state == "approving":
            self._live.upsert([written])
            return self._store.end_approval(correction.id)
        now = _entry_of(self._live.refreshed(), correction.entry_id)
        if now is not None and (now.title, now.text) == (written.title, written.text):
            if correction.before is None:
                self._live.delete([correction.entry_id])
            else:
                self._live.upsert([entry_from_json(correction.before)])
        return self._store.end_roll_back(correction.id)

    # -- looking -------------------------------------------------------------------------------------------------------

    def corrections(self, *states: CorrectionState) -> tuple[Correction, ...]:
        """Corrections in any of these states, the newest first; none named: all.

        Raises:
            StoreError: they could not be read.
        """
        return self._store.corrections(*states)

    def versions(self, entry_id: str) -> tuple[Correction, ...]:
        """All corrections there ever were of one entry, the newest first.

        Raises:
            StoreError: they could not be read.
        """
        return self._store.corrections(entry_id=entry_id)

    def rivals(self, correction_id: str) -> tuple[Entry, ...]:
        """Entries that answer what a proposal answers, the nearest first: what it would go before, or might replace.

        Raises:
            UnknownCorrection: there is none of that id.
            StoreError: it could not be read.
        """
        return rivals(self._live.current, entry_of(self._store.correction(correction_id)))

    def conflicts(self) -> tuple[Conflict, ...]:
        """Entries that answer the same question with other figures."""
        return conflicts(self._live.current)

    def stale(self) -> tuple[Stale, ...]:
        """Entries that speak of what the catalogue no longer has."""
        return stale(self._live.current)

    # -- within --------------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other worker carries out a decision: the lock is the kernel's, and gone with whoever held it."""
        self._live.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._live.folder / _LOCK, timeout=_WAIT_S):
                yield
        except Timeout as error:
            raise CorrectionOver("another correction is being carried out for too long: try again") from error

    def _said(self, message_id: int) -> tuple[str, str, tuple[str, ...]]:
        """What the shopper asked before a message, what it says, and the numbers of the orders that were spoken of."""
        message = self._store.message(message_id)
        if message is None:
            raise UnknownMessage(f"there is no message {message_id}")
        history = self._store.history(message.conversation_id, _READ)
        known = tuple(dict.fromkeys(_order_numbers(history)))
        if message.role == "shopper":
            return message.text, "", known
        before = [m.text for m in history if m.role == "shopper" and m.id < message.id]
        return before[-1] if before else "", message.text, known

    def _question(self, text: str, known: Iterable[str] = ()) -> str:
        return stripped_question(text, known, self._is_public)[:MOST_QUESTION_CHARS]

    def _checked_answer(self, text: str, known: Iterable[str] = ()) -> str:
        answer = stripped_answer(text, known, self._is_public)
        if not any(character.isalnum() for character in answer):
            raise CorrectionRefused(
                "nothing is left of the answer without personal data: write it as it is true for every shopper"
                if text.strip()
                else "the answer is empty: write what shoppers are to be told"
            )
        if len(answer) > MOST_ANSWER_CHARS:
            raise CorrectionRefused(
                f"the answer has {len(answer)} characters, {MOST_ANSWER_CHARS} are taken: shorten it"
            )
        return answer

    @property
    def _is_public(self) -> Callable[[str], bool]:
        return partial(_stands_in, self._live.current)


def entry_of(correction: Correction) -> Entry:
    """The entry that a correction makes. Who wrote it and when stands where other entries name their file."""
    day = (correction.reviewed_at or correction.proposed_at).date().isoformat()
    return Entry(
        id=correction.entry_id,
        kind="faq",
        title=correction.question,
        text=correction.answer,
        source=f"{correction.author}, {day}",
        language=correction.language,
        product_id=correction.product_id,
        wordings=correction.wordings,
        is_correction=True,
    )


def _entry_of(index: Index, entry_id: str) -> Entry | None:
    row = index.passages.places.get(entry_id)
    return None if row is None else index.passages.entries[row]


def _stands_in(index: Index, value: str) -> bool:
    """Whether the shop itself publishes a value, as values are compared."""
    told = (f"{entry.title} {entry.text}" for entry in index.passages.entries)
    return any(value in compared(text) for text in (*told, *map(str, index.info.to_json().values())))


def _order_numbers(history: Sequence[StoredMessage]) -> Iterator[str]:
    for message in history:
        reply: Mapping[str, Any] = message.reply or {}
        yield from map(str, reply.get("orders") or ())


def _wordings(question: str, others: Iterable[str]) -> tuple[str, ...]:
    found = {other.casefold(): other for other in others if any(character.isalnum() for character in other)}
    found.pop(question.casefold(), None)
    return tuple(found.values())[:MOST_WORDINGS]


def _checked_question(question: str) -> str:
    if not any(character.isalnum() for character in question):
        raise CorrectionRefused("nothing is left of the question without personal data: write it as any shopper would")
    return question


def _checked_product(product_id: str | None, index: Index) -> str | None:
    if product_id is not None and product_id not in index.product_rows:
        raise CorrectionRefused(f"the shop has no product {product_id!r:.60}: name one, or none")
    return product_id


def _checked_replaced(entry_id: str | None, index: Index) -> str | None:
    if entry_id is not None and not (entry_id.startswith("faq:") and _entry_of(index, entry_id)):
        raise CorrectionRefused(
            f"{entry_id!r:.60} is no question of the shop that could be replaced: leave it out, and the answer goes "
            "before what policies say on the same matter"
        )
    return entry_id


def _checked_role(agent: Agent, role: Role, what: str) -> None:
    if not agent.may(role):
        raise CorrectionRefused(f"only a {role} may {what}")


__all__ = ["KnowledgeBaseError", "Learning", "entry_of"]
