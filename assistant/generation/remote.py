"""Chat models behind a wire: any OpenAI-compatible server, and whatever LangChain's `init_chat_model` knows.

In: a model's name, where it is, the settings. Out: servers and chat models to stream from, and what their failures
mean. It refuses to know prompts and evidence; patience, retries and the choice among servers are `chat`'s.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.generation.upstreams import Failure

_CONNECT_TIMEOUT_S = 5.0
_NO_KEY = "none"  # servers without keys ignore it, the client insists on one
_PROBE_TOKENS = 4
_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
# What another server would refuse as well: the request itself is wrong.
_OURS = frozenset({400, 405, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class _Client:
    """What one event loop uses of a server: the chat model and its connections, which end with `closing`."""

    chat: ChatOpenAI
    closing: AsyncGenerator[None]


class OpenAIServer:
    """One OpenAI-compatible server. Its connections are kept for the next drafts, for each event loop its own."""

    def __init__(self, model: str, base_url: str, settings: Settings) -> None:
        self._model = settings.adapter or model
        self._url = base_url
        self._host = urlsplit(base_url).hostname or ""
        self._settings = settings
        self._extra = extra_fields(settings)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Client] = WeakKeyDictionary()
        self._spare: _Client | None = self._make()  # made at the start: reading certificates takes a while

    def stream(self, messages: list[BaseMessage]) -> AsyncIterator[AIMessageChunk]:
        """The server's answer; closing it ends the request."""
        return self._stream(messages, self._settings.max_new_tokens)

    def probe(self, messages: list[BaseMessage]) -> AsyncIterator[AIMessageChunk]:
        """The same for a few tokens."""
        return self._stream(messages, _PROBE_TOKENS)

    async def close(self) -> None:
        """End this event loop's connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.closing.aclose()

    async def _client(self) -> _Client:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client, self._spare = self._spare or self._make(), None
            self._clients[loop] = client
            # The loop closes its asynchronous generators before it ends, and this one then closes the connections.
            await anext(client.closing)
        return client

    async def _stream(self, messages: list[BaseMessage], most_tokens: int) -> AsyncIterator[AIMessageChunk]:
        chat = (await self._client()).chat
        # OpenAI's own service knows the limit by another name, which most compatible servers do not know yet.
        limit = "max_completion_tokens" if _is_openai(self._host) else "max_tokens"
        fields = {**_cache_hint(self._host, self._model), limit: most_tokens, **self._extra}
        # An async generator behind the type AsyncIterator; closing it is what ends the request.
        stream = cast(AsyncGenerator[AIMessageChunk], chat.astream(messages, extra_body=fields))
        async with aclosing(stream):
            async for chunk in stream:
                yield chunk

    def _make(self) -> _Client:
        settings = self._settings
        patience_s = settings.first_token_timeout_s + settings.next_token_timeout_s
        timeout = openai.Timeout(patience_s, connect=_CONNECT_TIMEOUT_S)
        http = openai.DefaultAsyncHttpxClient(
            timeout=timeout,
            # A proxy named in the environment must not be asked for a server on this very machine.
            trust_env=not _is_loopback(self._host),
        )
        chat = ChatOpenAI(
            model=self._model,
            base_url=self._url,
            api_key=SecretStr(settings.api_key or _NO_KEY),
            temperature=settings.temperature,
            top_p=settings.top_p,
            timeout=timeout,
            http_async_client=http,
            max_retries=0,  # `ChatDrafter` retries, within the shopper's patience
            stream_chunk_timeout=None,  # likewise
            use_responses_api=False,
        )
        return _Client(chat, _until_closed(http))


async def _until_closed(http: openai.DefaultAsyncHttpxClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await http.aclose()


def extra_fields(settings: Settings) -> dict[str, Any]:
    """What the settings add to every request's body.

    Raises:
        SettingsError: it is no JSON object.
    """
    if not settings.model_fields:
        return {}
    try:
        fields = json.loads(settings.model_fields)
    except ValueError as error:
        raise SettingsError(f"SHOPKEEPER_MODEL_FIELDS={settings.model_fields!r} is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise SettingsError(f'SHOPKEEPER_MODEL_FIELDS={settings.model_fields!r} is no JSON object: {{"name": value}}')
    return fields


def _cache_hint(host: str, model: str) -> dict[str, str]:
    """What keeps prompts with the same beginning on one of the service's machines, where the service has such a hint.

    vLLM, SGLang and llama.cpp share beginnings by themselves.
    """
    return {"prompt_cache_key": f"shopkeeper-{model}"} if _is_openai(host) else {}


def langchain_model(provider: str, model: str, settings: Settings) -> BaseChatModel:
    """The chat model that LangChain knows under this provider and name.

    Raises:
        SettingsError: the provider is unknown, its package is not installed, or it refuses its settings.
    """
    from langchain.chat_models import init_chat_model

    try:
        chat = init_chat_model(
            model,
            model_provider=provider,
            temperature=settings.temperature,
            top_p=settings.top_p,
            max_tokens=settings.max_new_tokens,
        )
    except (ImportError, ValueError, TypeError, openai.OpenAIError) as error:
        raise SettingsError(f"langchain:{provider}:{model}: {error}") from error
    if not isinstance(chat, BaseChatModel):
        raise SettingsError(f"langchain:{provider}:{model} names no single chat model: name one")
    return chat


def judge(error: BaseException) -> Failure:
    """What a failure of a server means.

    Worth another try are lost connections and the statuses that say "later": 408, 409, 425, 429 and most of 5xx; at
    another server also a key, a model or a path that this one does not know.
    """
    if isinstance(error, openai.APIStatusError):
        again = error.status_code in _LATER
        rest_s = _seconds(error.response.headers.get("retry-after", "")) if again else 0.0
        return Failure(again, elsewhere=error.status_code not in _OURS, rest_s=rest_s)
    lost = isinstance(error, openai.APIConnectionError | ConnectionError)
    return Failure(again=lost, elsewhere=True)


def _seconds(retry_after: str) -> float:
    """What a Retry-After header asks for, in seconds from now (RFC 9110, 10.2.3); 0 where it says nothing readable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with suppress(ValueError):
        at = parsedate_to_datetime(text)
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
    return 0.0


def _is_openai(host: str) -> bool:
    return host == "api.openai.com"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
