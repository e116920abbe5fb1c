"""A shopper's browser: what can be seen, pressed and typed on the chat page, and what must not happen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.config import Settings
from tests.browser.accessibility import serious_findings
from tests.browser.chat import Chat
from tests.browser.fake_assistant import CARDS, EVIL, FakeAssistant
from tests.running_app import RunningApp, write_shop

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1440, "height": 900}}
Open = Callable[..., Chat]
Serve = Callable[..., RunningApp]


def test_the_empty_page_greets_and_offers_questions(open_chat: Open) -> None:
    chat = open_chat()

    expect(chat.page).to_have_title("Alder & Pine")
    expect(chat.page.get_by_role("heading", name="Hello! How can I help you?")).to_be_visible()
    chat.page.get_by_role("button", name="How long can I send things back?").click()
    expect(chat.last.locator(".sk-bubble")).to_have_text("How long can I send things back?")
    expect(chat.settled().locator(".sk-card")).to_have_count(len(CARDS))


def test_an_answer_streams_with_its_state_cards_and_sources(open_chat: Open) -> None:
    chat = open_chat()

    chat.send("slow please")
    expect(chat.last.locator(".sk-status")).to_have_text("Looking through 152 products")
    expect(chat.last.locator(".sk-prose")).to_contain_text("Sentence number 0")
    assert "Sentence number 7" not in chat.last.locator(".sk-prose").inner_text()
    answer = chat.settled()

    expect(answer.locator(".sk-prose")).to_contain_text("Sentence number 7")
    expect(answer.locator(".sk-status")).to_have_count(0)
    card = answer.locator(".sk-card").first
    expect(card).to_contain_text("$249.00")
    expect(card.get_by_role("link")).to_have_attribute("href", "https://shop.example/p/larkspur-2")


def test_every_card_has_a_picture_that_loads(open_chat: Open) -> None:
    chat = open_chat()

    answer = chat.ask("A tent?")
    pictures = answer.locator(".sk-card img")
    expect(pictures).to_have_count(len(CARDS))
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        chat.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())


def test_a_citation_opens_its_source(open_chat: Open) -> None:
    chat = open_chat()
    answer = chat.ask("A tent?")
    quote = answer.locator(".sk-sources blockquote").nth(1)

    expect(quote).to_be_hidden()
    answer.locator("a.sk-cite").nth(1).click()
    expect(quote).to_be_visible()
    expect(quote).to_contain_text("within 60 days")

    chat.ask("And another thing")  # an open source stays open while the page goes on
    expect(chat.turns.first.locator(".sk-sources blockquote").nth(1)).to_be_visible()


def test_a_suggestion_is_asked_by_pressing_it(open_chat: Open) -> None:
    chat = open_chat()
    chat.ask("A tent?")

    chat.button("Compare the first two").click()

    expect(chat.last.locator(".sk-bubble")).to_have_text("Compare the first two")
    expect(chat.settled().get_by_role("table")).to_contain_text("Ridgeline Dome 3")
    expect(chat.page.locator("#sk-past .sk-suggestions")).to_have_count(0)


def test_stop_keeps_what_was_answered_and_cancels_the_rest(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat()
    chat.send("slow please")
    expect(chat.last.locator(".sk-prose")).to_contain_text("Sentence number 1")
    cancelled = app.assistant.cancelled

    chat.button("Stop").click()

    expect(chat.settled()).to_have_attribute("data-state", "stopped")
    expect(chat.last.locator(".sk-note")).to_have_text("Stopped.")
    assert app.assistant.cancelled == cancelled + 1
    expect(chat.ask("A tent?")).to_have_attribute("data-state", "done")


def test_retry_asks_the_same_again(open_chat: Open) -> None:
    chat = open_chat()
    first = chat.ask("again, please").locator(".sk-prose").inner_text()

    chat.button("Answer again").click()

    expect(chat.last.locator(".sk-prose")).not_to_have_text(first)
    expect(chat.turns).to_have_count(1)


def test_an_edited_message_replaces_itself_and_what_followed(open_chat: Open) -> None:
    chat = open_chat()
    chat.ask("First question")
    chat.ask("Second question")
    first = chat.turns.first

    first.hover()
    first.get_by_role("button", name="Edit message").click()
    field = first.get_by_label("Edit your message")
    expect(field).to_be_focused()
    field.fill("Something else")
    first.get_by_role("button", name="Cancel").click()
    expect(first.locator(".sk-bubble")).to_have_text("First question")

    first.get_by_role("button", name="Edit message").click()
    expect(field).to_have_value("First question")
    field.fill("First question, better")
    first.get_by_role("button", name="Send again").click()

    expect(chat.turns).to_have_count(1)
    expect(chat.settled().locator(".sk-bubble")).to_have_text("First question, better")


def test_thumbs_are_stored_and_can_be_taken_back(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat()
    chat.ask("Stored? " + "thumbs")
    conversation = app.assistant.turns[-1].conversation_id
    up, down = chat.button("Good answer"), chat.button("Bad answer")

    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    assert app.store.history(conversation)[-1].vote == "up"
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(up).to_have_attribute("aria-pressed", "false")
    assert app.store.history(conversation)[-1].vote == "down"
    down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert app.store.history(conversation)[-1].vote is None


def test_messages_and_answers_are_stored_as_they_were_shown(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat()
    chat.ask("What is stored?")

    stored = app.store.history(app.assistant.turns[-1].conversation_id)
    assert [message.role for message in stored] == ["shopper", "assistant"]
    assert stored[0].text == "What is stored?"
    assert stored[1].reply is not None
    assert stored[1].reply["products"][0]["id"] == CARDS[0].id


def test_a_new_chat_is_empty_and_forgets(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat()
    chat.ask("My name is Ann")
    before = app.assistant.turns[-1].conversation_id

    chat.button("New chat").click()
    expect(chat.page.locator(".sk-welcome")).to_be_visible()
    expect(chat.turns).to_have_count(0)
    chat.ask("Who am I?")

    turn = app.assistant.turns[-1]
    assert turn.history == ()
    assert turn.conversation_id != before


def test_a_reload_goes_on_where_the_shopper_was(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat()
    chat.ask("A tent?")
    chat.button("Good answer").click()
    expect(chat.button("Good answer")).to_have_attribute("aria-pressed", "true")
    chat.ask("下雨天带什么帐篷？")

    chat = chat.loaded_again()

    expect(chat.turns).to_have_count(2)
    expect(chat.turns.first.locator(".sk-card")).to_have_count(len(CARDS))
    expect(chat.turns.first.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    expect(chat.page.get_by_role("button", name="新对话")).to_be_visible()
    chat.ask("A third question")
    assert len(app.assistant.turns[-1].history) == 4
    expect(chat.turns).to_have_count(3)
    assert [turn.get_attribute("data-position") for turn in chat.turns.all()] == ["0", "1", "2"]

    chat.button("New chat").click()
    expect(chat.turns).to_have_count(0)
    chat = chat.loaded_again()
    expect(chat.page.locator(".sk-welcome[data-opened]")).to_be_visible()
    expect(chat.turns).to_have_count(0)


def test_a_reload_while_an_answer_is_written_shows_what_became_of_it(open_chat: Open) -> None:
    left = open_chat()
    left.send("slow please")
    expect(left.last.locator(".sk-prose")).to_contain_text("Sentence number 1")

    chat = left.loaded_again()

    expect(chat.settled().locator(".sk-prose")).to_contain_text("Sentence number 1")
    expect(chat.ask("A tent?")).to_have_attribute("data-state", "done")
    expect(chat.turns).to_have_count(2)


def test_what_is_said_above_stays_in_order_and_offers_nothing_more(open_chat: Open) -> None:
    chat = open_chat()
    for text in ("One?", "Two?", "Three?"):
        chat.ask(text)

    above = chat.page.locator("#sk-past .sk-turn")
    expect(above.locator(".sk-bubble")).to_have_text(["One?", "Two?"])
    expect(above.get_by_role("button", name="Answer again")).to_have_count(0)
    expect(above.locator(".sk-suggestions")).to_have_count(0)
    above.first.get_by_role("button", name="Bad answer").click()
    expect(above.first.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    expect(above.locator(".sk-bubble")).to_have_text(["One?", "Two?"])
    chat.ask("Four?")
    expect(above.locator(".sk-bubble")).to_have_text(["One?", "Two?", "Three?"])


def test_follow_ups_carry_what_was_shown(open_chat: Open, app: RunningApp) -> None:
    chat = open_chat(path="/?product=TN-102")
    chat.ask("A tent?")
    chat.ask("Is the second one waterproof?")

    turn = app.assistant.turns[-1]
    assert [message.role for message in turn.history] == ["shopper", "assistant"]
    assert turn.history[1].product_ids == tuple(card.id for card in CARDS)
    assert turn.history[1].query is not None
    assert turn.page_product_id == "TN-102"
    assert turn.shopper is None


def test_a_product_page_the_shop_does_not_have_is_ignored(open_chat: Open, app: RunningApp) -> None:
    open_chat(path="/?product=../../etc/passwd").ask("A tent?")

    assert app.assistant.turns[-1].page_product_id is None


def test_two_shoppers_neither_wait_for_nor_see_each_other(open_chat: Open) -> None:
    ann, ben = open_chat(), open_chat()

    ann.send("slow please, says Ann")
    expect(ann.last.locator(".sk-status")).to_be_visible()
    ben.ask("quick, says Ben")
    expect(ann.last).to_have_attribute("data-state", re.compile("waiting|streaming"))
    ann.settled()

    assert "Ben" not in ann.page.inner_text("body")
    assert "Ann" not in ben.page.inner_text("body")


def test_the_page_switches_to_chinese_with_the_shopper(open_chat: Open) -> None:
    chat = open_chat()

    answer = chat.ask("下雨天带什么帐篷？")

    expect(answer.locator(".sk-bubble")).to_have_text("下雨天带什么帐篷？")
    expect(answer.locator(".sk-sources h3")).to_have_text("依据")
    expect(chat.page.get_by_role("button", name="新对话")).to_be_visible()
    expect(chat.box).to_have_attribute("placeholder", re.compile("想找什么"))
    expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_chinese_browser_is_greeted_in_chinese(open_chat: Open) -> None:
    chat = open_chat(locale="zh-CN")

    expect(chat.page.get_by_role("heading", name="您好！有什么可以帮您？")).to_be_visible()
    expect(chat.page.get_by_role("button", name="多久可以退货？")).to_be_visible()


def test_a_failure_is_told_kindly_without_the_machines_secrets(open_chat: Open) -> None:
    chat = open_chat()

    answer = chat.ask("fail now")

    expect(answer.get_by_role("alert")).to_contain_text("Something went wrong on our side")
    assert "secret detail" not in chat.page.content()
    expect(chat.button("Try again")).to_be_visible()


def test_an_error_event_is_shown_with_a_way_on(open_chat: Open) -> None:
    chat = open_chat()

    expect(chat.ask("error").get_by_role("alert")).to_contain_text("The model could not be reached")
    expect(chat.button("Try again")).to_be_visible()


def test_a_message_that_is_too_long_is_refused_and_kept_in_the_box(open_chat: Open) -> None:
    chat = open_chat()

    chat.send("x" * 501)

    expect(chat.page.get_by_role("alert")).to_contain_text("501 characters; the limit is 500")
    expect(chat.box).to_have_value("x" * 501)
    expect(chat.turns).to_have_count(0)
    chat.ask("shorter")
    expect(chat.page.get_by_role("alert")).to_have_count(0)


def test_an_empty_message_is_not_sent(open_chat: Open) -> None:
    chat = open_chat()

    chat.send("   ")

    expect(chat.page.get_by_role("alert")).to_contain_text("Please type a question")
    expect(chat.turns).to_have_count(0)


@pytest.mark.parametrize(
    "text", [EVIL, "evil", "[x](javascript:window.hacked=1)", "</textarea><script>hacked=1</script>"]
)
def test_hostile_text_from_shopper_and_records_does_not_run(open_chat: Open, text: str) -> None:
    chat = open_chat()

    answer = chat.ask(text)
    if answer.locator(".sk-suggestions button").count():
        answer.locator(".sk-suggestions button").first.click()
        expect(chat.turns).to_have_count(2)
        chat.settled()

    assert chat.page.evaluate("window.hacked") is None
    for link in chat.page.locator("a[href]").all():
        assert re.match(r"https?://|/|#", link.get_attribute("href") or "")


def test_everything_can_be_done_with_the_keyboard(open_chat: Open) -> None:
    chat = open_chat()
    page = chat.page
    expect(chat.box).to_be_focused()

    page.keyboard.type("A tent?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("For two.")
    page.keyboard.press("Enter")
    expect(chat.settled().locator(".sk-bubble")).to_have_text("A tent?\nFor two.")

    expect(chat.button("Good answer")).to_be_visible()  # the answer is drawn once more when it is stored
    reached = _tab_through(page)
    for name in (
        "New chat",
        "Edit message",
        "Source 1: Larkspur 2 Backpacking Tent",
        "Good answer",
        "Answer again",
        "Send",
    ):
        assert name in reached
    assert "Compare the first two" in reached

    page.locator("a.sk-cite").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sk-sources blockquote").nth(1)).to_be_visible()
    chat.button("Compare the first two").focus()
    page.keyboard.press("Enter")
    expect(chat.settled().get_by_role("table")).to_be_visible()
    page.keyboard.press("/")
    expect(chat.box).to_be_focused()


def _tab_through(page: Page) -> list[str]:
    """The names of everything the Tab key reaches, once round; each must show its focus."""
    # Once round means back at the same element: a citation and its source share a name.
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0); window.firstReached = null")
    names: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outlined, again = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " if (e === document.body) return ['', true, false];"
            " const again = e === window.firstReached; window.firstReached ??= e;"
            " return [(e.ariaLabel || e.innerText || e.placeholder || '').trim(),"
            " s.outlineStyle !== 'none' || !!e.closest('#sk-composer'), again] }"
        )
        assert outlined, f"{name} does not show that it has the focus"
        if again:
            break
        names.append(name)
    return names


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_page_has_no_serious_accessibility_finding(open_chat: Open, scheme: str, screen: dict[str, object]) -> None:
    chat = open_chat(color_scheme=scheme, **screen)
    assert serious_findings(chat.page) == []

    chat.ask("A tent?")
    chat.last.locator("summary").first.click()
    chat.ask("compare, and I want a person")
    chat.ask("下雨天带什么帐篷？")
    chat.ask("fail")
    chat.page.wait_for_timeout(400)
    assert serious_findings(chat.page) == []


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_nothing_is_wider_than_the_screen(open_chat: Open, screen: dict[str, object]) -> None:
    chat = open_chat(**screen)
    chat.ask("compare " + "averyveryverylongwordwithoutaspace" * 6)

    width = chat.page.evaluate("document.documentElement.scrollWidth")
    assert width <= chat.page.viewport_size["width"]  # type: ignore[index]
    expect(chat.box).to_be_in_viewport()


def test_dark_follows_the_system(open_chat: Open) -> None:
    light, dark = open_chat(color_scheme="light"), open_chat(color_scheme="dark")

    def lightness(chat: Chat) -> int:
        colour = chat.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert lightness(light) > 600
    assert lightness(dark) < 150


def test_motion_is_left_out_for_those_who_ask(open_chat: Open) -> None:
    chat = open_chat(reduced_motion="reduce")
    chat.send("slow please")

    dots = chat.last.locator(".sk-dots i").first
    expect(dots).to_be_visible()
    assert dots.evaluate("dot => getComputedStyle(dot).animationName") == "none"


def test_the_line_is_told_and_a_full_line_is_refused_kindly(tmp_path: Path, open_chat: Open, serve: Serve) -> None:
    settings = Settings(data=tmp_path / "data", concurrency=1, queue_size=1)
    busy = serve(write_shop(tmp_path / "shop"), settings, FakeAssistant())
    first, second, third = (open_chat(url=busy.url) for _ in range(3))
    first.send("slow please")
    expect(first.last.locator(".sk-status")).to_contain_text("Looking")
    second.send("quick")
    expect(second.last.locator(".sk-status")).to_contain_text("0 ahead of you")
    third.send("quick")
    expect(third.last.get_by_role("alert")).to_contain_text("A lot of people are asking")

    first.button("Stop").click()
    expect(second.settled()).to_have_attribute("data-state", "done")
    third.button("Try again").click()
    expect(third.last).to_have_attribute("data-state", "done")


def test_a_page_opened_before_the_shop_is_ready_waits_for_it(tmp_path: Path, open_chat: Open, serve: Serve) -> None:
    settings = Settings(data=tmp_path / "data")
    shop = write_shop(tmp_path / "shop", "家电旗舰店", "zh", "欢迎光临！")
    early = serve(shop, settings)
    chat = open_chat(url=early.url)
    expect(chat.page.get_by_role("heading", name="欢迎光临！")).to_be_visible()
    assert chat.page.request.get(early.url + "/readyz").status == 503
    chat.send("有帐篷吗？")
    expect(chat.last.locator(".sk-status")).to_contain_text("正在开门")

    early.opening.set_result(FakeAssistant())

    expect(chat.settled()).to_have_attribute("data-state", "done")
    assert chat.page.request.get(early.url + "/readyz").status == 200
