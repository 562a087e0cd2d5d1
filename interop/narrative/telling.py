"""Each kind of resource as a row of words: the one telling behind pages, sections and resource text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.blocks import Column
from interop.narrative.plan import review_row
from interop.narrative.remainder import remainder
from interop.narrative.shared_care import delegated_row, may_do, message_row, visit_made_row, visit_row
from interop.narrative.silence import absence, unsaid
from interop.practice.delegation import is_delegation
from interop.practice.diary import is_visit
from interop.reading import Document
from interop.reading.alerts import alert
from interop.reading.allergies import allergy
from interop.reading.medicines import medicine
from interop.reading.needs import NEWS2_PARTS, has_snomed, need_of, vital_value
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.people import related
from interop.reading.systems import DOCUMENT_LOCATION, GOAL_IMPORTANCE, REVIEW_OF_CARE_PLAN
from interop.reading.wording import (
    NOT_RECORDED,
    best_name,
    code_words,
    concept,
    concepts,
    notes,
    phones,
    quantity,
    span,
    stated,
)

Row = tuple[str | None, ...]
REACH = ("phone", "sms", "email", "fax", "pager", "url", "other")


@dataclass(frozen=True, slots=True)
class Telling:
    """How resources of one kind are told: a caption, the headings, and the row of one resource."""

    caption: str
    own_columns: tuple[Column, ...]
    own_row: Callable[[Document, JsonObject], Row]
    told_as: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.own_columns, Column("Also recorded", optional=True))

    def row(self, document: Document, resource: JsonObject) -> Row:
        """The resource's own cells, then whatever else it records."""
        also = "; ".join(f"{name}: {words}" for name, words in remainder(document, resource, self.told_as))
        return (*self.own_row(document, resource), also or None)


def _columns(*titles: str) -> tuple[Column, ...]:
    """Headings; one ending in "?" is optional."""
    return tuple(Column(title.rstrip("?"), title.endswith("?")) for title in titles)


def _allergy(document: Document, resource: JsonObject) -> Row:
    told = allergy(resource)
    return (
        told.substance,
        "; ".join(told.reactions) or unsaid(resource, "reaction", "manifestation"),
        told.severity,
        told.certainty,
        None if told.standing == "active" else told.standing,
        document.calendar.show(text(resource, "recordedDate")),
        told.note,
    )


def _medicine(document: Document, resource: JsonObject) -> Row:
    told = medicine(document, resource)
    change = told.change
    since = document.calendar.show(change.when) if change else None
    why = [part for part in (change.reason, change.details, f"on {since}" if since else None) if part] if change else []
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


def _supply(document: Document, resource: JsonObject) -> Row:
    return (
        concept(child(resource, "medicationCodeableConcept")),
        quantity(child(resource, "quantity")),
        quantity(child(resource, "daysSupply")),
        document.calendar.show(text(resource, "whenHandedOver")),
        document.name_of(child(resource, "receiver")),
        notes(resource),
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
    return (told.title, told.usual, told.now or absence(resource), told.verdict, when, told.note)


def _observation(document: Document, resource: JsonObject) -> Row:
    period = child(resource, "effectivePeriod")
    when = document.calendar.show(text(resource, "effectiveDateTime")) or span(period, document.calendar)
    return (
        concept(child(resource, "code")),
        _measured(document, resource) or absence(resource),
        when,
        "; ".join(concepts(resource, "interpretation")) or None,
        notes(resource),
    )


def _measured(document: Document, resource: JsonObject) -> str | None:
    parts = children(resource, "component")
    own = stated(resource, "value", document.calendar)
    scored = any(code in NEWS2_PARTS for part in parts for _, code in codings(child(part, "code")))
    if not parts or (len(parts) == 2 and not own and not scored):
        return vital_value(document, resource)  # two measurements of one thing: a blood pressure
    named = [(concept(child(part, "code")), stated(part, "value", document.calendar), part) for part in parts]
    between = " " if scored else ": "
    shown = ", ".join(f"{name}{between}{value or absence(part) or NOT_RECORDED}" for name, value, part in named)
    return f"{own} ({shown})" if own else shown


def _condition(document: Document, resource: JsonObject) -> Row:
    onset = stated(resource, "onset", document.calendar)
    status = concept(child(resource, "clinicalStatus"))
    severity = concept(child(resource, "severity"))
    certainty = concept(child(resource, "verificationStatus"))
    return (concept(child(resource, "code")), status, onset, severity, certainty, notes(resource))


def _related(document: Document, resource: JsonObject) -> Row:
    told = related(resource)
    reach = ", ".join(phones(resource, systems=REACH)) or None
    return (told.name, ", ".join(told.roles) or None, reach, told.note)


def _worker(document: Document, resource: JsonObject) -> Row:
    name = best_name(resource) or document.name_of(child(resource, "practitioner"))
    employer = document.name_of(child(resource, "organization"))
    person = document.resolve(child(resource, "practitioner"))
    reach = ", ".join(dict.fromkeys([*phones(resource, systems=REACH), *phones(person, systems=REACH)])) or None
    roles = concepts(resource, "code") + concepts(resource, "specialty")
    return (name, ", ".join(roles) or None, employer, reach, may_do(document, person or resource))


def _organisation(document: Document, resource: JsonObject) -> Row:
    codes = ", ".join(found for i in children(resource, "identifier") if (found := text(i, "value"))) or None
    return (
        best_name(resource),
        codes,
        ", ".join(concepts(resource, "type")) or None,
        ", ".join(phones(resource, systems=REACH)) or None,
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
    when = (document.calendar.show(text(resource, "dateTime")), span(child(provision, "period"), document.calendar))
    about = concepts(resource, "category") + ([words] if (words := concept(child(resource, "scope"))) else [])
    return (
        ", ".join(about) or None,
        text(provision, "type"),
        text(resource, "status"),
        "; ".join(words for words in when if words) or None,
        "; ".join(concepts(provision, "code")) or None,
        "; ".join(_actor(document, actor) for actor in children(provision, "actor")) or None,
        "; ".join(concepts(provision, "purpose")) or None,
    )


def _actor(document: Document, actor: JsonObject) -> str:
    who = (document.name_of(child(actor, "reference")), concept(child(actor, "role")))
    return ", ".join(words for words in who if words) or NOT_RECORDED


def _standing(task: JsonObject) -> str | None:
    """What the organisations call it, and where it stands by FHIR's own word: a reader must see both."""
    said = (concept(child(task, "businessStatus")), code_words(text(task, "status")))
    return ": ".join(dict.fromkeys(words for words in said if words)) or None


def _task(document: Document, resource: JsonObject) -> Row:
    limits = child(resource, "restriction")
    told = [f"for {name}" for part in children(limits, "recipient") if (name := document.name_of(part))]
    told += [
        f"{concept(child(part, 'type'))}: {stated(part, 'value', document.calendar)}"
        for name in ("input", "output")
        for part in children(resource, name)
    ]
    return (
        text(resource, "description") or concept(child(resource, "code")),
        _standing(resource),
        document.name_of(child(resource, "owner")),
        document.name_of(child(resource, "requester")),
        document.calendar.show(text(resource, "authoredOn")),
        document.calendar.show(text(child(limits, "period"), "end")),
        "; ".join(told) or None,
        concept(child(resource, "statusReason")),
        notes(resource),
    )


def _document(document: Document, resource: JsonObject) -> Row:
    where = extension_value(resource, DOCUMENT_LOCATION)
    file = child(child(resource, "content"), "attachment")
    when = document.calendar.show(text(file, "creation") or text(resource, "date"))
    named = (concept(child(resource, "type")), text(resource, "description"), text(file, "title"))
    what = ": ".join(dict.fromkeys(name for name in named if name)) or None
    return (what, when, as_text(where[1]) if where else None, text(file, "url"))


MEDICINE = Telling(
    "Medicines",
    _columns("Medicine", "Dose and how often", "For?", "Last given", "Status", "Change?", "Why changed?", "Note?"),
    _medicine,
)
WORKER = Telling("Professionals", _columns("Name", "Role", "Organisation?", "Phone", "May do?"), _worker)
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
    "MedicationDispense": Telling(
        "Supply sent home", _columns("Medicine", "Amount?", "Lasts?", "Handed over?", "To?", "Note?"), _supply
    ),
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
    "Task": Telling(
        "Tasks",
        _columns(
            "What", "Standing", "Next action with", "Asked by?", "Asked?", "By when?", "Details?", "Why?", "Note?"
        ),
        _task,
    ),
    "DocumentReference": Telling("Papers", _columns("What", "Of?", "Where it lies?", "Address?"), _document),
    "Communication": Telling("Told to others", _columns("What was told", "By?", "To?", "When?", "Note?"), message_row),
    "Appointment": Telling(
        "Planned visits",
        _columns("From", "To", "Who comes", "What for", "Standing?", "Why not?", "Note?"),
        visit_row,
    ),
    "Consent": Telling(
        "Consent", _columns("About", "Decision?", "Status?", "Date?", "Covers?", "Who?", "What for?"), _consent
    ),
}


REVIEW = Telling("Reviews", _columns("When", "What", "By", "Role?", "What came of it?", "Note?"), review_row)


DELEGATED = Telling(
    "Tasks handed over",
    _columns(
        "Task", "How", "When?", "Nurse", "Care worker", "Standing", "On competency?", "Ask first?", "Stop if?", "Why?"
    ),
    delegated_row,
    "Task, handed over",
)
VISIT_MADE = Telling(
    "Visits made", _columns("Came", "Left", "For", "Made by?", "What was done?"), visit_made_row, "Encounter, visit"
)


def telling(document: Document, resource: JsonObject) -> Telling | None:
    """How this resource is told as a row, or None when it is told as facts of its own."""
    kind = text(resource, "resourceType") or ""
    if kind == "Observation":
        return NEED if need_of(document, resource) is not None else OBSERVATION
    if kind == "Task" and is_delegation(resource):
        return DELEGATED
    if kind == "Encounter" and is_visit(resource):
        return VISIT_MADE
    if kind == "Procedure" and has_snomed(resource, REVIEW_OF_CARE_PLAN):
        return REVIEW
    return TELLINGS.get(kind)
