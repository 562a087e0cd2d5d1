"""Reads dates and times by the formats a rule names, and writes them back. What has no or two readings is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from interop.mapping.dates import MONTHS, PRECISION, DateFormat, fhir_fields, fhir_text
from interop.mapping.refusal import Refusal
from interop.outcome import Severity

_REMEMBERED = 512
"""Readings a reader keeps: one record says the same moment in many places."""

_SERIAL = re.compile(r"[1-6]\d{4}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads text by the formats a rule names, and writes by the first that fits.

    zone   the zone of times without an offset; None for dates
    clock  times are wanted: the result is a dateTime with offset (date formats still give a date)
    """

    formats: tuple[DateFormat, ...]
    zone: tzinfo | None = None
    clock: bool = False

    def read(self, text: str) -> str:
        """The FHIR date or dateTime. Raises Refusal: date-unreadable, -impossible, -ambiguous, time-skipped, …"""
        readings: dict[str, dict[str, str]] = {}
        for form in self.formats:
            fields = form.read(text)
            if fields is not None:
                readings.setdefault(fhir_text(fields), fields)
        if not readings:
            hint = "write it that way at the source"
            if _SERIAL.fullmatch(text):
                hint = "it looks like a day number of a spreadsheet: format the column as a date before it is saved"
            raise Refusal("date-unreadable", f"{text!r} is not a date as {self.wanted}", hint)
        possible = {}
        for reading, fields in readings.items():
            if (wrong := _impossible(fields)) is None:
                possible[reading] = fields
        if not possible:
            raise Refusal("date-impossible", f"{text!r}: {wrong}", "correct the date at the source")
        if len(possible) > 1:
            raise Refusal("date-ambiguous", f"{text!r} can be {' or '.join(possible)}", "allow one format only")
        fields = next(iter(possible.values()))
        if not self.clock or "hour" not in fields:
            return fhir_text({name: fields[name] for name in ("year", "month", "day") if name in fields})
        return self._instant(fields, text)

    def _spelled(self, form: DateFormat, fields: dict[str, str]) -> dict[str, str]:
        if "hour" not in fields:
            return fields
        # HL7 v2 times without an offset are in the sender's zone, which is the one they are told in here.
        offset = {"offset": ""} if form.pattern == "hl7" and self.zone is not None else {}
        return {"second": "00"} | fields | offset

    @property
    def wanted(self) -> str:
        return " or ".join(form.pattern for form in self.formats)

    def _instant(self, fields: dict[str, str], text: str) -> str:
        if "offset" in fields:
            offset = fields["offset"]
            fields = fields | {"offset": offset if offset == "Z" or ":" in offset else f"{offset[:3]}:{offset[3:]}"}
            return fhir_text(fields)
        numbers = [int(fields.get(name, "0")) for name in PRECISION]
        day = fhir_text({name: fields[name] for name in ("year", "month", "day")})
        local = datetime(*numbers, tzinfo=self.zone or UTC)  # type: ignore[arg-type,misc]  # six ints
        back = local.astimezone(UTC).astimezone(local.tzinfo)
        if back.replace(tzinfo=None) != local.replace(tzinfo=None):
            raise Refusal("time-skipped", f"{text!r} never was: the clocks went forward over it", "correct the time")
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            raise Refusal(
                "time-ambiguous",
                f"{text!r} was twice, before and after the clocks went back; only the date is carried",
                "record the time with its offset",
                severity=Severity.WARNING,
                instead=day,
            )
        return fhir_text(fields | {"offset": _offset(local.utcoffset() or timedelta())})

    def write(self, text: str) -> str:
        """A FHIR date or dateTime in the first format that can hold it. Raises Refusal ``reverse-date``."""
        fields = fhir_fields(text, self.zone or UTC)
        if fields is None:
            raise Refusal("reverse-date", f"{text!r} is not a FHIR date or dateTime")
        # 08:10:00 fits a format without seconds; 08:10:31 does not.
        silent = {"offset", "second"} if fields.get("second", "00") == "00" else {"offset"}
        known = fields.keys() - silent
        shorter = None
        for form in self.formats:
            if not form.tokens or form.precision - silent <= known:
                # ISO text says its own zone, so it stays as it is.
                written = text if form.pattern == "iso" else form.write(self._spelled(form, fields))
                if written is not None and (not form.tokens or form.precision - silent == known):
                    return written
                shorter = shorter or written
        if shorter is not None:
            raise Refusal(
                "reverse-shortened",
                f"{text!r} is written as {shorter!r}: {self.wanted} has no room for more",
                severity=Severity.INFORMATION,
                instead=shorter,
            )
        raise Refusal("reverse-date", f"{text!r} has not the precision that {self.wanted} needs")


def _impossible(fields: Mapping[str, str]) -> str | None:
    numbers = {name: int(fields[name]) for name in PRECISION if name in fields}
    month = numbers.get("month", 1)
    if numbers.get("year", 1) == 0 or not 1 <= month <= 12:
        return f"there is no month {month}" if not 1 <= month <= 12 else "there is no year 0"
    limits = {"hour": 23, "minute": 59, "second": 59}
    wrong = next((name for name, most in limits.items() if numbers.get(name, 0) > most), None)
    if wrong:
        return f"there is no {wrong} {numbers[wrong]}"
    try:
        datetime(numbers.get("year", 2000), month, numbers.get("day", 1))  # noqa: DTZ001  # only asks whether the day exists
    except ValueError:
        return f"there is no {numbers['day']} {MONTHS[month - 1]} {numbers.get('year', '')}".rstrip()
    return None


def _offset(delta: timedelta) -> str:
    minutes = int(delta.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@lru_cache(maxsize=256)
def quick_reading(reader: DateReader) -> Callable[[str], str]:
    """``DateReader.read``, quicker for values that are as they should be; equal readers share it."""
    quick = [_at_once(form, reader.zone, clock=reader.clock, slow=reader.read) for form in reader.formats]

    def judge(text: str) -> str:
        # No text is two dates by the formats of one rule: the first reading is the only one.
        return next(filter(None, (one(text) for one in quick)), None) or reader.read(text)

    known: dict[str, str] = {}

    def read(text: str) -> str:
        reading = known.get(text)
        if reading is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            reading = known[text] = judge(text)
        return reading

    return read


_DAY = frozenset({"year", "month", "day"})
_CLOCK = frozenset({"hour", "minute", "second"})


def _at_once(
    form: DateFormat, zone: tzinfo | None, *, clock: bool, slow: Callable[[str], str]
) -> Callable[[str], str | None]:
    """The reading of a text, None when it is not written this way; one that is not quite right is ``slow``'s to judge.

    A format of plain numbers is read by one match and the calendar's own checks: a tenth of the time.
    """
    names = frozenset(form.regex.groupindex)
    match, timed = form.regex.fullmatch, clock and "hour" in names
    if not names >= _DAY or not names <= _DAY | _CLOCK | {"offset"} or (timed and zone is None):
        return lambda text: None if match(text) is None else slow(text)
    number = form.regex.groupindex.get
    year, month, day, hour, minute, second, offset = (number(name, 0) for name in (*PRECISION, "offset"))

    def read(text: str) -> str | None:
        found = match(text)
        if found is None:
            return None
        if offset and found[offset] is not None:
            return slow(text)
        try:
            if not timed or found[hour] is None:
                return date(int(found[year]), int(found[month]), int(found[day])).isoformat()
            local = datetime(
                int(found[year]), int(found[month]), int(found[day]), int(found[hour]),
                int(found[minute]) if minute else 0, int(found[second] or 0) if second else 0, tzinfo=zone,
            )  # fmt: skip
        except (ValueError, TypeError):  # no such day; or only a year, which has no day to check
            return slow(text)
        # Two offsets: the clocks changed over it (PEP 495).
        return local.isoformat() if local.utcoffset() == local.replace(fold=1).utcoffset() else slow(text)

    return read
