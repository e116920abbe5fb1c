"""The evaluation's command line: each run prints a table for people and one JSON line last."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.evaluation import (
    confidence,
    corrections,
    hand_back,
    latency,
    models,
    passages,
    public_sets,
    report,
    retrieval,
)
from assistant.evaluation.generator import Generator
from assistant.evaluation.records import read_records
from assistant.evaluation.replies import by_kind, failure_row, run_questions, summary
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.vectors import VectorPlace

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


_DATA = Path(__file__).with_name("data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the shop or a file cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (AssistantError, KnowledgeBaseError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assistant.evaluation", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help_text: str, shop: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(run=run)
        if shop:
            added.add_argument("shop", type=Path, help="the shop folder")
        return added

    def asks(added: argparse.ArgumentParser, n: int) -> None:
        added.add_argument("--n", type=int, default=n, help=f"how many questions (default {n})")
        added.add_argument("--seed", type=int, default=1, help="which questions are drawn (default 1)")
        added.add_argument("--language", choices=("en", "zh", "both"), help="default: the shop's language")

    def answers(added: argparse.ArgumentParser) -> None:
        added.add_argument("--model", default="composer", help="the model SPEC (default composer)")
        added.add_argument("--data", type=Path, help="where indexes are kept (default .data)")
        added.add_argument("--json", action="store_true", help="only the JSON line")

    questions = command("questions", _questions, "write generated questions with their ground truth")
    asks(questions, 1000)
    questions.add_argument("--out", type=Path, help="a JSONL file (default: standard output)")

    replies = command("replies", _replies, "ask generated questions and judge every reply")
    asks(replies, 1000)
    answers(replies)
    replies.add_argument("--at-once", type=int, default=1, help="conversations beside each other (default 1)")
    replies.add_argument("--failures", type=Path, default=Path("failures.jsonl"), help="failed replies go here")

    faq = command("faq", _faq, "ask FAQ and policies in other words, and what the shop does not answer")
    answers(faq)
    faq.add_argument("--paraphrases", type=Path, help='JSONL: {"id", "text", "sources": [entry ids]}')
    faq.add_argument("--unanswerable", type=Path, help='JSONL: {"id", "text"}')
    faq.add_argument("--split", help='only the rows of this split ("tune", "test", "fresh")')
    faq.add_argument("--failures", type=Path, default=Path("faq_failures.jsonl"), help="where failures are written")

    learned = command("corrections", _corrections, "correct answers, and ask for them and for others in other words")
    answers(learned)
    learned.add_argument("--matters", type=Path, help="JSONL (default: those for the demo shops)")
    learned.add_argument("--split", help='only the matters of this split ("tune", "test")')
    learned.add_argument("--seed", type=int, default=1, help="which other questions are asked (default 1)")
    learned.add_argument("--failures", type=Path, default=Path("correction_failures.jsonl"), help="where they are put")

    search = command("retrieval", _retrieval, "measure search against relevance judgements", shop=False)
    search.add_argument("--data", type=Path, help="a folder of public data sets: each that is there is run")
    search.add_argument("--shop", type=Path, help="a shop folder, with --queries")
    search.add_argument("--queries", type=Path, help="TSV: query_id, query, status; JSONL: id, query, gold")
    search.add_argument("--qrels", type=Path, help="TSV query_id, product_id, rating")
    search.add_argument("--embedder", help="embedder name, `none`, or auto (default)")
    search.add_argument("--indexes", type=Path, help="where indexes are kept (default .data)")
    search.add_argument("--seed", type=int, default=1, help="of the bootstrap (default 1)")
    search.add_argument("-k", type=int, default=100, help="how deep to search a --shop (default 100)")

    bits = command("quantisation", _quantisation, "measure what fewer bits cost a model in exact facts")
    asks(bits, 300)
    bits.add_argument("--model", required=True, help="the model SPEC, hf:NAME_OR_PATH")
    bits.add_argument("--quantization", choices=("int8", "int4"), required=True, help="how weights are to be kept")
    bits.add_argument("--data", type=Path, help="where indexes and the verdict are kept (default .data)")
    bits.add_argument("--at-once", type=int, default=8, help="conversations beside each other (default 8)")

    sure = command("confidence", _confidence, "measure whether a draft is right as often as it says")
    asks(sure, 300)
    answers(sure)
    sure.add_argument("--paraphrases", type=Path, help='JSONL: {"id", "text", "sources": [entry ids]}')
    sure.add_argument("--unanswerable", type=Path, help='JSONL: {"id", "text"}')
    sure.add_argument("--split", help='only the rows of this split ("tune", "test", "fresh")')
    sure.add_argument("--fit", action="store_true", help="also print coefficients that fit these questions")

    handed = command(
        "hand-back", _hand_back, "ask on after a person of the shop answered, on the same and other matters"
    )
    answers(handed)
    handed.add_argument("--matters", type=Path, default=hand_back.DATA, help="JSONL (default: those of the demo shops)")
    handed.add_argument("--split", default="", help='only the matters of this split ("tune", "test", "fresh", "last")')
    handed.add_argument("--failures", type=Path, default=Path("hand_back_failures.jsonl"), help="failures go here")

    worded = command("prompts", _prompts, "hold rules for a model against each other")
    asks(worded, 300)
    worded.add_argument("--model", required=True, help="the model SPEC")
    worded.add_argument(
        "--rules", type=Path, nargs="+", required=True, help="folders of rules; the built-in ones come first"
    )
    worded.add_argument("--data", type=Path, help="where indexes are kept (default .data)")
    worded.add_argument("--at-once", type=int, default=8, help="conversations beside each other (default 8)")

    timing = command("latency", _latency, "time to the first words with several shoppers at once")
    asks(timing, 200)
    answers(timing)
    timing.add_argument("--shoppers", type=int, default=10, help="how many ask at once (default 10)")
    return parser


def _assistant(options: argparse.Namespace) -> Assistant:
    from assistant.bootstrap import bootstrap

    return bootstrap(_settings(options))


def _settings(options: argparse.Namespace) -> Settings:
    return Settings.from_environment(os.environ, shop=options.shop, model=options.model, data=options.data)


def _quantisation(options: argparse.Namespace) -> None:
    models.measure_bits(options, _settings(options))


def _prompts(options: argparse.Namespace) -> None:
    models.compare_rules(options, _settings(options))


def _write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def _questions(options: argparse.Namespace) -> None:
    shop = read_records(options.shop)
    rows = [q.to_json() for q in Generator(shop, options.seed, options.language).questions(options.n)]
    if options.out:
        _write_rows(options.out, rows)
        print(report.json_line({"questions": len(rows), "out": str(options.out), "seed": options.seed}))
        return
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))


def _replies(options: argparse.Namespace) -> None:
    shop = read_records(options.shop)
    questions = list(Generator(shop, options.seed, options.language).questions(options.n))
    assistant = _assistant(options)
    started = time.perf_counter()
    judged = asyncio.run(run_questions(assistant, questions, shop, options.at_once))
    failed = [result for result in judged if not result.verdict.right]
    _write_rows(options.failures, map(failure_row, failed))
    if not options.json:
        header = ("kind", "n", "right", "share", "wrong figures", "broken constraints")
        print(report.table(header, by_kind(judged)))
        print(f"\n{len(failed)} failed replies in {options.failures}\n")
    sums = {"took_s": time.perf_counter() - started, **summary(judged)}
    print(report.json_line({**report.head("replies", options), "model": assistant.model, **sums}))


def _faq(options: argparse.Namespace) -> None:
    answerable = passages.read_paraphrases(options.paraphrases, options.split) if options.paraphrases else ()
    unanswerable = passages.read_paraphrases(options.unanswerable, options.split) if options.unanswerable else ()
    assistant = _assistant(options)

    async def run() -> tuple[list[passages.Outcome], list[passages.Outcome]]:
        return await passages.ask(assistant, answerable), await passages.ask(assistant, unanswerable)

    answered, refused = asyncio.run(run())
    _write_rows(options.failures, passages.failure_rows(answered, refused))
    sums = passages.summary(answered, refused)
    if not options.json:
        rows = [(name, value) for name, value in sums.items() if isinstance(value, float)]
        print(report.table(("measure", "value"), rows) + f"\n\nfailures in {options.failures}\n")
    print(report.json_line({**report.head("faq", options), "model": assistant.model, **sums}))


def _corrections(options: argparse.Namespace) -> None:
    from knowledge_base.opening import embedding_cache

    assistant = _assistant(options)
    language = assistant.info.language[:2]
    matters = corrections.read_matters(language, options.split, options.matters)
    asked = [passages.read_paraphrases(_DATA / f"{name}.{language}.jsonl") for name in ("paraphrases", "unanswerable")]
    shop = read_records(options.shop)
    generated = {q.conversation: q for q in reversed(list(Generator(shop, options.seed).questions(150)))}
    others = [*asked[0], *asked[1], *(passages.Paraphrase(q.id, q.text) for q in generated.values())]
    cache = embedding_cache(Settings.from_environment(os.environ, data=options.data).data)
    outcome = asyncio.run(corrections.run(assistant, matters, others, options.seed, cache))
    _write_rows(options.failures, corrections.failure_rows(outcome))
    sums = corrections.summary(outcome)
    if not options.json:
        print(report.table(("kind", "paraphrases", "changed", "share"), corrections.by_kind(outcome)) + "\n")
        rows = [(name, value) for name, value in sums.items() if isinstance(value, float)]
        print(report.table(("measure", "value"), rows) + f"\n\nfailures in {options.failures}\n")
    print(report.json_line({**report.head("corrections", options), "model": assistant.model, **sums}))


def _retrieval(options: argparse.Namespace) -> None:
    from knowledge_base.opening import open_index
    from knowledge_base.retrieval import retrieve

    if options.data is not None:
        _public_sets(options)
        return
    if options.shop is None or options.queries is None:
        raise ValueError("retrieval needs --data FOLDER, or --shop SHOP and --queries FILE")
    queries = retrieval.read_queries(options.queries, options.qrels)
    settings = Settings.from_environment(os.environ, data=options.indexes, embedder=options.embedder)
    vectors = VectorPlace(settings.vectors, settings.milvus_token)
    index = open_index(options.shop, settings.data, settings.embedder, vectors=vectors)

    def search(text: str) -> list[str]:
        return [hit.entry.id.split(":", 1)[1] for hit in retrieve(index, text, k=options.k)]

    sums = retrieval.evaluate(search, queries, options.seed)
    print(report.table(("measure", "value"), [(k, v) for k, v in sums.items() if isinstance(v, float)]) + "\n")
    print(report.json_line({**report.head("retrieval", options), "embedder": index.manifest.embedder, **sums}))


def _public_sets(options: argparse.Namespace) -> None:
    from assistant.evaluation.public_runs import measure, table_rows

    settings = Settings.from_environment(os.environ, data=options.indexes, embedder=options.embedder)
    sets, missing = public_sets.read_sets(options.data)
    results = {found.name: measure(found, settings.data, settings.embedder, options.seed) for found in sets}
    print(report.table(("set", "measure", "value", "95 % interval", "n"), table_rows(results)) + "\n")
    for name in missing:
        print(f"not measured: {name} is not there")
    head = {"evaluation": "retrieval", "commit": report.commit(), "seed": options.seed, "missing": missing}
    print(report.json_line({**head, **results}))


def _confidence(options: argparse.Namespace) -> None:
    records = read_records(options.shop)
    questions = list(Generator(records, options.seed, options.language).questions(options.n))
    answerable = passages.read_paraphrases(options.paraphrases, options.split) if options.paraphrases else ()
    unanswerable = passages.read_paraphrases(options.unanswerable, options.split) if options.unanswerable else ()
    assistant = _assistant(options)
    results = asyncio.run(confidence.measure(assistant, questions, records, answerable, unanswerable))
    if not options.json:
        header = ("confidence", "n", "mean confidence", "right", "95 % interval")
        rows = [(*row[:4], f"{row[4][0]:.2f} to {row[4][1]:.2f}") for row in confidence.reliability(results)]
        print(report.table(header, rows) + "\n")
        for way, fitted in confidence.fit(results).items() if options.fit else ():
            print(f"{way}: {fitted}")
    head = {**report.head("confidence", options), "split": options.split or "all", "model": assistant.model}
    print(report.json_line({**head, **confidence.summary(results)}))


def _hand_back(options: argparse.Namespace) -> None:
    assistant = _assistant(options)
    language = "zh" if assistant.info.language.startswith("zh") else "en"
    matters = hand_back.read_matters(options.matters, language, options.split)
    results = asyncio.run(hand_back.follow_up(assistant, matters))
    _write_rows(options.failures, hand_back.failure_rows(results))
    sums = hand_back.summary(results)
    if not options.json:
        rows = [(name, value) for name, value in sums.items() if isinstance(value, float)]
        print(report.table(("share right", "value"), rows) + f"\n\nfailures in {options.failures}\n")
    head = {**report.head("hand-back", options), "split": options.split or "all"}
    print(report.json_line({**head, "model": assistant.model, **sums}))


def _latency(options: argparse.Namespace) -> None:
    shop = read_records(options.shop)
    texts = [q.text for q in Generator(shop, options.seed, options.language).questions(options.n)]
    assistant = _assistant(options)

    async def run() -> list[latency.Waited]:
        await latency.time_shoppers(assistant, texts[:3], 1)
        return await latency.time_shoppers(assistant, texts, options.shoppers)

    sums = latency.summary(asyncio.run(run()), options.shoppers)
    if not options.json:
        print(report.table(("measure", "value"), [(k, v) for k, v in sums.items() if isinstance(v, float)]) + "\n")
    print(report.json_line({**report.head("latency", options), "model": assistant.model, **sums}))


if __name__ == "__main__":
    sys.exit(main())
