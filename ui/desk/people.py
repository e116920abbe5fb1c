"""Accounts of the desk, as JSON: who there is for every agent, the rest for merchants.

In: a merchant and what they want. Out: accounts, which never show a password. Nobody can shut themselves out.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response

from assistant.store import Agent
from ui.api.problems import Problem, not_found
from ui.desk.passwords import check_new_password
from ui.desk.routes import AMerchant, AnAgent, Shared
from ui.desk.wire import NewAgent, NewPassword, NewRole, as_json

AgentId = Annotated[str, Path(max_length=24)]


def people_routes(shared: Shared) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api")
    store, sessions, ask = shared.store, shared.sessions, shared.sessions.ask

    async def named(agent_id: str) -> Agent:
        found = await ask(store.agent, agent_id)
        if found is None:
            raise not_found("agent")
        return found

    async def another(merchant: Agent, agent_id: str) -> Agent:
        if agent_id == merchant.id:
            raise Problem(409, "yourself", "Nobody can shut themselves out: let another merchant do it.")
        return await named(agent_id)

    @router.get("/agents")
    async def colleagues(_: AnAgent) -> Response:
        """Who works here: names, without logins."""
        found = [one for one in await ask(store.agents) if not one.disabled]
        return JSONResponse({"agents": [{"id": one.id, "name": one.name, "role": one.role} for one in found]})

    @router.get("/accounts")
    async def accounts(_: AMerchant) -> Response:
        """All accounts, disabled ones among them."""
        return JSONResponse({"accounts": as_json(await ask(store.agents))})

    @router.post("/accounts")
    async def add(merchant: AMerchant, body: NewAgent) -> Response:
        """A new account."""
        login = body.login if body.login is not None else ".".join(body.name.split())
        check_new_password(body.password, (body.name, login))
        hashed = await sessions.hashed(body.password)
        added = await ask(store.add_agent, login, body.name, body.role, hashed, by=merchant.id)
        return JSONResponse(as_json(added), 201)

    @router.post("/accounts/{agent_id}/disable")
    async def disable(merchant: AMerchant, agent_id: AgentId) -> Response:
        """Let an agent in no more; every session ends."""
        await ask(store.disable_agent, (await another(merchant, agent_id)).id, by=merchant.id)
        return JSONResponse(as_json(await named(agent_id)))

    @router.post("/accounts/{agent_id}/enable")
    async def enable(merchant: AMerchant, agent_id: AgentId) -> Response:
        """Let an agent in again."""
        await ask(store.enable_agent, (await named(agent_id)).id, by=merchant.id)
        return JSONResponse(as_json(await named(agent_id)))

    @router.post("/accounts/{agent_id}/role")
    async def role(merchant: AMerchant, agent_id: AgentId, body: NewRole) -> Response:
        """Another role."""
        await ask(store.set_role, (await another(merchant, agent_id)).id, body.role, by=merchant.id)
        return JSONResponse(as_json(await named(agent_id)))

    @router.post("/accounts/{agent_id}/password")
    async def password(merchant: AMerchant, agent_id: AgentId, body: NewPassword) -> Response:
        """Another password; every session of the agent ends."""
        agent = await named(agent_id)
        check_new_password(body.password, (agent.name, agent.login))
        await ask(store.set_password, agent.id, await sessions.hashed(body.password), by=merchant.id)
        return JSONResponse(as_json(agent))

    return router
