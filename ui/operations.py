"""What those who run the server need: figures, readiness, an orderly end.

In: an application. Out: the same with /healthz, /readyz and /metrics, its requests counted, and new messages refused
once it is about to end. It knows no shop and no message.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from assistant.config import PREFIX
from assistant.errors import SettingsError
from assistant.places import Places
from assistant.webhooks import Deliveries, make_deliveries
from ui.api.service import Service
from ui.logs import LogRequests, TurnLog
from ui.metrics import CountRequests, Metrics, metrics_response
from ui.serving import Drain, Draining

if TYPE_CHECKING:
    from ui.tracing import Traces


def add_operations(app: FastAPI, service: Service, places: Places, running: Callable[[], int]) -> None:
    """Add the three routes, and `metrics`, `drain`, the `observers` of turns and what delivers webhooks to the state.

    `running` counts the answers that no request stays open for.

    Raises:
        SettingsError: where webhooks go, or how they are signed, is not written as it must be.
    """
    opening, settings, store = service.opening, service.settings, service.store
    drain = app.state.drain = Drain(settings.drain_s)
    drain.count_also(running)
    metrics = app.state.metrics = Metrics()
    app.state.observers = (metrics, TurnLog())
    store.database.on_write = metrics.store_write_seconds.observe
    app.state.deliveries = make_deliveries(settings, store, lambda *outcome: metrics.webhooks.labels(*outcome).inc())
    metrics.count_waiting(lambda: places.waiting)
    app.add_middleware(Draining, drain=drain)

    @app.get("/healthz")
    async def healthz() -> Response:
        """The process is alive."""
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> Response:
        """The index and the model are there, and messages are taken."""
        if drain.draining:
            return JSONResponse({"ready": False, "reason": "the server is about to end"}, 503)
        if not opening.done():
            return JSONResponse({"ready": False, "reason": "the index is being loaded"}, 503)
        if opening.exception() is not None:
            return JSONResponse({"ready": False, "reason": "the assistant could not be started"}, 503)
        return JSONResponse({"ready": True, "model": opening.result().model})

    @app.get("/metrics")
    async def metrics_text(request: Request) -> Response:
        """Figures for Prometheus."""
        return metrics_response(metrics, settings.metrics_token, request.scope)


def count_requests(app: FastAPI) -> None:
    """Count and log what is answered, refusals included: to be called when all other middleware is there."""
    app.add_middleware(LogRequests)
    app.add_middleware(CountRequests, metrics=app.state.metrics)


@asynccontextmanager
async def delivering(app: FastAPI) -> AsyncIterator[None]:
    """Deliver webhooks while the application runs, where the settings name a receiver."""
    deliveries: Deliveries | None = app.state.deliveries
    tasks = [asyncio.create_task(deliveries.run())] if deliveries is not None else []
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def make_traces(endpoint: str) -> Traces | None:
    """What sends traces of turns; None where there is no collector.

    Raises:
        SettingsError: the endpoint is no URL, or what sends is not installed.
    """
    if not endpoint:
        return None
    if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname:
        raise SettingsError(f"{PREFIX}OTLP_ENDPOINT={endpoint!r}: write http://HOST:4318/v1/traces")
    try:
        from ui.tracing import Traces
    except ImportError as error:
        raise SettingsError(
            f"{PREFIX}OTLP_ENDPOINT needs {error.name}, which is not installed: pip install -r deploy/requirements.txt"
        ) from error
    return Traces(endpoint)
