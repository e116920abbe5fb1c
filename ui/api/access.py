"""Who asks, by the bearer token of a request, and which conversation is theirs.

In: a guest's secret or a signed-in shopper's session token. Out: the conversation that it opens. One that is somebody
else's and one that does not exist are the same 404. Nothing in a message or a body says who somebody is.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from assistant.store import StoredConversation, secret_hash
from ui.api.problems import Problem, not_found, unauthorized
from ui.api.service import Served, Service
from ui.api.wire import ID_PATTERN

_GUEST: Final = "guest."  # no session token has a dot
_ID: Final = re.compile(ID_PATTERN)

guest_or_session = HTTPBearer(
    auto_error=False,
    scheme_name="guestOrSession",
    description="The secret of a guest's conversation, or the token of a signed-in shopper's session.",
)
session_only = HTTPBearer(
    auto_error=False, scheme_name="session", description="The token of a signed-in shopper's session."
)
shop_token = HTTPBearer(
    auto_error=False, scheme_name="shopToken", description="A token that the shop signed: JWT, HS256, used once."
)
Credentials = HTTPAuthorizationCredentials | None
# Not checked by the framework: an id that cannot be is answered as one that is somebody else's.
ConversationId = Annotated[
    str,
    Path(
        description="the conversation's id",
        examples=["3qYb5nRk0vWm8sXe7dTzUQ1a"],
        json_schema_extra={"pattern": ID_PATTERN},
    ),
]


@dataclass(frozen=True, slots=True)
class Mine:
    """A conversation that whoever asks may use, and the token that says so."""

    conversation: StoredConversation
    token: str

    @property
    def counted_as(self) -> str:
        """Whose messages are counted together."""
        return self.conversation.shopper or self.conversation.id


def is_conversation_id(text: str) -> bool:
    """Whether a conversation may have that id at all."""
    return _ID.fullmatch(text) is not None


def new_secret() -> str:
    """The secret of a guest's new conversation."""
    return _GUEST + secrets.token_urlsafe(32)


async def shopper_of(service: Service, credentials: Credentials) -> str:
    """The signed-in shopper.

    Raises:
        Problem: nobody is signed in, or not any more.
    """
    if credentials is None:
        raise unauthorized("This is for signed-in shoppers: send Authorization: Bearer with a session token.")
    return await _shopper_of(service, credentials.credentials)


async def _shopper_of(service: Service, token: str) -> str:
    shopper = await service.ask(service.store.session_shopper, token)
    if shopper is None:
        raise unauthorized("The session is over, or there is none: sign in again.")
    return shopper


async def still_theirs(service: Service, mine: Mine) -> bool:
    """Whether a conversation that was opened a while ago may still be read: no sign-out, no claim by another."""
    try:
        await _opened(service, mine.conversation.id, mine.token)
    except Problem:
        return False
    return True


async def _opened(service: Service, conversation_id: str, token: str) -> StoredConversation:
    """The conversation that a token opens.

    Raises:
        Problem: the session is over, or there is no such conversation, or it is somebody else's.
    """
    shopper = None if token.startswith(_GUEST) else await _shopper_of(service, token)
    known = is_conversation_id(conversation_id)
    conversation = await service.ask(service.store.conversation, conversation_id) if known else None
    if shopper is not None:
        theirs = conversation is not None and conversation.shopper == shopper
    else:
        kept = (conversation.secret_hash if conversation is not None else None) or secret_hash("")
        theirs = hmac.compare_digest(kept, secret_hash(token))
    if conversation is None or not theirs:
        raise not_found()
    return conversation


async def _signed_in(service: Served, credentials: Annotated[Credentials, Depends(session_only)]) -> str:
    return await shopper_of(service, credentials)


async def _mine(
    service: Served,
    conversation_id: ConversationId,
    credentials: Annotated[Credentials, Depends(guest_or_session)],
) -> Mine:
    if credentials is None:
        raise unauthorized("Say who asks: Authorization: Bearer with the conversation's secret or a session token.")
    token = credentials.credentials
    return Mine(await _opened(service, conversation_id, token), token)


SignedIn = Annotated[str, Depends(_signed_in)]
MyConversation = Annotated[Mine, Depends(_mine)]
