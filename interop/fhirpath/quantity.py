"""Numbers with a unit: comparing and calculating across units of the same kind (FHIRPath N1 section 4.1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from interop.errors import ExpressionError
from interop.fhirpath import ucum
from interop.json_codec import JsonObject

CALENDAR_UNITS = {
    word + plural: word
    for word in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
}
# From the week down a calendar length is the same as UCUM's; a calendar year or month is not UCUM's average one.
_AS_UCUM = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}
_ALIKE = {"year": "a", "month": "mo"}
LARGEST_EXPONENT = 1000
"""Numbers beyond ten to this are no measurements; calculating with them exactly would take all memory."""
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Quantity:
    """``unit`` is a UCUM code, or a calendar word in the singular when ``calendar`` is set."""

    value: Decimal
    unit: str = "1"
    calendar: bool = False

    def __post_init__(self) -> None:
        if abs(self.value.adjusted()) > LARGEST_EXPONENT:
            raise ExpressionError(
                "a quantity is too large or too small to calculate with", code="expression-arithmetic"
            )

    def __str__(self) -> str:
        if not self.calendar:
            return f"{self.value:f} '{self.unit}'"
        return f"{self.value:f} {self.unit}{'' if self.value == 1 else 's'}"


def of_fhir(quantity: JsonObject) -> Quantity | None:
    """A FHIR Quantity as a number with a unit; None when it has no value or a comparator (``< 5``).

    The code counts where the system is UCUM, otherwise the unit's text. Source: FHIR R4 fhirpath.html, 2.9.1.4.
    """
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or "comparator" in quantity:
        return None
    if abs(Decimal(value).adjusted()) > LARGEST_EXPONENT:
        return None
    code = quantity.get("code") if quantity.get("system") == UCUM else None
    unit = code or quantity.get("unit") or quantity.get("code") or "1"
    return Quantity(Decimal(value), str(unit))


def compare(left: Quantity, right: Quantity) -> int | None:
    """Below zero, zero or above zero; None when the units cannot be compared."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return (left.value > right.value) - (left.value < right.value)
    ours, theirs = _measured(left), _measured(right)
    if ours is None or theirs is None or ours[1] != theirs[1]:
        return None
    return _order(ours[0], theirs[0])


def equal(left: Quantity, right: Quantity) -> bool | None:
    """Different kinds of unit are not equal; None when a unit is unknown or a calendar length meets UCUM's average."""
    order = compare(left, right)
    if order is not None:
        return order == 0
    if _calendar_beside_average(left, right) or _measured(left) is None or _measured(right) is None:
        return None
    return False


def equivalent(left: Quantity, right: Quantity) -> bool:
    """The same to the digits of the less precise one; a calendar year is equivalent to UCUM's."""
    ours, theirs = _loosened(left), _loosened(right)
    first, second = _measured(ours), _measured(theirs)
    if first is None or second is None:
        return ours.unit == theirs.unit and ours.value == theirs.value
    if first[1] != second[1]:
        return False
    coarser = max(_step(ours), _step(theirs))
    return abs(first[0] - second[0]) < coarser / 2 or first[0] == second[0]


def comparable(left: Quantity, right: Quantity) -> bool:
    """Whether both units measure the same kind of thing."""
    if left.unit == right.unit:
        return True
    ours, theirs = _measured(left), _measured(right)
    return ours is not None and theirs is not None and ours[1] == theirs[1]


def key(quantity: Quantity) -> tuple[object, ...]:
    """What equal quantities share: a key for sets."""
    measured = _measured(quantity)
    return measured if measured is not None else (quantity.value, quantity.unit)


def multiply(left: Quantity, right: Quantity) -> Quantity:
    if right.unit == "1":
        return Quantity(left.value * right.value, left.unit, left.calendar)
    if left.unit == "1":
        return Quantity(left.value * right.value, right.unit, right.calendar)
    return Quantity(left.value * right.value, f"{_code(left)}.{_bracketed(right)}")


def divide(left: Quantity, right: Quantity) -> Quantity | None:
    """None when the divisor is zero."""
    if right.value == 0:
        return None
    if right.unit == "1":
        return Quantity(left.value / right.value, left.unit, left.calendar)
    if left.unit == right.unit:
        return Quantity(left.value / right.value)
    return Quantity(left.value / right.value, f"{_code(left)}/{_bracketed(right)}")


def add(left: Quantity, right: Quantity, direction: int) -> Quantity | None:
    """In the left one's unit; None when the units cannot be added. ``direction`` is 1 or -1."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return Quantity(left.value + direction * right.value, left.unit, left.calendar)
    ours, theirs = _unit(left), _unit(right)
    if ours is None or theirs is None or ours.dimensions != theirs.dimensions:
        return None
    moved = Fraction(right.value) * theirs.factor / ours.factor
    return Quantity(left.value + direction * _decimal(moved), left.unit, left.calendar)


def parse(text: str) -> Quantity | None:
    """``10``, ``10 'mg'`` or ``10 days``; None for anything else."""
    number, _, unit = text.strip().partition(" ")
    unit = unit.strip()
    if not number.lstrip("+-").replace(".", "", 1).isdigit() or number[-1] == "." or number[0] == ".":
        return None
    value = Decimal(number)
    if not unit:
        return Quantity(value)
    if len(unit) > 2 and unit[0] == unit[-1] == "'":
        return Quantity(value, unit[1:-1])
    return Quantity(value, CALENDAR_UNITS[unit], calendar=True) if unit in CALENDAR_UNITS else None


def _code(quantity: Quantity) -> str:
    return _AS_UCUM.get(quantity.unit, quantity.unit) if quantity.calendar else quantity.unit


def _bracketed(quantity: Quantity) -> str:
    code = _code(quantity)
    return f"({code})" if "/" in code or "." in code else code


def _unit(quantity: Quantity) -> ucum.Unit | None:
    if quantity.calendar and quantity.unit in _ALIKE:
        return ucum.Unit(Fraction(12 if quantity.unit == "year" else 1), (("calendar month", 1),))
    return ucum.unit(_code(quantity))


def _measured(quantity: Quantity) -> tuple[Fraction, ucum.Dimensions] | None:
    unit = _unit(quantity)
    return None if unit is None else (unit.measure(Fraction(quantity.value)), unit.dimensions)


def _loosened(quantity: Quantity) -> Quantity:
    return (
        Quantity(quantity.value, _ALIKE[quantity.unit]) if quantity.calendar and quantity.unit in _ALIKE else quantity
    )


def _calendar_beside_average(left: Quantity, right: Quantity) -> bool:
    average = {"a", "mo", "a_j", "a_g", "a_t", "mo_j", "mo_g", "mo_s"}
    return (left.calendar and right.unit in average) or (right.calendar and left.unit in average)


def _step(quantity: Quantity) -> Fraction:
    """The size of the last digit written, in base units."""
    exponent = quantity.value.as_tuple().exponent
    unit = _unit(quantity)
    factor = unit.factor if unit is not None else Fraction(1)
    return Fraction(10) ** (exponent if isinstance(exponent, int) else 0) * factor


def _order(left: Fraction, right: Fraction) -> int:
    return (left > right) - (left < right)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
