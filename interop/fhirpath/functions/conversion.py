"""From one kind of value to another (FHIRPath N1 section 5.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from interop.fhirpath import quantity
from interop.fhirpath.arithmetic import within_reach
from interop.fhirpath.code import BOOLEAN, Code, Types
from interop.fhirpath.functions.invocation import Family, Invocation, in_family, on_one
from interop.fhirpath.node import Item
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.temporal import Date, DateTime, Time, parse_date, parse_datetime, parse_time

FUNCTIONS: Family = {}
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})
_INTEGER = re.compile(r"[+-]?\d{1,28}")
_DECIMAL = re.compile(r"[+-]?\d{1,100}(\.\d{1,100})?")


def to_boolean(item: Item) -> bool | None:
    match item:
        case bool():
            return item
        case int() | Decimal():
            return bool(item) if item in (0, 1) else None
        case str():
            word = item.lower()
            return True if word in _TRUE else False if word in _FALSE else None
    return None


def to_integer(item: Item) -> int | None:
    match item:
        case bool() | int():
            return int(item)
        case str() if _INTEGER.fullmatch(item):
            return int(item)
    return None


def to_decimal(item: Item) -> Decimal | None:
    match item:
        case bool() | int() | Decimal():
            return Decimal(item)
        case str() if _DECIMAL.fullmatch(item):
            return Decimal(item)
    return None


def to_text(item: Item) -> str | None:
    match item:
        case str():
            return item
        case bool():
            return "true" if item else "false"
        case Decimal():
            return f"{within_reach(item):f}"
        case int() | Date() | DateTime() | Time() | Quantity():
            return str(item)
    return None


def to_date(item: Item) -> Date | None:
    match item:
        case Date():
            return item
        case DateTime():
            return Date(item.parts[:3])
        case str():
            moment = parse_datetime(item)
            return parse_date(item) or (Date(moment.parts[:3]) if moment is not None else None)
    return None


def to_datetime(item: Item) -> DateTime | None:
    match item:
        case DateTime():
            return item
        case Date():
            return DateTime(item.parts)
        case str():
            return parse_datetime(item)
    return None


def to_time(item: Item) -> Time | None:
    match item:
        case Time():
            return item
        case str():
            return parse_time(item)
    return None


def to_quantity(item: Item) -> Quantity | None:
    match item:
        case Quantity():
            return item
        case bool() | int() | Decimal():
            return Quantity(Decimal(item))
        case str():
            return quantity.parse(item)
        case dict():
            return quantity.of_fhir(item)
    return None


def _conversion(name: str, convert: Callable[[Item], Item | None]) -> None:
    kind: Types = frozenset({f"System.{name}"})
    FUNCTIONS[f"to{name}"] = on_one(f"to{name}", convert, kind, values=True)
    FUNCTIONS[f"convertsTo{name}"] = on_one(
        f"convertsTo{name}", lambda item: convert(item) is not None, BOOLEAN, values=True
    )


_conversion("Boolean", to_boolean)
_conversion("Integer", to_integer)
_conversion("Decimal", to_decimal)
_conversion("String", to_text)
_conversion("Date", to_date)
_conversion("DateTime", to_datetime)
_conversion("Time", to_time)


def _in_unit(item: Item, unit: Item) -> Quantity | None:
    """The quantity in another unit of the same kind."""
    found = to_quantity(item)
    if found is None or not isinstance(unit, str):
        return None
    wanted = quantity.parse(f"0 {unit}") or Quantity(Decimal(0), unit)
    return quantity.add(wanted, found, 1) if quantity.comparable(found, wanted) else None


def _quantity(item: Item, *unit: Item) -> Quantity | None:
    return _in_unit(item, unit[0]) if unit else to_quantity(item)


@in_family(FUNCTIONS, "toQuantity")
def to_quantity_(call: Invocation) -> Code:
    return on_one("toQuantity", _quantity, frozenset({"System.Quantity"}), (0, 1), values=True)(call)


@in_family(FUNCTIONS, "convertsToQuantity")
def converts_to_quantity(call: Invocation) -> Code:
    return on_one("convertsToQuantity", _is_quantity, BOOLEAN, (0, 1), values=True)(call)


def _is_quantity(item: Item, *unit: Item) -> bool:
    return _quantity(item, *unit) is not None
