"""Word to an open page that others have gone on with its conversation: an agent, or another window.

In: the session of a page. Out: server-sent events that hold nothing but that there is news; the page asks for it in its
own way. Nothing is told while the page draws an answer anyway. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from starlette.types import Receive, Scope, Send

from assistant.errors import StoreError
from assistant.turns import Following
from ui.answering import Answering
from ui.api.streams import FollowedResponse
from ui.conversation import Conversation, Session

_log = logging.getLogger(__name__)
HEARTBEAT_S: Final = 15.0
_RETRY_MS: Final = 1000
_AGAIN_S: Final = 1.0  # until a page that has not asked is told once more
_LOOK_AGAIN_S: Final = 0.05  # whether the page still draws
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes on what comes
]


class News:
    """The answer to a page that wants to be told; `session` None: the page is to be loaded again."""

    def __init__(self, answering: Answering, session: Session | None) -> None:
        self._answering = answering
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = self._session
        conversation = session.conversation if session is not None else None
        if session is None or conversation is None:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b"event: gone\ndata: {}\n\n"})
            return
        following = await self._answering.follow(conversation)
        await _NewsOf(following, session, conversation)(scope, receive, send)


class _NewsOf(FollowedResponse):
    """One page's news while its session stays with the conversation."""

    def __init__(self, following: Following, session: Session, conversation: Conversation) -> None:
        super().__init__(following)
        self._session = session
        self._conversation = conversation

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _say(send, f"retry: {_RETRY_MS}\nevent: here\ndata: {{}}\n\n")
        session, conversation, following = self._session, self._conversation, self._following
        clock = asyncio.get_running_loop().time
        told, told_at = -1, 0.0
        try:
            while not following.closed and session.conversation is conversation:
                behind = session.seen < conversation.seq
                again = told < conversation.seq or clock() - told_at >= _AGAIN_S
                if behind and again and not session.drawing:
                    told, told_at = conversation.seq, clock()
                    await _say(send, f"event: news\ndata: {told}\n\n")
                wait_s = HEARTBEAT_S if not behind else _LOOK_AGAIN_S if session.drawing else _AGAIN_S
                events = await following.read(wait_s)
                conversation.take(events)
                if not events and not behind:
                    await _say(send, ": still here\n\n")
        except StoreError:
            _log.exception("conversation %s: it could not be followed", conversation.id)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
