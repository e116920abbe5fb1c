"""Personal data in messages: how much of it is masked, how much else is, and what that costs.

    python -m benchmarks.pii [--n 500] [--seed 1] [--split NAME] [--data DIR] [--show] [--presidio]

NAME: first, second, third, fourth (`benchmarks.planted`), faker, recorded (`benchmarks.planted_by_others`).
Plants `--n` made-up values of all kinds, in English and Chinese, in carrier sentences (`benchmarks.planted`), and masks
them as prompts and as logs are masked. Then masks ordinary messages: questions generated from both demo shops,
paraphrases of their FAQ, and with `--data` the public messages there. Prints tables and one JSON line. `--show` lists
what went wrong. `--presidio` measures
presidio-analyzer's pattern recognisers over a blank spaCy pipeline beside it (`benchmarks/requirements.txt`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.evaluation.generator import Generator
from assistant.evaluation.metrics import percentile, wilson
from assistant.evaluation.records import read_records
from assistant.evaluation.report import commit, json_line, table
from assistant.fencing import Fence, defuse
from assistant.privacy.drafting import mask_prompt
from assistant.privacy.logs import MaskingFilter
from assistant.privacy.masking import mask
from assistant.types import Evidence, Prompt
from benchmarks.planted import Planted, planted
from benchmarks.planted_by_others import faked, recorded

_ROOT = Path(__file__).resolve().parents[1]
_WINDOW = 5
SPLITS = ("first", "second", "third", "fourth", "faker", "recorded")
Mask = Callable[[str], str]


def survives(one: Planted, masked: str) -> bool:
    """Whether a piece of the value can still be read: a secret as a whole, or five signs in a row of a number."""
    left = _compact(masked)
    carrier = _compact(one.text.replace(one.value, "|"))
    for secret in map(_compact, one.secrets):
        if one.kind in ("email", "address", "address zh"):
            if secret in left and secret not in carrier:
                return True
            continue
        windows = (secret[at : at + _WINDOW] for at in range(len(secret) - _WINDOW + 1))
        if any(window in left and window not in carrier for window in windows):
            return True
    return False


def _compact(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("零一二三四五六七八九", "0123456789"))
    return "".join(character for character in text if character.isalnum() or character == "|")


def as_prompt(text: str) -> str:
    """A message as a remote model gets it, fenced and defused; the text itself where nothing was masked."""
    content = Fence().wrap("message", defuse(text, 4000))
    prompt = Prompt((("system", "Rules."), ("user", content)), Evidence(), 0)
    masked, _ = mask_prompt(prompt)
    return text if masked is prompt else masked.messages[-1][1]


def as_log(text: str) -> str:
    """A message as a library writes it to a log, within a dictionary; the text itself where nothing was masked."""
    options = {"json_data": {"messages": [{"role": "user", "content": text}]}}
    record = logging.LogRecord("client", logging.DEBUG, __file__, 1, "Request options: %s", (options,), None)
    plain = record.getMessage()
    MaskingFilter().filter(record)
    shown = record.getMessage()
    return text if shown == plain else re.sub(r"\\[nrt]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}", "", shown)


def ordinary_messages(data: Path | None, seed: int, n: int = 600) -> dict[str, list[str]]:
    """Messages without personal data, by where they come from; `n` generated ones for each demo shop."""
    found: dict[str, list[str]] = {}
    for shop in ("demo_shop", "demo_shop_zh"):
        records = read_records(_ROOT / "knowledge_base" / shop)
        found[f"questions of {shop}"] = [question.text for question in Generator(records, seed, None).questions(n)]
    for path in sorted((_ROOT / "assistant" / "evaluation" / "data").glob("*.jsonl")):
        rows = path.read_text("utf-8").split("\n")
        read = [json.loads(row) for row in rows if row.strip()]
        if texts := [row["text"] for row in read if "text" in row]:  # what agents wrote is no message of a shopper
            found[path.name] = texts
    if data is not None:
        found |= {name: texts for name, texts in _public(data).items() if texts}
    return found


def _public(data: Path) -> dict[str, list[str]]:
    bitext, constraints = data / "support_bitext" / "intents.jsonl.gz", data / "queries_constraints"
    abcd = data / "support_abcd" / "abcd_sample.json"
    return {
        "support_bitext": [row["text"] for row in _rows(bitext)][::5],
        "shoppingbench": [
            text for path in sorted(constraints.glob("*.jsonl.gz")) for row in _rows(path) if (text := _query(row))
        ],
        "webshop": _strings(constraints / "webshop_human_goals.json.gz")[:1000],
        "wands": [line.split("\t")[1] for line in _lines(constraints / "wands_queries.tsv")[1:] if "\t" in line],
        "support_abcd guidelines": _strings(abcd.parent / "guidelines.json"),
    }


def _query(row: dict[str, Any]) -> str:
    return next((row[key] for key in ("query", "request", "instruction", "text") if isinstance(row.get(key), str)), "")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n") if path.exists() else []


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from (json.loads(line) for line in file)


def _strings(path: Path) -> list[str]:
    """All texts of a JSON file, wherever they stand in it."""
    if not path.exists():
        return []
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    texts: list[str] = []
    waiting: list[Any] = [json.loads(raw)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
    return [text for text in texts if len(text) > 15]


def presidio() -> Mask:
    """presidio-analyzer's patterns, all countries, over a blank spaCy pipeline; nothing is fetched."""
    import os

    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

    os.environ.setdefault("TLDEXTRACT_CACHE", "/nonexistent")
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = tldextract.tldextract.TLD_EXTRACTOR
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    kinds = sorted(
        set(engine.get_supported_entities("en")) - {"URL", "DATE_TIME", "IP_ADDRESS", "NRP", "PERSON", "LOCATION"}
    )

    def masked(text: str) -> str:
        text = unicodedata.normalize("NFKC", text)
        for found in sorted(
            engine.analyze(text, "en", entities=kinds, score_threshold=0.35), key=lambda one: -one.start
        ):
            text = f"{text[: found.start]}⟨{found.entity_type}⟩{text[found.end :]}"
        return text

    return masked


def measure(
    name: str, masked: Mask, values: Sequence[Planted], messages: dict[str, list[str]], show: bool
) -> dict[str, Any]:
    """Tables of one way to mask, and its figures."""
    left = [one for one in values if survives(one, masked(one.text))]
    n, lost = Counter((one.kind, one.language) for one in values), Counter((one.kind, one.language) for one in left)
    rows = [(*key, n[key], n[key] - lost[key], 1 - lost[key] / n[key]) for key in sorted(n)]
    print(f"\n{name}\n" + table(("kind", "language", "planted", "masked", "share"), rows))
    times: list[float] = []
    wrong: dict[str, list[str]] = {source: [] for source in messages}
    for source, texts in messages.items():
        for text in texts:
            started = time.perf_counter()
            shown = masked(text)
            times.append((time.perf_counter() - started) * 1000)
            if shown != unicodedata.normalize("NFKC", text) and shown != text:
                wrong[source].append(f"{text!r} -> {shown!r}")
    rows_ = [
        (source, len(texts), len(wrong[source]), len(wrong[source]) / len(texts)) for source, texts in messages.items()
    ]
    print("\n" + table(("ordinary messages", "n", "false", "share"), rows_))
    if show:
        print("\n" + "\n".join(f"left: {one.kind} {one.format}: {one.text!r} -> {masked(one.text)!r}" for one in left))
        print("\n".join(f"false: {source}: {line[:400]}" for source, lines in wrong.items() for line in lines[:40]))
    n_messages, n_wrong = sum(map(len, messages.values())), sum(map(len, wrong.values()))
    return {
        "masked": (len(values) - len(left)) / len(values),
        "masked_interval": wilson(len(values) - len(left), len(values)),
        "planted": len(values),
        "false": n_wrong / n_messages,
        "false_interval": wilson(n_wrong, n_messages),
        "messages": n_messages,
        "ms_p50": percentile(times, 0.5),
        "ms_p95": percentile(times, 0.95),
        "ms_max": max(times),
    }


def _values(options: argparse.Namespace) -> list[Planted]:
    if options.split == "faker":
        return faked(options.n, options.seed)
    if options.split == "recorded":
        return recorded(options.seed, options.data)
    return planted(options.n, options.seed, options.split)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=SPLITS, default="fourth")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--presidio", action="store_true")
    options = parser.parse_args()
    values = _values(options)
    messages = ordinary_messages(options.data, options.seed)
    if options.data is None or not options.data.is_dir():
        print("not measured: public messages (--data)")
    ways: dict[str, Mask] = {"text": lambda text: mask(text).text, "prompt": as_prompt, "log": as_log}
    if options.presidio:
        ways["presidio"] = presidio()
    results = {name: measure(name, masked, values, messages, options.show) for name, masked in ways.items()}
    head = {"benchmark": "pii", "commit": commit(), "seed": options.seed, "split": options.split}
    print("\n" + json_line({**head, **results}))


if __name__ == "__main__":
    main()
