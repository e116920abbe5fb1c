"""What an agent knows becomes what the assistant answers: proposed, approved, live, kept over kills, rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.desk.learning import Learning, entry_of
from assistant.errors import CorrectionOver, CorrectionRefused, StoreError, UnknownCorrection, UnknownMessage
from assistant.pipeline import Assistant
from assistant.store import Agent, Correction, Role, Store
from assistant.types import Turn
from knowledge_base.entry_json import entry_from_json, entry_to_json
from knowledge_base.live import LiveIndex
from tests.shops import write_shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


@pytest.fixture
def live(shop: Path, tmp_path: Path) -> Iterator[LiveIndex]:
    opened = LiveIndex.open(shop, tmp_path / "data", "none", progress=False)
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def learning(live: LiveIndex, store: Store) -> Learning:
    return Learning(live, store)


@pytest.fixture
def ada(store: Store) -> Agent:
    return store.add_agent("ada", "Ada")


@pytest.fixture
def lee(store: Store) -> Agent:
    return store.add_agent("lee", "Lee", "lead")


async def _answer(live: LiveIndex, text: str) -> tuple[str, list[str]]:
    reply = await Assistant(live).answer(Turn("c", text))
    return reply.text, [citation.id for citation in reply.citations]


def _propose(learning: Learning, agent: Agent, **given: Any) -> Correction:
    words = {"question": "Do you engrave mugs?", "answer": "Yes, up to 12 letters for $7."}
    return learning.propose(agent, **{**words, **given})


async def test_an_approved_answer_is_given_and_a_proposal_is_not(
    live: LiveIndex, learning: Learning, ada: Agent, lee: Agent
) -> None:
    proposed = _propose(learning, ada)
    assert "$7" not in (await _answer(live, "do you engrave mugs"))[0]
    approved = learning.approve(lee, proposed.id)
    text, cited = await _answer(live, "do you engrave mugs")
    assert "$7" in text and cited == [approved.entry_id]
    assert (approved.state, approved.author, approved.reviewer, approved.before) == ("approved", "Ada", "Lee", None)
    entry = live.current.passages.entries[live.current.passages.places[approved.entry_id]]
    assert entry.source.startswith("Ada, 20") and entry.is_correction


async def test_what_was_there_before_comes_back(live: LiveIndex, learning: Learning, ada: Agent, lee: Agent) -> None:
    old = next(entry for entry in live.current.passages.entries if entry.kind == "faq")
    first = learning.approve(lee, _propose(learning, ada, question=old.title, answer="First.", replaces=old.id).id)
    second = learning.approve(lee, _propose(learning, ada, question=old.title, answer="Second.", replaces=old.id).id)
    assert [(one.id, one.state) for one in learning.versions(old.id)] == [
        (second.id, "approved"),
        (first.id, "replaced"),
    ]
    with pytest.raises(CorrectionOver, match="replaced already"):
        learning.roll_back(lee, first.id)
    learning.roll_back(lee, second.id)
    assert _text(live, old.id) == "First."
    assert [one.state for one in learning.versions(old.id)] == ["rolled_back", "approved"]
    learning.roll_back(lee, first.id)
    assert live.current.passages.entries[live.current.passages.places[old.id]] == old


def test_a_new_answer_is_gone_when_it_is_rolled_back(
    live: LiveIndex, learning: Learning, ada: Agent, lee: Agent
) -> None:
    approved = learning.approve(lee, _propose(learning, ada).id)
    learning.roll_back(lee, approved.id)
    assert approved.entry_id not in live.current.passages.places


def test_what_the_shop_said_since_stays_when_a_correction_is_rolled_back(
    live: LiveIndex, learning: Learning, ada: Agent, lee: Agent
) -> None:
    approved = learning.approve(lee, _propose(learning, ada).id)
    newer = entry_from_json({**entry_to_json(entry_of(approved)), "text": "No more, sorry."})
    live.upsert([newer])
    learning.roll_back(lee, approved.id)
    assert _text(live, approved.entry_id) == "No more, sorry."


def _text(live: LiveIndex, entry_id: str) -> str:
    return live.current.passages.entries[live.current.passages.places[entry_id]].text


def test_a_decision_holds_once(learning: Learning, ada: Agent, lee: Agent) -> None:
    rejected = learning.reject(lee, _propose(learning, ada).id)
    approved = learning.approve(lee, _propose(learning, ada).id)
    for correction in (rejected, approved):
        with pytest.raises(CorrectionOver, match="already"):
            learning.approve(lee, correction.id)
        with pytest.raises(CorrectionOver, match="already"):
            learning.reject(lee, correction.id)
        with pytest.raises(CorrectionOver, match="already"):
            learning.change(lee, correction.id, answer="Other.")
    with pytest.raises(UnknownCorrection, match="no correction"):
        learning.approve(lee, "cor_0")
    assert [one.id for one in learning.corrections("rejected")] == [rejected.id]


def test_only_a_lead_decides(learning: Learning, ada: Agent) -> None:
    proposed = _propose(learning, ada)
    for refused in (learning.approve, learning.reject, learning.roll_back, learning.change):
        with pytest.raises(CorrectionRefused, match="only a lead"):
            refused(ada, proposed.id)


def test_a_proposal_holds_nothing_of_the_shopper(learning: Learning, store: Store, ada: Agent) -> None:
    asked = store.append_message("c", "shopper", "hi, do you engrave mugs? mail mia@example.com")
    sent = store.append_message(
        "c", "agent", "Hi Mia,\nYes, up to 12 letters for $7. I wrote to mia@example.com.\n\nBest regards,\nAda"
    )
    proposed = learning.propose(ada, "Can I have a mug engraved?", message_id=sent)
    assert proposed.answer == "Yes, up to 12 letters for $7."
    assert proposed.question == "Can I have a mug engraved?"
    assert proposed.wordings and "mia" not in " ".join(proposed.wordings)
    assert proposed.origin == f"message {sent}"
    of_question = learning.propose(ada, answer="Yes.", message_id=asked)
    assert "engrave" in of_question.question and "@" not in of_question.question


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"answer": "Your parcel is at mia@example.com."}, "nothing is left of the answer"),
        ({"answer": " "}, "the answer is empty"),
        ({"question": "mia@example.com"}, "nothing is left of the question"),
        ({"answer": "long " * 1000}, "shorten it"),
        ({"product_id": "no-such"}, "no product 'no-such'"),
        ({"replaces": "policy:x#1"}, "no question of the shop"),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words(
    learning: Learning, ada: Agent, given: dict[str, str], says: str
) -> None:
    with pytest.raises(CorrectionRefused, match=says):
        _propose(learning, ada, **given)


def test_a_message_that_is_not_there_is_no_origin(learning: Learning, ada: Agent) -> None:
    with pytest.raises(UnknownMessage):
        _propose(learning, ada, message_id=99)


class _DyingStore(Store):
    """A store whose process is killed after a decision was written down, before it is noted as carried out."""

    def end_approval(self, correction_id: str) -> Correction:
        raise StoreError("killed")

    def end_roll_back(self, correction_id: str) -> Correction:
        raise StoreError("killed")


class _DyingIndex(LiveIndex):
    """An index whose process is killed before a decision reaches its journal."""

    def upsert(self, *_: Any, **__: Any) -> None:
        raise StoreError("killed")


@pytest.mark.parametrize("when", ["before the journal", "after the journal"])
def test_what_was_decided_when_the_process_died_is_done_at_the_next_start(
    shop: Path, live: LiveIndex, store: Store, ada: Agent, lee: Agent, tmp_path: Path, when: str
) -> None:
    if when == "before the journal":
        dying = Learning(_DyingIndex.open(shop, tmp_path / "data", "none", progress=False), store)
    else:
        dying = Learning(live, _DyingStore.open(tmp_path / "data"))
    proposed = _propose(dying, ada)
    with pytest.raises(StoreError, match="killed"):
        dying.approve(lee, proposed.id)
    learning = Learning(live, store)
    assert learning.heal() == 1
    assert learning.heal() == 0
    assert store.correction(proposed.id).state == "approved"
    assert _text(live, proposed.entry_id) == proposed.answer
    if when == "after the journal":
        with pytest.raises(StoreError, match="killed"):
            dying.roll_back(lee, proposed.id)
        assert learning.heal() == 1
        assert store.correction(proposed.id).state == "rolled_back"
        assert proposed.entry_id not in live.refreshed().passages.places


def test_an_approved_answer_that_is_gone_comes_back_at_the_next_start(
    live: LiveIndex, learning: Learning, ada: Agent, lee: Agent
) -> None:
    approved = learning.approve(lee, _propose(learning, ada).id)
    live.delete([approved.entry_id])
    assert learning.heal() == 1
    assert _text(live, approved.entry_id) == approved.answer


def test_other_workers_answer_with_it(
    shop: Path, tmp_path: Path, live: LiveIndex, learning: Learning, ada: Agent, lee: Agent
) -> None:
    other = LiveIndex.open(shop, tmp_path / "data", "none", progress=False)
    approved = learning.approve(lee, _propose(learning, ada).id)
    assert approved.entry_id in other.refreshed().passages.places
    other.close()


def test_who_did_what_is_written_down(store: Store, learning: Learning, ada: Agent, lee: Agent) -> None:
    approved = learning.approve(lee, _propose(learning, ada).id)
    learning.roll_back(lee, approved.id)
    rows = [row for row in store.whole_audit() if row.subject == approved.id]
    assert [(row.action, row.agent_id) for row in rows] == [
        ("correction.proposed", ada.id),
        ("correction.approved", lee.id),
        ("correction.rolled_back", lee.id),
    ]
    assert store.verify_audit() is None


def test_an_entry_keeps_its_wordings_as_json(learning: Learning, ada: Agent) -> None:
    entry = entry_of(_propose(learning, ada, wordings=("mug engraving?", "put my name on a mug")))
    assert entry_from_json(entry_to_json(entry)) == entry
    assert len(entry.wordings) == 2


_ROLES: tuple[Role, ...] = ("lead", "merchant")


@pytest.mark.parametrize("role", _ROLES)
def test_whoever_is_above_an_agent_may_decide(learning: Learning, store: Store, ada: Agent, role: Role) -> None:
    other = store.add_agent("other", "Other", role)
    assert learning.approve(other, _propose(learning, ada).id).state == "approved"
