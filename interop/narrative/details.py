"""Resources that are told as a thing of their own: care team, plan, checklist, stay, person, and any other kind."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.anything import extended, spoken
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.plan import care_plan
from interop.reading import Document
from interop.reading.belongings import checklist
from interop.reading.dates import Calendar
from interop.reading.nodes import child, children, text
from interop.reading.people import GROUPS, Member, members
from interop.reading.transfer import nhs_number
from interop.reading.wording import (
    address,
    best_name,
    code_words,
    concept,
    concepts,
    nickname,
    phones,
    stated,
)


def patient(document: Document, resource: JsonObject) -> list[Block]:
    show = document.calendar.show
    pairs = (
        ("Name", best_name(resource)),
        ("Likes to be called", nickname(resource)),
        ("Born", show(text(resource, "birthDate"))),
        ("NHS number", nhs_number(resource)),
        ("Sex", text(resource, "gender")),
        ("Address", next((words for node in children(resource, "address") if (words := address(node))), None)),
        ("Phone", ", ".join(phones(resource)) or None),
        (
            "Languages",
            ", ".join(w for c in children(resource, "communication") if (w := concept(child(c, "language")))) or None,
        ),
        ("GP", ", ".join(n for r in children(resource, "generalPractitioner") if (n := document.name_of(r))) or None),
    )
    return [Facts("Person", pairs)]


def encounter(document: Document, resource: JsonObject) -> list[Block]:
    stay, period = child(resource, "hospitalization"), child(resource, "period")
    show = document.calendar.show
    pairs = (
        ("Reason", "; ".join(concepts(resource, "reasonCode")) or None),
        ("Status", code_words(text(resource, "status"))),
        ("Kind", text(child(resource, "class"), "display") or code_words(text(child(resource, "class"), "code"))),
        ("Urgency", concept(child(resource, "priority"))),
        ("From", document.name_of(child(stay, "origin")) or concept(child(stay, "admitSource"))),
        ("To", document.name_of(child(stay, "destination")) or document.name_of(child(resource, "serviceProvider"))),
        ("Start", show(text(period, "start"))),
        ("End", show(text(period, "end"))),
        ("Going to", concept(child(stay, "dischargeDisposition"))),
        *extended(document, resource),
        *extended(document, stay),
    )
    return [Facts("Stay", spoken(pairs))]


def care_team(document: Document, resource: JsonObject) -> list[Block]:
    columns = (
        Column("Name"), Column("Role"), Column("Group"), Column("Organisation", True), Column("Phone"),
        Column("In the team", True), Column("Visits", True),
    )  # fmt: skip
    rows = [
        (
            member.name,
            f"{member.role} (NAMED CO-ORDINATOR)" if member.coordinator and member.current else member.role,
            GROUPS[member.group],
            member.organisation,
            ", ".join(member.phones) or None,
            _tenure(member, document.calendar),
            member.visits,
        )
        for member in members(document, resource)
    ]
    return [Table.of(text(resource, "name") or "Web of care", columns, rows)]


def _tenure(member: Member, calendar: Calendar) -> str | None:
    """Since when, until when, and when a co-ordinator accepted: ``from 2 Sep 2026, accepted 2 Sep 2026, 10:30``."""
    start, end, accepted = (calendar.show(moment) for moment in (member.start, member.end, member.accepted))
    parts = [f"from {start}" if start else "", f"accepted {accepted}" if accepted else ""]
    parts.append(f"{'until' if member.current else 'LEFT'} {end}" if end else "")
    return ", ".join(part for part in parts if part) or None


def questionnaire_response(document: Document, resource: JsonObject) -> list[Block]:
    bag = checklist(document, resource)
    show = document.calendar.show
    if bag is None:
        answered = _answers(document, resource)
        return [Facts("Answers", tuple(answered))]
    head = (("Bag", bag.bag), ("Checked", bag.place), ("When", show(bag.when)), ("By", bag.by))
    columns = (Column("Item"), Column("In the bag"), Column("How many", True), Column("Note", True))
    rows = [(item.name, code_words(item.present), item.quantity, item.note) for item in bag.items]
    return [Facts("Bag", head), Table.of("Belongings", columns, rows)]


def _answers(document: Document, node: JsonObject, depth: int = 0) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for item in children(node, "item") if depth < 8 else []:
        given = [stated(answer, "value", document.calendar) for answer in children(item, "answer")]
        title = text(item, "text") or (text(item, "linkId") or "Question").replace("-", " ").capitalize()
        if given or not children(item, "item"):
            pairs.append((title, "; ".join(words for words in given if words) or None))
        pairs += _answers(document, item, depth + 1)
        for answer in children(item, "answer"):
            pairs += _answers(document, answer, depth + 1)
    return pairs


DETAILS = {
    "Patient": patient,
    "Encounter": encounter,
    "CareTeam": care_team,
    "CarePlan": care_plan,
    "QuestionnaireResponse": questionnaire_response,
}
