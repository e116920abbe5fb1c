"""Settings: every knob of the application, with its default, unit, help and environment name.

Read once in `python -m ui` or `python -m assistant` and passed down; nothing else looks at the environment. A name
that starts with SHOPKEEPER_ and is no setting is refused, so that a typing error never goes unnoticed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from assistant.errors import SettingsError

PREFIX = "SHOPKEEPER_"
PLAIN_NAMES = {"DATABASE_URL": "database_url"}  # as hosting platforms call it; SHOPKEEPER_DATABASE_URL wins
DEMO_SHOP = Path(__file__).resolve().parent.parent / "knowledge_base" / "demo_shop"


def _knob(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `from_environment` reads SHOPKEEPER_<NAME IN CAPITALS> and DATABASE_URL; options override it."""

    shop: Path | None = _knob(None, "the shop folder; none: the demo shop")
    model: str = _knob("auto", "composer, hf:NAME, openai:MODEL@BASE_URL[,...], langchain:PROVIDER:MODEL or auto")
    auto_model: str = _knob("Qwen/Qwen3-4B-Instruct-2507", "the hf: model that `auto` takes where there is a CUDA GPU")
    rules: Path | None = _knob(
        None, "a folder with rules for a model, system.en.md and system.zh.md; none: the built-in ones"
    )
    adapter: str = _knob(
        "", "a LoRA adapter: of an hf: model a folder or a hub's name, of an openai: one the name it has there"
    )
    quantization: str = _knob("none", "bits of the hf: model's weights: none, as they are, int8 or int4")
    quantization_forced: bool = _knob(False, "serve with fewer bits even where that was not measured or costs facts")
    embedder: str = _knob("auto", "a sentence-transformers model name or path, `none`, or auto: the bundled MiniLM")
    reranker: str = _knob("none", "a cross-encoder's name or path that orders the best products anew, or `none`")
    vectors: str = _knob(
        "faiss", "where the products' vectors are kept: faiss, in the index, or milvus:URI, on a server"
    )
    milvus_token: str = _knob("", "what a Milvus server asks for, user:password or an API key; empty where nothing")
    data: Path = _knob(Path(".data"), "where indexes, conversations and feedback are kept")
    database_url: str = _knob("", "a postgresql:// database to keep conversations in; empty: a file under data")
    retention_days: int = _knob(0, "days after its last message for which a conversation is kept; 0: for ever")
    host: str = _knob("127.0.0.1", "address to listen on")
    port: int = _knob(7860, "port to listen on")
    api_key: str = _knob("", "key for an openai: server; empty where it needs none")
    model_fields: str = _knob("", "a JSON object added to each request to an openai: server, for what only it knows")
    storefront_key: str = _knob(
        "", "key shared with the shop's own order system ([storefront] in shop.toml), 32 bytes or more"
    )
    figures_age_h: float = _knob(168.0, "hours after which price and stock are shown with their date; 0: never")
    mask_remote: bool = _knob(
        True, "give openai: and langchain: models marks in place of mail addresses, phone numbers and the like"
    )
    first_token_timeout_s: float = _knob(20.0, "seconds to wait for a model's first token before the composer answers")
    next_token_timeout_s: float = _knob(10.0, "seconds to wait between a model's tokens before the composer answers")
    reply_timeout_s: float = _knob(90.0, "seconds a model may take for one whole reply before the composer answers")
    temperature: float = _knob(0.2, "how freely a model words its drafts: 0 always takes the likeliest token")
    top_p: float = _knob(0.9, "share of the likeliest tokens that a model draws from")
    max_new_tokens: int = _knob(400, "tokens a model may write in one reply")
    prompt_tokens: int = _knob(3000, "tokens a prompt may have, evidence and history included")
    concurrency: int = _knob(16, "chats answered at the same time")
    queue_size: int = _knob(64, "chats that may wait for a place before new ones are told to retry")
    message_chars: int = _knob(4000, "characters a message may have")
    shop_id: str = _knob("", "the shop's name in sign-in tokens (`aud`) and in the API; empty: the shop folder's name")
    jwt_key: str = _knob("", "key of at least 32 bytes with which the shop signs its shoppers in; empty: nobody is")
    session_hours: float = _knob(12.0, "hours a signed-in shopper stays signed in")
    allowed_hosts: str = _knob("", "host names to answer to beside this machine's own, comma-separated, * for any")
    allowed_origins: str = _knob("", "sites whose pages may use the API, comma-separated: https://shop.example")
    frame_ancestors: str = _knob("", "sites that may show the chat page in a frame, comma-separated; empty: this one")
    trusted_proxies: str = _knob("", "proxies whose X-Forwarded-For is believed, comma-separated IPs or networks")
    rate_shopper: str = _knob("20/minute", "messages of one shopper, or of one guest's conversation; empty: no limit")
    rate_address: str = _knob("120/minute", "messages, new conversations and sign-ins of one address; empty: no limit")
    rate_reads: str = _knob("1200/minute", "other API requests of one address; empty: no limit")
    rate_storage: str = _knob("memory", "where requests are counted: memory, or redis://HOST:PORT for several workers")
    server_keys: str = _knob("", "keys of the shop's servers that may use chat completions and tools, comma-separated")
    webhook_urls: str = _knob("", "where hand-offs and ended conversations are told, comma-separated URLs")
    webhook_secret: str = _knob("", "signs what is told: whsec_ and base64; two, comma-separated, while it changes")
    conversation_end_min: float = _knob(30.0, "minutes without a message after which a conversation has ended")
    drain_s: float = _knob(8.0, "seconds that answers under way may take to end when the server is told to stop")
    log: str = _knob("problems", "what is logged: problems, or a line a turn and request too, as text or json")
    otlp_endpoint: str = _knob("", "where an OpenTelemetry collector takes traces: http://HOST:4318/v1/traces")
    metrics_token: str = _knob("", "bearer token for /metrics; empty: whoever is in the same network may read it")
    watch: bool = _knob(True, "take in the shop's files when they change while the page is served")
    demo_storefront: bool = _knob(
        False, "serve a demo storefront at /shop where anybody is any customer: never with real orders"
    )
    remote_pictures: bool = _knob(False, "let the page load product pictures from other hosts; else it draws them")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **overrides: Any) -> Settings:
        """Settings from `environment`, then `overrides` (None: not given).

        Raises:
            SettingsError: an unknown SHOPKEEPER_ name, or a value of the wrong type.
        """
        hints = get_type_hints(cls)
        names = {PREFIX + f.name.upper(): f.name for f in dataclasses.fields(cls)}
        given = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
        if unknown := sorted(set(given) - set(names)):
            raise SettingsError(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(names))}")
        values: dict[str, Any] = {PLAIN_NAMES[key]: text for key, text in environment.items() if key in PLAIN_NAMES}
        for key, text in given.items():
            try:
                values[names[key]] = TypeAdapter(hints[names[key]]).validate_python(text)
            except ValidationError as error:
                raise SettingsError(f"{key}={text!r}: {error.errors()[0]['msg']}") from error
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls(**values)
