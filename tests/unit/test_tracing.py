"""Traces reach a collector as it reads them, hold no word of a message, and hold nothing up where it is away."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from assistant.observing import StageSeen, TurnSeen
from assistant.pipeline import Assistant
from assistant.types import Turn
from ui.operations import make_traces

ROOT = Path(__file__).parents[2]
SECRET = "planted-7f3a"
needs_sender = pytest.mark.skipif(
    importlib.util.find_spec("opentelemetry.exporter") is None, reason="deploy/requirements.txt is not installed"
)


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector's URL, and the bodies it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/traces", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def spans_of(bodies: list[bytes]) -> list[Any]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    parsed = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    return [
        span
        for request in parsed
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@needs_sender
async def test_a_turn_is_a_trace_with_a_span_a_stage(assistant: Assistant) -> None:
    with collector() as (url, bodies):
        traces = make_traces(url)
        assert traces is not None
        watched = Assistant(assistant.catalogue, observers=(traces,))
        await watched.answer(Turn("c-1", f"show me tents under $200 {SECRET}", shopper=SECRET))
        traces.close()

    spans = {span.name: span for span in spans_of(bodies)}
    assert set(spans) == {"turn", "understand", "retrieve", "generate"}
    whole = spans["turn"]
    for name in ("understand", "retrieve", "generate"):
        assert spans[name].trace_id == whole.trace_id and spans[name].parent_span_id == whole.span_id
        assert whole.start_time_unix_nano <= spans[name].start_time_unix_nano <= spans[name].end_time_unix_nano
    assert [event.name for event in spans["generate"].events] == ["first text"]
    said = {attribute.key: attribute.value for attribute in whole.attributes}
    assert said["shopkeeper.intent"].string_value == "find" and said["shopkeeper.products"].int_value == 2
    assert SECRET.encode() not in b"".join(bodies) and b"Fernway" not in b"".join(bodies)


@needs_sender
def test_a_turn_that_failed_is_an_error() -> None:
    with collector() as (url, bodies):
        traces = make_traces(url)
        assert traces is not None
        traces.ended(TurnSeen(Turn("c", "x"), "failed", 10, 30, (StageSeen("understand", 10, 30),)))
        traces.close()

    (whole,) = (span for span in spans_of(bodies) if span.name == "turn")
    assert whole.status.code == 2  # STATUS_CODE_ERROR
    assert (whole.start_time_unix_nano, whole.end_time_unix_nano) == (10, 30)


@needs_sender
def test_a_collector_that_is_away_holds_up_neither_turn_nor_end() -> None:
    traces = make_traces("http://127.0.0.1:9/v1/traces")
    assert traces is not None
    started = time.monotonic()
    traces.ended(TurnSeen(Turn("c", "x"), "done", 10, 30))
    assert time.monotonic() - started < 0.1
    traces.close()
    assert time.monotonic() - started < 4


def test_nothing_is_imported_without_a_collector_and_what_is_missing_is_said_with_one() -> None:
    program = (
        "import sys, ui.operations as o\n"
        "assert o.make_traces('') is None and 'ui.tracing' not in sys.modules\n"
        "sys.modules['opentelemetry.exporter'] = None\n"
        "try: o.make_traces('http://127.0.0.1:4318/v1/traces')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("SettingsError"), done.stderr
    assert "pip install -r deploy/requirements.txt" in done.stdout


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://collector", "http://", "4318"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="OTLP_ENDPOINT"):
        make_traces(endpoint)
