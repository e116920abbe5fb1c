"""What those who run the server need: figures, readiness, an orderly end.

In: an application. Out: the same with /healthz, /readyz and /metrics, its requests counted, and new messages refused
once it is about to end. It knows no shop and no message.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError
from assistant.places import Places
from ui.logs import LogRequests, TurnLog
from ui.metrics import CountRequests, Metrics, metrics_response
from ui.serving import Drain, Draining

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from ui.tracing import Traces


def add_operations(
    app: FastAPI, opening: Future[Assistant], places: Places, settings: Settings, running: Callable[[], int]
) -> None:
    """Add the three routes, and `metrics`, `drain` and the `observers` of turns to the application's state.

    `running` counts the answers that no request stays open for.
    """
    drain = app.state.drain = Drain(settings.drain_s)
    drain.count_also(running)
    metrics = app.state.metrics = Metrics()
    app.state.observers = (metrics, TurnLog())
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
