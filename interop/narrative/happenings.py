"""What a document says happened, and when: each dated fact of its resources as one line of a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.anything import readable
from interop.narrative.sections import RESTRICTED
from interop.narrative.sheet import Sheet
from interop.reading import Document
from interop.reading.alerts import alerts, cpr_decisions
from interop.reading.allergies import allergies
from interop.reading.document import is_restricted
from interop.reading.medicines import medicines
from interop.reading.needs import news2
from interop.reading.nodes import child, choice, text
from interop.reading.transfer import transfer
from interop.reading.wording import code_words, concept

DATED = {
    "Procedure": ("performed", "Done"),
    "Goal": ("start", "Goal set"),
    "Task": ("authoredOn", "Asked"),
    "Appointment": ("start", "Visit or appointment"),
    "ServiceRequest": ("authoredOn", "Requested"),
    "Consent": ("dateTime", "Consent"),
    "RiskAssessment": ("occurrence", "Risk assessed"),
    "DiagnosticReport": ("effective", "Report"),
    "Immunization": ("occurrence", "Immunisation"),
    "EpisodeOfCare": ("period", "Care began"),
}
"""Resource type → its date element (or the stem of a choice) and what is said before its words."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. ``when`` as in the data, None when no date is recorded; ``detail`` an idea each."""

    when: str | None
    what: str
    detail: tuple[str, ...] = ()


def happenings(document: Document) -> Iterator[Happening]:
    """Every dated fact, in the order of the document; a restricted one says only that it is there."""
    sheet = Sheet(document)
    by = f" by {sheet.completed}" if sheet.completed else ""
    yield Happening(document.written, f"{sheet.kind} written{by}", (*_changes(document),))
    yield from _stay(document)
    for decision in cpr_decisions(document):
        author = f", {decision.author}" if decision.author else ""
        yield Happening(decision.decided, f"CPR decision: {decision.words}{author}")
    for alert in alerts(document, "alert", "safeguarding"):
        words = RESTRICTED if alert.restricted else alert.words
        if words and alert.current:
            yield Happening(alert.start, f"Alert: {words}")
    for allergy in allergies(document).active:
        yield Happening(
            text(allergy.resource, "recordedDate"), f"Allergy written down: {allergy.substance or 'not recorded'}"
        )
    score = news2(document)
    if score and score.total:
        yield Happening(score.taken, f"Observations: NEWS2 {score.total}", (score.meaning,) if score.meaning else ())
    for resource in document.resources(*DATED):
        yield _dated(resource)


def _stay(document: Document) -> Iterator[Happening]:
    stay = transfer(document)
    if not document.encounter:
        return
    if document.is_discharge:
        if stay.start:
            place = stay.origin or "not recorded"
            yield Happening(stay.start, f"Stay began at {place}", stay.reasons)
        yield Happening(stay.end, f"Left {stay.origin or 'hospital'} for {stay.destination or 'not recorded'}")
    elif stay.start:
        route = " ".join(
            f"{word} {place}" for word, place in (("from", stay.origin), ("to", stay.destination)) if place
        )
        said = "Move planned" if stay.status == "planned" else "Moved"
        yield Happening(stay.start, f"{said} {route}" if route else "Stay began", stay.reasons)


def _changes(document: Document) -> Iterator[str]:
    """What a document says was done to each medicine, the unchanged left out."""
    for medicine in medicines(document):
        status = "stopped" if medicine.stopped else medicine.change.status if medicine.change else None
        if status and status != "same":
            yield f"Medicine {status}: {medicine.name or 'name not recorded'}"


def _dated(resource: JsonObject) -> Happening:
    kind = text(resource, "resourceType") or ""
    element, said = DATED[kind]
    found = choice(resource, element)
    when = text(resource, element) or (
        text(found[1], "start") or text(resource, f"{element}{found[0]}") if found else None
    )
    when = when or text(child(resource, element), "start")
    if is_restricted(resource):
        return Happening(when, RESTRICTED)
    words = next(
        (
            w
            for name in ("code", "description", "vaccineCode", "scope", "type", "reasonCode")
            if (w := concept(child(resource, name)) or text(resource, name))
        ),
        readable(kind),
    )
    outcome = concept(child(resource, "outcome"))
    standing = code_words(text(resource, "status") or text(resource, "lifecycleStatus"))
    detail = (f"What came of it: {outcome}" if outcome else "", f"Status: {standing}" if standing else "")
    return Happening(when, f"{said}: {words}", tuple(part for part in detail if part))
