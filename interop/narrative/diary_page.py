"""The care diary as the home reads it: what is missed, what is late, today, and the whole week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.diary import State, Visit, days, patterns, state, visits
from interop.practice.diary_alerts import missed_sentence
from interop.reading import Document

DIARY = (
    Column("When promised"), Column("Standing"), Column("What for"), Column("Who comes"), Column("Telephone"),
    Column("What became of it", True),
)  # fmt: skip
TOLD_ABOVE = ("visits-planned", "visits-made", "professional-contacts")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def diary_page(document: JsonObject, presentation: Presentation = STANDARD, at: datetime | None = None) -> str:
    """A self-contained HTML page of the diary as it stands at a moment; without one, when it was written."""
    read = Document.of(document)
    now = (at or read.calendar.moment(read.written) or datetime.max.replace(tzinfo=UTC)).astimezone(read.calendar.zone)
    known = visits(read)
    standing = {id(visit): state(visit, now) for visit in known}
    first, last = days(read)
    return lay_out(
        "diary.html",
        read,
        presentation,
        now=read.calendar.show(now.isoformat()),
        first=read.calendar.show(first),
        last=read.calendar.show(last),
        missed=[missed_sentence(read, visit) for visit in known if standing[id(visit)] is State.MISSED],
        patterns=[found.text for found in patterns(known, now)],
        late=[visit for visit in known if standing[id(visit)] is State.LATE],
        unclear=[visit for visit in known if standing[id(visit)] is State.UNCLEAR],
        today=_table(read, [v for v in known if _is_on(v, now)], standing),
        week=_week(read, known, standing),
        parts=[Part.of(read, s) for s in read.sections if not any(s.has_code(code) for code in TOLD_ABOVE)],
    )


def _is_on(visit: Visit, now: datetime) -> bool:
    return visit.start is not None and visit.start.astimezone(now.tzinfo).date() == now.date()


def _week(document: Document, known: list[Visit], standing: dict[int, State]) -> list[tuple[str, list[Block]]]:
    """Every visit under its day; a visit whose window cannot be read stands under a heading of its own."""
    by_day: dict[str, list[Visit]] = {}
    for visit in known:
        start = visit.start.astimezone(document.calendar.zone) if visit.start else None
        day = (
            f"{WEEKDAYS[start.weekday()]} {document.calendar.show(start.date().isoformat())}"
            if start
            else "Day not recorded"
        )
        by_day.setdefault(day, []).append(visit)
    return [(day, _table(document, listed, standing)) for day, listed in by_day.items()]


def _table(document: Document, listed: list[Visit], standing: dict[int, State]) -> list[Block]:
    rows = [_row(document, visit, standing[id(visit)]) for visit in listed]
    return [Table.of("Visits", DIARY, rows)] if rows else []


def _row(document: Document, visit: Visit, what: State) -> tuple[str | None, ...]:
    loud = what in (State.MISSED, State.LATE, State.UNCLEAR)
    minutes = int((visit.lateness or timedelta()).total_seconds() // 60)
    shown = f"done, {_length(minutes)} late" if what is State.DONE_LATE else str(what)
    came, left = (_clock(document, moment) for moment in (visit.arrived, visit.left))
    stay = f"{came} to {left or 'not recorded'}" if came else None
    by = f" ({visit.made_by})" if stay and visit.made_by and visit.made_by != visit.who else ""
    told = (f"{stay}{by}" if stay else None, visit.record, visit.why_not, visit.note)
    window = [_clock(document, visit.start) or "not recorded", _clock(document, visit.end) or "not recorded"]
    return (
        " to ".join(window),
        shown.upper() if loud else shown,
        visit.what,
        visit.visitor,
        ", ".join(visit.phones) or None,
        "; ".join(part for part in told if part) or None,
    )


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _clock(document: Document, moment: datetime | None) -> str | None:
    return f"{moment.astimezone(document.calendar.zone):%H:%M}" if moment else None
