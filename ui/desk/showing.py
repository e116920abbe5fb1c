"""What the desk's screens show, as plain values.

In: nothing; `reading` makes them of what the desk and the store have. Out: nothing; the screens draw them. All text in
them may be anybody's and is escaped where it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from assistant.desk.figures import Figure
from assistant.store import Role
from assistant.types import Citation, Finding, Language, Order, ProductCard

View = Literal["waiting", "mine", "all", "ended"]
VIEWS: Final[tuple[View, ...]] = ("waiting", "mine", "all", "ended")
SCREENS: Final[Mapping[str, Role]] = {
    "chats": "agent",
    "corrections": "lead",
    "gaps": "lead",
    "canned_screen": "lead",
    "insights": "lead",
    "audit": "lead",
}
"""Which screens there are, and the role each is for."""
_FILTERS: Final = ("reason", "language", "mood")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One chat of the queue. `since` is when the shopper began to wait, or last wrote where they do not
    (`is_waiting`); `agent` is who has it, None while nobody has; `speaker` said the last `words`."""

    id: str
    words: str
    reason: str
    since: datetime
    language: str = ""
    intent: str = ""
    mood: str = ""
    order_id: str | None = None
    agent: str | None = None
    is_mine: bool = False
    unread: int = 0
    is_known: bool = False
    is_waiting: bool = True
    speaker: str = "shopper"


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `name` is the agent's where one wrote it;"""

    id: int
    role: Literal["shopper", "assistant", "agent"]
    text: str
    at: datetime
    name: str = ""
    is_withdrawn: bool = False
    products: tuple[ProductCard, ...] = ()
    citations: tuple[Citation, ...] = ()
    vote: str | None = None
    language: Language = "en"
    can_teach: bool = False


@dataclass(frozen=True, slots=True)
class DraftShown:
    """A suggested reply. `confidence` is 0..1, None where it is not known."""

    id: str
    text: str
    kind: str = "first"
    model: str = ""
    confidence: float | None = None
    figures: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    products: tuple[ProductCard, ...] = ()
    findings: tuple[Finding, ...] = ()
    language: Language = "en"
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier conversation of the same shopper."""

    id: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class NoteShown:
    """What an agent noted for the others."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    """One open conversation. `who` answers in it; `is_mine`: the agent who looks has it.

    `draft` is None where none is fresh, and with `draft_wanted` one is being made; `other_drafts` may be sent as well.
    `is_foreign`: it is not in the desk's language.
    """

    id: str
    who: Literal["assistant", "waiting", "agent"]
    agent: str | None = None
    is_mine: bool = False
    reason: str = ""
    since: datetime | None = None
    language: str = ""
    intent: str = ""
    mood: str = ""
    shopper: str | None = None
    page_product: str | None = None
    started_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    orders: tuple[Order, ...] = ()
    orders_problem: str = ""
    earlier: tuple[Earlier, ...] = ()
    notes: tuple[NoteShown, ...] = ()
    draft: DraftShown | None = None
    other_drafts: tuple[DraftShown, ...] = ()
    draft_wanted: bool = False
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to whom a lead may give a chat."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply kept for many occasions."""

    id: str
    title: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectionShown:
    """An answer that somebody proposes to teach. `before` is the answer that it stands in place of, "" where there was
    none; `near` what answers the question without it; `wordings` are other questions for it."""

    id: str
    state: str
    question: str
    answer: str
    author: str
    at: datetime
    before: str = ""
    language: str = ""
    product: str = ""
    reviewer: str = ""
    reviewed_at: datetime | None = None
    can_roll_back: bool = False
    near: str = ""
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry of the shop's that contradicts another or is out of date, and why."""

    id: str
    title: str
    text: str
    why: str = ""
    other_title: str = ""
    other_text: str = ""


@dataclass(frozen=True, slots=True)
class GapShown:
    """Questions of one kind that found no answer; `message_id` is what an agent told one who asked."""

    question: str
    count: int
    examples: tuple[str, ...] = ()
    language: str = ""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class AuditShown:
    """One row of the audit."""

    number: int
    at: datetime
    agent: str
    action: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent is: which screen, what of the queue, which chat is open."""

    screen: str = "chats"
    view: View = "waiting"
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    chat: str | None = None
    state: str = "proposed"
    days: int = 30
    before: int | None = None
    edited: str | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Place:
        """What the script sent of it; anything that is not as it must be is left out."""
        at = asked.get("at")
        at = at if isinstance(at, dict) else {}
        filters = at.get("filters")
        filters = filters if isinstance(filters, dict) else {}
        view = at.get("view")
        return cls(
            screen=text_of(at.get("screen")) if text_of(at.get("screen")) in SCREENS else "chats",
            view=view if view in VIEWS else "waiting",
            search=text_of(at.get("search"))[:200],
            filters={name: text_of(filters.get(name))[:32] for name in _FILTERS if text_of(filters.get(name))},
            chat=text_of(at.get("chat"))[:64] or None,
            state=text_of(at.get("state")) or "proposed",
            days=at["days"] if at.get("days") in (7, 30, 90) else 30,
            before=at["before"] if isinstance(at.get("before"), int) else None,
            edited=at["edited"] if isinstance(at.get("edited"), str) else None,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it. `notice` and `sheet` are HTML, None where they stay; `place` is where the agent is now."""

    redraw: frozenset[str] = frozenset()
    notice: str | None = None
    sheet: str | None = None
    place: Place | None = None


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""
