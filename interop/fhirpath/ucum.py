"""Reads UCUM unit codes and says what they measure and by how much (The Unified Code for Units of Measure, 2.1).

The atoms are the ones clinical data uses (``ucum.json``); a code with an atom that is not there is unknown, not wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple, TypeAlias

Dimensions: TypeAlias = tuple[tuple[str, int], ...]
"""Base units and their exponents, by name: metre per second is (("m", 1), ("s", -1))."""

_MAX_DEPTH = 20
# A code is what is left when brackets, joints, digits and signs are taken out; 10* and 10^ are the codes with digits.
_TERM = re.compile(r"(?P<code>(?:\[[^\]]*\]|[^\s./(){}\[\]+\-0-9]|10\*|10\^)+)?(?P<exponent>[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: ``factor`` base units to it; ``offset`` for scales whose zero is elsewhere (degrees Celsius)."""

    factor: Fraction
    dimensions: Dimensions = ()
    offset: Fraction = Fraction(0)

    def measure(self, value: Fraction) -> Fraction:
        """An amount of this unit in base units."""
        return value * self.factor + self.offset


@lru_cache(maxsize=4096)
def unit(code: str) -> Unit | None:
    """What a UCUM code measures; None when the code, or a part of it, is not known here."""
    try:
        return _Reader(code).whole()
    except (KeyError, ValueError, ZeroDivisionError, OverflowError):
        return None


class _Reader:
    """One pass over one unit code: terms joined by ``.`` and ``/``, with brackets and annotations."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def whole(self) -> Unit:
        found = self.product(0)
        if self.at != len(self.code):
            raise ValueError(self.code)
        return found

    def next(self) -> str:
        return self.code[self.at : self.at + 1]

    def product(self, depth: int) -> Unit:
        if depth > _MAX_DEPTH or not self.code:
            raise ValueError(self.code)
        sign = 1
        if self.next() == "/":
            self.at, sign = self.at + 1, -1
            found = _power(self.term(depth), -1)
        else:
            found = self.term(depth)
        while self.next() in {".", "/"} and self.next():
            sign = 1 if self.next() == "." else -1
            self.at += 1
            found = _times(found, _power(self.term(depth), sign))
        return found

    def term(self, depth: int) -> Unit:
        if self.next() == "(":
            self.at += 1
            found = self.product(depth + 1)
            if self.next() != ")":
                raise ValueError(self.code)
            self.at += 1
            return self.annotated(found)
        if self.next() == "{":
            return self.annotated(Unit(Fraction(1)))
        match = _TERM.match(self.code, self.at)
        if match is None or match.end() == self.at:
            raise ValueError(self.code)
        self.at = match.end()
        if match["code"] is None:
            return self.annotated(Unit(Fraction(int(match["exponent"]))))
        return self.annotated(_power(_atom(match["code"]), int(match["exponent"] or 1)))

    def annotated(self, found: Unit) -> Unit:
        if self.next() == "{":
            self.at = self.code.index("}", self.at) + 1
        return found


def _times(left: Unit, right: Unit) -> Unit:
    exponents = dict(left.dimensions)
    for base, exponent in right.dimensions:
        exponents[base] = exponents.get(base, 0) + exponent
    return Unit(left.factor * right.factor, tuple(sorted((b, e) for b, e in exponents.items() if e)))


def _power(base: Unit, exponent: int) -> Unit:
    if exponent == 1:
        return base
    if abs(exponent) > 100:
        raise OverflowError
    return Unit(base.factor**exponent, tuple((name, power * exponent) for name, power in base.dimensions))


@lru_cache(maxsize=1024)
def _atom(code: str) -> Unit:
    table = _table()
    if code in table.atoms:
        return _defined(code)
    for length in (1, 2):
        prefix, rest = code[:length], code[length:]
        if prefix in table.prefixes and rest in table.metric:
            return _times(Unit(Fraction(table.prefixes[prefix])), _defined(rest))
    raise KeyError(code)


def _defined(code: str) -> Unit:
    definition = _table().atoms[code]
    if not definition:
        return Unit(Fraction(1), ((code, 1),))
    value, based_on, *offset = definition
    found = _times(Unit(Fraction(value)), _Reader(based_on).whole())
    return Unit(found.factor, found.dimensions, Fraction(offset[0])) if offset else found


class _Table(NamedTuple):
    """prefixes: code to factor; metric: atoms that take them; atoms: value, unit it is made of, offset (none: base)."""

    prefixes: dict[str, str]
    metric: frozenset[str]
    atoms: dict[str, list[str]]


@cache
def _table() -> _Table:
    content = json.loads(resources.files("interop.fhirpath").joinpath("ucum.json").read_text(encoding="utf-8"))
    return _Table(content["prefixes"], frozenset(content["metric"]), content["atoms"])
