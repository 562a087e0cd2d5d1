"""Measurements: text to Quantities and back, converted by UCUM where the mapping says from which units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from interop.fhirpath.quantity import UCUM
from interop.fhirpath.ucum import Unit
from interop.fhirpath.ucum import unit as ucum_unit
from interop.json_codec import Json, JsonObject
from interop.mapping.numbers import Limits, decimal_of
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Transform, text_of

COMPARATORS = ("<=", ">=", "<", ">")
"""Codes of Quantity.comparator, longest first. Source: FHIR R4 valueset-quantity-comparator."""

SPELLINGS: Mapping[str, str] = {
    "st": "[stone_av]", "stone": "[stone_av]", "stones": "[stone_av]", "lb": "[lb_av]", "lbs": "[lb_av]",
    "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]", "ft": "[ft_i]", "feet": "[ft_i]", "foot": "[ft_i]",
    "'": "[ft_i]", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", '"': "[in_i]", "''": "[in_i]",
    "f": "[degF]", "°f": "[degF]", "c": "Cel", "°c": "Cel", "kgs": "kg", "kilos": "kg", "mls": "mL", "ml": "mL",
    "litre": "L", "litres": "L", "cms": "cm", "metres": "m", "mins": "min", "hrs": "h", "hours": "h", "days": "d",
}  # fmt: skip
"""Everyday spellings of units beside their UCUM codes, in small letters."""

_WHOLE = re.compile(r"([^\s\d.,]?[\d.,]+)\s*(.*)")
_PART = re.compile(r"\s*([+-]?[\d.,]+)\s*([^\d\s.,+-][^\d]*?|)\s*(?=[\d+-]|$)")


@dataclass(frozen=True, slots=True)
class Measure:
    """The unit a rule wants, and what it takes besides.

    accepted  by spelling in small letters: UCUM units that are converted
    bare      the UCUM unit of a number without a unit; None: such a number is refused
    digits    decimals kept of a converted value
    """

    unit: str
    code: str
    accepted: Mapping[str, str]
    bare: str | None
    digits: int
    limits: Limits

    def read(self, value: Json) -> Json:
        text = text_of(value)
        comparator = next((sign for sign in COMPARATORS if text.startswith(sign)), "")
        parts = self._parts(text[len(comparator) :].strip(), text)
        amount = self._amount(parts, text)
        self.limits.check(amount, text)
        made: JsonObject = {"value": amount}
        if comparator:
            made["comparator"] = comparator
        return {**made, "unit": self.unit, "system": UCUM, "code": self.code}

    def _parts(self, amount: str, text: str) -> list[tuple[Decimal, str]]:
        """``11 st 4 lb`` as amounts with their UCUM units. Raises Refusal ``unit`` or ``number-unreadable``."""
        whole = _WHOLE.fullmatch(amount)
        if whole is not None and whole[2].casefold() in (self.unit.casefold(), self.code.casefold()):
            return [(decimal_of(whole[1]), self.code)]  # a unit may have digits in it: 10*9/L
        found: list[tuple[Decimal, str]] = []
        at = 0
        while at < len(amount):
            match = _PART.match(amount, at)
            if match is None:
                raise Refusal(
                    "number-unreadable",
                    f"{text!r} is not a number of {self.unit}",
                    "write digits, with a point for decimals",
                )
            found.append((decimal_of(match[1]), self._unit(match[2], text)))
            at = match.end()
        if not found:
            raise Refusal("number-unreadable", f"{text!r} is not a number of {self.unit}", "write digits")
        return found

    def _unit(self, spelled: str, text: str) -> str:
        word = spelled.strip().rstrip(".").casefold()
        if not word and self.bare is not None:
            return self.bare
        if word and word in (self.unit.casefold(), self.code.casefold()):
            return self.code
        if word in self.accepted:
            return self.accepted[word]
        found = f"is in {spelled.strip()!r}" if word else "has no unit"
        wanted = " or ".join(dict.fromkeys((repr(self.unit), *map(repr, self.accepted.values()))))
        raise Refusal("unit", f"{text!r} {found}, wanted {wanted}", f"give the value in {self.unit}")

    def _amount(self, parts: list[tuple[Decimal, str]], text: str) -> Decimal | int:
        if len(parts) == 1 and parts[0][1] == self.code:
            found = parts[0][0]
            return int(found) if found == found.to_integral_value() and found.as_tuple().exponent == 0 else found
        if len(parts) > 1 and (len({code for _, code in parts}) < len(parts) or any(v < 0 for v, _ in parts)):
            raise Refusal("number-unreadable", f"{text!r} says one unit twice", "write it once")
        target = _known(self.code)
        total = sum((_known(code).measure(Fraction(value)) for value, code in parts), Fraction(0))
        exact = (total - target.offset) / target.factor
        step = Decimal(1).scaleb(-self.digits)
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(step, ROUND_HALF_UP)

    def write(self, value: Json) -> Json:
        found = value.get("code") or value.get("unit")
        if found not in (self.code, self.unit, None) or "value" not in value:
            told = " ".join(str(value[k]) for k in ("comparator", "value", "unit", "code") if k in value)
            raise Refusal("reverse-unit", f"{told!r} is not a plain number of {self.unit}")
        if self.bare != self.code:
            return f"{value.get('comparator', '')}{value['value']} {self.unit}"
        return f"{value['comparator']}{value['value']}" if "comparator" in value else value["value"]


_KEYS = {"unit", "code", "from", "bare", "digits", "min", "max"}


def quantity(argument: Json, zone: tzinfo | None) -> Transform:
    """``{quantity: kg}`` or ``{quantity: {unit, code, from: [st, lb], bare: st, digits: 1, min: 0, max: 400}}``."""
    given = argument if isinstance(argument, dict) else {"unit": argument}
    unit = given.get("unit")
    code, digits = given.get("code", unit), given.get("digits", 1)
    if not isinstance(unit, str) or not isinstance(code, str) or set(given) - _KEYS:
        raise ArgumentError(f"quantity wants a unit, as in {{quantity: kg}}, found {argument!r}")
    if not isinstance(digits, int) or isinstance(digits, bool) or not 0 <= digits <= 9:  # decimals
        raise ArgumentError(f"digits is the number of decimals kept, 0 to 9, found {digits!r}")
    names = given.get("from", [])
    accepted = _accepted(names if isinstance(names, list) else [names], code)
    bare = given.get("bare", None if accepted else code)
    if bare is not None:
        bare = code if bare in (unit, code) else _code(bare, code)
    measure = Measure(unit, code, accepted, bare, digits, Limits.of(given, "quantity"))
    return Transform(
        "quantity", measure.read, measure.write, frozenset({"Quantity", "Age", "Duration", "Distance", "Count"})
    )


def _accepted(names: list[Json], target: str) -> dict[str, str]:
    codes = [_code(name, target) for name in names]
    found = {spelling: code for spelling, code in SPELLINGS.items() if code in codes}
    return found | {code.casefold(): code for code in codes}


def _code(name: Json, target: str) -> str:
    """The UCUM code of a unit as a mapping names it. Raises ArgumentError for one that cannot become ``target``."""
    code = SPELLINGS.get(str(name).casefold(), str(name))
    here, there = ucum_unit(code), ucum_unit(target)
    if here is None or there is None:
        raise ArgumentError(f"{name if here is None else target!r} is no UCUM unit known here")
    if here.dimensions != there.dimensions:
        raise ArgumentError(f"{name!r} cannot be converted to {target!r}: they measure different things")
    return code


def _known(code: str) -> Unit:
    found = ucum_unit(code)
    if found is None:
        raise ArgumentError(f"{code!r} is no UCUM unit known here")
    return found
