"""A client of the API for tests: conversations, messages, events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Told:
    """One server-sent event."""

    id: int
    kind: str
    data: dict[str, Any]


def read_events(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a stream; comments and `retry` are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


@dataclass(slots=True)
class Talk:
    """One conversation over HTTP, as a guest or, with `token`, as a signed-in shopper. `id` may be another's."""

    client: httpx.Client
    token: str = ""
    id: str = ""
    begun: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, client: httpx.Client, token: str = "") -> Talk:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = client.post("/v1/conversations", json={}, headers=headers)
        assert answer.status_code == 201, answer.text
        begun = answer.json()
        return cls(client, token or begun["secret"], begun["id"], begun)

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def get(self, path: str = "", **parameters: Any) -> httpx.Response:
        return self.client.get(self.path + path, headers=self.headers, params=parameters)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.client.post(self.path + path, json=body, headers=self.headers | headers)

    def say(self, text: str, key: str | None = None, **body: Any) -> httpx.Response:
        keyed = {"idempotency-key": key} if key is not None else {}
        return self.post("/messages", {"text": text, **body}, **keyed)

    def stream(self, text: str, key: str | None = None) -> Iterator[Told]:
        """The events of one message's turn."""
        headers = self.headers | {"accept": "text/event-stream"} | ({"idempotency-key": key} if key else {})
        with self.client.stream("POST", self.path + "/messages", json={"text": text}, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            yield from read_events(answer.iter_lines())

    def follow(self, after: int = 0) -> Iterator[Told]:
        """The conversation's events after a number, without an end."""
        headers = self.headers | {"last-event-id": str(after)}
        with self.client.stream("GET", self.path + "/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield from read_events(answer.iter_lines())
