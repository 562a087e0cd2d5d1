"""Resources that are told as a thing of their own: care team, plan, checklist, stay, person, and any other kind."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.anything import extended, spoken
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.plan import care_plan
from interop.narrative.remainder import remainder, untold_extensions
from interop.narrative.shared_care import meeting_blocks
from interop.narrative.silence import unsaid
from interop.narrative.ward_list import ward_list
from interop.practice.meeting import is_meeting
from interop.reading import Document
from interop.reading.belongings import checklist
from interop.reading.dates import Calendar
from interop.reading.nodes import as_text, child, children, extension_value, text
from interop.reading.people import GROUPS, Member, members
from interop.reading.systems import ROLE_IN_WORDS
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
        ("Born", show(text(resource, "birthDate")) or unsaid(resource, "birthDate")),
        ("NHS number", nhs_number(resource)),
        ("Sex", text(resource, "gender") or unsaid(resource, "gender")),
        ("Address", next((words for node in children(resource, "address") if (words := address(node))), None)),
        ("Phone", ", ".join(phones(resource)) or None),
        *_reach(document, resource),
        (
            "Languages",
            ", ".join(w for c in children(resource, "communication") if (w := concept(child(c, "language")))) or None,
        ),
        ("GP", ", ".join(n for r in children(resource, "generalPractitioner") if (n := document.name_of(r))) or None),
        *remainder(document, resource),
    )
    return [Facts("Person", pairs)]


def _reach(document: Document, resource: JsonObject) -> list[tuple[str, str]]:
    """What only some records hold: other numbers, other addresses, other ways to reach the person."""
    shown = nhs_number(resource)
    numbers = [value for i in children(resource, "identifier") if (value := text(i, "value"))]
    others = [number for number in numbers if number != (shown or "").replace(" ", "")]
    more = [words for node in children(resource, "address")[1:] if (words := address(node))]
    email = phones(resource, systems=("email", "fax", "pager", "url", "other"))
    checks = [w for i in children(resource, "identifier") for _, w in extended(document, i) if w]
    told = (
        ("NHS number check", checks),
        ("Other numbers", others),
        ("Other addresses", more),
        ("Other ways to reach them", email),
    )
    return [(name, ", ".join(words)) for name, words in told if words]


def encounter(document: Document, resource: JsonObject) -> list[Block]:
    if is_meeting(resource):
        return meeting_blocks(document, resource)
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
        *remainder(document, resource),
        *extended(document, stay),
    )
    return [Facts("Stay", spoken(pairs))]


def care_team(document: Document, resource: JsonObject) -> list[Block]:
    columns = (
        Column("Name"), Column("Role"), Column("Group"), Column("Organisation", True), Column("Phone"),
        Column("In the team", True), Column("Visits", True), Column("Note", True),
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
            _beside(document, participant),
        )
        for member, participant in zip(members(document, resource), children(resource, "participant"), strict=True)
    ]
    told: list[Block] = [Table.of(text(resource, "name") or "Web of care", columns, rows)]
    more = remainder(document, resource)
    return [*told, Facts("Team", tuple(more))] if more else told


def _beside(document: Document, participant: JsonObject) -> str | None:
    """What a member's extensions say that no column does: a note, next of kin."""
    told = untold_extensions(document, participant, "CareTeam.participant")
    role = extension_value(participant, ROLE_IN_WORDS)
    told += [("Role", as_text(role[1]) or "")] if role and children(participant, "role") else []
    return "; ".join(words if name == "Contact note" else f"{name}: {words}" for name, words in told) or None


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
        return [Facts("Answers", (*answered, *remainder(document, resource)))]
    more = [pair for pair in remainder(document, resource) if pair[0] not in ("Authored", "Author", "Source")]
    head = (("Bag", bag.bag), ("Checked", bag.place), ("When", show(bag.when)), ("By", bag.by), *more)
    head += (("Note", bag.note),) if bag.note else ()
    columns = (
        Column("Item"), Column("In the bag"), Column("How many", True), Column("Note", True), Column("Which bag", True)
    )  # fmt: skip
    rows = [(i.name, code_words(i.present), i.quantity, i.note, i.bag if i.bag != bag.bag else None) for i in bag.items]
    return [Facts("Bag", head), Table.of("Belongings", columns, rows)]


def _coded(answer: JsonObject) -> str | None:
    """A coded answer with its code beside the words where they are not the same: words and code cannot part unseen."""
    coding = child(answer, "valueCoding")
    display, code = text(coding, "display"), text(coding, "code")
    if not display or not code or (code_words(code) or "").casefold() == display.casefold():
        return None
    return f"{display} ({code})"


def _answers(document: Document, node: JsonObject, depth: int = 0) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for item in children(node, "item") if depth < 8 else []:
        given = [_coded(answer) or stated(answer, "value", document.calendar) for answer in children(item, "answer")]
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
    "Group": ward_list,
}
