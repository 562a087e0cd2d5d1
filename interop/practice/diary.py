"""The care diary: what became of every visit that was promised, decided from its window, its grace and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from interop.json_codec import JsonObject
from interop.practice.around import site_of
from interop.practice.letter import Site
from interop.practice.plan_change import extended_text, numbered
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.systems import CANONICAL
from interop.reading.wording import concepts, phones

VISIT_ID = "https://interop.example/Id/visit-id"
LOCAL = f"{CANONICAL}/StructureDefinition/"
GRACE = timedelta(minutes=30)
"""Where a visit names no grace of its own."""
PATTERN, WITHIN = 3, timedelta(days=7)
"""So many missed visits of one organisation within so long are a pattern, and told as one thing."""


class State(StrEnum):
    """What a visit is at one moment.

    planned    its window has not begun
    due        its window is open
    late       its window is over, its grace is not: nobody has come yet
    missed     window and grace are over and nobody has come, or the home itself says that nobody came
    done       somebody came within the window (or before it)
    done late  somebody came after the window
    cancelled  called off beforehand
    unclear    the window cannot be read: it is neither late nor missed, and somebody has to look
    """

    PLANNED = "planned"
    DUE = "due"
    LATE = "late"
    MISSED = "missed"
    DONE = "done"
    DONE_LATE = "done late"
    CANCELLED = "cancelled"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Visit:
    """A promised visit, and what is known of it. Times are aware; ``arrived`` None: no arrival is recorded."""

    number: str
    what: str | None
    who: str | None
    role: str | None
    site: Site | None
    phones: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    grace: timedelta
    standing: str | None
    why_not: str | None
    arrived: datetime | None
    left: datetime | None
    made_by: str | None
    record: str | None
    note: str | None
    appointment: JsonObject
    encounter: JsonObject | None

    @property
    def deadline(self) -> datetime | None:
        """The moment from which nobody having come is a missed visit."""
        return self.end + self.grace if self.end else None

    @property
    def visitor(self) -> str:
        """``Hannah Okafor, District nurse, Elmbridge Community Nursing``"""
        site = self.site.name if self.site else None
        return ", ".join(part for part in (self.who or "somebody without a name", self.role, site) if part)

    @property
    def lateness(self) -> timedelta | None:
        """How long after the window somebody came; None where they came in time, or did not come."""
        late = self.arrived and self.end and self.arrived > self.end
        return self.arrived - self.end if late and self.arrived and self.end else None


def state(visit: Visit, now: datetime) -> State:
    """What the visit is at ``now``. An arrival outweighs everything that was counted before it was known.

    Times are instants: the hour that the clocks skip or repeat changes nothing.
    """
    if visit.arrived is not None:
        return State.DONE_LATE if visit.lateness else State.DONE
    if visit.standing == "cancelled":
        return State.CANCELLED
    if visit.standing == "noshow":
        return State.MISSED
    if visit.start is None or visit.end is None or visit.deadline is None or visit.standing == "fulfilled":
        return State.UNCLEAR
    moment = now.astimezone(UTC)
    if moment < visit.start.astimezone(UTC):
        return State.PLANNED
    if moment <= visit.end.astimezone(UTC):
        return State.DUE
    return State.LATE if moment <= visit.deadline.astimezone(UTC) else State.MISSED


def visits(document: Document) -> list[Visit]:
    """Every promised visit of a diary, the earliest first."""
    made = {
        id(document.resolve(pointer)): encounter
        for encounter in document.resources("Encounter")
        for pointer in children(encounter, "appointment")
    }
    found = [_visit(document, one, made.get(id(one))) for one in document.resources("Appointment")]
    return sorted(found, key=lambda visit: (visit.start.timestamp() if visit.start else float("inf"), visit.number))


def _visit(document: Document, appointment: JsonObject, encounter: JsonObject | None) -> Visit:
    pointers = [child(participant, "actor") for participant in children(appointment, "participant")]
    comes: JsonObject = next((p for p in pointers if document.resolve(p) is not document.patient), {})
    role = document.resolve(comes)
    grace = extension_value(appointment, f"{LOCAL}visit-grace")
    minutes = as_text(grace[1]) if grace else None
    moment, period = document.calendar.moment, child(encounter or {}, "period")
    return Visit(
        number=numbered(appointment, VISIT_ID) or text(appointment, "start") or "",
        what=text(appointment, "description"),
        who=document.name_of(comes),
        role=", ".join(concepts(role, "code")) or None,
        site=site_of(document, child(role, "organization")),
        phones=tuple(phones(role)),
        start=moment(text(appointment, "start")),
        end=moment(text(appointment, "end")),
        grace=timedelta(minutes=int(minutes)) if minutes and minutes.isdigit() else GRACE,
        standing=text(appointment, "status"),
        why_not=", ".join(concepts(appointment, "cancelationReason")) or None,
        arrived=moment(text(period, "start")),
        left=moment(text(period, "end")),
        made_by=next(
            (n for p in children(encounter or {}, "participant") if (n := document.name_of(child(p, "individual")))),
            None,
        ),
        record=extended_text(encounter or {}, f"{LOCAL}visit-record", "valueString"),
        note=text(appointment, "comment"),
        appointment=appointment,
        encounter=encounter,
    )


def is_visit(encounter: JsonObject) -> bool:
    return any(code == "visit" for kind in children(encounter, "type") for _, code in codings(kind))


def days(document: Document) -> tuple[str | None, str | None]:
    """The first and the last day the diary covers, as in the data."""
    period = child(child(document.composition, "event"), "period")
    return text(period, "start"), text(period, "end")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Several visits of one organisation missed within a week: one finding, however many they become.

    third  the visit that made it a pattern; it stays the same when more are missed
    """

    site: str
    missed: tuple[Visit, ...]
    third: Visit

    @property
    def text(self) -> str:
        return (
            f"{self.site} missed {len(self.missed)} visits within a week: speak to them, and think about safeguarding."
        )


def patterns(known: Sequence[Visit], now: datetime) -> list[Pattern]:
    """Organisations that missed three visits or more within seven days."""
    by_site: dict[str, list[Visit]] = {}
    for visit in known:
        if visit.site and visit.end and state(visit, now) is State.MISSED:
            by_site.setdefault(visit.site.name, []).append(visit)
    found = []
    for site, missed in by_site.items():
        for index in range(len(missed) - PATTERN + 1):
            run = missed[index : index + PATTERN]
            first, last = run[0].end, run[-1].end
            if first and last and last - first <= WITHIN:
                found.append(
                    Pattern(site, tuple(v for v in missed[index:] if v.end and v.end - first <= WITHIN), run[-1])
                )
                break
    return found
