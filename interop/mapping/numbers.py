"""Numbers and measurements: text to exact decimals and Quantities, and back."""

from __future__ import annotations

import re
from datetime import tzinfo
from decimal import Decimal

from interop.json_codec import Json
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Transform, text_of

_DECIMAL = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def decimal_of(text: str) -> Decimal:
    """Text as a decimal with its digits. Raises Refusal ``number-unreadable``."""
    if not _DECIMAL.fullmatch(text):
        hint = (
            "a decimal comma? say {number: {decimal: ','}}"
            if "," in text
            else "write digits, with a point for decimals"
        )
        raise Refusal("number-unreadable", f"{text!r} is not a number", hint)
    return Decimal(text)


def number(argument: Json, zone: tzinfo | None) -> Transform:
    if argument not in (None, {"decimal": ","}, {"decimal": "."}):
        raise ArgumentError(f"number takes nothing or {{decimal: ','}}, found {argument!r}")
    comma = argument == {"decimal": ","}

    def read(value: Json) -> Decimal:
        text = text_of(value)
        return decimal_of(text.replace(",", ".") if comma and "." not in text else text)

    def write(value: Json) -> Json:
        return str(value).replace(".", ",") if comma else value

    return Transform("number", read, write, frozenset({"decimal"}))


def whole_number(text: str) -> int:
    """Text as a whole number. Raises Refusal ``number-unreadable``."""
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise Refusal("number-unreadable", f"{text!r} is not a whole number", "write digits only")
    return int(text)


def quantity(argument: Json, zone: tzinfo | None) -> Transform:
    unit, code = (argument.get("unit"), argument.get("code")) if isinstance(argument, dict) else (argument, argument)
    if not isinstance(unit, str) or not isinstance(code, str):
        raise ArgumentError(f"quantity wants a unit, as in {{quantity: kg}}, found {argument!r}")
    pattern = re.compile(r"([^\s\d.,]*[\d.,]+)\s*(.*)")

    def read(value: Json) -> Json:
        text = text_of(value)
        match = pattern.fullmatch(text)
        if match is None:
            raise Refusal(
                "number-unreadable", f"{text!r} is not a number of {unit}", "write digits, with a point for decimals"
            )
        if match[2] and match[2].casefold() not in (unit.casefold(), code.casefold()):
            raise Refusal("unit", f"{text!r} is in {match[2]!r}, wanted {unit!r}", f"give the value in {unit}")
        found = decimal_of(match[1])
        exact = int(found) if found == found.to_integral_value() and found.as_tuple().exponent == 0 else found
        return {"value": exact, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}

    def write(value: Json) -> Json:
        found = value.get("code") or value.get("unit")
        if found not in (code, unit, None) or "comparator" in value or "value" not in value:
            told = " ".join(str(value[k]) for k in ("comparator", "value", "unit", "code") if k in value)
            raise Refusal("reverse-unit", f"{told!r} is not a plain number of {unit}")
        return value["value"]

    return Transform("quantity", read, write, frozenset({"Quantity", "Age", "Duration", "Distance", "Count"}))
