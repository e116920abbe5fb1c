"""A conversation as HTML.

In: `Exchange`s, product cards and Markdown, all of which hold third-party text. Out: HTML that is safe to put on a
page: text is escaped, Markdown is cleaned by an allow-list, links are http(s), mailto, tel or on this server. Figures
come from the cards' records. It knows no Gradio and runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from assistant.generation.figures import when
from assistant.types import Citation, Language, ProductCard
from knowledge_base.text import visible
from ui.conversation import Exchange
from ui.pictures import Pictures, drawn_url
from ui.wording import CHINESE, ENGLISH, Wording, wording

_SYMBOLS: Final = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "CNY": "¥",
    "JPY": "¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "AUD": "A$",
    "CAD": "CA$",
    "INR": "₹",
    "KRW": "₩",
}
_WHOLE: Final = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})  # currencies without cents in daily use
_TAGS: Final = frozenset(
    {"a", "p", "br", "strong", "em", "del", "code", "pre", "blockquote", "hr", "ul", "ol", "li", "sup", "div"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h4", "h5", "h6"}
)
_ATTRIBUTES: Final = {
    "a": {"href", "class", "aria-label", "target", "title"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "sup": {"class"},
    "ol": {"start"},
    "th": {"scope"},
}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_HEADLINE_CHARS: Final = 40
_CITE: Final = re.compile(r"\[(\d{1,2})\]")


def render_exchange(
    exchange: Exchange,
    position: int,
    *,
    last: bool,
    shop: str,
    pictures: Pictures,
    before: int | None = None,
    typed: bool = False,
    named: bool = False,
) -> str:
    """One message and its answer; only the `last` one can be asked again and suggests what to ask next.

    `before` is the number of the message before the last one, by which a page sees whether it shows that one. `typed`:
    it was written in this page's message box, not pressed. `named`: say that the assistant answered, for a person has
    spoken, too.
    """
    words = wording(exchange.language)
    place = "" if before is None else f' data-before="{before}"'
    answer = (
        _left(exchange)
        if exchange.state == "left"
        else (
            f'<div class="sk-answer" aria-busy="{str(exchange.running).lower()}">'
            f'<h2 class="{"sk-speaker" if named else "sk-hidden"}">'
            f"{escape(words.assistant if named else words.shop_answered.format(shop=shop))}</h2>"
            f"{_status(exchange, words)}{_prose(exchange, position, words)}"
            f"{_broken_off(exchange, position, last, words)}"
            f"{render_cards(exchange.products, exchange.language, pictures)}{_proposals(exchange, position)}"
            f"{'' if exchange.running else render_sources(exchange.citations, position, words)}"
            f"{_notes(exchange, words)}"
            f"{_tools(exchange, position, last, words)}"
            f"{_suggestions(exchange, last, words)}</div>"
        )
    )
    return (
        f'<article class="sk-turn" lang="{page_lang(exchange.language)}" data-state="{exchange.state}" '
        f'data-position="{position}" data-number="{exchange.number}"'
        f"{place}"
        f"{' data-running' if exchange.running else ''}{' data-typed' if typed else ''}>"
        f"{_question(exchange, position, words)}{answer}</article>"
    )


def render_welcome(greeting: str, openers: Sequence[str], language: Language, opened: bool = True) -> str:
    """The empty page: the shop's greeting and questions to start with. `opened`: there is a session behind it."""
    words = wording(language)
    first, rest = _headline(visible(greeting).strip() or words.greeting)
    return (
        f'<section class="sk-welcome" lang="{page_lang(language)}"{" data-opened" if opened else ""}>'
        '<span class="sk-mark" aria-hidden="true"></span>'
        f"<h2>{escape(first)}</h2>{_element('p', 'sk-lead', escape(rest))}"
        f'<p class="sk-fine">{escape(words.assistant_note)}</p>'
        f"{_choices(openers, words.openers, 'sk-openers')}</section>"
    )


def render_header(shop: str) -> str:
    """The shop's mark and name at the top of the page."""
    return (
        '<h1 class="sk-brand"><span class="sk-mark" aria-hidden="true"></span>'
        f"<span>{escape(visible(shop))}</span></h1>"
        '<p class="sk-who" role="status"></p>'
        f'<p class="sk-away" role="status" data-en="{escape(ENGLISH.away)}" data-zh="{escape(CHINESE.away)}"></p>'
    )


def render_notice(text: str, language: Language) -> str:
    """A line above the message box, for a message that was refused; "" when there is nothing to say."""
    return f'<p class="sk-notice" role="alert" lang="{page_lang(language)}">{escape(text)}</p>' if text else ""


def render_card(card: ProductCard, language: Language, pictures: Pictures) -> str:
    """One product: picture, title, variant, price, stock, rating, why it fits, link."""
    words = wording(language)
    title = escape(visible(card.title))
    options = "".join(f"<li>{escape(visible(value))}</li>" for value in card.options.values())
    link = safe_link(card.url)
    more = f'<span class="sk-more" aria-hidden="true">{escape(words.view_product)}</span>' if link else ""
    heading = f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{title}</a>' if link else title
    return (
        '<li class="sk-card"><div class="sk-picture">'
        f'<img src="{escape(pictures.url(card))}" data-fallback="{escape(drawn_url(card))}" alt="" loading="lazy" '
        f'decoding="async" width="240" height="180">{_saving(card, words)}</div>'
        f'<div class="sk-card-body"><h3>{heading}</h3>'
        f"{_element('ul', 'sk-options', options)}"
        f'<div class="sk-figures">{_price(card, words)}</div>'
        f"{_element('div', 'sk-facts', _rating(card, words) + _stock(card, words) + _age(card, words, language))}"
        f"{_element('p', 'sk-reason', escape(visible(card.reason)))}{more}</div></li>"
    )


def render_markdown(
    text: str, cite_prefix: str = "", citations: Iterable[Citation] = (), language: Language = "en"
) -> str:
    """Markdown as safe HTML. A [n] of `citations` becomes a link to the element "<cite_prefix><n>"."""
    words = wording(language)
    titles = {citation.n: visible(citation.title) for citation in citations}
    environment = {"prefix": cite_prefix, "titles": titles, "label": words.source_n, "table": words.comparison}
    return nh3.clean(
        _markdown().render(visible(text), environment),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )


def safe_link(url: str | None) -> str | None:
    """A URL that may stand behind a link, or None: http(s) or a path on this server, nothing that runs."""
    if url is None:
        return None
    url = re.sub(r"[\x00-\x20\x7f]+", "", url)
    return url if re.match(r"https?://[^/]|/(?![/\\])", url, re.IGNORECASE) else None


def format_money(amount: Decimal, currency: str | None) -> str:
    """An amount as the page writes it: "$1,299.00", "¥1,299", "1,299.00 SEK", "1,299.00" in an unknown currency."""
    whole = currency in _WHOLE or (currency == "CNY" and amount == amount.to_integral_value())
    figure = f"{amount:,.0f}" if whole else f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
    if currency is None:
        return figure
    return _SYMBOLS[currency] + figure if currency in _SYMBOLS else f"{figure} {currency}"


def _headline(greeting: str) -> tuple[str, str]:
    """A greeting's first sentence and the rest; one that is short enough for a headline stays whole."""
    if len(greeting) <= _HEADLINE_CHARS:
        return greeting, ""
    first, _, rest = re.sub(r"(?<=[.!?。！？])\s*", "\n", greeting, count=1).partition("\n")
    return first, rest


def _element(tag: str, name: str, content: str) -> str:
    """An element of a class, or nothing where it would be empty."""
    return f'<{tag} class="{name}">{content}</{tag}>' if content else ""


def page_lang(language: Language) -> str:
    """A language as HTML names it."""
    return "zh-CN" if language == "zh" else language


def _question(exchange: Exchange, position: int, words: Wording) -> str:
    text = escape(visible(exchange.text))
    shown = f'<h2 class="sk-hidden">{escape(words.you_asked)}</h2><p class="sk-bubble" dir="auto">{text}</p>'
    if exchange.running or exchange.state == "left":
        return f'<div class="sk-question">{shown}</div>'
    field = f"sk-edit-{position}"
    return (
        f'<div class="sk-question">{shown}'
        f"{_button('edit', words.edit, 'edit', position)}"
        f'<form class="sk-edit" hidden data-position="{position}"><label class="sk-hidden" for="{field}">'
        f'{escape(words.edit_label)}</label><textarea id="{field}" rows="2" dir="auto">{text}</textarea>'
        f'<div><button type="button" class="sk-plain" data-do="cancel">{escape(words.cancel)}</button>'
        f'<button type="submit" class="sk-primary">{escape(words.save)}</button></div></form></div>'
    )


def _left(exchange: Exchange) -> str:
    """What the shopper is told whose message is left to a person, where there is something to tell."""
    if not exchange.handoff:
        return ""
    return f'<p class="sk-left" role="status">{escape(visible(exchange.handoff))}</p>'


def _status(exchange: Exchange, words: Wording) -> str:
    if exchange.state != "waiting":
        return ""
    text = escape(visible(exchange.status) or words.thinking)
    return f'<p class="sk-status"><span class="sk-dots" aria-hidden="true"><i></i><i></i><i></i></span>{text}</p>'


def _prose(exchange: Exchange, position: int, words: Wording) -> str:
    if not exchange.answer:
        return ""
    html = render_markdown(exchange.answer, f"sk-source-{position}-", exchange.citations, exchange.language)
    return f'<div class="sk-prose">{html}</div>'


def render_cards(products: Sequence[ProductCard], language: Language, pictures: Pictures) -> str:
    """Products beside each other; "" where there are none."""
    if not products:
        return ""
    cards = "".join(render_card(card, language, pictures) for card in products)
    return f'<ul class="sk-cards" aria-label="{escape(wording(language).products)}">{cards}</ul>'


def render_sources(citations: Sequence[Citation], position: int, words: Wording) -> str:
    """What the marks of the entry at a position rest on; "" where there are none."""
    if not citations:
        return ""
    items = "".join(
        f'<details id="sk-source-{position}-{citation.n}"><summary><span class="sk-n">{citation.n}</span>'
        f'<span class="sk-source-title">{escape(visible(citation.title))}</span>'
        f'<span class="sk-kind">{escape(words.kinds[citation.kind])}</span></summary>'
        f"{_quote(citation, words)}</details>"
        for citation in citations
    )
    return f'<section class="sk-sources"><h3>{escape(words.sources)}</h3>{items}</section>'


def _quote(citation: Citation, words: Wording) -> str:
    link = safe_link(citation.url)
    more = (
        f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{escape(words.read_more)}</a>'
        if link
        else ""
    )
    return f"<blockquote>{escape(visible(citation.quote))}</blockquote>{more}"


def _broken_off(exchange: Exchange, position: int, last: bool, words: Wording) -> str:
    """Why there is no more: stopped, or a problem with a way on."""
    if exchange.state == "stopped":
        return f'<p class="sk-note">{escape(words.stopped)}</p>'
    if not exchange.problem:
        return ""
    label = escape(words.try_again)
    again = f'<button type="button" class="sk-plain" data-do="retry" data-position="{position}">{label}</button>'
    return (
        f'<div class="sk-problem" role="alert"><p>{escape(exchange.problem)}</p>'
        f"{again if last and exchange.retry else ''}</div>"
    )


def _notes(exchange: Exchange, words: Wording) -> str:
    notes = []
    if exchange.handoff:
        notes.append(
            f'<div class="sk-handoff"><strong>{escape(words.handoff)}</strong>'
            f"<p>{escape(visible(exchange.handoff))}</p></div>"
        )
    if exchange.fallback:
        notes.append(f'<p class="sk-note">{escape(words.written_by_records)}</p>')
    return "".join(notes)


def _tools(exchange: Exchange, position: int, again: bool, words: Wording) -> str:
    if exchange.running:
        return ""
    retry = _button("retry", words.retry, "retry", position) if again else ""
    if exchange.state != "done":
        return _element("div", "sk-tools", retry if exchange.state == "stopped" else "")
    up = _button("up", words.thumbs_up, "vote", position, pressed=exchange.vote == "up")
    down = _button("down", words.thumbs_down, "vote", position, pressed=exchange.vote == "down")
    copy = _button("copy", words.copy, "copy", position, done=words.copied)
    return f'<div class="sk-tools">{up}{down}{copy}{retry}</div>'


def _proposals(exchange: Exchange, position: int) -> str:
    """What is done at the press of a button, and what came of it. A basket is the shop's: there the button leads."""
    if exchange.running:
        return ""
    links = {card.id: safe_link(card.url) for card in exchange.products}
    shown = []
    for proposal in exchange.proposals:
        label, detail = escape(visible(proposal.label)), escape(visible(proposal.detail))
        if proposal.kind == "add_to_cart":
            if link := links.get(proposal.product_id or ""):
                shown.append(f'<li><a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{label}</a></li>')
        elif proposal.state == "open":
            shown.append(
                f'<li><button type="button" data-do="press" data-position="{position}" '
                f'data-proposal="{escape(proposal.id)}">{label}</button>{_element("p", "sk-note", detail)}</li>'
            )
        else:
            shown.append(f'<li data-state="{proposal.state}"><b>{label}</b>{_element("p", "sk-note", detail)}</li>')
    return _element("ul", "sk-proposals", "".join(shown))


def _suggestions(exchange: Exchange, open_to_more: bool, words: Wording) -> str:
    if exchange.running or not open_to_more:
        return ""
    return _choices(exchange.suggestions, words.suggestions, "sk-suggestions")


def _choices(texts: Sequence[str], label: str, name: str) -> str:
    if not texts:
        return ""
    buttons = "".join(
        f'<li><button type="button" data-do="say" data-text="{text}">{text}</button></li>'
        for text in (escape(visible(text)) for text in texts)
    )
    return f'<ul class="{name}" aria-label="{escape(label)}">{buttons}</ul>'


def _button(icon: str, label: str, do: str, position: int, pressed: bool | None = None, done: str = "") -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}" data-vote="{icon}"'
    extra = f' data-done="{escape(done)}"' if done else ""
    return (
        f'<button type="button" class="sk-icon sk-icon-{icon}" data-do="{do}" data-position="{position}"{state}{extra} '
        f'aria-label="{escape(label)}" title="{escape(label)}"></button>'
    )


def _price(card: ProductCard, words: Wording) -> str:
    if card.price is None:
        return f'<span class="sk-price sk-unknown">{escape(words.price_unknown)}</span>'
    price = format_money(card.price, card.currency)
    if card.price_max is not None and card.price_max != card.price:
        price = words.price_from.format(low=price, high=format_money(card.price_max, card.currency))
    shown = f'<span class="sk-price">{escape(price)}</span>'
    if card.list_price is not None and card.list_price > card.price:
        before = format_money(card.list_price, card.currency)
        hidden = f'<span class="sk-hidden">{escape(words.was.format(price=before))}</span>'
        shown += f'{hidden}<s aria-hidden="true">{escape(before)}</s>'
    return shown


def _saving(card: ProductCard, words: Wording) -> str:
    if card.price is None or card.list_price is None or card.list_price <= card.price or card.price_max is not None:
        return ""
    percent = int((card.list_price - card.price) / card.list_price * 100)  # rounded down: never promise more
    return f'<span class="sk-saving">{escape(words.saving.format(percent=percent))}</span>' if percent >= 1 else ""


def _stock(card: ProductCard, words: Wording) -> str:
    if card.in_stock is None:
        return ""
    name, label = ("sk-in", words.in_stock) if card.in_stock else ("sk-out", words.out_of_stock)
    return f'<span class="sk-stock {name}">{escape(label)}</span>'


def _age(card: ProductCard, words: Wording, language: Language) -> str:
    """The day from which price and stock are, where it must be said."""
    if card.as_of is None:
        return ""
    day = when(card.as_of[:10], language)
    return f'<time class="sk-age" datetime="{escape(card.as_of)}">{escape(words.as_of.format(day=day))}</time>'


def _rating(card: ProductCard, words: Wording) -> str:
    if card.rating is None:
        return ""
    rating = f"{card.rating.normalize():f}"
    label = words.rating.format(rating=rating)
    count = ""
    if card.review_count is not None:
        label += ", " + words.reviews.format(count=card.review_count)
        count = f"<span>({card.review_count:,})</span>"
    return f'<p class="sk-rating" role="img" aria-label="{escape(label)}"><b>★</b>{rating}{count}</p>'


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable(["image", "html_inline", "html_block"])
    parser.core.ruler.push("citations", _link_citations)
    parser.add_render_rule("link_open", _open_link)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    parser.add_render_rule("th_open", lambda *_: '<th scope="col">')
    for name in ("heading_open", "heading_close"):
        parser.add_render_rule(name, _heading)
    return parser


def _link_citations(state: StateCore) -> None:
    """Turn every [n] in plain text into a reference to source n; inside code and links it stays as it is."""
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        tokens: list[Token] = []
        depth = 0
        for token in block.children:
            depth += token.type == "link_open"
            depth -= token.type == "link_close"
            tokens += [token] if token.type != "text" or depth else _split_citations(token, state.env)
        block.children = tokens


def _split_citations(token: Token, environment: Any) -> list[Token]:
    tokens: list[Token] = []
    end = 0
    titles: dict[int, str] = environment["titles"]
    for match in _CITE.finditer(token.content):
        n = int(match[1])
        if titles and n not in titles:
            continue
        # Until the sources are there the number stands without a link.
        html = f'<sup class="sk-cite">{n}</sup>'
        if n in titles:
            label = f"{environment['label'].format(n=n)}: {titles[n]}"
            html = f'<a class="sk-cite" href="#{environment["prefix"]}{n}" aria-label="{escape(label)}">{n}</a>'
        before = Token("text", "", 0, content=token.content[end : match.start()].rstrip(" "))
        tokens += [before, Token("html_inline", "", 0, content=html)]
        end = match.end()
    return [*tokens, Token("text", "", 0, content=token.content[end:])]


def _open_link(renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, index, options, environment))


def _open_table(renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    return f'<div class="sk-table" role="region" tabindex="0" aria-label="{escape(environment["table"])}"><table>'


def _heading(renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    """Headings of a reply start below the page's own: # to ###### become h4 to h6."""
    level = min(int(tokens[index].tag[1]) + 3, 6)
    return f"<h{level}>" if tokens[index].nesting == 1 else f"</h{level}>\n"
