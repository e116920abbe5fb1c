"""Whole runs against scripted assistants: replies, passages, retrieval, latency and the command line."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.evaluation import latency, passages, report, retrieval
from assistant.evaluation.__main__ import main
from assistant.evaluation.generator import Generator
from assistant.evaluation.records import Record, ShopRecords, Sku
from assistant.evaluation.replies import by_kind, failure_row, run_questions, summary
from assistant.types import Citation, Event, Query, Reply, Turn

ROOT = Path(__file__).parents[2]
SHOP = ShopRecords(
    Path("x"),
    "en",
    "USD",
    tuple(
        Record(str(n), f"{word} Tent", (Sku("", price=Decimal(10 * n), in_stock=n % 2 == 0),), category=("Tents",))
        for n, word in enumerate(("Dome", "Tunnel", "Family", "Solo"), start=1)
    ),
)


class Scripted:
    """Says the same to everything, and remembers what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.turns: list[Turn] = []

    async def answer(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        await asyncio.sleep(0)
        return self.reply

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        yield Event("status", {"stage": "retrieve", "text": "…"})
        if self.reply.text:
            yield Event("text", {"delta": self.reply.text})
        yield Event("done", {"reply": self.reply})


def test_replies_are_judged_in_order_with_the_history_of_their_conversation() -> None:
    assistant = Scripted(Reply("We have 4 tents.", Query("?", ("count",))))
    questions = list(Generator(SHOP, seed=1).questions(80))
    judged = asyncio.run(run_questions(assistant, questions, SHOP, at_once=3))
    assert [result.question.id for result in judged] == [question.id for question in questions]
    assert all(r.verdict.right for r in judged if r.question.kind == "count_all")
    assert not any(r.verdict.right for r in judged if r.question.kind == "price_product")
    assert {len(turn.history) for turn in assistant.turns} >= {0, 2}
    sums = summary(judged)
    assert sums["n"] == 80 and sums["right"] == sum(r.verdict.right for r in judged)
    assert sums["wilson95"][0] <= sums["accuracy"] <= sums["wilson95"][1]
    assert by_kind(judged)[0][3] == 0.0
    json.dumps(failure_row(judged[0]), default=str)


def citation(n: int, entry: str) -> Citation:
    return Citation(n, entry, "faq", "t", "q")


@pytest.mark.parametrize(
    ("text", "citations", "declined"),
    [
        ("You have 30 days [1].", (citation(1, "faq:returns"),), False),
        ("I'm sorry, I don't know that. Shall I pass you on?", (), True),
        ("抱歉，店铺资料里没有写这一点。", (), True),
        ("Dog bites are not covered [1]. We cannot help with fading.", (citation(1, "policy:warranty.md#3"),), False),
        ("I can't find an answer to that. Maybe this helps [1].", (citation(1, "faq:a"),), True),
        ("Yes.", (), False),
        ("", (), True),
    ],
)
def test_declining_is_told_from_answering(text: str, citations: tuple[Citation, ...], declined: bool) -> None:
    assert passages.declined(Reply(text, Query("?", ("policy",)), citations=citations)) is declined


def test_the_first_citation_decides_whether_the_source_is_right() -> None:
    reply = Reply("30 days [1], see also [2].", Query("?", ("policy",)), citations=(citation(2, "b"), citation(1, "a")))
    questions = [passages.Paraphrase("1", "?", ("a",)), passages.Paraphrase("2", "?", ("b",))]
    first, second = asyncio.run(passages.ask(Scripted(reply), questions))
    assert (first.first_right, first.any_right) == (True, True)
    assert (second.first_right, second.any_right) == (False, True)
    sums = passages.summary([first, second], [first])
    assert sums["right_source_first"] == 0.5
    assert sums["unanswerable_declined"] == 0.0
    assert [row["id"] for row in passages.failure_rows([first, second], [first])] == ["2", "1"]


@pytest.mark.parametrize(
    ("cited", "gold", "same"),
    [
        ("faq:a", "faq:a", True),
        ("faq:a", "a", True),
        ("policy:returns.md#2", "policy:returns.md", True),
        ("policy:returns.md#2", "policy:returns.md#3", False),
        ("faq:a", "faq:b", False),
    ],
)
def test_a_policy_without_a_passage_accepts_any_of_its_passages(cited: str, gold: str, same: bool) -> None:
    assert passages.same_source(cited, gold) is same


def test_paraphrases_name_the_line_that_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "1", "text": "a", "gold": ["x"]}\n\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 3"):
        passages.read_paraphrases(path)
    path.write_text('{"id": "1", "question": "a", "source": "x"}\n', encoding="utf-8")
    assert passages.read_paraphrases(path) == (passages.Paraphrase("1", "a", ("x",)),)


def test_retrieval_is_measured_against_graded_judgements(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("query_id\tquery\tstatus\n1\ttent\tjudged\n2\tshoe\tabsent\n", encoding="utf-8")
    (tmp_path / "r.tsv").write_text("query_id\tproduct_id\trating\n1\ta\t3\n1\tb\t0\n", encoding="utf-8")
    queries = retrieval.read_queries(tmp_path / "q.tsv", tmp_path / "r.tsv")
    assert [query.text for query in queries] == ["tent"]

    def search(text: str) -> Sequence[str]:
        return ["b", "a"]

    sums = retrieval.evaluate(search, queries)
    assert sums["ndcg10"] == pytest.approx(0.6309, abs=1e-4)
    assert (sums["p1"], sums["mrr"], sums["recall10"]) == (0.0, 0.5, 1.0)


def test_single_gold_queries_need_no_judgements_file(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "q0", "query": "大落地窗", "gold": ["z1"]}\n', encoding="utf-8")
    queries = retrieval.read_queries(tmp_path / "q.jsonl")
    assert retrieval.evaluate(lambda _: ["z1"], queries)["p1"] == 1.0
    with pytest.raises(ValueError, match="--qrels"):
        retrieval.read_queries(tmp_path / "q.tsv")


def test_every_shopper_waits_for_his_first_words() -> None:
    waits = asyncio.run(latency.time_shoppers(Scripted(Reply("Hi.", Query("?", ("find",)))), ["a"] * 7, 3))
    assert len(waits) == 7
    sums = latency.summary(waits, 3)
    assert sums["without_text"] == 0 and sums["first_text_p95_ms"] >= sums["first_text_p50_ms"] >= 0
    silent = asyncio.run(latency.time_shoppers(Scripted(Reply("", Query("?", ("find",)))), ["a"], 1))
    assert latency.summary(silent, 1)["without_text"] == 1


def test_a_report_is_a_table_and_one_line_of_json() -> None:
    text = report.table(("kind", "n"), [("price", 3), ("stock", 12)])
    assert text.split("\n") == ["kind    n", "-----  --", "price   3", "stock  12"]
    assert json.loads(report.json_line({"a": Decimal("1.50"), "b": 0.123456, "c": (1, None)})) == {
        "a": "1.50",
        "b": 0.1235,
        "c": [1, None],
    }


def test_questions_are_written_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": str(n), "title": f"{w} Tent", "price": str(9 + n), "category": ["Tents"]} for n, w in enumerate("ABCD")
    ]
    (tmp_path / "products.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "questions.jsonl"
    assert main(["questions", str(tmp_path), "--n", "25", "--language", "both", "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out.strip().split("\n")[-1])["questions"] == 25
    questions = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]
    assert len(questions) == 25 and {"id", "kind", "text", "truth"} <= questions[0].keys()


def test_a_seed_draws_the_same_questions_in_every_process() -> None:
    command = [sys.executable, "-m", "assistant.evaluation", "questions", "knowledge_base/demo_shop", "--n", "200"]
    drawn = {
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(drawn) == 1 and next(iter(drawn)).count(b'"text"') == 200


def test_a_missing_shop_is_an_error_and_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questions", str(tmp_path / "none"), "--n", "5"]) == 1
    assert capsys.readouterr().err.startswith("error: ")
