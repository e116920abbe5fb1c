"""One browser session of the chat page without a browser: the requests Gradio's page makes, and what comes back."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx


class PageSession:
    """Opens the page and sends messages as it does; a context manager."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.session_hash = secrets.token_hex(6)
        self.page = self.client.get("/").text
        self.config = self.client.get("/config").json()
        list(self.run("load"))

    def __enter__(self) -> PageSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def run(self, event: str, data: list[Any] | None = None, event_data: Any = None) -> Iterator[dict[str, Any]]:
        """Send one event and yield the messages of its answer as they arrive."""
        dependency = next(
            item for item in self.config["dependencies"] if any(target[1] == event for target in item["targets"])
        )
        body = {
            "data": data if data is not None else [None] * len(dependency["inputs"]),
            "event_data": event_data,
            "fn_index": dependency["id"],
            "trigger_id": dependency["targets"][0][0],
            "session_hash": self.session_hash,
        }
        joined = self.client.post("/gradio_api/queue/join", json=body)
        joined.raise_for_status()
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session_hash}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    yield message
                    if message["msg"] == "process_completed":
                        return

    def ask(self, text: str) -> str:
        """Send a message as Enter does; everything that came back, as text."""
        return json.dumps(list(self.run("submit", [text, None])), ensure_ascii=False)

    def first_words_s(self, text: str) -> float:
        """Seconds from sending a message to the first words of its answer."""
        started = time.perf_counter()
        found = float("nan")
        for message in self.run("submit", [text, None]):
            if "sk-prose" in json.dumps(message) and found != found:
                found = time.perf_counter() - started
        return found
