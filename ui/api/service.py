"""What the routes share: the shop, its assistant as soon as it is there, and who may do what how often.

In: what `create_app` has put together. Out: the same to every route, and a refusal where the assistant is not there
yet. It has no route of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec, TypeVar

from fastapi import Depends, Request

from assistant.config import Settings
from assistant.desk import Desk
from assistant.store import Store
from assistant.turns import Turns
from assistant.types import Language
from knowledge_base.shop import Shop
from knowledge_base.text import language_of
from ui.api.problems import BUSY_S, Problem
from ui.api.wire import Pages
from ui.auth import ShopTokens
from ui.limits import RateLimits
from ui.pictures import Pictures
from ui.protection import client_address
from ui.wording import page_language, wording

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from knowledge_base.index import Index


_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 8  # that ask the store for requests


@dataclass(slots=True)
class Service:
    """One shop being served. `opening` holds its assistant once it is loaded."""

    shop: Shop
    opening: Future[Assistant]
    store: Store
    settings: Settings
    tokens: ShopTokens
    limits: RateLimits
    turns: Turns
    desk: Desk
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="api"), init=False
    )
    _known_pages: tuple[object, Pages] | None = field(default=None, init=False)

    @property
    def id(self) -> str:
        """The shop's id, as sign-in tokens name it."""
        return self.tokens.shop_id

    @property
    def is_open(self) -> bool:
        """Whether the assistant is there."""
        return self.opening.done() and self.opening.exception() is None

    def assistant(self) -> Assistant:
        """The assistant.

        Raises:
            Problem: it is still being loaded, or could not be.
        """
        if not self.is_open:
            detail = "The shop is just opening. Please try again in a moment."
            raise Problem(503, "opening", detail, headers={"retry-after": str(BUSY_S)})
        return self.opening.result()

    def index(self) -> Index:
        """The catalogue as it is now.

        Raises:
            Problem: it is still being loaded, or could not be.
        """
        return self.assistant().index

    def pages(self) -> Pages:
        """What turns stored values into what a page may show; without pictures while the assistant is being loaded."""
        named = self.opening.result().index.pictures if self.is_open else ()
        if self._known_pages is None or self._known_pages[0] is not named:
            self._known_pages = named, Pages(Pictures(self.shop.folder, named, self.settings.remote_pictures))
        return self._known_pages[1]

    def language(self, locale: str | None) -> Language:
        """The language of a page for a browser of that locale, on which nobody has written yet."""
        return page_language("" if locale else self.shop.info.language, locale)

    def greeting(self, language: Language) -> str:
        """The shop's own greeting where it is written in that language, else one for any shop."""
        own = self.shop.info.greeting
        return own if language_of(own) == language else wording(language).greeting

    async def ask(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*arguments, **named))

    async def write(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store for something that writes: with others in one transaction."""
        return await self.turns.writer.do(function, *arguments, **named)

    def openers(self, language: Language) -> list[str]:
        """Questions to begin with; none while the assistant is being loaded."""
        return list(self.opening.result().openers(language)) if self.is_open else []


def shop_id(settings: Settings, shop: Shop) -> str:
    """The shop's id: that of the settings, else the name of its folder."""
    return settings.shop_id or shop.folder.resolve().name


async def _service(request: Request) -> Service:  # not to be run in a thread, which would cost more than it does
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]


async def _counted_read(request: Request, service: Served) -> None:
    await service.limits.count_read(client_address(request.scope))


async def _counted_write(request: Request, service: Served) -> None:
    await service.limits.count_write(client_address(request.scope))


counted_read = Depends(_counted_read)
counted_write = Depends(_counted_write)
