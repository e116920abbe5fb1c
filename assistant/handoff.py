"""When a person should take over.

In: the query, its evidence and the conversation. Out: the reason in the shopper's language, or None. Who then answers,
and how the chat changes hands, is the desk's business.
"""

from __future__ import annotations

from typing import Literal

from assistant.types import Evidence, Language, Message, Query
from knowledge_base.shop import ShopInfo

ReasonCode = Literal["asked", "upset", "unknown", "low_confidence"]
_REASONS: dict[ReasonCode, dict[Language, str]] = {
    "asked": {"en": "You asked for a person.", "zh": "您希望由人工客服接待。"},
    "upset": {
        "en": "Something went wrong and a person should put it right.",
        "zh": "您遇到了问题，需要人工客服为您处理。",
    },
    "unknown": {
        "en": "I could not answer twice in a row; a person can.",
        "zh": "我连续两次没能回答您的问题，可以由人工客服为您解答。",
    },
    "low_confidence": {
        "en": "I am not sure of this answer; a person will look at it.",
        "zh": "这个回答我没有十足把握，会请人工客服再看一下。",
    },
}


def reason_code(text: str) -> ReasonCode:
    """Which reason it is that `handoff_reason` told in words; "asked" where no reason is worded so any more."""
    for code, texts in _REASONS.items():
        if text in texts.values():
            return code
    return "asked"


def handoff_reason(
    query: Query, evidence: Evidence, history: tuple[Message, ...], info: ShopInfo, unsure: bool = False
) -> str | None:
    """Why a person should take over, or None: the shopper asked for one, is upset, or was not answered twice.

    `unsure`: the answer is less likely to be right than the shop wants it to be.
    """
    if "handoff" in query.intents:
        return _REASONS["asked"][query.language]
    if "complaint" in query.intents:
        return _REASONS["upset"][query.language]
    before = next((message for message in reversed(history) if message.role == "assistant"), None)
    if not evidence.answered and before is not None and not before.answered:
        return _REASONS["unknown"][query.language]
    return _REASONS["low_confidence"][query.language] if unsure else None
