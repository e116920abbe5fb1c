"""The documents say what the program does: every setting, command and option, and no path that is not there."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from assistant.config import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
EVERYTHING = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
PROGRAMS = ("ui", "ui agents", "assistant", "assistant.evaluation", "knowledge_base")


def settings_table() -> str:
    """What docs/settings.md must hold between its heading and its end."""
    rows = [
        f"| `{PREFIX}{field.name.upper()}` | {f'`{field.default}`' if field.default not in (None, '') else ''} "
        f"| {field.metadata['help']} |"
        for field in dataclasses.fields(Settings)
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def help_of(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "300"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_setting_is_documented_as_it_is() -> None:
    document = (ROOT / "docs" / "settings.md").read_text("utf-8")

    assert settings_table() in document, f"docs/settings.md must hold:\n\n{settings_table()}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_and_option_is_documented(program: str) -> None:
    text = help_of(*program.split(" "))
    commands = re.findall(r"^    (\w[\w-]*)(?:\s{2,}|$)", text, re.MULTILINE)
    if "COMMAND" not in text and "{" not in text:
        commands = []

    assert f"python -m {program}" in EVERYTHING
    for command in commands:
        assert re.search(rf"python -m {program} {command}\b", EVERYTHING), f"{program} {command}"
    for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", text):
        assert option in EVERYTHING or option == "--help", f"{program} {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    linked = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not re.match(r"[a-z]+:", link)]
    named = re.findall(
        r"`((?:assistant|knowledge_base|ui|tests|docs|benchmarks|\.ci)/[\w./-]*|[\w-]+\.(?:md|toml|txt)|Makefile)`",
        text,
    )
    missing = [link for link in linked if not (document.parent / link).exists()]
    missing += [name for name in named if not _exists(name)]
    assert missing == []


def _exists(name: str) -> bool:
    # A bare name (shop.toml, faq.md) may stand anywhere in the packages: the demo shops have a shop's own files.
    folders = ("docs", "assistant", "knowledge_base")
    return (ROOT / name).exists() or ("/" not in name and any(any((ROOT / at).rglob(name)) for at in folders))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_is_run_exists(document: Path) -> None:
    for name in re.findall(
        r"python -m ((?:assistant|knowledge_base|ui|benchmarks)[\w.]*)", document.read_text("utf-8")
    ):
        path = ROOT.joinpath(*name.strip(".").split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name


def test_the_architecture_names_every_module_of_the_flow() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

    assert len(text.splitlines()) <= 150
    for path in [
        *(ROOT / "ui").glob("*.py"),
        *(ROOT / "assistant").glob("*.py"),
        *(ROOT / "knowledge_base").glob("*.py"),
    ]:
        if not path.name.startswith("__"):
            assert re.search(rf"\b{path.stem}\b", text), f"ARCHITECTURE.md does not name {path.relative_to(ROOT)}"


def test_every_invariant_names_a_test_that_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`tests/[\w/]+\.py`", text)

    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name.strip("`")).exists()] == []


def test_every_make_target_is_documented_by_make_help() -> None:
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    targets = {line.split(":")[0] for line in lines if re.match(r"[a-z-]+:", line)}

    assert targets >= {"help", "install", "fmt", "check", "test", "test-browser", "eval", "bench", "serve"}
    assert [line for line in lines if re.match(r"[a-z-]+:", line) and "## " not in line] == []


def test_every_dependency_is_pinned_and_says_why_it_is_there() -> None:
    files = (ROOT / "requirements.txt", ROOT / "deploy" / "requirements.txt")
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]

    assert [line for line in wanted if not re.fullmatch(r"[A-Za-z0-9._-]+(\[\w+\])?==[\w.]+ +# \S.*", line)] == []


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert headings[0] in (version, "Unreleased")
    assert version in headings


def test_the_screenshot_is_there_and_small() -> None:
    assert "docs/chat.png" in (ROOT / "README.md").read_text("utf-8")
    assert 20_000 < (ROOT / "docs" / "chat.png").stat().st_size < 300_000
