"""The queue and the frame around it, as HTML.

In: rows of the queue, who looks and what for. Out: HTML, all of shoppers' text escaped. It asks nobody for anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from assistant.store import Agent
from knowledge_base.text import visible
from ui.desk.elements import attributes, avatar, button, chip, icon_button, language_name, reason, shown, waited
from ui.desk.showing import SCREENS, VIEWS, QueueRow, View
from ui.desk.wording import WORDS, Words

_NUMBERS: Final = itertools.count(1)
REASONS: Final = ("asked", "upset", "unknown", "low_confidence", "copilot", "taken")
_KEYS: Final = (
    ("j / k", "key_move"),
    ("Enter", "key_open"),
    ("Esc", "key_back"),
    ("t", "key_take"),
    ("h", "key_hand_back"),
    ("r", "key_write"),
    ("e", "key_edit"),
    ("Ctrl Enter", "key_send"),
    ("g", "key_again"),
    ("c", "key_canned"),
    ("p", "key_product"),
    ("n", "key_note"),
    ("u", "key_undo"),
    ("/", "key_search"),
    ("?", "key_help"),
)


def render_frame(shop: str, agent: Agent, screen: str, words: Words) -> str:
    """The bar at the top: the shop, the screens, who is logged in."""
    may = [name for name, role in SCREENS.items() if agent.may(role)]
    tabs = "".join(
        f'<button type="button" data-do="screen" data-screen="{name}"'
        f"{_current('page', name == screen)}>{words(name)}</button>"
        for name in may
    )
    nav = f'<nav class="dk-screens" aria-label="{words("screens")}">{tabs}</nav>' if len(may) > 1 else ""
    sound = {"on": words.plain("sound_on"), "off": words.plain("sound_off")}
    return (
        f'<a class="sk-hidden dk-skip" href="#dk-box">{words("skip")}</a>'
        f'<h1 class="sk-brand"><span class="sk-mark" aria-hidden="true"></span>'
        f"<span>{shown(shop)}</span><span class='dk-desk'>{words('desk')}</span></h1>{nav}"
        f'<div class="dk-me" lang="{"zh-CN" if words.language == "zh" else "en"}">'
        f"{icon_button('sound', words.plain('sound'), 'sound', sound)}"
        f"{icon_button('keys', words.plain('keys'), 'keys', key='?')}"
        f'<details class="dk-menu"><summary aria-label="{shown(agent.name)}">{avatar(agent.name)}'
        f"<span>{shown(agent.name)}</span></summary>"
        f'<div class="dk-menu-body"><p><b>{shown(agent.name)}</b><br>{escape(agent.role)}</p>'
        f'<form method="post" action="/desk/logout"><button class="dk-plain">{words("log_out")}</button></form>'
        "</div></details></div>"
        f'<p class="dk-away" role="alert" data-text="{words("away")}"></p>'
    )


def render_search(words: Words) -> str:
    """The search and the filters; drawn once, so that nobody's typing is disturbed."""
    choices = {
        "reason": [(name, words.plain(f"why_{name}")) for name in REASONS],
        "language": [("en", words.plain("lang_en")), ("zh", words.plain("lang_zh"))],
        "mood": [("upset", words.plain("upset")), ("calm", words.plain("calm"))],
    }
    selects = "".join(
        f'<label><span>{words(name)}</span><select data-filter="{name}"><option value="">{words("any")}</option>'
        + "".join(f'<option value="{value}">{escape(label)}</option>' for value, label in options)
        + "</select></label>"
        for name, options in choices.items()
    )
    label = words("search")
    return (
        f'<div class="dk-find"><input id="dk-search" type="search" placeholder="{label}" aria-label="{label}" '
        f'autocomplete="off" maxlength="200"><details class="dk-filters"><summary aria-label="{words("filters")}" '
        f'title="{words("filters")}"></summary><div>{selects}</div></details></div>'
    )


def render_queue(
    rows: Sequence[QueueRow],
    view: View,
    opened: str | None,
    counts: Mapping[str, int],
    words: Words,
    *,
    searched: bool = False,
) -> str:
    """The tabs and the chats of one of them. `counts` has how many are in a tab; `opened` is the chat that is open."""
    tabs = "".join(
        f'<button type="button" data-do="view" data-view="{name}" aria-pressed="{str(name == view).lower()}">'
        f"{words(name)}{f'<b>{counts[name]}</b>' if counts.get(name) else ''}</button>"
        for name in VIEWS
    )
    unread = sum(row.unread for row in rows if row.is_mine)
    body = "".join(_row(row, row.id == opened, words) for row in rows)
    nothing = "empty_search" if searched else f"empty_{view}"
    listed = f'<ol class="dk-rows" aria-label="{words(view)}">{body}</ol>' if rows else ""
    empty = "" if rows else f'<p class="dk-empty">{words(nothing)}</p>'
    return (
        f'<div class="dk-views" role="group" aria-label="{words("queue")}" data-unread="{unread}" '
        f'data-waiting="{counts.get("waiting", 0)}">{tabs}</div>{listed}{empty}'
    )


def shopper_name(shopper: str | None, conversation_id: str, words: Words) -> str:
    """What a chat is called: the shopper's id, or "Guest" with the end of the chat's own, as plain text."""
    return visible(shopper) if shopper else words.plain("guest_n", end=conversation_id[-4:])


def _row(row: QueueRow, opened: bool, words: Words) -> str:
    name = words.plain("shopper_n" if row.is_known else "guest_n", end=row.id[-4:])
    facts = [chip(reason(words, row.reason), f"dk-why-{row.reason}")] if row.reason else []
    if row.mood == "upset" and row.reason != "upset":
        facts.append(chip(words("upset"), "dk-upset"))
    if row.order_id:
        facts.append(chip(words("order_n", id=visible(row.order_id)), "dk-order"))
    if row.intent in WORDS and row.intent not in ("handoff", "complaint"):
        facts.append(chip(words(row.intent)))
    if row.language:
        facts.append(chip(escape(row.language[:5]), "dk-code", language_name(words, row.language)))
    if row.agent:
        facts.append(chip(words("you") if row.is_mine else shown(row.agent), "dk-has"))
    by = words("you") if row.is_mine else shown(row.agent or words.plain("agent"))
    said = "" if row.speaker == "shopper" else f"<i>{by if row.speaker == 'agent' else words('assistant')}:</i> "
    label = words("unread", n=row.unread)
    unread = f'<b class="dk-unread" aria-label="{label}" title="{label}">{row.unread}</b>' if row.unread else ""
    return (
        f'<li><button type="button" class="dk-row{" dk-new" if row.unread else ""}" id="dk-row-{escape(row.id)}" '
        f'data-do="open" data-id="{escape(row.id)}"{_current("true", opened)}>'
        f'{avatar(name, "" if row.is_known else "dk-guest")}<span class="dk-row-body">'
        f'<span class="dk-row-top"><b>{escape(name)}</b>{waited(row.since, row.is_waiting)}</span>'
        f'<span class="dk-row-words" dir="auto">{said}{shown(row.words)}</span>'
        f'<span class="dk-chips">{"".join(facts)}</span></span>{unread}</button></li>'
    )


def _current(kind: str, is_it: bool) -> str:
    return f' aria-current="{kind}"' if is_it else ""


def render_keys(words: Words) -> str:
    """The list of keys."""
    rows = "".join(
        f"<dt>{''.join(f'<kbd>{escape(key)}</kbd>' for key in keys.split(' '))}</dt><dd>{words(name)}</dd>"
        for keys, name in _KEYS
    )
    return panel(words("keys"), f'<dl class="dk-keys">{rows}</dl>', words, "keys")


def panel(title: str, body: str, words: Words, kind: str) -> str:
    """A sheet over the page; `title` and `body` are HTML. Numbered: one that was put away can be drawn again."""
    return (
        '<section class="dk-sheet" role="dialog" aria-modal="true" aria-labelledby="dk-sheet-title" '
        f'data-kind="{kind}" data-number="{next(_NUMBERS)}">'
        f'<header><h2 id="dk-sheet-title">{title}</h2>'
        f"{icon_button('close', words.plain('close'), 'dismiss', key='Esc')}</header>{body}</section>"
    )


def notice(text: str, kind: str, extra: str = "", data: Mapping[str, object] | None = None) -> str:
    """What is said at the foot of the page for some seconds; `text` and `extra` are HTML. Each has a number of its own,
    so that the same words said again are something new."""
    number = next(_NUMBERS)
    return f'<p class="dk-toast dk-{kind}" role="status" data-number="{number}"{attributes(data)}>{text}{extra}</p>'


def undo(words: Words, message_id: int) -> str:
    """The button that takes back what was just sent."""
    return button(words("undo"), "withdraw", {"message": message_id}, "dk-undo", "u")
