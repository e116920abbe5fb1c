"""A server that is told to stop: not ready at once, nothing new, what is under way ends first; as a real process."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from assistant.config import Settings
from assistant.pipeline import Assistant
from knowledge_base.index import Index
from tests.fakes import Answer, FakeDrafter, FakeServer
from tests.integration.test_start import ROOT, environment
from tests.running_app import RunningApp

KEY = "kJ8-server-one-2f9c41b7a6e05d3388fa"
BODY = {"model": "shopkeeper", "messages": [{"role": "user", "content": "show me tents"}], "stream": True}
HEADERS = {"authorization": f"Bearer {KEY}"}
SLOW = Answer(["The Fernway 2 Tent is waterproof [2]. "] * 6, delay_s=0.25)


@contextmanager
def server(shop: Path, data: Path, model: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m ui` when it is ready, with its URL."""
    command = [sys.executable, "-m", "ui", "--shop", str(shop), "--data", str(data), "--port", "0"]
    command += ["--embedder", "none", "--model", f"openai:slow@{model}", "--no-watch"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(SHOPKEEPER_SERVER_KEYS=KEY, **settings),
    )
    try:
        assert process.stdout is not None
        line = ""
        while "Ready in" not in line:
            line = process.stdout.readline()
            assert line, "it ended before it was ready"
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.communicate()


class Asking:
    """A streamed completion on its way, read in a thread."""

    def __init__(self, url: str) -> None:
        self.text = ""
        self.began = threading.Event()
        self._url = url
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        assert self.began.wait(10)

    def end(self) -> str:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.text

    def _read(self) -> None:
        with (
            contextlib.suppress(httpx.TransportError),
            httpx.stream("POST", self._url, json=BODY, headers=HEADERS, trust_env=False, timeout=20) as answer,
        ):
            for piece in answer.iter_text():
                self.text += piece
                if "waterproof" in self.text:
                    self.began.set()


def test_a_server_that_is_told_to_stop_finishes_what_it_began_and_takes_nothing_new(
    small_shop: Path, tmp_path: Path
) -> None:
    with FakeServer(SLOW) as model, server(small_shop, tmp_path, model.url, SHOPKEEPER_LOG="json") as (process, url):
        asking = Asking(f"{url}/v1/chat/completions")
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        with httpx.Client(base_url=url, trust_env=False) as client:
            while client.get("/readyz").status_code == 200:
                assert time.monotonic() - told < 1
            assert client.get("/healthz").status_code == 200
            refused = client.post("/v1/chat/completions", json=BODY, headers=HEADERS)
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["error"]["code"] == "restarting"
            for path in ("/gradio_api/queue/join", "/v1/conversations", "/v1/conversations/x/messages", "/mcp"):
                problem = client.post(path, json={})
                assert (problem.status_code, problem.headers["content-type"]) == (503, "application/problem+json")
            assert client.get("/v1/shop").status_code == 200
        assert asking.end().endswith("data: [DONE]\n\n")
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert time.monotonic() - told < 10
    assert "Traceback" not in errors
    assert '"message": "turn"' in errors and '"outcome": "done"' in errors
    assert "show me tents" not in errors


def test_an_answer_that_does_not_end_in_time_is_stopped(small_shop: Path, tmp_path: Path, index: Index) -> None:
    drafter = FakeDrafter(["The Fernway 2 Tent is waterproof [2]. ", "The ", 60.0])
    settings = Settings(data=tmp_path, server_keys=KEY, drain_s=0.3)
    with RunningApp(small_shop, settings, Assistant(index, drafter)) as running:
        asking = Asking(f"{running.url}/v1/chat/completions")
        told = time.monotonic()

    assert time.monotonic() - told < 4
    assert "[DONE]" not in asking.end()
    assert (drafter.running, drafter.cancelled) == (0, 1)
