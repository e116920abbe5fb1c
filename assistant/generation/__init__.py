"""The chat-model seam: from a `Prompt` to a stream of words, whichever model writes them.

In: a SPEC ("hf:NAME", "openai:MODEL@BASE_URL", "langchain:PROVIDER:MODEL", "composer", "auto") and the settings. Out: a
`Drafter`, or None where the composer drafts from the records alone. Every model is a LangChain `BaseChatModel` inside:
`local` runs one in this process, `remote` reaches one over HTTP, `chat` turns either into a `Drafter`. This package
knows no shop, no evidence and no shopper beyond the prompt it is given.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.config import Settings
from assistant.errors import ModelError, SettingsError
from assistant.types import Prompt

log = logging.getLogger(__name__)

SpecKind = Literal["composer", "hf", "openai", "langchain", "auto"]
FORMS = "composer, hf:NAME_OR_PATH, openai:MODEL@BASE_URL[,BASE_URL...], langchain:PROVIDER:MODEL or auto"
_URL = r"https?://[^\s/,][^\s,]*"


class Drafter(Protocol):
    """What writes a draft. A draft is unchecked text: nothing of it may be shown before the checks have passed it."""

    name: str
    """The SPEC it was made from; shown as `Reply.model`."""

    def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        """The draft as text deltas, none of them empty. Closing the iterator cancels the model.

        Raises:
            ModelUnavailable: the model cannot be reached, broke off, or wrote nothing.
            ModelTimeout: no first or no next delta in time.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to this model; an upper estimate where its tokenizer is out of reach."""
        ...

    async def close(self) -> None:
        """Cancel what is running and free the model. A closed drafter raises ModelUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed SPEC. `model` is the name or path; `at` the base URLs, comma-separated (openai), or the provider."""

    kind: SpecKind
    model: str = ""
    at: str = ""

    def __str__(self) -> str:
        if self.kind == "openai":
            return f"openai:{self.model}@{self.at}"
        if self.kind == "langchain":
            return f"langchain:{self.at}:{self.model}"
        return f"hf:{self.model}" if self.kind == "hf" else self.kind

    @property
    def urls(self) -> tuple[str, ...]:
        """The base URLs of an openai: model, each once."""
        return tuple(dict.fromkeys(self.at.split(",")))

    @property
    def shown(self) -> str:
        """The SPEC without a user name and password in its URL: what logs and replies may show."""
        return re.sub(r"(?<=://)[^/@]*@", "", str(self))


def parse_spec(text: str) -> Spec:
    """The SPEC as its parts.

    >>> parse_spec("openai:qwen3@http://127.0.0.1:8000/v1")
    Spec(kind='openai', model='qwen3', at='http://127.0.0.1:8000/v1')

    Raises:
        SettingsError: it is none of the forms; the message names them all.
    """
    text = text.strip()
    if text == "composer" or text == "auto":
        return Spec("composer" if text == "composer" else "auto")
    kind, _, rest = text.partition(":")
    if kind == "hf" and rest.strip() and "\n" not in rest:
        return Spec("hf", rest.strip())
    if kind == "openai" and (match := re.fullmatch(rf"(\S+?)@({_URL}(?:,{_URL})*)", rest)):
        return Spec("openai", match[1], ",".join(url.rstrip("/") for url in match[2].split(",")))
    if kind == "langchain" and (match := re.fullmatch(r"([\w-]+):(\S+)", rest)):
        return Spec("langchain", match[2], match[1])
    raise SettingsError(f"model {text!r} is not a model SPEC: use {FORMS}")


def make_drafter(spec: str, settings: Settings) -> Drafter | None:
    """The drafter a SPEC asks for; None is the composer. Loading a local model takes as long as it takes.

    "auto" is `settings.auto_model` in this process where there is a CUDA GPU, else the composer; if that model cannot
    be had (no hub, no space, no memory), one log line says so and the composer drafts.

    Raises:
        SettingsError: a malformed SPEC, or settings that the model cannot serve.
        ModelUnavailable: a model that was asked for by name cannot be loaded.
    """
    parsed = parse_spec(spec)
    if parsed.kind == "auto":
        return _automatic(settings)
    if parsed.kind == "composer":
        return None
    return _make(parsed, settings)


def _automatic(settings: Settings) -> Drafter | None:
    from assistant.generation import device

    if not device.has_gpu():
        return None
    try:
        return _make(Spec("hf", settings.auto_model), settings)
    except (ModelError, SettingsError) as error:
        log.warning("no model: the composer answers. %s", error)
        return None


def _make(spec: Spec, settings: Settings) -> Drafter:
    from assistant.generation.chat import ChatDrafter, estimate_tokens

    if spec.kind == "hf":
        from assistant.generation import local
        from assistant.generation.quantisation import full_name

        model, shown = local.load(spec.model, settings), full_name(spec.model, settings.adapter)
        return ChatDrafter(shown, model, settings, count_tokens=model.count_tokens, close=model.close)
    from assistant.generation import remote

    drafter: Drafter
    if spec.kind == "openai":
        from assistant.generation.circuit import Circuit
        from assistant.generation.upstreams import Upstream

        servers = [remote.OpenAIServer(spec.model, url, settings) for url in spec.urls]
        upstreams = [
            Upstream(Spec("openai", spec.model, url).shown, server.stream, server.probe, Circuit(rest_s=2, probed=True))
            for url, server in zip(spec.urls, servers, strict=True)
        ]

        async def close() -> None:
            for server in servers:
                await server.close()

        drafter = ChatDrafter(
            spec.shown,
            upstreams,
            settings,
            estimate_tokens,
            judge=remote.judge,
            needs_finish_reason=True,
            close=close,
        )
    else:
        chat = remote.langchain_model(spec.at, spec.model, settings)
        drafter = ChatDrafter(spec.shown, chat, settings, estimate_tokens)
    if not settings.mask_remote:
        return drafter
    from assistant.privacy.drafting import MaskedDrafter

    return MaskedDrafter(drafter)


__all__ = ["FORMS", "Drafter", "Spec", "make_drafter", "parse_spec"]
