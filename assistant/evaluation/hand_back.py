"""Conversations that a person of the shop took part in and handed back: is the next question answered in that light?

In: matters, each with what the person said and follow-ups on the same and on other matters. Out: two shares. On the
same matter the reply must have the person's words and nothing that contradicts them; on another matter it must be the
reply that would have been given had the person said nothing to the purpose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.as_json import revive
from assistant.evaluation.metrics import wilson
from assistant.types import Message, Reply, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_NEUTRAL = {"en": "I am looking into it.", "zh": "我先看一下。"}
DATA = Path(__file__).parent / "data" / "hand_back.jsonl"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a shopper and a person said, and what is asked after it. One of `holds` must be in a reply on the same
    matter, none of `conflicts`."""

    id: str
    language: str
    split: str
    before: tuple[str, ...]
    agent: tuple[str, ...]
    by: str
    holds: tuple[str, ...]
    conflicts: tuple[str, ...]
    same: tuple[str, ...]
    other: tuple[str, ...]

    def history(self, neutral: bool = False) -> tuple[Message, ...]:
        """What was said, each side in turn; `neutral`: the person said nothing to the purpose."""
        said: list[Message] = []
        for place in range(max(len(self.before), len(self.agent))):
            said += [Message("shopper", text) for text in self.before[place : place + 1]]
            for text in self.agent[place : place + 1]:
                said.append(Message("agent", _NEUTRAL[self.language] if neutral else text, by=self.by))
        return tuple(said)


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """One follow-up with its reply; `right` is None where it could not be judged."""

    matter: Matter
    question: str
    same: bool
    right: bool
    reply: Reply


def read_matters(path: Path = DATA, language: str = "", split: str = "") -> tuple[Matter, ...]:
    """The matters of a JSONL file, in one language and split where these are named."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    made: list[Matter] = [revive(Matter, row) for row in rows]
    return tuple(m for m in made if language in ("", m.language) and split in ("", m.split))


async def follow_up(assistant: Assistant, matters: Iterable[Matter]) -> list[FollowedUp]:
    """Every follow-up of every matter, asked right after the person's last message."""
    found: list[FollowedUp] = []
    for matter in matters:
        for question in matter.same:
            reply = await assistant.answer(Turn(matter.id, question, matter.history()))
            found.append(FollowedUp(matter, question, True, _in_light(reply, matter), reply))
        for question in matter.other:
            turn = Turn(matter.id, question, matter.history())
            reply = await assistant.answer(turn)
            as_always = await assistant.answer(replace(turn, history=matter.history(neutral=True)))
            found.append(FollowedUp(matter, question, False, _shown(reply) == _shown(as_always), reply))
    return found


def summary(results: Sequence[FollowedUp]) -> dict[str, Any]:
    """Both shares with n and their 95 % intervals."""
    sums: dict[str, Any] = {}
    for name, same in (("same_matter", True), ("other_matter", False)):
        of_kind = [result for result in results if result.same == same]
        right = sum(result.right for result in of_kind)
        sums |= {f"{name}_n": len(of_kind), f"{name}_right": right}
        if of_kind:
            sums |= {name: right / len(of_kind), f"{name}_interval": wilson(right, len(of_kind))}
    return sums


def failure_rows(results: Iterable[FollowedUp]) -> list[dict[str, Any]]:
    """What went wrong, to be read."""
    return [
        {
            "matter": result.matter.id,
            "agent": result.matter.agent,
            "question": result.question,
            "same": result.same,
            "reply": result.reply.text,
            "intents": result.reply.query.intents,
        }
        for result in results
        if not result.right
    ]


def _in_light(reply: Reply, matter: Matter) -> bool:
    prices = {f"{mark}{card.price.normalize():f}" for card in reply.products if card.price for mark in ("$", "", "¥")}
    conflicting = any(_stands(words, reply.text) for words in matter.conflicts) or prices & set(matter.conflicts)
    return any(_stands(words, reply.text) for words in matter.holds) and not conflicting


def _stands(words: str, text: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(words)}(?!\d)", text, re.I) is not None


def _shown(reply: Reply) -> tuple[object, ...]:
    return reply.text, reply.products, reply.citations, reply.handoff, reply.answered
