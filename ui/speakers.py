"""Who speaks on the chat page: the assistant or a person of the shop, as HTML.

In: what a person said, and who answers in a conversation. Out: HTML that is safe to put on a page. It runs nothing.
"""

from __future__ import annotations

from html import escape

from knowledge_base.text import visible
from ui.conversation import Conversation, Remark
from ui.pictures import Pictures
from ui.rendering import page_lang, render_cards, render_markdown, render_sources
from ui.wording import Wording, wording


def render_remark(remark: Remark, position: int, pictures: Pictures, before: int | None = None) -> str:
    """What a person of the shop said, under their name; of what was taken back only that it was."""
    words = wording(remark.language)
    name = _plain(remark.name) or words.team
    place = "" if before is None else f' data-before="{before}"'
    if remark.withdrawn:
        said = f'<p class="sk-note">{escape(words.withdrawn)}</p>'
    else:
        sources = f"sk-source-{position}-"
        html = render_markdown(remark.text, sources, remark.citations, remark.language)
        said = (
            f'<div class="sk-prose">{html}</div>{render_cards(remark.products, remark.language, pictures)}'
            f"{render_sources(remark.citations, position, words)}"
        )
    return (
        f'<article class="sk-turn sk-remark" lang="{page_lang(remark.language)}" data-position="{position}" '
        f'data-number="{remark.number}"{place}{" data-withdrawn" if remark.withdrawn else ""}>'
        f'<span class="sk-face" aria-hidden="true">{escape(name[:1].upper())}</span><div class="sk-said">'
        f'<h2 class="sk-speaker">{escape(name)}{_role(remark, words)}</h2>{said}</div></article>'
    )


def render_speaker(conversation: Conversation) -> str:
    """Who answers, as assets/chat.js puts it below the shop's name."""
    words, who = wording(conversation.language), conversation.who
    answering = words.answering.format(name=_plain(conversation.name) or words.team)
    text = {"assistant": words.assistant, "waiting": words.waiting, "agent": answering}[who]
    return f'<p hidden class="sk-answering" data-who="{who}">{escape(text)}</p>'


def _role(remark: Remark, words: Wording) -> str:
    """That they are of the shop, where a name does not say so."""
    return f" <small>{escape(words.team)}</small>" if _plain(remark.name) else ""


def _plain(name: str | None) -> str:
    return visible(name or "").strip()
