"""A shop that goes away and comes back while its page is open, and two windows on one conversation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.config import Settings
from tests.browser.chat import Chat
from tests.browser.fake_assistant import FakeAssistant
from tests.running_app import RunningApp, write_shop

Open = Callable[..., Chat]
ENDS_LATE = """
    const reach = window.fetch.bind(window);
    window.fetch = async (...request) => {
      const answer = await reach(...request);
      if (!String(request[0]?.url ?? request[0]).includes("/queue/data")) return answer;
      const late = new TransformStream({
        async transform(part, controller) {
          const [before, ending] = new TextDecoder().decode(part).split(/(?=data: [^\\n]*close_stream)/);
          controller.enqueue(new TextEncoder().encode(before));
          if (!ending) return;
          document.documentElement.dataset.ending = "";
          await new Promise((resume) => setTimeout(resume, 1500));
          controller.enqueue(new TextEncoder().encode(ending));
        },
      });
      return new Response(answer.body.pipeThrough(late), answer);
    };
"""
REFUSED = "net::ERR_CONNECTION_REFUSED"  # the browser's own word on a server that is not there


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "The shop cannot be reached right now"), ("zh-CN", "暂时连接不上店铺")]
)
def test_a_shop_that_goes_away_is_told_of_and_its_page_goes_on_when_it_is_back(
    locale: str, said: str, tmp_path: Path, browser: Browser
) -> None:
    shop, settings = write_shop(tmp_path / "shop"), Settings(data=tmp_path / "data", drain_s=0.2)
    context = browser.new_context(locale=locale)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    with RunningApp(shop, settings, FakeAssistant()) as app:
        page.goto(app.url)
        chat = Chat(page)
        chat.send("slow 请" if locale == "zh-CN" else "slow please")
        expect(chat.last.locator(".sk-prose")).not_to_be_empty()
    expect(chat.last).to_have_attribute("data-state", "stopped")
    chat.send("Is it waterproof?")
    expect(page.locator(".sk-away")).to_contain_text(said)
    expect(page.locator(".toast-wrap")).not_to_be_visible()

    with RunningApp(shop, settings, FakeAssistant(), int(app.url.rpartition(":")[2])):
        expect(page.locator(".sk-away")).to_be_empty()
        expect(chat.turns).to_have_count(1)
        expect(chat.box).to_have_value("Is it waterproof?")
        chat.box.press("Enter")
        expect(chat.turns).to_have_count(2)
        chat.settled()
        context.close()
    assert [line for line in complaints if REFUSED not in line] == []


def test_a_message_sent_while_the_stream_of_events_ends_is_answered(browser: Browser, app: RunningApp) -> None:
    context = browser.new_context()
    context.add_init_script(ENDS_LATE)
    page = context.new_page()
    page.goto(app.url)
    chat = Chat(page)
    expect(page.locator("html[data-ending]")).to_be_attached()  # the server has ended it, Gradio's script has not heard

    chat.send("A tent?")

    expect(chat.turns).to_have_count(1)
    expect(chat.settled()).to_have_attribute("data-state", "done")
    context.close()


def test_what_one_window_asks_is_answered_in_the_other_as_well(open_chat: Open) -> None:
    one = open_chat()
    one.ask("First question")
    two = one.other_window()
    two.box.fill("half a sen")
    one.send("slow please")

    expect(two.last.locator(".sk-prose")).to_contain_text("Sentence number 1")
    expect(two.last).to_have_attribute("data-running", "")
    expect(two.settled().locator(".sk-prose")).to_contain_text("Sentence number 7")
    expect(two.turns.locator(".sk-bubble")).to_have_text(["First question", "slow please"])
    expect(two.box).to_have_value("half a sen")
    two.ask("Third question")
    expect(one.turns.locator(".sk-bubble")).to_have_text(["First question", "slow please", "Third question"])


def test_what_two_windows_send_is_one_conversation_in_both(open_chat: Open, app: RunningApp) -> None:
    one = open_chat()
    one.ask("First question")
    two = one.other_window(deaf=True)
    expect(two.turns).to_have_count(1)
    one.ask("Second question")

    two.send("Third question")

    expect(two.turns.locator(".sk-bubble")).to_have_text(["First question", "Second question", "Third question"])
    said = [message.text for message in app.assistant.turns[-1].history if message.role == "shopper"]
    assert said == ["First question", "Second question"]


def test_a_window_left_behind_votes_on_and_changes_nothing_but_what_it_shows(open_chat: Open, app: RunningApp) -> None:
    one = open_chat()
    one.ask("First question")
    two = one.other_window(deaf=True)
    one.turns.first.hover()
    one.turns.first.get_by_role("button", name="Edit message").click()
    one.turns.first.get_by_label("Edit your message").fill("Edited question")
    one.turns.first.get_by_role("button", name="Send again").click()
    expect(one.settled().locator(".sk-bubble")).to_have_text("Edited question")
    expect(one.button("Good answer")).to_be_visible()  # it is stored

    two.button("Bad answer").click()
    expect(two.last.locator(".sk-bubble")).to_have_text("Edited question")
    expect(two.button("Bad answer")).to_have_attribute("aria-pressed", "false")
    stored = app.store.history(app.assistant.turns[-1].conversation_id)
    assert [message.vote for message in stored] == [None] * len(stored)


def test_a_message_sent_while_another_window_waits_for_its_answer_is_kept_in_the_box(open_chat: Open) -> None:
    one = open_chat()
    one.ask("First question")
    two = one.other_window(deaf=True)
    one.send("slow please")
    expect(one.last.locator(".sk-prose")).to_contain_text("Sentence number 1")

    two.send("Second question")

    expect(two.page.get_by_role("alert")).to_contain_text("an answer is still on its way")
    expect(two.box).to_have_value("Second question")
    one.settled()
    two.send("Second question")
    expect(two.turns.locator(".sk-bubble")).to_have_text(["First question", "slow please", "Second question"])
