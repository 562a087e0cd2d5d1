"""Each kind of resource as a row of words: the one telling behind pages, sections and resource text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.blocks import Column
from interop.narrative.plan import review_row
from interop.reading import Document
from interop.reading.alerts import alert
from interop.reading.allergies import allergy
from interop.reading.medicines import medicine
from interop.reading.needs import NEWS2_PARTS, has_snomed, need_of, vital_value
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.people import related
from interop.reading.systems import GOAL_IMPORTANCE, REVIEW_OF_CARE_PLAN
from interop.reading.wording import best_name, code_words, concept, concepts, notes, phones, span, stated

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """How resources of one kind are told: a caption, the headings, and the row of one resource."""

    caption: str
    columns: tuple[Column, ...]
    row: Callable[[Document, JsonObject], Row]


def _columns(*titles: str) -> tuple[Column, ...]:
    """Headings; one ending in "?" is optional."""
    return tuple(Column(title.rstrip("?"), title.endswith("?")) for title in titles)


def _allergy(document: Document, resource: JsonObject) -> Row:
    told = allergy(resource)
    return (
        told.substance,
        "; ".join(told.reactions) or None,
        told.severity,
        told.certainty,
        None if told.standing == "active" else told.standing,
        document.calendar.show(text(resource, "recordedDate")),
        told.note,
    )


def _medicine(document: Document, resource: JsonObject) -> Row:
    told = medicine(document, resource)
    change = told.change
    why = [part for part in (change.reason, change.details) if part] if change else []
    return (
        told.name,
        "; ".join(told.instructions) or None,
        told.indication,
        document.calendar.show(told.last_given),
        told.state,
        change.status if change else None,
        "; ".join(why) or ("no reason given" if change and change.status in ("new", "changed", "stopped") else None),
        told.note,
    )


def _flag(document: Document, resource: JsonObject) -> Row:
    told = alert(document, resource)
    show = document.calendar.show
    state = (
        None if told.current else "no longer in force" if text(resource, "status") == "inactive" else "past its date"
    )
    return (told.words, show(told.start), show(told.end), told.author, told.where, state)


def _need(document: Document, resource: JsonObject) -> Row:
    told = need_of(document, resource)
    if told is None:
        return (None,) * 6
    when = document.calendar.show(text(resource, "effectiveDateTime"))
    return (told.title, told.usual, told.now, told.verdict, when, told.note)


def _observation(document: Document, resource: JsonObject) -> Row:
    period = child(resource, "effectivePeriod")
    when = document.calendar.show(text(resource, "effectiveDateTime")) or span(period, document.calendar)
    absent = concept(child(resource, "dataAbsentReason"))
    return (
        concept(child(resource, "code")),
        _measured(document, resource) or absent,
        when,
        "; ".join(concepts(resource, "interpretation")) or None,
        notes(resource),
    )


def _measured(document: Document, resource: JsonObject) -> str | None:
    parts = children(resource, "component")
    scored = any(code in NEWS2_PARTS for part in parts for _, code in codings(child(part, "code")))
    named = scored or len(parts) != 2
    if not named or not parts:
        return vital_value(document, resource)
    shown = [f"{concept(child(part, 'code'))} {stated(part, 'value', document.calendar)}" for part in parts]
    total = stated(resource, "value", document.calendar)
    return f"{total} ({', '.join(shown)})" if total else ", ".join(shown)


def _condition(document: Document, resource: JsonObject) -> Row:
    onset = stated(resource, "onset", document.calendar)
    status = concept(child(resource, "clinicalStatus"))
    severity = concept(child(resource, "severity"))
    certainty = concept(child(resource, "verificationStatus"))
    return (concept(child(resource, "code")), status, onset, severity, certainty, notes(resource))


def _related(document: Document, resource: JsonObject) -> Row:
    told = related(resource)
    reach = ", ".join(phones(resource, systems=("phone", "sms", "email"))) or None
    return (told.name, ", ".join(told.roles) or None, reach, told.note)


def _worker(document: Document, resource: JsonObject) -> Row:
    name = best_name(resource) or document.name_of(child(resource, "practitioner"))
    employer = document.name_of(child(resource, "organization"))
    person = document.resolve(child(resource, "practitioner"))
    reach = ", ".join(dict.fromkeys([*phones(resource), *phones(person)])) or None
    roles = concepts(resource, "code") + concepts(resource, "specialty")
    return (name, ", ".join(roles) or None, employer, reach)


def _organisation(document: Document, resource: JsonObject) -> Row:
    codes = ", ".join(found for i in children(resource, "identifier") if (found := text(i, "value"))) or None
    return (
        best_name(resource),
        codes,
        ", ".join(concepts(resource, "type")) or None,
        ", ".join(phones(resource)) or None,
    )


def _goal(document: Document, resource: JsonObject) -> Row:
    due = stated(child(resource, "target"), "due", document.calendar)
    standing = [code_words(text(resource, "lifecycleStatus")), concept(child(resource, "achievementStatus"))]
    marks = extension_value(resource, GOAL_IMPORTANCE)
    importance = [concept(child(resource, "priority")), f"{as_text(marks[1])} of 10" if marks else None]
    return (
        concept(child(resource, "description")),
        ", ".join(words for words in importance if words) or None,
        ", ".join(words for words in standing if words) or None,
        stated(resource, "start", document.calendar),
        due,
        "; ".join(concepts(resource, "outcomeCode")) or None,
        document.name_of(child(resource, "expressedBy")),
        notes(resource),
    )


def _device(document: Document, resource: JsonObject) -> Row:
    name = text(child(resource, "deviceName"), "name") or concept(child(resource, "type"))
    codes = ", ".join(found for i in children(resource, "identifier") if (found := text(i, "value"))) or None
    return (name, codes, document.name_of(child(resource, "owner")), notes(resource))


def _consent(document: Document, resource: JsonObject) -> Row:
    provision = child(resource, "provision")
    about = concepts(resource, "category") + ([words] if (words := concept(child(resource, "scope"))) else [])
    return (
        ", ".join(about) or None,
        text(provision, "type"),
        text(resource, "status"),
        document.calendar.show(text(resource, "dateTime")),
        "; ".join(concepts(provision, "code")) or None,
    )


MEDICINE = Telling(
    "Medicines",
    _columns("Medicine", "Dose and how often", "For?", "Last given", "Status", "Change?", "Why changed?", "Note?"),
    _medicine,
)
WORKER = Telling("Professionals", _columns("Name", "Role", "Organisation?", "Phone"), _worker)
NEED = Telling("Needs now and usual", _columns("Need", "Usual", "Now", "Difference", "Assessed?", "Note?"), _need)
OBSERVATION = Telling("Observations", _columns("What", "Finding", "When?", "Meaning?", "Note?"), _observation)

TELLINGS: dict[str, Telling] = {
    "AllergyIntolerance": Telling(
        "Allergies and adverse reactions",
        _columns("Allergic to", "Reaction", "Severity", "Certainty?", "Standing?", "Recorded?", "Note?"),
        _allergy,
    ),
    "MedicationStatement": MEDICINE,
    "MedicationRequest": MEDICINE,
    "Flag": Telling(
        "Alerts", _columns("Alert", "From?", "Review or end?", "By?", "Document kept?", "Standing?"), _flag
    ),
    "Condition": Telling(
        "Problems and diagnoses",
        _columns("Problem", "Status?", "Since?", "Severity?", "Certainty?", "Note?"),
        _condition,
    ),
    "RelatedPerson": Telling("Family and friends", _columns("Name", "Relationship", "How to reach", "Note?"), _related),
    "Practitioner": WORKER,
    "PractitionerRole": WORKER,
    "Organization": Telling("Organisations", _columns("Name", "Code?", "Kind?", "Phone?"), _organisation),
    "Goal": Telling(
        "Goals",
        _columns("Goal", "Importance?", "Status?", "Since?", "By when?", "What came of it?", "Whose goal?", "Note?"),
        _goal,
    ),
    "Device": Telling("Devices and bags", _columns("What", "Number", "Belongs to?", "Note?"), _device),
    "Consent": Telling("Consent", _columns("About", "Decision?", "Status?", "Date?", "Covers?"), _consent),
}


REVIEW = Telling("Reviews", _columns("When", "What", "By", "Role?", "What came of it?", "Note?"), review_row)


def telling(document: Document, resource: JsonObject) -> Telling | None:
    """How this resource is told as a row, or None when it is told as facts of its own."""
    kind = text(resource, "resourceType") or ""
    if kind == "Observation":
        return NEED if need_of(document, resource) is not None else OBSERVATION
    if kind == "Procedure" and has_snomed(resource, REVIEW_OF_CARE_PLAN):
        return REVIEW
    return TELLINGS.get(kind)
