"""What form of answer a question asks for: a time, an amount; and whether a passage has one.

In: a text in English or Chinese. Out: booleans. It reads no figure and knows no shop.
"""

from __future__ import annotations

import re

_ASKS_DURATION = re.compile(
    r"\b(?:how (?:long|soon|fast|quick\w*|late|early|often|many (?:day|week|month|year|hour)\w*)|when|"
    r"what (?:time|day)|by what|until|till|deadline)\b|"
    r"多久|几天|几年|几个月|什么时候|啥时候|几点|多长时间|多少天|哪天|几号|期限"
)
_HAS_DURATION = re.compile(
    r"\d+(?:\.\d+)?\s*(?:(?:to|-|–) ?\d+\s*)?(?:business |working |more )?(?:minute|hour|day|week|month|year)s?\b|"
    r"\d\s*[ap]\.?m\b|\b(?:midnight|noon)\b|[\d一两三四五六七八九十]\s*(?:分钟|小时|个?工作日|天|个?月|年|周|点)|第二天|当天"
)
_ASKS_AMOUNT = re.compile(
    r"\b(?:how much|costs?|prices?|fees?|charges?|postage|expensive|free|pay for|for nothing)\b|"
    r"多少钱|几块|运费|邮费|收费|怎么收|费用|要钱|免费|多少"
)
_HAS_AMOUNT = re.compile(
    r"[$€£¥]\s?\d|\d\s?(?:元|块|dollars|euros|usd|eur|gbp)|\bfree\b|免费|包邮|免运费|\bno cost\b|costs nothing"
)


def asks_duration(text: str) -> bool:
    """Whether a question wants to know how long or when."""
    return _ASKS_DURATION.search(text.casefold()) is not None


def has_duration(text: str) -> bool:
    """Whether a passage names a time or a span of time."""
    return _HAS_DURATION.search(text.casefold()) is not None


def asks_amount(text: str) -> bool:
    """Whether a question wants to know what something costs."""
    return _ASKS_AMOUNT.search(text.casefold()) is not None


def has_amount(text: str) -> bool:
    """Whether a passage names an amount of money, or says that something costs none."""
    return _HAS_AMOUNT.search(text.casefold()) is not None
