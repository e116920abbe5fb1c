"""/mcp: who may call the shop's tools, before the protocol sees the call.

In: requests. Out: the same handed to the protocol's server with the caller in their scope, or a refusal. Calls stand
alone: there is no session to take over, and a server that restarts forgets nothing. The protocol is imported and its
server started when the first call comes, after the assistant has been loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.places import Overloaded, Places
from ui.api.problems import BUSY_S, overloaded, problem_response
from ui.callers import Caller

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

CALLER: Final = "shopkeeper.caller"  # where a request's scope says who calls
_OPENING: Final = "The shop is just opening. Please try again in a moment."
_MAX_BODY_BYTES: Final = 64 * 1024

Admit = Callable[[Scope], Awaitable["Caller | Response | None"]]


class McpEndpoint:
    """The ASGI application at /mcp. `admit` says who calls (None: a guest) or answers in the tools' place.

    `origins` are the sites whose pages may call; a program sends no Origin and may always.
    """

    path: Final = "/mcp"

    def __init__(self, opening: Future[Assistant], places: Places, admit: Admit, origins: Collection[str]) -> None:
        self._opening = opening
        self._places = places
        self._admit = admit
        self._origins = frozenset(origins)
        self._starting = asyncio.Lock()
        self._manager: Any = None
        self._running: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is None:
            caller = await self._admit(scope)
            refusal = caller if isinstance(caller, Response) else None
            scope[CALLER] = caller
        if refusal is None and (not self._opening.done() or self._opening.exception() is not None):
            refusal = problem_response(503, "opening", _OPENING, {"retry-after": str(BUSY_S)})
        if refusal is not None:
            return await refusal(scope, receive, send)
        manager = self._manager or await self._start()
        try:
            async with self._places.take(lambda ahead: None):
                return await manager.handle_request(scope, receive, send)  # type: ignore[no-any-return]
        except Overloaded:
            return await overloaded().response()(scope, receive, send)

    async def close(self) -> None:
        """End the protocol's server; its calls are cancelled."""
        self._end.set()
        if self._running is not None:
            await self._running

    def _refusal(self, scope: Scope) -> Response | None:
        origin = Headers(scope=scope).get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return problem_response(403, "unknown-origin", "Pages of this site may not call the shop's tools.")
        if scope["method"] != "POST":  # no session: nothing to listen to, and none to delete
            return problem_response(405, "", "Calls stand alone: send each as a POST.", {"allow": "POST"})
        return None

    async def _start(self) -> Any:
        """The protocol's server, imported and running."""
        async with self._starting:
            if self._manager is None:
                manager = await asyncio.to_thread(self._make)
                started = asyncio.Event()
                self._running = asyncio.create_task(self._run(manager, started))
                await started.wait()
                self._manager = manager
        return self._manager

    def _make(self) -> Any:
        from ui.mcp_server import make_manager, make_server

        return make_manager(make_server(self._opening.result), _MAX_BODY_BYTES)

    async def _run(self, manager: Any, started: asyncio.Event) -> None:
        async with manager.run():
            started.set()
            await self._end.wait()
