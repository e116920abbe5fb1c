"""`python -m assistant ask` as a merchant runs it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _ask(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOPKEEPER_")}
    return subprocess.run(
        [sys.executable, "-m", "assistant", "ask", *arguments],
        cwd=ROOT, env={**clean, **environment}, input=stdin, capture_output=True, text=True, encoding="utf-8",
        timeout=100, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return "--model", "composer", "--embedder", "none", "--data", str(tmp_path_factory.mktemp("data"))


def test_one_question_is_answered_as_one_json_line(small_shop: Path, options: tuple[str, ...]) -> None:
    done = _ask(str(small_shop), "how much is the Enamel Mug?", "--json", *options)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    document: dict[str, Any] = json.loads(line)
    reply = document["reply"]
    assert "$12.50" in reply["text"]
    assert [(card["id"], card["price"], card["currency"]) for card in reply["products"]] == [("mug", "12.50", "USD")]
    assert reply["intents"] == ["product_question"]
    assert reply["citations"][0]["id"] == "product:mug"
    assert reply["model"] == "composer" and reply["fallback"] is None and reply["handoff"] is None
    assert set(reply["timings_ms"]) >= {"understand", "retrieve", "total"}
    wanted = {"text", "products", "citations", "suggestions", "intents", "filters", "language", "findings", "handoff"}
    assert wanted <= set(reply)


def test_a_batch_keeps_conversations_and_shoppers_apart(
    small_shop: Path, options: tuple[str, ...], tmp_path: Path
) -> None:
    lines: list[dict[str, str]] = [
        {"id": "1", "text": "show me Fernway tents under $200", "conversation": "a"},
        {"id": "2", "text": "do you have mugs?", "conversation": "b"},
        {"id": "3", "text": "is it waterproof?", "conversation": "a"},
        {"id": "4", "text": "how big is it?", "conversation": "b"},
        {"id": "5", "text": "where is my order?", "shopper": "ada"},
        {"id": "6", "text": "where is my order A1001?", "shopper": "bob"},
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    done = _ask(str(small_shop), "--batch", str(batch), *options)
    assert done.returncode == 0, done.stderr
    replies = {row["id"]: row["reply"] for row in map(json.loads, done.stdout.splitlines())}
    assert list(replies) == ["1", "2", "3", "4", "5", "6"]
    assert [card["id"] for card in replies["3"]["products"]] == ["tent-2"]
    assert replies["3"]["text"].startswith("Yes")
    assert "350 ml" in replies["4"]["text"]
    assert "TRK-777" in replies["5"]["text"]
    assert "TRK-777" not in replies["6"]["text"]


def test_a_batch_is_read_from_standard_input(small_shop_zh: Path, options: tuple[str, ...]) -> None:
    done = _ask(str(small_shop_zh), "--batch", "-", *options, stdin='{"id": "1", "text": "云朵电热水壶多少钱"}\n')
    assert done.returncode == 0, done.stderr
    assert "129" in json.loads(done.stdout)["reply"]["text"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("{shop}",), None, "QUESTION"),
        (("{shop}", "hi", "--batch", "-"), "", "QUESTION"),
        (("{shop}/missing", "hi"), None, "missing"),
        (("{shop}", "--batch", "-"), "not json\n", "line 1"),
        (("{shop}", "--batch", "-"), '{"id": "1"}\n', "text"),
        (("{shop}", "hi", "--model", "nonsense"), None, "nonsense"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    arguments: tuple[str, ...], stdin: str | None, message: str, small_shop: Path, options: tuple[str, ...]
) -> None:
    given = tuple(argument.format(shop=small_shop) for argument in arguments)
    extra = options[2:] if "--model" in given else options
    done = _ask(*given, *extra, stdin=stdin)
    assert done.returncode == 2
    assert message in done.stderr and done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_is_refused(small_shop: Path, options: tuple[str, ...]) -> None:
    done = _ask(str(small_shop), "hi", *options, SHOPKEEPER_PROT="1")
    assert done.returncode == 2
    assert "SHOPKEEPER_PROT" in done.stderr
