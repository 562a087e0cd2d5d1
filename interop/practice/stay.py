"""A stay in hospital as one message of a patient administration system tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from interop.bundle import Entry, full_url
from interop.json_codec import Json, JsonObject
from interop.practice.letter import Site, profile, reference
from interop.reading import Document
from interop.reading.nodes import child, children, choice, code_in, extensions, text

EVENT_TABLE = "http://terminology.hl7.org/CodeSystem/v2-0003"
DISCHARGE_METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"
DIED = {"4", "79"}
"""Discharge method 4 and discharge destination 79 (NHS Data Dictionary): the person died."""
KEPT = ("status", "class", "serviceType", "period", "reasonCode", "hospitalization")


class StayEvent(StrEnum):
    """Codes of our CodeSystem stay-event."""

    ADMITTED = "admitted"
    MOVED = "moved"
    DISCHARGED = "discharged"
    ADMISSION_CANCELLED = "admission-cancelled"
    MOVE_CANCELLED = "move-cancelled"
    DISCHARGE_CANCELLED = "discharge-cancelled"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event is called, and under which record standard heading it is told."""

    title: str
    section: str
    section_title: str


EVENTS: Mapping[StayEvent, Meaning] = {
    StayEvent.ADMITTED: Meaning("Admitted", "admission-details", "Admission"),
    StayEvent.MOVED: Meaning("Moved", "admission-details", "The stay"),
    StayEvent.DISCHARGED: Meaning("Discharged", "discharge-details", "Discharge"),
    StayEvent.ADMISSION_CANCELLED: Meaning("Admission cancelled", "admission-details", "The stay"),
    StayEvent.MOVE_CANCELLED: Meaning("Move cancelled", "admission-details", "The stay"),
    StayEvent.DISCHARGE_CANCELLED: Meaning("Discharge cancelled", "admission-details", "The stay"),
}
CANCELS: Mapping[StayEvent, StayEvent] = {
    StayEvent.ADMISSION_CANCELLED: StayEvent.ADMITTED,
    StayEvent.MOVE_CANCELLED: StayEvent.MOVED,
    StayEvent.DISCHARGE_CANCELLED: StayEvent.DISCHARGED,
}
TRIGGERS: Mapping[str, StayEvent] = {
    "A01": StayEvent.ADMITTED,
    "A02": StayEvent.MOVED,
    "A03": StayEvent.DISCHARGED,
    "A11": StayEvent.ADMISSION_CANCELLED,
    "A12": StayEvent.MOVE_CANCELLED,
    "A13": StayEvent.DISCHARGE_CANCELLED,
}
"""HL7 v2 trigger events (table 0003). The others, such as A08, tell nothing a home must act on."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One message about one stay.

    happened  the moment of the event itself
    admitted, left   of the stay, where the message says them
    """

    event: StayEvent
    happened: datetime
    visit: str
    hospital: Site | None
    admitted: datetime | None
    left: datetime | None
    ward: str | None
    died: bool
    source: JsonObject
    document: Document

    @property
    def cancels(self) -> StayEvent | None:
        return CANCELS.get(self.event)

    @property
    def hospital_key(self) -> str:
        return self.hospital.key if self.hospital else ""

    @property
    def key(self) -> tuple[str, ...]:
        """The same event of the same stay has the same key, whoever reads the message and however often."""
        own = {StayEvent.ADMITTED: self.admitted, StayEvent.DISCHARGED: self.left}.get(self.event)
        return self.key_of(self.event, own or self.happened)

    def key_of(self, event: StayEvent, moment: datetime) -> tuple[str, ...]:
        return (self.hospital_key, self.visit, str(event), moment.isoformat())

    @property
    def told(self) -> str:
        """One sentence: ``Admitted to St Elsewhere's Hospital, ED, 14 Nov 2026, 03:12``."""
        place = ", ".join(part for part in (self.hospital.name if self.hospital else None, self.ward) if part)
        when = self.document.calendar.show(self.happened.isoformat())
        words = {
            StayEvent.ADMITTED: f"Admitted to {place}",
            StayEvent.MOVED: f"Moved to {place}",
            StayEvent.DISCHARGED: f"Died in {place}" if self.died else f"Discharged from {place}",
            StayEvent.ADMISSION_CANCELLED: f"Not admitted: the admission to {place} is cancelled",
            StayEvent.MOVE_CANCELLED: f"Not moved: still in {place}",
            StayEvent.DISCHARGE_CANCELLED: f"Not discharged: still in {place}",
        }
        return f"{words[self.event]}, {when}"

    def encounter(self, person: Entry, hospital: Entry) -> Entry:
        """The stay as it travels in a notice: nothing that points outside it."""
        kept: JsonObject = {name: self.source[name] for name in KEPT if name in self.source}
        if self.event is not StayEvent.DISCHARGED and "period" in kept:
            # A cancelled discharge names the moment that is cancelled: the stay itself goes on.
            kept["period"] = {name: value for name, value in kept["period"].items() if name != "end"}
        methods = extensions(self.source, DISCHARGE_METHOD)
        made: JsonObject = {
            "resourceType": "Encounter",
            "meta": profile("encounter"),
            **({"extension": methods} if methods else {}),
            "identifier": [i for i in children(self.source, "identifier") if text(i, "value") == self.visit][:1],
            **kept,
            "subject": reference(person),
            "participant": [p for p in map(self._participant, children(self.source, "participant")) if p],
            "location": [p for p in map(self._place, children(self.source, "location")) if p],
            "serviceProvider": reference(hospital),
        }
        key = (self.hospital_key, self.visit, str(self.event), self.happened.isoformat())
        return Entry(full_url("stay", *key), {name: value for name, value in made.items() if value})

    def _participant(self, participant: JsonObject) -> JsonObject | None:
        name = self.document.name_of(child(participant, "individual"))
        return {"type": participant.get("type", []), "individual": {"display": name}} if name else None

    def _place(self, location: JsonObject) -> JsonObject | None:
        name = self.document.name_of(child(location, "location"))
        status = {"status": location["status"]} if "status" in location else {}
        return {"location": {"display": name}, **status} if name else None


def stay_of(document: Document, names: Mapping[str, str] | None = None) -> Stay | None:
    """The stay a message is about; None when it is not about one, names no visit, or tells nothing to act on.

    names  what organisations are called, by ODS code, where the message itself gives the code alone
    """
    encounter = document.encounter
    labels: list[Json] = list(children(child(encounter, "meta"), "tag"))
    event = TRIGGERS.get(code_in({"coding": labels}, EVENT_TABLE) or "")
    visit = next((v for i in children(encounter, "identifier") if text(i, "system") and (v := text(i, "value"))), None)
    moment = document.calendar.moment(text(document.bundle, "timestamp"))
    if event is None or visit is None or moment is None:
        return None
    period = child(encounter, "period")
    return Stay(
        event=event,
        happened=moment,
        visit=visit,
        hospital=_hospital(document, encounter, names or {}),
        admitted=document.calendar.moment(text(period, "start")),
        left=document.calendar.moment(text(period, "end")),
        ward=_ward(document, encounter),
        died=_died(encounter),
        source=encounter,
        document=document,
    )


def _hospital(document: Document, encounter: JsonObject, names: Mapping[str, str]) -> Site | None:
    found = Site.of(document.resolve(child(encounter, "serviceProvider")))
    named = names.get(found.ods) if found and found.ods else None
    return replace(found, name=named) if found and named else found


def _ward(document: Document, encounter: JsonObject) -> str | None:
    """The ward of the event: where the person is, or was when they left."""
    places = [p for p in children(encounter, "location") if text(p, "status") in ("active", "completed")]
    places.sort(key=lambda place: (text(place, "status") != "active", not child(place, "location").get("reference")))
    return next((name for p in places if (name := document.name_of(child(p, "location")))), None)


def _died(encounter: JsonObject) -> bool:
    told = [child(encounter, "hospitalization").get("dischargeDisposition")]
    told += [found[1] for e in extensions(encounter, DISCHARGE_METHOD) if (found := choice(e, "value"))]
    return any(text(coding, "code") in DIED for words in told for coding in children(words, "coding"))
