"""Which of two FHIR values is the smaller one, where that can be told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

from interop.json_codec import Json


class Order(Enum):
    """How a value stands to another; UNKNOWN when the two cannot be compared."""

    LESS = -1
    EQUAL = 0
    GREATER = 1
    UNKNOWN = None


def compare(value: Json, other: Json) -> Order:
    """Numbers by size, dates by the precision both have, times as text, quantities of the same unit by value."""
    if isinstance(value, dict) and isinstance(other, dict):
        same_unit = (value.get("code") or value.get("unit")) == (other.get("code") or other.get("unit"))
        return compare(value.get("value"), other.get("value")) if same_unit else Order.UNKNOWN
    if isinstance(value, bool) or isinstance(other, bool):
        return Order.UNKNOWN
    if isinstance(value, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return _order(Decimal(str(value)), Decimal(str(other)))
    if isinstance(value, str) and isinstance(other, str):
        return _compare_text(value, other)
    return Order.UNKNOWN


def _compare_text(value: str, other: str) -> Order:
    first, second = moment(value), moment(other)
    if first is not None and second is not None:
        return _order(first, second)
    length = min(len(value), len(other), 10)
    shared = _order(value[:length], other[:length])
    if shared is not Order.EQUAL:
        return shared
    return _order(value, other) if len(value) == len(other) else Order.UNKNOWN


def moment(text: str) -> datetime | None:
    """A dateTime with time and zone as a point in time; None for anything less exact."""
    if "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


def _order(first: object, second: object) -> Order:
    if first == second:
        return Order.EQUAL
    return Order.LESS if first < second else Order.GREATER  # type: ignore[operator]  # both are of one ordered type
