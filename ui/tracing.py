"""Traces of turns for OpenTelemetry: one span a turn, one inside it for each stage.

In: turns that are over, and where a collector listens (OTLP over HTTP). Out: their spans, sent in batches by a thread
that no turn waits for. Attributes are names and counts, never a word of a message. Imported only where the settings
name a collector: its packages are in deploy/requirements.txt.
"""

from __future__ import annotations

from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from assistant.observing import TurnSeen
from assistant.types import Turn

_SERVICE: Final = "shopkeeper"
_EXPORT_S: Final = 5  # for one batch; a collector that is away must not hold up the end
_FLUSH_MS: Final = 2000


class Traces:
    """A `TurnObserver` that sends a trace of each turn. `close` sends what is left."""

    def __init__(self, endpoint: str) -> None:
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_S)
        # A provider of its own: other libraries' spans, which may hold what was said, are not sent.
        self._provider = TracerProvider(resource=Resource.create({"service.name": _SERVICE}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(__name__)

    def began(self, turn: Turn) -> None:
        """Nothing is sent before a turn is over."""

    def ended(self, seen: TurnSeen) -> None:
        """Hand its spans to the sender."""
        whole = self._tracer.start_span("turn", start_time=seen.started_ns, attributes=_attributes(seen))
        within = set_span_in_context(whole)
        for stage in seen.stages:
            span = self._tracer.start_span(stage.name, within, start_time=stage.started_ns)
            if seen.first_text_ns is not None and stage.started_ns <= seen.first_text_ns <= stage.ended_ns:
                span.add_event("first text", timestamp=seen.first_text_ns)
            span.end(stage.ended_ns)
        if seen.outcome == "failed":
            whole.set_status(Status(StatusCode.ERROR))
        whole.end(seen.ended_ns)

    def close(self) -> None:
        """Send what is left, for two seconds at most."""
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()


def _attributes(seen: TurnSeen) -> dict[str, str | int | bool]:
    found: dict[str, str | int | bool] = {
        "shopkeeper.conversation": seen.turn.conversation_id,
        "shopkeeper.outcome": seen.outcome,
    }
    if (reply := seen.reply) is not None:
        found |= {
            "shopkeeper.intent": reply.query.intent,
            "shopkeeper.language": reply.query.language,
            "shopkeeper.model": reply.model,
            "shopkeeper.products": len(reply.products),
            "shopkeeper.citations": len(reply.citations),
            "shopkeeper.findings": len(reply.findings),
            "shopkeeper.answered": reply.answered,
            "shopkeeper.fallback": reply.fallback is not None,
            "shopkeeper.handoff": reply.handoff is not None,
        }
    return found
