"""What other programs use: chat completions and the shop's tools, over the same assistant and the same line.

In: an application. Out: the same with /v1/chat/completions, /v1/models and /mcp. Who may call is the same for both: one
of the shop's servers by its key, a shopper by their session; guests may use the tools that show nothing of theirs.
"""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from assistant.places import Places
from ui.api.problems import Problem, problem_response
from ui.api.service import Service
from ui.callers import Caller, Callers
from ui.mcp_endpoint import McpEndpoint
from ui.openai_api import Refused, add_openai_api
from ui.protection import client_address, sites

_UNKNOWN: Final = "The bearer is no server's key and no session's token; a session may have ended."


def add_surfaces(app: FastAPI, api: FastAPI, service: Service, places: Places) -> McpEndpoint:
    """Add the routes, to `api` those below /v1; what is returned is to be closed before the application ends.

    Raises:
        SettingsError: a key of a server cannot be used.
    """
    settings, limits = service.settings, service.limits
    callers = Callers(settings.server_keys, service.store.session_shopper)

    async def admit_completion(request: Request) -> Caller:
        try:
            await limits.count_write(client_address(request.scope))
            caller = await callers.identify(request.headers.get("authorization", ""))
            if caller is not None and caller.shopper is not None:
                await limits.count_message(caller.shopper)
        except Problem as problem:
            retry_after = problem.headers.get("retry-after", "")
            raise Refused(problem.status, problem.detail, "rate_limit_exceeded", retry_after=retry_after) from problem
        if caller is None:
            raise Refused(401, _UNKNOWN, "invalid_api_key")
        return caller

    async def admit_call(scope: Scope) -> Caller | Response | None:
        try:
            await limits.count_read(client_address(scope))
        except Problem as problem:
            return problem.response()
        authorization = Headers(scope=scope).get("authorization")
        caller = None if authorization is None else await callers.identify(authorization)
        if authorization is None or caller is not None:
            return caller
        return problem_response(401, "unknown-bearer", _UNKNOWN, {"www-authenticate": "Bearer"})

    add_openai_api(api, service.opening, places, admit_completion, settings.message_chars)
    tools = McpEndpoint(service.opening, places, admit_call, sites(settings.allowed_origins, "allowed_origins"))
    app.router.routes.append(Route(tools.path, endpoint=tools))
    return tools
