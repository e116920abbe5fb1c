"""The FastAPI application of the API, to be mounted at /v1.

In: what the routes share. Out: an application that answers every error as a problem and describes itself in OpenAPI 3.1
at /v1/openapi.json. It serves no page.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api import conversations, proposals, sessions, shop
from ui.api.problems import ProblemBody, answer_problems
from ui.api.service import Service
from ui.protection import API_POLICY

VERSION: Final = "1.0.0"
_DESCRIPTION: Final = """Ask a shop's assistant, over HTTP.

A conversation is a log of events with numbers 1, 2, 3 and so on. An event is stored before it is sent, so a client that
was cut off goes on with `Last-Event-ID` at any server, with no gap and no repeat. How to use it, with examples:
`docs/api.md`."""
_TAGS: Final = [
    {"name": "shop", "description": "What the shop has. Needs no sign-in."},
    {"name": "sessions", "description": "A shopper of the shop signs in with the shop's token."},
    {"name": "conversations", "description": "Messages and their answers."},
    {"name": "chat completions", "description": "The assistant as OpenAI's clients use a model; nothing is kept."},
]


def create_api(service: Service) -> FastAPI:
    """The API of one shop. `app.state.service` is what its routes share."""
    app = FastAPI(
        title=f"{service.shop.info.name}: shop assistant",
        version=VERSION,
        description=_DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        openapi_tags=_TAGS,
        redirect_slashes=False,
    )
    app.state.service = service
    for routes in (shop, sessions, conversations, proposals):
        app.include_router(routes.router)
    answer_problems(app)
    app.add_middleware(ApiHeaders)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Let the OpenAPI document say where the API is, and how its errors look."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            document["servers"] = [{"url": "/v1"}]
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemBody"] = ProblemBody.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for operation in (one for path in document["paths"].values() for one in path.values()):
                if "HTTPValidationError" in str(operation["responses"].get("422")):  # the framework's guess
                    del operation["responses"]["422"]
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


class ApiHeaders:
    """Adds to every answer of the API that it is no page, and that nobody keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _PAIRS if pair[0] not in named),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


_PAIRS: Final = ((b"content-security-policy", API_POLICY.encode()), (b"cache-control", b"no-store"))
