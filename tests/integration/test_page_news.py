"""An open page is told that there is news, and nothing else; nobody else's page is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from assistant.config import Settings
from assistant.store import Agent
from tests.browser.fake_assistant import FakeAssistant
from tests.integration.page_session import PageSession
from tests.running_app import RunningApp, write_shop


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("news")
    with RunningApp(write_shop(folder / "shop"), Settings(data=folder / "data"), FakeAssistant()) as running:
        yield running


@pytest.fixture(scope="module")
def agent(app: RunningApp) -> Agent:
    return app.store.add_agent("maya", "Maya", "agent", "x" * 60)


def told(lines: Iterator[str]) -> tuple[str, str]:
    """The next event and its data."""
    event = next(line for line in lines if line.startswith("event: "))
    return event[7:], next(lines)[6:]


def test_a_page_hears_that_a_person_has_written_and_then_sees_the_words(app: RunningApp, agent: Agent) -> None:
    with PageSession(app.url) as ann:
        ann.ask("A tent?")
        conversation = app.assistant.turns[-1].conversation_id
        with ann.client.stream("GET", f"/live/{ann.session_hash}") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            lines = stream.iter_lines()
            assert told(lines) == ("here", "{}")
            app.store.take_conversation(agent, conversation)
            kind, number = told(lines)
            assert (kind, number.isdigit()) == ("news", True)
            assert "Maya is answering" in str(list(ann.run("tick")))
            app.store.send_message(agent, conversation, "A word of mine", "k")
            kind, later = told(lines)
            assert (kind, int(later)) == ("news", int(number) + 1)
            assert told(lines) == ("news", later), "a page that has not asked is told once more"
        drawn = str(list(ann.run("tick")))
    assert "A word of mine" in drawn
    assert "Larkspur" not in drawn  # what stands above is not drawn anew


def test_an_answer_that_the_page_draws_anyway_is_no_news(app: RunningApp) -> None:
    with PageSession(app.url) as ann:
        ann.ask("A tent?")
        with ann.client.stream("GET", f"/live/{ann.session_hash}") as stream:
            lines = stream.iter_lines()
            assert told(lines) == ("here", "{}")
            ann.ask("And a bag?")
            conversation = app.assistant.turns[-1].conversation_id
            app.store.add_agent_message(conversation, "Hello")
            kind, number = told(lines)
    assert (kind, int(number)) == ("news", app.store.heads([conversation])[conversation])


def test_a_page_that_the_server_does_not_know_is_told_to_load_itself_again(app: RunningApp) -> None:
    with httpx.Client(base_url=app.url, trust_env=False) as client:
        assert client.get("/live/unknown").text == "event: gone\ndata: {}\n\n"


def test_another_browsers_page_cannot_be_listened_to(app: RunningApp) -> None:
    with PageSession(app.url) as ann, httpx.Client(base_url=app.url, trust_env=False) as eve:
        eve.get("/")
        assert eve.get(f"/live/{ann.session_hash}").status_code == 403
        assert eve.get("/live/" + ann.session_hash, headers={"origin": "https://evil.example"}).status_code == 403
        assert eve.post(f"/live/{ann.session_hash}").status_code == 404
