"""Figures count what happened, and no label holds anything that a caller wrote."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.errors import ModelUnavailable
from assistant.observing import TurnSeen
from assistant.pipeline import Assistant
from assistant.types import Turn
from tests.fakes import FakeDrafter, LyingDrafter
from ui.metrics import CountRequests, Metrics, metrics_response

SECRET = "planted-7f3a"


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"shopkeeper_{name}", labels)


def scope(client: str = "127.0.0.1", **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {"type": "http", "method": "GET", "path": "/metrics", "client": (client, 1), "headers": raw}


async def test_turns_stages_findings_and_fallbacks_are_counted(assistant: Assistant) -> None:
    metrics = Metrics()
    for drafter in (LyingDrafter("wrong price"), FakeDrafter([ModelUnavailable(SECRET)])):
        watched = Assistant(assistant.catalogue, drafter, observers=(metrics,))
        await watched.answer(Turn(f"c-{SECRET}", f"show me tents under $200 {SECRET}", shopper=SECRET))
    text = metrics.text().decode()

    assert value(metrics, "turns_total", outcome="done", intent="find", language="en") == 2
    assert value(metrics, "fallbacks_total") == 1
    for stage in ("understand", "retrieve", "generate"):
        assert value(metrics, "stage_seconds_count", stage=stage) == 2
    assert value(metrics, "first_text_seconds_count") == 2
    assert value(metrics, "turns_running") == 0
    assert "shopkeeper_findings" in {family.name for family in text_string_to_metric_families(text)}
    assert SECRET not in text and "Fernway" not in text


async def test_what_was_stopped_is_counted_without_its_broken_stage(assistant: Assistant) -> None:
    metrics = Metrics()
    watched = Assistant(assistant.catalogue, FakeDrafter([5.0]), observers=(metrics,))
    stream = watched.stream(Turn("c", "show me tents"))
    async for event in stream:
        if event.data.get("stage") == "generate":
            assert value(metrics, "turns_running") == 1
            break
    await stream.aclose()

    assert value(metrics, "turns_total", outcome="stopped", intent="", language="") == 1
    assert value(metrics, "stage_seconds_count", stage="retrieve") == 1
    assert value(metrics, "stage_seconds_count", stage="generate") is None
    assert value(metrics, "turns_running") == 0


def test_the_line_is_looked_at_when_figures_are_asked_for() -> None:
    metrics, waiting = Metrics(), [3]
    metrics.count_waiting(lambda: waiting[0])

    assert value(metrics, "turns_waiting") == 3
    waiting[0] = 0
    assert value(metrics, "turns_waiting") == 0


def test_a_turn_that_failed_is_counted() -> None:
    metrics, turn = Metrics(), Turn("c", "x")
    metrics.began(turn)
    metrics.ended(TurnSeen(turn, "failed", 0, 2_000_000_000))

    assert value(metrics, "turns_total", outcome="failed", intent="", language="") == 1
    assert value(metrics, "turn_seconds_sum", outcome="failed") == 2


async def test_requests_are_counted_by_route_and_open_streams_while_they_are() -> None:
    metrics, during = Metrics(), []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        during.append(value(metrics, "open_streams"))

    async def nothing(*_: Any) -> Any: ...

    counted = CountRequests(application, metrics)
    await counted({**scope(), "method": "BREW", "path": f"/{SECRET}"}, nothing, nothing)

    assert during == [1]
    assert value(metrics, "open_streams") == 0
    assert value(metrics, "requests_total", method="other", route="none", status="200") == 1
    assert SECRET not in metrics.text().decode()


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("::ffff:10.1.2.3", {}, 200),
        ("fe80::1%eth0", {}, 200),
        ("203.0.113.9", {}, 403),
        ("2001:4860::1", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"x_forwarded_for": "203.0.113.9"}, 403),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}, 403),
    ],
)
def test_without_a_token_only_the_same_network_reads_the_figures(
    client: str, headers: dict[str, str], status: int
) -> None:
    assert metrics_response(Metrics(), "", scope(client, **headers)).status_code == status


@pytest.mark.parametrize(
    ("authorization", "status"), [("Bearer t0ken", 200), ("Bearer other", 403), ("", 403), ("Bearer tökén", 403)]
)
def test_with_a_token_whoever_sends_it_reads_the_figures(authorization: str, status: int) -> None:
    near, far = scope("127.0.0.1", authorization=authorization), scope("203.0.113.9", authorization=authorization)

    assert metrics_response(Metrics(), "t0ken", near).status_code == status
    assert metrics_response(Metrics(), "t0ken", far).status_code == status
