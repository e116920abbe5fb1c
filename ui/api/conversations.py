"""Conversations: begun, claimed, spoken in, followed, stopped, voted on.

In: messages of whoever may use a conversation. Out: answers as JSON or as events, each stored before it is sent. It
answers nothing itself: `assistant.turns` does.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from assistant.as_json import plain
from assistant.errors import IdempotencyConflict, UnknownConversation, UnknownMessage
from assistant.places import Overloaded
from assistant.store import StoredConversation, StoredMessage, StoredTurn
from assistant.turns import Busy, Following, reply_parts
from knowledge_base.text import visible
from ui.api.access import (
    ConversationId,
    Credentials,
    Mine,
    MyConversation,
    SignedIn,
    guest_or_session,
    is_conversation_id,
    new_secret,
    shopper_of,
    still_theirs,
)
from ui.api.problems import BUSY_S, Problem, not_found, overloaded, problems
from ui.api.service import Served, Service, counted_read, counted_write
from ui.api.streams import EventStream, WholeAnswer
from ui.api.wire import (
    MAX_SEQ,
    Answer,
    Claim,
    Conversation,
    Conversations,
    Feedback,
    Messages,
    NewConversation,
    NewMessage,
    Pages,
    StartedConversation,
    Stopped,
)
from ui.protection import client_address

router = APIRouter(prefix="/conversations", tags=["conversations"])
_EVENTS: Final = {
    "text/event-stream": {
        "schema": {"type": "string"},
        "example": 'id: 3\nevent: text\ndata: {"delta":"The Larkspur 2 ","turn":"9mJ..."}\n\n',
    }
}
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events: message, status, text, products, sources, suggestions, done and so on.",
        "content": _EVENTS,
    }
}
After = Annotated[int, Query(ge=0, le=MAX_SEQ)]


@router.post(
    "",
    status_code=201,
    summary="Begin a conversation",
    responses=problems(400, 401, 413, 422, 429),
    dependencies=[counted_write],
)
async def begin(
    service: Served, body: NewConversation, credentials: Annotated[Credentials, Depends(guest_or_session)] = None
) -> StartedConversation:
    """Without Authorization a guest's: keep its `secret`, which opens this conversation alone. With a session: the
    shopper's."""
    shopper = None if credentials is None else await shopper_of(service, credentials)
    conversation_id, secret = secrets.token_urlsafe(18), None if shopper is not None else new_secret()
    await service.write(
        service.store.create_conversation,
        conversation_id,
        shopper=shopper,
        secret=secret,
        locale=body.locale,
        page_product_id=body.page_product_id,
    )
    language = service.language(body.locale)
    return StartedConversation(
        id=conversation_id, secret=secret, greeting=service.greeting(language), openers=service.openers(language)
    )


@router.get("", summary="My conversations", responses=problems(401, 422, 429), dependencies=[counted_read])
async def mine(service: Served, shopper: SignedIn, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Conversations:
    """The signed-in shopper's, the one with the newest message first."""
    found = await service.ask(service.store.conversations_of, shopper, limit)
    return Conversations(conversations=[_conversation(one) for one in found])


@router.get(
    "/{conversation_id}", summary="One conversation", responses=problems(401, 404, 429), dependencies=[counted_read]
)
async def one(service: Served, mine: MyConversation) -> Conversation:
    """Who answers in it, how far its events have come, and which turn is being answered."""
    by_person = mine.conversation.who == "agent"
    handoff = await service.ask(service.store.handoff, mine.conversation.id) if by_person else None
    return _conversation(mine.conversation, None if handoff is None else handoff.agent)


@router.post(
    "/{conversation_id}/claim",
    status_code=204,
    summary="Make a guest's conversation mine",
    responses=problems(400, 401, 404, 413, 422, 429),
    dependencies=[counted_write],
)
async def claim(
    service: Served,
    shopper: SignedIn,
    body: Claim,
    conversation_id: ConversationId,
) -> Response:
    """After signing in: the conversation goes on as the shopper's; its secret opens it no longer."""
    known = is_conversation_id(conversation_id)
    if not known or not await service.write(service.store.claim_conversation, conversation_id, body.secret, shopper):
        raise not_found()
    return Response(status_code=204)


@router.get(
    "/{conversation_id}/messages",
    summary="Messages",
    response_model=Messages,
    responses=problems(401, 404, 422, 429),
    dependencies=[counted_read],
)
async def messages(
    service: Served,
    mine: MyConversation,
    after: Annotated[After, Query(description="the id of a message")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """What was said, oldest first."""
    found = await service.ask(service.store.messages, mine.conversation.id, after, limit + 1)
    pages = service.pages()
    told = [_message(pages, message, await _of_stopped(service, message)) for message in found[:limit]]
    if any(message.get("proposals") for message in told):
        now = await service.ask(service.store.proposals, mine.conversation.id)
        for message in told:
            message["proposals"] = [plain(now.get(p["id"], p)) for p in message.get("proposals", ())]
    return {"messages": told, "more": len(found) > limit}


@router.post(
    "/{conversation_id}/messages",
    summary="Send a message",
    response_model=Answer,
    responses={
        200: {"description": "The whole answer, or with `Accept: text/event-stream` its events.", "content": _EVENTS},
        **problems(400, 401, 404, 413, 422, 429, 503),
    },
    dependencies=[counted_write],
)
async def say(
    request: Request,
    service: Served,
    mine: MyConversation,
    body: NewMessage,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$", description="sent again, it is the same turn"),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Say something and get the answer: at once as JSON, or with `Accept: text/event-stream` as it is written.

    A conversation's messages are answered one at a time, in order. Whoever sends the same message again with the same
    `Idempotency-Key` gets the same turn's answer. A client that leaves for more than 0.8 s stops the answer.
    """
    await service.limits.count_message(mine.counted_as)
    _check(body.text, service.settings.message_chars)
    address = client_address(request.scope)
    following, turn = await _posted(service, mine, body, idempotency_key, address)
    if "text/event-stream" in accept.lower():
        return EventStream(following, service.pages(), turn.id)
    return WholeAnswer(following, service.pages(), turn.id)


@router.get(
    "/{conversation_id}/events",
    summary="Follow a conversation",
    response_class=Response,
    responses={**_STREAM, **problems(401, 404, 422, 429)},
    dependencies=[counted_read],
)
async def events(
    service: Served,
    mine: MyConversation,
    after: Annotated[After, Query(description="the number of the last event that is known")] = 0,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_SEQ, description="the same; wins over `after`")] = None,
) -> Response:
    """Every event after a number, and then those to come, without an end. A comment comes every 15 seconds."""
    following = service.turns.follow(mine.conversation, after if last_event_id is None else last_event_id)

    async def still() -> bool:
        return await still_theirs(service, mine)

    return EventStream(following, service.pages(), still=still)


@router.post(
    "/{conversation_id}/stop",
    summary="Stop the answer",
    responses=problems(400, 401, 404, 413, 429),
    dependencies=[counted_read],
)
async def stop(service: Served, mine: MyConversation) -> Stopped:
    """Stop what is being answered; what was said until then stays."""
    return Stopped(stopped=await service.turns.stop(mine.conversation.id))


@router.put(
    "/{conversation_id}/messages/{message_id}/feedback",
    status_code=204,
    summary="Vote on an answer",
    responses=problems(400, 401, 404, 413, 422, 429),
    dependencies=[counted_read],
)
async def vote(
    service: Served, mine: MyConversation, message_id: Annotated[int, Path(ge=1, le=MAX_SEQ)], body: Feedback
) -> Response:
    """Up, down, or null to take a vote back."""
    if not await service.write(service.store.set_feedback, mine.conversation.id, message_id, body.vote):
        raise not_found("answer")
    return Response(status_code=204)


async def _posted(
    service: Service, mine: Mine, body: NewMessage, key: str | None, address: str
) -> tuple[Following, StoredTurn]:
    """Post a message; it is followed from before its turn's first event."""
    conversation = mine.conversation
    with ExitStack() as unless_posted:
        following = service.turns.follow(conversation, conversation.last_seq)
        unless_posted.callback(following.close)
        try:
            turn = await service.turns.post(
                conversation,
                body.text,
                key=key,
                page_product_id=body.page_product_id,
                locale=body.locale or conversation.locale,
                replaces=body.replaces,
                address=address,
            )
        except Overloaded:
            raise overloaded() from None
        except Busy:
            detail = "Several messages of this conversation wait for their answers already."
            raise Problem(429, "too-many-waiting", detail, headers={"retry-after": str(BUSY_S)}) from None
        except IdempotencyConflict:
            detail = "The key was used for another message: take a new one."
            raise Problem(422, "idempotency-key-reused", detail) from None
        except UnknownMessage:
            raise Problem(422, "invalid", "`replaces` is no message of this conversation.") from None
        except UnknownConversation:
            raise not_found() from None
        unless_posted.pop_all()
        following.after = turn.first_seq - 1
        return following, turn


def _check(text: str, most: int) -> None:
    if len(text) > most:
        raise Problem(422, "too-long", f"The message has {len(text):,} characters; the limit is {most:,}.")
    if not visible(text).strip():
        raise Problem(422, "empty", "The message has nothing to read in it.")


async def _of_stopped(service: Service, message: StoredMessage) -> dict[str, Any] | None:
    """What was shown with an answer that was stopped; None for any other message."""
    if message.role != "assistant" or message.reply is not None or message.turn is None:
        return None
    turn = await service.ask(service.store.turn, message.turn)
    if turn is None or turn.last_seq is None:
        return None
    ends = await service.ask(service.store.events, message.conversation_id, turn.last_seq - 1, 1)
    told = ends[0].data.get("message") if ends else None
    return dict(told) if told else None


def _message(pages: Pages, message: StoredMessage, stopped: dict[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "at": message.at.isoformat(timespec="milliseconds"),
        "name": message.by or None,
        "replaces": message.replaces,
        "vote": message.vote,
    }
    if message.reply is not None:
        told |= {"state": "done", **reply_parts(message.reply)}
    elif message.role == "assistant":
        told |= {"state": "stopped", **(reply_parts(stopped) if stopped else {})}
    return pages.message(told)


def _conversation(stored: StoredConversation, name: str | None = None) -> Conversation:
    return Conversation(
        id=stored.id,
        started_at=stored.started_at.isoformat(timespec="milliseconds"),
        who=stored.who,
        name=name,
        last_seq=stored.last_seq,
        running_turn=stored.running_turn,
    )
