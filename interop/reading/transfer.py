"""Who the person is, why they are travelling, from where to where, and who wrote it down."""

from __future__ import annotations

from dataclasses import dataclass

from interop.identifiers import NHS_NUMBER
from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import child, children, text
from interop.reading.wording import address, best_name, concept, concepts, nickname, phones

REASON_SECTIONS = ("reason-for-handover", "reason-for-admission", "presenting-complaints-or-issues", "886891000000102")


@dataclass(frozen=True, slots=True)
class Person:
    """The subject in words. ``born`` as in the data; ``age`` in whole years when the document was written."""

    name: str | None
    called: str | None
    born: str | None
    age: int | None
    nhs_number: str | None
    gender: str | None
    address: str | None
    phones: tuple[str, ...]


def person(document: Document) -> Person:
    patient = document.patient
    born = text(patient, "birthDate")
    return Person(
        name=best_name(patient),
        called=nickname(patient),
        born=born,
        age=document.calendar.age(born, document.written),
        nhs_number=nhs_number(patient),
        gender=text(patient, "gender"),
        address=next((words for node in children(patient, "address") if (words := address(node))), None),
        phones=tuple(phones(patient)),
    )


def nhs_number(patient: JsonObject) -> str | None:
    """The NHS number in groups of 3, 3 and 4, as the NHS shows it; anything else as written."""
    numbers = (text(i, "value") for i in children(patient, "identifier") if text(i, "system") == NHS_NUMBER)
    value = next((number for number in numbers if number), None)
    if value is None or len(value) != 10 or not value.isdigit():
        return value
    return f"{value[:3]} {value[3:6]} {value[6:]}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """The move itself. Dates as in the data; places and people by name."""

    reasons: tuple[str, ...]
    start: str | None
    end: str | None
    origin: str | None
    destination: str | None
    disposition: str | None
    status: str | None


def transfer(document: Document) -> Transfer:
    encounter = document.encounter
    stay = child(encounter, "hospitalization")
    period = child(encounter, "period")
    return Transfer(
        reasons=tuple(dict.fromkeys(_reasons(document, encounter))),
        start=text(period, "start"),
        end=text(period, "end"),
        origin=_origin(document, encounter),
        destination=_destination(document, encounter),
        disposition=concept(child(stay, "dischargeDisposition")),
        status=text(encounter, "status"),
    )


def _origin(document: Document, encounter: JsonObject) -> str | None:
    """Where the journey starts: the sender's own house before a code for its kind."""
    stay, custodian = child(encounter, "hospitalization"), child(document.composition, "custodian")
    if document.is_discharge:
        return _first_name(document, child(encounter, "serviceProvider"), custodian)
    return _first_name(document, child(stay, "origin"), custodian) or concept(child(stay, "admitSource"))


def _destination(document: Document, encounter: JsonObject) -> str | None:
    stay = child(encounter, "hospitalization")
    named = document.name_of(child(stay, "destination"))
    if document.is_discharge:
        return named or concept(child(stay, "dischargeDisposition"))
    return named or document.name_of(child(encounter, "serviceProvider"))


def _first_name(document: Document, *references: JsonObject) -> str | None:
    return next((name for reference in references if (name := document.name_of(reference))), None)


def _reasons(document: Document, encounter: JsonObject) -> list[str]:
    """Encounter.reason first; the reason section's entries and words add what it does not say."""
    said = concepts(encounter, "reasonCode")
    pointed = [document.resolve(reference) for reference in children(encounter, "reasonReference")]
    section = document.section(*REASON_SECTIONS)
    pointed += [entry for entry in section.entries if text(entry, "resourceType") != "Encounter"] if section else []
    said += [words for resource in pointed if (words := _headline(resource))]
    if section is not None and not said and section.words:
        said.append(section.words.replace("\n", "; "))
    return said


def _headline(resource: JsonObject) -> str | None:
    value = text(resource, "valueString") or concept(child(resource, "valueCodeableConcept"))
    notes = [words for note in children(resource, "note") if (words := text(note, "text"))]
    shown = [concept(child(resource, "code")), value, *notes, text(resource, "description")]
    return ": ".join(dict.fromkeys(words for words in shown if words)) or None


@dataclass(frozen=True, slots=True)
class Author:
    name: str | None
    role: str | None
    organisation: str | None
    phones: tuple[str, ...]


def authors(document: Document) -> list[Author]:
    """Who completed the record: the Composition's authors with role and organisation."""
    return [_author(document, reference) for reference in children(document.composition, "author")]


def _author(document: Document, reference: JsonObject) -> Author:
    resource = document.resolve(reference)
    held = concepts(resource, "code")
    person_ = document.resolve(child(resource, "practitioner")) or resource
    held += [words for q in children(person_, "qualification") if (words := concept(child(q, "code")))]
    organisation = document.resolve(child(resource, "organization")) or document.resolve(
        child(document.composition, "custodian")
    )
    return Author(
        document.name_of(reference),
        next(iter(held), None),
        best_name(organisation),
        tuple(dict.fromkeys([*phones(resource), *phones(person_), *phones(organisation)])),
    )
