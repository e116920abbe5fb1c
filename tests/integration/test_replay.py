"""What an answer was made of is kept beside it and makes the same answer again, without catalogue and model."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from assistant.errors import ModelUnavailable
from assistant.pipeline import Assistant
from assistant.replay import differences, replay
from assistant.store import NewMessage, Store, reply_json
from assistant.trace import Trace
from assistant.types import Message, Reply, Turn
from tests.fakes import FakeDrafter, LyingDrafter, Script

ENGLISH = [
    "show me tents under $200", "the second one in red?",
    "how long can I return things, and what is your cheapest tent?",
    "compare your tents", "is the first one lighter?", "can you gift wrap it?", "let me talk to a person",
    "how many tents in red?", "where is my order 1001?", "thanks", "do you sell surfboards?", "我想要一个帐篷",
    "cancel my order A1001", "I want to return the Enamel Mug", "put the Enamel Mug into my cart", "the second one?",
]  # fmt: skip
CHINESE = ["有没有防水的帐篷？", "多少钱？", "可以退货吗？", "订单到哪里了？"]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.at_url(database_url)
    yield opened
    opened.close()


async def answered(assistant: Assistant, turn: Turn) -> tuple[Reply, Trace]:
    async with aclosing(assistant.stream(turn)) as events:
        async for event in events:
            if event.kind == "done":
                return event.data["reply"], event.data["trace"]
    raise AssertionError("it ended without a last word")


async def conversation(assistant: Assistant, texts: list[str]) -> AsyncIterator[tuple[Reply, Trace]]:
    history: tuple[Message, ...] = ()
    for text in texts:
        reply, trace = await answered(assistant, Turn("c", text, history, shopper="ada", page_product_id="mug"))
        history = (*history, Message("shopper", text), reply.as_message())
        yield reply, trace


async def kept_and_replayed(store: Store, reply: Reply, trace: Trace) -> None:
    message_id = store.append_messages([NewMessage("c", "assistant", reply.text or "-", reply, trace=trace)])[0]
    kept = store.trace(message_id)
    assert kept == trace
    assert kept is not None
    again = await replay(kept)
    assert again == replace(reply, timings_ms=again.timings_ms)
    assert differences(json.loads(json.dumps(reply_json(reply))), again) == ()


async def test_the_composers_answers_are_made_again_to_the_letter(
    store: Store, assistant: Assistant, assistant_zh: Assistant
) -> None:
    replies = []
    for one, texts in ((assistant, ENGLISH), (assistant_zh, CHINESE)):
        async for reply, trace in conversation(one, texts):
            assert trace.asked is None and trace.prompt == ()
            await kept_and_replayed(store, reply, trace)
            replies.append(reply)
    assert any(reply.orders for reply in replies) and any(reply.proposals for reply in replies)


@pytest.mark.parametrize(
    "script",
    [
        "The tents are all good [1]. They cost what the shop says [1]. Take the first one, it is sturdy [1].",
        ["It is a tent [1]. ", "And it", ModelUnavailable("the server broke off")],
        [ModelUnavailable("no server")],
        "Yes.",
        "",
    ],
)
async def test_a_models_answer_is_made_again_from_what_it_wrote(
    store: Store, assistant: Assistant, script: Script
) -> None:
    drafter = FakeDrafter(script)
    async for reply, trace in conversation(replace(assistant, drafter=drafter), ENGLISH[:5]):
        if trace.asked is not None:
            assert trace.asked == "fake"
            assert trace.prompt == drafter.prompts[-1].messages
        await kept_and_replayed(store, reply, trace)
    assert drafter.prompts


async def test_what_the_checks_changed_is_in_the_trace(store: Store, assistant: Assistant) -> None:
    drafter = LyingDrafter("wrong price", truth="It is a fine tent for two people and a dog [1].")
    reply, trace = await answered(replace(assistant, drafter=drafter), Turn("c", ENGLISH[0]))
    assert reply.findings
    assert trace.changed and all(change.sentence in trace.draft for change in trace.changed)
    await kept_and_replayed(store, reply, trace)


async def test_a_change_of_the_program_shows_as_a_difference(assistant: Assistant) -> None:
    reply, trace = await answered(assistant, Turn("c", ENGLISH[0]))
    stored = reply_json(reply) | {"text": "what an older program said", "of another version": 1}
    assert differences(stored, await replay(trace)) == ("text",)


async def test_a_record_is_kept_once_and_in_each_state_in_which_it_was_used(store: Store, assistant: Assistant) -> None:
    reply, trace = await answered(assistant, Turn("c", ENGLISH[0]))
    for _ in range(3):
        store.append_messages([NewMessage("c", "assistant", reply.text, reply, trace=trace)])
    n_hits = len(trace.parts[0].evidence.hits)
    with store.database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM trace_hits")).scalar() == 3 * n_hits
        assert connection.execute(sa.text("SELECT count(*) FROM records")).scalar() == n_hits


async def test_a_trace_does_not_grow_with_the_conversation(assistant: Assistant) -> None:
    before = tuple(
        message
        for n in range(200)
        for message in (Message("shopper", f"words of long ago {n}"), Message("assistant", f"answer {n}"))
    )
    reply, trace = await answered(assistant, Turn("c", "do you sell surfboards?", before))
    assert "long ago 150" not in str(trace.turn) and "long ago 199" in str(trace.turn)
    again = await replay(trace)
    assert again == replace(reply, timings_ms=again.timings_ms)


def test_an_answer_is_found_by_its_id_its_messages_or_its_turns(store: Store) -> None:
    store.create_conversation("c")
    asked, answer = store.append_messages([NewMessage("c", "shopper", "a"), NewMessage("c", "assistant", "b")])
    turn = store.post_turn("c", "one")
    other = store.post_turn("c", "two")
    message = store.finish_turn(turn.id, "stopped", "1", None, lambda _: []).message
    assert message is not None

    assert store.answer_named(str(asked)) == store.answer_named(str(answer)) == answer
    assert store.answer_named(turn.id) == store.answer_named(str(turn.message_id)) == message.id
    for name in (other.id, str(other.message_id), "nothing", "4711"):
        assert store.answer_named(name) is None
    assert store.trace(answer) is None
