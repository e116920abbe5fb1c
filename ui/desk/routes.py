"""What the desk does, as JSON under /desk/api. Errors are problems; see `ui.api.problems`.

In: requests that have passed the gate. Out: what the desk has or did. Each route says which role it is for.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from assistant.store import Agent, Role
from ui.api.access import is_conversation_id
from ui.api.problems import Problem, not_found
from ui.api.service import Service
from ui.desk.gate import agent_of_scope
from ui.desk.live import Pulses, live_response
from ui.desk.sessions import Sessions
from ui.desk.wire import as_json

_PAGE: Final = 100


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


def desk_routes(service: Service, sessions: Sessions, pulses: Pulses) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api")
    store = service.store

    @router.get("/me")
    async def me(agent: AnAgent) -> Response:
        return JSONResponse(as_json(agent))

    @router.get("/live")
    async def live(request: Request, _: AnAgent, conversation: str | None = None) -> Response:
        """Server-sent events: `queue`, `said`, `beside`, and the events of the conversation."""
        following = None
        if conversation is not None:
            known = is_conversation_id(conversation)
            found = await sessions.ask(store.conversation, conversation) if known else None
            if found is None:
                raise not_found()
            seen = request.headers.get("last-event-id", "")
            after = int(seen) if seen.isdecimal() and len(seen) < 10 else found.last_seq
            following = service.turns.follow(found, after)
        return live_response(pulses.listen(conversation), following)

    @router.get("/audit")
    async def audit(
        _: ALead,
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
        agent: Annotated[str | None, Query(max_length=24)] = None,
    ) -> Response:
        """What was done, the newest first."""
        of = {"agent_id": agent} if agent is not None else {}
        return JSONResponse({"rows": as_json(await sessions.ask(store.audit_rows, before, limit, **of))})

    @router.get("/audit/check")
    async def audit_check(_: ALead) -> Response:
        """Whether the chain holds."""
        fault = await sessions.ask(store.verify_audit)
        return JSONResponse({"holds": fault is None, "fault": as_json(fault)})

    return router
