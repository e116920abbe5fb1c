"""Signing a shopper in with a token that the shop signed, and out again.

In: a signed token, once. Out: a session token, which opens this shopper's conversations and nobody else's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ui.api.access import Credentials, SignedIn, session_only, shop_token
from ui.api.problems import problems, unauthorized
from ui.api.service import Served, counted_write
from ui.api.wire import Session, Shopper
from ui.auth import TokenRefused

router = APIRouter(prefix="/sessions", tags=["sessions"], dependencies=[counted_write])


@router.post("", status_code=201, summary="Sign in", responses=problems(400, 401, 413, 429))
async def sign_in(service: Served, credentials: Annotated[Credentials, Depends(shop_token)]) -> Session:
    """Exchange a token that the shop signed for a session. Each token is taken once."""
    if credentials is None:
        raise unauthorized("Send the token that the shop signed: Authorization: Bearer.")
    try:
        found = service.tokens.read(credentials.credentials)
    except TokenRefused as refused:
        unset = "" if service.tokens.has_key else " This server has no key of the shop: set SHOPKEEPER_JWT_KEY."
        raise unauthorized(f"{refused}{unset}") from None
    expires_at = datetime.now(UTC) + timedelta(hours=service.settings.session_hours)
    forgotten_at = datetime.fromtimestamp(found.expires_at, UTC)
    token = await service.write(service.store.open_session, found.shopper, found.jti, forgotten_at, expires_at)
    if token is None:
        raise unauthorized("The shop's token was used before; fetch a new one.")
    return Session(token=token, expires_at=expires_at.isoformat(timespec="seconds"), shopper=Shopper(id=found.shopper))


@router.delete("/current", status_code=204, summary="Sign out", responses=problems(401, 429))
async def sign_out(
    service: Served, _: SignedIn, credentials: Annotated[Credentials, Depends(session_only)]
) -> Response:
    """End the session; its token opens nothing any more."""
    if credentials is not None:
        await service.write(service.store.close_session, credentials.credentials)
    return Response(status_code=204)
