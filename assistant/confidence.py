"""How likely a reply is right, from what it rests on and what the checks found.

In: a reply, the parts that it was made of, the index. Out: a probability. A logistic regression for each of three ways
to answer: from products, from passages, and by saying that nothing answers. `python -m assistant.evaluation confidence`
fits and measures it. It reads no text of the reply, and knows no model's opinion of itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from assistant.generation.passages import features
from assistant.policies import Policies
from assistant.types import Part, Reply
from knowledge_base.index import Index

Way = Literal["products", "passages", "declined", "told", "counter"]
_CITED: Final = re.compile(r"\[(\d{1,3})\]")
_MOST_WORDS: Final = 4
_SURE: Final[Mapping[Way, float]] = {"told": 0.95, "counter": 0.95}  # quoted words; orders, greetings: nothing is guessed
_FLOOR, _CEILING = 0.02, 0.99  # nothing measured on some hundred questions says more


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A fitted logistic regression over the features of one way to answer."""

    weights: tuple[float, ...]
    intercept: float


FEATURES: Final[Mapping[Way, tuple[str, ...]]] = {
    "products": ("unexplained", "relaxed", "dropped", "fallback", "two_parts", "named", "open", "policy"),
    "passages": ("policy", "margin", "heading", "text", "asked", "dropped", "products_too", "chinese"),
    "declined": ("policy", "unexplained", "asked", "chinese"),
}
COEFFICIENTS: Final[Mapping[Way, Coefficients]] = {
    "products": Coefficients((0.0,) * 8, 3.0),
    "passages": Coefficients((0.0,) * 8, 1.0),
    "declined": Coefficients((0.0,) * 4, 2.0),
}


def confidence_of(reply: Reply, parts: Sequence[Part], index: Index) -> float:
    """The probability that a reply is right; of a message in parts, that all of them are as sure as the least sure."""
    return min((_of_part(reply, part, len(parts), index) for part in parts), default=_FLOOR)


def _of_part(reply: Reply, part: Part, n_parts: int, index: Index) -> float:
    way = way_of(part)
    if way in _SURE:
        return _SURE[way]
    fitted = COEFFICIENTS[way]
    values = features_of(reply, part, n_parts, index)
    z = fitted.intercept + sum(w * values[name] for w, name in zip(fitted.weights, FEATURES[way], strict=True))
    return min(_CEILING, max(_FLOOR, 1 / (1 + math.exp(-z))))


def way_of(part: Part) -> Way:
    """How one part of a message is answered."""
    evidence = part.evidence
    if any(told.answers for told in evidence.told):
        return "told"
    if not evidence.answerable:
        return "declined"
    if evidence.orders or evidence.orders_state or not evidence.hits:
        return "counter"
    return "passages" if evidence.passages and not evidence.products else "products"


def features_of(reply: Reply, part: Part, n_parts: int, index: Index) -> dict[str, float]:
    """Figures by name; each is between about -3 and 3."""
    query, evidence = part.query, part.evidence
    passages, answers = Policies(query.text, index).told
    asked = features(query.text)
    best = evidence.passages[0] if evidence.passages else passages[0] if passages else None
    scores = [hit.score for hit in passages[:2]]
    dropped = sum(finding.action in ("refuse", "rewrite") for finding in reply.findings)
    heading = features(best.entry.title) if best else frozenset[str]()
    text = features(best.entry.text) if best else frozenset[str]()
    return {
        "policy": _logit(answers) / 2,
        "margin": (scores[0] - scores[1]) / abs(scores[0]) if len(scores) == 2 and scores[0] else 0.0,
        "heading": len(asked & heading) / len(asked) if asked else 0.0,
        "text": len(asked & (text | heading)) / len(asked) if asked else 0.0,
        "asked": min(len(asked), 12) / 12,
        "unexplained": min(len(query.unexplained), _MOST_WORDS) / _MOST_WORDS,
        "relaxed": float(bool(evidence.relaxed)),
        "dropped": min(dropped, _MOST_WORDS) / _MOST_WORDS,
        "fallback": float(reply.fallback is not None),
        "two_parts": float(n_parts > 1),
        "named": float(bool(query.refers_to)),
        "open": float(not query.refers_to and not query.subject),
        "products_too": float(bool(index.products) and bool(query.subject or query.refers_to)),
        "chinese": float(query.language == "zh"),
    }


def _logit(share: float) -> float:
    share = min(0.99, max(0.01, share))
    return math.log(share / (1 - share))
