"""The leads' page of figures shows what was counted, in both languages, and nothing of it as markup."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from assistant.desk.insights import Day, DraftRecord, Insights, Times
from assistant.store.counting import AnswerCount
from assistant.types import Language
from ui.desk.insights import duration, render_insights

FIRST = date(2026, 11, 1)


def of_days(n: int, busy: int = 3) -> Insights:
    days = tuple(Day(FIRST + timedelta(days=i), 2, busy * i, busy * i, 1, i % 2) for i in range(n))
    return Insights(
        FIRST,
        days[-1].day,
        days,
        1200,
        900,
        Times(9, 74.0, 410.0),
        Times(0, None, None),
        (("asked", 6), ("<b>new</b>", 2)),
        4,
        (DraftRecord("policy", "hf:<i>", 3, 1, 0, 12.0, None),),
        5,
        (AnswerCount("policy", "composer", 50, 10, 7, 1),),
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_is_there_as_text(language: Language) -> None:
    html = render_insights(of_days(30), language)
    for figure in ("1,200", "75%", "900", "20%", "88%", "7 min" if language == "en" else "7 分钟"):
        assert figure in html
    assert "2026-11-30" in html
    ElementTree.fromstring(html)  # well formed, so that no text is markup


def test_what_a_record_is_called_is_never_markup() -> None:
    html = render_insights(of_days(3), "en")
    assert "<i>" not in html
    assert "&lt;b&gt;new" in html


def test_many_days_are_drawn_as_weeks_and_none_is_lost() -> None:
    html = render_insights(of_days(366), "en")
    assert html.count('class="dk-hit"') == 53
    weekly = re.findall(r"Questions (\d+)", html)
    assert sum(map(int, weekly)) == sum(day.questions for day in of_days(366).days)


def test_days_without_anything_say_so_instead_of_an_empty_drawing() -> None:
    quiet = Insights(FIRST, FIRST, (Day(FIRST),), 0, 0, Times(0, None, None), Times(0, None, None), (), 0, (), 0, ())
    html = render_insights(quiet, "en")
    assert "<svg" not in html
    assert html.count("Nothing in these days.") == 4


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (74, "74 s"), (95, "2 min"), (5399, "90 min"), (9000, "2.5 h"), (200_000, "2.3 d")],
)
def test_a_time_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert duration(seconds, "en") == said
