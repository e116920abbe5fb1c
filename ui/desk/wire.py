"""What the desk's routes take and give, as JSON.

In: values of the store and of the desk. Out: the same as JSON, times in ISO 8601, money as strings; and the bodies that
the routes accept. It decides nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from assistant.store import StoredEvent


def as_json(value: Any) -> Any:
    """A value of the desk as JSON; what is secret has no field in any of them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def event_json(event: StoredEvent) -> dict[str, Any]:
    """An event of a conversation's log, with the turn it belongs to."""
    return {"seq": event.seq, "turn": event.turn_id, "at": as_json(event.at), **as_json(event.data)}
