"""A trusted assessment: by whose authority it was made, whether it may still be used, and how the home answers it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from interop.canonical import BASE
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.practice.letter import Site, document_identifier, person_key
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, code_in, codings, extension_value, extensions, text, texts
from interop.reading.wording import best_name, concept

QUESTIONNAIRE = f"{BASE}/Questionnaire/trusted-assessment"
ROLE = f"{BASE}/CodeSystem/professional-role"
DECISION = f"{BASE}/CodeSystem/assessment-decision"
TASK_KIND = f"{BASE}/CodeSystem/task-kind"
AUTHORITY = f"{BASE}/StructureDefinition/assessor-authority"
VALID_UNTIL = f"{BASE}/StructureDefinition/valid-until"
SIDES = ("home", "assessor")
OPEN = ("waiting", "queried", "answered")
"""Standings in which somebody still has to act: it is asked for and nobody has accepted it."""
KINDS = {
    "return-to-home": "Return to the care home after hospital",
    "new-placement": "Move into a care home",
    "change-of-needs": "Needs have changed",
}
"""Kinds of assessment (CodeSystem assessment-kind) in words."""


@dataclass(frozen=True, slots=True)
class Authority:
    """By what agreement somebody assesses. Days as in the data; None: not said, which is no authority."""

    assessor: str | None
    role: str | None
    agreement: str | None
    granted_by: str | None
    start: str | None
    end: str | None
    scope: tuple[str, ...]
    homes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment with its standing. ``standing``: waiting, queried, answered, accepted, declined, withdrawn."""

    document: Document
    number: str | None
    kind: str | None
    kind_words: str | None
    made: str | None
    valid_until: str | None
    authority: Authority
    standing: str
    home: Site | None
    organisation: Site | None
    answer_by: str | None
    task: JsonObject

    @property
    def standing_words(self) -> str:
        return str(moves()["standings"].get(self.standing, {}).get("words", self.standing))

    @property
    def next_with(self) -> Site | None:
        """Who holds the next action; nobody once it is accepted, declined or withdrawn."""
        return {"waiting": self.home, "answered": self.home, "queried": self.organisation}.get(self.standing)

    @property
    def unanswered(self) -> str | None:
        """Why it is not accepted yet and who has to act; None once it is accepted, declined or withdrawn."""
        if self.standing not in OPEN:
            return None
        who = self.next_with.name if self.next_with else "whoever was asked"
        return f"it is not accepted ({self.standing_words}): {who} has to answer first"

    def overdue(self, on: datetime) -> str | None:
        """What was to be answered by now and is not, with who holds the next action."""
        calendar = self.document.calendar
        due = calendar.moment(self.answer_by)
        if self.standing not in OPEN or due is None or due >= on:
            return None
        who = self.next_with.name if self.next_with else "nobody who is named"
        return f"the answer was due by {calendar.show(self.answer_by)}; the next action is with {who}"


@cache
def moves() -> JsonObject:
    """The standings and the legal moves between them: ``assessment_moves.json``."""
    found: JsonObject = json.loads((Path(__file__).parent / "assessment_moves.json").read_text(encoding="utf-8"))
    return found


def assessment(document: Document) -> Assessment | None:
    """The trusted assessment of a document, or None when it holds none."""
    answered = (r for r in document.resources("QuestionnaireResponse"))
    response = next((r for r in answered if (text(r, "questionnaire") or "").split("|")[0] == QUESTIONNAIRE), None)
    if response is None:
        return None
    task = next((t for t in document.resources("Task") if code_in(child(t, "code"), TASK_KIND)), {})
    kind = next(
        (a for i in children(response, "item") if text(i, "linkId") == "kind" for a in children(i, "answer")), {}
    )
    until = extension_value(response, VALID_UNTIL)
    role = document.resolve(child(response, "author"))
    return Assessment(
        document=document,
        number=text(child(response, "identifier"), "value"),
        kind=next((code for _, code in codings({"coding": kind.get("valueCoding")})), None),
        kind_words=text(child(kind, "valueCoding"), "display"),
        made=text(response, "authored"),
        valid_until=as_text(until[1]) if until else None,
        authority=_authority(document, role),
        standing=code_in(child(task, "businessStatus"), DECISION) or "waiting",
        home=Site.of(document.resolve(child(task, "owner"))),
        organisation=Site.of(document.resolve(child(task, "requester"))),
        answer_by=text(child(child(task, "restriction"), "period"), "end"),
        task=task,
    )


def _authority(document: Document, role: JsonObject) -> Authority:
    granted = next(iter(extensions(role, AUTHORITY)), {})
    parts: dict[str, list[str]] = {}
    for part in children(granted, "extension"):
        value = next((words for name in part if name.startswith("value") and (words := text(part, name))), None)
        if value:
            parts.setdefault(text(part, "url") or "", []).append(value)
    person = document.resolve(child(role, "practitioner"))
    return Authority(
        assessor=best_name(person) or text(child(role, "practitioner"), "display"),
        role=concept(child(role, "code")),
        agreement=next(iter(parts.get("agreement", ())), None),
        granted_by=next(iter(parts.get("grantedBy", ())), None),
        start=text(child(role, "period"), "start"),
        end=text(child(role, "period"), "end"),
        scope=tuple(parts.get("scope", ())),
        homes=tuple(parts.get("home", ())),
    )


def faults(found: Assessment, on: datetime) -> tuple[str, ...]:
    """Why this assessment may not be relied on at a moment, each a sentence; empty: it may be.

    Authority is judged on the day the assessment was made, its validity on the day it is used.
    """
    return (*_authority_faults(found), *_validity_faults(found, on))


def _authority_faults(found: Assessment) -> Iterator[str]:
    held, show = found.authority, found.document.calendar.show
    who = held.assessor or "the assessor"
    made, start, end = (_day(moment) for moment in (found.made, held.start, held.end))
    if not held.agreement or start is None or end is None:
        yield f"nothing says by what authority {who} assessed, or from when until when"
    elif made is None:
        yield f"nothing says when {who} assessed, so nobody can tell whether the authority was in force"
    elif made > end:
        yield f"the authority of {who} ended on {show(held.end)}; the assessment was made on {show(found.made)}"
    elif made < start:
        yield f"the authority of {who} began on {show(held.start)}; the assessment was made on {show(found.made)}"
    if found.kind not in held.scope:
        yield f"{who} is not trusted for this kind of assessment ({found.kind_words or found.kind or 'not recorded'})"
    if found.home is None or found.home.ods not in held.homes:
        home = found.home.name if found.home else "the home"
        yield f"{home} has not agreed to accept assessments by {who}"


def _validity_faults(found: Assessment, on: datetime) -> Iterator[str]:
    until = _day(found.valid_until)
    if until is None:
        yield "nothing says until when the assessment is valid"
    elif on.date() > until:
        yield f"the assessment was valid until {found.document.calendar.show(found.valid_until)}"


def _day(moment: str | None) -> date | None:
    try:
        return date.fromisoformat((moment or "")[:10])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Reuse:
    """Whether one assessment can stand in for a new one. ``why_not`` is empty when it can."""

    assessment: Assessment
    why_not: tuple[str, ...]

    @property
    def usable(self) -> bool:
        return not self.why_not

    @property
    def waits(self) -> bool:
        """Nothing stands against it but that it is not accepted yet."""
        return self.why_not == (self.assessment.unanswered,)


def reusable(documents: Iterable[JsonObject | Document], *, person: str, kind: str, on: datetime) -> tuple[Reuse, ...]:
    """Every assessment among these documents of this kind or person, the newest first, and why it cannot be reused.

    person  NHS number; kind  code of CodeSystem assessment-kind. A later version of one document hides the earlier.
    """
    read = [d if isinstance(d, Document) else Document.of(d) for d in documents]
    replaced = {text(child(link, "targetIdentifier"), "value") for d in read for link in _replaces(d)}
    current = [d for d in read if text(child(d.bundle, "identifier"), "value") not in replaced]
    found = [one for d in current if (one := assessment(d)) is not None]
    found.sort(key=lambda one: one.made or "", reverse=True)
    return tuple(Reuse(one, tuple(_why_not(one, person, kind, on))) for one in found)


def _replaces(document: Document) -> list[JsonObject]:
    return [link for link in children(document.composition, "relatesTo") if text(link, "code") == "replaces"]


def _why_not(one: Assessment, person: str, kind: str, on: datetime) -> Iterator[str]:
    if person_key(one.document) != person:
        yield "it is about another person"
        return
    if one.kind != kind:
        yield f"it is of another kind ({one.kind_words or one.kind or 'not recorded'})"
    if one.standing in ("declined", "withdrawn"):
        why = concept(child(one.task, "statusReason"))
        yield f"it was {one.standing}{f' ({why})' if why else ''}"
    if one.unanswered:
        yield one.unanswered
    if (made := _day(one.made)) and made > on.date():
        yield "it is dated after the day asked about"
    yield from faults(one, on)


@dataclass(frozen=True, slots=True)
class Step:
    """One move somebody makes. ``side``: home or assessor; ``at`` with its time zone; ``why`` in their own words."""

    move: str
    side: str
    by: str
    at: datetime
    why: str | None = None


def legal(standing: str) -> tuple[tuple[str, str], ...]:
    """(move, side) of every move that is legal from a standing."""
    return tuple((str(m["move"]), str(m["by"])) for m in moves()["moves"] if standing in m["from"])


def step(bundle: JsonObject, made: Step) -> JsonObject:
    """The document after a move, replacing the one before; who moved, when and why is kept with the task.

    Raises ContentError for a document without an assessment, a move that is not legal (naming those that are), one made
    by the wrong side or without its reason, and an acceptance of what may not be relied on.
    """
    found = assessment(Document.of(bundle))
    if found is None or not found.task:
        raise ContentError("holds no trusted assessment", hint="interop map care-home/assessment makes one")
    rule = _rule(found, made)
    if rule["says"] and not made.why:
        raise ContentError(f"to {made.move} needs a reason", code="assessment-move", hint="say why in one sentence")
    refused = faults(found, made.at) if made.move == "accept" else ()
    if refused:
        hint = "query or decline it; a new assessment is needed"
        raise ContentError(f"cannot be accepted: {'; '.join(refused)}", code="assessment-not-valid", hint=hint)
    return _moved(bundle, found, made, str(rule["to"]))


def _rule(found: Assessment, made: Step) -> JsonObject:
    allowed = legal(found.standing)
    named = ", ".join(f"{move} (by the {side})" for move, side in allowed) or "none: it is closed"
    rule = next((m for m in moves()["moves"] if m["move"] == made.move and found.standing in m["from"]), None)
    if rule is None or made.side not in SIDES:
        told = f"“{made.move}” is no move from “{found.standing_words}”"
        raise ContentError(told, code="assessment-move", hint=f"legal now: {named}")
    if rule["by"] != made.side:
        told = f"“{made.move}” is made by the {rule['by']}, not by the {made.side}"
        raise ContentError(told, code="assessment-move", hint=f"legal now: {named}")
    result: JsonObject = rule
    return result


def _moved(bundle: JsonObject, found: Assessment, made: Step, to: str) -> JsonObject:
    standing, at = moves()["standings"][to], made.at.isoformat(timespec="seconds")
    note = {"authorString": f"{made.by} ({made.side})", "time": at, "text": made.why or standing["words"]}
    task = {name: value for name, value in found.task.items() if name not in ("statusReason", "text")}
    task |= {
        "status": standing["task"],
        "businessStatus": {"coding": [{"system": DECISION, "code": to, "display": standing["words"]}]},
        "lastModified": at,
        "note": [*children(found.task, "note"), note],
    }
    if made.why:
        task["statusReason"] = {"text": made.why}
    document, earlier = found.document, child(found.document.bundle, "identifier")
    identifier = document_identifier("assessment", text(earlier, "value") or "", to, made.by, at)

    def renewed(resource: JsonObject) -> JsonObject:
        if resource is found.task:
            return task
        if resource is document.composition:
            replaces: Json = [{"code": "replaces", "targetIdentifier": earlier}]
            return {**resource, "date": at, "relatesTo": replaces}
        return resource

    entries: list[Json] = [{**entry, "resource": renewed(entry["resource"])} for entry in bundle["entry"]]
    return {**bundle, "identifier": identifier, "timestamp": at, "entry": entries}


def history(found: Assessment) -> tuple[tuple[str, str, str], ...]:
    """(who, when, what) of every move, in order."""
    show = found.document.calendar.show
    told = ((text(n, "authorString"), show(text(n, "time")), texts(n, "text")) for n in children(found.task, "note"))
    return tuple((who or "not recorded", when or "not recorded", "; ".join(what)) for who, when, what in told)
