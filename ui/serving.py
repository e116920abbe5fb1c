"""The server under the application: a socket that is bound before anything is loaded, and an orderly end.

In: an address, an application. Out: a uvicorn server. It knows no shop and no page.
"""

from __future__ import annotations

import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

_SHUTDOWN_S: Final = 3  # for requests that are still being answered


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


class Server(uvicorn.Server):
    """A uvicorn server that ends the application's endless streams before it waits for its requests."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.config.app.state.close_streams()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def make_server(app: FastAPI) -> Server:
    """The server of an application, to be run on a socket of `listen`."""
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=_SHUTDOWN_S, server_header=False, proxy_headers=False
    )
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address; port 0 takes any free one.

    Raises:
        CannotListen: the port is taken or not allowed, or there is no such host.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on {host}:{port} ({reason}): stop what uses it or give another --port"
        ) from error
