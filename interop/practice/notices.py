"""Notices about a stay: admitted, moved, discharged, or one of these cancelled; told to the home and the practice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from interop.bundle import Entry, full_url
from interop.canonical import BASE
from interop.json_codec import Json, JsonObject
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Letter, Part, Site, person_of, reference
from interop.practice.stay import EVENTS, Stay, StayEvent, stay_of
from interop.reading import Document
from interop.reading.nodes import child, children, text

STAY_NOTICE = "stay-notice"
STAY_EVENT = f"{BASE}/CodeSystem/stay-event"
STAY_EVENT_ID = "https://interop.example/Id/stay-event"
RECIPIENTS = ("care-home", "gp")
"""Whom a notice goes to, by their role in the person's circle; the practice by its code where the message names it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice, ready to be sent.

    told   the sentence it comes down to
    exact  False for a cancellation that names what it cancels by the stay alone: the notice itself was not at hand
    """

    stay: Stay
    bundle: JsonObject
    recipients: tuple[str, ...]
    told: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class StayNotices:
    """The Rule: every admission, move, discharge and cancellation is told to the home and the practice, once.

    names  what organisations are called, by ODS code: a patient administration system sends codes alone
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        made = notice(after, before, self.names)
        if made is None:
            return ()
        return (FollowUp(STAY_NOTICE, "/".join(made.stay.key), made.bundle, made.recipients, made.told),)


def notice(event: Document, before: Document | None = None, names: Mapping[str, str] | None = None) -> Notice | None:
    """The notice for one message about a stay; None when it tells nothing that others must know (an update).

    before  the message before it about the same person, which a cancellation may cancel
    """
    stay = stay_of(event, names or {})
    if stay is None or stay.hospital is None:
        return None
    cancelled = _cancelled(stay, stay_of(before) if before else None)
    practice = _practice(event)
    person = _person(event, practice)
    letter = Letter(
        kind=STAY_NOTICE,
        display="Notice about a stay in hospital",
        title=f"{EVENTS[stay.event].title}: notice from {stay.hospital.name}",
        key=(STAY_NOTICE, *stay.key),
        sender=stay.hospital,
        written=stay.happened,
        replaces=(STAY_NOTICE, *cancelled) if cancelled else None,
    )
    encounter = stay.encounter(person, letter.sender.entry())
    parts = [Part(EVENTS[stay.event].section_title, EVENTS[stay.event].section, [encounter])]
    allergies = [_allergy(resource, person) for resource in event.resources("AllergyIntolerance")]
    parts += [Part("Allergies", "allergies-and-adverse-reaction", allergies)] if allergies else []
    parts.append(Part("Person", "patient-demographics", [person]))
    parts += [Part("GP practice", "general-practitioner-practice", [practice.entry()])] if practice else []
    bundle = letter.document(person, parts)
    _say(bundle["entry"][0]["resource"], stay, encounter)
    told_to = tuple(practice.ods if role == "gp" and practice and practice.ods else role for role in RECIPIENTS)
    return Notice(stay, bundle, told_to, stay.told, exact=stay.cancels is None or cancelled is not None)


def _cancelled(stay: Stay, before: Stay | None) -> tuple[str, ...] | None:
    """The key of the notice that is cancelled, where the messages say enough to know it."""
    if stay.cancels is None:
        return None
    if before is not None and before.event is stay.cancels and before.visit == stay.visit:
        return before.key
    moment = {StayEvent.ADMITTED: stay.admitted, StayEvent.DISCHARGED: stay.left}.get(stay.cancels)
    return stay.key_of(stay.cancels, moment) if moment else None


def _say(composition: JsonObject, stay: Stay, encounter: Entry) -> None:
    """What a Letter does not know: the event, the stay, and what the event takes back. The Composition is our own."""
    meaning = EVENTS[stay.event]
    composition["identifier"] = stay_event_identifier(stay, stay.event)
    composition["encounter"] = reference(encounter)
    code = {"system": STAY_EVENT, "code": str(stay.event), "display": meaning.title}
    composition["event"] = [{"code": [{"coding": [code]}], "period": {"start": stay.happened.isoformat()}}]
    if stay.cancels is not None:
        target = stay_event_identifier(stay, stay.cancels)
        known: list[Json] = composition.get("relatesTo", [])
        composition["relatesTo"] = [*known, {"code": "replaces", "targetIdentifier": target}]


def stay_event_identifier(stay: Stay, event: StayEvent) -> JsonObject:
    """What a stay and an event of it are called together: known also to whoever never had the notice."""
    return {"system": STAY_EVENT_ID, "value": f"{stay.hospital_key}/{stay.visit}/{event}"}


def _person(event: Document, practice: Site | None) -> Entry:
    """Who it is about, and where they live: a notice may be the first that a home hears of somebody."""
    known = person_of(event)
    home: JsonObject = {name: event.patient[name] for name in ("telecom", "address") if name in event.patient}
    registered = {"generalPractitioner": [reference(practice.entry())]} if practice else {}
    return Entry(known.full_url, {**known.resource, **home, **registered})


def _practice(event: Document) -> Site | None:
    for named in children(event.patient, "generalPractitioner"):
        resource = event.resolve(named)
        if text(resource, "resourceType") == "Organization":
            return Site.of(resource)
    return None


def _allergy(resource: JsonObject, person: Entry) -> Entry:
    kept = {name: value for name, value in resource.items() if name not in ("encounter", "text", "id")}
    named = text(child(resource, "code"), "text") or str(child(resource, "code"))
    return Entry(full_url("allergy", person.full_url, named), {**kept, "patient": reference(person)})
