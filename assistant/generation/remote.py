"""Chat models behind a wire: any OpenAI-compatible server, and whatever LangChain's `init_chat_model` knows.

In: a model's name, where it is, the settings. Out: a configured `BaseChatModel`, and which of its failures are worth
another try. It refuses to know prompts and evidence; patience and error mapping are `chat`'s.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import openai
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.config import Settings
from assistant.errors import SettingsError

_CONNECT_TIMEOUT_S = 5.0
_NO_KEY = "none"  # servers without keys ignore it, the client insists on one
_RETRYABLE_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class OpenAIModel:
    """A `ChatOpenAI` for one server with the HTTP connections it owns; `close` ends them."""

    def __init__(self, model: str, base_url: str, settings: Settings) -> None:
        host = urlsplit(base_url).hostname or ""
        timeout = openai.Timeout(
            settings.first_token_timeout_s + settings.next_token_timeout_s, connect=_CONNECT_TIMEOUT_S
        )
        self._http = openai.DefaultAsyncHttpxClient(
            timeout=timeout,
            # A proxy named in the environment must not be asked for a server on this very machine.
            trust_env=not _is_loopback(host),
        )
        # OpenAI's own service knows the limit by another name, which most compatible servers do not know yet.
        limit = "max_completion_tokens" if host == "api.openai.com" else "max_tokens"
        self.chat = ChatOpenAI(
            model=model,
            base_url=base_url,
            api_key=SecretStr(settings.api_key or _NO_KEY),
            temperature=settings.temperature,
            top_p=settings.top_p,
            extra_body={limit: settings.max_new_tokens},
            timeout=timeout,
            http_async_client=self._http,
            # No connection is kept for the next draft: one that another event loop opened cannot be used, and a
            # server that was restarted in between would cost the first shopper a retry. A reply takes far longer.
            default_headers={"Connection": "close"},
            max_retries=0,  # `ChatDrafter` retries, within the shopper's patience
            stream_chunk_timeout=None,  # likewise
            use_responses_api=False,
        )

    async def close(self) -> None:
        """End the connections."""
        await self._http.aclose()


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


def retry_after(error: BaseException) -> float | None:
    """Seconds the server asks to wait before another try (0 where it does not say); None: trying again is no use.

    Worth another try are lost connections and the statuses that say "later": 408, 409, 425, 429 and most of 5xx.
    """
    if isinstance(error, openai.APIStatusError):
        if error.status_code not in _RETRYABLE_STATUS:
            return None
        asked = error.response.headers.get("retry-after", "")
        # A date is possible too (RFC 9110, 10.2.3); no model server sends one, and waiting shortly is no harm.
        return float(asked) if asked.isascii() and asked.isdigit() else 0.0
    return 0.0 if isinstance(error, openai.APIConnectionError | ConnectionError) else None


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
