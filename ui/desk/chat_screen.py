"""The open conversation, and what stands beside it, as HTML.

In: a `Chat`. Out: its head with what can be done, the transcript, and the shopper's side. All text is escaped; replies
are Markdown that an allow-list cleans. It asks nobody for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from assistant.types import Order, ProductCard
from knowledge_base.text import visible
from ui.desk.elements import (
    avatar,
    button,
    chip,
    icon_button,
    items,
    language_name,
    moment,
    reason,
    shown,
    waited,
)
from ui.desk.queue_screen import shopper_name
from ui.desk.showing import Chat, Colleague, Line
from ui.desk.wording import WORDS, Words
from ui.rendering import format_money, render_markdown, safe_link


def render_head(chat: Chat | None, colleagues: Sequence[Colleague], words: Words) -> str:
    """Who it is, who answers, and what can be done with the chat."""
    if chat is None:
        return ""
    name = shopper_name(chat.shopper, chat.id, words)
    known = (
        f'<span class="dk-known" title="{words("verified_long")}">{words("verified")}</span>' if chat.shopper else ""
    )
    return (
        f'<header class="dk-head" data-id="{escape(chat.id)}" data-who="{chat.who}" data-mine="{int(chat.is_mine)}">'
        f"{icon_button('back', words.plain('back'), 'back', name='dk-narrow', key='Esc')}"
        f'{avatar(name, "" if chat.shopper else "dk-guest")}<div class="dk-title"><h2>{escape(name)}</h2>{known}'
        f"<p>{_who(chat, words)}</p></div>"
        f'<div class="dk-do">{_actions(chat, colleagues, words)}'
        f"{icon_button('side', words.plain('details'), 'side', name='dk-narrow')}</div></header>"
    )


def _who(chat: Chat, words: Words) -> str:
    if chat.who == "agent":
        said = words("who_you") if chat.is_mine else words("who_agent", name=visible(chat.agent or ""))
    else:
        said = words(f"who_{chat.who}")
    since = f" · {waited(chat.since)}" if chat.who == "waiting" and chat.since else ""
    why = f" · {reason(words, chat.reason)}" if chat.reason and chat.reason != "taken" else ""
    return f'<span class="dk-who dk-who-{chat.who}">{said}</span>{why}{since}'


def _actions(chat: Chat, colleagues: Sequence[Colleague], words: Words) -> str:
    if not chat.is_mine:
        label = words("take_over") if chat.agent else words("take")
        may = chat.agent is None or bool(colleagues)
        return button(label, "take", None, "dk-primary", "t") if may else ""
    give = "".join(
        f"<li>{button(shown(one.name), 'reassign', {'agent': one.id}, 'dk-item')}</li>" for one in colleagues
    )
    given = f"<li class='dk-sub'>{words('reassign')}</li>{give}" if give else ""
    return (
        f"{button(words('hand_back'), 'hand_back', None, 'dk-primary', 'h')}"
        f'<details class="dk-menu"><summary class="sk-icon dk-icon-more" aria-label="{words("more")}"></summary>'
        f'<ul class="dk-menu-body"><li>{button(words("end"), "close", None, "dk-item")}</li>'
        f"<li>{button(words('release'), 'release', None, 'dk-item')}</li>{given}</ul></details>"
    )


def render_log(chat: Chat | None, words: Words) -> str:
    """The transcript."""
    if chat is None:
        return (
            f'<div class="dk-nothing"><span class="dk-icon-chat" aria-hidden="true"></span>'
            f"<p>{words('nothing_open')}</p><p>{words('nothing_open_keys')}</p></div>"
        )
    lines = "".join(
        _line(line, chat, before, words) for line, before in zip(chat.lines, (None, *chat.lines), strict=False)
    )
    return (
        f'<div class="dk-lines" role="log" aria-live="polite" aria-label="{words("conversation")}" tabindex="0" '
        f'data-id="{escape(chat.id)}">{lines}<p class="dk-typing" hidden></p></div>'
    )


def _line(line: Line, chat: Chat, before: Line | None, words: Words) -> str:
    speaker = line.name or words.plain(line.role)
    follows = before is not None and (before.role, before.name) == (line.role, line.name)
    day = "" if before is not None and before.at.date() == line.at.date() else _day(line)
    if line.is_withdrawn:
        body = f'<p class="dk-gone">{words("withdrawn")}</p>'
    elif line.role == "shopper":
        body = f'<div class="dk-bubble" dir="auto"><p class="dk-said">{shown(line.text)}</p></div>'
        body += '<p class="dk-translation" dir="auto" hidden></p>' if chat.is_foreign else ""
    else:
        said = render_markdown(line.text, "", line.citations, line.language)
        body = f'<div class="dk-bubble sk-prose" dir="auto">{said}{_cards(line.products, words)}</div>'
    head = "" if follows and not day else f'<p class="dk-by"><b>{shown(speaker)}</b>{moment(line.at)}</p>'
    return (
        f'{day}<article class="dk-line dk-{line.role}{" dk-follows" if follows else ""}" id="dk-line-{line.id}">'
        f"{head}{body}{_tools(line, chat, words)}</article>"
    )


def _day(line: Line) -> str:
    return f'<p class="dk-day"><time data-day datetime="{line.at.isoformat()}">{line.at:%Y-%m-%d}</time></p>'


def _tools(line: Line, chat: Chat, words: Words) -> str:
    if line.is_withdrawn:
        return ""
    vote = {"up": words.plain("thumbs_up"), "down": words.plain("thumbs_down")}.get(line.vote or "")
    said = f'<span class="dk-vote dk-vote-{line.vote}" role="img" aria-label="{escape(vote)}"></span>' if vote else ""
    tools = []
    if line.can_teach:
        tools.append(button(words("teach"), "teach", {"message": line.id}, "dk-link"))
    if line.role == "shopper" and chat.is_foreign:
        tools.append(button(words("translate"), "translate", {"message": line.id}, "dk-link"))
    inner = said + "".join(tools)
    return f'<p class="dk-tools">{inner}</p>' if inner else ""


def _cards(cards: Sequence[ProductCard], words: Words) -> str:
    return items((_card(card, words) for card in cards), "dk-cards")


def _card(card: ProductCard, words: Words) -> str:
    options = ", ".join(card.options.values())
    title = f"{shown(card.title)}{f' · {shown(options)}' if options else ''}"
    link = safe_link(card.url)
    named = f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{title}</a>' if link else title
    return f'<span class="dk-card-title">{named}</span>{price_and_stock(card, words)}'


def price_and_stock(card: ProductCard, words: Words) -> str:
    """A product's figures, from its record."""
    if card.price is None:
        price = words("unknown_price")
    else:
        low = format_money(card.price, card.currency)
        price = escape(low if card.price_max is None else f"{low} – {format_money(card.price_max, card.currency)}")
    stock = "" if card.in_stock is None else words("in_stock" if card.in_stock else "out_of_stock")
    tone = "dk-good" if card.in_stock else "dk-bad"
    return f'<span class="dk-price">{price}</span>' + (f'<span class="{tone}">{stock}</span>' if stock else "")


def render_side(chat: Chat | None, words: Words) -> str:
    """The shopper, the orders, earlier chats, and notes."""
    if chat is None:
        return ""
    facts = []
    if chat.language:
        facts.append((words("writes"), language_name(words, chat.language)))
    if chat.intent in WORDS:
        facts.append((words("about"), words(chat.intent)))
    if chat.mood == "upset":
        facts.append((words("mood"), chip(words("upset"), "dk-upset")))
    if chat.page_product:
        facts.append((words("page_product"), shown(chat.page_product)))
    if chat.started_at:
        facts.append((words("since"), moment(chat.started_at)))
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    name = shopper_name(chat.shopper, chat.id, words)
    known = words("verified_long") if chat.shopper else words("guest_long")
    orders = "".join(_order(order, words) for order in chat.orders)
    if chat.orders_problem:
        orders = f'<p class="dk-warn">{shown(chat.orders_problem)}</p>'
    earlier = items(
        (
            button(f"<span>{shown(one.words) or '…'}</span>{moment(one.at)}", "peek", {"id": one.id}, "dk-earlier")
            for one in chat.earlier
        ),
        "dk-plain-list",
    )
    notes = items(
        (f'<b>{shown(note.author)}</b> {moment(note.at)}<p dir="auto">{shown(note.text)}</p>' for note in chat.notes),
        "dk-notes",
    )
    return (
        f'<div class="dk-side-head">{icon_button("back", words.plain("back"), "back", name="dk-narrow")}'
        f"<h2>{escape(name)}</h2></div>"
        f'<p class="dk-identity{" dk-verified" if chat.shopper else ""}">{known}</p><dl class="dk-facts">{told}</dl>'
        f"{_section(words('notes'), notes or _none(words('no_notes')), button(words('note'), 'note', None, 'dk-link'))}"
        f"{_section(words('orders'), orders or _none(words('no_orders')))}"
        f"{_section(words('earlier'), earlier or _none(words('no_earlier')))}"
    )


def _section(title: str, body: str, beside: str = "") -> str:
    return f'<section class="dk-section"><h3>{title}{beside}</h3>{body}</section>'


def _none(text: str) -> str:
    return f'<p class="dk-none">{text}</p>'


def _order(order: Order, words: Words) -> str:
    lines = []
    for item in order.items:
        options = ", ".join(item.options.values())
        price = f'<span class="dk-price">{escape(_money(item.price, order.currency))}</span>' if item.price else ""
        lines.append(
            f"<span>{item.quantity} × {shown(item.title)}{f' · {shown(options)}' if options else ''}</span>{price}"
        )
    parcels = []
    for parcel in order.shipments:
        last = parcel.events[-1] if parcel.events else None
        told = [parcel.carrier, parcel.tracking, parcel.status, f"{last[0][:10]} {last[1]}" if last else None]
        parcels.append(" · ".join(shown(part) for part in told if part))
    expected = f"<p>{words('expected', day=visible(order.expected[:10]))}</p>" if order.expected else ""
    total = f"<p>{words('total')} <b>{escape(_money(order.total, order.currency))}</b></p>" if order.total else ""
    status = chip(shown(order.status), "dk-status") if order.status else ""
    day = f'<span class="dk-none">{shown(order.placed_at[:10])}</span>' if order.placed_at else ""
    return (
        f'<details class="dk-order-box" id="dk-order-{escape(visible(order.id))}"><summary><b>{shown(order.id)}</b>'
        f"{status}{day}</summary>{items(lines, 'dk-plain-list dk-priced')}{items(parcels, 'dk-plain-list')}"
        f"{expected}{total}</details>"
    )


def _money(amount: Decimal | None, currency: str | None) -> str:
    return format_money(amount, currency) if amount is not None else ""
