"""The document that tells others what practice asks of them: one person, one sender, a few sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interop.bundle import Entry, assemble_document, full_url, stable_uuid
from interop.canonical import BASE
from interop.json_codec import Json, JsonObject
from interop.reading import Document
from interop.reading.nodes import child, children, text
from interop.reading.systems import DOCUMENT_KIND
from interop.reading.wording import best_name, phones

HEADINGS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings"
OWN_HEADINGS = f"{BASE}/CodeSystem/section"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
DOCUMENT_ID = "urn:ietf:rfc:3986"


@dataclass(frozen=True, slots=True)
class Site:
    """An organisation as a document names it. ``ods`` None: it gave no code, so nothing can be sent to it."""

    name: str
    ods: str | None = None
    phone: str | None = None

    @classmethod
    def of(cls, organisation: JsonObject) -> Site | None:
        """None when the resource neither names nor codes an organisation."""
        codes = (text(i, "value") for i in children(organisation, "identifier") if "ods" in (text(i, "system") or ""))
        ods = next((code for code in codes if code), None)
        name = best_name(organisation) or ods
        return cls(name, ods, next(iter(phones(organisation)), None)) if name else None

    @property
    def key(self) -> str:
        return self.ods or self.name.casefold()

    def entry(self) -> Entry:
        """The organisation as a resource of ours; the same site is the same resource in every document."""
        made: JsonObject = {"resourceType": "Organization", "meta": profile("organization")}
        if self.ods:
            made["identifier"] = [{"system": ODS_CODE, "value": self.ods}]
        made["name"] = self.name
        if self.phone:
            made["telecom"] = [{"system": "phone", "value": self.phone}]
        return Entry(full_url("organisation", self.key), made)


@dataclass(frozen=True, slots=True)
class Part:
    """One section. ``own``: the heading is of our own code system."""

    title: str
    code: str
    entries: Sequence[Entry]
    own: bool = False

    def as_json(self) -> JsonObject:
        system = OWN_HEADINGS if self.own else HEADINGS
        return {
            "title": self.title,
            "code": {"coding": [{"system": system, "code": self.code}]},
            "entry": [reference(entry) for entry in self.entries],
        }


@dataclass(frozen=True, slots=True)
class Letter:
    """What a document of ours says beside its sections.

    key       what makes it this document and no other: the same key gives the same identifier in every run
    replaces  the key of the document this one takes the place of
    """

    kind: str
    display: str
    title: str
    key: tuple[str, ...]
    sender: Site
    written: datetime
    replaces: tuple[str, ...] | None = None

    @property
    def identifier(self) -> JsonObject:
        return document_identifier(*self.key)

    def document(self, person: Entry, parts: Sequence[Part], behind: Sequence[Entry] = ()) -> JsonObject:
        """The document Bundle: the Composition, then everything its parts point at, each once.

        behind  what those resources point at in their turn, where no part lists it
        """
        sender = self.sender.entry()
        composition: JsonObject = {
            "resourceType": "Composition",
            "meta": profile(f"{self.kind}-composition"),
            "status": "final",
            "type": {"coding": [{"system": DOCUMENT_KIND, "code": self.kind, "display": self.display}]},
            "subject": reference(person),
            "date": self.written.isoformat(),
            "author": [reference(sender)],
            "title": self.title,
            "custodian": reference(sender),
            "section": [part.as_json() for part in parts],
        }
        if self.replaces:
            target = document_identifier(*self.replaces)
            composition["relatesTo"] = [{"code": "replaces", "targetIdentifier": target}]
        held = {entry.full_url: entry for part in parts for entry in part.entries}
        held = {person.full_url: person, **held, **{e.full_url: e for e in behind}, sender.full_url: sender}
        bundle = assemble_document(
            composition, tuple(held.values()), identifier=self.identifier, timestamp=self.written
        )
        return {"resourceType": "Bundle", "meta": profile(self.kind), **bundle}


def document_identifier(*key: str) -> JsonObject:
    return {"system": DOCUMENT_ID, "value": f"urn:uuid:{stable_uuid(*key)}"}


def profile(name: str) -> JsonObject:
    return {"profile": [f"{BASE}/StructureDefinition/{name}"]}


def reference(entry: Entry) -> JsonObject:
    return {"reference": entry.full_url}


_WHO = ("identifier", "active", "name", "telecom", "gender", "birthDate", "address")


def person_of(document: Document) -> Entry:
    """The person of a document, alone: who they are, without the references that document's Patient makes."""
    patient = document.patient
    kept: JsonObject = {name: patient[name] for name in _WHO if name in patient}
    tags: Json = child(patient, "meta").get("tag")
    meta = {**profile("patient"), **({"tag": tags} if tags else {})}
    return Entry(full_url("person", person_key(document)), {"resourceType": "Patient", "meta": meta, **kept})


def person_key(document: Document) -> str:
    """What tells one person from another: the NHS number, else family name and date of birth; empty when neither."""
    patient = document.patient
    numbers = (text(i, "value") for i in children(patient, "identifier") if text(i, "system") == NHS_NUMBER)
    number = next((found for found in numbers if found), None)
    family = next((found for n in children(patient, "name") if (found := text(n, "family"))), None)
    born = text(patient, "birthDate")
    return number or (f"{family.casefold()} {born}" if family and born else "")
