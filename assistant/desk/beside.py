"""What stands beside an agent's words: cards whose figures are the records', and the sources that the words cite.

In: the text as it is sent, the draft it was made from, products the agent put beside it. Out: the text, and a reply
that holds the cards and sources; nothing of the draft that the agent took out is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.cards import product_cards
from assistant.store import Draft
from assistant.types import Evidence, Language, ProductCard, Query, Reply
from knowledge_base.text import language_of
from knowledge_base.types import Hit

if TYPE_CHECKING:
    from knowledge_base.index import Index

_MARK = re.compile(r"\s?\[(\d{1,3})\]")


def beside(
    text: str, draft: Draft | None, product_ids: Sequence[str] = (), index: Index | None = None
) -> tuple[str, Reply | None]:
    """The text without marks that cite nothing, and what stands beside it; None where nothing does.

    `product_ids` that the `index` does not have are left out.
    """
    of_draft = draft.reply if draft is not None else None
    sources = {source.n: source for source in of_draft.citations} if of_draft is not None else {}
    if draft is None or text != draft.text:
        cited = {int(number) for number in _MARK.findall(text)}
        text = _MARK.sub(lambda mark: mark[0] if int(mark[1]) in sources or draft is None else "", text)
        sources = {n: source for n, source in sources.items() if n in cited}
    cards = {card.id: card for card in of_draft.products if _is_named(card, text, draft)} if of_draft else {}
    for card in _cards(product_ids, text, index):
        cards.setdefault(card.id, card)
    if not cards and not sources:
        return text, None
    query = of_draft.query if of_draft is not None else Query("", ("product_question",), _language(text))
    return text, Reply(text, query, tuple(cards.values()), tuple(sources.values()), model="agent")


def _is_named(card: ProductCard, text: str, draft: Draft | None) -> bool:
    """Whether a card of the draft still belongs to the text."""
    return (draft is not None and text == draft.text) or card.title.lower() in text.lower()


def _cards(product_ids: Sequence[str], text: str, index: Index | None) -> tuple[ProductCard, ...]:
    if index is None:
        return ()
    known = [product_id for product_id in dict.fromkeys(product_ids) if product_id in index.products]
    hits = tuple(
        Hit(index.catalogue.entries[index.product_rows[product_id]], 1.0, rank, "selected")
        for rank, product_id in enumerate(known, 1)
    )
    query = Query("", ("product_question",), _language(text))
    return product_cards(query, Evidence(hits), index.info)


def _language(text: str) -> Language:
    return "zh" if (language_of(text) or "en").startswith("zh") else "en"
