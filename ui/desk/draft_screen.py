"""The suggested reply with its evidence, and what can be inserted into a reply, as HTML.

In: a `DraftShown`, products, canned replies. Out: HTML. Each figure of a draft is a mark that holds the record it is
from. Texts are cleaned and escaped. It asks nobody for anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from assistant.desk.figures import Figure, Record
from assistant.types import Finding, ProductCard
from knowledge_base.text import visible
from ui.desk.chat_screen import price_and_stock
from ui.desk.elements import attributes, button, items, shown
from ui.desk.queue_screen import panel
from ui.desk.showing import Canned, Chat, DraftShown
from ui.desk.wording import Words
from ui.rendering import render_markdown

# Stand around the n-th figure while Markdown is drawn; no text that is shown has them.
_OPEN, _SHUT = "\ue000", "\ue001"
_MARKS: Final = re.compile(f"{_OPEN}(\\d+)\\.|{_SHUT}")
_TAG: Final = re.compile(r"""(<(?:"[^"]*"|'[^']*'|[^>"'])*>)""")
_SURE, _DOUBTFUL = 0.8, 0.5
_LANGUAGES: Final = ("en", "zh")


def render_draft(chat: Chat | None, words: Words) -> str:
    """The suggestion for the open chat, or how to get one. That one was refused assets/desk.js tells."""
    if chat is None or not (chat.is_mine or chat.who == "waiting"):
        return ""
    said = f'<p class="dk-stale" role="alert">{words("stale")}</p>'
    draft = chat.draft
    if draft is None and not chat.draft_wanted and not _is_asked(chat):
        return ""
    if draft is None:
        making = '<p class="dk-making"><span class="sk-dots" aria-hidden="true"><i></i><i></i><i></i></span>'
        inner = (
            f"{making}{words('draft_making')}</p>"
            if chat.draft_wanted
            else f'<p class="dk-none">{words("draft_none")}</p>{button(words("draft_make"), "draft")}'
        )
        return f'<section class="dk-draft dk-draft-none" aria-label="{words("draft")}">{said}{inner}</section>'
    data = {"id": draft.id, "text": draft.text, "language": draft.language}
    return (
        f'<section class="dk-draft" aria-label="{words("draft")}"{attributes(data)}>{said}'
        f"<header><h3>{words('draft')}</h3>{_confidence(draft, words)}{_held(draft, words)}</header>"
        f'<div class="dk-draft-text sk-prose" dir="auto" lang="{draft.language}">{marked(draft, words)}</div>'
        f"{_unanswered(draft, words)}{_behind(draft, chat.other_drafts, words)}"
        f"{_buttons(draft, words, chat.is_mine)}</section>"
    )


def _is_asked(chat: Chat) -> bool:
    """Whether no person has spoken since the shopper did."""
    said = [line.role for line in chat.lines if not line.is_withdrawn]
    return bool(said) and said[-1] != "agent"


def _unanswered(draft: DraftShown, words: Words) -> str:
    return "" if draft.is_answered else f'<p class="dk-warn">{words("unanswered")}</p>'


def _confidence(draft: DraftShown, words: Words) -> str:
    if draft.confidence is None:
        return ""
    percent = round(draft.confidence * 100)
    tone = "high" if draft.confidence >= _SURE else "middle" if draft.confidence >= _DOUBTFUL else "low"
    return (
        f'<span class="dk-sure dk-sure-{tone}" title="{words("confidence_why")}"><meter min="0" max="100" '
        f'value="{percent}" aria-label="{words("confidence_why")}"></meter>'
        f"{words(f'sure_{tone}')} · {words('confidence', percent=percent)}</span>"
    )


def _held(draft: DraftShown, words: Words) -> str:
    if not draft.figures:
        return ""
    held = sum(bool(figure.records) for figure in draft.figures)
    tone = "dk-good" if held == len(draft.figures) else "dk-bad"
    return f'<span class="{tone} dk-held">{words("figures", held=held, n=len(draft.figures))}</span>'


def marked(draft: DraftShown, words: Words) -> str:
    """The draft's text with its figures marked."""
    text = draft.text.replace(_OPEN, "").replace(_SHUT, "")
    same = len(text) == len(draft.text)
    for n, figure in reversed(list(enumerate(draft.figures if same else ()))):
        text = f"{text[: figure.start]}{_OPEN}{n}.{text[figure.start : figure.end]}{_SHUT}{text[figure.end :]}"
    html = render_markdown(text, f"dk-source-{draft.id}-", draft.citations, draft.language)
    return "".join(
        _unmarked(part) if part.startswith("<") else _with_marks(part, draft, words) for part in _TAG.split(html)
    )


def _unmarked(tag: str) -> str:
    return _MARKS.sub("", tag)


def _with_marks(part: str, draft: DraftShown, words: Words) -> str:
    """A run of text; a mark that a tag stands between begins and ends with its run."""
    pieces = []
    opened: int | None = None
    at = 0
    for match in _MARKS.finditer(part):
        pieces.append(part[at : match.start()])
        at = match.end()
        if match[1] is not None and int(match[1]) < len(draft.figures):
            opened = int(match[1])
            held = bool(draft.figures[opened].records)
            pieces.append(f'<span role="button" tabindex="0" class="dk-mark" data-held="{str(held).lower()}">')
        elif match[1] is None and opened is not None:
            pieces.append(f"{_records(draft.figures[opened], words)}</span>")
            opened = None
    if opened is not None:
        pieces.append(f"{part[at:]}{_records(draft.figures[opened], words)}</span>")
        at = len(part)
    return "".join(pieces) + part[at:]


def _records(figure: Figure, words: Words) -> str:
    if not figure.records:
        return f'<span class="dk-record dk-no-record">{words("no_record")}</span>'
    told = "".join(
        f"<span><b>{_record_title(record, words)}</b><span>{shown(record.line)}</span></span>"
        for record in figure.records
    )
    return f'<span class="dk-record">{told}</span>'


def _record_title(record: Record, words: Words) -> str:
    return words("order", id=visible(record.title)) if record.entry_id is None else shown(record.title)


def _behind(draft: DraftShown, others: Sequence[DraftShown], words: Words) -> str:
    """Evidence, findings and the suggestions before this one, folded away."""
    sources = "".join(
        f'<li id="dk-source-{escape(draft.id)}-{one.n}"><b class="sk-n">{one.n}</b><span><b>{shown(one.title)}</b>'
        f"<q>{shown(one.quote)}</q></span></li>"
        for one in draft.citations
    )
    products = items(
        (
            f'<span class="dk-card-title">{shown(card.title)}</span>{price_and_stock(card, words)}'
            for card in draft.products
        ),
        "dk-cards",
    )
    parts = ""
    if sources or products:
        n = len(draft.citations)
        listed = f'<ol class="dk-sources">{sources}</ol>' if sources else ""
        parts += _folded(f"evidence-{draft.id}", f"{words('sources')}{f' ({n})' if n else ''}", listed + products)
    if draft.findings:
        found = items((_finding(one, words) for one in draft.findings), "dk-findings")
        parts += _folded(f"findings-{draft.id}", f"{words('findings')} ({len(draft.findings)})", found)
    if others:
        use = words("use")
        kept = items(
            (
                f'<p dir="auto">{shown(one.text)}</p>{button(use, "use", {"id": one.id, "text": one.text}, "dk-link")}'
                for one in others
            ),
            "dk-others",
        )
        parts += _folded(f"others-{draft.id}", f"{words('others')} ({len(others)})", kept)
    return f'<div class="dk-behind">{parts}</div>' if parts else ""


def _folded(name: str, title: str, body: str) -> str:
    return f'<details id="dk-{escape(name)}"><summary>{title}</summary>{body}</details>'


def _finding(finding: Finding, words: Words) -> str:
    tone = "dk-bad" if finding.action in ("refuse", "handoff") else "dk-none"
    return (
        f"<b>{shown(finding.check)}</b> <span>{shown(finding.detail)}</span> "
        f'<span class="{tone}">{words(f"found_{finding.action}")}</span>'
    )


def _buttons(draft: DraftShown, words: Words, is_mine: bool) -> str:
    of = {"draft": draft.id}
    others = [code for code in _LANGUAGES if code != draft.language[:2]]
    in_other = "".join(
        button(
            words("in_language", language=words.plain(f"lang_{code}")), "draft", {"kind": "language", "language": code}
        )
        for code in others
    )
    reasons = "".join(
        button(words(f"reject_{name}"), "reject", {**of, "reason": name}, "dk-item")
        for name in ("wrong", "unclear", "tone", "other")
    )
    again = (
        '<details class="dk-menu dk-again" id="dk-again">'
        f'<summary class="dk-plain" title="g">{words("again")}</summary>'
        f'<form class="dk-menu-body" data-form="again"><label for="dk-instruction">{words("again_label")}</label>'
        f'<input id="dk-instruction" name="instruction" maxlength="300" placeholder="{words("again_hint")}" '
        f'autocomplete="off"><button class="dk-primary">{words("again_do")}</button></form></details>'
    )
    rejected = (
        f'<details class="dk-menu dk-reject" id="dk-reject"><summary class="dk-plain">{words("reject")}</summary>'
        f'<div class="dk-menu-body"><p>{words("reject_label")}</p>{reasons}</div></details>'
    )
    send = words("send_draft" if is_mine else "take_send")
    return (
        f'<div class="dk-buttons">{button(send, "send_draft", of, "dk-primary", "Ctrl+Enter")}'
        f"{button(words('edit'), 'edit', of, key='e')}"
        f"{button(words('shorter'), 'draft', {'kind': 'shorter'})}"
        f"{button(words('warmer'), 'draft', {'kind': 'warmer'})}"
        f"{in_other}{again}{rejected}</div>"
    )


def render_composer(words: Words, limit: int) -> str:
    """The box for a reply or a note; drawn once, so that nobody's typing is disturbed."""
    return (
        '<form class="dk-composer" id="dk-form">'
        f'<p class="dk-editing" hidden><span>{words("editing")}</span>'
        f"{button(words('editing_stop'), 'edit_stop', None, 'dk-link')}</p>"
        f'<textarea id="dk-box" rows="1" maxlength="{limit}" dir="auto" aria-label="{words("your_reply")}" '
        f'placeholder="{words("write_here")}" data-reply="{words("write_here")}" '
        f'data-note="{words("note_here")}"></textarea>'
        '<div class="dk-composer-foot"><div>'
        f"{button(words('canned'), 'canned', None, 'dk-tool', 'c')}"
        f"{button(words('product'), 'product', None, 'dk-tool', 'p')}"
        f"{button(words('compare'), 'compare', None, 'dk-tool')}"
        f"{button(words('note'), 'note', None, 'dk-tool', 'n')}</div>"
        f'<button class="dk-primary" id="dk-send" data-send="{words("send")}" data-note="{words("note_save")}" '
        f'title="Ctrl+Enter">{words("send")}</button></div></form>'
    )


def render_canned(replies: Sequence[Canned], search: str, words: Words) -> str:
    """Canned replies to choose from."""
    found = items(
        (
            f'<button type="button" class="dk-choice" data-do="insert" data-text="{shown(one.text)}">'
            f"<b>{shown(one.title)}</b><span>{shown(one.text)}</span></button>"
            for one in replies
        ),
        "dk-choices",
    )
    return panel(words("panel_canned"), _searched("canned", search, words) + (found or _empty(words)), words, "canned")


def render_products(cards: Sequence[ProductCard], search: str, chosen: Sequence[str], words: Words, kind: str) -> str:
    """Products to insert, or to compare: then several can be chosen."""
    found = items((_product(card, card.id in chosen, words, kind) for card in cards), "dk-choices")
    foot = ""
    if kind == "compare":
        ready = 2 <= len(chosen) <= 4
        count = words("chosen", n=len(chosen)) if chosen else words("choose_two")
        foot = (
            f'<div class="dk-sheet-foot"><span>{count}</span><button type="button" class="dk-primary" '
            f'data-do="insert_table"{"" if ready else " disabled"}>{words("insert_table")}</button></div>'
        )
    body = _searched(kind, search, words) + (found or (_empty(words) if search else "")) + foot
    return panel(words(f"panel_{kind}"), body, words, kind)


def _product(card: ProductCard, chosen: bool, words: Words, kind: str) -> str:
    do = "choose" if kind == "compare" else "insert_product"
    state = f' aria-pressed="{str(chosen).lower()}"' if kind == "compare" else ""
    options = ", ".join(card.options.values())
    return (
        f'<button type="button" class="dk-choice" data-do="{do}" data-id="{shown(card.id)}" id="dk-p-{shown(card.id)}"'
        f"{state}><b>{shown(card.title)}{f' · {shown(options)}' if options else ''}</b>"
        f'<span class="dk-choice-figures">{price_and_stock(card, words)}</span></button>'
    )


def _searched(kind: str, search: str, words: Words) -> str:
    label = words("panel_search_canned" if kind == "canned" else "panel_search")
    return (
        f'<input id="dk-panel-search" type="search" data-panel="{kind}" value="{shown(search)}" placeholder="{label}" '
        f'aria-label="{label}" autocomplete="off" maxlength="200">'
    )


def _empty(words: Words) -> str:
    return f'<p class="dk-empty">{words("panel_empty")}</p>'
