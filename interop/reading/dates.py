"""FHIR dates and times as people in the UK write and read them: 14 Nov 2026, 02:10."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOME = "Europe/London"

_PARTS = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(T.*)?$")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Shows every moment of one document on one clock.

    zone  the reader's own time zone; a time written with another offset is converted to it, so that two
          last-given times on one page can be compared without arithmetic.
    """

    zone: tzinfo

    @classmethod
    def of(cls, name: str | None) -> Calendar:
        """The calendar of an IANA zone; an unknown name falls back to the United Kingdom's."""
        try:
            return cls(ZoneInfo(name or HOME))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return cls(ZoneInfo(HOME))

    def show(self, value: str | None) -> str | None:
        """``2026-11-14T02:10:00Z`` → ``14 Nov 2026, 02:10``; a partial date stays partial.

        What is not a FHIR date is shown as it was written: a reader must see what the sender sent.
        """
        if not value:
            return None
        moment = self.moment(value)
        if moment is not None and "T" in value:
            return f"{self._day(moment.year, moment.month, moment.day)}, {moment:%H:%M}{self._which_hour(moment)}"
        parts = _PARTS.match(value)
        if parts is None or parts[4] or not 1 <= int(parts[2] or 1) <= 12:
            return value
        return self._day(int(parts[1]), int(parts[2] or 0), int(parts[3] or 0))

    def moment(self, value: str | None) -> datetime | None:
        """The point in time on this calendar's clock; a date is its first moment. None when it is not one."""
        try:
            found = datetime.fromisoformat(value or "")
        except ValueError:
            return None
        if found.tzinfo is None:
            return found.replace(tzinfo=self.zone)
        try:
            return found.astimezone(self.zone)
        except OverflowError:
            return None

    def age(self, birth: str | None, on: str | None) -> int | None:
        """Whole years from a complete birth date to the day of ``on``."""
        born, day = self._complete(birth), self._complete(on)
        if born is None or day is None or day < born:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def is_past(self, value: str | None, on: str | None) -> bool | None:
        """Whether ``value`` lies before ``on``; a date is past only when its whole day is. None: could not tell."""
        end, now = self.moment(value), self.moment(on)
        if end is None or now is None:
            return None
        return end + timedelta(days=0 if "T" in (value or "") else 1) <= now

    def _complete(self, value: str | None) -> date | None:
        moment = self.moment(value)
        return moment.date() if moment is not None and value is not None and len(value) >= 10 else None

    def _which_hour(self, moment: datetime) -> str:
        # On the night the clocks go back 01:30 happens twice: say which one.
        twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
        return f" {moment:%Z}" if twice else ""

    @staticmethod
    def _day(year: int, month: int, day: int) -> str:
        return " ".join(str(part) for part in (day or "", MONTHS[month - 1] if month else "", year) if part)
