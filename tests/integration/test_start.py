"""`python -m ui` from the terminal: one clear line and exit code 2 when it cannot start, an orderly end when it did."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.page_session import PageSession
from tests.running_app import write_shop

ROOT = Path(__file__).parents[2]


def environment(**settings: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SHOPKEEPER_", "GRADIO_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


def start(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, env=environment(**settings))


def refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


def test_a_missing_shop_is_one_line(tmp_path: Path) -> None:
    refused(start("--shop", str(tmp_path / "nowhere"), "--data", str(tmp_path)), "nowhere", "does not exist")


def test_a_shop_without_products_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(start("--shop", str(tmp_path / "empty"), "--data", str(tmp_path / "data")), "empty")


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = start("--shop", str(write_shop(tmp_path / "shop")), "--data", str(tmp_path / "data"), "--port", port)
    refused(result, port, "--port")


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_an_impossible_port_is_one_line(tmp_path: Path, port: str) -> None:
    refused(start("--shop", str(write_shop(tmp_path / "shop")), "--data", str(tmp_path / "d"), "--port", port), port)


def test_an_unknown_setting_is_one_line(tmp_path: Path) -> None:
    refused(start(SHOPKEEPER_PROT="1"), "SHOPKEEPER_PROT", "SHOPKEEPER_PORT")


def test_a_data_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shop = str(write_shop(tmp_path / "shop"))
    refused(start("--shop", shop, "--data", str(tmp_path / "file"), "--port", "0"), "--data")


def test_a_model_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    shop = str(write_shop(tmp_path / "shop"))
    refused(
        start("--shop", shop, "--data", str(tmp_path / "d"), "--port", "0", "--embedder", "none", "--model", "nonsense")
    )


def test_a_running_server_says_what_it_runs_and_ends_in_good_order(tmp_path: Path) -> None:
    shop, data = str(write_shop(tmp_path / "shop")), str(tmp_path / "data")
    command = [sys.executable, "-m", "ui", "--shop", shop, "--data", data, "--port", "0"]
    command += ["--embedder", "none", "--model", "composer"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert process.stdout is not None
    said = ""
    while "Ready in" not in said:
        line = process.stdout.readline()
        assert line, "it ended before it was ready"
        said += line
    url = said.split()[-1]
    with PageSession(url) as session:
        assert "sk-prose" in session.ask("Do you have the Larkspur 2?")
        heartbeat = session.client.build_request("GET", f"/gradio_api/heartbeat/{session.session_hash}")
        open_page = session.client.send(heartbeat, stream=True)  # a page that stays open must not hold up the end
        stopped = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        open_page.close()

    assert process.returncode == 0, errors
    assert time.monotonic() - stopped < 5
    assert "Traceback" not in errors
    assert errors.strip() == ""
    for word in ("Alder & Pine", "1 products", "composer", "none", data):
        assert word in said
    with pytest.raises(httpx.TransportError):
        httpx.get(url + "/healthz", trust_env=False)
