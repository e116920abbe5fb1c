"""Runs that compare what a model writes: with whole weights and with fewer bits, with these rules and with those.

In: the command line's options and the settings. Out: a table for people and one JSON line last. Both load real models,
one at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.config import Settings
from assistant.evaluation import report
from assistant.evaluation.drafts import DraftRun, judge_drafts
from assistant.evaluation.generator import Generator
from assistant.evaluation.questions import Question
from assistant.evaluation.records import ShopRecords, read_records
from assistant.generation.quantisation import Verdict, full_name, write_verdict
from assistant.rules import Rules, built_in_rules, read_rules

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_T = TypeVar("_T")
_HEADER = ("rules", "drafts", "exact facts", "better / worse", "sentences changed", "composer", "prompt tokens", "ms")


def measure_bits(options: argparse.Namespace, settings: Settings) -> None:
    """Ask with whole weights and with fewer bits, one after the other, and keep the verdict for the start.

    Raises:
        ValueError: it is no model in this process.
    """
    from assistant.bootstrap import bootstrap

    if not options.model.startswith("hf:"):
        raise ValueError("only a model in this process has weights to measure: give --model hf:NAME_OR_PATH")
    shop, questions = _asked(options)
    settings = dataclasses.replace(settings, temperature=0.0, quantization_forced=True)

    def measured(quantization: str) -> tuple[dict[str, bool], str]:
        assistant = bootstrap(dataclasses.replace(settings, quantization=quantization))
        run = asyncio.run(_closed_after(assistant, judge_drafts(assistant, questions, shop, options.at_once)))
        return run.right, assistant.index.manifest.fingerprint

    whole, fingerprint = measured("none")
    fewer, _ = measured(options.quantization)
    both = whole.keys() & fewer.keys()
    name = full_name(options.model.removeprefix("hf:"), settings.adapter)
    counts = (sum(whole[one] for one in both), sum(fewer[one] for one in both))
    verdict = Verdict(name, options.quantization, len(both), *counts, fingerprint)
    write_verdict(settings.data, verdict)
    print(f"{verdict}: {'may be served' if verdict.passes else 'refused at start unless forced'}")
    row = {**report.head("quantisation", options), "passes": verdict.passes, **dataclasses.asdict(verdict)}
    print(report.json_line(row))


def compare_rules(options: argparse.Namespace, settings: Settings) -> None:
    """Ask the same questions with each set of rules, on one model."""
    from assistant.bootstrap import bootstrap

    shop, questions = _asked(options)
    sets = {"built-in": built_in_rules(), **{str(folder): read_rules(folder) for folder in options.rules}}
    assistant = bootstrap(settings)
    runs = asyncio.run(_closed_after(assistant, run_rules(assistant, sets, questions, shop, options.at_once)))
    print(report.table(_HEADER, rule_rows(runs)))
    found = {name: _sums(run) for name, run in runs.items()}
    print(report.json_line({**report.head("prompts", options), "model": assistant.model, "rules": found}))


async def run_rules(
    assistant: Assistant, sets: Mapping[str, Rules], questions: Sequence[Question], shop: ShopRecords, at_once: int
) -> dict[str, DraftRun]:
    """One run a set of rules, by its name."""
    return {
        name: await judge_drafts(dataclasses.replace(assistant, rules=rules), questions, shop, at_once)
        for name, rules in sets.items()
    }


def rule_rows(runs: Mapping[str, DraftRun]) -> list[tuple[object, ...]]:
    """A row a set of rules; better and worse are questions whose outcome differs from that of the first set."""
    first = next(iter(runs.values())).right
    common = set.intersection(*(set(run.right) for run in runs.values()))
    rows: list[tuple[object, ...]] = []
    for name, run in runs.items():
        better, worse = (
            sum(run.right[one] is won and first[one] is not won for one in common) for won in (True, False)
        )
        medians = (round(run.median_prompt_tokens), round(run.median_first_ms))
        changed = f"{run.changed} of {run.sentences}"
        rows.append((name, run.n, sum(run.right.values()), f"{better} / {worse}", changed, run.fell_back, *medians))
    return rows


def _sums(run: DraftRun) -> dict[str, Any]:
    return {**dataclasses.asdict(run), "right": sum(run.right.values()), "n": run.n}


def _asked(options: argparse.Namespace) -> tuple[ShopRecords, list[Question]]:
    shop = read_records(options.shop)
    return shop, list(Generator(shop, options.seed, options.language).questions(options.n))


async def _closed_after(assistant: Assistant, measuring: Coroutine[Any, Any, _T]) -> _T:
    """What is measured; the model is let go of then."""
    try:
        return await measuring
    finally:
        if assistant.drafter is not None:
            await assistant.drafter.close()
