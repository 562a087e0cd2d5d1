"""What a Bundle is and whom it is about, as far as it says: what is asked at the door before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from interop.bundle import stable_uuid
from interop.identifiers import NHS_NUMBER, nhs_number_fault
from interop.json_codec import Json, JsonObject
from interop.reading import Document
from interop.reading.nodes import child, codings
from interop.reading.systems import DOCUMENT_KIND


@dataclass(frozen=True, slots=True)
class Subject:
    """One person. A number that fails its check digit is no number: it must not find anybody."""

    nhs_number: str | None = None
    family: str | None = None
    birth_date: date | None = None
    gp: str | None = None

    @property
    def key(self) -> str | None:
        """What the relay calls the person: the same number, the same key; the number cannot be read back from it."""
        return person_key(self.nhs_number) if self.nhs_number else None

    @classmethod
    def of(cls, bundle: JsonObject) -> Subject:
        """The subject of a document, or of a Bundle that holds just one Patient. Never raises."""
        document = Document.of(bundle)
        patient = document.patient
        number = next((v for s, v in _identifiers(patient) if s == NHS_NUMBER and nhs_number_fault(v) is None), None)
        practice = next((document.resolve(r) for r in _list(patient.get("generalPractitioner"))), {})
        return cls(
            number, _family(patient), _born(patient), next((v for s, v in _identifiers(practice) if "ods" in s), None)
        )


KINDS = {
    "371535009": "transfer-summary",
    "373942005": "discharge-summary",
    "734163000": "care-plan",
    "861421000000109": "end-of-life-summary",
    "325931000000109": "assessment",
}
"""Composition.type (SNOMED CT) → what the relay calls such a document."""


def kind_of(bundle: JsonObject) -> str:
    """What a bare document is, by its Composition's type: SNOMED CT's code or our own; else ``document``."""
    stated = codings(child(Document.of(bundle).composition, "type"))
    named = (KINDS.get(code) or (code if system == DOCUMENT_KIND else None) for system, code in stated)
    return next((kind for kind in named if kind), "document")


def person_key(nhs_number: str) -> str:
    return stable_uuid("person", nhs_number)


def _identifiers(resource: JsonObject) -> list[tuple[str, str]]:
    found = _list(resource.get("identifier"))
    return [(str(i.get("system", "")), str(i["value"])) for i in found if i.get("value")]


def _family(patient: JsonObject) -> str | None:
    names = _list(patient.get("name"))
    best = next((n for n in names if n.get("use") == "official"), names[0] if names else {})
    family = best.get("family")
    return family if isinstance(family, str) else None


def _born(patient: JsonObject) -> date | None:
    try:
        return date.fromisoformat(str(patient.get("birthDate")))
    except ValueError:
        return None  # partial or missing: not a contradiction


def _list(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
