"""The two lists as a document a person decides about, line by line: nothing is ever accepted by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from interop.bundle import Entry, full_url
from interop.canonical import BASE
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Letter, Part, Site, document_identifier, person_key, person_of, profile, reference
from interop.practice.vital import vital_parts
from interop.reading import Document
from interop.reading.medicines import Medicine
from interop.reading.nodes import child, text
from interop.reading.sign_off import DECISION, SIGN_OFF, SignOffLine, sign_off_lines, sign_off_response
from interop.reconciliation.medicines import MedicineChange, medicines

KIND = "medicines-sign-off"
TASK_KIND = f"{BASE}/CodeSystem/task-kind"
DECISIONS = {"accept": "Accepted", "query": "Queried"}
_TITLES = {
    "number": "Number",
    "name": "Medicine",
    "change": "What the lists show",
    "before": "Before",
    "now": "From now on",
    "differences": "What is different",
    "reason": "Why",
    "ask": "To ask before the next dose",
    "decision": "Decision",
    "note": "Note",
    "by": "Decided by",
    "role": "In the role of",
    "at": "Decided at",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided about one line: ``decision`` accept or query, ``note`` what was found out or is asked."""

    decision: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Who decides, in what role, and when (with its time zone)."""

    name: str
    role: str
    at: datetime


def worksheet(before: JsonObject, after: JsonObject) -> JsonObject:
    """The document Bundle that asks the home to decide about each medicine; no line is decided in it.

    The same two documents give the same bytes. Raises ContentError when they are about two people, or when the list
    that came back was written before the one that went in: compared backwards, a medicine stopped reads as a new one.
    """
    first, second = Document.of(before), Document.of(after)
    if person_key(first) != person_key(second):
        raise ContentError("the two lists are about two people", hint="name documents about one person")
    if not _in_order(first, second):
        show = first.calendar.show
        told = (
            f"the list that went in was written on {show(first.written)}, the one that came back {show(second.written)}"
        )
        hint = "name the list that went in first, then the discharge that came back"
        raise ContentError(f"{told}: the wrong way round", code="sign-off-refused", hint=hint)
    changes = medicines(before, after)
    person = person_of(second)
    home = _home(first)
    response = _response(changes, person, second)
    task = _task(changes, person, home, response)
    letter = Letter(
        kind=KIND,
        display="Medicines to check and sign",
        title="Medicines to check and sign",
        key=_key(first, second),
        sender=home,
        written=_written(second),
    )
    parts = (
        *vital_parts((second, first), person),
        Part("Medicines to decide about, line by line", "plan-and-requested-actions", [task, response]),
        Part("Person", "patient-demographics", [person]),
    )
    return letter.document(person, parts)


def follow_up(before: Document, after: Document) -> FollowUp:
    """What a home owes itself when a discharge comes in: the worksheet, kept there and sent to nobody."""
    made = worksheet(before.bundle, after.bundle)
    lines = sign_off_lines(Document.of(made))
    asked = sum(bool(line.asks) for line in lines)
    reason = f"{len(lines)} medicines to check against the discharge, {asked} with a question to ask first"
    return FollowUp(KIND, "/".join((KIND, *_key(before, after))), made, (), reason, keeper=_home(before).ods)


def sign_offs(documents: Sequence[Document], now: datetime) -> tuple[FollowUp, ...]:
    """The worksheet for the newest of these documents, where it is a discharge and a list had gone in before it."""
    *earlier, newest = documents or (Document({}),)
    bags = [one for one in earlier if not one.is_discharge and one.resources("MedicationStatement")]
    bags = [one for one in bags if _in_order(one, newest)]
    return (follow_up(bags[-1], newest),) if newest.is_discharge and bags else ()


def _in_order(first: Document, second: Document) -> bool:
    """False where the first was written after the second; a document without its time is taken as it is named."""
    before, after = first.calendar.moment(first.written), second.calendar.moment(second.written)
    return before is None or after is None or before <= after


def decide(sheet: JsonObject, answers: Mapping[int, Answer], signer: Signer) -> JsonObject:
    """A copy of the worksheet with these lines decided, by whom and when; it replaces the one before.

    Raises ContentError for a line that is not there, a decision other than accept or query, a query without what is
    asked, and an acceptance of a line with an open question without a word on what was found out.
    """
    document = Document.of(sheet)
    lines = {line.number: line for line in sign_off_lines(document)}
    faults = [fault for number, answer in answers.items() if (fault := _fault(number, lines, answer))]
    if faults:
        raise ContentError(
            "; ".join(faults), code="sign-off-refused", hint="nothing was decided; mend it and try again"
        )
    settled = {number: line.decision for number, line in lines.items()}
    settled |= {number: answer.decision for number, answer in answers.items()}
    done = bool(settled) and all(decision == "accept" for decision in settled.values())
    response = _answered(sign_off_response(document), lines, answers, signer, done=done)
    return _signed(sheet, document, response, signer, done=done)


def _fault(number: int, lines: Mapping[int, SignOffLine], answer: Answer) -> str | None:
    line = lines.get(number)
    if line is None:
        return f"there is no line {number} (lines 1 to {len(lines)})"
    if answer.decision not in DECISIONS:
        return f"line {number}: {answer.decision!r} is no decision (accept or query)"
    if answer.decision == "query" and not answer.note:
        return f"line {number} ({line.name}): a query says what is asked"
    if answer.decision == "accept" and line.asks and not answer.note:
        return f"line {number} ({line.name}): {line.asks[0]}: say what was found out before it is accepted"
    return None


def _key(first: Document, second: Document) -> tuple[str, ...]:
    identifiers = (text(child(document.bundle, "identifier"), "value") or "" for document in (first, second))
    return (KIND, person_key(second), *identifiers)


def _home(first: Document) -> Site:
    """The home whose chart it is: the keeper of the list that went in."""
    found = Site.of(first.resolve(child(first.composition, "custodian")))
    return found or Site("Home not recorded")


def _written(second: Document) -> datetime:
    calendar = second.calendar
    return calendar.moment(second.written) or datetime(1970, 1, 1, tzinfo=calendar.zone)


def _task(changes: Sequence[MedicineChange], person: Entry, home: Site, response: Entry) -> Entry:
    asked = sum(change.unexplained for change in changes)
    told = f"Decide about each of {len(changes)} medicines before anything goes on the chart; {asked} have a question."
    made: JsonObject = {
        "resourceType": "Task",
        "meta": profile("medicines-sign-off-task"),
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "sign-off-medicines"}], "text": "Check and sign medicines"},
        "description": told,
        "focus": reference(response),
        "for": reference(person),
        "owner": reference(home.entry()),
    }
    return Entry(full_url("task", KIND, response.full_url), made)


def _response(changes: Sequence[MedicineChange], person: Entry, second: Document) -> Entry:
    lines: list[Json] = [{"linkId": "line", "text": "Medicine", "item": _items(n, c)} for n, c in enumerate(changes, 1)]
    made: JsonObject = {
        "resourceType": "QuestionnaireResponse",
        "meta": profile("medicines-sign-off-response"),
        "questionnaire": SIGN_OFF,
        "status": "in-progress",
        "subject": reference(person),
        "authored": _written(second).isoformat(),
        "item": lines,
    }
    identifier = text(child(second.bundle, "identifier"), "value") or ""
    return Entry(full_url("lines", KIND, person.full_url, identifier), made)


def _items(number: int, change: MedicineChange) -> list[Json]:
    said: list[tuple[str, str | None]] = [
        ("name", change.name),
        ("change", change.label),
        ("before", _directions(change.before)),
        ("now", _from_now(change)),
        ("differences", "; ".join(map(str, change.differences)) or None),
        ("reason", change.reason),
        *(("ask", question) for question in change.questions),
    ]
    items: list[Json] = [_item("number", {"valueInteger": number})]
    asks: list[Json] = [{"valueString": words} for link, words in said if link == "ask" and words]
    items += [_item(link, {"valueString": words}) for link, words in said if link != "ask" and words]
    return [*items, {"linkId": "line.ask", "text": _TITLES["ask"], "answer": asks}] if asks else items


def _from_now(change: MedicineChange) -> str | None:
    """Silence is no order to stop: a medicine left out says only that it was left out."""
    if change.after is None:
        return "Not on the list that came back"
    return "Do not give" if change.status == "stopped" else _directions(change.after)


def _item(link: str, answer: JsonObject) -> JsonObject:
    return {"linkId": f"line.{link}", "text": _TITLES[link], "answer": [answer]}


def _directions(medicine: Medicine | None) -> str | None:
    if medicine is None:
        return None
    return "; ".join(medicine.instructions) or ", ".join(
        filter(None, (medicine.amount, medicine.route, medicine.often))
    )


def _answered(
    response: JsonObject, lines: Mapping[int, SignOffLine], answers: Mapping[int, Answer], signer: Signer, *, done: bool
) -> JsonObject:
    replaced = {id(lines[number].source): answer for number, answer in answers.items()}
    items: list[Json] = [
        _decided(item, replaced[id(item)], signer) if id(item) in replaced else item for item in response["item"]
    ]
    return {**response, "status": "completed" if done else "in-progress", "item": items}


def _decided(item: JsonObject, answer: Answer, signer: Signer) -> JsonObject:
    decided = {f"line.{link}" for link in ("decision", "note", "by", "role", "at")}
    kept = [part for part in item["item"] if part.get("linkId") not in decided]
    coding = {"system": DECISION, "code": answer.decision, "display": DECISIONS[answer.decision]}
    made = [_item("decision", {"valueCoding": coding})]
    made += [_item("note", {"valueString": answer.note})] if answer.note else []
    made += [_item("by", {"valueString": signer.name}), _item("role", {"valueString": signer.role})]
    made.append(_item("at", {"valueDateTime": signer.at.isoformat(timespec="seconds")}))
    return {**item, "item": [*kept, *made]}


def _signed(sheet: JsonObject, document: Document, response: JsonObject, signer: Signer, *, done: bool) -> JsonObject:
    """The next version of the document: it says who attests it and which one it replaces."""
    earlier = child(document.bundle, "identifier")
    at = signer.at.isoformat(timespec="seconds")
    identifier = document_identifier(KIND, text(earlier, "value") or "", signer.name, at, repr(response["item"]))
    old = sign_off_response(document)

    def renewed(resource: JsonObject) -> JsonObject:
        kind = text(resource, "resourceType")
        if resource is old:
            return response
        if kind == "Task":
            return {**resource, "status": "completed" if done else "in-progress", "lastModified": at}
        if resource is document.composition:
            attester = {"mode": "professional", "time": at, "party": {"display": f"{signer.name}, {signer.role}"}}
            replaces = [{"code": "replaces", "targetIdentifier": earlier}]
            others = [one for one in resource.get("attester", []) if one != attester]
            return {**resource, "date": at, "attester": [*others, attester], "relatesTo": replaces}
        return resource

    entries: list[Json] = [{**entry, "resource": renewed(entry["resource"])} for entry in sheet["entry"]]
    return {**sheet, "identifier": identifier, "timestamp": at, "entry": entries}
