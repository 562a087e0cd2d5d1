"""Calculating with numbers, texts, dates and quantities (FHIRPath N1 section 6.6)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from interop.errors import ExpressionError
from interop.fhirpath import calendar_math, quantity
from interop.fhirpath.node import Item
from interop.fhirpath.quantity import LARGEST_EXPONENT, Quantity
from interop.fhirpath.temporal import KINDS


def plus(left: Item, right: Item) -> Item | None:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return _sum(left, right, 1, "+")


def minus(left: Item, right: Item) -> Item | None:
    return _sum(left, right, -1, "-")


def _sum(left: Item, right: Item, direction: int, sign: str) -> Item | None:
    if is_number(left) and is_number(right):
        return left + right if direction > 0 else left - right
    if isinstance(right, Quantity):
        if isinstance(left, KINDS):
            return calendar_math.add(left, right, direction)
        if isinstance(left, Quantity):
            return quantity.add(left, right, direction)
    raise _impossible(left, sign, right)


def times(left: Item, right: Item) -> Item | None:
    if is_number(left) and is_number(right):
        return left * right
    pair = _quantities(left, right)
    if pair is None:
        raise _impossible(left, "*", right)
    return quantity.multiply(*pair)


def over(left: Item, right: Item) -> Item | None:
    """Division; None for a division by zero."""
    if is_number(left) and is_number(right):
        return None if right == 0 else Decimal(left) / Decimal(right)
    pair = _quantities(left, right)
    if pair is None:
        raise _impossible(left, "/", right)
    return quantity.divide(*pair)


def div(left: Item, right: Item) -> Item | None:
    """Division without its rest, towards zero; None for a division by zero."""
    if not is_number(left) or not is_number(right):
        raise _impossible(left, "div", right)
    return None if right == 0 else int(within_reach(Decimal(left) / Decimal(right)))


def mod(left: Item, right: Item) -> Item | None:
    """The rest of ``div``, with the sign of the left one; None for a division by zero."""
    if not is_number(left) or not is_number(right):
        raise _impossible(left, "mod", right)
    if right == 0:
        return None
    rest = within_reach(Decimal(left)) % within_reach(Decimal(right))
    return int(rest) if isinstance(left, int) and isinstance(right, int) else rest


ARITHMETIC: dict[str, Callable[[Item, Item], Item | None]] = {
    "+": plus,
    "-": minus,
    "*": times,
    "/": over,
    "div": div,
    "mod": mod,
}


def negative(item: Item, sign: str) -> Item:
    """``-item``, or the item itself for ``+``."""
    if is_number(item):
        return -item if sign == "-" else item
    if isinstance(item, Quantity):
        return Quantity(-item.value, item.unit, item.calendar) if sign == "-" else item
    raise ExpressionError(f"{sign} needs a number, found {type(item).__name__}", code="expression-arithmetic")


def concatenated(left: Item, right: Item) -> str:
    """``&``: nothing counts as an empty text."""
    return _text(left) + _text(right)


def _text(item: Item) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, dict):
        raise ExpressionError("& needs texts, found an element with members", code="expression-arithmetic")
    return f"{within_reach(item):f}" if isinstance(item, Decimal) else str(item)


def is_number(item: Item) -> bool:
    return item.__class__ is int or item.__class__ is Decimal


def within_reach(number: Decimal) -> Decimal:
    """The number, unless writing it out would take thousands of digits: JSON allows 1E99999999."""
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ExpressionError("a number is too large or too small to calculate with", code="expression-arithmetic")
    return number


def _quantities(left: Item, right: Item) -> tuple[Quantity, Quantity] | None:
    ours = Quantity(Decimal(left)) if is_number(left) else left
    theirs = Quantity(Decimal(right)) if is_number(right) else right
    return (ours, theirs) if isinstance(ours, Quantity) and isinstance(theirs, Quantity) else None


def _impossible(left: Item, sign: str, right: Item) -> ExpressionError:
    return ExpressionError(
        f"{type(left).__name__} {sign} {type(right).__name__} cannot be calculated", code="expression-arithmetic"
    )
