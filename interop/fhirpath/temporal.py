"""Dates, times and date-times that know how precise they are (FHIRPath N1 sections 4.1 and 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

Part: TypeAlias = int | Decimal
"""Year, month, day, hour and minute are int; seconds are Decimal and keep their fraction's digits."""

_SECOND = r"(\d{2}(?:\.\d+)?)"
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_TIME = re.compile(rf"(\d{{2}})(?::(\d{{2}})(?::{_SECOND})?)?")
_DATETIME = re.compile(rf"{_DATE.pattern}(?:T(?:{_TIME.pattern}(Z|[+-]\d{{2}}:\d{{2}})?)?)?")
# Where the zone is not given it is somewhere between these (minutes east of UTC).
WESTMOST, EASTMOST = -12 * 60, 14 * 60


@dataclass(frozen=True, slots=True)
class Date:
    """A year, a month or a day: one to three parts."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return date_text(self.parts)


@dataclass(frozen=True, slots=True)
class DateTime:
    """One to six parts; ``zone`` is minutes east of UTC, None where it was not said."""

    parts: tuple[Part, ...]
    zone: int | None = None

    def __str__(self) -> str:
        if len(self.parts) <= 3:
            return date_text(self.parts)
        return f"{date_text(self.parts[:3])}T{time_text(self.parts[3:])}{zone_text(self.zone)}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: one to three parts, no zone."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return time_text(self.parts)


Temporal: TypeAlias = Date | DateTime | Time
KINDS = (Date, DateTime, Time)
"""For isinstance: a tuple is checked several times faster than a union."""


def date_text(parts: tuple[Part, ...]) -> str:
    return "-".join(f"{part:0{4 if index == 0 else 2}d}" for index, part in enumerate(parts))


def time_text(parts: tuple[Part, ...]) -> str:
    return ":".join(f"{part:02d}" if isinstance(part, int) else second_text(part) for part in parts)


def second_text(second: Decimal) -> str:
    whole, _, fraction = f"{second:f}".partition(".")
    return f"{whole:0>2}.{fraction}" if fraction else f"{whole:0>2}"


def zone_text(zone: int | None) -> str:
    if zone is None:
        return ""
    if zone == 0:
        return "Z"
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}:{abs(zone) % 60:02d}"


@lru_cache(maxsize=4096)
def parse_date(text: str) -> Date | None:
    """``2014``, ``2014-05`` or ``2014-05-31``; None for anything else and for days that do not exist."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    parts = tuple(int(part) for part in match.groups() if part)
    return Date(parts) if _exists(parts) else None


@lru_cache(maxsize=4096)
def parse_datetime(text: str) -> DateTime | None:
    """A date, or a date and a time down to any part, with or without a zone; None for anything else."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    *found, second, zone = match.groups()
    parts: tuple[Part, ...] = tuple(int(part) for part in found if part)
    if second is not None:
        parts = (*parts, Decimal(second))
    if not _exists(parts[:3]) or not _on_the_clock(parts[3:]):
        return None
    return DateTime(parts, _minutes(zone))


@lru_cache(maxsize=4096)
def parse_time(text: str) -> Time | None:
    """``14``, ``14:30`` or ``14:30:15.250``; None for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = match.groups()
    parts: tuple[Part, ...] = (int(hour),)
    if minute is not None:
        parts = (*parts, int(minute))
    if second is not None:
        parts = (*parts, Decimal(second))
    return Time(parts) if _on_the_clock(parts) else None


def moment(when: datetime) -> DateTime:
    """An aware datetime as a DateTime, to the millisecond."""
    offset = when.utcoffset()
    second = Decimal(when.second) + Decimal(when.microsecond // 1000).scaleb(-3)
    parts = (when.year, when.month, when.day, when.hour, when.minute, second.quantize(Decimal("0.001")))
    return DateTime(parts, None if offset is None else int(offset.total_seconds() // 60))


def compare(left: Temporal, right: Temporal) -> int | None:
    """Below zero, zero or above zero; None where one does not say enough to tell.

    Parts are compared from the largest; where one has a part and the other has not, nobody can tell.
    A Time beside a Date is None too; the caller decides whether that is a fault.
    """
    if isinstance(left, Time) or isinstance(right, Time):
        same_kind = isinstance(left, Time) and isinstance(right, Time)
        return _compare_parts(left.parts, right.parts) if same_kind else None
    if len(left.parts) > 3 and len(right.parts) > 3:
        return _compare_zoned(left, right)
    return _compare_parts(left.parts, right.parts)


def _compare_zoned(left: Date | DateTime, right: Date | DateTime) -> int | None:
    west, east = _zone(left), _zone(right)
    if (west is None) == (east is None):
        return _compare_parts(_in_utc(left.parts, west), _in_utc(right.parts, east))
    extremes = {
        _compare_parts(
            _in_utc(left.parts, zone if west is None else west), _in_utc(right.parts, zone if east is None else east)
        )
        for zone in (WESTMOST, EASTMOST)
    }
    return extremes.pop() if len(extremes) == 1 else None


def _compare_parts(left: tuple[Part, ...], right: tuple[Part, ...]) -> int | None:
    for ours, theirs in zip(left, right, strict=False):
        if ours != theirs:
            return -1 if ours < theirs else 1
    return 0 if len(left) == len(right) else None


def normal(value: Temporal) -> tuple[Part, ...]:
    """The parts two equal values share whatever zone they were written in: a key for sets."""
    if isinstance(value, DateTime) and len(value.parts) > 3:
        return _in_utc(value.parts, value.zone)
    return value.parts


def _zone(value: Date | DateTime) -> int | None:
    return value.zone if isinstance(value, DateTime) else None


def _in_utc(parts: tuple[Part, ...], zone: int | None) -> tuple[Part, ...]:
    if not zone:
        return parts
    year, month, day, hour, minute = (int(part) for part in (*parts, 0)[:5])
    try:
        moved = datetime(year, month, day, hour, minute) - timedelta(minutes=zone)  # noqa: DTZ001 - UTC from here on
    except OverflowError:
        return parts
    shifted: tuple[Part, ...] = (moved.year, moved.month, moved.day, moved.hour, moved.minute)
    return (*shifted[: len(parts)], *parts[5:])


def _exists(parts: tuple[Part, ...]) -> bool:
    year, month, day = (int(part) for part in (*parts, 1, 1)[:3])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _on_the_clock(parts: tuple[Part, ...]) -> bool:
    # 60 is a leap second, which FHIR's instant and dateTime allow.
    return all(part < limit for part, limit in zip(parts, (24, 60, 61), strict=False))


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    hours, minutes = zone[1:].split(":")
    return (int(hours) * 60 + int(minutes)) * (-1 if zone[0] == "-" else 1)
