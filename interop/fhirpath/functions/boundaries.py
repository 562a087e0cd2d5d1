"""How precise a value is and between which limits it lies (FHIRPath 2.1 draft, section 5.7.2 on)."""

from __future__ import annotations

from calendar import monthrange
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from interop.fhirpath.code import BOOLEAN, INTEGER
from interop.fhirpath.equality import WIDE, as_quantity
from interop.fhirpath.functions.invocation import Family, integer_of, on_one
from interop.fhirpath.node import Item
from interop.fhirpath.quantity import Quantity, comparable
from interop.fhirpath.runtime import run_error
from interop.fhirpath.temporal import EASTMOST, WESTMOST, Date, DateTime, Part, Time

FUNCTIONS: Family = {}
_MOST_DIGITS = 31
_DEFAULT_DIGITS = 8
# Digits of a date or time written down to each part; the last step of a time of day is its milliseconds.
_DATE_DIGITS = (4, 6, 8)
_DATETIME_DIGITS = (4, 6, 8, 10, 12, 14, 17)
_TIME_DIGITS = (2, 4, 6, 9)


def low(item: Item, digits: Item = None) -> Item | None:
    """The least value the item can stand for, to a number of digits."""
    return _boundary(item, digits, lower=True)


def high(item: Item, digits: Item = None) -> Item | None:
    """The greatest value the item can stand for, to a number of digits."""
    return _boundary(item, digits, lower=False)


def _boundary(item: Item, digits: Item, lower: bool) -> Item | None:
    wanted = None if digits is None else integer_of(digits, "lowBoundary" if lower else "highBoundary")
    match item:
        case bool() | str() | dict():
            raise run_error("boundaries exist for numbers, quantities, dates and times", "expression-argument")
        case int() | Decimal():
            return _number(Decimal(item), wanted, lower)
        case Quantity():
            value = _number(item.value, wanted, lower)
            return None if value is None else Quantity(value, item.unit, item.calendar)
        case Date():
            return _date(item, wanted, lower)
        case DateTime():
            return _datetime(item, wanted, lower)
        case Time():
            return _time(item, wanted, lower)
    return None


def _number(value: Decimal, digits: int | None, lower: bool) -> Decimal | None:
    digits = _DEFAULT_DIGITS if digits is None else digits
    if not 0 <= digits <= _MOST_DIGITS:
        return None
    half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1)
    away = lower == (value.is_signed())
    size = abs(value) + half if away or value == 0 else abs(value) - half
    # Away from zero is rounded to the nearest, towards zero is cut off: the reference implementation's choice.
    bound = size.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP if away else ROUND_DOWN, WIDE)
    negative = lower if value == 0 else value.is_signed()
    return bound.copy_negate() if negative else bound


def _steps(digits: int | None, allowed: tuple[int, ...]) -> int | None:
    """How many parts that many digits write; None when a value cannot end there."""
    if digits is None:
        return len(allowed)
    return allowed.index(digits) + 1 if digits in allowed else None


def _date(value: Date, digits: int | None, lower: bool) -> Date | None:
    steps = _steps(digits, _DATE_DIGITS)
    return None if steps is None else Date(_full_day(value.parts, lower)[:steps])


def _datetime(value: DateTime, digits: int | None, lower: bool) -> DateTime | None:
    steps = _steps(digits, _DATETIME_DIGITS)
    if steps is None:
        return None
    parts = (*_full_day(value.parts[:3], lower), *_full_time(value.parts[3:], lower, steps - 3))[:6]
    if steps <= 3:
        return DateTime(parts[:steps])
    zone = value.zone if value.zone is not None else EASTMOST if lower else WESTMOST
    return DateTime(parts[:steps], zone)


def _time(value: Time, digits: int | None, lower: bool) -> Time | None:
    steps = _steps(digits, _TIME_DIGITS)
    return None if steps is None else Time(_full_time(value.parts, lower, steps)[:steps])


def _full_day(parts: tuple[Part, ...], lower: bool) -> tuple[Part, ...]:
    year, month, day = (*parts, None, None)[:3]
    year = int(year or 1)
    month = int(month) if month is not None else 1 if lower else 12
    return year, month, day if day is not None else 1 if lower else monthrange(year, month)[1]


def _full_time(parts: tuple[Part, ...], lower: bool, steps: int) -> tuple[Part, ...]:
    hour, minute, second = (*parts, None, None, None)[:3]
    hour = hour if hour is not None else 0 if lower else 23
    minute = minute if minute is not None else 0 if lower else 59
    if second is None:
        second = Decimal("0.000") if lower else Decimal("59.999")
    elif second == int(second) and Decimal(second).as_tuple().exponent == 0:
        second = Decimal(second) + (Decimal("0.000") if lower else Decimal("0.999"))
    second = Decimal(second).quantize(Decimal("0.001") if steps >= 4 else Decimal(1), ROUND_DOWN)
    return hour, minute, second


def precision(item: Item) -> int | None:
    """Digits: of a decimal those after the point, of a date or time those down to its last part."""
    match item:
        case bool():
            return None
        case int():
            return 0
        case Decimal():
            return max(0, -int(item.as_tuple().exponent))
        case Date() | DateTime():
            return _written(item.parts, _DATETIME_DIGITS)
        case Time():
            return _written(item.parts, _TIME_DIGITS)
    return None


def _written(parts: tuple[Part, ...], digits: tuple[int, ...]) -> int:
    last = parts[-1]
    fraction = -int(last.as_tuple().exponent) if isinstance(last, Decimal) else 0
    return digits[len(parts) - 1] + fraction


def _comparable(item: Item, other: Item) -> bool:
    ours, theirs = as_quantity(item), as_quantity(other)
    return ours is not None and theirs is not None and comparable(ours, theirs)


FUNCTIONS["lowBoundary"] = on_one("lowBoundary", low, None, (0, 1), values=True)
FUNCTIONS["highBoundary"] = on_one("highBoundary", high, None, (0, 1), values=True)
FUNCTIONS["precision"] = on_one("precision", precision, INTEGER, values=True)
FUNCTIONS["comparable"] = on_one("comparable", _comparable, BOOLEAN, (1, 1), values=True)
