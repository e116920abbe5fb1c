"""Figures for Prometheus: how many turns, how long they took, what was found wrong, what is waiting.

In: turns that are over, and requests on their way. Out: the text of /metrics. Labels hold names from short lists, never
a word of a message, an id, an address or a path that a caller wrote.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.observing import TurnSeen
from assistant.types import Turn

_SHORT_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LONG_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45, 90)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_NEAR: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


class Metrics:
    """The figures of one server process. It is a `TurnObserver`: the turns it is told of are counted."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which nobody asks for
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        prefix = "shopkeeper"
        self.turns = Counter(
            f"{prefix}_turns", "Turns that are over.", ("outcome", "intent", "language"), registry=registry
        )
        self.turn_seconds = Histogram(
            f"{prefix}_turn_seconds", "From a turn's beginning to its end.", ("outcome",), buckets=_LONG_S,
            registry=registry,
        )  # fmt: skip
        self.stage_seconds = Histogram(
            f"{prefix}_stage_seconds", "How long a stage of a turn took.", ("stage",), buckets=_LONG_S,
            registry=registry,
        )  # fmt: skip
        self.first_text_seconds = Histogram(
            f"{prefix}_first_text_seconds", "From a turn's beginning to its first words.", buckets=_LONG_S,
            registry=registry,
        )  # fmt: skip
        self.running = Gauge(f"{prefix}_turns_running", "Turns that are being answered.", registry=registry)
        self.waiting = Gauge(f"{prefix}_turns_waiting", "Turns in the line for a place.", registry=registry)
        self.fallbacks = Counter(
            f"{prefix}_fallbacks", "Replies that the composer wrote in the model's place.", registry=registry
        )
        self.unanswered = Counter(
            f"{prefix}_unanswered", "Replies for which the shop's data had no answer.", registry=registry
        )
        self.findings = Counter(
            f"{prefix}_findings", "What checks found in drafts.", ("check", "action"), registry=registry
        )
        self.handoffs = Counter(f"{prefix}_handoffs", "Replies that ask for a person.", registry=registry)
        self.open_streams = Gauge(
            f"{prefix}_open_streams", "Answers of server-sent events that are open.", registry=registry
        )
        self.requests = Counter(
            f"{prefix}_requests", "HTTP requests answered.", ("method", "route", "status"), registry=registry
        )
        self.request_seconds = Histogram(
            f"{prefix}_request_seconds", "From an HTTP request to the first byte of its answer.", ("method", "route"),
            buckets=_LONG_S, registry=registry,
        )  # fmt: skip
        self.store_write_seconds = Histogram(
            f"{prefix}_store_write_seconds", "One transaction of the store, waiting for the disk included.",
            buckets=_SHORT_S, registry=registry,
        )  # fmt: skip
        self.webhooks = Counter(
            f"{prefix}_webhooks", "Attempts to deliver a webhook.", ("event", "outcome"), registry=registry
        )

    def count_waiting(self, waiting: Callable[[], int]) -> None:
        """Say where to look how many turns wait in the line."""
        self.waiting.set_function(waiting)

    def began(self, turn: Turn) -> None:
        """A turn is being answered from now on."""
        self.running.inc()

    def ended(self, seen: TurnSeen) -> None:
        """A turn is over."""
        self.running.dec()
        self.turn_seconds.labels(seen.outcome).observe(seen.seconds)
        for stage in seen.stages if seen.outcome == "done" else seen.stages[:-1]:  # the last one was cut short
            self.stage_seconds.labels(stage.name).observe(stage.seconds)
        if seen.first_text_ns is not None:
            self.first_text_seconds.observe((seen.first_text_ns - seen.started_ns) / 1e9)
        reply = seen.reply
        if reply is None:
            self.turns.labels(seen.outcome, "", "").inc()
            return
        self.turns.labels(seen.outcome, reply.query.intent, reply.query.language).inc()
        self.fallbacks.inc(reply.fallback is not None)
        self.unanswered.inc(not reply.answered)
        self.handoffs.inc(reply.handoff is not None)
        for finding in reply.findings:
            self.findings.labels(finding.check, finding.action).inc()

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self.registry)


class CountRequests:
    """Counts requests by method, route and status, and the streams that are open."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"
        streaming = False

        async def counted(message: Message) -> None:
            nonlocal streaming
            if message["type"] == "http.response.start":
                route = route_of(scope)
                self._metrics.requests.labels(method, route, str(message["status"])).inc()
                self._metrics.request_seconds.labels(method, route).observe(time.perf_counter() - started)
                streaming = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
                self._metrics.open_streams.inc(streaming)
            await send(message)

        try:
            return await self._app(scope, receive, counted)
        finally:
            self._metrics.open_streams.dec(streaming)


def route_of(scope: Scope) -> str:
    """The route as the application wrote it ("/v1/products/{id}"), never the path as the caller did."""
    for found in (scope.get("route"), scope.get("endpoint")):
        path = getattr(found, "path", None)
        if isinstance(path, str):
            mounted = "/v1" if scope.get("root_path") == "/v1" else ""
            return mounted + path or "/"
    return "none"


def metrics_response(metrics: Metrics, token: str, scope: Scope) -> Response:
    """The answer to GET /metrics. With a `token` whoever sends it as a bearer is answered.

    Without one, those in the same network are: a loopback or private address, and no proxy in between that says so.
    """
    headers = Headers(scope=scope)
    if token:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        allowed = secrets.compare_digest(given.encode(), token.encode())
    else:
        allowed = _is_near(scope) and not any(name in headers for name in _FORWARDED)
    if not allowed:
        return PlainTextResponse("Forbidden", 403)
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"cache-control": "no-store"})


def _is_near(scope: Scope) -> bool:
    try:
        address = ipaddress.ip_address((scope.get("client") or ("",))[0].split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in _NEAR if network.version == mapped.version)
