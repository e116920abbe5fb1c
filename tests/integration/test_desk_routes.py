"""What agents do at the desk over HTTP, from a shopper who asks for a person to the chat handed back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.store import Agent
from knowledge_base.live import LiveIndex
from tests.desk_agents import PASSWORD, add_agent, browser, logged_in
from tests.integration.api_client import Talk
from tests.running_app import RunningApp
from tests.shops import write_shop


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, assistant: Assistant, small_shop: Path) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("desk")
    with RunningApp(small_shop, Settings(data=folder), assistant) as running:
        for name, role in (("ann", "agent"), ("bob", "agent"), ("lea", "lead"), ("max", "merchant")):
            add_agent(running.store, name, role)  # type: ignore[arg-type]
        yield running


def agent(app: RunningApp, login: str) -> Agent:
    found = app.store.agent_by_login(login)
    assert found is not None
    return found


@pytest.fixture
def ann(app: RunningApp) -> Iterator[httpx.Client]:
    with logged_in(app.url, app.store, agent(app, "ann")) as client:
        yield client


@pytest.fixture
def bob(app: RunningApp) -> Iterator[httpx.Client]:
    with logged_in(app.url, app.store, agent(app, "bob")) as client:
        yield client


@pytest.fixture
def lea(app: RunningApp) -> Iterator[httpx.Client]:
    with logged_in(app.url, app.store, agent(app, "lea")) as client:
        yield client


@pytest.fixture
def max_(app: RunningApp) -> Iterator[httpx.Client]:
    with logged_in(app.url, app.store, agent(app, "max")) as client:
        yield client


@pytest.fixture
def shopper(app: RunningApp) -> Iterator[Talk]:
    """A guest's conversation."""
    with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as client:
        yield Talk.begin(client)


def at(shopper: Talk) -> str:
    return f"/desk/api/conversations/{shopper.id}"


def reads(shopper: Talk) -> list[str]:
    """What the shopper sees."""
    return [message["text"] for message in shopper.get("/messages").json()["messages"]]


def send(client: httpx.Client, shopper: Talk, text: str, key: str, draft: str | None = None) -> httpx.Response:
    return client.post(at(shopper) + "/messages", json={"text": text, "draft": draft}, headers={"idempotency-key": key})


def kind_of(answer: httpx.Response) -> tuple[int, str]:
    """The status and the type of a problem."""
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


def test_a_chat_changes_hands_and_back(
    app: RunningApp, shopper: Talk, ann: httpx.Client, bob: httpx.Client, lea: httpx.Client
) -> None:
    shopper.say("I want to talk to a person, please")
    waiting = ann.get("/desk/api/queue").json()["items"]
    assert [(line["id"], line["reason"]) for line in waiting] == [(shopper.id, "asked")]
    assert ann.get("/desk/api/queue", params={"reason": "upset"}).json()["items"] == []
    assert ann.post(at(shopper) + "/claim").json()["agent"] == "ann"
    assert kind_of(bob.post(at(shopper) + "/claim")) == (409, "taken")
    assert [line["id"] for line in ann.get("/desk/api/queue?view=mine").json()["items"]] == [shopper.id]

    draft = ann.post(at(shopper) + "/draft", json={}).json()
    assert draft["state"] == "open"
    assert "trace" not in draft
    assert kind_of(send(bob, shopper, "Hi", "b1")) == (403, "not-yours")
    assert kind_of(ann.post(at(shopper) + "/messages", json={"text": "Hi"})) == (422, "invalid")  # without a key
    sent = send(ann, shopper, "Hi, Ann here.", "1", draft["id"])
    assert sent.status_code == 201
    assert send(ann, shopper, "Hi, Ann here.", "1", draft["id"]).json()["seq"] == sent.json()["seq"]
    assert kind_of(send(ann, shopper, "Something else", "1")) == (422, "idempotency-conflict")
    assert reads(shopper)[-1] == "Hi, Ann here."
    assert kind_of(send(ann, shopper, "Again", "2", draft["id"])) == (409, "draft-over")

    message = f"{at(shopper)}/messages/{sent.json()['message']['id']}"
    assert kind_of(bob.delete(message)) == (403, "not-yours")
    assert ann.delete(message).status_code == 200
    assert "Hi, Ann here." not in reads(shopper)

    assert ann.post(at(shopper) + "/notes", json={"text": "wants a tent"}).status_code == 201
    opened = ann.get(at(shopper)).json()
    assert opened["notes"][0]["text"] == "wants a tent"
    assert "secret_hash" not in json.dumps(opened)
    to_bob = {"to": agent(app, "bob").id}
    assert kind_of(ann.post(at(shopper) + "/reassign", json=to_bob)) == (403, "role")
    assert lea.post(at(shopper) + "/reassign", json=to_bob).json()["agent"] == "bob"
    assert ann.post(at(shopper) + "/hand-back").status_code == 403
    assert bob.post(at(shopper) + "/hand-back").json()["outcome"] == "handed_back"
    assert kind_of(bob.post(at(shopper) + "/hand-back")) == (409, "handoff-over")
    assert app.store.verify_audit() is None
    done = json.dumps([[row.action, row.subject, row.data] for row in app.store.whole_audit()])
    assert not any(word in done for word in ("Ann here", "to a person", "a tent"))  # ids alone


def test_a_stale_draft_is_refused_with_where_a_fresh_one_is(shopper: Talk, ann: httpx.Client) -> None:
    shopper.say("What tents do you have?")
    assert ann.post(at(shopper) + "/take").json()["reason"] == "taken"
    draft = ann.post(at(shopper) + "/draft", json={}).json()
    shopper.say("Do you have tents for four?")
    stale = send(ann, shopper, "Yes", "1", draft["id"])
    assert kind_of(stale) == (409, "stale-draft")
    assert "Yes" not in reads(shopper)
    fresh = ann.post(stale.json()["fresh"], json={}).json()
    assert fresh["based_on"] > draft["based_on"]
    assert send(ann, shopper, "Yes", "1", fresh["id"]).status_code == 201
    assert kind_of(ann.post(f"/desk/api/drafts/{fresh['id']}/reject", json={"reason": "no"})) == (409, "draft-over")


def test_an_open_desk_sees_the_chat_and_what_is_beside_it_as_it_happens(shopper: Talk, ann: httpx.Client) -> None:
    def until(kind: str, lines: Iterator[str]) -> dict[str, Any]:
        for line in lines:
            if line == f"event: {kind}":
                found: dict[str, Any] = json.loads(next(lines).removeprefix("data: "))
                return found
        raise AssertionError(kind)

    live = {"conversation": shopper.id}
    with ann.stream("GET", "/desk/api/live", params=live) as stream:
        lines = stream.iter_lines()
        assert until("beside", lines)["conversation"] == shopper.id
        shopper.say("a person, please")
        message = until("message", lines)
        assert (message["message"]["text"], message["seq"]) == ("a person, please", 1)
    with ann.stream("GET", "/desk/api/live", params=live, headers={"last-event-id": "0"}) as stream:
        assert until("message", stream.iter_lines())["seq"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", "/claim"), ("POST", "/take"), ("POST", "/notes"), ("DELETE", "/messages/1")],
)  # fmt: skip
def test_a_conversation_that_is_not_there_is_told(ann: httpx.Client, method: str, path: str) -> None:
    body = {"POST": {"text": "x"} if path == "/notes" else {}}.get(method)
    assert ann.request(method, f"/desk/api/conversations/none{path}", json=body).status_code == 404


def test_what_cannot_be_is_told(ann: httpx.Client, lea: httpx.Client) -> None:
    assert ann.get("/desk/api/live?conversation=none").status_code == 404
    assert ann.get("/desk/api/conversations/%20").status_code == 404
    assert ann.post("/desk/api/conversations/none/notes", json={"text": "a\x00"}).status_code == 422
    assert ann.get("/desk/api/queue", params={"view": "everything"}).status_code == 422
    assert lea.get("/desk/api/insights.csv?since=2026-01-02&until=2026-01-01").status_code == 422
    assert lea.delete("/desk/api/canned-replies/none").status_code == 404


def test_leads_keep_replies_that_agents_use(ann: httpx.Client, lea: httpx.Client) -> None:
    kept = lea.post("/desk/api/canned-replies", json={"title": "Hello", "text": "Hello there", "language": "en"}).json()
    assert ann.get("/desk/api/canned-replies").json()["replies"] == [kept]
    changed = lea.put(f"/desk/api/canned-replies/{kept['id']}", json={"title": "Hello", "text": "Hi"})
    assert changed.json()["text"] == "Hi"
    assert lea.delete(f"/desk/api/canned-replies/{kept['id']}").status_code == 204
    assert ann.get("/desk/api/canned-replies").json() == {"replies": []}


def test_leads_take_figures_and_the_audit_along(app: RunningApp, lea: httpx.Client) -> None:
    figures = lea.get("/desk/api/insights.csv")
    assert figures.headers["content-type"].startswith("text/csv")
    assert "attachment" in figures.headers["content-disposition"]
    assert figures.text.startswith("\ufeffmeasure,day")
    lines = [json.loads(line) for line in lea.get("/desk/api/audit.jsonl").text.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["action"] == "audit.downloaded"
    assert app.store.audit_head().hash == lines[-1]["hash"]


def test_merchants_make_accounts_and_cannot_shut_themselves_out(app: RunningApp, max_: httpx.Client) -> None:
    weak = max_.post("/desk/api/accounts", json={"name": "Eve", "password": "short"})
    assert (weak.status_code, weak.json()["type"]) == (422, "urn:shopkeeper:problem:agent-refused")
    added = max_.post("/desk/api/accounts", json={"name": "Eve Moss", "role": "lead", "password": PASSWORD})
    assert added.status_code == 201
    eve = added.json()
    assert eve["login"] == "eve.moss"
    assert (
        max_.post("/desk/api/accounts", json={"name": "Eve", "login": "EVE.moss", "password": PASSWORD}).status_code
        == 422
    )
    with browser(app.url) as client:
        client.post("/desk/login", data={"login": "eve.moss", "password": PASSWORD})
        assert client.get("/desk/api/me").json() == eve
        assert max_.post(f"/desk/api/accounts/{eve['id']}/role", json={"role": "agent"}).json()["role"] == "agent"
        assert client.get("/desk/api/audit").status_code == 403
        assert (
            max_.post(f"/desk/api/accounts/{eve['id']}/password", json={"password": PASSWORD + "!"}).status_code == 200
        )
        assert client.get("/desk/api/me").status_code == 401
    assert max_.post(f"/desk/api/accounts/{eve['id']}/disable").json()["disabled"]
    assert eve["id"] not in max_.get("/desk/api/agents").text
    assert not max_.post(f"/desk/api/accounts/{eve['id']}/enable").json()["disabled"]
    own = agent(app, "max").id
    assert max_.post(f"/desk/api/accounts/{own}/disable").status_code == 409
    assert max_.post(f"/desk/api/accounts/{own}/role", json={"role": "agent"}).status_code == 409
    assert max_.post("/desk/api/accounts/none/enable").status_code == 404
    assert "password" not in max_.get("/desk/api/accounts").text
    assert PASSWORD not in json.dumps([row.data for row in app.store.whole_audit()])


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[RunningApp]:
    """A shop whose index may change."""
    shop = write_shop(tmp_path / "shop", "en")
    with (
        closing(LiveIndex.open(shop, tmp_path / "index", "none", progress=False)) as live,
        RunningApp(shop, Settings(data=tmp_path / "data"), Assistant(live)) as running,
    ):
        yield running


def test_a_correction_is_proposed_by_an_agent_and_decided_by_a_lead(changing: RunningApp) -> None:
    store, url = changing.store, changing.url

    def answered() -> str:
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
            return str(Talk.begin(client).say("Do you repair zips?").json()["message"]["text"])

    with (
        logged_in(url, store, add_agent(store, "ann")) as ann,
        logged_in(url, store, add_agent(store, "lea", "lead")) as lea,
    ):
        asked = {"question": "Do you repair zips?", "answer": "Yes, we repair zips for 15 EUR within a week."}
        made = ann.post("/desk/api/corrections", json=asked)
        assert made.status_code == 201
        here = f"/desk/api/corrections/{made.json()['id']}"
        assert kind_of(ann.post(here + "/approve")) == (403, "role")
        assert lea.put(here, json={"answer": "Yes, we repair zips for 16 EUR within a week."}).status_code == 200
        assert lea.get(here + "/rivals").status_code == 200
        assert lea.post(here + "/approve").json()["state"] == "approved"
        assert "16 EUR" in answered()
        approved = lea.get("/desk/api/corrections?state=approved").json()["corrections"]
        assert [one["id"] for one in approved] == [made.json()["id"]]
        assert kind_of(lea.post(here + "/reject")) == (409, "correction-over")
        assert lea.post(here + "/roll-back").status_code == 200
        assert "16 EUR" not in answered()
        assert kind_of(lea.post("/desk/api/corrections/none/approve")) == (404, "unknown-correction")
        assert kind_of(ann.post("/desk/api/corrections", json={})) == (422, "correction-refused")
        assert lea.get("/desk/api/conflicts").json() == {"conflicts": [], "stale": []}
        assert lea.get("/desk/api/gaps").json()["gaps"][0]["count"] >= 1
        assert lea.get("/desk/api/decisions.jsonl").text == ""


def test_after_the_chat_is_handed_back_the_assistant_goes_by_what_the_agent_said(
    shopper: Talk, ann: httpx.Client
) -> None:
    shopper.say("How long do I have to return something?")
    ann.post(at(shopper) + "/take")
    assert send(ann, shopper, "You may return it for 75 days.", "a").status_code == 201
    taken_back = send(ann, shopper, "I can even make the return 99 days.", "b").json()["message"]["id"]
    assert ann.delete(f"{at(shopper)}/messages/{taken_back}").status_code == 200
    ann.post(at(shopper) + "/hand-back")
    shopper.say("so how long can I return it?")
    assert reads(shopper)[-1].startswith("My colleague")
    assert "“You may return it for 75 days.”" in reads(shopper)[-1]
    assert "99 days" not in reads(shopper)[-1]
    assert "45 days" not in reads(shopper)[-1]
    shopper.say("do you ship to Canada?")
    assert "14.90" in reads(shopper)[-1]


def test_what_needs_a_model_is_refused_in_words_where_there_is_none(shopper: Talk, ann: httpx.Client) -> None:
    shopper.say("How long do I have to return something?")
    ann.post(at(shopper) + "/take")
    asked = ann.get(at(shopper)).json()["messages"][0]["id"]
    translated = ann.post(f"{at(shopper)}/messages/{asked}/translation", json={"language": "zh"})
    assert kind_of(translated) == (422, "needs-model")
    assert "--model" in translated.json()["detail"]
    assert kind_of(ann.post(at(shopper) + "/draft", json={"kind": "language", "language": "zh"})) == (
        422,
        "needs-model",
    )
    assert kind_of(ann.post(at(shopper) + "/draft", json={"kind": "shorter"})) == (422, "no-variant")
    warm = ann.post(at(shopper) + "/draft", json={"kind": "warmer"}).json()
    assert warm["text"].startswith("Thank you for your message!")
    assert warm["confidence"] > 0.9
    missing = ann.post(f"{at(shopper)}/messages/999999/translation", json={"language": "zh"})
    assert kind_of(missing) == (404, "unknown-message")
