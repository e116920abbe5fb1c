"""The screens for leads: corrections to review, gaps, canned replies, the audit, and the frame of the figures, as HTML.

In: values of `showing`. Out: HTML, all text escaped. It asks nobody for anything and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Final

from knowledge_base.text import visible
from ui.desk.elements import button, chip, items, language_name, moment, shown
from ui.desk.queue_screen import panel
from ui.desk.showing import AuditShown, Canned, CorrectionShown, EntryShown, GapShown
from ui.desk.wording import Words

PERIODS: Final = (7, 30, 90)
CORRECTION_STATES: Final = ("proposed", "approved", "rejected", "rolled_back")


def render_corrections(
    corrections: Sequence[CorrectionShown],
    state: str,
    conflicts: Sequence[EntryShown],
    stale: Sequence[EntryShown],
    words: Words,
) -> str:
    """What agents propose to teach, with what changes; and entries that need a look."""
    tabs = "".join(
        f'<button type="button" data-do="state" data-state="{name}" aria-pressed="{str(name == state).lower()}">'
        f"{words(name)}</button>"
        for name in CORRECTION_STATES
    )
    cards = "".join(_correction(one, words) for one in corrections)
    body = cards or f'<p class="dk-empty">{words("no_corrections")}</p>'
    return _screen(
        words("corrections"),
        "",
        f'<div class="dk-views" role="group" aria-label="{words("corrections")}">{tabs}</div>'
        f'<div class="dk-list">{body}</div>'
        f"{_entries(words('conflicts'), conflicts, words)}{_entries(words('stale_entries'), stale, words)}",
    )


def _correction(one: CorrectionShown, words: Words) -> str:
    made = words("by_at", name=visible(one.author), at="{at}").replace("{at}", moment(one.at))
    decided = ""
    if one.reviewer and one.reviewed_at is not None:
        decided = words("reviewed_by", name=visible(one.reviewer), at="{at}").replace("{at}", moment(one.reviewed_at))
        decided = f'<p class="dk-none">{decided}</p>'
    facts = [chip(language_name(words, one.language))] if one.language else []
    facts += [chip(shown(one.product), "dk-order")] if one.product else []
    do = ""
    if one.state == "proposed":
        do = button(words("approve"), "approve", {"id": one.id}, "dk-primary")
        do += button(words("reject"), "reject_correction", {"id": one.id})
    elif one.can_roll_back:
        do = button(words("roll_back"), "roll_back", {"id": one.id})
    change = (
        f'<p class="dk-diff" dir="auto">{difference(one.before, one.answer)}</p>'
        if one.before
        else f'<p class="dk-diff" dir="auto"><ins>{shown(one.answer)}</ins></p>'
    )
    label = words("answer") if one.before else words("new_answer")
    other = ""
    if one.wordings:
        other += f'<p class="dk-sub">{words("also_asked")}</p>' + items(map(shown, one.wordings), "dk-examples")
    if one.near:
        other += f'<p class="dk-sub">{words("answers_now")}</p><p class="dk-none" dir="auto">{shown(one.near)}</p>'
    return (
        f'<article class="dk-card-box" id="dk-correction-{escape(one.id)}"><header><p class="dk-none">{made}</p>'
        f'<span class="dk-chips">{"".join(facts)}</span></header><h3 dir="auto">{shown(one.question)}</h3>'
        f'<p class="dk-sub">{label}</p>{change}{other}{decided}<div class="dk-buttons">{do}</div></article>'
    )


def difference(before: str, after: str) -> str:
    """The two texts as one, with what is gone and what is new marked; as HTML."""
    old, new = _pieces(before), _pieces(after)
    parts = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[i:j]), "".join(new[k:m])
        if kind == "equal":
            parts.append(shown(gone))
            continue
        parts += [f"<del>{shown(gone)}</del>"] if gone else []
        parts += [f"<ins>{shown(come)}</ins>"] if come else []
    return "".join(parts)


def _pieces(text: str) -> list[str]:
    """Words with the space after them; of Chinese, characters."""
    pieces: list[str] = []
    for character in visible(text):
        is_word = character.isalnum() and character < "\u3000"
        if pieces and ((is_word and pieces[-1][-1].isalnum() and pieces[-1][-1] < "\u3000") or character == " "):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _entries(title: str, entries: Sequence[EntryShown], words: Words) -> str:
    listed = items((_entry(one) for one in entries), "dk-entries")
    return f'<h3 class="dk-heading">{title}</h3>' + (listed or f'<p class="dk-empty">{words("no_conflicts")}</p>')


def _entry(one: EntryShown) -> str:
    other = (
        f'<div dir="auto"><b>{shown(one.other_title)}</b><p>{shown(one.other_text)}</p></div>'
        if one.other_title
        else ""
    )
    why = f'<p class="dk-warn">{shown(one.why)}</p>' if one.why else ""
    first = f'<div dir="auto"><b>{shown(one.title)}</b><p>{shown(one.text)}</p></div>'
    return f'<div class="dk-pair">{first}{other}</div>{why}'


def render_gaps(gaps: Sequence[GapShown], days: int, words: Words) -> str:
    """Questions that found no answer."""
    cards = "".join(
        f'<article class="dk-card-box"><header><h3 dir="auto">{shown(gap.question)}</h3>'
        f"{chip(words('asked_n', n=gap.count), 'dk-why-unknown')}</header>"
        f"{items((shown(example) for example in gap.examples), 'dk-examples')}"
        f'<div class="dk-buttons">{_answer_gap(gap, words)}</div></article>'
        for gap in gaps
    )
    return _screen(
        words("gaps"),
        words("gaps_lead"),
        f'{_periods(days, words)}<div class="dk-list">{cards or _empty("no_gaps", words)}</div>',
    )


def _answer_gap(gap: GapShown, words: Words) -> str:
    return button(words("answer_gap"), "teach", {"question": gap.question, "message": gap.message_id})


def render_canned_screen(replies: Sequence[Canned], opened: str | None, words: Words) -> str:
    """Canned replies to change; `opened` is the one whose form is shown, "" a new one."""
    new = Canned("", "", "")
    form = "".join(_canned_form(one, words) for one in (new, *replies) if one.id == opened and opened is not None)
    listed = "".join(
        f'<article class="dk-card-box"><header><h3>{shown(one.title)}</h3>'
        f"{chip(language_name(words, one.language)) if one.language else ''}</header>"
        f'<p dir="auto">{shown(one.text)}</p>'
        f'<div class="dk-buttons">{button(words("edit"), "canned_edit", {"id": one.id})}'
        f"{button(words('delete'), 'canned_delete', {'id': one.id})}</div></article>"
        for one in replies
        if one.id != opened
    )
    more = button(words("new"), "canned_edit", {"id": ""}, "dk-primary") if opened is None else ""
    return _screen(
        words("canned_screen"), words("canned_lead"), f'<p>{more}</p>{form}<div class="dk-list">{listed}</div>'
    )


def _canned_form(one: Canned, words: Words) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == (one.language or "") else ""}>'
        f"{words(f'lang_{code}') if code else words('any')}</option>"
        for code in ("", "en", "zh")
    )
    return (
        f'<form class="dk-card-box dk-form" data-form="canned" data-id="{escape(one.id)}">'
        f'<label for="dk-canned-title">{words("title")}</label><input id="dk-canned-title" name="title" '
        f'value="{shown(one.title)}" maxlength="120" required><label for="dk-canned-text">{words("text")}</label>'
        f'<textarea id="dk-canned-text" name="text" rows="4" maxlength="4000" required>{shown(one.text)}</textarea>'
        f'<label for="dk-canned-language">{words("language")}</label><select id="dk-canned-language" name="language">'
        f'{options}</select><div class="dk-buttons"><button class="dk-primary">{words("save")}</button>'
        f"{button(words('cancel'), 'canned_cancel')}</div></form>"
    )


def render_teach(question: str, answer: str, message_id: int | None, words: Words, product: str = "") -> str:
    """The form that proposes an answer."""
    of = f' data-message="{message_id}"' if message_id is not None else ""
    body = (
        f'<form class="dk-form" data-form="propose"{of}><p class="dk-none">{words("teach_lead")}</p>'
        f'<label for="dk-question">{words("question")}</label><textarea id="dk-question" name="question" rows="2" '
        f'maxlength="1000" required dir="auto">{shown(question)}</textarea>'
        f'<label for="dk-answer">{words("answer")}</label><textarea id="dk-answer" name="answer" rows="5" '
        f'maxlength="4000" required dir="auto">{shown(answer)}</textarea>'
        f'<div class="dk-buttons"><button class="dk-primary">{words("propose")}</button></div></form>'
    )
    return panel(words("teach_title"), body, words, "teach")


def render_audit(rows: Sequence[AuditShown], fault: int | None, words: Words, *, more: bool) -> str:
    """Who did what. `fault` is the first row that does not hold, None where all do; `more`: there are older ones."""
    state = words("audit_holds") if fault is None else words("audit_broken", n=fault)
    tone = "dk-good" if fault is None else "dk-bad"
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("#", *(words(n) for n in ("when", "person", "action", "subject")))
    )
    body = "".join(
        f"<tr><td>{row.number}</td><td>{moment(row.at)}</td><td>{shown(row.agent) or words('machine')}</td>"
        f"<td>{shown(row.action)}</td><td><span>{shown(row.subject)}</span>{_data(row)}</td></tr>"
        for row in rows
    )
    older = f"<p>{button(words('older'), 'older', {'before': rows[-1].number})}</p>" if more and rows else ""
    kept = f'<a class="dk-plain" href="/desk/api/audit.jsonl" download>{words("download_audit")}</a>'
    table = f'<table class="dk-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    table = f'<div class="dk-scroll">{table}</div>'
    return _screen(words("audit"), words("audit_lead"), f'<p class="{tone}">{state}</p><p>{kept}</p>{table}{older}')


def _data(row: AuditShown) -> str:
    return f"<code>{shown(json.dumps(dict(row.data), ensure_ascii=False))}</code>" if row.data else ""


def render_insights_screen(body: str, days: int, downloads: Sequence[tuple[str, str]], words: Words) -> str:
    """The frame of the figures, which `ui.desk.insights` draws; `downloads` are (words' name, address)."""
    links = "".join(
        f'<a class="dk-plain" href="{escape(address)}" download>{words(name)}</a>' for name, address in downloads
    )
    return _screen(words("insights"), "", f'{_periods(days, words)}<p class="dk-buttons">{links}</p>{body}')


def _periods(days: int, words: Words) -> str:
    tabs = "".join(
        f'<button type="button" data-do="days" data-days="{n}" aria-pressed="{str(n == days).lower()}">'
        f"{words('days_n', n=n)}</button>"
        for n in PERIODS
    )
    return f'<div class="dk-views" role="group" aria-label="{words("period")}">{tabs}</div>'


def _empty(name: str, words: Words) -> str:
    return f'<p class="dk-empty">{words(name)}</p>'


def _screen(title: str, lead: str, body: str) -> str:
    told = f'<p class="dk-none">{lead}</p>' if lead else ""
    return f'<section class="dk-screen"><header><h2>{title}</h2>{told}</header>{body}</section>'
