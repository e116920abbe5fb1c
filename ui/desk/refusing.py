"""What an agent is told where something was refused, in the desk's language.

In: an error. Out: words, and which parts of the page are drawn anew. Of an error that has no words here its own are
shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assistant.errors import (
    AssistantError,
    DeskError,
    DraftOver,
    HandoffOver,
    ModelError,
    ModelUnavailable,
    NeedsModel,
    NothingToAnswer,
    NotYours,
    NoVariant,
    StaleDraft,
    StoreError,
    TooLate,
    UnknownConversation,
)
from ui.desk.elements import button, shown
from ui.desk.queue_screen import notice
from ui.desk.showing import Told
from ui.desk.wording import Words

_NAMES: Final[Mapping[type[AssistantError], str]] = {
    StaleDraft: "stale_send",
    DraftOver: "draft_over",
    TooLate: "too_late",
    NotYours: "not_yours",
    HandoffOver: "handoff_over",
    NothingToAnswer: "nothing_to_answer",
    NeedsModel: "no_model",
    NoVariant: "no_variant",
    ModelUnavailable: "opening",
    ModelError: "no_model",
    UnknownConversation: "gone",
}
_ALL: Final = frozenset({"queue", "head"})


def refusal(error: AssistantError, words: Words) -> Told:
    """What to say, and what to draw anew: the agent sees how things stand now."""
    name = next((name for kind, name in _NAMES.items() if isinstance(error, kind)), "")
    if isinstance(error, StaleDraft):
        back = button(words("put_back"), "put_back")
        said = notice(words(name), "bad", back, {"stale": True, "refused": True})
        return Told(_ALL, said)
    if name:
        text = words(name)
    elif isinstance(error, DeskError):
        text = shown(str(error))
    else:
        text = words("not_stored" if isinstance(error, StoreError) else "failed")
    return Told(_ALL, notice(text, "bad", "", {"refused": True}))
