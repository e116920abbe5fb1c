"""Settings become an `Assistant`: the only place where real models, indexes and stores are put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from assistant.config import DEMO_SHOP, Settings
from assistant.evidence import gather
from assistant.generation import make_drafter
from assistant.orders.visit import Freshness
from assistant.pipeline import Assistant
from assistant.rules import read_rules
from assistant.storefront import Ability, FolderStorefront, Storefront
from assistant.types import Turn
from assistant.understanding import understand
from knowledge_base.live import LiveIndex
from knowledge_base.opening import snapshot_folder
from knowledge_base.reranking import make_reranker
from knowledge_base.retrieval import retrieve
from knowledge_base.shop import Shop, open_shop
from knowledge_base.vectors import VectorPlace


def bootstrap(settings: Settings, progress: bool = True) -> Assistant:
    """Open the shop's index (built first where none is cached) and load the model.

    Raises:
        ShopError, EmbedderError, VectorStoreError: the shop, the embedder or where vectors are kept cannot be used.
        SettingsError, ModelError: the model SPEC is malformed, or the model it names cannot be loaded.
    """
    folder = settings.shop or DEMO_SHOP
    shop = open_shop(folder)
    storefront = make_storefront(shop, settings)
    # The model first: the index loads its embedder beside what follows, and two threads must not import transformers.
    drafter = make_drafter(settings.model, settings)
    rules = read_rules(settings.rules) if settings.rules is not None else None
    reranker, vectors = make_reranker(settings.reranker), VectorPlace(settings.vectors, settings.milvus_token)
    live = LiveIndex.open(folder, settings.data, settings.embedder, progress, reranker, vectors)
    freshness = None
    if settings.figures_age_h > 0:
        freshness = Freshness(partial(_figures_at, shop.products, live), timedelta(hours=settings.figures_age_h))
    assistant = Assistant(
        live,
        drafter,
        storefront,
        settings.prompt_tokens,
        freshness=freshness,
        rules=rules,
        min_confidence=shop.desk.min_confidence,
    )
    _warm(assistant)
    return assistant


def make_storefront(shop: Shop, settings: Settings) -> Storefront:
    """The shop's own system where shop.toml names one, else the folder's orders.

    Raises:
        SettingsError: it cannot be called safely.
    """
    address = shop.storefront
    if address is None:
        return FolderStorefront(shop, snapshot_folder(shop.folder, settings.data) / "order_requests.jsonl")
    from assistant.storefronts.http import Endpoint, HttpStorefront

    offered: dict[Ability, bool] = {
        "offers": address.offers,
        "return": address.returns,
        "cancel": address.cancellations,
    }
    abilities = frozenset(ability for ability, is_there in offered.items() if is_there)
    key = settings.storefront_key.encode()
    return HttpStorefront(Endpoint(address.url, key, abilities, address.timeout_s, shop.info.currency))


def _figures_at(exports: Sequence[Path], live: LiveIndex) -> datetime | None:
    """When the shop last said something of its products: by an export, or by a change; None where that is not known."""
    times = [path.stat().st_mtime for path in exports if path.exists()]
    if (changed_at := live.changed_at) is not None:
        times.append(changed_at)
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _warm(assistant: Assistant) -> None:
    """What the page suggests is looked up once, so that no first shopper waits for what is made when first needed."""
    openers = dict.fromkeys((*assistant.openers("en"), *assistant.openers("zh")))
    for opener in openers or (assistant.info.name,):
        gather(understand(Turn("warm-up", opener), assistant.index), assistant.index)
        retrieve(assistant.index, opener, kinds=("product", "faq", "policy"))
