"""Numbers and measurements: text to exact decimals and Quantities, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the greatest value a rule takes; None: any."""

    least: Decimal | None = None
    most: Decimal | None = None

    @classmethod
    def of(cls, given: Mapping[str, Json], transform: str) -> Limits:
        """``min`` and ``max`` of a transform's argument. Raises ArgumentError."""
        ends = []
        for key in ("min", "max"):
            value = given.get(key)
            if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
                raise ArgumentError(f"{key} of {transform} is a number, found {value!r}")
            ends.append(None if value is None else Decimal(value))
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            raise ArgumentError(f"{transform}: min {ends[0]} is above max {ends[1]}")
        return cls(*ends)

    def check(self, value: Decimal | int, told: str) -> None:
        """Raises Refusal ``number-range``."""
        if self.least is not None and value < self.least:
            raise Refusal("number-range", f"{told!r} is below {self.least}", "correct it at the source")
        if self.most is not None and value > self.most:
            raise Refusal("number-range", f"{told!r} is above {self.most}", "correct it at the source")


def number(argument: Json, zone: tzinfo | None) -> Transform:
    given = {} if argument is None else argument
    if (
        not isinstance(given, dict)
        or set(given) - {"decimal", "min", "max"}
        or given.get("decimal", ".") not in (",", ".")
    ):
        raise ArgumentError(f"number takes nothing or {{decimal: ',', min: 0, max: 10}}, found {argument!r}")
    comma, limits = given.get("decimal") == ",", Limits.of(given, "number")

    def read(value: Json) -> Decimal:
        text = text_of(value)
        found = decimal_of(text.replace(",", ".") if comma and "." not in text else text)
        limits.check(found, text)
        return found

    def write(value: Json) -> Json:
        return str(value).replace(".", ",") if comma else value

    return Transform("number", read, write, frozenset({"decimal"}))


def integer(argument: Json, zone: tzinfo | None) -> Transform:
    given = {} if argument is None else argument
    if not isinstance(given, dict) or set(given) - {"min", "max"}:
        raise ArgumentError(f"integer takes nothing or {{min: 0, max: 10}}, found {argument!r}")
    limits = Limits.of(given, "integer")

    def read(text: str) -> int:
        found = whole_number(text)
        limits.check(found, text)
        return found

    kinds = frozenset({"integer", "positiveInt", "unsignedInt", "decimal"})
    return Transform("integer", lambda value: read(text_of(value)), lambda value: value, kinds, plain=read)


def whole_number(text: str) -> int:
    """Text as a whole number. Raises Refusal ``number-unreadable``."""
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise Refusal("number-unreadable", f"{text!r} is not a whole number", "write digits only")
    return int(text)
