"""Wishes and decisions for later life as a reader meets them: who decides, what is refused, how far to go, where.

A power or a decision that is no longer in force is read too, and says so: somebody may still hold its paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.alerts import Alert, alerts, cpr_decisions
from interop.reading.document import Document
from interop.reading.nodes import as_text, child, children, code_in, codings, extension_value, extensions, text
from interop.reading.systems import (
    ATTORNEY,
    DECISION_DISCUSSED,
    DOCUMENT_LOCATION,
    ENDED_BECAUSE,
    FLAG_DETAIL,
    LIFE_SUSTAINING,
    PREFERENCE_RANK,
    REVIEW_DATE,
    SIGNED_AND_WITNESSED,
    WELFARE_ATTORNEY,
    WISH,
)
from interop.reading.wording import concept, concepts, notes, phones

ESCALATION = {"735324008", "887701000000100", "1382601000000107", "736366004", "736373009"}
"""SNOMED CT kinds of plan for how far treatment should go (escalation, emergency, ReSPECT, advance, end of life)."""
PREFIX = "Lasting power of attorney: "


@dataclass(frozen=True, slots=True)
class Power:
    """One lasting power of attorney.

    about    what the attorney may decide about, in words; ``welfare``: health and welfare is among it, by code or word
    life     whether it reaches to life-sustaining treatment; None: not said
    holders  who holds it, with how to reach them
    in_force status active and not past its end; ``why_ended`` in the record's words
    """

    about: str | None
    welfare: bool
    life: bool | None
    holders: tuple[tuple[str | None, str | None], ...]
    start: str | None
    end: str | None
    in_force: bool
    why_ended: str | None
    where: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Refusal:
    """One advance decision to refuse treatment. ``life`` and ``signed``: None where nothing is said."""

    refuses: str | None
    life: bool | None
    signed: bool | None
    made: str | None
    end: str | None
    in_force: bool
    why_ended: str | None
    where: str | None
    resource: JsonObject

    @property
    def binds(self) -> bool:
        """In force, and in the form the law asks for where life depends on it (Mental Capacity Act 2005, s. 25)."""
        return self.in_force and (self.life is not True or self.signed is True)


@dataclass(frozen=True, slots=True)
class Treatment:
    """One treatment of an escalation plan. ``offer`` None: the plan does not say."""

    name: str | None
    offer: bool | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """One plan for how far treatment should go. ``overdue``: its review day lay before the document was written."""

    title: str | None
    summary: str | None
    status: str | None
    written: str | None
    by: str | None
    review: str | None
    overdue: bool
    where: str | None
    treatments: tuple[Treatment, ...]
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person wants to be. ``question``: ``preferred-place-of-care`` or ``preferred-place-of-death``."""

    question: str
    rank: int | None
    place: str | None
    asked: str | None
    note: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Capacity:
    """One finding about capacity. ``able`` None: the words say, the record's own yes or no is missing."""

    decision: str | None
    able: bool | None
    words: str | None
    when: str | None
    by: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class BestInterests:
    """One decision made for somebody who could not make it."""

    about: str | None
    outcome: str | None
    when: str | None
    by: str | None
    consulted: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk about a decision: with the person, family or a carer."""

    who: str | None
    name: str | None
    when: str | None
    note: str | None


def powers(document: Document) -> list[Power]:
    """Every lasting power of attorney, those in force first."""
    found = [_power(document, alert) for alert in alerts(document, "lasting-power-of-attorney")]
    return sorted(found, key=lambda power: not power.in_force)


def _power(document: Document, alert: Alert) -> Power:
    flag = alert.resource
    details = [child(extension, "valueReference") for extension in extensions(flag, FLAG_DETAIL)]
    held = [
        (document.name_of(reference), ", ".join(phones(document.resolve(reference))) or None) for reference in details
    ]
    about = text(child(flag, "code"), "text") or alert.words
    coded = any(code in WELFARE_ATTORNEY for _, code in codings(child(flag, "code")))
    return Power(
        about=about.removeprefix(PREFIX) if about else None,
        welfare=coded or "welfare" in (about or "").casefold(),
        life=said(flag, LIFE_SUSTAINING),
        holders=tuple(held),
        start=alert.start,
        end=alert.end,
        in_force=alert.current,
        why_ended=words_of(flag, ENDED_BECAUSE),
        where=alert.where,
        resource=flag,
    )


def attorneys(document: Document) -> list[JsonObject]:
    """Every RelatedPerson recorded as an attorney, by code."""
    return [
        person
        for person in document.resources("RelatedPerson")
        if any(code in ATTORNEY for role in children(person, "relationship") for _, code in codings(role))
    ]


def refusals(document: Document) -> list[Refusal]:
    """Every advance decision to refuse treatment, those in force first."""
    found = [
        Refusal(
            refuses=(alert.words or "").partition(": ")[2] or alert.words,
            life=said(alert.resource, LIFE_SUSTAINING),
            signed=said(alert.resource, SIGNED_AND_WITNESSED),
            made=alert.start,
            end=alert.end,
            in_force=alert.current,
            why_ended=words_of(alert.resource, ENDED_BECAUSE),
            where=alert.where,
            resource=alert.resource,
        )
        for alert in alerts(document, "advance-decision")
    ]
    return sorted(found, key=lambda refusal: not refusal.in_force)


def escalations(document: Document) -> list[Escalation]:
    """Every plan for how far treatment should go, newest first."""
    plans = [
        plan
        for plan in document.resources("CarePlan")
        if any(code in ESCALATION for kind in children(plan, "category") for _, code in codings(kind))
    ]
    return sorted((_escalation(document, plan) for plan in plans), key=lambda plan: plan.written or "", reverse=True)


def _escalation(document: Document, plan: JsonObject) -> Escalation:
    review = extension_value(plan, REVIEW_DATE)
    due = as_text(review[1]) if review else None
    details = [child(activity, "detail") for activity in children(plan, "activity")]
    return Escalation(
        title=text(plan, "title") or next(iter(concepts(plan, "category")), None),
        summary=text(plan, "description"),
        status=text(plan, "status"),
        written=text(plan, "created"),
        by=document.name_of(child(plan, "author")),
        review=due,
        overdue=bool(document.calendar.is_past(due, document.written)),
        where=words_of(plan, DOCUMENT_LOCATION),
        treatments=tuple(
            Treatment(concept(child(detail, "code")), _offered(detail), text(detail, "description"))
            for detail in details
        ),
        resource=plan,
    )


def _offered(detail: JsonObject) -> bool | None:
    stated = detail.get("doNotPerform")
    return not stated if isinstance(stated, bool) else None


def places(document: Document) -> list[Place]:
    """Where the person wants to be looked after, then where they want to die; first choice first."""
    found = []
    for observation in document.resources("Observation"):
        question = code_in(child(observation, "code"), WISH)
        if question in ("preferred-place-of-care", "preferred-place-of-death"):
            rank = words_of(observation, PREFERENCE_RANK)
            found.append(
                Place(
                    question,
                    int(rank) if rank and rank.isdigit() else None,
                    concept(child(observation, "valueCodeableConcept")),
                    text(observation, "effectiveDateTime"),
                    notes(observation),
                    observation,
                )
            )
    return sorted(found, key=lambda place: (place.question, place.rank or 99))


def capacities(document: Document) -> list[Capacity]:
    """Every finding about mental capacity, the latest first."""
    found = [
        Capacity(
            decision=text(part(observation, "capacity-decision"), "valueString"),
            able=_flagged(part(observation, "has-capacity"), "valueBoolean"),
            words=text(observation, "valueString"),
            when=text(observation, "effectiveDateTime"),
            by=performers(document, observation),
            resource=observation,
        )
        for observation in document.resources("Observation")
        if any(code == "mental-capacity" for _, code in codings(child(observation, "code")))
    ]
    return sorted(found, key=lambda capacity: capacity.when or "", reverse=True)


def best_interests(document: Document) -> list[BestInterests]:
    """Every decision in the person's best interests, the latest first."""
    found = [
        BestInterests(
            about=concept(child(observation, "code")),
            outcome=text(observation, "valueString"),
            when=text(observation, "effectiveDateTime"),
            by=performers(document, observation),
            consulted=text(part(observation, "people-consulted"), "valueString"),
            resource=observation,
        )
        for observation in document.resources("Observation")
        if code_in(child(observation, "code"), WISH) == "best-interests-decision"
    ]
    return sorted(found, key=lambda decision: decision.when or "", reverse=True)


def holds_wishes(document: Document) -> bool:
    """Whether the document says anything at all about the end of life: a decision, a plan, a place, who decides."""
    states = (
        cpr_decisions(document),
        escalations(document),
        refusals(document),
        powers(document),
        attorneys(document),
        places(document),
        best_interests(document),
        capacities(document),
        alerts(document, "palliative-care-register"),
    )
    return any(states)


def talks(resource: JsonObject) -> list[Talk]:
    """With whom a decision was discussed, in order."""
    found = []
    for extension in extensions(resource, DECISION_DISCUSSED):
        parts = {text(inner, "url"): inner for inner in children(extension, "extension")}
        found.append(
            Talk(
                concept(child(parts.get("with", {}), "valueCodeableConcept")),
                text(parts.get("name", {}), "valueString"),
                text(parts.get("on", {}), "valueDate"),
                text(parts.get("note", {}), "valueString"),
            )
        )
    return found


def part(observation: JsonObject, code: str) -> JsonObject:
    """The component of an Observation that answers one of our own questions, or an empty object."""
    return next((c for c in children(observation, "component") if code_in(child(c, "code"), WISH) == code), {})


def performers(document: Document, resource: JsonObject) -> str | None:
    """Who found or decided it, by name."""
    named = [name for reference in children(resource, "performer") if (name := document.name_of(reference))]
    return ", ".join(named) or None


def said(resource: JsonObject, url: str) -> bool | None:
    """A yes or no in an extension; None: nothing is said."""
    found = extension_value(resource, url)
    return found[1] if found and isinstance(found[1], bool) else None


def words_of(resource: JsonObject, url: str) -> str | None:
    """An extension's value as words."""
    found = extension_value(resource, url)
    return as_text(found[1]) if found else None


def _flagged(node: JsonObject, name: str) -> bool | None:
    value = node.get(name)
    return value if isinstance(value, bool) else None
