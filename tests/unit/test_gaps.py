"""What was asked in vain is grouped, what contradicts or is out of date is listed, decisions are exported."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.desk.conflicts import conflicts, rivals, stale
from assistant.desk.exporting_decisions import decision_lines, example
from assistant.desk.gaps import gaps, grouped
from assistant.store import DecidedReply, Store
from assistant.types import Query, Reply
from knowledge_base.changes import with_changes
from knowledge_base.index import Index
from knowledge_base.types import Entry

LONG_AGO = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


def _ask(store: Store, conversation: str, text: str, *, answered: bool = False, intent: str = "policy") -> int:
    asked = store.append_message(conversation, "shopper", text)
    query = Query(text, (intent,))  # type: ignore[arg-type]
    store.append_message(conversation, "assistant", "…", Reply("…", query, answered=answered))
    return asked


def test_questions_that_ask_the_same_are_one_gap(store: Store, index: Index) -> None:
    rent = [_ask(store, f"r{i}", text) for i, text in enumerate(("do you rent tents", "can i rent a tent?"))]
    _ask(store, "p", "is there parking, mail me at mia@example.com")
    _ask(store, "a", "how long is the warranty", answered=True)
    _ask(store, "s", "do you have surfboards", intent="find")
    store.append_message("r1", "agent", "Yes, $28 a night.")

    found = gaps(store, index, LONG_AGO)

    assert [gap.count for gap in found] == [2, 1]
    assert set(found[0].message_ids) == set(rent)
    assert found[0].answered_message_id == rent[1]
    assert "@" not in str(found[1].examples) and "parking" in found[1].question
    assert gaps(store, index, datetime.now(UTC) + timedelta(hours=1)) == ()


def test_chinese_questions_are_grouped_by_their_words(index: Index) -> None:
    texts = ("帐篷能租吗", "门店附近能停车吗", "帐篷租一天多少钱", "门店好停车吗")
    assert sorted(map(sorted, grouped(texts, index))) == [[0, 2], [1, 3]]
    assert grouped((), index) == []


def _faq(name: str, question: str, answer: str, **more: str) -> Entry:
    return Entry(f"faq:{name}", "faq", question, answer, language="en", **more)


def _with(index: Index, *entries: Entry) -> Index:
    return with_changes(index, {entry.id: entry for entry in entries})


def test_answers_with_other_figures_to_one_question_contradict_each_other(index: Index) -> None:
    first = _faq("rent", "How much is it to rent a canoe?", "A canoe is $28 a day.")
    second = _faq("rent2", "What does it cost to rent a canoe?", "Canoes are $35 a day.")
    same = _faq("rent3", "Rent a canoe: how much?", "$28, paid in the shop.")
    before = len(conflicts(index))
    found = conflicts(_with(index, first, second, same))
    pairs = {frozenset((one.first.id, one.second.id)): one.figures for one in found}
    assert set(pairs[frozenset((first.id, second.id))]) == {"$28", "$35"}
    assert frozenset((first.id, same.id)) not in pairs
    assert len(found) == before + 2
    assert rivals(_with(index, first), second)[0] == first


def test_figures_in_other_units_are_the_same_figure(index: Index) -> None:
    first = _faq("hold", "How long do you hold a canoe?", "For 48 hours.")
    second = _faq("hold2", "How long do you hold a canoe for me?", "2 days.")
    assert not any(one.first.id.startswith("faq:hold") for one in conflicts(_with(index, first, second)))


def test_figures_of_other_things_contradict_nothing(index: Index) -> None:
    parcel = _faq("missing", "Something is missing from my parcel", "Look for a second tracking number in the e-mail.")
    lost = _faq("lost", "My parcel is lost", "If it has not moved for 9 days we send it again.")
    built = _faq("built", "Do canoes come assembled?", "You fit the seats: about 30 minutes with the tools in the box.")
    back = _faq("back", "Can canoes be returned?", "Canoes can be returned within 14 days.")
    found = conflicts(_with(index, parcel, lost, built, back))
    assert not {one.first.id for one in found} & {parcel.id, lost.id, built.id, back.id}


def test_what_the_catalogue_no_longer_has_is_stale(index: Index) -> None:
    product = next(product for product in index.products.values() if product.price_range)
    assert product.price_range is not None
    gone = _faq("gone", "Does it float?", "Yes.", product_id="no-such-product")
    wrong = _faq("dear", "What does it cost?", "It is $99999.50 now.", product_id=product.id)
    right = _faq("right", "What is the price?", f"${product.price_range[0]}.", product_id=product.id)
    found = {one.entry.id: (one.why, one.what) for one in stale(_with(index, gone, wrong, right))}
    assert found == {"faq:gone": ("product", "no-such-product"), "faq:dear": ("price", "$99999.50")}


DECIDED = DecidedReply(
    1,
    datetime(2026, 11, 30, tzinfo=UTC),
    "edit",
    "is it for mia@example.com?",
    (("shopper", "hi, I am mia@example.com"),),
    "Yes, for mia@example.com.",
    {"hits": [{"products": [], "passages": [{"entry": {"id": "faq:x", "text": "It is."}}]}], "trace": {"parts": []}},
    "Yes, it is.",
    4,
    "policy",
    "en",
    "composer",
    "Ada",
)


def test_an_example_to_learn_from_has_its_evidence_and_no_personal_data() -> None:
    found = example(DECIDED)
    assert "mia" not in json.dumps(found)
    assert found["draft"] == "Yes, for ⟨email-1⟩." and found["question"] == "is it for ⟨email-1⟩?"
    assert found["evidence"] == [{"id": "faq:x", "text": "It is."}]
    assert (found["action"], found["edit_distance"], found["reply"]) == ("edit", 4, "Yes, it is.")
    assert example(replace(DECIDED, draft=None, trace=None))["evidence"] is None


def test_nothing_decided_is_nothing_to_export(store: Store) -> None:
    assert list(decision_lines(store)) == []
