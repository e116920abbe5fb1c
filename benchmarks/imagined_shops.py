"""Shops that do not exist, with questions to them: what `benchmarks.answerability` fits on beside the demo shops.

In: `benchmarks/data/passages.*.txt` (questions and policies in the styles of many shops, each with its topics) and the
questions of `knowledge_base/topics/`. Out: shops made of some of the passages, each with questions that a passage
answers and questions that none does. The topic model of these shops has not seen the questions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.topics import folds_of, known_vectors, train
from knowledge_base.embedding import Embedder, EmbeddingCache
from knowledge_base.index import Index, passage_corpus
from knowledge_base.lexical import Scores
from knowledge_base.text import has_cjk
from knowledge_base.topic_model import TopicModel, read_topics, topic_model
from knowledge_base.types import Entry

_DATA = Path(__file__).parent / "data"
_KEPT = 0.6  # of the passages that one shop has
_FOLDS = 5
# How many of the questions are asked of one shop: those it answers, those it could have answered, and others.
_ANSWERED, _GAPS, _OTHERS, _PRODUCTS = 0.25, 0.35, 0.25, 0.5
PRODUCT_TOPICS = frozenset({"product_price", "product_stock", "product_search", "which_is_best", "gift_ideas"})
# Topics that no passage here is near to.
_UNRELATED = """
    accessibility_store accessibility_website advertising affiliate age_recommendation allergens_ingredients
    api_technical app benefit_cards brand_story buying_agent catalog_samples celebrity_gossip charity_donation
    chilled_delivery coding_help company_facts company_finance courier_complaint crypto_payment demo_in_store deposit
    emergencies employee_personal_info expiry_date extended_warranty forwarder getting_there gift_registry hacking
    haggling health_advice homework_math in_house_services insurance_for_product jobs jokes languages legal_advice
    lost_property military_address other_shop_problem outer_space parking partnership personal_finance pet_safe
    pets_in_store phone_orders politics press price_error profit_margin recall_safety recipes relationship_advice
    rental repair_loaner reselling roleplay same_day_local saved_cards second_hand_refurbished secret_discount_insider
    social_media sports_results stock_market store_amenities store_rules supplier_costs tailoring terms_conditions
    trade_program translation_request travel_tips voltage_plug_abroad warranty_abroad weather weight_limit world_facts
"""
UNRELATED_TOPICS = frozenset(_UNRELATED.split())


@dataclass(frozen=True)
class Passage:
    """A question or policy with the topics it answers."""

    topics: frozenset[str]
    heading: str
    text: str


@dataclass(frozen=True)
class HeldOut:
    """A topic model, and the (topic, question) pairs it was not trained on."""

    model: TopicModel
    questions: tuple[tuple[str, str], ...]


def read_passages(language: str) -> tuple[Passage, ...]:
    """The passages of a language."""
    found = []
    for line in (_DATA / f"passages.{language}.txt").read_text(encoding="utf-8").split("\n"):
        if line.strip() and not line.startswith("#"):
            topics, heading, text = (part.strip() for part in line.split("|", 2))
            found.append(Passage(frozenset(topics.split()), heading, text))
    return tuple(found)


def hold_out(embedder: Embedder, cache: Path) -> HeldOut:
    """A model trained on four of five questions; the vectors of all of them are in `cache` afterwards."""
    pairs = sorted({(topic.name, question) for topic in read_topics() for question in topic.questions})
    names = sorted({name for name, _ in pairs})
    topic_of = np.array([names.index(name) for name, _ in pairs], dtype=np.int64)
    fold = folds_of(topic_of, _FOLDS)
    vectors = known_vectors([question for _, question in pairs], embedder, cache)
    kept = np.flatnonzero(fold)
    model = train(names, [pairs[i][1] for i in kept], topic_of[kept], vectors, embedder.name, topic_model().near)
    return HeldOut(model, tuple(pairs[i] for i in np.flatnonzero(fold == 0)))


def imagined_shop(base: Index, language: str, held: HeldOut, cache: Path, rng: random.Random) -> Index:
    """`base` with other passages; their ids are `faq:` and the topics joined by "+", then a number."""
    passages = [passage for passage in read_passages(language) if rng.random() < _KEPT]
    entries = [
        Entry(f"faq:{'+'.join(sorted(p.topics))}:{place}", "faq", p.heading, p.text, "imagined", language)
        for place, p in enumerate(passages)
    ]

    def encode(texts: Sequence[str]) -> Scores:
        assert base.embedder is not None
        return EmbeddingCache(cache).encode(base.embedder, texts)

    return replace(base, passages=passage_corpus(entries, base.embedder, encode, held.model))


def questions_to(
    shop: Index, language: str, held: HeldOut, rng: random.Random
) -> Iterator[tuple[str, frozenset[int], str]]:
    """(text, rows that answer it, "answered", "gap", "other" or "products") for a part of the questions held out."""
    answers = [frozenset(entry.id.split(":")[1].split("+")) for entry in shop.passages.entries]
    labelled = frozenset[str]().union(*(passage.topics for passage in read_passages(language)))
    for topic, question in held.questions:
        if has_cjk(question) != (language == "zh"):
            continue
        gold = frozenset(row for row, topics in enumerate(answers) if topic in topics)
        kind, share = "", 0.0
        if topic in labelled:
            kind, share = ("answered", _ANSWERED) if gold else ("gap", _GAPS)
        elif topic in UNRELATED_TOPICS:
            kind, share = "other", _OTHERS
        elif topic in PRODUCT_TOPICS:
            kind, share = "products", _PRODUCTS
        if rng.random() < share:
            yield question, gold, kind
