"""Conversations over HTTP: answered once, in order, resumed at any event, stopped when nobody listens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import httpx
import pytest

from assistant.config import Settings
from tests.browser.fake_assistant import FakeAssistant
from tests.integration.api_client import Talk, Told
from tests.running_app import RunningApp, write_shop

UNLIMITED = {"rate_shopper": "", "rate_address": "", "rate_reads": ""}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(data=folder / "data", **UNLIMITED)  # type: ignore[arg-type]
    with RunningApp(write_shop(folder / "shop"), settings, FakeAssistant()) as running:
        yield running


@pytest.fixture
def client(app: RunningApp) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as opened:
        yield opened


@pytest.fixture
def talk(client: httpx.Client) -> Talk:
    return Talk.begin(client)


def texts(events: list[Told]) -> str:
    return "".join(event.data["delta"] for event in events if event.kind == "text")


def test_a_message_is_answered_as_json(talk: Talk) -> None:
    answer = talk.say("A tent?").json()

    assert answer["state"] == "done"
    assert answer["message"]["role"] == "assistant"
    assert "Larkspur 2" in answer["message"]["text"]
    assert answer["message"]["products"][0]["price"] == "249.00"
    assert answer["message"]["products"][0]["image"].startswith("/pictures/")
    assert answer["message"]["citations"][1]["kind"] == "policy"


def test_a_message_is_answered_as_events_with_numbers(talk: Talk) -> None:
    events = list(talk.stream("A tent?"))

    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events][:3] == ["message", "status", "products"]
    assert events[0].data["message"]["text"] == "A tent?"
    assert events[-1].kind == "done"
    assert texts(events) == events[-1].data["message"]["text"]
    assert {event.data["turn"] for event in events} == {events[0].data["turn"]}


def test_the_conversation_goes_on_where_it_was(app: RunningApp, talk: Talk) -> None:
    talk.say("A tent?")
    talk.say("And for three?")

    earlier = app.assistant.turns[-1].history
    assert [message.text for message in earlier if message.role == "shopper"] == ["A tent?"]
    assert earlier[1].product_ids == ("TN-102", "TN-140", "SB-7")


def test_an_edited_message_leaves_what_followed_it_out(app: RunningApp, talk: Talk) -> None:
    talk.say("A tent?")
    second = talk.say("A stove?").json()["message"]["id"] - 1
    talk.say("A lamp?", replaces=second)

    assert [m.text for m in app.assistant.turns[-1].history if m.role == "shopper"] == ["A tent?"]
    assert talk.say("x", replaces=999_999).status_code == 422


def test_the_same_key_again_is_the_same_turn(app: RunningApp, talk: Talk) -> None:
    first = talk.say("A tent?", key="k-1").json()
    asked = len(app.assistant.turns)

    assert talk.say("A tent?", key="k-1").json() == first
    assert list(talk.stream("A tent?", key="k-1"))[-1].data["message"]["id"] == first["message"]["id"]
    assert len(app.assistant.turns) == asked
    assert talk.say("A stove?", key="k-1").status_code == 422


def test_the_same_key_at_the_same_time_is_one_turn(app: RunningApp, talk: Talk) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: talk.say("once, please", key="k-2").json(), range(5)))

    assert len({answer["turn"] for answer in answers}) == 1
    assert sum("once, please" in turn.text for turn in app.assistant.turns) == 1


def test_messages_sent_together_are_answered_one_after_the_other(talk: Talk) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: talk.say(f"number {n}"), range(3)))

    running = 0
    for event in islice(talk.follow(), talk.get().json()["last_seq"]):
        running += {"status": 0, "done": -1}.get(event.kind, 0) + (event.kind == "products")
        assert running <= 1
    assert [m["role"] for m in talk.get("/messages").json()["messages"]].count("assistant") == 3


def test_every_event_is_where_one_can_go_on(talk: Talk) -> None:
    events = list(talk.stream("A tent?"))

    for after in range(len(events)):
        assert list(islice(talk.follow(after), len(events) - after)) == events[after:]


def test_a_follower_sees_what_another_page_says(app: RunningApp, talk: Talk) -> None:
    with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as other, ThreadPoolExecutor(1) as pool:
        page = Talk(other, talk.token, talk.id)
        following = page.follow()
        seen = pool.submit(lambda: list(islice(following, 9)))
        time.sleep(0.1)
        said = list(talk.stream("A tent?"))
        assert seen.result(10) == said[:9]


def test_a_client_that_leaves_stops_its_answer_and_what_was_said_stays(app: RunningApp, talk: Talk) -> None:
    before = app.assistant.cancelled
    events = talk.stream("slow")
    seen = list(islice(events, 4))
    assert seen[-1].kind == "text"
    events.close()  # type: ignore[attr-defined]
    left = time.monotonic()
    while app.assistant.cancelled == before:
        assert time.monotonic() - left < 1.0
        time.sleep(0.02)
    (_, answer) = until(lambda: talk.get("/messages").json()["messages"], lambda found: len(found) == 2)
    assert answer["state"] == "stopped"
    assert answer["text"].startswith("Sentence number 0")
    assert answer["products"][0]["id"] == "TN-102"


def test_a_client_that_waits_for_json_and_leaves_stops_its_answer(app: RunningApp, talk: Talk) -> None:
    before = app.assistant.cancelled
    with pytest.raises(httpx.ReadTimeout):
        talk.client.post(
            talk.path + "/messages", json={"text": "slow"}, headers=talk.headers, timeout=httpx.Timeout(5, read=0.4)
        )
    until(lambda: app.assistant.cancelled, lambda cancelled: cancelled == before + 1, within_s=1.2)


def test_a_client_that_is_back_in_time_goes_on(app: RunningApp, talk: Talk) -> None:
    before = app.assistant.cancelled
    events = talk.stream("slow")
    seen = list(islice(events, 4))
    events.close()  # type: ignore[attr-defined]
    time.sleep(0.3)
    rest = []
    for event in talk.follow(seen[-1].id):
        rest.append(event)
        if event.kind == "done":
            break
    assert rest[0].id == seen[-1].id + 1
    assert rest[-1].data["state"] == "done"
    assert app.assistant.cancelled == before


def test_stop_ends_the_answer_and_keeps_it(talk: Talk) -> None:
    seen = []
    for event in talk.stream("slow"):
        seen.append(event)
        if event.kind == "text" and texts(seen) == event.data["delta"]:
            with httpx.Client(base_url=talk.client.base_url, trust_env=False) as other:
                assert Talk(other, talk.token, talk.id).post("/stop").json() == {"stopped": True}
    assert seen[-1].kind == "done"
    assert seen[-1].data["state"] == "stopped"
    assert seen[-1].data["message"]["text"] == texts(seen).strip()
    assert talk.post("/stop").json() == {"stopped": False}


def test_an_answer_that_fails_says_so_without_the_reason(talk: Talk) -> None:
    events = list(talk.stream("fail"))
    assert events[-1].kind == "error"
    assert events[-1].data["retry"] is True
    assert "secret" not in str(events)

    answer = talk.say("fail")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":not-answered")
    assert list(talk.stream("error"))[-1].data["message"].startswith("The model could not be reached")


def test_votes_are_kept_and_taken_back(talk: Talk) -> None:
    answer = talk.say("A tent?").json()["message"]["id"]

    def vote(message: int, vote: Any) -> int:
        path = f"{talk.path}/messages/{message}/feedback"
        return talk.client.put(path, json={"vote": vote}, headers=talk.headers).status_code

    assert vote(answer, "up") == 204
    assert talk.get("/messages").json()["messages"][1]["vote"] == "up"
    assert vote(answer, None) == 204
    assert talk.get("/messages").json()["messages"][1]["vote"] is None
    assert vote(answer, "sideways") == 422
    assert vote(answer - 1, "up") == 404  # the shopper's own message
    assert Talk.begin(talk.client).say("x").status_code == 200
    assert vote(answer + 2, "up") == 404  # another conversation's


def test_messages_come_in_pages(talk: Talk) -> None:
    for n in range(3):
        talk.say(f"number {n}")
    first = talk.get("/messages", limit=4).json()
    rest = talk.get("/messages", after=first["messages"][-1]["id"], limit=4).json()

    assert (len(first["messages"]), first["more"]) == (4, True)
    assert (len(rest["messages"]), rest["more"]) == (2, False)


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u2060", "x" * 4001])
def test_a_message_that_is_none_is_refused_and_not_stored(talk: Talk, text: str) -> None:
    assert talk.say(text).status_code == 422
    assert talk.get("/messages").json()["messages"] == []


def test_a_message_is_kept_as_it_was_written(talk: Talk) -> None:
    text = "  <b>tent</b>\u202e ＡＢＣ \U0001f3d5\ufe0f\r\n\t$1 "
    talk.say(text)
    assert talk.get("/messages").json()["messages"][0]["text"] == text


@pytest.mark.parametrize("body", [b'{"text": "\\u0000"}', b'{"text": "\\ud800"}', b'{"text": 7}', b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_message_is_a_problem(talk: Talk, body: bytes) -> None:
    answer = talk.client.post(
        talk.path + "/messages", content=body, headers=talk.headers | {"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def until(look: Any, holds: Any, within_s: float = 3.0) -> Any:
    """What `look` returns once it holds."""
    deadline = time.monotonic() + within_s
    while not holds(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found
