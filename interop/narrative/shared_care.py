"""Messages between organisations, meetings about the person and visits to them, in words."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.practice.delegation import competencies, delegations
from interop.practice.meeting import LOCAL, Attendee, meeting
from interop.practice.plan_change import extended_text
from interop.reading import Document
from interop.reading.nodes import child, children, text
from interop.reading.wording import code_words, concept, concepts, notes

ATTENDED = {"present": "Present", "apologies": "Sent apologies", "absent": "Did not come"}
MEETING_WORDS = {"finished": "held", "planned": "planned", "cancelled": "cancelled"}
MEETING_MUST = ("Meeting", "From", "The person took part")
ATTENDANCE = (Column("Name"), Column("There"), Column("Role"), Column("Organisation", True), Column("Telephone", True))


def message_row(document: Document, resource: JsonObject) -> tuple[str | None, ...]:
    """A Communication: what was told, by whom, to whom, when."""
    told = [words for part in children(resource, "payload") if (words := text(part, "contentString"))]
    to = [name for whom in children(resource, "recipient") if (name := document.name_of(whom))]
    return (
        " ".join(told) or None,
        document.name_of(child(resource, "sender")),
        "; ".join(to) or None,
        document.calendar.show(text(resource, "sent")),
        notes(resource),
    )


def visit_row(document: Document, resource: JsonObject) -> tuple[str | None, ...]:
    """An Appointment: the window that was promised, who comes, what for, and how it stands."""
    show = document.calendar.show
    comes = [child(participant, "actor") for participant in children(resource, "participant")]
    others = [
        name for actor in comes if document.resolve(actor) is not document.patient and (name := document.name_of(actor))
    ]
    return (
        show(text(resource, "start")),
        show(text(resource, "end")),
        ", ".join(others) or None,
        text(resource, "description") or ", ".join(concepts(resource, "serviceType")) or None,
        code_words(text(resource, "status")),
        ", ".join(concepts(resource, "cancelationReason")) or None,
        text(resource, "comment"),
    )


def visit_made_row(document: Document, resource: JsonObject) -> tuple[str | None, ...]:
    """An Encounter that is a visit: when somebody came and went, who, for which promise, and what was done."""
    show, period = document.calendar.show, child(resource, "period")
    promised = document.resolve(child(resource, "appointment"))
    by = [name for one in children(resource, "participant") if (name := document.name_of(child(one, "individual")))]
    return (
        show(text(period, "start")),
        show(text(period, "end")),
        text(promised, "description"),
        ", ".join(by) or None,
        extended_text(resource, f"{LOCAL}visit-record", "valueString"),
    )


def meeting_blocks(document: Document, resource: JsonObject) -> list[Block]:
    """A meeting about the person: when, where, who was there, and whether the person was."""
    found = meeting(document)
    if found is None:
        return []
    show, part = document.calendar.show, found.took_part
    pairs = (
        ("Meeting", found.number),
        ("Standing", MEETING_WORDS.get(found.standing or "", found.standing)),
        ("From", show(found.start)),
        ("To", show(found.end)),
        ("Where", found.place),
        ("How", concept(child(resource, "class"))),
        ("Why", "; ".join(found.reasons) or None),
        ("Plan", found.plan),
        ("The person took part", None if part is None else "yes" if part else "no"),
        ("Why not", found.why_not),
        ("Next meeting", show(found.next)),
    )
    facts: Block = Facts("Meeting", tuple((name, value) for name, value in pairs if value or name in MEETING_MUST))
    rows = [_attended(one) for one in found.attendees]
    return [facts, *([Table.of("Who was asked", ATTENDANCE, rows)] if rows else [])]


def _attended(one: Attendee) -> tuple[str | None, ...]:
    there = ATTENDED.get(one.attendance or "", one.attendance)
    site = one.site.name if one.site else None
    return (
        one.name,
        f"{there}, in the chair" if one.chair and there else there,
        one.role,
        site,
        ", ".join(one.phones) or None,
    )


def may_do(document: Document, practitioner: JsonObject) -> str | None:
    """The competencies of a care worker: each task, until when, signed off by whom, for whom."""
    told = []
    for held in competencies(practitioner):
        until = f" until {document.calendar.show(held.expires)}" if held.expires else ""
        signed = f", signed off by {held.signed_by}" if held.signed_by else ", NOT SIGNED OFF"
        on = f" on {document.calendar.show(held.signed_on)}" if held.signed_on else ""
        trained = f", trained on {document.calendar.show(held.trained_on)}" if held.trained_on else ""
        by = f" by {held.trained_by}" if held.trained_by else ""
        whom = f", for {held.person} only" if held.person else ""
        told.append(f"{held.task}{until} ({held.number or 'no number'}{signed}{on}{trained}{by}{whom})")
    return "; ".join(told) or None


def delegated_row(document: Document, resource: JsonObject) -> tuple[str | None, ...]:
    """A delegated Task: what, how, by whom for whom, on what it rests, whom to ask and when to stop."""
    one = next((found for found in delegations(document) if found.resource is resource), None)
    if one is None:
        return (concept(child(resource, "code")), *(None,) * 9)
    show = document.calendar.show
    window = [f"from {show(one.start)}" if one.start else "", f"to {show(one.end)}" if one.end else ""]
    asks = ", ".join(part for part in (one.first_contact, one.first_phone) if part)
    return (
        one.task,
        one.instructions,
        ", ".join(part for part in (one.when, *window) if part) or None,
        one.nurse.name if one.nurse else document.name_of(child(resource, "requester")),
        one.worker.name if one.worker else document.name_of(child(resource, "owner")),
        code_words(one.status),
        one.rests_on,
        asks or None,
        one.stop_if,
        one.because,
    )
