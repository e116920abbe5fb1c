"""The demo storefront's routes: there for a shop that is made up, and for no other."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from assistant.config import DEMO_SHOP, Settings
from assistant.pipeline import Assistant
from knowledge_base.shop import open_shop
from tests.running_app import RunningApp
from ui.shop_page import has_storefront


@pytest.mark.parametrize("folder", [DEMO_SHOP, DEMO_SHOP.with_name("demo_shop_zh")], ids=lambda folder: folder.name)
def test_the_bundled_demo_shops_have_it(folder: Path) -> None:
    assert has_storefront(open_shop(folder), Settings())


def test_another_shop_has_it_only_by_the_setting(small_shop: Path, assistant: Assistant, tmp_path: Path) -> None:
    shop = open_shop(small_shop)

    assert not has_storefront(shop, Settings())
    assert has_storefront(shop, Settings(demo_storefront=True))
    with RunningApp(small_shop, Settings(data=tmp_path), assistant) as app:
        assert httpx.get(app.url + "/shop").status_code == 404
        assert httpx.post(app.url + "/shop/sign-in", json={"customer": "ada"}).status_code in (403, 404)


def test_a_made_up_customer_signs_in_and_nobody_else(small_shop: Path, assistant: Assistant, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, demo_storefront=True)
    with RunningApp(small_shop, settings, assistant) as app, httpx.Client(base_url=app.url) as client:
        page = client.get("/shop/p/tent-2")
        assert page.status_code == 200 and "<title>Small Shop</title>" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert {one["id"] for one in client.get("/shop/customers").json()["customers"]} == {"ada", "bob"}
        assert client.post("/shop/sign-in", json={"customer": "eve"}).status_code == 404
        assert client.get("/shop/assets/..%2f..%2fapp.py").status_code == 404

        token = client.post("/shop/sign-in", json={"customer": "ada"}).json()["token"]
        signed = client.post("/v1/sessions", headers={"authorization": f"Bearer {token}"})
        assert signed.json()["shopper"] == {"id": "ada"}
        again = client.post("/v1/sessions", headers={"authorization": f"Bearer {token}"})
        assert again.status_code == 401
