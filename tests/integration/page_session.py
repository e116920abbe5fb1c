"""One browser session of the chat page without a browser: the requests Gradio's page makes, and what comes back."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx


class PageSession:
    """Opens the page and sends messages as it does; a context manager.

    `cookies` are those of a browser that has been here before. `opened` is what the page showed first, as text.
    """

    def __init__(self, url: str, cookies: httpx.Cookies | None = None) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False, cookies=cookies)
        self.session_hash = secrets.token_hex(6)
        self.page = self.client.get("/").text
        self.config = self.client.get("/config").json()
        self.opened = json.dumps(list(self.run("load")), ensure_ascii=False)

    def __enter__(self) -> PageSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def run_button(self, element_id: str) -> Iterator[dict[str, Any]]:
        """Press the button of that id."""
        button = next(item for item in self.config["components"] if item["props"].get("elem_id") == element_id)
        return self.run("click", on=button["id"])

    def run(
        self, event: str, data: list[Any] | None = None, event_data: Any = None, on: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Send one event, `on` the component of that id, and yield the messages of its answer as they arrive."""
        dependency = next(
            item
            for item in self.config["dependencies"]
            if any(target[1] == event and on in (None, target[0]) for target in item["targets"])
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
