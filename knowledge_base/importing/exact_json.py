"""JSON with decimals kept exact: 19.90 stays 19.90, and a number no shop can mean is None."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

MAX_DIGITS = 30


def load_json(text: str) -> Any:
    """The JSON value of a text; fractions are `Decimal`, NaN, Infinity and 1e999 are None.

    Raises:
        ValueError: it is not JSON, or nested beyond reason.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("brackets are nested too deep") from error


@lru_cache(maxsize=16384)
def exact(text: str) -> Decimal | None:
    """The decimal a text writes; None where it is none, not finite, or of absurd size."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) <= MAX_DIGITS else None


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= MAX_DIGITS else None


_DECODER = json.JSONDecoder(parse_float=exact, parse_int=_integer, parse_constant=lambda _: None)
