"""On the chat page a proposal is a button; the order is stopped when it is pressed, once, and the page says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from knowledge_base.index import Index
from knowledge_base.shop import open_shop
from tests.integration.page_session import PageSession
from tests.running_app import RunningApp
from tests.shops import write_shop

ORDER = {"id": "W1003", "customer_id": "ann", "email": "ann@example.com", "status": "processing"}
ASK = "please cancel my order W1003, ann@example.com"


@dataclass(frozen=True, slots=True)
class Shop:
    """A served shop that knows one order, and where requests are kept."""

    app: RunningApp
    requests: Path

    @property
    def kept(self) -> list[str]:
        return self.requests.read_text().splitlines() if self.requests.exists() else []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("pressing")
    made = write_shop(folder / "shop")
    (made / "orders.jsonl").write_text(json.dumps(ORDER), encoding="utf-8")
    assistant = Assistant(index, storefront=FolderStorefront(open_shop(made), folder / "requests.jsonl"))
    with RunningApp(made, Settings(data=folder / "data"), assistant) as running:
        yield Shop(running, folder / "requests.jsonl")


def press(session: PageSession, proposal: str) -> str:
    data = {"do": "press", "position": 0, "number": 1, "proposal": proposal}
    return json.dumps(list(session.run("like", [None], data)), ensure_ascii=False)


def test_a_button_does_what_it_says_once_and_a_reload_shows_it(shop: Shop) -> None:
    with PageSession(shop.app.url) as session, PageSession(shop.app.url) as other:
        shown = session.ask(ASK)
        (proposal,) = set(re.findall(r'data-proposal=\\+"([0-9a-f]+)', shown))
        assert shop.kept == []
        assert "has reached the shop" not in press(session, "0" * 24)
        other.ask("hello")
        assert "has reached the shop" not in press(other, proposal)
        assert shop.kept == []
        assert "has reached the shop" in press(session, proposal)
        press(session, proposal)
        assert len(shop.kept) == 1
        with PageSession(shop.app.url, session.client.cookies) as again:
            assert "has reached the shop" in again.opened
            assert "data-proposal" not in again.opened
