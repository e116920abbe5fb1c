"""Observers are told of every turn once, however it comes out, and change nothing of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from assistant.observing import TurnSeen, observed
from assistant.pipeline import Assistant
from assistant.types import Event, Query, Reply, Turn
from tests.fakes import FakeDrafter

TURN = Turn("c", "hello")


class Seen:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[Turn] = []
        self.over: list[TurnSeen] = []

    def began(self, turn: Turn) -> None:
        self.begun.append(turn)

    def ended(self, seen: TurnSeen) -> None:
        self.over.append(seen)


async def events(*kinds: str, fails: bool = False) -> AsyncGenerator[Event]:
    for kind in kinds:
        if kind in ("retrieve", "generate"):
            yield Event("status", {"stage": kind, "text": ""})
        elif kind == "text":
            yield Event("text", {"delta": "word"})
        elif kind == "error":
            yield Event("error", {"message": "", "retry": True})
        else:
            yield Event("done", {"reply": Reply("word", Query("hello", ("find",)))})
    if fails:
        raise RuntimeError("broken")


async def test_a_whole_turn_is_told_of_with_its_stages_and_reply() -> None:
    seen = Seen()
    passed = [e.kind async for e in observed(TURN, events("retrieve", "generate", "text", "done"), (seen,))]

    assert passed == ["status", "status", "text", "done"]
    assert seen.begun == [TURN]
    (over,) = seen.over
    assert over.outcome == "done" and over.reply is not None
    assert [stage.name for stage in over.stages] == ["understand", "retrieve", "generate"]
    assert over.started_ns == over.stages[0].started_ns and over.stages[-1].ended_ns == over.ended_ns
    assert all(before.ended_ns == after.started_ns for before, after in zip(over.stages, over.stages[1:], strict=False))
    assert over.first_text_ns is not None and over.started_ns <= over.first_text_ns <= over.ended_ns
    assert over.seconds >= sum(stage.seconds for stage in over.stages) - 1e-9


async def test_a_turn_that_breaks_or_ends_in_an_error_has_failed() -> None:
    seen = Seen()
    with pytest.raises(RuntimeError):
        _ = [e async for e in observed(TURN, events("retrieve", fails=True), (seen,))]
    _ = [e async for e in observed(TURN, events("retrieve", "error"), (seen,))]

    assert [over.outcome for over in seen.over] == ["failed", "failed"]
    assert seen.over[0].first_text_ns is None and seen.over[0].reply is None


async def test_a_turn_that_is_closed_was_stopped_and_closes_what_it_watches(assistant: Assistant) -> None:
    seen, drafter = Seen(), FakeDrafter(["The tent ", "is nice. ", "So ", "it is."], delay_s=0.01)
    watched = Assistant(assistant.catalogue, drafter, observers=(seen,))
    stream = watched.stream(Turn("c", "show me tents"))
    async for event in stream:
        if event.kind == "status" and event.data["stage"] == "generate":
            break
    await stream.aclose()

    (over,) = seen.over
    assert over.outcome == "stopped"
    assert [stage.name for stage in over.stages] == ["understand", "retrieve", "generate"]
    assert drafter.running == 0


async def test_a_reply_that_was_given_counts_as_done_though_nobody_waits_for_the_end(assistant: Assistant) -> None:
    seen = Seen()
    watched = Assistant(assistant.catalogue, observers=(seen,))
    await watched.answer(Turn("c", "show me tents"))

    assert [over.outcome for over in seen.over] == ["done"]
