"""The real application on a free loopback port, in a thread, with any assistant."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from assistant.config import Settings
from assistant.store import Store
from knowledge_base.shop import open_shop
from ui.__main__ import QUIET
from ui.serving import Server, listen, make_server

os.environ.update(QUIET)  # before Gradio is imported, as `python -m ui` does

from ui.app import create_app


def write_shop(folder: Path, name: str = "Alder & Pine", language: str = "en", greeting: str = "") -> Path:
    """A shop folder with one product, for an application whose answers come from elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(
        f'name = "{name}"\nlanguage = "{language}"\ngreeting = "{greeting}"\n', encoding="utf-8"
    )
    (folder / "products.csv").write_text("id,title\nTN-102,Larkspur 2\n", encoding="utf-8")
    return folder


class RunningApp:
    """The application being served. `opening` is where the assistant goes; `store` is what it keeps; `app` is it."""

    def __init__(self, shop: Path, settings: Settings, assistant: Any = None, port: int = 0) -> None:
        self.assistant = assistant
        self.opening: Future[Any] = Future()
        if assistant is not None:
            self.opening.set_result(assistant)
        self.store = Store.open(settings.data, settings.database_url)
        self._settings = settings
        self._shop = open_shop(shop)
        self._socket = listen("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.app: FastAPI | None = None
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> RunningApp:
        self._thread.start()
        deadline = time.monotonic() + 30
        while self._server is None or not self._server.started:
            assert self._thread.is_alive(), "the server could not start"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(timeout=20)
        self._socket.close()
        self.store.close()

    def _serve(self) -> None:
        async def create() -> FastAPI:
            # Gradio looks for an event loop here and would leave a new one behind, unclosed.
            return create_app(self._shop, self.opening, self.store, self._settings)

        self.app = asyncio.run(create())
        self._server = make_server(self.app)
        self._server.run(sockets=[self._socket])
