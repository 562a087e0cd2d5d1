"""What the values of a field look like: dates by format, NHS numbers by check digit, postcodes, quantities, code lists.

A kind is believed only where every value fits, or all but a few for kinds that prove themselves (a check digit); the
evidence says how many values spoke for it, and what could not be told from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from interop.identifiers import nhs_number_fault, ods_code_fault
from interop.json_codec import Json
from interop.mapping.refusal import Refusal
from interop.mapping.transforms import NO, YES, make
from interop.mapping.uk_values import POSTCODE

_ZONE = ZoneInfo("Europe/London")
_DATES = (
    "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "dd-MM-yyyy", "dd.MM.yyyy", "d MMM yyyy", "dd MMM yyyy",
    "d MMMM yyyy", "yyyyMMdd", "dd/MM/yy",
)  # fmt: skip
_MOMENTS = (
    "dd/MM/yyyy HH:mm", "dd/MM/yyyy HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyyMMddHHmm",
    "yyyyMMddHHmmss", "d MMM yyyy HH:mm", "iso", "hl7",
)  # fmt: skip
_PHONE = re.compile(r"\+?[(0-9][0-9 ()\-]{6,18}[0-9]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_QUANTITY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%°µ/][A-Za-z0-9%°µ/\[\]]*)")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
FEW = 12
"""Most distinct values of a code list."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What values look like. ``argument``: a date format, a unit; ``sure``: 0 to 1; ``why``: the evidence in words."""

    name: str
    sure: float
    why: str
    argument: Json = None


def kinds_of(values: Sequence[str]) -> tuple[Kind, ...]:
    """Every kind the values could be, the surest first; ``text`` is always the last."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return (Kind("text", 0.0, "no sample fills it"),)
    found = [kind for one in _JUDGES for kind in one(filled)]
    return (*sorted(found, key=lambda kind: -kind.sure), Kind("text", 0.5, _count(filled)))


def code_list(values: Sequence[str]) -> Counter[str] | None:
    """The few words a field uses again and again, by frequency; None where it is no such field."""
    filled = [value.strip() for value in values if value.strip()]
    words = Counter(filled)
    few = 1 < len(words) <= FEW and len(words) * 2 <= len(filled)
    # Numbers, dates and identifiers that repeat are no words of a list, and may be somebody's.
    wordlike = all(len(word) <= 40 and sum(sign.isdigit() for sign in word) < 3 for word in words)
    return words if few and wordlike and len(filled) > 2 else None


def _count(values: Sequence[str]) -> str:
    return f"{len(values)} values" if len(values) > 1 else "1 value"


def _all(values: Sequence[str], many: str, one: str) -> str:
    return f"all {len(values)} values {many}" if len(values) > 1 else f"the one value {one}"


def _nhs_numbers(values: Sequence[str]) -> Iterator[Kind]:
    digits = ["".join(value.split()).replace("-", "") for value in values]
    good = sum(nhs_number_fault(value) is None for value in digits)
    if good and good * 10 >= len(values) * 8:
        yield Kind("nhs-number", min(1.0, 0.7 + 0.1 * good), f"{good} of {_count(values)} pass the check digit")


def _dates(values: Sequence[str]) -> Iterator[Kind]:
    fits = [pattern for pattern in _DATES if _reads("date", pattern, values)]
    if not fits:
        return
    first = fits[0]
    both = {"dd/MM/yyyy", "MM/dd/yyyy"} <= set(fits)
    why = _all(values, f"read as {first}", f"reads as {first}")
    if both:
        yield Kind("date", 0.6, f"{why}; none shows whether day or month comes first", first)
    elif first.endswith("/yy"):
        yield Kind("date", 0.6, f"{why}; the century is a guess", {"format": first, "pivot": 30})
    elif first == "yyyyMMdd":
        yield Kind("date", 0.8, why, first)
    else:
        yield Kind("date", min(0.95, 0.85 + 0.02 * len(values)), why, first)


def _moments(values: Sequence[str]) -> Iterator[Kind]:
    for pattern in _MOMENTS:
        if all(":" in value or len(value) >= 12 for value in values) and _reads("datetime", pattern, values):
            doubt = not pattern.startswith(("yyyy", "iso", "hl7")) and all(_day(value) <= 12 for value in values)
            unsure = "; none shows whether day or month comes first" if doubt else ""
            yield Kind(
                "moment",
                0.6 if doubt else 0.9,
                _all(values, f"read as {pattern}", f"reads as {pattern}") + unsure,
                pattern,
            )
            return


def _day(value: str) -> int:
    digits = re.match(r"[0-9]+", value)
    return int(digits[0]) if digits else 0


def _reads(transform: str, pattern: str, values: Sequence[str]) -> bool:
    argument: Json = {"format": pattern, "pivot": 30} if pattern.endswith("/yy") else pattern
    step = make(transform, argument, _ZONE)
    for value in values:
        try:
            if not str(step.forward(value) or "").strip():
                return False
        except Refusal as refusal:
            # A time the clocks skipped or repeated is one of the format all the same.
            if not refusal.code.startswith(("time-skipped", "time-repeated", "datetime-a")):
                return False
    return True


def _booleans(values: Sequence[str]) -> Iterator[Kind]:
    words = {value.casefold() for value in values}
    if words <= {*YES, *NO}:
        digits = words <= {"0", "1"}
        both = bool(words & set(YES)) and bool(words & set(NO))
        sure = 0.55 if digits else 0.9 if both else 0.7
        yield Kind("boolean", sure, _all(values, "are yes or no", "is yes or no"))


def _patterns(values: Sequence[str]) -> Iterator[Kind]:
    for name, pattern, sure in (("postcode", POSTCODE, 0.9), ("email", _EMAIL, 0.95), ("phone", _PHONE, 0.8)):
        if all(pattern.fullmatch(value) for value in values):
            plain = all(value.isdigit() for value in values) and name == "phone"
            yield Kind(name, 0.6 if plain else sure, _all(values, "look like one", "looks like one"))
    mixed = all(any(c.isdigit() for c in v) and any(c.isalpha() for c in v) and len(v) <= 8 for v in values)
    if mixed and all(ods_code_fault(value) is None for value in values):
        yield Kind("ods-code", 0.6, _all(values, "could be an ODS code", "could be an ODS code"))


def _amounts(values: Sequence[str]) -> Iterator[Kind]:
    found = [_QUANTITY.fullmatch(value) for value in values]
    units = {match[2] for match in found if match}
    if all(found) and len(units) == 1:
        yield Kind(
            "quantity",
            0.9,
            _all(values, f"are numbers in {next(iter(units))}", f"is a number in {next(iter(units))}"),
            next(iter(units)),
        )
    elif all(_NUMBER.fullmatch(value) for value in values):
        whole = all("." not in value for value in values)
        sort = "whole " if whole else ""
        yield Kind("integer" if whole else "number", 0.7, _all(values, f"are {sort}numbers", f"is a {sort}number"))


_JUDGES = (_nhs_numbers, _dates, _moments, _booleans, _patterns, _amounts)
