"""Any LangChain chat model as a `Drafter`: the one place where patience, retries and failures of models are handled.

In: a `BaseChatModel` and a `Prompt`. Out: text deltas, or ModelTimeout / ModelUnavailable with a message for the log.
It knows no HTTP and no weights, and never looks into what the model wrote beyond dropping its private reasoning.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from itertools import count
from time import monotonic

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.config import Settings
from assistant.errors import ModelError, ModelTimeout, ModelUnavailable
from assistant.types import Prompt

log = logging.getLogger(__name__)

_MESSAGES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_RETRIES = 2
_RETRY_BASE_S = 0.15
_CANCEL_PATIENCE_S = 1.0
# A server that ignores max_tokens is cut here: no tokenizer in use writes this many characters a token on average.
_CHARS_PER_TOKEN = 12

RetryAfter = Callable[[BaseException], float | None]
"""Seconds to wait at least before the same request is worth another try; None: it is not."""


def _never(_: BaseException) -> float | None:
    return None


class ChatDrafter:
    """A `Drafter` over one chat model.

    `retry_after` says which failures are worth another try; nothing is tried again once a word has been written.
    `needs_finish_reason`: a stream that ends without saying why counts as broken off. `close` frees the model.
    """

    def __init__(
        self,
        name: str,
        model: BaseChatModel,
        settings: Settings,
        count_tokens: Callable[[str], int],
        *,
        retry_after: RetryAfter = _never,
        needs_finish_reason: bool = False,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self._model = model
        self._settings = settings
        self._count_tokens = count_tokens
        self._retry_after = retry_after
        self._needs_finish_reason = needs_finish_reason
        self._close = close
        self._closed = False
        self._running: set[asyncio.Task[None]] = set()
        self._circuit = Circuit()

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to this model."""
        return self._count_tokens(text)

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        """The draft as it is written; see `Drafter.draft`."""
        if self._closed:
            raise ModelUnavailable(f"{self.name} is closed")
        self._circuit.admit(self.name)
        first_by = _now() + self._settings.first_token_timeout_s
        for attempt in count():
            wrote = False
            try:
                async with aclosing(self._attempt(prompt, first_by)) as deltas:
                    async for delta in deltas:
                        wrote = True
                        yield delta
                self._circuit.succeeded()
                return
            except ModelError as error:
                wait = None if wrote else self._wait_before_retry(error.__cause__, attempt, first_by)
                if wait is None:
                    # An error without a cause of its own is the model's own refusal (busy): no sign of a broken one.
                    if error.__cause__ is not None or isinstance(error, ModelTimeout):
                        self._circuit.failed()
                    log.warning("%s", error)
                    raise
                log.info("%s; trying again in %.2f s", error, wait)
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Cancel what is running, wait for it, free the model."""
        self._closed = True
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_CANCEL_PATIENCE_S)
        if self._close is not None:
            await self._close()

    async def _attempt(self, prompt: Prompt, first_by: float) -> AsyncGenerator[str, None]:
        """One request. The model is read in a task of its own, so that one that will not be cancelled holds nobody."""
        settings = self._settings
        deltas: asyncio.Queue[str | None] = asyncio.Queue()
        reader = asyncio.create_task(self._read(prompt, deltas))
        reader.add_done_callback(lambda _: deltas.put_nowait(None))
        reader.add_done_callback(self._running.discard)
        self._running.add(reader)
        reply_by = _now() + settings.reply_timeout_s
        wrote = False
        deadline = first_by
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(deadline, reply_by)):
                        delta = await deltas.get()
                except TimeoutError:
                    what = "next" if wrote else "first"
                    limit = settings.next_token_timeout_s if wrote else settings.first_token_timeout_s
                    if wrote and reply_by < deadline:
                        what, limit = "last", settings.reply_timeout_s
                    raise ModelTimeout(f"{self.name}: no {what} token within {limit:g} s") from None
                if delta is None:
                    break
                wrote = wrote or bool(delta.strip())
                yield delta
                deadline = _now() + settings.next_token_timeout_s if wrote else deadline
            self._raise_failure(reader, wrote)
        finally:
            reader.cancel()
            await asyncio.wait({reader}, timeout=_CANCEL_PATIENCE_S)

    async def _read(self, prompt: Prompt, deltas: asyncio.Queue[str | None]) -> None:
        """Read the model's stream to its end, passing its text on."""
        messages = [_MESSAGES[role](content=content) for role, content in prompt.messages]
        room = self._settings.max_new_tokens * _CHARS_PER_TOKEN
        reasoning = ReasoningFilter()
        finished = False
        # `astream` is an async generator behind the type AsyncIterator; closing it is what cancels the request.
        stream = self._model.astream(messages)
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

    def _raise_failure(self, reader: asyncio.Task[None], wrote: bool) -> None:
        """Raise what went wrong in a finished reader, as a ModelError; return where nothing did."""
        if reader.cancelled():
            raise ModelUnavailable(f"{self.name} was closed")
        error = reader.exception()
        if isinstance(error, ModelError):
            raise error
        if error is not None:
            log.debug("%s failed", self.name, exc_info=error)
            reason = " ".join(str(error).split())[:200]
            raise ModelUnavailable(f"{self.name}: {type(error).__name__}: {reason}") from error
        if not wrote:
            raise ModelUnavailable(f"{self.name} wrote nothing") from ValueError("empty draft")

    def _wait_before_retry(self, cause: BaseException | None, attempt: int, first_by: float) -> float | None:
        """Seconds until the next try, with jitter; None where another try is no use or would come too late."""
        if cause is None or attempt >= _RETRIES or self._closed:
            return None
        asked = self._retry_after(cause)
        if asked is None:
            return None
        # Jitter keeps many shoppers from coming back at the same instant.
        wait = asked + _RETRY_BASE_S * 2**attempt * random.uniform(0.5, 1.0)
        return wait if _now() + wait < first_by else None


class Circuit:
    """Spares shoppers the wait for a model that is down: after `limit` failures in a row, none is asked for `rest_s`.

    After the rest one draft tries again; its success closes the circuit, its failure starts another rest.
    """

    def __init__(self, limit: int = 3, rest_s: float = 15.0, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def admit(self, name: str) -> None:
        """Let a draft through.

        Raises:
            ModelUnavailable: the circuit is open.
        """
        if self._failures < self._limit:
            return
        left = self._open_until - self._clock()
        if left > 0:
            raise ModelUnavailable(f"{name} failed {self._failures} times in a row; next try in {left:.0f} s")
        self._open_until = self._clock() + self._rest_s

    def succeeded(self) -> None:
        """A draft came to its end."""
        self._failures = 0

    def failed(self) -> None:
        """A draft failed for a reason that is the model's."""
        self._failures += 1
        self._open_until = self._clock() + self._rest_s


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
