"""Conversations at the desk, as JSON: the queue, who has them, drafts, messages, notes and kept replies.

In: an agent and what they want. Out: what `assistant.desk.Desk` has or did. It decides nothing: the desk does.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import JSONResponse, Response

from assistant.errors import StaleDraft, UnknownConversation
from assistant.store import QueueFilters, QueueView
from ui.api.access import is_conversation_id
from ui.api.problems import Problem, not_found
from ui.api.wire import MAX_SEQ, Text
from ui.desk.routes import ALead, AnAgent, Shared
from ui.desk.wire import IntoLanguage, KeptReply, NewNote, Reassigned, Rejected, Sent, Wanted, as_json, event_json


async def _known(conversation_id: str) -> str:
    if not is_conversation_id(conversation_id):
        raise UnknownConversation("there is no such conversation")
    return conversation_id


ConversationId = Annotated[str, Depends(_known)]
MessageId = Annotated[int, Path(ge=1, le=MAX_SEQ)]
Key = Annotated[Text, Header(alias="Idempotency-Key", min_length=1, max_length=128)]
Short = Annotated[str | None, Query(max_length=64)]


def chat_routes(shared: Shared) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api")
    desk = shared.service.desk
    one = "/conversations/{conversation_id}"

    @router.get("/queue")
    async def queue(
        agent: AnAgent,
        filters: Annotated[QueueFilters, Depends(_filters)],
        view: QueueView = "waiting",
        search: Annotated[Text, Query(max_length=200)] = "",
    ) -> Response:
        """The lines of a view, in the order in which they should be looked at."""
        return JSONResponse({"items": as_json(await desk.queue(agent, view, search, filters))})

    @router.get(one)
    async def opened(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """A conversation with all that stands beside it."""
        return JSONResponse(as_json(await desk.open(agent, conversation_id)))

    @router.post(one + "/claim")
    async def claim(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Take a conversation in which somebody waits."""
        return JSONResponse(as_json(await desk.claim(agent, conversation_id)))

    @router.post(one + "/take")
    async def take(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Take a conversation over, also one that the assistant has."""
        return JSONResponse(as_json(await desk.take(agent, conversation_id)))

    @router.post(one + "/release")
    async def release(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Let a conversation wait for another agent."""
        return JSONResponse(as_json(await desk.release(agent, conversation_id)))

    @router.post(one + "/reassign")
    async def reassign(lead: ALead, conversation_id: ConversationId, body: Reassigned) -> Response:
        """Give a conversation to another agent."""
        return JSONResponse(as_json(await desk.reassign(lead, conversation_id, body.to)))

    @router.post(one + "/hand-back")
    async def hand_back(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Let the assistant answer again."""
        return JSONResponse(as_json(await desk.hand_back(agent, conversation_id)))

    @router.post(one + "/close")
    async def close(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Say that it is settled."""
        return JSONResponse(as_json(await desk.close_conversation(agent, conversation_id)))

    @router.post(one + "/seen")
    async def seen(agent: AnAgent, conversation_id: ConversationId) -> Response:
        """Note that the agent has seen all that was said."""
        return JSONResponse({"seen": await desk.seen(agent, conversation_id)})

    @router.post(one + "/draft")
    async def draft(agent: AnAgent, conversation_id: ConversationId, body: Wanted) -> Response:
        """A draft of an answer to the newest message; with another kind than "first" a new one."""
        made = await desk.draft(agent, conversation_id, body.kind, body.instruction, body.language)
        return JSONResponse(as_json(made))

    @router.post(one + "/messages/{message_id}/translation")
    async def translate(
        agent: AnAgent, conversation_id: ConversationId, message_id: MessageId, body: IntoLanguage
    ) -> Response:
        """A message in another language, by the model; it is kept nowhere and no shopper sees it."""
        return JSONResponse({"text": await desk.translate(agent, conversation_id, message_id, body.language)})

    @router.post(one + "/messages")
    async def send(agent: AnAgent, conversation_id: ConversationId, body: Sent, key: Key) -> Response:
        """Say something to the shopper, who sees it at once. The same key again sends nothing twice."""
        try:
            event = await desk.send(agent, conversation_id, body.text, key, body.draft)
        except StaleDraft as error:
            fresh = f"/desk/api/conversations/{conversation_id}/draft"
            detail = f"{str(error)[:1].upper()}{str(error)[1:]}."
            raise Problem(409, "stale-draft", detail, fresh=fresh) from None
        return JSONResponse(event_json(event), 201)

    @router.delete(one + "/messages/{message_id}")
    async def withdraw(agent: AnAgent, conversation_id: ConversationId, message_id: MessageId) -> Response:
        """Take back what the agent sent a moment ago."""
        return JSONResponse(event_json(await desk.withdraw(agent, conversation_id, message_id)))

    @router.post("/drafts/{draft_id}/reject")
    async def reject(agent: AnAgent, draft_id: Annotated[Text, Path(max_length=64)], body: Rejected) -> Response:
        """Say that a draft is not to be sent, and why."""
        return JSONResponse(as_json(await desk.reject(agent, draft_id, body.reason)))

    @router.post(one + "/notes")
    async def note(agent: AnAgent, conversation_id: ConversationId, body: NewNote) -> Response:
        """Note something for the other agents."""
        return JSONResponse(as_json(await desk.note(agent, conversation_id, body.text)), 201)

    @router.get("/canned-replies")
    async def kept(agent: AnAgent) -> Response:
        """Replies that are kept to be used again."""
        return JSONResponse({"replies": as_json(await desk.canned_replies(agent))})

    @router.post("/canned-replies")
    async def keep(lead: ALead, body: KeptReply) -> Response:
        """Keep a reply."""
        made = await desk.save_canned_reply(lead, body.title, body.text, body.language)
        return JSONResponse(as_json(made), 201)

    @router.put("/canned-replies/{reply_id}")
    async def change(lead: ALead, reply_id: Annotated[Text, Path(max_length=24)], body: KeptReply) -> Response:
        """Change a reply that is kept."""
        return JSONResponse(as_json(await desk.save_canned_reply(lead, body.title, body.text, body.language, reply_id)))

    @router.delete("/canned-replies/{reply_id}")
    async def drop(lead: ALead, reply_id: Annotated[Text, Path(max_length=24)]) -> Response:
        """Keep a reply no longer."""
        if not await desk.delete_canned_reply(lead, reply_id):
            raise not_found("reply")
        return Response(status_code=204)

    return router


async def _filters(
    reason: Short = None,
    language: Short = None,
    intent: Short = None,
    mood: Short = None,
    of: Short = None,
    has_order: bool | None = None,
    unread: bool = False,
) -> QueueFilters:
    named: dict[str, Any] = {"reason": reason, "language": language, "intent": intent, "mood": mood, "agent_id": of}
    return QueueFilters(**named, has_order=has_order, unread=unread)
