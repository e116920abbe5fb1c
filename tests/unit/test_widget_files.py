"""The widget's files: small, cached for a while, readable by the pages that may, and without anything that runs text."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from ui.widget_files import SOURCES, lean, widget_files, widget_routes

PANELS = ("widget/panel.en.js", "widget/panel.zh.js")


async def get(path: str, **headers: str) -> object:
    app = FastAPI(openapi_url=None)
    app.include_router(widget_routes())
    async with AsyncClient(transport=ASGITransport(app), base_url="http://shop.test") as client:
        return await client.get(path, headers={"accept-encoding": "identity", **headers})


def test_the_launcher_is_at_most_5_kilobytes_compressed() -> None:
    assert len(widget_files()["widget.js"].gzipped) <= 5 * 1024


@pytest.mark.parametrize("panel", PANELS)
def test_panel_and_style_sheet_are_at_most_12_kilobytes_compressed(panel: str) -> None:
    files = widget_files()

    assert len(files[panel].gzipped) + len(files["widget/panel.css"].gzipped) <= 12 * 1024


@pytest.mark.parametrize("path", [*PANELS, "widget.js", "widget/panel.css"])
async def test_a_file_is_sent_compressed_and_not_again_while_it_is_the_same(path: str) -> None:
    plain = await get(f"/{path}")
    small = await get(f"/{path}", **{"accept-encoding": "gzip, br"})
    again = await get(f"/{path}", **{"if-none-match": plain.headers["etag"]})

    assert plain.content == small.content == widget_files()[path].plain
    assert small.headers["content-encoding"] == "gzip"
    assert "max-age=300" in plain.headers["cache-control"]
    assert plain.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "Origin" in plain.headers["vary"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/widget/panel.fr.js", "/widget/conversation.js", "/widget/..%2fapp.py", "/widget/"])
async def test_nothing_else_is_sent(path: str) -> None:
    assert (await get(path)).status_code == 404


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_one_module_of_which_nothing_was_left_out(panel: str) -> None:
    text = widget_files()[panel].plain.decode()

    assert not re.search(r"^import ", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export function mount(shell) {"]
    top = re.findall(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", text, re.MULTILINE)
    assert {"ask", "events", "render", "Conversation", "cards", "words"} <= set(top)


def test_comments_and_indentation_are_left_out_and_nothing_else() -> None:
    source = '/* what\n   it is */\nconst a = "// not a comment"; // kept\n  // gone\n\n  /** gone */\n  b(`/* c */`);\n'

    assert lean(source) == 'const a = "// not a comment"; // kept\nb(`/* c */`);\n'


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.js")), ids=lambda path: path.name)
def test_no_script_makes_html_or_code_of_text(path: object) -> None:
    text = path.read_text("utf-8")

    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b|setAttribute\(.(?:on|style)"
    assert re.findall(forbidden, text) == []


def test_both_languages_say_the_same_things() -> None:
    def keys(language: str) -> list[str]:
        return re.findall(r"(\w+): \"", (SOURCES / f"words-{language}.js").read_text("utf-8"))

    assert sorted(keys("en")) == sorted(keys("zh"))
    assert len(keys("en")) > 30
