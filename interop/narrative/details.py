"""Resources that are told as a thing of their own: care team, plan, checklist, stay, person, and any other kind."""

from __future__ import annotations

import re

from interop.json_codec import Json, JsonObject
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.reading import Document
from interop.reading.belongings import checklist
from interop.reading.dates import Calendar
from interop.reading.nodes import as_text, child, children, choice, text
from interop.reading.people import GROUPS, Member, members
from interop.reading.transfer import nhs_number
from interop.reading.wording import (
    address,
    best_name,
    code_words,
    concept,
    concepts,
    nickname,
    notes,
    phones,
    quantity,
    span,
    stated,
    typed,
)

SILENT = {
    "resourceType", "id", "meta", "text", "contained", "extension", "modifierExtension", "implicitRules", "language",
    "identifier", "subject", "patient", "questionnaire", "data",
}  # fmt: skip
"""Elements of any resource that say nothing to a reader, or that the page says elsewhere."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d.*)?)?$")


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
        *_extended(document, resource),
        *_extended(document, stay),
    )
    return [Facts("Stay", _spoken(pairs))]


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


def care_plan(document: Document, resource: JsonObject) -> list[Block]:
    show = document.calendar.show
    pairs = (
        ("Plan", text(resource, "title") or ", ".join(concepts(resource, "category")) or None),
        ("Summary", text(resource, "description")),
        ("Status", code_words(text(resource, "status"))),
        ("Written", show(text(resource, "created"))),
        ("Period", span(child(resource, "period"), document.calendar)),
        ("Owner", document.name_of(child(resource, "author"))),
        ("Note", notes(resource)),
        *_extended(document, resource),
    )
    rows = [_activity(document, activity) for activity in children(resource, "activity")]
    columns = (Column("What"), Column("Who", True), Column("When", True), Column("Status", True))
    blocks: list[Block] = [Facts("Plan", _spoken(pairs))]
    return [*blocks, Table.of("Actions", columns, rows)] if rows else blocks


def _activity(document: Document, activity: JsonObject) -> tuple[str | None, ...]:
    detail = child(activity, "detail")
    pointed = document.resolve(child(activity, "reference"))
    who = [name for reference in children(detail, "performer") if (name := document.name_of(reference))]
    when = choice(detail, "scheduled")
    shown = typed(*when, document.calendar) if when else None
    return (
        text(detail, "description")
        or concept(child(detail, "code"))
        or text(pointed, "description")
        or concept(child(pointed, "code")),
        ", ".join(who) or document.name_of(child(pointed, "owner")),
        (document.calendar.show(shown) if shown and _DATE.match(shown) else shown),
        code_words(text(detail, "status") or text(pointed, "status")),
    )


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


def any_resource(document: Document, resource: JsonObject) -> list[Block]:
    """Whatever kind it is: every element that has words, under its own name made readable."""
    kind = _readable(text(resource, "resourceType") or "Record")
    named = [(_readable(name), _value(document, value)) for name, value in resource.items() if name not in SILENT]
    return [Facts(kind, (*((n, v) for n, v in named if v), *_extended(document, resource)))]


def _value(document: Document, value: Json, depth: int = 0) -> str | None:
    if isinstance(value, list):
        return "; ".join(words for item in value if (words := _value(document, item, depth))) or None
    if not isinstance(value, dict):
        shown = as_text(value)
        return document.calendar.show(shown) if shown and _DATE.match(shown) else shown
    if depth > 6:
        return None
    if "reference" in value or ("display" in value and "code" not in value):
        return document.name_of(value)
    whole = concept(value) if {"coding", "text", "display"} & value.keys() else None
    whole = whole or span(value, document.calendar) or quantity(value)
    if whole:
        return whole
    parts = [
        (name, _value(document, inner, depth + 1)) for name, inner in value.items() if name not in ("id", "extension")
    ]
    return ", ".join(f"{_readable(name).lower()}: {words}" for name, words in parts if words) or None


def _extended(document: Document, node: JsonObject) -> list[tuple[str, str | None]]:
    """Extensions that carry a plain value, named by the last word of their url."""
    pairs: list[tuple[str, str | None]] = []
    for extension in children(node, "extension"):
        found = choice(extension, "value")
        name = (text(extension, "url") or "").rstrip("/").split("/")[-1]
        words = _value(document, found[1]) if found else None
        if words and name:
            pairs.append((_readable(name.removeprefix("Extension-UKCore-")), words))
    return pairs


def _readable(name: str) -> str:
    return _WORD.sub(" ", name).replace("-", " ").strip().capitalize()


def _spoken(pairs: tuple[tuple[str, str | None], ...]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, value) for name, value in pairs if value) or pairs[:1]


DETAILS = {
    "Patient": patient,
    "Encounter": encounter,
    "CareTeam": care_team,
    "CarePlan": care_plan,
    "QuestionnaireResponse": questionnaire_response,
}
