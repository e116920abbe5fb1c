"""A causal language model of the transformers library in this process, as a LangChain chat model.

In: a name or path (`hf:NAME_OR_PATH`) and the settings. Out: a `LocalModel` that streams, batches requests as they come
and stops within a step of being cancelled. Weights are read from safetensors only and no code of a model repository is
run. It refuses to know prompts, evidence and shoppers; how tokens are made is `engines`' business.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import jinja2
import torch
from huggingface_hub import constants as hub
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from assistant.config import Settings
from assistant.errors import ModelUnavailable, SettingsError
from assistant.generation.adapters import lay_over
from assistant.generation.device import fastest_dtype, has_gpu
from assistant.generation.engines import start_engine
from assistant.generation.quantisation import admit, checked, full_name, weights_config
from assistant.generation.token_stream import Engine, Piece

log = logging.getLogger(__name__)

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_HUB_TIMEOUT_S = 5.0
_TEMPLATE_TOKENS = 128  # what a chat template may add to a prompt that fits its budget
# For models that come without a chat template; `_PLAIN_STOP` ends their turn, since nothing taught them to.
_PLAIN_TEMPLATE = (
    "{% for message in messages %}### {{ message.role }}\n{{ message.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### assistant\n{% endif %}"
)
_PLAIN_STOP = ("\n###",)


def load(name: str, settings: Settings) -> LocalModel:
    """Load tokenizer and weights and start generating; takes as long as the weights are large.

    Raises:
        ModelUnavailable: there is no such model, the hub is out of reach, or it does not fit into memory.
        SettingsError: the model's context is shorter than the settings ask for.
    """
    device = "cuda" if has_gpu() else "cpu"
    known = admit(name, settings)
    hub_is_there = not _is_path(name) and _hub_is_reachable()
    # Asked for anything while it is out of reach, the hub's client retries for most of a minute.
    where = {"trust_remote_code": False, "local_files_only": not hub_is_there}
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, **where)
        model = AutoModelForCausalLM.from_pretrained(
            name,
            dtype=getattr(torch, fastest_dtype(device)),
            attn_implementation="sdpa",
            use_safetensors=True,
            device_map={"": device},
            quantization_config=weights_config(checked(settings.quantization)),
            **where,
        )
    except (OSError, ValueError, LookupError, ImportError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnavailable(
            f"hf:{name} cannot be loaded ({type(error).__name__}: {reason}). Give the name of a causal model with "
            "safetensors weights on a hub that this machine can reach, or the path of a folder that holds one"
        ) from error
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    wanted = settings.prompt_tokens + settings.max_new_tokens
    if context is not None and context < wanted:
        raise SettingsError(
            f"hf:{name} takes {context} tokens, the settings ask for {settings.prompt_tokens} of prompt and "
            f"{settings.max_new_tokens} of reply: set SHOPKEEPER_PROMPT_TOKENS to at most "
            f"{max(context - settings.max_new_tokens, 0)}"
        )
    if settings.adapter:
        lay_over(model, settings.adapter, hub_is_there or (not _is_path(settings.adapter) and _hub_is_reachable()))
    model.eval()
    engine = start_engine(model, _generation_config(model, tokenizer, settings), settings)
    local = LocalModel(tokenizer, engine, settings.prompt_tokens + _TEMPLATE_TOKENS)
    log.info("%s on %s, %s", full_name(name, settings.adapter), device, local.how)
    if known:
        log.warning("%s", known)
    return local


def _is_path(name: str) -> bool:
    return Path(name).is_dir() or name.startswith(("/", ".", "~"))


def _hub_is_reachable() -> bool:
    """Whether anything answers where the model hub should be."""
    if hub.HF_HUB_OFFLINE:
        return False
    try:
        with urlopen(Request(hub.ENDPOINT, method="HEAD"), timeout=_HUB_TIMEOUT_S):
            return True
    except HTTPError:
        return True
    except URLError as error:
        # A certificate that only the hub's client trusts is an answer as well.
        return isinstance(error.reason, ssl.SSLError)
    except OSError:
        return False


class LocalModel(BaseChatModel):
    """The model behind `hf:`. Cancelling a stream (closing it) frees its place in the batch at the next step."""

    _tokenizer: Any = PrivateAttr()
    _engine: Engine = PrivateAttr()
    _limit_tokens: int = PrivateAttr()
    _stop: tuple[str, ...] = PrivateAttr(default=())
    _template: str | None = PrivateAttr(default=None)
    _folds_system: bool = PrivateAttr(default=False)
    _specials: tuple[str, ...] = PrivateAttr(default=())
    # Tokenizers are not safe to use from two threads at once.
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, tokenizer: Any, engine: Engine, limit_tokens: int) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._engine = engine
        self._limit_tokens = limit_tokens
        self._specials = tuple(str(t) for t in tokenizer.added_tokens_decoder.values() if t.special and len(str(t)) > 2)
        if tokenizer.chat_template is None:
            self._template, self._stop = _PLAIN_TEMPLATE, _PLAIN_STOP
            log.info("the model brings no chat template: a plain one is used")
        else:
            self._folds_system = not self._takes_system()

    @property
    def _llm_type(self) -> str:
        return "transformers"

    @property
    def how(self) -> str:
        """How tokens are made, for the log."""
        return self._engine.how

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is."""
        with self._lock:
            return len(self._tokenizer(text, add_special_tokens=False).input_ids)

    async def close(self) -> None:
        """Cancel everything and free the model."""
        await asyncio.to_thread(self._engine.close)

    def encode(self, messages: Sequence[BaseMessage]) -> list[int]:
        """The conversation as the model's token ids, up to where the assistant's turn begins.

        Raises:
            ModelUnavailable: it is longer than the room that was set aside for a prompt.
        """
        with self._lock:
            text = self._render([(_ROLES[message.type], message.text) for message in messages])
            ids = list(self._tokenizer(text, add_special_tokens=False).input_ids)
        if len(ids) > self._limit_tokens:
            raise ModelUnavailable(
                f"a prompt of {len(ids)} tokens is more than the {self._limit_tokens} there is room for"
            )
        return ids

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Piece] = asyncio.Queue()

        def deliver(piece: Piece) -> None:
            # The engine's thread may outlive the event loop of a request that was abandoned.
            if not loop.is_closed():
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        text = _Text(self._tokenizer, self._lock, (*self._stop, *(stop or ())))
        request = self._engine.submit(await asyncio.to_thread(self.encode, messages), deliver)
        try:
            while not text.ended:
                delta = text.feed(await pieces.get())
                if delta:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=delta))
            yield _last_chunk()
        finally:
            self._engine.cancel(request)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        pieces: queue.Queue[Piece] = queue.Queue()
        text = _Text(self._tokenizer, self._lock, (*self._stop, *(stop or ())))
        request = self._engine.submit(self.encode(messages), pieces.put)
        try:
            while not text.ended:
                delta = text.feed(pieces.get())
                if delta:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=delta))
            yield _last_chunk()
        finally:
            self._engine.cancel(request)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(chunk.text for chunk in self._stream(messages, stop))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _takes_system(self) -> bool:
        """Whether the model's chat template accepts a system message; some refuse it."""
        try:
            self._render([("system", "a"), ("user", "b")])
        except jinja2.TemplateError:
            return False
        return True

    def _render(self, messages: list[tuple[str, str]]) -> str:
        messages = [(role, self._without_specials(content)) for role, content in messages]
        if self._folds_system and len(messages) > 1 and messages[0][0] == "system":
            (_, rules), (role, content), *rest = messages
            messages = [(role, f"{rules}\n\n{content}"), *rest]
        rendered: str = self._tokenizer.apply_chat_template(
            [{"role": role, "content": content} for role, content in messages],
            chat_template=self._template,
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,  # a shopper waits; templates without the switch ignore it
        )
        return rendered

    def _without_specials(self, text: str) -> str:
        """The text without any string that this tokenizer would read as a control token."""
        for token in self._specials:
            if token in text:
                text = text.replace(token, f"{token[0]} {token[1:]}")
        return text


class _Text:
    """Token ids as they come, to text as it may be shown: whole characters only, ended by a stop string."""

    def __init__(self, tokenizer: Any, lock: threading.Lock, stop: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer
        self._lock = lock
        self._stop = stop
        self._ids: list[int] = []
        self._start = 0  # ids before this one no longer change the text
        self._read = 0  # ids before this one have been turned into text
        self._held = ""
        self.ended = False

    def feed(self, piece: Piece) -> str:
        """The text that this piece adds. None ends it, an exception is raised."""
        if isinstance(piece, Exception):
            raise piece
        if piece is None:
            self.ended = True
            return self._release(self._decode(final=True), final=True)
        self._ids.extend(piece)
        return self._release(self._decode(), final=False)

    def _decode(self, final: bool = False) -> str:
        # Decoding from a little before the new tokens keeps the spaces that a token alone would lose, and stays linear.
        with self._lock:
            before = self._tokenizer.decode(self._ids[self._start : self._read], skip_special_tokens=True)
            text = self._tokenizer.decode(self._ids[self._start :], skip_special_tokens=True)
        if len(text) <= len(before) or (text.endswith("\ufffd") and not final):
            return ""
        self._start, self._read = self._read, len(self._ids)
        return str(text[len(before) :]).rstrip("\ufffd") if final else str(text[len(before) :])

    def _release(self, delta: str, final: bool) -> str:
        text = self._held + delta
        for stop in self._stop:
            if (at := text.find(stop)) >= 0:
                self.ended, self._held = True, ""
                return text[:at]
        # A stop string may be half written: hold back as much as could be its beginning.
        held = 0 if final else max((len(stop) - 1 for stop in self._stop), default=0)
        while held and not any(stop.startswith(text[-held:]) for stop in self._stop):
            held -= 1
        self._held = text[len(text) - held :]
        return text[: len(text) - held]


def _last_chunk() -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content="", chunk_position="last"))


def _generation_config(model: Any, tokenizer: Any, settings: Settings) -> Any:
    """Sampling as the settings say; of the model's own configuration only what ends a turn."""
    given = getattr(model.generation_config, "eos_token_id", None)
    ends = {*(given if isinstance(given, list) else [given]), tokenizer.eos_token_id} - {None}
    sampling: dict[str, Any] = {"do_sample": False}
    if settings.temperature > 0:
        sampling = {"do_sample": True, "temperature": settings.temperature, "top_p": settings.top_p, "top_k": 0}
    return GenerationConfig(
        max_new_tokens=settings.max_new_tokens,
        eos_token_id=sorted(ends) or None,
        pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else next(iter(sorted(ends)), 0),
        **sampling,
    )
