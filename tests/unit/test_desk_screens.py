"""The desk's screens as HTML: what shoppers, products or colleagues say stays text, and figures show their record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from assistant.desk.figures import Figure, Record
from assistant.errors import DraftOver, ModelUnavailable, NothingToSay, NotYours, StaleDraft, StoreError, Taken
from assistant.store import Agent
from assistant.types import Citation, Finding, Order, OrderItem, ProductCard
from tests.browser.fake_assistant import EVIL
from ui.desk.chat_screen import render_head, render_log, render_side
from ui.desk.draft_screen import marked, render_canned, render_composer, render_draft, render_products
from ui.desk.lead_screens import (
    difference,
    render_audit,
    render_canned_screen,
    render_corrections,
    render_gaps,
    render_teach,
)
from ui.desk.queue_screen import render_frame, render_keys, render_queue, render_search
from ui.desk.refusing import refusal
from ui.desk.showing import (
    AuditShown,
    Canned,
    Chat,
    Colleague,
    CorrectionShown,
    DraftShown,
    Earlier,
    EntryShown,
    GapShown,
    Line,
    NoteShown,
    Place,
    QueueRow,
)
from ui.desk.wording import WORDS, Words

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
EN, ZH = Words("en"), Words("zh")
ANN = Agent("agt_1", "ann", "Ann Becker", "agent")
LEO = Agent("agt_2", "leo", "Leo", "lead")
DRAFT = DraftShown("drf_1", "It costs $89.00 and weighs 1.9 kg [1].", figures=(Figure(9, 15, ()), Figure(27, 33, ())))
CHAT = Chat("conv-1234", "agent", "Ann Becker", True, lines=(Line(1, "shopper", "How much?", AT),), draft=DRAFT)


def test_no_field_that_others_fill_can_put_markup_on_a_screen() -> None:
    card = ProductCard(EVIL, EVIL, options={"c": EVIL}, url="javascript:alert(1)", reason=EVIL, image=EVIL)
    order = Order(EVIL, EVIL, EVIL, EVIL, (OrderItem(None, None, EVIL, {"c": EVIL}, Decimal(1), 1),), (), None, None)
    figure = Figure(0, 7, (Record(EVIL, EVIL, EVIL), Record(None, EVIL, EVIL)))
    draft = DraftShown(
        EVIL, EVIL, EVIL, EVIL, 0.5, (figure,), (Citation(1, EVIL, "faq", EVIL, EVIL),), (card,),
        (Finding(EVIL, "refuse", EVIL),), is_answered=False,
    )  # fmt: skip
    lines = (
        Line(1, "shopper", EVIL, AT),
        Line(2, "assistant", EVIL, AT, products=(card,)),
        Line(3, "agent", EVIL, AT, EVIL, can_teach=True),
    )
    chat = Chat(
        EVIL, "agent", EVIL, True, EVIL, AT, EVIL, EVIL, EVIL, EVIL, EVIL, AT, lines, (order,), "",
        (Earlier(EVIL, AT, EVIL),), (NoteShown(AT, EVIL, EVIL),), draft, is_foreign=True,
    )  # fmt: skip
    agent = replace(LEO, name=EVIL, login=EVIL)
    row = QueueRow(EVIL, EVIL, EVIL, AT, EVIL, EVIL, EVIL, EVIL, EVIL, True, 3)
    correction = CorrectionShown(
        EVIL, "approved", EVIL, EVIL, EVIL, AT, EVIL, EVIL, EVIL, EVIL, AT, True, EVIL, (EVIL,)
    )
    entry = EntryShown(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL)
    screens = (
        render_frame(EVIL, agent, "chats", EN),
        render_queue((row,), "mine", EVIL, {}, EN),
        render_head(chat, (Colleague(EVIL, EVIL),), EN),
        render_log(chat, EN),
        render_side(chat, EN),
        render_draft(chat, EN),
        render_canned((Canned(EVIL, EVIL, EVIL, EVIL),), EVIL, EN),
        render_products((card,), EVIL, (EVIL,), EN, "compare"),
        render_corrections((correction,), "approved", (entry,), (entry,), EN),
        render_gaps((GapShown(EVIL, 2, (EVIL,), EVIL),), 30, EN),
        render_canned_screen((Canned(EVIL, EVIL, EVIL, EVIL),), EVIL, EN),
        render_teach(EVIL, EVIL, None, EN),
        render_audit((AuditShown(1, AT, EVIL, EVIL, EVIL, {"x": EVIL}),), None, EN, more=True),
    )
    for screen in screens:
        assert "<script" not in screen
        assert "<img" not in screen
        assert 'href="javascript' not in screen
        assert EVIL in unescape(screen)


def test_the_queue_says_who_waits_why_and_for_how_long() -> None:
    row = QueueRow("conv-9f3a", "Where is it?", "upset", AT, "zh", "order_status", "upset", "AP-1", "Ann", True, 2)
    html = render_queue((row,), "mine", "conv-9f3a", {"waiting": 3, "mine": 1}, EN)

    for told in (
        "Guest 9f3a",
        "complaint",
        "orders",
        "order AP-1",
        "2 unread",
        'data-since="2026-12-01T09:30:00+00:00"',
    ):
        assert told in html
    assert 'aria-current="true"' in html
    assert "Waiting<b>3</b>" in html
    assert 'data-unread="2"' in html


@pytest.mark.parametrize(
    ("view", "searched", "told"), [("waiting", False, "Nobody is waiting"), ("all", True, "No chat fits")]
)
def test_an_empty_view_says_so(view: Any, searched: bool, told: str) -> None:
    assert told in render_queue((), view, None, {}, EN, searched=searched)


def test_screens_of_leads_are_offered_to_leads_alone() -> None:
    assert "Corrections" not in render_frame("Shop", ANN, "chats", EN)
    assert "Corrections" in render_frame("Shop", LEO, "chats", EN)


def test_what_can_be_done_with_a_chat_depends_on_whose_it_is() -> None:
    theirs = replace(CHAT, is_mine=False)
    assert 'data-do="hand_back"' in render_head(CHAT, (), EN)
    assert "data-do=" not in render_head(theirs, (), EN).replace('data-do="back"', "").replace('data-do="side"', "")
    assert "Take over" in render_head(theirs, (Colleague("agt_9", "Leo"),), EN)
    assert 'data-do="take"' in render_head(replace(theirs, who="waiting", agent=None), (), EN)
    assert 'data-do="reassign"' in render_head(CHAT, (Colleague("agt_9", "Leo"),), EN)


def test_a_message_that_was_taken_back_shows_no_words() -> None:
    html = render_log(replace(CHAT, lines=(Line(1, "agent", "the secret price", AT, "Ann", is_withdrawn=True),)), EN)
    assert "secret" not in html
    assert "Taken back" in html


def test_each_figure_of_a_draft_holds_its_record_or_says_that_none_has_it() -> None:
    held = Figure(9, 15, (Record("product:t", "Larkspur 2", "Moss: $89.00"),))
    html = marked(replace(DRAFT, figures=(held, DRAFT.figures[1])), EN)

    first, second = html.split('class="dk-mark"')[1:]
    assert 'data-held="true">$89.00<span class="dk-record"><span><b>Larkspur 2</b>' in first
    assert "Moss: $89.00" in first
    assert 'data-held="false">1.9 kg<span class="dk-record dk-no-record">' in second
    assert "1 of 2 figures have a record" in render_draft(
        replace(CHAT, draft=replace(DRAFT, figures=(held, DRAFT.figures[1]))), EN
    )


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("It is **$89.00** now", (8, 14)),
        ("| a | b |\n|---|---|\n| $89.00 | x |", (22, 28)),
        ('[see $89.00](https://shop.example/89.00 "89.00 > 5")', (5, 11)),
        ("[see](https://shop.example/p/8900)", (29, 33)),
        ('[see](https://shop.example/p "a > 8900 b")', (34, 38)),
    ],
)
def test_marks_never_break_the_markup_around_them(text: str, figure: tuple[int, int]) -> None:
    html = marked(DraftShown("d", text, figures=(Figure(*figure, ()),)), EN)

    assert "\ue000" not in html
    assert "\ue001" not in html
    assert html.count("<span") == html.count("</span>")
    for tag in html.split("<")[1:]:
        assert tag.split(">")[0].count('"') % 2 == 0


def test_a_draft_that_has_marks_of_its_own_in_it_is_shown_without_any() -> None:
    html = marked(DraftShown("d", "a\ue0000.b\ue001 $5", figures=(Figure(7, 9, ()),)), EN)
    assert "dk-mark" not in html
    assert "\ue000" not in html


def test_a_draft_says_how_sure_it_is_and_what_the_checks_found() -> None:
    draft = replace(DRAFT, confidence=0.62, findings=(Finding("price", "rewrite", "'$8' is not in the record"),))
    html = render_draft(replace(CHAT, draft=draft), EN)
    assert "Check it · 62%" in html
    assert "dk-sure-middle" in html
    assert "rewritten from the record" in html


def test_only_who_may_send_it_sees_a_draft() -> None:
    assert render_draft(None, EN) == ""
    assert render_draft(replace(CHAT, is_mine=False), EN) == ""
    assert "Take and send" in render_draft(replace(CHAT, is_mine=False, who="waiting", agent=None), EN)
    assert "Send as it is" in render_draft(CHAT, EN)


def test_without_a_draft_one_can_be_asked_for_while_the_shopper_waits() -> None:
    assert "Suggest a reply" in render_draft(replace(CHAT, draft=None), EN)
    assert "Making a suggestion" in render_draft(replace(CHAT, draft=None, draft_wanted=True), EN)
    answered = replace(CHAT, draft=None, lines=(*CHAT.lines, Line(2, "agent", "$89.00", AT, "Ann")))
    assert render_draft(answered, EN) == ""


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Within 30 days.", "Within 60 days.", "Within <del>30 </del><ins>60 </ins>days."),
        ("30天内退货", "60天内退货", "<del>30</del><ins>60</ins>天内退货"),
        ("", "New", "<ins>New</ins>"),
        ("<b>", "<i>", "&lt;<del>b</del><ins>i</ins>&gt;"),
    ],
)
def test_what_a_correction_changes_is_marked(before: str, after: str, shown: str) -> None:
    assert difference(before, after) == shown


def test_the_audit_says_where_the_chain_breaks() -> None:
    assert "The chain holds" in render_audit((), None, EN, more=False)
    assert "from row 7" in render_audit((), 7, EN, more=False)


@pytest.mark.parametrize(
    ("error", "told", "is_stale"),
    [
        (StaleDraft("x"), "written again", True),
        (DraftOver("x"), "used or rejected", False),
        (Taken("Leo has this conversation already"), "Leo has this conversation already", False),
        (NotYours("x"), "Take this chat first", False),
        (NothingToSay("it is <b>empty</b>"), "it is &lt;b&gt;empty&lt;/b&gt;", False),
        (ModelUnavailable("x"), "just opening", False),
        (StoreError("x"), "database cannot be reached", False),
    ],
)
def test_a_refusal_is_told_in_words_and_the_page_drawn_anew(error: Any, told: str, is_stale: bool) -> None:
    refused = refusal(error, EN)
    assert told in (refused.notice or "")
    assert ("data-stale" in (refused.notice or "")) is is_stale
    assert {"queue", "head"} <= refused.redraw


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"at": None},
        {"at": []},
        {"at": {"screen": "x", "view": 3, "search": 7, "filters": [], "chat": {}, "days": "all", "before": "1"}},
        {"at": {"screen": ["chats"], "view": {}, "filters": {"reason": 5}, "days": [7], "edited": 4}},
    ],
)
def test_what_is_not_sent_as_it_must_be_is_left_out(sent: Mapping[str, Any]) -> None:
    assert Place.of(sent) == Place()


def test_every_word_is_there_in_both_languages_with_the_same_places_to_fill() -> None:
    for name, both in WORDS.items():
        english, chinese = (set(re.findall(r"{(\w+)}", text)) for text in both)
        assert all(both), name
        assert english == chinese, name


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
def test_the_fixed_parts_are_drawn_in_either_language(words: Words) -> None:
    for html in (render_search(words), render_composer(words, 8000), render_keys(words)):
        assert html.startswith("<")
        assert html.count("<div") == html.count("</div>")
