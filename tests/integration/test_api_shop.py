"""What the API tells anybody about the shop, over the small shop's real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.config import Settings
from assistant.pipeline import Assistant
from tests.integration.api_client import Talk
from tests.running_app import RunningApp


@pytest.fixture(scope="module")
def client(small_shop: Path, assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), shop_id="fernway")
    with RunningApp(small_shop, settings, assistant) as app, httpx.Client(base_url=app.url, trust_env=False) as opened:
        yield opened


def test_the_shop_says_who_it_is_in_the_shoppers_language(client: httpx.Client) -> None:
    english, chinese = client.get("/v1/shop").json(), client.get("/v1/shop?locale=zh-CN").json()

    assert (english["id"], english["currency"]) == ("fernway", "USD")
    assert "tents" in " ".join(english["openers"])
    assert "您好" in chinese["greeting"]
    assert client.get("/v1/openers").json() == {"openers": english["openers"]}


def test_products_are_found_under_the_bounds_of_the_text(client: httpx.Client) -> None:
    found = client.get("/v1/products", params={"q": "tent under $200", "k": 5}).json()["products"]

    assert [card["id"] for card in found] and {"tent-4", "mug"}.isdisjoint(card["id"] for card in found)
    assert {card["id"]: card["price"] for card in found}["tent-2"] == "189.00"
    assert all(card["image"].startswith("/pictures/") for card in found)


def test_no_text_finds_all_products_and_k_bounds_them(client: httpx.Client) -> None:
    assert len(client.get("/v1/products", params={"k": 200}).json()["products"]) == 7
    assert len(client.get("/v1/products", params={"k": 2}).json()["products"]) == 2


def test_a_product_has_its_variants_with_prices_as_text(client: httpx.Client) -> None:
    told = client.get("/v1/products/rain-jacket").json()

    assert (told["product"]["price"], told["product"]["price_max"]) == ("79.50", "99.00")
    assert told["attributes"]["material"] == "nylon"
    blue = {variant["id"]: variant for variant in told["variants"]}["rain-blue-l"]
    assert blue == {
        "id": "rain-blue-l",
        "options": {"color": "blue", "size": "L"},
        "price": "92.00",
        "list_price": None,
        "in_stock": False,
    }


def test_unknown_figures_are_null(client: httpx.Client) -> None:
    card = client.get("/v1/products/mystery").json()["product"]
    assert (card["price"], card["in_stock"], card["rating"]) == (None, None, None)


def test_products_are_compared_row_by_row(client: httpx.Client) -> None:
    told = client.get("/v1/compare", params={"ids": "tent-2,tent-4"}).json()

    assert [card["id"] for card in told["products"]] == ["tent-2", "tent-4"]
    rows = {row["name"]: row["values"] for row in told["rows"]}
    assert rows["Price"] == ["$189.00", "$329.00"]
    assert rows["Weight"] == ["1.9 kg", "4.2 kg"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/products/nothing", 404),
        ("/v1/compare?ids=tent-2,nothing", 404),
        ("/v1/compare?ids=tent-2", 422),
        ("/v1/compare?ids=,,tent-2,tent-2", 422),
        ("/v1/compare", 422),
        ("/v1/products?k=0", 422),
        ("/v1/products?k=many", 422),
        ("/v1/products?q=" + "x" * 501, 422),
        ("/v1/products?q=%00", 422),
        ("/v1/shop?locale=../etc", 422),
        ("/v1/nothing", 404),
        ("/v1/", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path, follow_redirects=True)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_another_method_is_a_problem_that_names_the_right_one(client: httpx.Client) -> None:
    answer = client.delete("/v1/shop")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_document_describes_every_route_with_its_errors(client: httpx.Client) -> None:
    document = client.get("/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/v1"}]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told["summary"], f"{method} {path}"
            assert "429" in told["responses"], f"{method} {path}"
            for status, response in told["responses"].items():
                if int(status) >= 400:  # whoever sends OpenAI's requests reads OpenAI's errors
                    kind = "json" if told["tags"] == ["chat completions"] else "problem+json"
                    assert list(response["content"]) == [f"application/{kind}"], f"{method} {path} {status}"


def test_answers_of_the_api_are_no_pages_and_are_not_kept(client: httpx.Client) -> None:
    headers = client.get("/v1/shop").headers

    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_proposal_is_done_by_the_press_of_its_button_and_once(client: httpx.Client) -> None:
    talk = Talk.begin(client)
    (proposal,) = talk.say("Put the enamel mug in my cart").json()["message"]["proposals"]
    assert (proposal["kind"], proposal["product_id"], proposal["state"]) == ("add_to_cart", "mug", "open")

    pressed = [talk.post(f"/proposals/{proposal['id']}", {}).json()["proposal"] for _ in range(2)]
    assert [one["state"] for one in pressed] == ["accepted", "accepted"]
    told = talk.get("/messages").json()["messages"][-1]["proposals"]
    assert [one["state"] for one in told] == ["accepted"]

    stranger = Talk.begin(client)
    assert stranger.post(f"/proposals/{proposal['id']}", {}).status_code == 404
    assert talk.post("/proposals/0123", {}).status_code == 404
