"""How likely a reply is right, from what was understood and what it rests on.

In: the parts that a reply is made of, and the index. Out: a probability. A logistic regression for each of three ways
to answer: from products, from passages, and by saying that nothing answers. `python -m assistant.evaluation confidence`
measures it, and fits it with `--fit`. It reads no draft: what a model writes is the checks' business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from assistant.generation.passages import features
from assistant.policies import Policies
from assistant.types import Part
from knowledge_base.index import Index

Way = Literal["products", "passages", "declined", "told", "counter"]
_MOST_WORDS: Final = 4
# A person's own words; orders, greetings, hand-overs: what can be wrong there is what kind of message it is.
_SURE: Final[Mapping[Way, float]] = {"told": 0.95, "counter": 0.85}
_FLOOR, _CEILING = 0.02, 0.99  # nothing measured on some hundred questions says more


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A fitted logistic regression over the features of one way to answer."""

    weights: tuple[float, ...]
    intercept: float


FEATURES: Final[Mapping[Way, tuple[str, ...]]] = {
    "products": ("unexplained", "relaxed", "two_parts", "named", "open", "policy"),
    "passages": ("policy", "margin", "heading", "text", "products_too", "chinese"),
    "declined": ("policy", "unexplained", "chinese"),
}
COEFFICIENTS: Final[Mapping[Way, Coefficients]] = {
    "products": Coefficients((-2.286, -0.534, -0.863, 0.278, -0.669, -0.72), 2.917),
    "passages": Coefficients((1.613, 1.818, 0.477, 0.53, 0.256, 0.307), -0.93),
    "declined": Coefficients((-1.641, 0.401, -0.285), 1.96),
}


def confidence_of(parts: Sequence[Part], index: Index) -> float:
    """The probability that a reply made of these parts is right: that of the least sure of them."""
    return min((_of_part(part, len(parts), index) for part in parts), default=_FLOOR)


def _of_part(part: Part, n_parts: int, index: Index) -> float:
    way = way_of(part)
    if way in _SURE:
        return _SURE[way]
    fitted = COEFFICIENTS[way]
    values = features_of(part, n_parts, index)
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


def features_of(part: Part, n_parts: int, index: Index) -> dict[str, float]:
    """Figures by name; each is between about -3 and 3."""
    query, evidence = part.query, part.evidence
    passages, answers = Policies(query.text, index).told
    asked = features(query.text)
    best = evidence.passages[0] if evidence.passages else passages[0] if passages else None
    scores = [hit.score for hit in passages[:2]]
    heading = features(best.entry.title) if best else frozenset[str]()
    text = features(best.entry.text) if best else frozenset[str]()
    return {
        "policy": _logit(answers) / 2,
        "margin": (scores[0] - scores[1]) / abs(scores[0]) if len(scores) == 2 and scores[0] else 0.0,
        "heading": len(asked & heading) / len(asked) if asked else 0.0,
        "text": len(asked & (text | heading)) / len(asked) if asked else 0.0,
        "unexplained": min(len(query.unexplained), _MOST_WORDS) / _MOST_WORDS,
        "relaxed": float(bool(evidence.relaxed)),
        "two_parts": float(n_parts > 1),
        "named": float(bool(query.refers_to)),
        "open": float(not query.refers_to and not query.subject),
        "products_too": float(bool(index.products) and bool(query.subject or query.refers_to)),
        "chinese": float(query.language == "zh"),
    }


def _logit(share: float) -> float:
    share = min(0.99, max(0.01, share))
    return math.log(share / (1 - share))
