"""A conversation becomes HTML in which no third-party text can run and every figure comes from a record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from assistant.as_json import plain
from assistant.turns import reply_parts
from assistant.types import Citation, Language, ProductCard, Query, Reply
from tests.browser.fake_assistant import ANSWER, CARDS, EVIL, SOURCES
from ui.conversation import Exchange, advance, ended
from ui.pictures import Pictures
from ui.rendering import (
    format_money,
    render_card,
    render_exchange,
    render_header,
    render_markdown,
    render_notice,
    render_welcome,
    safe_link,
)

PICTURES = Pictures(Path(), ())
HOSTILE = (
    EVIL,
    "<svg/onload=alert(1)>",
    "'\"><script>alert(1)</script>",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "<a href='java\tscript:alert(1)'>x</a>",
    "![x](https://evil.example/?leak)",
    "<iframe src=https://evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<form action=https://evil.example><input name=card></form>",
    "\u202ecod.exe\u202c \u200b\ue0001",
)


def exchange(**changes: object) -> Exchange:
    reply = Reply("".join(ANSWER), Query("tent", ("find",)), CARDS, SOURCES, ("Compare them",))
    values = {"text": "A tent?", "language": "en", "message_id": 1, **changes}
    return finished(Exchange(**values), reply)  # type: ignore[arg-type]


def finished(asked: Exchange, reply: Reply) -> Exchange:
    return ended(asked, "done", {"id": 1, "text": reply.text, **reply_parts(plain(reply))})


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def dangers(html: str) -> list[str]:
    """Everything in the HTML that could run, load or cover something."""
    found = []
    for tag in soup(html).find_all(True):
        if tag.name in ("script", "iframe", "style", "svg", "object", "embed", "link", "meta", "base"):
            found.append(tag.name)
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            if name.startswith("on") or name == "style":
                found.append(f"{tag.name} {name}")
            if name in ("href", "src", "action") and not text.startswith(("https://", "http://", "/", "#")):
                found.append(f"{tag.name} {name}={text}")
            if name == "src" and not text.startswith("/"):
                found.append(f"{tag.name} loads {text}")
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_runs_nowhere(text: str) -> None:
    card = ProductCard(
        text, text, text, {text: text}, currency=text, url=text, image=text, category=(text,), reason=text
    )
    citation = Citation(1, text, "faq", text, text, text)
    reply = Reply(text, Query(text, ("find",)), (card,), (citation,), (text,), handoff=text)
    html = render_exchange(
        finished(Exchange(text, "en"), reply), 0, last=True, shop=text, pictures=Pictures(Path(), ())
    )
    html += render_welcome(text, (text,), "en") + render_header(text) + render_notice(text, "en")

    assert dangers(html) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_runs_nowhere_while_it_streams(text: str) -> None:
    for end in range(len(text) + 1):
        assert dangers(render_markdown(text[:end])) == []


def test_invisible_characters_do_not_reach_the_page() -> None:
    html = render_exchange(exchange(text="a\u202eb\u200bc"), 0, last=True, shop="S", pictures=PICTURES)

    assert "\u202e" not in html
    assert "\u200b" not in html


def test_full_width_punctuation_stays_as_it_was_written() -> None:
    assert "好，多少钱？" in render_exchange(exchange(text="好，多少钱？"), 0, last=True, shop="S", pictures=PICTURES)


def test_a_card_shows_what_its_record_says() -> None:
    text = soup(render_card(CARDS[0], "en", PICTURES)).get_text(" ", strip=True)

    for part in (
        "Larkspur 2 Backpacking Tent",
        "Moss",
        "$249.00",
        "$299.00",
        "In stock",
        "4.8",
        "(213)",
        "16% off",
        "1.9 kg",
    ):
        assert part in text


def test_an_unknown_figure_is_not_shown_as_a_figure() -> None:
    text = soup(render_card(ProductCard("x", "Thing"), "en", PICTURES)).get_text(" ", strip=True)

    assert text == "Thing Price not listed"


@pytest.mark.parametrize(("language", "said"), [("en", "as of 12 November 2026"), ("zh", "截至2026年11月12日")])
def test_old_figures_have_their_day(language: Language, said: str) -> None:
    card = ProductCard("x", "Thing", price=Decimal(9), currency="USD", as_of="2026-11-12T08:00:00+00:00")
    assert said in soup(render_card(card, language, PICTURES)).get_text(" ", strip=True)
    assert soup(render_card(replace(card, as_of=None), language, PICTURES)).find("time") is None


def test_a_saving_is_rounded_down_and_never_shown_for_a_range() -> None:
    almost = ProductCard("x", "Thing", price=Decimal("100.01"), list_price=Decimal("200"), currency="USD")
    ranged = ProductCard("x", "Thing", price=Decimal(1), price_max=Decimal(9), list_price=Decimal(9), currency="USD")

    assert "49% off" in render_card(almost, "en", PICTURES)
    assert "%" not in soup(render_card(ranged, "en", PICTURES)).get_text()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1299", "USD", "$1,299.00"),
        ("1299", "CNY", "¥1,299"),
        ("12.9", "CNY", "¥12.90"),
        ("1299", "JPY", "¥1,299"),
        ("5", "HKD", "HK$5.00"),
        ("1299.5", "SEK", "1,299.50 SEK"),
        ("7", None, "7.00"),
    ],
)
def test_money_is_written_with_its_currency(amount: str, currency: str | None, text: str) -> None:
    assert format_money(Decimal(amount), currency) == text


@pytest.mark.parametrize("url", ["https://shop.example/a", "/p/1", "http://shop.example"])
def test_a_link_to_a_page_is_kept(url: str) -> None:
    assert safe_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "x",
        None,
    ],
)
def test_any_other_link_is_dropped(url: str | None) -> None:
    assert safe_link(url) is None


def test_a_long_greeting_is_a_headline_and_a_paragraph() -> None:
    page = soup(render_welcome("Hi, this is the shop's assistant. Tell me where you are going.", (), "en"))
    short = soup(render_welcome("Hi! Where to?", (), "en"))

    assert page.h2 is not None
    assert page.h2.get_text() == "Hi, this is the shop's assistant."
    assert "Tell me where you are going." in page.get_text()
    assert short.h2 is not None
    assert short.h2.get_text() == "Hi! Where to?"


def test_a_citation_links_to_its_source() -> None:
    page = soup(render_exchange(exchange(), 3, last=True, shop="S", pictures=PICTURES))

    links = page.select("a.sk-cite")
    assert [link["href"] for link in links] == ["#sk-source-3-1", "#sk-source-3-2"]
    assert "How long do I have" in links[1]["aria-label"]
    assert page.select_one("#sk-source-3-2 blockquote").get_text().startswith("Send anything back")  # type: ignore[union-attr]


def test_a_number_in_brackets_that_cites_nothing_stays_text() -> None:
    html = render_markdown("see [7] and `[1]`", "s-", SOURCES)

    assert "[7]" in html
    assert "<code>[1]</code>" in html
    assert "sk-cite" not in html


def test_a_table_can_be_scrolled_with_the_keyboard() -> None:
    region = soup(render_markdown("|a|b|\n|---|---|\n|1|2|\n")).select_one("div.sk-table")

    assert region is not None
    assert region["tabindex"] == "0"
    assert region.select_one("th")["scope"] == "col"  # type: ignore[index]


def test_every_button_has_a_name() -> None:
    for language in ("en", "zh"):
        page = soup(render_exchange(exchange(language=language), 0, last=True, shop="S", pictures=PICTURES))
        for button in page.find_all("button"):
            assert button.get("aria-label") or button.get_text(strip=True)


def test_only_the_last_answer_can_be_asked_again_and_suggests_more() -> None:
    last = soup(render_exchange(exchange(), 1, last=True, shop="S", pictures=PICTURES))
    earlier = soup(render_exchange(exchange(), 0, last=False, shop="S", pictures=PICTURES))

    assert last.select("[data-do=retry]")
    assert last.select("[data-do=say]")
    assert not earlier.select("[data-do=retry], [data-do=say]")
    assert earlier.select("[data-do=vote]")


def test_the_page_speaks_the_language_of_the_message() -> None:
    reply = Reply("有。", Query("帐篷", ("find",), "zh"), CARDS)
    html = render_exchange(finished(Exchange("有帐篷吗", "zh"), reply), 0, last=True, shop="店", pictures=PICTURES)

    assert 'lang="zh-CN"' in html
    assert "有货" in html
    assert "In stock" not in html


def test_events_add_up_to_the_reply() -> None:
    started = Exchange("A tent?", "en")
    waiting = advance(started, "status", {"stage": "retrieve", "text": "Looking"})
    shown = advance(advance(waiting, "products", {"products": plain(CARDS)}), "text", {"delta": "Take "})
    talking = advance(shown, "text", {"delta": "this."})

    assert (waiting.state, waiting.status) == ("waiting", "Looking")
    assert (talking.state, talking.answer, talking.products) == ("streaming", "Take this.", CARDS)
    done = finished(talking, Reply("Take this.", Query("tent", ("find",)), CARDS[:1]))
    assert (done.state, done.answer, done.products) == ("done", "Take this.", CARDS[:1])
    assert advance(done, "text", {"delta": "more"}) == done


def test_an_error_event_ends_the_exchange() -> None:
    failed = advance(Exchange("x", "en"), "error", {"message": "Busy.", "retry": True})

    assert (failed.state, failed.problem, failed.running) == ("failed", "Busy.", False)
