"""How far an order has come, from the words of its record: its status, and what was heard of its parcels.

In: an order. Out: a phase, None where its words are nobody's here; the day it left and the day it arrived, None where
the record has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from assistant.types import Order, Shipment

Phase = Literal["waiting", "on its way", "partly", "arrived", "cancelled", "returned"]

_I = re.IGNORECASE
# In this order: "cancelled before shipping" is cancelled, "return received" is no delivery.
_PHASES: tuple[tuple[Phase, re.Pattern[str]], ...] = (
    ("cancelled", re.compile(r"\bcancell?ed\b|\bvoid(?:ed)?\b|取消|关闭", _I)),
    ("returned", re.compile(r"\breturn(?:ed|ing|s)?\b|\brefund(?:ed|ing)?\b|退货|退款|已退", _I)),
    ("partly", re.compile(r"\bpart(?:ly|ially|ial)\b|部分", _I)),
    ("on its way", re.compile(
        r"\b(?:shipped|shipping|sent|dispatched|in[ _-]?transit|on (?:its|the) way|out for delivery|delayed|fulfilled)\b"
        r"|已发货|待收货|运输|派送|配送中|在途|延误|已揽收", _I)),
    ("arrived", re.compile(r"\b(?:delivered|completed?|received|picked up by (?:the )?customer|closed)\b|签收|送达|已完成|交易成功|收货", _I)),
    ("waiting", re.compile(
        r"\b(?:new|open|pending|paid|unpaid|processing|processed|placed|confirmed|unfulfilled|on[ _-]hold|packed|awaiting|ready)\b"
        r"|待|已付款|处理中|备货|打包|未发货|已下单|已确认", _I)),
)  # fmt: skip
_DELIVERED = re.compile(r"\b(?:delivered|handed (?:over )?to|collected by)\b|已?签收|已送达|妥投", _I)
_NOT_YET = re.compile(
    r"\b(?:out for|attempt|could not|not|will be|to be|failed|return)\b|未|失败|正在|等待|即将|退", _I
)
_LEFT = re.compile(
    r"\b(?:picked up|shipped|dispatched|left|departed|handed to the carrier|in transit)\b|揽收|已发货|发出|离开", _I
)


def phase_of(order: Order) -> Phase | None:
    """How far the order has come; None where its status is not known."""
    status = order.status or ""
    return next((phase for phase, words in _PHASES if words.search(status)), None)


def arrived_on(order: Order) -> date | None:
    """The day on which the last of it was delivered, as its parcels' events have it."""
    if phase_of(order) not in ("arrived", "returned"):
        return None
    days = [day for shipment in order.shipments if (day := _delivered(shipment)) is not None]
    return max(days) if days else None


def left_on(order: Order) -> date | None:
    """The day on which the first parcel was on its way."""
    days = [day for s in order.shipments for day, text in _days(s) if _LEFT.search(text)]
    return min(days) if days else None


def _delivered(shipment: Shipment) -> date | None:
    found = [day for day, text in _days(shipment) if _DELIVERED.search(text) and not _NOT_YET.search(text)]
    return found[-1] if found else None


def _days(shipment: Shipment) -> Iterator[tuple[date, str]]:
    for at, text in shipment.events:
        if (day := day_of(at)) is not None:
            yield day, text


def day_of(text: str | None) -> date | None:
    """The day of an ISO 8601 time; None for anything else."""
    try:
        return datetime.fromisoformat((text or "").strip()).date()
    except ValueError:
        return None
