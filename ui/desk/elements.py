"""Small pieces of HTML that the desk's screens share.

In: plain text and words. Out: HTML; whatever came from a shopper, a product or a colleague is cleaned of invisible
characters and escaped. It knows no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Final

from knowledge_base.text import visible
from ui.desk.wording import WORDS, Words

Data = Mapping[str, object]


def shown(text: str) -> str:
    """Somebody's text as HTML."""
    return escape(visible(text))


def button(
    label: str, do: str, data: Data | None = None, name: str = "dk-plain", key: str = "", title: str = ""
) -> str:
    """A button that asks for something; `label` is HTML, `key` the key that does the same."""
    hint = f' title="{escape(title)}{f" ({escape(key)})" if key else ""}"' if title or key else ""
    shortcut = f' aria-keyshortcuts="{escape(key)}"' if key else ""
    return f'<button type="button" class="{name}" data-do="{do}"{attributes(data)}{hint}{shortcut}>{label}</button>'


def icon_button(icon: str, label: str, do: str, data: Data | None = None, name: str = "", key: str = "") -> str:
    """A button that is a drawing; `label` is plain text."""
    return (
        f'<button type="button" class="sk-icon dk-icon-{icon} {name}" data-do="{do}"{attributes(data)} '
        f'aria-label="{escape(label)}" title="{escape(label)}{f" ({escape(key)})" if key else ""}"></button>'
    )


def attributes(data: Data | None) -> str:
    """Data attributes; None leaves one out, True has no value."""
    return "".join(
        f" data-{name}" + ("" if value is True else f'="{escape(visible(str(value)))}"')
        for name, value in (data or {}).items()
        if value is not None and value is not False
    )


def chip(label: str, kind: str = "", title: str = "") -> str:
    """A small fact; `label` is HTML."""
    hint = f' title="{escape(title)}"' if title else ""
    return f'<span class="dk-chip {escape(kind)}"{hint}>{label}</span>'


def reason(words: Words, name: str) -> str:
    """Why a chat is in the queue."""
    return words(f"why_{name}") if f"why_{name}" in WORDS else words(name)


def language_name(words: Words, code: str) -> str:
    """A language's name where the desk has one, else its code."""
    return words(f"lang_{code[:2]}") if f"lang_{code[:2]}" in WORDS else shown(code)


def moment(at: datetime, name: str = "") -> str:
    """A time, which the page words in the agent's own time zone."""
    css = f' class="{name}"' if name else ""
    return f'<time{css} datetime="{at.isoformat(timespec="seconds")}">{at:%Y-%m-%d %H:%M}</time>'


def waited(since: datetime, is_waiting: bool = True) -> str:
    """How long something waits, or is over; the page counts on."""
    state = " data-waiting" if is_waiting else ""
    return f'<time class="dk-waited" data-since="{since.isoformat(timespec="seconds")}"{state}></time>'


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    parts = [part for part in visible(name).split() if part]
    if not parts:
        return "?"
    letters = parts[0][:1] + (parts[-1][:1] if len(parts) > 1 and parts[0].isascii() else "")
    return escape(letters.upper())


def items(parts: Iterable[str], name: str) -> str:
    """A list of HTML, "" for an empty one."""
    body = "".join(f"<li>{part}</li>" for part in parts)
    return f'<ul class="{name}">{body}</ul>' if body else ""


_TONES: Final = 6


def avatar(name: str, kind: str = "") -> str:
    """A round mark for somebody, in a colour of their own."""
    tone = sum(name.encode()) % _TONES
    return f'<span class="dk-avatar dk-tone-{tone} {kind}" aria-hidden="true">{initials(name)}</span>'
