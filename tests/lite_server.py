"""Milvus Lite as a server of its own, for what goes over the network and for what happens when it goes away."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import Any

import pytest

needs_milvus_lite = pytest.mark.skipif(
    importlib.util.find_spec("milvus_lite") is None, reason="Milvus Lite is not installed (requirements.txt)"
)


class LiteServer:
    """Milvus Lite's server on a port of this machine, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._running: Any = None

    def start(self) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self._running = start_server_in_thread(data_dir=str(self._folder), host="127.0.0.1", port=self.port)

    def stop(self) -> None:
        if self._running is not None:
            server, db, _ = self._running
            server.stop(grace=0).wait()
            db.close()
            self._running = None
