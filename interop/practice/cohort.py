"""A virtual ward or a risk-stratified cohort: who is on the list, and whether the facts say that they should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, codings, extension_value, extensions, text
from interop.reading.systems import ROLE_IN_WORDS
from interop.reading.transfer import nhs_number
from interop.reading.wording import best_name, concept

WARD_LIST = f"{BASE}/CodeSystem/ward-list"
THRESHOLD = f"{BASE}/StructureDefinition/threshold"
INCLUSION_FACT = f"{BASE}/StructureDefinition/inclusion-fact"
MODEL_VERSION = f"{BASE}/StructureDefinition/model-version"
WARD_STEP = f"{BASE}/StructureDefinition/ward-step"
TELEPHONE = f"{BASE}/StructureDefinition/telephone-in-words"
COMPARISONS = {
    "at-least": "at least", "more-than": "more than", "at-most": "at most", "less-than": "less than",
    "equal-to": "equal to", "is-so": "is so",
}  # fmt: skip
NOT_SO = {"no", "none", "not recorded", "unknown", "false"}
STALE_DAYS = 180
"""A score older than this is told: the facts behind it have moved on. The team may say otherwise."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """Who is meant to be on the list. ``needed``: every member has to meet it; of the others, one may be enough."""

    number: str
    what: str | None
    comparison: str
    against: str | None
    needed: bool

    @property
    def told(self) -> str:
        held = COMPARISONS.get(self.comparison, self.comparison)
        return f"{self.what}: {held}{f' {self.against}' if self.against else ''}"

    def met(self, found: str | None) -> bool | None:
        """Whether what was found meets it; None when the two cannot be compared."""
        if self.comparison == "is-so":
            return None if found is None else found.casefold().split(",")[0].strip() not in NOT_SO
        value, limit = _number(found), _number(self.against)
        if value is None or limit is None:
            return None
        answers = {
            "at-least": value >= limit, "more-than": value > limit, "at-most": value <= limit,
            "less-than": value < limit, "equal-to": value == limit,
        }  # fmt: skip
        return answers.get(self.comparison)


@dataclass(frozen=True, slots=True)
class Fact:
    """What was found for one person, and whether it meets the criterion it is held against."""

    criterion: str | None
    found: str | None
    recorded: str | None
    source: str | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Step:
    event: str | None
    at: str | None
    by: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """One person on the list. ``probability`` in per cent, as in the data; ``since``, ``until`` of the episode."""

    name: str | None
    nhs_number: str | None
    born: str | None
    practice: str | None
    active: bool
    kind: str | None
    since: str | None
    until: str | None
    manager: str | None
    manager_role: str | None
    manager_phone: str | None
    team: str | None
    method: str | None
    model_version: str | None
    outcome: str | None
    probability: str | None
    band: str | None
    scored: str | None
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    place: str

    @property
    def called(self) -> str:
        return self.name or self.nhs_number or "somebody without name and number"


@dataclass(frozen=True, slots=True)
class Ward:
    """The list itself."""

    name: str | None
    kind: str | None
    managed_by: str | None
    criteria: tuple[Criterion, ...]
    members: tuple[Member, ...]

    @property
    def active(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.active)


def is_ward(document: Document) -> bool:
    return bool(document.resources("Group"))


def ward(document: Document) -> Ward:
    """The list a document holds: those on it now first, the highest score on top. Without one, an empty list."""
    group: JsonObject = next(iter(document.resources("Group")), {})
    criteria = tuple(c for node in children(group, "characteristic") if (c := _criterion(node)))
    members = [_member(document, child(member, "entity"), criteria) for member in children(group, "member")]
    members.sort(key=lambda member: (not member.active, -(_number(member.probability) or Decimal(0))))
    return Ward(
        name=text(group, "name"),
        kind=next((code for system, code in codings(child(group, "code")) if system == WARD_LIST), None),
        managed_by=document.name_of(child(group, "managingEntity")),
        criteria=criteria,
        members=tuple(members),
    )


def _criterion(node: JsonObject) -> Criterion | None:
    said = next(iter(extensions(node, THRESHOLD)), {})
    part = {name: _part(said, name) for name in ("number", "comparison", "against", "needed")}
    if part["number"] is None:
        return None
    what = concept(child(node, "code"))
    return Criterion(part["number"], what, part["comparison"] or "", part["against"], part["needed"] == "yes")


def _member(document: Document, entity: JsonObject, criteria: tuple[Criterion, ...]) -> Member:
    person = document.resolve(entity)
    episode = _about(document, "EpisodeOfCare", "patient", person)
    risk = _about(document, "RiskAssessment", "subject", person)
    prediction, manager = child(risk, "prediction"), child(episode, "careManager")
    known = {criterion.number: criterion for criterion in criteria}
    practice = next((document.name_of(r) for r in children(person, "generalPractitioner")), None)
    role, phone = extension_value(manager, ROLE_IN_WORDS), extension_value(manager, TELEPHONE)
    version = extension_value(risk, MODEL_VERSION)
    return Member(
        name=best_name(person),
        nhs_number=nhs_number(person),
        born=text(person, "birthDate"),
        practice=practice,
        active=text(episode, "status") == "active",
        kind=next((concept(kind) for kind in children(episode, "type")), None),
        since=text(child(episode, "period"), "start"),
        until=text(child(episode, "period"), "end"),
        manager=document.name_of(manager),
        manager_role=as_text(role[1]) if role else None,
        manager_phone=as_text(phone[1]) if phone else None,
        team=document.name_of(child(episode, "team")),
        method=concept(child(risk, "method")),
        model_version=as_text(version[1]) if version else None,
        outcome=concept(child(prediction, "outcome")),
        probability=text(prediction, "probabilityDecimal"),
        band=concept(child(prediction, "qualitativeRisk")),
        scored=text(risk, "occurrenceDateTime"),
        facts=tuple(_fact(node, known) for node in extensions(risk, INCLUSION_FACT)),
        steps=tuple(_step(node) for node in extensions(episode, WARD_STEP)),
        place=document.place(risk or episode or person),
    )


def _fact(node: JsonObject, known: dict[str, Criterion]) -> Fact:
    number, found = _part(node, "criterion"), _part(node, "found")
    criterion = known.get(number or "")
    return Fact(
        number, found, _part(node, "recorded"), _part(node, "source"), criterion.met(found) if criterion else None
    )


def _step(node: JsonObject) -> Step:
    return Step(*(_part(node, name) for name in ("event", "at", "by", "why")))


def cohort_issues(document: Document, now: datetime, stale_days: int = STALE_DAYS) -> Iterator[Issue]:
    """Members the facts do not support, scores that cannot be repeated or are old, and steps out of order."""
    found = ward(document)
    for member in found.members:
        yield from _inclusion_issues(found, member)
        yield from _step_issues(document, member)
        scored = document.calendar.moment(member.scored)
        if member.active and scored and now - scored > timedelta(days=stale_days):
            words = f"{member.called}: the score is of {document.calendar.show(member.scored)}"
            hint = f"score again: it is older than {stale_days} days"
            yield Issue("cohort-score-old", words, member.place, Severity.WARNING, hint=hint)
    versions = {(member.method, member.model_version) for member in found.active if member.method}
    if len(versions) > 1:
        told = ", ".join(sorted(f"{method} {version or 'without version'}" for method, version in versions))
        words = f"scores of different models stand side by side: {told}"
        hint = "they cannot be ranked against one another: score all with one version"
        yield Issue("cohort-models-mixed", words, "Bundle", Severity.WARNING, hint=hint)


def _inclusion_issues(found: Ward, member: Member) -> Iterator[Issue]:
    met = {fact.criterion for fact in member.facts if fact.met}
    for criterion in found.criteria:
        facts = [fact for fact in member.facts if fact.criterion == criterion.number]
        if criterion.needed and criterion.number not in met and all(fact.met is not None for fact in facts):
            what = f"found {facts[0].found}" if facts else "nothing was recorded"
            words = f"{member.called} does not meet {criterion.number}, which everybody on the list has to: {what}"
            hint = f"wanted {criterion.told}; take them off the list, or record the fact"
            yield Issue("cohort-not-met", words, member.place, hint=hint)
    for fact in member.facts:
        criterion_ = next((c for c in found.criteria if c.number == fact.criterion), None)
        if criterion_ is not None and fact.met is None:
            words = f"{member.called}: {fact.found!r} cannot be held against {criterion_.told}"
            yield Issue("cohort-cannot-tell", words, member.place, Severity.WARNING, hint="record a number")
        if criterion_ is not None and fact.met is False and not criterion_.needed:
            words = (
                f"{member.called} is said to be on the list because of {criterion_.told}, but {fact.found} was found"
            )
            yield Issue("cohort-reason-wrong", words, member.place, hint="mend the fact, or leave the reason out")
    if not met and not any(fact.met is None for fact in member.facts):
        words = f"{member.called} is on the list and meets none of its criteria"
        yield Issue(
            "cohort-no-reason", words, member.place, hint="take them off the list, or record why they are on it"
        )


def _step_issues(document: Document, member: Member) -> Iterator[Issue]:
    steps = member.steps
    if not steps:
        return
    wrong = []
    if steps[0].event != "admitted" or any(step.event == "admitted" for step in steps[1:]):
        wrong.append("the first step, and no other, is the admission")
    if (steps[-1].event == "discharged") != (not member.active) or any(s.event == "discharged" for s in steps[:-1]):
        wrong.append("a discharge is the last step, and whoever is on the ward has none")
    moments = [document.calendar.moment(step.at) for step in steps]
    known = [moment for moment in moments if moment]
    if known != sorted(known):
        wrong.append("steps stand in the order in which they happened")
    for rule in wrong:
        told = ", ".join(f"{step.event} {document.calendar.show(step.at) or ''}".strip() for step in steps)
        yield Issue("cohort-steps", f"{member.called}: {told}", member.place, hint=rule)


def _about(document: Document, kind: str, name: str, person: JsonObject) -> JsonObject:
    """The last resource of a kind about a person; nothing when there is none."""
    found = [r for r in document.resources(kind) if person and document.resolve(child(r, name)) is person]
    return found[-1] if found else {}


def _part(node: JsonObject, name: str) -> str | None:
    found = extension_value(node, name)
    return as_text(found[1]) if found else None


def _number(written: str | None) -> Decimal | None:
    try:
        value = Decimal((written or "").strip().rstrip("%").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
