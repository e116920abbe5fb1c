"""The widget's files: small, cached for a while, and without anything that runs text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from ui.widget_files import SOURCES, lean, widget_files, widget_routes

PANELS = ("widget/panel.en.js", "widget/panel.zh.js")


async def get(path: str, **headers: str) -> Response:
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
    assert re.findall(r"^export [^{]*", text, re.MULTILINE) == ["export function mount(shell) "]
    for name in ("events", "render", "Conversation", "cards", "words"):
        assert re.search(rf"^(?:async )?(?:function\*?|const|class) {name}\b", text, re.MULTILINE), name


def test_no_two_modules_of_the_panel_use_one_name() -> None:
    modules = [
        path.read_text("utf-8") for path in SOURCES.glob("*.js") if path.name not in ("widget.js", "words-zh.js")
    ]
    named = r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)"
    names = [name for module in modules for name in re.findall(named, module, re.MULTILINE)]

    assert len(names) > 20
    assert [name for name in names if names.count(name) > 1] == []


def test_comments_and_indentation_are_left_out_and_nothing_else() -> None:
    source = '/* what\n   it is */\nconst a = "// stays"; // gone\n  // gone\n\n  /** gone */\n'
    source += '  b(`; // c`, "http://d"); // e\n  if (c)\n    d();\nconst e = 1;\n'

    assert lean(source) == 'const a = "// stays";b(`; // c`, "http://d");if (c)\nd();\nconst e = 1;\n'


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.js")), ids=lambda path: path.name)
def test_no_script_makes_html_or_code_of_text(path: Path) -> None:
    text = path.read_text("utf-8")

    runs = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\(.on"
    needs_a_looser_policy = r"\.style\.|\.cssText|setAttribute\(.style"
    assert re.findall(f"{runs}|{needs_a_looser_policy}", text) == []


def test_both_languages_say_the_same_things() -> None:
    def keys(language: str) -> list[str]:
        return re.findall(r"(\w+): \"", (SOURCES / f"words-{language}.js").read_text("utf-8"))

    assert sorted(keys("en")) == sorted(keys("zh"))
    assert len(keys("en")) > 30
