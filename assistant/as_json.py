"""Values of the assistant as JSON has them, for the command line and the store alike.

In: any value of `assistant.types`. Out: objects, arrays, strings, numbers, booleans and null, and back again. It knows
no format.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """Dataclasses as objects, money as strings so that no digit is lost, sequences and sets as arrays."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def revive(kind: Any, value: Any) -> Any:
    """The value of a type that `plain` made these JSON values of; unknown fields are left out.

    Raises:
        ValueError: they are not of that type, as after a change of the type.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        try:
            return kind(**{name: revive(of, value[name]) for name, of in _fields(kind).items() if name in value})
        except TypeError as error:  # a field without a default is missing
            raise ValueError(str(error)) from error
    if origin in (Union, types.UnionType):
        if value is None and types.NoneType in arguments:
            return None
        (only,) = (argument for argument in arguments if argument is not types.NoneType)
        return revive(only, value)
    if origin is tuple and isinstance(value, list):
        kinds = [arguments[0]] * len(value) if arguments[1:] == (...,) else arguments
        return tuple(revive(of, item) for of, item in zip(kinds, value, strict=True))
    if origin is Mapping and isinstance(value, Mapping):
        return {str(key): revive(arguments[1], item) for key, item in value.items()}
    if origin is Literal and value in arguments:
        return value
    if kind is Decimal and isinstance(value, str):
        return _decimal(value)
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if origin is frozenset and isinstance(value, list):
        return frozenset(revive(arguments[0], item) for item in value)
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"{value!r:.80} is no {kind}")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"{text!r:.80} is no figure") from error


@cache
def _fields(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
