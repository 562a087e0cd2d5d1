"""A journey as its crew has to know it, and whether the crew is told what the home's own summary holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.practice.letter import person_key
from interop.reading import Document
from interop.reading.alerts import CprDecision, communication_needs, cpr_decisions
from interop.reading.allergies import allergies
from interop.reading.nodes import child, children, code_in, extensions, text
from interop.reading.wording import best_name, concept, phones, stated

TRAVEL_NEED = f"{BASE}/CodeSystem/travel-need"
ENCOUNTER_TRANSPORT = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EncounterTransport"
FIRST = ("mobility", "oxygen", "escort")
"""What every crew asks first; a plan without them is refused by its profile."""


@dataclass(frozen=True, slots=True)
class Place:
    """One end of the journey. ``where``: ward, entrance, room, in the sender's words."""

    name: str | None
    where: str | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """The journey itself. Moments as in the data; None: the plan does not say."""

    reference: str | None
    vehicle: str | None
    reason: str | None
    start: str | None
    until: str | None
    origin: Place
    destination: Place
    provider: Place


@dataclass(frozen=True, slots=True)
class TravelNeed:
    """One thing the crew has to know. ``needed``: for oxygen and escort, yes or no; None for the others or not said."""

    code: str
    title: str
    words: str | None
    needed: bool | None
    parts: tuple[tuple[str, str], ...]

    @property
    def told(self) -> str | None:
        """The whole need in one line."""
        if self.needed is None:
            return self.words
        detail = ", ".join(value for _, value in self.parts)
        return f"Yes: {detail or 'not recorded how'}" if self.needed else "No"


def journey(document: Document) -> Journey:
    encounter = document.encounter
    transport = next(iter(extensions(encounter, ENCOUNTER_TRANSPORT)), {})
    parts = {text(part, "url"): part for part in children(transport, "extension")}
    period = child(parts.get("transportPeriod"), "valuePeriod")
    stay = child(encounter, "hospitalization")
    return Journey(
        reference=text(child(encounter, "identifier"), "value"),
        vehicle=concept(child(parts.get("transportType"), "valueCodeableConcept")),
        reason=text(parts.get("reasonForTransport"), "valueString"),
        start=text(period, "start"),
        until=text(period, "end"),
        origin=_place(document, child(stay, "origin")),
        destination=_place(document, child(stay, "destination")),
        provider=_place(document, child(encounter, "serviceProvider")),
    )


def _place(document: Document, reference: JsonObject) -> Place:
    resource = document.resolve(reference)
    where = next((words for node in children(resource, "address") if (words := text(node, "text"))), None)
    return Place(best_name(resource) or text(reference, "display"), where, tuple(phones(resource)))


def travel_needs(document: Document) -> list[TravelNeed]:
    """What the crew has to know: how the person moves, oxygen and escort first, the others as the plan has them."""
    found = [need for resource in document.resources("Observation") if (need := _need(document, resource))]
    rank = {code: number for number, code in enumerate(FIRST)}
    return sorted(found, key=lambda need: rank.get(need.code, len(rank)))


def _need(document: Document, resource: JsonObject) -> TravelNeed | None:
    code = code_in(child(resource, "code"), TRAVEL_NEED)
    if code is None:
        return None
    needed = resource.get("valueBoolean")
    parts = (
        (concept(child(part, "code")) or "", stated(part, "value", document.calendar))
        for part in children(resource, "component")
    )
    return TravelNeed(
        code,
        concept(child(resource, "code")) or code,
        stated(resource, "value", document.calendar),
        needed if isinstance(needed, bool) else None,
        tuple((title, value) for title, value in parts if value),
    )


def crew_findings(plan: Document, summary: Document | None, now: datetime) -> tuple[Issue, ...]:
    """What a crew would not learn from the plan although the home's latest summary holds it, and what is out of date.

    summary  the person's transfer summary (or any document of theirs); None: only the plan itself is looked at
    """
    issues = [*_out_of_date(plan, now)]
    if summary is not None:
        if person_key(plan) != person_key(summary):
            return (_issue("transport-other-person", "the plan and the summary are about two people", plan),)
        issues += [*_cpr(plan, summary), *_allergies(plan, summary), *_communication(plan, summary)]
    return tuple(issues)


def _cpr(plan: Document, summary: Document) -> Iterator[Issue]:
    held, told = cpr_decisions(summary), cpr_decisions(plan)
    if not held:
        return
    if not told:
        words = f"the home holds a CPR decision ({_decision(summary, held[0])}) and the crew is not told it"
        yield _issue("transport-cpr-not-told", words, plan)
    elif {decision.kind for decision in held} != {decision.kind for decision in told}:
        words = f"the crew is told “{told[0].words}”, the home holds “{_decision(summary, held[0])}”"
        yield _issue("transport-cpr-differs", words, plan)
    elif held[0].decided != told[0].decided or held[0].where != told[0].where:
        words = f"the crew is told “{_decision(plan, told[0])}”, the home holds “{_decision(summary, held[0])}”"
        yield _issue("transport-cpr-differs", words, plan, Severity.WARNING)


def _decision(document: Document, decision: CprDecision) -> str:
    day = document.calendar.show(decision.decided) or "date not recorded"
    return f"{decision.words}, {day}, form: {decision.where or 'place not recorded'}"


def _allergies(plan: Document, summary: Document) -> Iterator[Issue]:
    told = {_folded(allergy.substance) for allergy in allergies(plan).active}
    for allergy in allergies(summary).active:
        if _folded(allergy.substance) not in told:
            words = (
                f"the home's summary names an allergy to {allergy.substance or 'something'}; the crew is not told it"
            )
            yield _issue("transport-allergy-not-told", words, plan)


def _communication(plan: Document, summary: Document) -> Iterator[Issue]:
    told = {_folded(need) for need in communication_needs(plan)}
    for need in communication_needs(summary):
        if _folded(need) not in told:
            words = f"the home's summary says “{need}”; the crew is not told it"
            yield _issue("transport-communication-not-told", words, plan, Severity.WARNING)


def _out_of_date(plan: Document, now: datetime) -> Iterator[Issue]:
    until = plan.calendar.moment(journey(plan).until)
    if until is not None and until < now:
        words = f"the pick-up window ended on {plan.calendar.show(journey(plan).until)}"
        yield _issue("transport-window-over", words, plan, Severity.WARNING)
    for decision in cpr_decisions(plan):
        if plan.calendar.is_past(decision.review, now.isoformat()):
            words = f"the CPR decision was to be reviewed by {plan.calendar.show(decision.review)}"
            yield _issue("transport-cpr-review-over", words, plan, Severity.WARNING)


def _folded(words: str | None) -> str:
    return " ".join((words or "").casefold().split())


def _issue(code: str, words: str, plan: Document, severity: Severity = Severity.ERROR) -> Issue:
    hint = "ring the sender before the journey; the sender mends the plan and sends it again"
    return Issue(code, words, plan.place(plan.composition), severity, hint=hint)
