"""What the desk does, as JSON under /desk/api: put together, and who asks.

In: requests that have passed the gate. Out: what the desk has or did, or a problem (`ui.api.problems`). Each route says
which role it is for.

    routes       who is logged in, live events, the audit
    chats        the queue, conversations, drafts, messages, notes, kept replies
    teaching     corrections, gaps, contradictions
    people       accounts
    downloads    CSV and JSON lines
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from assistant.errors import (
    AgentRefused,
    AssistantError,
    CorrectionRefused,
    DeskError,
    IdempotencyConflict,
    ModelError,
    NeedsModel,
    NothingToAnswer,
    NothingToSay,
    NotYours,
    NoVariant,
    UnknownAgent,
    UnknownConversation,
    UnknownCorrection,
    UnknownMessage,
)
from assistant.store import Agent, Role, Store
from ui.api.access import is_conversation_id
from ui.api.problems import BUSY_S, Problem, not_found, problem_response
from ui.api.service import Service
from ui.desk.gate import agent_of_scope
from ui.desk.live import Pulses, live_response
from ui.desk.sessions import Sessions
from ui.desk.wire import as_json

_PAGE: Final = 100
_STATUS: Final[tuple[tuple[type[AssistantError], int], ...]] = (
    (NotYours, 403),
    (NothingToAnswer, 422),
    (NeedsModel, 422),
    (NoVariant, 422),
    (NothingToSay, 422),
    (AgentRefused, 422),
    (CorrectionRefused, 422),
    (IdempotencyConflict, 422),
    (UnknownAgent, 404),
    (UnknownConversation, 404),
    (UnknownMessage, 404),
    (UnknownCorrection, 404),
    (ModelError, 503),
    (DeskError, 409),
)


class Requires:
    """A route's dependency: the agent who asks, who must have that role or a higher one. `role` can be read off it."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, request: Request) -> Agent:
        agent = agent_of_scope(request.scope)
        if not agent.may(self.role):
            raise Problem(403, "role", f"This needs the role {self.role}; you are {agent.role}.")
        return agent


AnAgent = Annotated[Agent, Depends(Requires("agent"))]
ALead = Annotated[Agent, Depends(Requires("lead"))]
AMerchant = Annotated[Agent, Depends(Requires("merchant"))]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the routes of the desk share."""

    service: Service
    sessions: Sessions
    pulses: Pulses

    @property
    def store(self) -> Store:
        """What is kept."""
        return self.service.store


def answer_refusals(app: FastAPI) -> None:
    """Let an application answer what the desk refuses as problems; their words can be shown."""

    async def refused(_: Request, error: Exception) -> Response:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
        headers = {"retry-after": str(BUSY_S)} if status == 503 else {}
        return problem_response(status, kind, f"{str(error)[:1].upper()}{str(error)[1:]}.", headers)

    for kind, _ in _STATUS:
        app.add_exception_handler(kind, refused)


def own_routes(shared: Shared) -> APIRouter:
    """Who is logged in, what is new, and what was done."""
    router = APIRouter(prefix="/api")
    store, ask = shared.store, shared.sessions.ask

    @router.get("/me")
    async def me(agent: AnAgent) -> Response:
        return JSONResponse(as_json(agent))

    @router.get("/live")
    async def live(request: Request, _: AnAgent, conversation: str | None = None) -> Response:
        """Server-sent events: `queue`, `said`, `beside`, and the events of the conversation."""
        following = None
        if conversation is not None:
            known = is_conversation_id(conversation)
            found = await ask(store.conversation, conversation) if known else None
            if found is None:
                raise not_found()
            seen = request.headers.get("last-event-id", "")
            after = int(seen) if seen.isdecimal() and len(seen) < 10 else found.last_seq
            following = shared.service.turns.follow(found, after)
        return live_response(shared.pulses.listen(conversation), following)

    @router.get("/audit")
    async def audit(
        _: ALead,
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
        agent: Annotated[str | None, Query(max_length=24)] = None,
    ) -> Response:
        """What was done, the newest first."""
        of = {"agent_id": agent} if agent is not None else {}
        return JSONResponse({"rows": as_json(await ask(store.audit_rows, before, limit, **of))})

    @router.get("/audit/check")
    async def audit_check(_: ALead) -> Response:
        """Whether the chain holds."""
        fault = await ask(store.verify_audit)
        return JSONResponse({"holds": fault is None, "fault": as_json(fault)})

    return router
