"""Healthcare tasks handed to care workers: whether each may stand, and why not where it may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interop.bundle import stable_uuid
from interop.json_codec import JsonObject
from interop.practice.around import custodian, site_of
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Part, Site, person_key
from interop.practice.notice import Notice, entry_of
from interop.practice.plan_change import extended_text, folded, numbered
from interop.reading import Document
from interop.reading.nodes import child, children, codings, extension_value, extensions, text
from interop.reading.systems import CANONICAL
from interop.reading.transfer import person
from interop.reading.wording import best_name, code_words, concept, concepts, phones

KIND, DISPLAY = "delegation-refused", "Delegation that does not stand"
LOCAL = f"{CANONICAL}/StructureDefinition/"
STAFF_ID, COMPETENCY_ID = "https://interop.example/Id/staff-id", "https://interop.example/Id/competency-id"
RESIDENT_ID, DELEGATION_ID = "https://interop.example/Id/resident-id", "https://interop.example/Id/delegation-id"
ACTIVE = {"requested", "accepted", "in-progress"}
STANDINGS = {"rejected": "refused", "cancelled": "stopped", "completed": "finished"}
"""Task.status in the words of those who hand tasks over."""
SOON = timedelta(days=60)
"""A competency that runs out within this time is told of while it can still be renewed."""


@dataclass(frozen=True, slots=True)
class Competency:
    """What a care worker may do. ``person``: the home's number of the one person it is for; None: anybody."""

    number: str | None
    task: str | None
    codes: frozenset[str]
    trained_on: str | None
    trained_by: str | None
    signed_by: str | None
    signed_role: str | None
    signed_on: str | None
    expires: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Worker:
    """A nurse or a care worker with a number of the home's own."""

    number: str | None
    name: str | None
    role: str | None
    site: Site | None
    phones: tuple[str, ...]
    competencies: tuple[Competency, ...]


@dataclass(frozen=True, slots=True)
class Delegation:
    """One task handed over. ``nurse`` and ``worker`` None: the document does not hold who the number means."""

    number: str | None
    task: str | None
    codes: frozenset[str]
    instructions: str | None
    when: str | None
    start: str | None
    end: str | None
    status: str | None
    because: str | None
    nurse: Worker | None
    worker: Worker | None
    rests_on: str | None
    first_contact: str | None
    first_phone: str | None
    stop_if: str | None
    resource: JsonObject

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def competency(self) -> Competency | None:
        held = self.worker.competencies if self.worker else ()
        return next((one for one in held if one.number is not None and one.number == self.rests_on), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a delegation may stand. ``reasons``: why not, each a sentence; empty where it may."""

    delegation: Delegation
    reasons: tuple[str, ...]

    @property
    def stands(self) -> bool:
        return self.delegation.active and not self.reasons

    @property
    def words(self) -> str:
        if not self.delegation.active:
            status = self.delegation.status or ""
            return STANDINGS.get(status) or code_words(status) or "no standing"
        return "may stand" if self.stands else "MUST NOT STAND"


@dataclass(frozen=True, slots=True)
class Expiry:
    """A competency that has run out or runs out soon. ``needed``: tasks that rest on it now."""

    worker: Worker
    competency: Competency
    over: bool
    needed: tuple[str, ...]


def workers(document: Document) -> list[Worker]:
    """Everybody with a number of the home's own, in document order."""
    roles = {id(document.resolve(child(role, "practitioner"))): role for role in document.resources("PractitionerRole")}
    people = [one for one in document.resources("Practitioner") if numbered(one, STAFF_ID)]
    return [_worker(document, one, roles.get(id(one), {})) for one in people]


def _worker(document: Document, practitioner: JsonObject, role: JsonObject) -> Worker:
    return Worker(
        number=numbered(practitioner, STAFF_ID),
        name=best_name(practitioner),
        role=", ".join(concepts(role, "code")) or None,
        site=site_of(document, child(role, "organization")),
        phones=tuple(dict.fromkeys([*phones(practitioner), *phones(role)])),
        competencies=competencies(practitioner),
    )


def competencies(practitioner: JsonObject) -> tuple[Competency, ...]:
    """What a Practitioner's qualifications say they may do, those with a number of the home's own."""
    held = [one for one in children(practitioner, "qualification") if numbered(one, COMPETENCY_ID)]
    return tuple(_competency(one) for one in held)


def _competency(qualification: JsonObject) -> Competency:
    signed = next(iter(extensions(qualification, f"{LOCAL}signed-off")), {})
    whom = extension_value(qualification, f"{LOCAL}competency-person")
    period = child(qualification, "period")
    return Competency(
        number=numbered(qualification, COMPETENCY_ID),
        task=concept(child(qualification, "code")),
        codes=_codes(child(qualification, "code")),
        trained_on=extended_text(qualification, f"{LOCAL}trained-on", "valueDate"),
        trained_by=text(child(qualification, "issuer"), "display"),
        signed_by=extended_text(signed, "name", "valueString"),
        signed_role=extended_text(signed, "role", "valueString"),
        signed_on=text(period, "start"),
        expires=text(period, "end"),
        person=text(whom[1], "value") if whom else None,
    )


def _codes(node: JsonObject) -> frozenset[str]:
    return frozenset(code for _, code in codings(node))


def is_delegation(task: JsonObject) -> bool:
    return numbered(task, DELEGATION_ID) is not None


def delegations(document: Document) -> list[Delegation]:
    """Every delegated task of a document."""
    known = {one.number: one for one in workers(document)}
    tasks = [task for task in document.resources("Task") if is_delegation(task)]
    return [_delegation(task, known) for task in tasks]


def _delegation(task: JsonObject, known: dict[str | None, Worker]) -> Delegation:
    restriction = child(task, "restriction")
    period, ask = child(restriction, "period"), next(iter(extensions(task, f"{LOCAL}first-contact")), {})
    rests = extension_value(task, f"{LOCAL}rests-on")
    return Delegation(
        number=numbered(task, DELEGATION_ID),
        task=concept(child(task, "code")),
        codes=_codes(child(task, "code")),
        instructions=text(task, "description"),
        when=extended_text(restriction, f"{LOCAL}when-in-words", "valueString"),
        start=text(period, "start"),
        end=text(period, "end"),
        status=text(task, "status"),
        because=concept(child(task, "statusReason")),
        nurse=known.get(text(child(child(task, "requester"), "identifier"), "value")),
        worker=known.get(text(child(child(task, "owner"), "identifier"), "value")),
        rests_on=text(rests[1], "value") if rests else None,
        first_contact=extended_text(ask, "name", "valueString"),
        first_phone=extended_text(ask, "phone", "valueString"),
        stop_if=extended_text(task, f"{LOCAL}stop-if", "valueString"),
        resource=task,
    )


def decide(document: Document, now: datetime) -> list[Decision]:
    """Every delegation judged at ``now``. One that is refused, stopped or finished is told, and needs no competency."""
    return [Decision(one, tuple(_reasons(document, one, now)) if one.active else ()) for one in delegations(document)]


def _reasons(document: Document, one: Delegation, now: datetime) -> Iterator[str]:
    name = one.worker.name if one.worker else None
    task = f"“{one.task or 'not recorded'}”"
    if one.worker is None:
        yield f"Nobody knows which care worker is to do {task}."
    if one.nurse is None:
        yield f"Nobody knows which nurse handed {task} over."
    if one.nurse and one.worker and one.nurse.number == one.worker.number:
        yield f"{name} handed {task} to themselves: a nurse hands it over."
    if one.worker is not None and one.competency is None:
        known = [c for c in one.worker.competencies if _same_task(c, one)]
        held = f" Recorded is {known[0].number}: name it, if it is the one." if known else ""
        yield f"{name} has no recorded competency for {task}, or the delegation does not name it.{held}"
    elif one.competency is not None:
        yield from _unfit(document, one, one.competency, now)
    if not one.first_contact or not one.first_phone:
        yield f"Whom {name or 'the care worker'} rings with questions is not recorded, or has no telephone number."
    if one.end and document.calendar.is_past(one.end, now.isoformat()):
        yield f"The time for which {task} was handed over ended on {document.calendar.show(one.end)}."


def _same_task(competency: Competency, one: Delegation) -> bool:
    return bool(competency.codes & one.codes) or folded(competency.task) == folded(one.task)


def _unfit(document: Document, one: Delegation, held: Competency, now: datetime) -> Iterator[str]:
    name, show = one.worker.name if one.worker else "The care worker", document.calendar.show
    if not _same_task(held, one):
        yield f"{name}'s competency {held.number} is for “{held.task}”, not for “{one.task}”."
    if held.trained_on is None:
        yield f"When {name} was trained for “{held.task}” is not recorded."
    if held.signed_by is None or held.signed_on is None:
        yield f"Nobody has signed off that {name} may do “{held.task}”."
    elif folded(held.signed_by) == folded(name):
        yield f"{name} signed off their own competency: somebody else has to."
    elif (moment := document.calendar.moment(held.signed_on)) is not None and moment > now:
        yield f"{name}'s competency for “{held.task}” is signed off from {show(held.signed_on)} only."
    if document.calendar.is_past(held.expires, now.isoformat()):
        yield f"{name}'s competency for “{held.task}” ran out on {show(held.expires)}."
    if held.person and held.person != numbered(document.patient, RESIDENT_ID):
        yield f"{name}'s competency for “{held.task}” was signed off for another person, not for this one."


def expiring(document: Document, now: datetime) -> list[Expiry]:
    """Competencies that have run out or do so within sixty days, those that tasks rest on first, then the soonest."""
    needed: dict[str | None, list[str]] = {}
    for one in delegations(document):
        if one.active and one.rests_on:
            needed.setdefault(one.rests_on, []).append(one.task or "not recorded")
    found = []
    for worker in workers(document):
        for held in worker.competencies:
            end = document.calendar.moment(held.expires)
            if end is not None and end <= now + SOON:
                over = bool(document.calendar.is_past(held.expires, now.isoformat()))
                found.append(Expiry(worker, held, over, tuple(needed.get(held.number, ()))))
    return sorted(found, key=lambda one: (not one.needed, one.competency.expires or ""))


def refusals(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
    """To the nurse's organisation: each delegation that does not stand at ``now``, with the reasons in plain words.

    A refusal found again for the same reasons is the same refusal. ``before`` is not needed: a task that stood and no
    longer does is told as soon as it is seen.
    """
    return [_refusal(after, decision, now) for decision in decide(after, now) if decision.reasons]


def _refusal(after: Document, decision: Decision, now: datetime) -> FollowUp:
    one, whom, keeper = decision.delegation, person(after), custodian(after)
    worker = one.worker.name if one.worker else "The care worker"
    called = whom.called or whom.name or "this person"
    first = f"{worker} must not do “{one.task or 'not recorded'}” for {called} until this is put right."
    nurse = one.nurse.site if one.nurse else None
    away = nurse is not None and nurse.ods is not None and not (keeper is not None and nurse.key == keeper.key)
    sites = (nurse,) if away and nurse is not None else ()
    key = (KIND, person_key(after), one.number or "", *decision.reasons)
    bare = {name: value for name, value in one.resource.items() if name not in ("owner", "requester")}
    facts = (Part("The task", "plan-and-requested-actions", (entry_of(after, one.resource, _named(one, bare)),)),)
    notice = Notice(KIND, DISPLAY, DISPLAY, key, (first, *decision.reasons), sites, facts)
    reason = " ".join((first, *decision.reasons))
    recipients = tuple(site.ods for site in sites if site.ods)
    return FollowUp(KIND, f"{KIND}/{stable_uuid(*key)}", notice.document(after, now), recipients, reason)


def _named(one: Delegation, bare: JsonObject) -> JsonObject:
    """The task with worker and nurse by name: their other competencies are no part of the news."""
    named = {"owner": one.worker, "requester": one.nurse}
    return bare | {
        role: {"identifier": {"system": STAFF_ID, "value": who.number}, "display": who.name}
        for role, who in named.items()
        if who is not None
    }


def next_change(after: Document, now: datetime) -> datetime | None:
    """The next moment at which a delegation that stands may no longer: its competency runs out, or its time is over."""
    days = [
        day
        for decision in decide(after, now)
        if decision.stands
        for day in (decision.delegation.end, decision.delegation.competency and decision.delegation.competency.expires)
    ]
    moments = [moment + timedelta(days=1) for day in days if day and (moment := after.calendar.moment(day)) is not None]
    return min((moment for moment in moments if moment > now), default=None)
