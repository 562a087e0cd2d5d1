"""Adding a length of time to a date, a time or a date-time (FHIRPath N1 section 6.7)."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from decimal import Decimal

from interop.errors import ExpressionError
from interop.fhirpath.quantity import CALENDAR_UNITS, Quantity
from interop.fhirpath.temporal import Date, DateTime, Part, Temporal, Time

# UCUM's year and month are averages ("a" is 365.25 days): they cannot be added to a date.
_UCUM = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
_MONTHS = {"year": 12, "month": 1}
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
# How long each part lasts in seconds, for values that do not say the smaller parts (a month counts 30 days here).
_PART_SECONDS = (31_536_000, 2_592_000, 86_400, 3_600, 60)


def add(value: Temporal, length: Quantity, direction: int) -> Temporal:
    """``value`` moved by a length of time, as precise as it was; ``direction`` is 1 or -1.

    A fraction of a unit is dropped, as the reference implementation does. Raises ExpressionError for a unit
    that is not a length of time, and for UCUM's average years and months.
    """
    unit = _unit(length)
    amount = int(length.value) * direction
    if isinstance(value, Time):
        return _turn(value, unit, amount)
    if unit in _MONTHS:
        parts = _add_months(value.parts, amount * _MONTHS[unit])
    else:
        parts = _add_seconds(value.parts, unit, amount)
    return Date(parts) if isinstance(value, Date) else DateTime(parts, value.zone)


def _unit(length: Quantity) -> str:
    # 'month' in quotes is not UCUM; it is read as the calendar's word.
    unit = CALENDAR_UNITS.get(length.unit) or _UCUM.get(length.unit)
    if unit is None:
        raise ExpressionError(
            f"{length} cannot be added to a date or time",
            code="expression-arithmetic",
            hint="use a calendar length such as 1 month, or UCUM wk, d, h, min, s, ms",
        )
    return unit


def _add_months(parts: tuple[Part, ...], months: int) -> tuple[Part, ...]:
    if len(parts) == 1:
        return (_year(int(parts[0]) + int(months / 12)),)
    year, month = divmod(int(parts[0]) * 12 + int(parts[1]) - 1 + months, 12)
    _year(year)
    if len(parts) == 2:
        return (year, month + 1)
    return (year, month + 1, min(int(parts[2]), monthrange(year, month + 1)[1]), *parts[3:])


def _add_seconds(parts: tuple[Part, ...], unit: str, amount: int) -> tuple[Part, ...]:
    seconds = Decimal(amount).scaleb(-3) if unit == "millisecond" else Decimal(amount * _SECONDS[unit])
    if len(parts) == 6:
        return _move(parts, seconds)
    whole = int(seconds / _PART_SECONDS[len(parts) - 1])
    if len(parts) <= 2:
        return _add_months(parts, whole * (12 if len(parts) == 1 else 1))
    return _move(parts, Decimal(whole * _PART_SECONDS[len(parts) - 1]))


def _move(parts: tuple[Part, ...], seconds: Decimal) -> tuple[Part, ...]:
    year, month, day, hour, minute = (*(int(part) for part in parts[:5]), 0, 0)[:5]
    second = Decimal(parts[5]) if len(parts) == 6 else Decimal(0)
    minutes, rest = divmod(second + seconds, 60)
    if rest < 0:  # Decimal's divmod rounds towards zero
        minutes, rest = minutes - 1, rest + 60
    rest = abs(rest)  # what is left may be a negative zero
    try:
        start = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - the zone is kept beside the parts
        moved = start + timedelta(minutes=int(minutes))
    except OverflowError:
        raise _too_far() from None
    found: tuple[Part, ...] = (moved.year, moved.month, moved.day, moved.hour, moved.minute, rest)
    return found[: len(parts)]


def _turn(value: Time, unit: str, amount: int) -> Time:
    if unit in _MONTHS or unit in {"week", "day"}:
        raise ExpressionError(f"a {unit} cannot be added to a time of day", code="expression-arithmetic")
    moved = _add_seconds((2000, 1, 1, *value.parts), unit, amount)
    return Time(moved[3:])


def _year(year: int) -> int:
    if not 1 <= year <= 9999:
        raise _too_far()
    return year


def _too_far() -> ExpressionError:
    return ExpressionError("the date moves outside the years 1 to 9999", code="expression-arithmetic")
