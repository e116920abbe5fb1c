"""What shop.toml says of the desk: who answers when, and what shoppers are told while they wait for a person.

In: the table [desk]. Out: `DeskSettings`, or what is wrong with it. Nothing here changes what the index holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Mode = Literal["autopilot", "copilot"]
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INTENTS: Final = (
    "find",
    "recommend",
    "product_question",
    "compare",
    "count",
    "superlative",
    "policy",
    "order_status",
    "complaint",
    "handoff",
    "small_talk",
    "out_of_scope",
)
"""What a message may be about, as `assistant.types.Intent` has it."""
_WAITING: Final = {
    "en": "A colleague will answer you here. You can keep writing meanwhile.",
    "zh": "人工客服会在这里回复您，您可以继续留言。",
}
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class DeskSettings:
    """Who answers: the assistant ("autopilot"), or an agent to whom it gives a draft ("copilot").

    `copilot` and `autopilot` name intents for which it is the other way than `mode`. `hours` are spans a day of the
    week ("mon": (09:00, 18:00)) in `timezone`; none at all: always. `outside_hours` "autopilot": the assistant answers
    alone then. `waiting` is what shoppers are told, by language. An agent may take a message back for `undo_seconds`.
    An answer that is likely right by less than `min_confidence` goes on to a person.
    """

    mode: Mode = "autopilot"
    copilot: tuple[str, ...] = ()
    autopilot: tuple[str, ...] = ()
    hours: Mapping[str, tuple[tuple[time, time], ...]] = field(default_factory=dict)
    timezone: str = "UTC"
    outside_hours: Literal["autopilot", "same"] = "autopilot"
    waiting: Mapping[str, str] = field(default_factory=dict)
    undo_seconds: float = 5.0
    min_confidence: float = 0.0

    @property
    def asks_for_people(self) -> bool:
        """Whether some answers wait for an agent."""
        return self.mode == "copilot" or bool(self.copilot)

    @property
    def is_by_intent(self) -> bool:
        """Whether it depends on what a message is about who answers."""
        return bool(self.autopilot if self.mode == "copilot" else self.copilot)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at the desk at that (aware) moment."""
        if not self.hours:
            return True
        there = at.astimezone(self._zone)
        now, before = there.time(), DAYS[there.weekday() - 1]
        today = self.hours.get(DAYS[there.weekday()], ())
        if any(begin <= now < end if begin < end else now >= begin for begin, end in today):
            return True
        return any(end <= begin and now < end for begin, end in self.hours.get(before, ()))  # past midnight

    def mode_at(self, at: datetime) -> Mode:
        """Who answers at that moment what no intent is named for."""
        return "autopilot" if self._alone(at) else self.mode

    def mode_of(self, intents: tuple[str, ...], at: datetime) -> Mode:
        """Who answers a message with these intents at that moment; one that is for an agent is enough."""
        if self._alone(at):
            return "autopilot"
        if self.mode == "copilot":
            return "autopilot" if intents and set(intents) <= set(self.autopilot) else "copilot"
        return "copilot" if set(intents) & set(self.copilot) else "autopilot"

    def notice(self, language: str) -> str:
        """What a shopper is told who waits for a person."""
        plain = "zh" if language.startswith("zh") else "en"
        return self.waiting.get(plain) or _WAITING[plain]

    def _alone(self, at: datetime) -> bool:
        return self.outside_hours == "autopilot" and not self.is_open(at)


def _intents(named: list[str]) -> list[str]:
    for name in named:
        if name not in INTENTS:
            raise ValueError(f"{name} is no intent; known are {', '.join(INTENTS)}")
    return named


def _hours(days: dict[str, str]) -> dict[str, str]:
    for day, spans in days.items():
        if day not in DAYS:
            raise ValueError(f"{day} is no day: write {', '.join(DAYS)}")
        _spans(spans)
    return days


def _spans(text: str) -> tuple[tuple[time, time], ...]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if (read := _SPAN.fullmatch(part)) is None:
            raise ValueError(f'{part!r} is no span of time: write "09:00-18:00", or "09:00-12:00, 13:00-18:00"')
        begin, end = (read[1], read[2]), (read[3], read[4])
        found.append((_time(*begin), time.max if end == ("24", "00") else _time(*end)))
    return tuple(found)


def _time(hour: str, minute: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"{hour}:{minute} is no time of day") from None


def _zone_name(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, no such name, a folder of zones
        raise ValueError('is no time zone: write its name as "Europe/Berlin" or "Asia/Shanghai"') from None
    return name


def _languages(texts: dict[str, str]) -> dict[str, str]:
    for language in texts:
        if language not in _WAITING:
            raise ValueError(f"{language} is no language of the page: write en or zh")
    return texts


class DeskTable(BaseModel):
    """The keys of [desk]."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    mode: Mode = "autopilot"
    copilot: Annotated[list[str], AfterValidator(_intents)] = Field(default_factory=list)
    autopilot: Annotated[list[str], AfterValidator(_intents)] = Field(default_factory=list)
    hours: Annotated[dict[str, str], AfterValidator(_hours)] = Field(default_factory=dict)
    timezone: Annotated[str, AfterValidator(_zone_name)] = "UTC"
    outside_hours: Literal["autopilot", "same"] = "autopilot"
    waiting: Annotated[dict[str, str], AfterValidator(_languages)] = Field(default_factory=dict)
    undo_seconds: Annotated[float, Field(ge=0, le=60)] = 5.0
    min_confidence: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if both := sorted(set(self.copilot) & set(self.autopilot)):
            raise ValueError(f"{', '.join(both)} stands in both copilot and autopilot: leave it in one")
        return self

    def settings(self) -> DeskSettings:
        """The same as a value."""
        return DeskSettings(
            self.mode,
            tuple(self.copilot),
            tuple(self.autopilot),
            {day: _spans(spans) for day, spans in self.hours.items()},
            self.timezone,
            self.outside_hours,
            self.waiting,
            self.undo_seconds,
            self.min_confidence,
        )
