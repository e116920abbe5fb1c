"""A circuit says whether a model may be asked now; the least loaded of those that may is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage

from assistant.generation.circuit import Circuit
from assistant.generation.upstreams import Upstream, least_loaded


class Now:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


def test_an_open_circuit_lets_one_draft_try_after_its_rest(now: Now) -> None:
    circuit = Circuit(limit=2, rest_s=10.0, clock=now)
    circuit.failed()
    assert circuit.admit()
    circuit.failed()
    assert not circuit.admit()
    assert str(circuit) == "failed 2 times in a row; next try in 10 s"
    now.at += 10
    assert circuit.admit()
    assert not circuit.admit()
    circuit.succeeded()
    assert circuit.admit()


def test_a_circuit_that_is_probed_keeps_drafts_away_until_a_probe_succeeds(now: Now) -> None:
    circuit = Circuit(limit=1, rest_s=2.0, probed=True, clock=now)
    circuit.failed()
    now.at += 60
    assert not circuit.admit()
    circuit.succeeded()
    assert circuit.admit()


def test_a_model_that_asks_for_rest_gets_it_within_reason(now: Now) -> None:
    circuit = Circuit(clock=now)
    circuit.rest(30)
    circuit.rest(5)
    assert not circuit.admit()
    assert not circuit.is_open
    assert str(circuit) == "asked for 30 s of rest"
    now.at += 30
    assert circuit.admit()
    circuit.rest(1e9)
    assert circuit.rest_left_s == 600


async def _nothing(_: list[BaseMessage]) -> AsyncIterator[AIMessageChunk]:
    yield AIMessageChunk("")


def test_the_least_loaded_upstream_is_asked_and_an_untried_one_before_one_that_failed(now: Now) -> None:
    a, b, c = (Upstream(name, _nothing, circuit=Circuit(limit=1, clock=now)) for name in "abc")
    a.running, b.running, c.running = 2, 1, 3
    assert least_loaded((a, b, c)) is b
    assert least_loaded((a, b, c), tried=(b, a)) is c
    b.circuit.failed()
    assert least_loaded((a, b, c)) is a
    a.circuit.rest(9)
    c.circuit.rest(9)
    assert least_loaded((a, b, c)) is None


def test_equals_are_asked_by_chance() -> None:
    upstreams = [Upstream(name, _nothing) for name in "abc"]
    assert {upstream.name for _ in range(60) if (upstream := least_loaded(upstreams))} == set("abc")
