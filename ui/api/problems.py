"""What went wrong, as RFC 9457 problem JSON.

In: a refusal of ours, of FastAPI or of a middleware, or an error nobody expected. Out: {"type", "title", "status",
"detail"} as application/problem+json. A problem never repeats what was sent and never shows the inside of the server.
https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import http
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.errors import StoreError

_log = logging.getLogger(__name__)
_TYPE: Final = "urn:shopkeeper:problem:"
MEDIA_TYPE: Final = "application/problem+json"
BUSY_S: Final = 5  # after which a refused client may well be let in


class ProblemBody(BaseModel):
    """An error: https://www.rfc-editor.org/rfc/rfc9457."""

    type: str = Field(examples=["urn:shopkeeper:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such conversation, or it is not yours."])
    errors: list[dict[str, str]] | None = Field(None, description="with 422: where the request is wrong, and why")


class Problem(Exception):
    """A refusal with the problem that tells of it. `more` are further members of the problem's JSON."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response:
        """The problem as an answer."""
        return problem_response(self.status, self.kind, self.detail, self.headers, **self.more)


def not_found(what: str = "conversation") -> Problem:
    """The same for what does not exist and for what is somebody else's."""
    return Problem(404, "not-found", f"There is no such {what}, or it is not yours.")


def unauthorized(detail: str) -> Problem:
    """The request must say who asks."""
    return Problem(401, "unauthorized", detail, headers={"www-authenticate": "Bearer"})


def overloaded(retry_after_s: int = BUSY_S) -> Problem:
    """Every place is taken and the line is full; nothing was stored."""
    detail = "Every place is taken and the line is full. Please try again in a moment."
    return Problem(503, "overloaded", detail, headers={"retry-after": str(retry_after_s)})


def problem_response(
    status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """One problem as an answer; `kind` "" where the status says it all."""
    body = {
        "type": _TYPE + kind if kind else "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, {"cache-control": "no-store", **(headers or {})}, MEDIA_TYPE)


_EXAMPLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("", "There was an error parsing the body"),
    401: ("unauthorized", "Say who asks: Authorization: Bearer ..."),
    404: ("not-found", "There is no such conversation, or it is not yours."),
    408: ("", "The request's body took too long."),
    409: ("busy", "Four messages of this conversation wait for their answers already."),
    413: ("too-large", "The request's body is over 64 KiB."),
    422: ("invalid", "The request is not as this API takes it: body.text: Field required"),
    429: ("too-many-requests", "You have sent many messages in a short time. Please wait 12 seconds."),
    503: ("overloaded", "Every place is taken and the line is full. Please try again in a moment."),
}
_RETRY: Final = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these errors, for the OpenAPI document."""
    return {status: _described(status) for status in statuses}


def _described(status: int) -> dict[str, Any]:
    kind, detail = _EXAMPLES[status]
    title = http.HTTPStatus(status).phrase
    example = {"type": _TYPE + kind if kind else "about:blank", "title": title, "status": status, "detail": detail}
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    described = {"description": title, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
    return described | ({"headers": _RETRY} if status in (429, 503) else {})


def answer_problems(app: FastAPI) -> None:
    """Let an application answer every error as a problem."""

    @app.exception_handler(Problem)
    async def refused(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(HTTPException)
    async def by_status(_: Request, error: HTTPException) -> Response:
        return problem_response(error.status_code, "", str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        wrong = [{"where": ".".join(map(str, one["loc"])), "detail": one["msg"]} for one in error.errors()]
        detail = "The request is not as this API takes it: " + "; ".join(f"{w['where']}: {w['detail']}" for w in wrong)
        return problem_response(422, "invalid", detail[:1000], errors=wrong[:20])

    @app.exception_handler(StoreError)
    async def not_kept(_: Request, error: StoreError) -> Response:
        _log.error("the store could not be used: %s", error)
        detail = "What was sent could not be stored; nothing was. Please try again in a moment."
        return problem_response(503, "not-stored", detail, {"retry-after": str(BUSY_S)})

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> Response:
        # The server logs the error itself: Starlette raises it again once this is sent.
        return problem_response(500, "", "Something went wrong on our side.")
