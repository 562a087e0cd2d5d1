"""Units of measure: whether a code is one, from UCUM's grammar and its 312 unit symbols.

UCUM has no end of codes, so no list can hold them: a code is a unit when the grammar builds it from known symbols,
those called metric with or without a prefix.

Why no library: the one kept well for Python, ucumvert 0.3 (MIT, full grammar, UCUM 2.2), stands on pint. It takes 0.9 s
to import, 0.24 s for its parser, 9 ms for each code and 6 MB installed, where a cold start has 0.6 s; and what it makes
of some units is wrong: ' is a minute of time (UCUM: of arc), [Cal] a small calorie, [cft_i] a length, [LPF] 1 instead
of 100. The others ask a web service (pyucum) or have no release. The rules below were held against its parser with
40,000 generated codes: they agree on all but two, {n}{n} and (/m), which it takes and UCUM's grammar does not have.

Source: The Unified Code for Units of Measure 2.2, section 2 (grammar); FHIR R4 valueset-ucum-common.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

_ANNOTATION = re.compile(r"\{[ -z|~]*\}")
_SYMBOL = r"(?:10[*^]|(?:\[[^\[\]{}\s]+\]|[!\"#$%&',:;<=>?@A-Z\\^_`a-z|~*])+)"
_SIMPLE = re.compile(rf"(?P<symbol>{_SYMBOL})(?P<exponent>[+-]?[1-9][0-9]*)?")
_FACTOR = re.compile(r"[1-9][0-9]*")
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Units:
    """The unit symbols of UCUM. ``metric``: those that take a prefix."""

    symbols: frozenset[str]
    metric: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, metric: Iterable[str], other: Iterable[str], prefixes: Iterable[str]) -> Units:
        scaled = frozenset(metric)
        return cls(scaled | frozenset(other), scaled, tuple(prefixes))

    def judge(self, code: str) -> tuple[bool, str]:
        """Whether the code is a unit, and why not."""
        found = _symbols(code)
        if found is None:
            return False, "UCUM joins units with '.' and '/', without spaces: mg/L, 10*9/L, mmol/(8.h)"
        strange = next((symbol for symbol in found if not self._knows(symbol)), None)
        return (
            strange is None,
            "" if strange is None else f"UCUM has no unit {strange!r}; a word of your own is {{{strange}}}",
        )

    def _knows(self, symbol: str) -> bool:
        return symbol in self.symbols or any(
            symbol.startswith(prefix) and symbol[len(prefix) :] in self.metric for prefix in self.prefixes
        )


@cache
def shipped() -> Units:
    """UCUM 2.2."""
    content = json.loads(resources.files("interop.terminology").joinpath("ucum.json").read_text(encoding="utf-8"))
    return Units.of(content["metric"].split(), content["other"].split(), content["prefixes"].split())


def _symbols(code: str) -> list[str] | None:
    """The unit symbols of a code; None when it is not of UCUM's grammar.

    A code is terms joined by ``.`` and ``/``; one in front makes the reciprocal.
    """
    found: list[str] = []
    place = _terms(code, 1 if code.startswith("/") else 0, found, 0)
    return found if place == len(code) else None


def _terms(code: str, place: int, found: list[str], depth: int) -> int:
    """Reads terms from ``place``; where they end, or -1."""
    while True:
        place = _component(code, place, found, depth)
        if place < 0 or code[place : place + 1] not in {".", "/"}:
            return place
        place += 1


def _component(code: str, place: int, found: list[str], depth: int) -> int:
    """One unit with exponent and annotation, an annotation alone, a factor, or terms in brackets."""
    end = place
    if code.startswith("(", place):
        end = _terms(code, place + 1, found, depth + 1) + 1 if depth < _DEEPEST else 0
        if end <= 0 or code[end - 1 : end] != ")":
            return -1
    elif unit := _SIMPLE.match(code, place):
        found.append(unit["symbol"])
        end = unit.end()
    elif factor := _FACTOR.match(code, place):
        end = factor.end()
    if annotation := _ANNOTATION.match(code, end):
        end = annotation.end()
    return end if end > place else -1
