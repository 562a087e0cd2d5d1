"""Numbers (FHIRPath N1 section 5.7)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import reduce

from interop.fhirpath.arithmetic import is_number, within_reach
from interop.fhirpath.code import INTEGER, NUMBER, Code, Types
from interop.fhirpath.equality import WIDE
from interop.fhirpath.functions.invocation import Family, Invocation, in_family, integer_of, on_one
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.ordering import order
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.runtime import Environment, run_error

FUNCTIONS: Family = {}
_DECIMAL: Types = frozenset({"System.Decimal"})


def _decimal(item: Item, name: str) -> Decimal:
    if is_number(item):
        return within_reach(Decimal(item))
    raise run_error(f"{name}() works on numbers, found {type(item).__name__}", "expression-argument")


def _number(
    name: str, function: Callable[..., Item | None], types: Types, most: int = 0, fewest: int | None = None
) -> None:
    def calculate(item: Item, *given: Item) -> Item | None:
        try:
            return function(_decimal(item, name), *(_decimal(value, name) for value in given))
        except (InvalidOperation, OverflowError):
            return None

    FUNCTIONS[name] = on_one(name, calculate, types, (most if fewest is None else fewest, most))


def _power(base: Decimal, exponent: Decimal) -> Item | None:
    found = base**exponent
    whole = base == base.to_integral_value() and exponent == exponent.to_integral_value() and exponent >= 0
    return int(found) if whole and base.as_tuple().exponent == 0 and abs(found) < 10**28 else found


def _root(number: Decimal) -> Decimal | None:
    return None if number < 0 else number.sqrt()


def _logarithm(number: Decimal, base: Decimal) -> Decimal | None:
    if number <= 0 or base <= 0 or base == 1:
        return None
    # The quotient of two logarithms is off in its last digits: log 16 to base 2 is 4, not 3.999...
    return (number.ln() / base.ln()).quantize(Decimal("1e-20"), ROUND_HALF_UP).normalize()


_number("ceiling", lambda number: int(number.to_integral_value(ROUND_CEILING)), INTEGER)
_number("floor", lambda number: int(number.to_integral_value(ROUND_FLOOR)), INTEGER)
_number("truncate", int, INTEGER)
_number("sqrt", _root, _DECIMAL)
_number("exp", Decimal.exp, _DECIMAL)
_number("ln", lambda number: None if number <= 0 else number.ln(), _DECIMAL)
_number("log", _logarithm, _DECIMAL, most=1)
_number("power", _power, NUMBER, most=1)


def _absolute(item: Item) -> Item:
    if isinstance(item, Quantity):
        return Quantity(abs(item.value), item.unit, item.calendar)
    return abs(item) if item.__class__ is int else abs(_decimal(item, "abs"))


def _rounded(item: Item, digits: Item = 0) -> Decimal:
    places = integer_of(digits, "round")
    if not 0 <= places <= 100:
        raise run_error(f"round() takes 0 to 100 digits, found {places}", "expression-argument")
    return _decimal(item, "round").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)


FUNCTIONS["abs"] = on_one("abs", _absolute, None, values=True)
FUNCTIONS["round"] = on_one("round", _rounded, _DECIMAL, (0, 1))


def _folded(call: Invocation, fold: Callable[[list[Item]], Item]) -> Code:
    call.wants(0)
    of = call.focus_values().run

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        return [fold(items)] if items else []

    return Code(run, None, many=False)


@in_family(FUNCTIONS, "sum")
def sum_(call: Invocation) -> Code:
    return _folded(call, lambda items: sum((_decimal(item, "sum") for item in items), Decimal(0)))


@in_family(FUNCTIONS, "avg")
def avg(call: Invocation) -> Code:
    return _folded(call, lambda items: sum((_decimal(item, "avg") for item in items), Decimal(0)) / len(items))


@in_family(FUNCTIONS, "min")
def min_(call: Invocation) -> Code:
    return _folded(call, lambda items: reduce(lambda a, b: a if (order(raw(a), raw(b)) or 0) <= 0 else b, items))


@in_family(FUNCTIONS, "max")
def max_(call: Invocation) -> Code:
    return _folded(call, lambda items: reduce(lambda a, b: a if (order(raw(a), raw(b)) or 0) >= 0 else b, items))
