"""The desk over real HTTP: nothing of it is anybody's who is not logged in, or has not the role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.store import ROLES
from tests.browser.fake_assistant import FakeAssistant, FakeIndex
from tests.desk_agents import add_agent, browser
from tests.running_app import RunningApp, write_shop


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("desk")
    shop = write_shop(folder / "shop", name="Müller & <b>Söhne</b>")
    with RunningApp(shop, Settings(data=folder / "data"), FakeAssistant(index=FakeIndex({}))) as running:
        for role in ROLES:
            add_agent(running.store, role, role)
        yield running


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[RunningApp]:
    """A shop in which nobody has an account."""
    with RunningApp(write_shop(tmp_path / "shop"), Settings(data=tmp_path / "data"), FakeAssistant()) as running:
        yield running


def test_before_there_is_an_agent_the_desk_says_how_to_add_one(empty: RunningApp) -> None:
    with browser(empty.url) as client:
        for path in ("/desk/", "/desk", "/desk/login"):
            page = client.get(path, follow_redirects=True)
            assert page.status_code == 403
            assert "python -m ui agents add NAME" in page.text
        for method, path in (("GET", "/desk/api/me"), ("POST", "/desk/login"), ("GET", "/desk/config")):
            answer = client.request(method, path)
            assert answer.status_code == 403
            assert "python -m ui agents add NAME" in answer.text
        add_agent(empty.store, "ann")
        assert client.get("/desk/login").status_code == 200
