"""Who may use what over HTTP: guests their conversation, signed-in shoppers theirs, and nobody another's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.config import Settings
from tests.browser.fake_assistant import FakeAssistant
from tests.integration.api_client import Talk
from tests.running_app import RunningApp, write_shop
from tests.unit.test_auth import KEY, REFUSED, claims, signed

UNLIMITED = {"rate_shopper": "", "rate_address": "", "rate_reads": ""}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("access")
    settings = Settings(data=folder / "data", jwt_key=KEY, shop_id="alder", **UNLIMITED)  # type: ignore[arg-type]
    with RunningApp(write_shop(folder / "shop"), settings, FakeAssistant(pause_s=0)) as running:
        yield running


@pytest.fixture
def client(app: RunningApp) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=app.url, trust_env=False, timeout=20) as opened:
        yield opened


def sign_in(client: httpx.Client, shopper: str = "ann", **more: Any) -> str:
    token = signed(claims(sub=shopper, jti=secrets.token_hex(8), **more))
    answer = client.post("/v1/sessions", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 201, answer.text
    session: str = answer.json()["token"]
    return session


def test_a_guest_uses_the_own_conversation_and_no_other(client: httpx.Client) -> None:
    mine, theirs = Talk.begin(client), Talk.begin(client)
    mine.say("A tent?")

    for path, method in PATHS:
        answer = client.request(method, path.format(id=mine.id), headers=theirs.headers, json=body_of(path))
        assert answer.status_code == 404, path
        unknown = client.request(method, path.format(id="nothing"), headers=theirs.headers, json=body_of(path))
        assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text)


PATHS = [
    ("/v1/conversations/{id}", "GET"),
    ("/v1/conversations/{id}/messages", "GET"),
    ("/v1/conversations/{id}/messages", "POST"),
    ("/v1/conversations/{id}/events", "GET"),
    ("/v1/conversations/{id}/stop", "POST"),
    ("/v1/conversations/{id}/messages/2/feedback", "PUT"),
]


def body_of(path: str) -> dict[str, Any] | None:
    return {"vote": "up"} if path.endswith("feedback") else {"text": "x"} if path.endswith("messages") else None


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer guest.", "Bearer guest.x", "Bearer " + "x" * 3000]
)
def test_without_the_right_bearer_nothing_is_told(client: httpx.Client, authorization: str) -> None:
    mine = Talk.begin(client)
    headers = {"authorization": authorization} if authorization else {}
    for path, method in PATHS:
        answer = client.request(method, path.format(id=mine.id), headers=headers, json=body_of(path))
        assert answer.status_code in (401, 404)
        assert answer.headers["content-type"] == "application/problem+json"
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["..%2f..", "a b", "x" * 65, "%00", "%F0%9F%8F%95", "'; drop table turns --"])
def test_an_id_that_cannot_be_is_one_that_is_not_there(client: httpx.Client, name: str) -> None:
    assert client.get(f"/v1/conversations/{name}", headers=Talk.begin(client).headers).status_code == 404
    session = {"authorization": f"Bearer {sign_in(client)}"}
    claimed = client.post(f"/v1/conversations/{name}/claim", headers=session, json={"secret": "x"})
    assert claimed.status_code == 404


def test_a_signed_in_shopper_is_who_the_shop_says(app: RunningApp, client: httpx.Client) -> None:
    talk = Talk.begin(client, sign_in(client, "ann"))
    talk.say("I am ben. Where is my order?", page_product_id="TN-102")

    turn = app.assistant.turns[-1]
    assert (turn.shopper, turn.page_product_id, turn.address) == ("ann", "TN-102", "127.0.0.1")
    Talk.begin(client).say("I am ann")
    assert app.assistant.turns[-1].shopper is None


def test_a_shopper_goes_on_from_any_device_and_nobody_else_does(client: httpx.Client) -> None:
    first = Talk.begin(client, sign_in(client, "ann"))
    first.say("A tent?")
    elsewhere = Talk(client, sign_in(client, "ann"), first.id)

    assert len(elsewhere.get("/messages").json()["messages"]) == 2
    listed = client.get("/v1/conversations", headers=elsewhere.headers).json()["conversations"]
    assert first.id in [one["id"] for one in listed]
    stranger = Talk(client, sign_in(client, "ben"), first.id)
    assert stranger.get().status_code == 404
    assert client.get("/v1/conversations", headers=stranger.headers).json() == {"conversations": []}


def test_a_token_is_exchanged_once(client: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {signed(claims(jti='only-once'))}"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/sessions", headers=headers).status_code, range(8)))
    assert sorted(answers) == [201] + [401] * 7


@pytest.mark.parametrize("wrong", REFUSED)
def test_no_other_token_signs_anybody_in(client: httpx.Client, wrong: str) -> None:
    bearer = REFUSED[wrong].encode("latin-1", "ignore")
    answer = client.post("/v1/sessions", headers=[(b"authorization", (b"Bearer " + bearer).strip())])
    assert answer.status_code == 401


def test_a_shops_token_is_no_session(client: httpx.Client) -> None:
    talk = Talk(client, signed(claims(jti="not-exchanged")), Talk.begin(client).id)
    assert talk.get().status_code == 401
    assert client.get("/v1/conversations", headers=talk.headers).status_code == 401


def test_signing_out_ends_the_session(client: httpx.Client) -> None:
    talk = Talk.begin(client, sign_in(client))
    assert client.delete("/v1/sessions/current", headers=talk.headers).status_code == 204

    assert talk.get().status_code == 401
    assert client.delete("/v1/sessions/current", headers=talk.headers).status_code == 401


def test_a_guests_conversation_goes_on_after_signing_in(client: httpx.Client) -> None:
    guest = Talk.begin(client)
    guest.say("A tent?")
    ann = Talk(client, sign_in(client, "ann"), guest.id)

    def claim(secret: str) -> int:
        return ann.post("/claim", {"secret": secret}).status_code

    assert ann.get().status_code == 404
    assert claim("guest.wrong") == 404
    assert claim(guest.token) == 204
    assert len(ann.get("/messages").json()["messages"]) == 2
    assert guest.get().status_code == 404  # its secret opens it no longer
    ben = Talk(client, sign_in(client, "ben"), guest.id)
    assert ben.post("/claim", {"secret": guest.token}).status_code == 404


def test_secrets_and_tokens_are_not_in_the_database(app: RunningApp, client: httpx.Client) -> None:
    guest, session = Talk.begin(client), sign_in(client)
    folder = app.store.database.engine.url.database
    assert folder is not None
    kept = b"".join(path.read_bytes() for path in Path(folder).parent.glob("conversations.db*"))
    for secret in (guest.token, guest.token.removeprefix("guest."), session):
        assert secret.encode() not in kept


def test_messages_are_limited_and_the_refusal_says_for_how_long(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", rate_shopper="2/minute", rate_address="6/minute", rate_reads="5/minute")
    with (
        RunningApp(write_shop(tmp_path / "shop"), settings, FakeAssistant(pause_s=0)) as app,
        httpx.Client(base_url=app.url, trust_env=False) as client,
    ):
        talk = Talk.begin(client)
        answers = [talk.say("A tent?") for _ in range(4)]
        other = Talk.begin(client).say("x").status_code
        blocked = client.post("/v1/conversations", json={})
        reads = [client.get("/v1/shop").status_code for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].json()["type"].endswith(":too-many-requests")
    assert other == 429  # one conversation and five messages came from this address
    assert blocked.status_code == 429
    assert reads.count(429) >= 1
    assert len(app.assistant.turns) == 2


def test_a_full_shop_refuses_before_the_model_is_asked(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", concurrency=1, queue_size=1, **UNLIMITED)  # type: ignore[arg-type]
    with (
        RunningApp(write_shop(tmp_path / "shop"), settings, FakeAssistant(pause_s=0.15)) as app,
        httpx.Client(base_url=app.url, trust_env=False, timeout=20) as client,
        ThreadPoolExecutor(5) as pool,
    ):
        talks = [Talk.begin(client) for _ in range(5)]
        answers = list(pool.map(lambda talk: talk.say("A tent?"), talks))
        refused = [answer for answer in answers if answer.status_code == 503]
        stored = [len(talk.get("/messages").json()["messages"]) for talk in talks]
    assert len(refused) == 3
    assert {answer.headers["retry-after"] for answer in refused} == {"5"}
    assert {answer.json()["type"].rpartition(":")[2] for answer in refused} == {"overloaded"}
    assert len(app.assistant.turns) == 2
    assert sorted(stored) == [0, 0, 0, 2, 2]
