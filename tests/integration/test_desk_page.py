"""The desk's Gradio page over real HTTP: whoever is at it, what it shows is theirs to see."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.store import Agent, Role
from tests.desk_agents import add_agent, logged_in
from tests.integration.api_client import Talk
from tests.running_app import RunningApp
from ui.desk.page import PARTS
from ui.desk.showing import SCREENS

SECRET = "my cat is called Semiramis"  # what a shopper says, who is nobody else's business


class AtDesk:
    """An agent's browser at the page: presses what its script can press, and reads what comes back."""

    def __init__(self, app: RunningApp, agent: Agent, session_hash: str | None = None) -> None:
        self.client = logged_in(app.url, app.store, agent)
        self.session_hash = session_hash or secrets.token_hex(6)

    def __enter__(self) -> AtDesk:
        config = self.client.get("/desk/config").json()
        (self._handler,) = config["dependencies"]
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def press(self, do: str, **asked: Any) -> httpx.Response:
        """Press something; the answer only says that it is in line."""
        body = {
            "data": [None] * len(self._handler["inputs"]),
            "event_data": {"do": do, **asked},
            "fn_index": self._handler["id"],
            "trigger_id": self._handler["targets"][0][0],
            "session_hash": self.session_hash,
        }
        return self.client.post("/desk/gradio_api/queue/join", json=body)

    def shown(self) -> str:
        """What came of it, up to its end."""
        found = []
        query = {"session_hash": self.session_hash}
        with self.client.stream("GET", "/desk/gradio_api/queue/data", params=query) as stream:
            if stream.status_code != 200:
                stream.read()
                return f"{stream.status_code} {stream.text}"
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    found.append(json.loads(line[5:]))
                    if found[-1]["msg"] == "process_completed":
                        break
        return json.dumps(found, ensure_ascii=False)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, assistant: Assistant, small_shop: Path) -> Iterator[RunningApp]:
    with RunningApp(small_shop, Settings(data=tmp_path_factory.mktemp("desk")), assistant) as running:
        add_agent(running.store, "somebody")  # before there is an agent nobody can be asked for
        yield running


@pytest.fixture(scope="module")
def asked(app: RunningApp) -> Iterator[Talk]:
    """A conversation in which a person is asked for."""
    with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as client:
        talk = Talk.begin(client)
        talk.say(SECRET)
        talk.say("I want to talk to a person, please")
        yield talk


def test_an_agent_sees_the_chats(app: RunningApp, asked: Talk) -> None:
    with AtDesk(app, add_agent(app.store, "ann")) as ann:
        ann.press("open", at={"chat": asked.id})
        assert SECRET in ann.shown()


def test_anothers_session_hash_gives_nothing(app: RunningApp, asked: Talk) -> None:
    ann, eve = add_agent(app.store, "ann1"), add_agent(app.store, "eve", "merchant")
    with AtDesk(app, ann) as hers, AtDesk(app, eve, hers.session_hash) as thiefs:
        assert hers.press("open", at={"chat": asked.id}).status_code == 200
        assert thiefs.press("refresh").status_code == 403
        stolen = thiefs.shown()
        assert stolen.startswith("403")
        assert SECRET not in stolen
        heartbeat = thiefs.client.get(f"/desk/gradio_api/heartbeat/{hers.session_hash}")
        reset = thiefs.client.post("/desk/gradio_api/reset", json={"session_hash": hers.session_hash, "event_id": "x"})
        assert (heartbeat.status_code, reset.status_code) == (403, 403)
        assert SECRET in hers.shown()
        app.store.disable_agent(ann.id)
        assert hers.press("refresh").status_code == 401
        assert hers.shown().startswith("401")


@pytest.mark.parametrize("screen", [name for name, role in SCREENS.items() if role == "lead"])
def test_a_screen_of_leads_shows_an_agent_nothing(app: RunningApp, screen: str) -> None:
    drawn: dict[Role, str] = {}
    roles: tuple[Role, ...] = ("agent", "lead")
    for role in roles:
        with AtDesk(app, add_agent(app.store, f"{role}-{screen}", role)) as at_desk:
            drawn[role] = ""
            for do in ("lead", "screen"):
                at_desk.press(do, at={"screen": screen})
                parts = json.loads(at_desk.shown())[-1]["output"]["data"]
                part = parts[PARTS.index("lead")]
                drawn[role] += part if isinstance(part, str) else ""
    assert drawn["agent"] == ""
    if screen != "corrections":  # which an index that does not change has none of
        assert len(drawn["lead"]) > 100


def test_what_the_page_sends_never_says_who_it_is(app: RunningApp, asked: Talk) -> None:
    lead = add_agent(app.store, "lead-somebody", "lead")
    with AtDesk(app, add_agent(app.store, "mallory")) as mallory:
        for do in ("approve", "reject_correction", "roll_back", "canned", "canned_delete"):
            mallory.press(do, id="x", title="t", text="t", agent=lead.id, role="lead", username=lead.id)
            mallory.shown()
        mallory.press("reassign", at={"chat": asked.id}, agent=lead.id, role="lead")
        mallory.shown()
    assert app.store.canned_replies() == ()
    handoff = app.store.handoff(asked.id)
    assert handoff is not None
    assert handoff.agent_id is None
