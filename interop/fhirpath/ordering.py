"""Which of two values comes first (FHIRPath N1 section 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from interop.errors import ExpressionError
from interop.fhirpath import quantity, temporal
from interop.fhirpath.equality import as_quantity, as_temporals
from interop.fhirpath.node import Item
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.temporal import KINDS, Time

ORDERINGS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}
_MEASURED = (Quantity, dict)


def order(left: Item, right: Item, sign: str = "<") -> int | None:
    """Below zero, zero or above zero; None when precision, zone or unit does not let anyone tell.

    Raises ExpressionError ``expression-compare`` for values of kinds that have no order between them.
    """
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if _is_number(left) and _is_number(right):
        return bool(left > right) - bool(left < right)
    if isinstance(left, KINDS) or isinstance(right, KINDS):
        pair = as_temporals(left, right)
        if pair is not None and isinstance(pair[0], Time) == isinstance(pair[1], Time):
            return temporal.compare(*pair)
    elif isinstance(left, _MEASURED) or isinstance(right, _MEASURED):
        ours, theirs = as_quantity(left), as_quantity(right)
        if ours is not None and theirs is not None:
            return quantity.compare(ours, theirs)
    raise ExpressionError(
        f"{_kind(left)} {sign} {_kind(right)}: these have no order between them",
        code="expression-compare",
        hint="compare two numbers, texts, dates, times or quantities",
    )


def _is_number(item: Item) -> bool:
    return item.__class__ is int or item.__class__ is Decimal


def _kind(item: Item) -> str:
    return {"str": "text", "dict": "element", "bool": "boolean", "int": "integer"}.get(
        type(item).__name__, type(item).__name__
    )
