"""Dates and times by named format, both ways. Nothing is guessed: what has no or two readings is refused.

FHIR side: date ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``; dateTime the same or with time, seconds and offset; time
``HH:MM:SS``. Source: FHIR R4 datatypes.html#primitive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache

NAMED = {"uk": "dd/MM/yyyy", "iso": "iso", "hl7": "hl7"}

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_BY_MONTH = {name[:length].casefold(): n for n, name in enumerate(MONTHS, 1) for length in (3, len(name))}
_BY_MONTH["sept"] = 9

# A field next to a separator may have one digit or two; fields that touch need their full width.
_FIELDS = {
    "yyyy": ("year", r"\d{4}"), "yy": ("short", r"\d{2}"), "MMMM": ("name", r"[A-Za-z]{3,9}"),
    "MMM": ("name", r"[A-Za-z]{3,4}"), "MM": ("month", r"\d{2}"), "M": ("month", r"\d{1,2}"), "dd": ("day", r"\d{2}"),
    "d": ("day", r"\d{1,2}"), "HH": ("hour", r"\d{2}"), "H": ("hour", r"\d{1,2}"), "mm": ("minute", r"\d{2}"),
    "ss": ("second", r"\d{2}"), "XXX": ("offset", r"Z|[+-]\d{2}:?\d{2}"),
}  # fmt: skip
_LOOSE = {"MM": r"\d{1,2}", "dd": r"\d{1,2}", "HH": r"\d{1,2}"}
_TOKEN = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|dd|d|HH|H|mm|ss|XXX|'([^']*)'|[A-Za-z]+|[^A-Za-z']+")

_HL7 = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})"
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})(?:\.\d{1,4})?)?)?)?)?(?P<offset>[+-]\d{4})?"
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_FHIR = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?:\.\d+)?(?P<offset>Z|[+-]\d{2}:\d{2}))?)?)?"
)
PRECISION = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One way to write a date or time. ``pivot``: two-digit years up to it are 20xx, above it 19xx."""

    pattern: str
    regex: re.Pattern[str]
    tokens: tuple[str, ...]
    pivot: int | None = None

    @classmethod
    def of(cls, pattern: str, pivot: int | None = None) -> DateFormat:
        """Raises ValueError with the reason when the pattern is not a format."""
        pattern = NAMED.get(pattern, pattern)
        if pattern in ("hl7", "iso"):
            return cls(pattern, _HL7 if pattern == "hl7" else _ISO, ())
        tokens = [match[0] for match in _TOKEN.finditer(pattern)]
        unknown = [t for t in tokens if t[0].isalpha() and t not in _FIELDS]
        fields = [_FIELDS[t][0] for t in tokens if t in _FIELDS]
        if unknown or not fields:
            wrong = f"{unknown[0]!r} is no field" if unknown else "it names no field"
            raise ValueError(f"{pattern!r} is not a date format: {wrong}; known: {' '.join(_FIELDS)}, uk, iso, hl7")
        if len(set(fields)) != len(fields):
            raise ValueError(f"{pattern!r} is not a date format: one field stands twice")
        if "short" in fields and pivot is None:
            raise ValueError(
                f"{pattern!r} has a two-digit year, which can be read two ways: use yyyy, or say "
                f"{{format: {pattern}, pivot: 30}} for 00-30 = 2000-2030"
            )
        return cls(pattern, re.compile(_regex(tokens)), tuple(tokens), pivot)

    def read(self, text: str) -> dict[str, str] | None:
        """The fields of ``text`` (year, month … offset), or None when it is not written this way."""
        match = self.regex.fullmatch(text)
        if match is None:
            return None
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        if "name" in found:
            month = _BY_MONTH.get(found.pop("name").casefold())
            if month is None:
                return None
            found["month"] = str(month)
        if "short" in found:
            short = int(found.pop("short"))
            found["year"] = str((2000 if short <= (self.pivot or 0) else 1900) + short)
        return found

    @property
    def precision(self) -> frozenset[str]:
        """The fields the format always writes."""
        if not self.tokens:
            return frozenset({"year"})
        names = {_FIELDS[t][0] for t in self.tokens if t in _FIELDS}
        return frozenset({"name": "month", "short": "year"}.get(name, name) for name in names)

    def write(self, fields: Mapping[str, str]) -> str | None:
        """The fields as text; None when one that the format wants is missing."""
        if not self.tokens:
            return _write_hl7(fields) if self.pattern == "hl7" else _write_iso(fields)
        if not self.precision - {"offset"} <= fields.keys():
            return None
        return "".join(_write_token(token, fields) for token in self.tokens)


_TRIED = tuple(
    {"year": str(year), "month": str(month), "day": str(day), **clock}
    for year in (1938, 2007, 2012)
    for month, day in ((1, 2), (2, 11), (4, 5), (11, 12), (12, 7), (3, 31))
    for clock in ({}, {"hour": "9", "minute": "5", "second": "7", "offset": "Z"})
)
"""Dates whose day, month and short year can each be taken for another."""


@cache
def clashing(formats: tuple[DateFormat, ...]) -> tuple[str, str, str] | None:
    """Two of the formats that read one text as different dates, and such a text; None where no text is ambiguous."""
    for one in formats:
        for fields in _TRIED:
            text = one.write(fields)
            meant = one.read(text) if text is not None else None
            for other in formats if meant is not None and text is not None else ():
                read = other.read(text) if text is not None else None
                if read is not None and meant is not None and fhir_text(_day(read)) != fhir_text(_day(meant)):
                    return one.pattern, other.pattern, str(text)
    return None


def _day(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in ("year", "month", "day") if name in fields}


def is_format(pattern: str) -> bool:
    """Whether a text can be read as a date format."""
    try:
        DateFormat.of(pattern, 0)
    except ValueError:
        return False
    return True


def _regex(tokens: list[str]) -> str:
    parts = []
    for n, token in enumerate(tokens):
        if token not in _FIELDS:
            parts.append(re.escape(token.strip("'")))
            continue
        name, digits = _FIELDS[token]
        alone = (n == 0 or tokens[n - 1] not in _FIELDS) and (n + 1 == len(tokens) or tokens[n + 1] not in _FIELDS)
        parts.append(f"(?P<{name}>{_LOOSE.get(token, digits) if alone else digits})")
    return "".join(parts)


def _write_token(token: str, fields: Mapping[str, str]) -> str:
    if token not in _FIELDS:
        return token.strip("'")
    name = _FIELDS[token][0]
    if name == "name":
        month = MONTHS[int(fields["month"]) - 1]
        return month if token == "MMMM" else month[:3]  # noqa: S105  # a token of a date format, no password
    if name == "short":
        return fields["year"][2:]
    if name == "offset":
        return fields.get("offset", "Z")
    return fields[name].zfill(len(token)) if len(token) > 1 else str(int(fields[name]))


def _write_hl7(fields: Mapping[str, str]) -> str:
    written = "".join(fields.get(name, "") for name in PRECISION)
    return written + fields.get("offset", "").replace(":", "").replace("Z", "+0000") if "hour" in fields else written


def _write_iso(fields: Mapping[str, str]) -> str:
    return fhir_text(fields)


def fhir_text(fields: Mapping[str, str]) -> str:
    """Fields as a FHIR date or dateTime of the same precision."""
    day = "-".join(fields[name].zfill(2) for name in ("year", "month", "day") if name in fields)
    if "hour" not in fields:
        return day
    clock = ":".join(fields.get(name, "00").zfill(2) for name in ("hour", "minute", "second"))
    return f"{day}T{clock}{fields.get('offset', '')}"


def fhir_fields(text: str, zone: tzinfo | None = None) -> dict[str, str] | None:
    """A FHIR date or dateTime as fields, its time told in ``zone``; None when it is neither."""
    match = _FHIR.fullmatch(text)
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    if "hour" not in found or zone is None:
        return found
    local = datetime.fromisoformat(text).astimezone(zone)
    offset = found["offset"]
    moved = dict(zip(PRECISION, local.strftime("%Y %m %d %H %M %S").split(), strict=True))
    return moved | {"offset": local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:] if offset else offset}
