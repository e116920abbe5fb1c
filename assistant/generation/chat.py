"""Any LangChain chat model as a `Drafter`: the one place where patience, retries and failures of models are handled.

In: a `BaseChatModel`, or several servers of one model, and a `Prompt`. Out: text deltas, or ModelTimeout /
ModelUnavailable with a message for the log. It knows no HTTP and no weights, and never looks into what the model wrote
beyond dropping its private reasoning.

A failure before the first word is tried again, at another server at once, at the same one after a pause; never after
a word. Each upstream has a circuit: while it is open nobody waits for it, and a probe of a few tokens says when it is
back.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from itertools import count

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.config import Settings
from assistant.errors import ModelError, ModelTimeout, ModelUnavailable
from assistant.generation.upstreams import Failure, Stream, Upstream, least_loaded
from assistant.types import Prompt

log = logging.getLogger(__name__)

_MESSAGES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_MOST_CALLS = 3
_RETRY_BASE_S = 0.15
_RETRY_WITHIN_S = 1.5  # of the first failure: a shopper gets the composer's answer rather than wait for more
_CANCEL_PATIENCE_S = 1.0
_PROBE_PAUSE_S = 2.0
_PROBE_PATIENCE_S = 6.0
_PROBE: list[BaseMessage] = [HumanMessage("Say: yes")]
_PROBE_CHUNKS = 16  # from a server that ignores how many tokens it may write
# A server that ignores max_tokens is cut here: no tokenizer in use writes this many characters a token on average.
_CHARS_PER_TOKEN = 12


def _final(_: BaseException) -> Failure:
    return Failure()


class ChatDrafter:
    """A `Drafter` over one chat model, or over several upstreams that have the same one.

    `judge` says what a failure means. `needs_finish_reason`: a stream that ends without saying why counts as broken
    off. `close` frees the model.
    """

    def __init__(
        self,
        name: str,
        model: BaseChatModel | Sequence[Upstream],
        settings: Settings,
        count_tokens: Callable[[str], int],
        *,
        judge: Callable[[BaseException], Failure] = _final,
        needs_finish_reason: bool = False,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self._model = model
        self._upstreams = (Upstream(name, _stream_of(model)),) if isinstance(model, BaseChatModel) else tuple(model)
        self._settings = settings
        self._count_tokens = count_tokens
        self._judge = judge
        self._needs_finish_reason = needs_finish_reason
        self._close = close
        self._closed = False
        self._running: set[asyncio.Task[None]] = set()
        self._probes: dict[Upstream, asyncio.Task[None]] = {}

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to this model."""
        return self._count_tokens(text)

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        """The draft as it is written; see `Drafter.draft`."""
        if self._closed:
            raise ModelUnavailable(f"{self.name} is closed")
        first_by = _now() + self._settings.first_token_timeout_s
        again_by = first_by
        tried: list[Upstream] = []
        for calls in count(1):
            upstream = self._next(tried)
            wrote = False
            upstream.running += 1
            try:
                silent_by = self._silent_by(upstream, tried, first_by)
                async with aclosing(self._attempt(upstream, prompt, silent_by)) as deltas:
                    async for delta in deltas:
                        wrote = True
                        yield delta
                upstream.circuit.succeeded()
                return
            except ModelError as error:
                failure = self._learn(upstream, error, tried)
                again_by = min(again_by, _now() + _RETRY_WITHIN_S)
                tried.append(upstream)
                last = wrote or calls == _MOST_CALLS or self._closed
                wait = None if last else self._wait_before_retry(failure, tried, again_by)
                if wait is None:
                    log.warning("%s", error)
                    raise
                log.info("%s; trying again in %.2f s", error, wait)
            finally:
                upstream.running -= 1
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Cancel what is running, wait for it, free the model."""
        self._closed = True
        tasks = {*self._running, *self._probes.values()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_PATIENCE_S)
        if self._close is not None:
            await self._close()

    def _next(self, tried: Sequence[Upstream]) -> Upstream:
        """The upstream to ask.

        Raises:
            ModelUnavailable: none may be asked now.
        """
        upstream = least_loaded(self._upstreams, tried)
        if upstream is None or not upstream.circuit.admit():
            for each in self._upstreams:
                self._start_probe(each)
            raise ModelUnavailable("; ".join(f"{each.name} {each.circuit}" for each in self._upstreams))
        return upstream

    def _silent_by(self, upstream: Upstream, tried: Sequence[Upstream], first_by: float) -> float:
        """Until when its first word is waited for: half of what is left while another server could be asked."""
        if self._others(upstream, *tried):
            return _now() + (first_by - _now()) / 2
        return first_by

    def _others(self, *tried: Upstream) -> bool:
        return any(upstream.circuit.admits for upstream in self._upstreams if upstream not in tried)

    async def _attempt(self, upstream: Upstream, prompt: Prompt, first_by: float) -> AsyncGenerator[str, None]:
        """One request. The model is read in a task of its own, so that one that will not be cancelled holds nobody."""
        settings = self._settings
        deltas: asyncio.Queue[str | None] = asyncio.Queue()
        reader = asyncio.create_task(self._read(upstream.stream, prompt, deltas))
        reader.add_done_callback(lambda _: deltas.put_nowait(None))
        reader.add_done_callback(self._running.discard)
        self._running.add(reader)
        began = _now()
        reply_by = began + settings.reply_timeout_s
        wrote = False
        deadline = first_by
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(deadline, reply_by)):
                        delta = await deltas.get()
                except TimeoutError:
                    what = "next" if wrote else "first"
                    limit = settings.next_token_timeout_s if wrote else max(0.0, round(first_by - began, 1))
                    if wrote and reply_by < deadline:
                        what, limit = "last", settings.reply_timeout_s
                    raise ModelTimeout(f"{upstream.name}: no {what} token within {limit:g} s") from None
                if delta is None:
                    break
                wrote = wrote or bool(delta.strip())
                yield delta
                deadline = _now() + settings.next_token_timeout_s if wrote else deadline
            _raise_failure(upstream.name, reader, wrote)
        finally:
            reader.cancel()
            await asyncio.wait({reader}, timeout=_CANCEL_PATIENCE_S)

    async def _read(self, ask: Stream, prompt: Prompt, deltas: asyncio.Queue[str | None]) -> None:
        """Read the model's stream to its end, passing its text on."""
        messages = [_MESSAGES[role](content=content) for role, content in prompt.messages]
        room = self._settings.max_new_tokens * _CHARS_PER_TOKEN
        reasoning = ReasoningFilter()
        finished = False
        # `ask` gives an async generator behind the type AsyncIterator; closing it is what cancels the request.
        stream = ask(messages)
        try:
            async for chunk in stream:
                finished = finished or bool(chunk.response_metadata.get("finish_reason"))
                if text := reasoning.feed(chunk.text)[:room]:
                    deltas.put_nowait(text)
                    room -= len(text)
                if room <= 0:
                    log.info(
                        "%s wrote past its limit of %s tokens and was cut", self.name, self._settings.max_new_tokens
                    )
                    return
        finally:
            if (aclose := getattr(stream, "aclose", None)) is not None:
                await aclose()
        if rest := reasoning.flush()[:room]:
            deltas.put_nowait(rest)
        if self._needs_finish_reason and not finished:
            raise ConnectionError("the stream ended without a finish reason")

    def _learn(self, upstream: Upstream, error: ModelError, tried: Sequence[Upstream]) -> Failure:
        """What a failed attempt means, told to the upstream's circuit; a draft counts once, however often it tried."""
        cause = error.__cause__
        if cause is None and not isinstance(error, ModelTimeout):
            return Failure()  # the model's own refusal (busy): no sign of a broken one
        failure = Failure(elsewhere=True) if cause is None else self._judge(cause)
        if failure.rest_s:
            upstream.circuit.rest(failure.rest_s)
        elif upstream not in tried:
            upstream.circuit.failed()
            self._start_probe(upstream)
        return failure

    def _wait_before_retry(self, failure: Failure, tried: Sequence[Upstream], again_by: float) -> float | None:
        """Seconds until the next try; None where another try is no use or would come too late."""
        if failure.elsewhere and self._others(*tried):
            return 0.0
        if not failure.again or tried[-1].circuit.is_open:
            return None
        # Jitter keeps many shoppers from coming back at the same instant.
        wait = failure.rest_s + _RETRY_BASE_S * 2 ** (len(tried) - 1) * random.uniform(0.5, 1.0)
        return wait if _now() + wait < again_by else None

    def _start_probe(self, upstream: Upstream) -> None:
        """Look after an upstream whose circuit is open, unless somebody does."""
        if upstream.probe is None or not upstream.circuit.is_open or self._closed:
            return
        running = self._probes.get(upstream)
        if running is None or running.done():
            self._probes[upstream] = asyncio.create_task(self._probe(upstream, upstream.probe))

    async def _probe(self, upstream: Upstream, ask: Stream) -> None:
        """Ask for a few tokens, again and again, until they come."""
        circuit = upstream.circuit
        log.warning("%s %s", upstream.name, circuit)
        while circuit.is_open:
            await asyncio.sleep(max(circuit.rest_left_s, _PROBE_PAUSE_S * random.uniform(0.75, 1.25)))
            reader = asyncio.create_task(_is_back(ask))
            try:
                await asyncio.wait({reader}, timeout=_PROBE_PATIENCE_S)
            finally:
                reader.cancel()
                await asyncio.wait({reader}, timeout=_CANCEL_PATIENCE_S)
            if not reader.done() or reader.cancelled():
                continue
            error = reader.exception()
            if error is None:
                circuit.succeeded()
                log.warning("%s is back", upstream.name)
            elif rest_s := self._judge(error).rest_s:
                circuit.rest(rest_s)


def _stream_of(model: BaseChatModel) -> Stream:
    return lambda messages: model.astream(messages)


async def _is_back(ask: Stream) -> None:
    """Return when an upstream has answered as it should."""
    n_chunks = 0
    async with aclosing(ask(_PROBE)) as stream:  # type: ignore[type-var]
        async for chunk in stream:
            n_chunks += bool(chunk.text)
            if chunk.response_metadata.get("finish_reason") or n_chunks >= _PROBE_CHUNKS:
                return
    raise ConnectionError("the stream ended without a finish reason")


def _raise_failure(name: str, reader: asyncio.Task[None], wrote: bool) -> None:
    """Raise what went wrong in a finished reader, as a ModelError; return where nothing did."""
    if reader.cancelled():
        raise ModelUnavailable(f"{name} was closed")
    error = reader.exception()
    if isinstance(error, ModelError):
        raise error
    if error is not None:
        log.debug("%s failed", name, exc_info=error)
        reason = " ".join(str(error).split())[:200]
        raise ModelUnavailable(f"{name}: {type(error).__name__}: {reason}") from error
    if not wrote:
        raise ModelUnavailable(f"{name} wrote nothing") from ValueError("empty draft")


class ReasoningFilter:
    """Drops a leading <think>…</think> block from streamed text: some models think aloud before they answer."""

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, delta: str) -> str:
        """The part of the text so far that may be passed on now; "" while undecided or inside the block."""
        if self._state == "open":
            return delta
        self._held += delta
        if self._state == "start":
            text = self._held.lstrip()
            if len(text) < len(self._OPEN) and self._OPEN.startswith(text):
                return ""
            if not text.startswith(self._OPEN):
                self._state, self._held = "open", ""
                return text
            self._state = "reasoning"
        _, found, after = self._held.partition(self._CLOSE)
        if not found:
            self._held = self._held[-len(self._CLOSE) :]
            return ""
        self._state, self._held = ("open", "") if after.strip() else ("start", "")
        return after.lstrip()

    def flush(self) -> str:
        """What was held back when the stream ended: an unfinished tag is text, unfinished reasoning is not."""
        return self._held if self._state == "start" else ""


def estimate_tokens(text: str) -> int:
    """An upper estimate for models whose tokenizer is out of reach: a token a Chinese character, else one in three."""
    wide = len(re.findall(r"[^\x00-\u02ff]", text))
    return wide + (len(text) - wide + 2) // 3


def _now() -> float:
    return asyncio.get_running_loop().time()
