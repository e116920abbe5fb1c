"""An index as a LangChain retriever; apart from `retrieval`, so that who needs none does not wait for LangChain.

In: an index, filters, a sort. Out: LangChain documents, best first. It finds nothing itself.
"""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge_base.index import Index
from knowledge_base.retrieval import retrieve
from knowledge_base.types import Filters, Hit, Kind


class ShopRetriever(BaseRetriever):
    """An index as a LangChain retriever.

    >>> retriever = ShopRetriever(index=open_index(Path("my_shop"), Path(".data")), k=5)  # doctest: +SKIP
    >>> retriever.invoke("waterproof tent")  # doctest: +SKIP
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    filters: Filters = Filters()
    k: int = 10
    kinds: tuple[Kind, ...] = ("product",)
    sort: Literal["relevance", "price_asc", "price_desc", "rating", "newest"] = "relevance"

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        hits = retrieve(self.index, query, self.filters, self.k, self.kinds, self.sort)
        return [to_document(hit) for hit in hits]


def to_document(hit: Hit) -> Document:
    """A hit as a LangChain document; figures in the metadata are strings, as the record has them."""
    entry = hit.entry
    metadata: dict[str, Any] = {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "score": hit.score,
        "rank": hit.rank,
        "source": entry.source,
        "url": entry.url,
        "product_id": entry.product_id,
        "variant_ids": list(hit.variant_ids),
    }
    if entry.product is not None and entry.product.price_range is not None:
        low, high = entry.product.price_range
        metadata |= {"price_min": str(low), "price_max": str(high), "currency": entry.product.currency}
    return Document(id=entry.id, page_content=f"{entry.title}\n{entry.text}".strip(), metadata=metadata)
