"""The figures over public data sets, by hand, and sets read from files made here."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from assistant.evaluation import metrics
from assistant.evaluation.public_runs import measure, table_rows
from assistant.evaluation.public_sets import (
    OFFERS,
    TITLES_ZH,
    HeadTerm,
    Ranked,
    SetQuery,
    absence_figures,
    graded_figures,
    head_term_figures,
    offer_figures,
    read_head_terms,
    read_sets,
    task_type,
    title_figures,
)


def test_recall_is_divided_by_what_so_many_hits_can_hold() -> None:
    assert metrics.recall_of_reachable(["a", "b", "x"], {"a", "b", "c", "d"}, 2) == 1.0
    assert metrics.recall_of_reachable(["a", "x"], {"a", "b"}, 2) == 0.5
    assert metrics.recall_of_reachable(["a"], set(), 2) == 0.0


def test_graded_figures_count_unjudged_products_as_nothing_and_leave_them_out() -> None:
    query = SetQuery("1", "tent", {"a": 3.0, "b": 0.0}, "judged")
    figures = graded_figures([Ranked(query, ["new", "a", "b"]), Ranked(SetQuery("2", "?", {}, "pool_missed"), [])])
    assert figures["n"] == 1
    assert figures["ndcg10"] == pytest.approx(1 / 1.5849625)
    assert figures["ndcg10_judged_only"] == pytest.approx(1.0)
    assert figures["recall100_of_reachable"] == 1.0


def test_absence_is_counted_apart_from_what_is_kept() -> None:
    absent, there = SetQuery("1", "yacht", {}, "absent"), SetQuery("2", "tent", {"a": 1.0}, "judged")
    figures = absence_figures(
        [Ranked(absent, [], False), Ranked(absent, [], True), Ranked(there, [], True), Ranked(there, [], True)]
    )
    assert (figures["absent_recognised"], figures["absent_n"]) == (0.5, 2)
    assert (figures["answerable_kept"], figures["answerable_n"]) == (1.0, 2)


def test_offers_are_counted_a_task_type() -> None:
    first = Ranked(SetQuery("1", "q", {"a": 1.0, "b": 1.0}, "vague"), ["a", "x"])
    second = Ranked(SetQuery("2", "q", {"a": 1.0}, "cart"), ["a"])
    figures = offer_figures([first, second])
    assert figures["recall10"] == 0.75
    assert figures["types"] == {"cart": (1, 1.0), "vague": (1, 0.5)}
    assert task_type("WEBMALL_FIND_COMPATIBLE_PRODUCTS_V1") == "compatible products"


def test_titles_are_counted_by_their_first_and_their_first_ten() -> None:
    rankings = (["a"], ["x", "a"], ["x"] * 10 + ["a"], [])
    figures = title_figures([Ranked(SetQuery(str(i), "q", {"a": 1.0}, "judged"), r) for i, r in enumerate(rankings)])
    assert (figures["p1"], figures["recall10"]) == (0.25, 0.5)
    assert figures["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 11) / 4)


def test_a_head_term_counts_the_thing_and_not_what_is_made_for_it() -> None:
    term = HeadTerm("laptop", re.compile(r"\blaptop\b", re.I), re.compile(r"\bbag\b", re.I))
    figures = head_term_figures({"laptop": ["A Laptop", "Laptop Bag", "Mug"]}, [term], k=3)
    assert figures["right_of_5"] == {"laptop": 1} and figures["all"] == 0.0
    shipped = {t.text: t for t in read_head_terms(Path("assistant/evaluation/data/head_terms.en.tsv"))}
    assert shipped["printer"].names("HP Deskjet Printer") and not shipped["printer"].names("Printer toner cartridge")


def test_each_set_that_is_there_is_run_and_the_others_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "licence_unclear" / "ecominstruct"
    folder.mkdir(parents=True)
    titles = [{"id": "z1", "title": "户外双人帐篷防雨"}, {"id": "z2", "title": "不锈钢保温杯"}]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in titles).encode()
    (folder / "zh_retrieval_docs.jsonl.gz").write_bytes(gzip.compress(lines))
    query = {"id": "q", "query": "帐篷", "gold": ["z1"]}
    (folder / "zh_retrieval_queries.jsonl").write_text(json.dumps(query, ensure_ascii=False), encoding="utf-8")
    found, missing = read_sets(tmp_path / "data")
    assert [one.name for one in found] == [TITLES_ZH]
    assert any(name.startswith(OFFERS) for name in missing)
    figures = measure(found[0], tmp_path / "indexes", "none")
    assert (figures["p1"], figures["n"]) == (1.0, 1)
    assert (TITLES_ZH, "p1", 1.0, "1.000-1.000", 1) in table_rows({TITLES_ZH: figures})
