"""One conversation as a page shows it.

In: events of the conversation's log, in order. Out: a list of entries to draw: what the shopper said with its answer,
and what a person of the shop said; and who answers. It knows no HTML, no Gradio and no storage.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from assistant.as_json import revive
from assistant.store import StoredEvent, Who
from assistant.types import Citation, Language, ProductCard, Proposal
from knowledge_base.text import language_of

State = Literal["waiting", "streaming", "done", "stopped", "failed", "left"]
Vote = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of the shopper and what has been answered so far.

    `number` is the id of the stored message, below 0 for one that was refused and is not stored. `turn` is the turn
    that it asked for. `status` says what is happening before the first words. `problem` is what to tell the shopper in
    state "failed"; in state "left" a person answers. `message_id` names the stored answer, None when unstored.
    `replaces` is what a refused message would have stood for. `fallback` says why no model wrote the answer.
    """

    text: str
    language: Language
    number: int = 0
    state: State = "waiting"
    status: str = ""
    answer: str = ""
    products: tuple[ProductCard, ...] = ()
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    handoff: str | None = None
    problem: str = ""
    retry: bool = True
    fallback: str | None = None
    message_id: int | None = None
    vote: Vote | None = None
    turn: str | None = None
    replaces: int | None = None

    @property
    def running(self) -> bool:
        """Whether the answer is still coming."""
        return self.state in ("waiting", "streaming")


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person of the shop said, whether or not they were asked. `number` is the id of the stored message.

    `name` is theirs, None where it is not told. One that was `withdrawn` has nothing to show any more.
    """

    text: str
    language: Language
    number: int
    name: str | None = None
    withdrawn: bool = False
    products: tuple[ProductCard, ...] = ()
    citations: tuple[Citation, ...] = ()

    @property
    def running(self) -> bool:
        """Whether more of it is coming: it comes whole."""
        return False


Entry = Exchange | Remark


def advance(exchange: Exchange, kind: str, data: Mapping[str, Any]) -> Exchange:
    """The exchange after one more event of its turn."""
    if not exchange.running:
        return exchange  # it was read from the store in the meantime, whole
    match kind:
        case "status":
            return replace(exchange, status=str(data.get("text", "")))
        case "text":
            return replace(exchange, state="streaming", answer=exchange.answer + data["delta"])
        case "products" | "sources" | "suggestions" | "proposals":
            return replace(exchange, **_parts(data))
        case "handoff":
            return replace(exchange, handoff=str(data["reason"]))
        case "error":
            problem, retry = str(data.get("message", "")), bool(data.get("retry"))
            return replace(exchange, state="failed", status="", problem=problem, retry=retry)
        case "done":
            return ended(exchange, data["state"], data["message"])
    return exchange


def ended(exchange: Exchange, state: State, message: Mapping[str, Any] | None) -> Exchange:
    """The exchange at its end: what was streamed gives way to the answer as it is stored; None where there is none."""
    if message is None:
        return replace(exchange, state="left" if state == "done" else state, status="")
    return replace(
        exchange,
        state=state,
        status="",
        language=message.get("language") or exchange.language,
        answer=message["text"],
        handoff=message.get("handoff"),
        fallback=message.get("fallback"),
        message_id=message["id"],
        **_parts(message),
    )


def remark(message: Mapping[str, Any], otherwise: Language = "en") -> Remark:
    """What a person said, as the log tells of it; in a language `otherwise` where its own cannot be told."""
    number, name = message["id"], message.get("name")
    if message.get("withdrawn"):
        return Remark("", otherwise, number, name, withdrawn=True)
    return Remark(message["text"], spoken_language(message["text"], otherwise), number, name, **_parts(message))


def settled(exchange: Exchange, outcomes: Mapping[str, Proposal]) -> Exchange:
    """The exchange with what became of its proposals, by their ids."""
    return replace(exchange, proposals=tuple(outcomes.get(made.id, made) for made in exchange.proposals))


def spoken_language(text: str, otherwise: Language = "en") -> Language:
    """The language of a text, or `otherwise` where it has none of its own ("27?")."""
    found = language_of(text)
    return "zh" if found == "zh" else "en" if found == "en" else otherwise


def _parts(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer is more than words; what an older version wrote otherwise is left out."""
    kinds = {"products": ProductCard, "citations": Citation, "suggestions": str, "proposals": Proposal}
    parts: dict[str, Any] = {}
    for name, kind in kinds.items():
        if name in data:
            try:
                parts[name] = tuple(revive(kind, one) for one in data[name] or ())
            except ValueError:
                parts[name] = ()
    return parts


def new_id() -> str:
    """The id of a conversation that begins."""
    return secrets.token_urlsafe(18)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Conversation:
    """What a browser's open pages show of a conversation, as far as event number `seq` of its log.

    `id` is unguessable. `browser` may find it again, None where it cannot be told from others. `who` answers, `name` is
    what that person is called. It is `stored` from its first message on; `posting` while a message is on its way to the
    store.
    """

    language: Language
    locale: str | None = None
    browser: str | None = None
    id: str = field(default_factory=new_id)
    entries: list[Entry] = field(default_factory=list)
    who: Who = "assistant"
    name: str | None = None
    seq: int = 0
    stored: bool = False
    posting: bool = False
    _refused: int = 0

    @property
    def running(self) -> bool:
        """Whether an answer is on its way."""
        return any(entry.running for entry in self.entries)

    def of_turn(self, turn: str | None) -> Exchange | None:
        """The exchange of a turn; None where it is not, or no more, part of the conversation."""
        if turn is None:
            return None
        exchanges = (entry for entry in reversed(self.entries) if isinstance(entry, Exchange))
        return next((exchange for exchange in exchanges if exchange.turn == turn), None)

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Go on by what follows in the log; what is known already is passed over."""
        for event in events:
            if event.seq > self.seq:
                self.seq = event.seq
                self._fold(event)

    def begin_anew(self) -> None:
        """Nothing was said, as far as is known."""
        self.id, self.entries, self.seq, self.stored = new_id(), [], 0, False
        self.who, self.name = "assistant", None

    def refuse(self, text: str, problem: str, replaces: int | None) -> Exchange:
        """Show a message that was not taken, and why."""
        self._refused += 1
        refused = Exchange(text, self.language, -self._refused, "failed", problem=problem, replaces=replaces)
        self.entries.append(refused)
        return refused

    def change(self, number: int, how: Callable[[Exchange], Exchange]) -> None:
        """Change one exchange, where it is still part of the conversation."""
        for place, entry in enumerate(self.entries):
            if entry.number == number and isinstance(entry, Exchange):
                self.entries[place] = how(entry)

    def _fold(self, event: StoredEvent) -> None:
        match event.kind:
            case "message":
                self._heard(event.data["message"], event.turn_id)
            case "who":
                self.who, self.name = event.data["who"], event.data.get("name")
            case "withdrawn":
                self._withdrawn(event.data["message"])
            case _:
                if (exchange := self.of_turn(event.turn_id)) is not None:
                    moved = advance(exchange, event.kind, event.data)
                    self.change(exchange.number, lambda _: moved)
                    self.language = moved.language

    def _withdrawn(self, number: int) -> None:
        """A person of the shop has taken something back."""
        for place, entry in enumerate(self.entries):
            if entry.number == number and isinstance(entry, Remark):
                self.entries[place] = Remark("", entry.language, number, entry.name, withdrawn=True)

    def _heard(self, message: Mapping[str, Any], turn: str | None) -> None:
        """Somebody has said something."""
        number = message["id"]
        if any(entry.number == number for entry in self.entries):
            return
        if message["role"] == "agent":
            self.entries.append(remark(message, self.language))
            return
        if (first := message.get("replaces")) is not None:
            gone = [place for place, entry in enumerate(self.entries) if entry.number >= first]
            del self.entries[gone[0] if gone else len(self.entries) :]
        self.language = spoken_language(message["text"], self.language)
        self.entries.append(Exchange(message["text"], self.language, number, turn=turn))


@dataclass(slots=True, eq=False, weakref_slot=True)
class Session:
    """One open page; no conversation before it has opened.

    `page_product_id` is the product it stands beside, `address` where it was opened from. `typed` is the number of the
    last message that was written in its message box, not pressed. `shown` are the entries that were drawn last, which
    was as far as event number `seen`; `drawing` while an answer is drawn as it comes.
    """

    conversation: Conversation | None = None
    page_product_id: str | None = None
    address: str | None = None
    typed: int | None = None
    shown: tuple[Entry, ...] = ()
    seen: int = 0
    drawing: bool = False
