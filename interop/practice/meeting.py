"""A multidisciplinary team meeting as a document tells it: who was asked, who was there, what was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.practice.around import site_of
from interop.practice.letter import Site
from interop.practice.plan_change import extended_text, folded, numbered
from interop.reading import Document
from interop.reading.nodes import child, children, codings, extension_value, text
from interop.reading.people import related
from interop.reading.systems import CANONICAL
from interop.reading.wording import concepts, notes, phones

KIND = "mdt-meeting"
LOCAL = f"{CANONICAL}/StructureDefinition/"
ACTION_NUMBER, GOAL_ID = "https://interop.example/Id/action-id", "https://interop.example/Id/goal-id"
MEETING_ID, PLAN_ID = "https://interop.example/Id/meeting-id", "https://interop.example/Id/care-plan-id"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was asked. ``attendance``: present, apologies, absent; None: not recorded."""

    name: str | None
    role: str | None
    site: Site | None
    phones: tuple[str, ...]
    attendance: str | None
    chair: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """One action: what, who, by when, for which goal. ``site``: the owner's organisation, where it is said."""

    number: str | None
    what: str | None
    owner: str | None
    site: Site | None
    due: str | None
    status: str | None
    goal: str | None
    note: str | None
    task: JsonObject


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as its members remember it."""

    number: str | None
    plan: str | None
    start: str | None
    end: str | None
    standing: str | None
    place: str | None
    reasons: tuple[str, ...]
    next: str | None
    took_part: bool | None
    why_not: str | None
    attendees: tuple[Attendee, ...]
    actions: tuple[Agreed, ...]

    @property
    def chair(self) -> Attendee | None:
        return next((one for one in self.attendees if one.chair), None)

    def was_there(self, name: str | None) -> bool | None:
        """Whether somebody of this name was present; None where nobody of the name was asked."""
        asked = [one for one in self.attendees if folded(one.name) == folded(name)]
        return any(one.attendance == "present" for one in asked) if asked else None

    def absent_owners(self) -> tuple[Agreed, ...]:
        """Actions given to somebody who was not in the room: without being told, they do not know."""
        return tuple(one for one in self.actions if not self.was_there(one.owner))


def meeting(document: Document) -> Meeting | None:
    """The meeting a document is about; None where it is about none."""
    found = next((encounter for encounter in document.resources("Encounter") if is_meeting(encounter)), None)
    if found is None:
        return None
    period, part = child(found, "period"), extension_value(found, f"{LOCAL}person-took-part")
    plan = extension_value(found, f"{LOCAL}about-plan")
    places = [document.name_of(child(one, "location")) for one in children(found, "location")]
    return Meeting(
        number=numbered(found, MEETING_ID),
        plan=text(plan[1], "value") if plan else None,
        start=text(period, "start"),
        end=text(period, "end"),
        standing=text(found, "status"),
        place=next((place for place in places if place), None),
        reasons=tuple(concepts(found, "reasonCode")),
        next=extended_text(found, f"{LOCAL}next-meeting", "valueDate"),
        took_part=part[1] is True if part else None,
        why_not=extended_text(found, f"{LOCAL}why-not", "valueString"),
        attendees=tuple(_attendee(document, one) for one in children(found, "participant")),
        actions=tuple(_agreed(document, task) for task in document.resources("Task")),
    )


def is_meeting(encounter: JsonObject) -> bool:
    return any(code == KIND for one in children(encounter, "type") for _, code in codings(one))


def _attendee(document: Document, participant: JsonObject) -> Attendee:
    resource = document.resolve(child(participant, "individual"))
    there = extension_value(participant, f"{LOCAL}attendance")
    roles = concepts(resource, "code") or list(related(resource).roles if resource else ())
    organisation = child(resource, "organization")
    return Attendee(
        name=document.name_of(child(participant, "individual")),
        role=", ".join(roles) or None,
        site=site_of(document, organisation),
        phones=tuple(phones(resource)),
        attendance=text(there[1], "code") if there else None,
        chair=any(code == "PPRF" for kind in children(participant, "type") for _, code in codings(kind)),
    )


def _agreed(document: Document, task: JsonObject) -> Agreed:
    restriction = child(task, "restriction")
    return Agreed(
        number=numbered(task, ACTION_NUMBER),
        what=text(task, "description"),
        owner=document.name_of(child(task, "owner")),
        site=site_of(document, child(restriction, "recipient")),
        due=text(child(restriction, "period"), "end"),
        status=text(task, "status"),
        goal=text(child(child(task, "reasonReference"), "identifier"), "value"),
        note=notes(task),
        task=task,
    )
