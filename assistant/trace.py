"""What a reply was made of: enough to make it again without the catalogue and without the model.

In: what the pipeline's stages handed on. Out: one value, stored beside the reply by whoever stores that. It holds the
shopper's words and orders, so it is erased with them; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from assistant.types import Message, Part, Turn
from knowledge_base.shop import ShopInfo

_REMEMBERED: Final = 20  # messages before the turn whose words are kept once more; of earlier ones who spoke


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence of the draft that the checks changed: `kept` is what was released of it, "" where nothing was."""

    sentence: str
    kept: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One reply's making. `parts` are what was understood, each with all that was retrieved for it.

    `fingerprint` is the index's, and `info` the shop's own words then. `asked` names the model that was asked, None
    where none was: then there is no `prompt` and no `draft`. `draft` is what it wrote, unchecked; `failure` says why
    it broke off. `changed` are the sentences that did not pass as they were; why is among the reply's findings.
    `unsure`: the shop wants a person to look at answers that are as likely right as this one.
    """

    turn: Turn
    parts: tuple[Part, ...]
    info: ShopInfo
    fingerprint: str
    asked: str | None = None
    prompt: tuple[tuple[str, str], ...] = ()
    draft: str = ""
    failure: str | None = None
    changed: tuple[Change, ...] = ()
    unsure: bool = False


def without_old_words(turn: Turn) -> Turn:
    """The turn with as much of its history as a reply depends on: a trace must not grow with the conversation."""
    return replace(turn, history=(*_bare(turn.history[:-_REMEMBERED]), *_plain(turn.history[-_REMEMBERED:])))


def _bare(messages: Sequence[Message]) -> list[Message]:
    return [Message(message.role, "", answered=message.answered) for message in messages]


def _plain(messages: Sequence[Message]) -> list[Message]:
    return [replace(message, query=None) for message in messages]
