"""When a stated measure meets an asked one: rounding, conversion, and what is sold under one name.

In: the bounds asked for with their unit, and the unit that values are in. Out: intervals in that unit. 27 inches are
met by 68.6 cm, 1 TB by 1000 GB and by 1024 GB. It reads no text.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from knowledge_base.quantities.units import convert, unit_named

Span = tuple[float | None, float | None]  # from, to; None where it is open

_EXACT = Decimal("1e-9")  # a bound must not exclude the value it equals
_WRITTEN = Decimal("0.002")  # 39.6 is 39.62
_ROUNDED = Decimal("0.006")  # between systems: 2 m are sold as 6.6 ft, 15.6 inches as 39.6 cm
_BINARY = Decimal("1.024")
_MOST_BINARY = 64  # GB: above, 512 and 500 GB are two sizes and not one counted in two ways


def spans(low: Decimal | None, high: Decimal | None, unit: str | None, own: str | None) -> tuple[Span, ...]:
    """The intervals in `own` that meet the bounds in `unit`; none where the two do not measure the same thing.

    Equal bounds ask for that measure: what rounds to it meets it. A missing unit is taken to be the other one.
    """
    if low is not None and low == high:
        slack = _slack(unit, own, _WRITTEN if unit else _EXACT)
        exact = [value for same in sold_as(low, unit) if (value := _in(same, unit, own)) is not None]
        return tuple((float(value - abs(value) * slack), float(value + abs(value) * slack)) for value in exact)
    slack = _slack(unit, own, _EXACT)
    least = None if low is None else _in(min(sold_as(low, unit)), unit, own)
    most = None if high is None else _in(max(sold_as(high, unit)), unit, own)
    if least is None and most is None:
        return ()
    return (
        (
            None if least is None else float(least - abs(least) * slack),
            None if most is None else float(most + abs(most) * slack),
        ),
    )


def meets(value: Decimal, own: str | None, low: Decimal | None, high: Decimal | None, unit: str | None) -> bool:
    """Whether one value in `own` meets the bounds in `unit`."""
    number = float(value)
    return any(
        (least is None or number >= least) and (most is None or number <= most)
        for least, most in spans(low, high, unit, own)
    )


def sold_as(value: Decimal, unit: str | None) -> tuple[Decimal, ...]:
    """A measure and what is sold under the same name: 1 TB is 1000 and 1024 GB, 4 GB are 4096 MB."""
    in_gb = convert(value, unit, "gb") if unit in ("kb", "mb", "gb", "tb") else None
    if not in_gb or unit is None:
        return (value,)
    return tuple(dict.fromkeys((value, *(scaled for gb in _binary(in_gb) if (scaled := convert(gb, "gb", unit))))))


def _binary(gb: Decimal) -> Iterator[Decimal]:
    if gb % 1000 == 0 or gb <= _MOST_BINARY:
        yield gb * _BINARY
    if gb % 1024 == 0 or (gb <= _MOST_BINARY * _BINARY and gb / _BINARY * 4 % 1 == 0):
        yield gb / _BINARY


def _in(value: Decimal, unit: str | None, own: str | None) -> Decimal | None:
    return value if unit is None or own is None or unit == own else convert(value, unit, own)


def _slack(unit: str | None, own: str | None, least: Decimal) -> Decimal:
    """How far a value may be from a bound: further where it was converted between systems of units."""
    mine, other = unit_named(unit or ""), unit_named(own or "")
    if mine is None or other is None or mine is other:
        return least
    ratio = (mine.factor / other.factor).normalize()
    return least if set(ratio.as_tuple().digits) <= {1, 0} else max(least, _ROUNDED)
