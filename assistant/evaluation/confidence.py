"""Is a draft that says it is 80 % sure right in 80 of 100 cases?

In: an assistant, generated questions with their truth, FAQ questions in other words, unanswerable ones. Out: for each
reply its confidence and whether it was right; from those a reliability table, the expected calibration error (Naeini,
Cooper, Hauskrecht 2015), the Brier score (Brier 1950) and the area under the ROC curve. It also fits the coefficients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.confidence import FEATURES, Coefficients, Way, confidence_of, features_of, way_of
from assistant.evaluation.metrics import wilson
from assistant.evaluation.passages import Paraphrase, ask
from assistant.evaluation.questions import Question
from assistant.evaluation.records import ShopRecords
from assistant.evaluation.replies import run_questions
from assistant.types import Reply, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from assistant.trace import Trace

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)  # of the reliability table
_RIDGE = 1.0
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Sure:
    """One reply: how sure it was, whether it was right, in which way it answered, and the figures behind."""

    source: str
    text: str
    way: Way
    confidence: float
    right: bool
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Listening:
    """An assistant that keeps what each reply was made of, by the message that it answers."""

    assistant: Assistant
    traces: dict[int, Trace]

    async def answer(self, turn: Turn) -> Reply:
        """The reply; its trace is kept."""
        async with aclosing(self.assistant.stream(turn)) as events:
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    self.traces[id(reply)] = event.data["trace"]
                    return reply
        raise AssertionError("a stream ends with done")


async def measure(
    assistant: Assistant,
    questions: Sequence[Question],
    records: ShopRecords,
    answerable: Sequence[Paraphrase] = (),
    unanswerable: Sequence[Paraphrase] = (),
) -> list[Sure]:
    """Every question asked and judged."""
    listening = _Listening(replace(assistant, observers=()), {})
    judged = [
        ("generated", r.question.text, r.reply, r.verdict.right)
        for r in await run_questions(listening, questions, records)
    ]
    judged += [
        ("faq", o.question.text, o.reply, o.first_right and not o.declined) for o in await ask(listening, answerable)
    ]
    judged += [("unanswerable", o.question.text, o.reply, o.declined) for o in await ask(listening, unanswerable)]
    found = []
    for source, text, reply, right in judged:
        parts = listening.traces[id(reply)].parts
        way = way_of(parts[-1])
        values = features_of(parts[-1], len(parts), assistant.index)
        named = tuple(values[name] for name in FEATURES.get(way, ()))
        found.append(Sure(source, text, way, confidence_of(parts, assistant.index), right, named))
    return found


def reliability(results: Sequence[Sure]) -> list[tuple[str, int, float, float, tuple[float, float]]]:
    """Rows (range, n, mean confidence, share right, its 95 % interval) of those that have any."""
    rows = []
    for low, high in pairwise(EDGES):
        those = [r for r in results if low <= r.confidence < high or (high == EDGES[-1] and r.confidence == high)]
        if those:
            n, right = len(those), sum(r.right for r in those)
            mean = sum(r.confidence for r in those) / n
            rows.append((f"{low:.2f} to {high:.2f}", n, mean, right / n, wilson(right, n)))
    return rows


def calibration_error(results: Sequence[Sure]) -> float:
    """By how much confidence and share right differ, on average over the ranges of the table; 0 of nothing."""
    rows = reliability(results)
    return sum(n * abs(mean - right) for _, n, mean, right, _ in rows) / len(results) if results else 0.0


def brier(results: Sequence[Sure]) -> float:
    """The mean square of what confidence is off by; 0 of nothing."""
    return sum((r.confidence - r.right) ** 2 for r in results) / len(results) if results else 0.0


def area_under_curve(results: Sequence[Sure]) -> float | None:
    """How often a right reply is surer than a wrong one, ties half; None where there are only right or only wrong."""
    right = [r.confidence for r in results if r.right]
    wrong = [r.confidence for r in results if not r.right]
    if not right or not wrong:
        return None
    won = sum((a > b) + (a == b) / 2 for a in right for b in wrong)
    return won / (len(right) * len(wrong))


def summary(results: Sequence[Sure]) -> dict[str, Any]:
    """n, share right, calibration error, Brier score and area under the curve; the first three also by source."""
    sums: dict[str, Any] = {
        "n": len(results),
        "right": sum(r.right for r in results) / len(results) if results else 0.0,
        "calibration_error": calibration_error(results),
        "brier": brier(results),
        "auc": area_under_curve(results),
    }
    for source in dict.fromkeys(r.source for r in results):
        those = [r for r in results if r.source == source]
        sums[source] = {
            "n": len(those),
            "right": sum(r.right for r in those) / len(those),
            "calibration_error": calibration_error(those),
        }
    return sums


def fit(results: Iterable[Sure]) -> dict[Way, Coefficients]:
    """Coefficients for each way to answer that has right and wrong replies: ridge-penalised Newton steps."""
    by_way: dict[Way, list[Sure]] = {}
    for result in results:
        by_way.setdefault(result.way, []).append(result)
    fitted: dict[Way, Coefficients] = {}
    for way, those in by_way.items():
        if way not in FEATURES or len({r.right for r in those}) < 2:
            continue
        x = np.array([[*r.features, 1.0] for r in those])
        y = np.array([float(r.right) for r in those])
        w = np.zeros(x.shape[1])
        ridge = np.diag([_RIDGE] * (len(w) - 1) + [0.0])
        for _ in range(_STEPS):
            p = 1 / (1 + np.exp(-x @ w))
            w -= np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge + 1e-9 * np.eye(len(w)), x.T @ (p - y) + ridge @ w)
        fitted[way] = Coefficients(tuple(round(float(v), 3) for v in w[:-1]), round(float(w[-1]), 3))
    return fitted
