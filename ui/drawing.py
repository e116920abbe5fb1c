"""What a page shows of its conversation, and which part of that is to be drawn anew.

In: a session. Out: HTML of what stands above the last entry and of the last one. Only the last is drawn as a rule, so
that a long conversation costs no more than a short one: assets/chat.js puts those before it above. It knows no Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Settings
from knowledge_base.shop import ShopInfo
from knowledge_base.text import language_of
from ui.conversation import Conversation, Entry, Remark, Session
from ui.pictures import Pictures
from ui.rendering import render_exchange, render_welcome
from ui.speakers import render_remark, render_speaker

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


class Drawing:
    """Draws the conversations of one shop's page; `opening` is the assistant as soon as it is there."""

    def __init__(self, folder: Path, info: ShopInfo, opening: Future[Assistant], settings: Settings) -> None:
        self._folder = folder
        self._info = info
        self._opening = opening
        self._settings = settings
        self._known_pictures: tuple[object, Pictures] | None = None

    def whole(self, session: Session, conversation: Conversation, newest: int = 0) -> tuple[str, str]:
        """What stands above the last entry (only the `newest` of it, where not 0), and that entry."""
        return self._above(conversation, newest), self._last(session, conversation)

    def anew(self, session: Session, conversation: Conversation) -> tuple[str | None, str]:
        """The same of what changed since it was last drawn: None where the page puts together itself what is above."""
        shown, entries = session.shown, tuple(conversation.entries)
        above = entries[:-1]
        stands = above == shown[: len(above)] and not any(entry.running for entry in above)
        return None if stands else self._above(conversation), self._last(session, conversation)

    def empty(self, conversation: Conversation, opened: bool = True) -> str:
        """The page of a conversation in which nothing was said. `opened`: there is a session behind it."""
        language = conversation.language
        greeting = self._info.greeting if language_of(self._info.greeting) == language else ""
        openers = self._opening.result().openers(language) if opened and self._is_open else ()
        return render_welcome(greeting, openers, language, opened)

    def _above(self, conversation: Conversation, newest: int = 0) -> str:
        entries = conversation.entries
        return "".join(
            self._entry(entry, entries[:position], last=False, typed=False)
            for position, entry in list(enumerate(entries))[-newest:-1]
        )

    def _last(self, session: Session, conversation: Conversation) -> str:
        entries = conversation.entries
        session.shown, session.seen = tuple(entries), conversation.seq
        who = render_speaker(conversation)
        if not entries:
            return self.empty(conversation) + who
        typed = session.typed == entries[-1].number
        return self._entry(entries[-1], entries[:-1], last=True, typed=typed) + who

    def _entry(self, entry: Entry, earlier: Sequence[Entry], *, last: bool, typed: bool) -> str:
        """One entry; in the `last` one stands which came before it, by which a page sees whether it shows that."""
        before = earlier[-1].number if earlier and last else None
        if isinstance(entry, Remark):
            return render_remark(entry, len(earlier), self._pictures(), before)
        shop, pictures, named = self._info.name, self._pictures(), any(isinstance(one, Remark) for one in earlier)
        return render_exchange(
            entry, len(earlier), last=last, shop=shop, pictures=pictures, before=before, typed=typed, named=named
        )

    @property
    def _is_open(self) -> bool:
        return self._opening.done() and self._opening.exception() is None

    def _pictures(self) -> Pictures:
        """The shop's pictures; before the assistant is there no card is shown, so none are known."""
        if not self._is_open:
            return Pictures(self._folder, ())
        named = self._opening.result().index.pictures
        if self._known_pictures is None or self._known_pictures[0] is not named:
            self._known_pictures = named, Pictures(self._folder, named, self._settings.remote_pictures)
        return self._known_pictures[1]
