"""The story's records, moved in time so that the discharge is within the last day, whenever the demo is played.

Only the story's own dates move (autumn 2026 onwards), all by the same number of whole days; times of day, birth
dates and everything else stay as they were written.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

DISCHARGED = datetime(2026, 11, 18, 14, 10)  # noqa: DTZ001  as the hospital's clock on the wall showed it
"""When the story's patient leaves hospital: PV1-45 of the A03."""
READABLE = {".csv", ".json", ".hl7"}
"""Records; a folder of the story may hold a workbook or a page of words as well."""
_ZONE = ZoneInfo("Europe/London")
_MARGIN = timedelta(minutes=30)

_UK = re.compile(r"\b(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>202[67])\b")
_ISO = re.compile(r"\b(?P<y>202[67])-(?P<m>\d\d)-(?P<d>\d\d)(?=T|\b)")
_HL7 = re.compile(r"\b(?P<y>202[67])(?P<m>[01]\d)(?P<d>[0-3]\d)(?=\d{4}(?:\d\d)?\b|\b)")
_FORMATS = ((_UK, "%d/%m/%Y"), (_ISO, "%Y-%m-%d"), (_HL7, "%Y%m%d"))


def read(folder: Path, now: datetime, happened: datetime = DISCHARGED) -> dict[str, bytes]:
    """The files of one folder, name → bytes, their story dates moved so that ``happened`` is just before ``now``."""
    days = days_to_move(now, happened)
    return {
        path.name: moved(path.read_text(encoding="utf-8"), days).encode()
        for path in sorted(folder.iterdir())
        if path.suffix in READABLE
    }


def days_to_move(now: datetime, happened: datetime = DISCHARGED) -> timedelta:
    """Whole days that bring what happened to within the last day, or some minutes ahead: a debt of it is fresh."""
    wall = now.astimezone(_ZONE).replace(tzinfo=None)
    return timedelta(days=(wall + _MARGIN - happened).days)


def moved(text: str, days: timedelta) -> str:
    """The text with every story date moved. What is not a date of the calendar stays as it is."""
    for pattern, written in _FORMATS:
        text = pattern.sub(partial(_move, written, days), text)
    return text


def _move(written: str, days: timedelta, found: re.Match[str]) -> str:
    try:
        day = datetime(int(found["y"]), int(found["m"]), int(found["d"]))  # noqa: DTZ001  a calendar day, no moment
    except ValueError:
        return found[0]
    return (day + days).strftime(written)
