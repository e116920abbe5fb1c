"""Drafts of replies from the records alone, without any model: what most shoppers read.

In: a query, the evidence found for it and the shop's settings. Out: Markdown in the query's language, every statement
cited as [n]. Pure and deterministic: the same question is answered in the same words. It knows no index and no model,
and states nothing that is not in the evidence.

    topics          what an unanswered question is about
    scene           the query and evidence with names and citations at hand
    recommendation  find, recommend, ask back, nothing fits
    answers         one product's price, stock, options, attributes
    counting        counts and superlatives
    comparison      the table, and what decides by one figure (weighing)
    orders          the verified shopper's orders, and what may be done about them
    counter         policies, complaints, people
    suggestions     what to ask next
    wording_en, comparing_en, orders_en, service_en, wording_zh, orders_zh, service_zh    the sentences
    reasons, conditions, variants, passages, naming, figures, grammar    what the sentences are made of
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.generation import answers, comparison, counter, counting, orders, recommendation
from assistant.generation.comparison import compare_table, wants_table
from assistant.generation.conditions import describe_filters
from assistant.generation.reasons import product_of
from assistant.generation.scene import Scene, scene_of
from assistant.generation.suggestions import suggest
from assistant.types import Evidence, Intent, Message, Query
from knowledge_base.shop import ShopInfo

__all__ = ["compare_table", "compose", "describe_filters", "suggest", "wants_table"]

_PRODUCT_INTENTS = frozenset({"find", "recommend", "product_question", "compare", "count", "superlative"})
_SIDE_INTENTS = frozenset({"small_talk", "out_of_scope"})


def compose(
    query: Query,
    evidence: Evidence,
    info: ShopInfo,
    history: tuple[Message, ...] = (),
    for_person: bool = False,
) -> str:
    """The reply to a query: one part an intent, at most two, joined by a blank line. Never empty.

    `for_person`: as a person of the shop would say it, who passes nobody on.
    """
    scene = scene_of(query, evidence, info, history, for_person)
    parts: list[str] = []
    intents = _worth_answering(scene)
    for intent in intents:
        if len(intents) > 1 and _adds_nothing(scene, intent, intents):
            continue
        part = _PARTS[intent](scene).strip()
        if part and part not in parts:
            parts.append(part)
    ours = info.currency
    if query.foreign_currency and ours and evidence.products and any(intent in _PRODUCT_INTENTS for intent in intents):
        parts.insert(0, scene.say.other_currency(query.foreign_currency, ours))
    return "\n\n".join(parts) or counter.declined(scene)


def _worth_answering(scene: Scene) -> tuple[Intent, ...]:
    """Up to two intents to answer: small talk only on its own, one product intent only."""
    intents = list(dict.fromkeys(scene.query.intents))
    if len(intents) > 1:
        intents = [intent for intent in intents if intent not in _SIDE_INTENTS] or intents[:1]
    kept: list[Intent] = []
    for intent in intents:
        if intent in _PRODUCT_INTENTS and any(other in _PRODUCT_INTENTS for other in kept):
            continue
        if intent == "handoff" and "complaint" in kept:
            kept[kept.index("complaint")] = "handoff"
            continue
        kept.append(intent)
    return tuple(kept[:2])


def _adds_nothing(scene: Scene, intent: Intent, intents: tuple[Intent, ...]) -> bool:
    """Whether one of two parts would only say that it knows nothing, or what nobody asked."""
    passages = bool(scene.evidence.passages) and scene.evidence.answerable
    if intent == "policy":
        return not passages
    if intent == "product_question" and "policy" in intents and passages:
        return not any(answers.knows(product_of(hit), ask) for hit in scene.asked() for ask in scene.query.asks)
    return False


def _find(scene: Scene) -> str:
    return recommendation.recommend(scene)


def _question(scene: Scene) -> str:
    """A product question; without a product in the evidence, a passage may still answer it."""
    if not scene.evidence.products:
        if scene.evidence.passages:
            return counter.policy(scene)
        return recommendation.nothing(scene) if scene.query.subject else scene.say.which_one()
    if scene.query.beyond:
        return scene.say.only_shown([scene.mention(hit).text for hit in scene.evidence.products])
    if _passage_answers(scene):
        return counter.policy(scene)
    return answers.answer(scene)


def _passage_answers(scene: Scene) -> bool:
    """Whether a FAQ entry of the very product answers what its record does not."""
    passages, asked = scene.evidence.passages, scene.asked()
    if not passages or not scene.evidence.answerable or "policy" in scene.query.intents:
        return False
    about = {hit.entry.product.id for hit in asked if hit.entry.product is not None}
    unasked = not scene.query.asks and not scene.query.filters.conditions
    return unasked and passages[0].entry.product_id in about


def _compare(scene: Scene) -> str:
    if len(scene.evidence.products) < 2:
        return answers.answer(scene) if scene.query.asks and scene.evidence.products else scene.say.which_two()
    return comparison.compare(scene)


_PARTS: Mapping[Intent, Callable[[Scene], str]] = {
    "find": _find,
    "recommend": _find,
    "product_question": _question,
    "compare": _compare,
    "count": counting.count,
    "superlative": counting.superlative,
    "policy": counter.policy,
    "order_status": orders.order_status,
    "complaint": counter.complaint,
    "handoff": counter.handoff,
    "small_talk": counter.small_talk,
    "out_of_scope": counter.out_of_scope,
}
