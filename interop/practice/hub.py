"""The integrated discharge hub: what each organisation has to do, who holds it, since when, and who is next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, choice, code_in, extension_value, extensions, text
from interop.reading.wording import concept, notes

HUB_STATUS = f"{BASE}/CodeSystem/hub-status"
HUB_TASK = f"{BASE}/CodeSystem/hub-task"
HUB_DETAIL = f"{BASE}/CodeSystem/hub-detail"
HELD_SINCE = f"{BASE}/StructureDefinition/held-since"
HELD_BY = f"{BASE}/StructureDefinition/held-by"
MOVED_TO = f"{BASE}/StructureDefinition/moved-to"
OPEN = ("requested", "accepted", "started", "waiting", "blocked")
HELD_UP = ("waiting", "blocked")


@dataclass(frozen=True, slots=True)
class Move:
    """One thing done with an action. ``to``: the state after it."""

    number: str | None
    to: str
    at: str | None
    by: str | None
    holder: str | None
    why: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Action:
    """What one organisation has to do.

    since       since when its holder holds it, as in the data
    held        how long that is, at the time of the board; None where it is not said
    waits_for   numbers of the actions it waits for; ``reason`` in words
    next        nothing else stands before it: its holder is who has to act now
    """

    number: str | None
    what: str | None
    organisation: str | None
    holder: str | None
    role: str | None
    phone: str | None
    status: str
    since: str | None
    held: timedelta | None
    due: str | None
    overdue: bool
    waits_for: tuple[str, ...]
    reason: str | None
    note: str | None
    next: bool
    moves: tuple[Move, ...]
    place: str

    @property
    def open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Board:
    """One discharge. ``actions``: who has to act now first, then those held up, then what is over."""

    number: str | None
    aim: str | None
    pathway: str | None
    ready_since: str | None
    ready_for: timedelta | None
    expected: str | None
    co_ordinator: str | None
    status: str | None
    actions: tuple[Action, ...]

    @property
    def next_actions(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.next)


@cache
def legal_moves() -> Mapping[str, Sequence[str]]:
    """State → the states that may follow it. "" is before the first move. The table is data: hub_moves.json."""
    found: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath("hub_moves.json").read_text("utf-8"))
    return found


def may_move(before: str, after: str) -> bool:
    return after in legal_moves().get(before, ())


def is_hub(document: Document) -> bool:
    return any(_kind(task) == "discharge" for task in document.resources("Task"))


def board(document: Document, now: datetime) -> Board:
    """The board of one discharge as of ``now``. A document without one gives an empty board."""
    parent: JsonObject = next((task for task in document.resources("Task") if _kind(task) == "discharge"), {})
    tasks = [task for task in document.resources("Task") if _kind(task) == "action"]
    open_ones = {_number(task) for task in tasks if _status(task) in OPEN}
    actions = [_action(document, task, open_ones, now) for task in tasks]
    actions.sort(key=_rank)
    ready = _detail(document, parent, "ready-since")
    return Board(
        number=_number(parent),
        aim=text(parent, "description"),
        pathway=_detail(document, parent, "pathway"),
        ready_since=ready,
        ready_for=_how_long(document, ready, now),
        expected=_detail(document, parent, "expected"),
        co_ordinator=_in_person(document, child(parent, "owner")),
        status=text(parent, "status"),
        actions=tuple(actions),
    )


def _action(document: Document, task: JsonObject, open_ones: set[str | None], now: datetime) -> Action:
    owner, status = child(task, "owner"), _status(task)
    since = extension_value(task, HELD_SINCE)
    held_since = as_text(since[1]) if since else None
    due = text(child(child(task, "restriction"), "period"), "end")
    waits = tuple(v for v in _waits_for(task) if v)
    person = {part: _held_by(owner, part) for part in ("name", "role", "telephone")}
    is_open = status in OPEN
    return Action(
        number=_number(task),
        what=text(task, "description"),
        organisation=document.name_of(owner),
        holder=person["name"],
        role=person["role"],
        phone=person["telephone"],
        status=status,
        since=held_since,
        held=_how_long(document, held_since, now) if is_open else None,
        due=due,
        overdue=is_open and bool(document.calendar.is_past(due, now.isoformat())),
        waits_for=waits,
        reason=concept(child(task, "statusReason")),
        note=notes(task),
        next=is_open and not (status in HELD_UP and open_ones & set(waits)),
        moves=tuple(_moves(document, _number(task))),
        place=document.place(task),
    )


def _in_person(document: Document, owner: JsonObject) -> str | None:
    """The person in a role by name, where the role says it; else whoever the reference names."""
    person = child(document.resolve(owner), "practitioner")
    return document.name_of(person) or document.name_of(owner)


def _moves(document: Document, number: str | None) -> Iterator[Move]:
    """What was done with an action, oldest first."""
    found = [p for p in document.resources("Provenance") if number and number in _targets(p)]
    for one in sorted(found, key=lambda p: text(p, "recorded") or ""):
        to = extension_value(one, MOVED_TO)
        who = {role: agent for agent in children(one, "agent") for role in [_part(agent)]}
        yield Move(
            number=text(child(child(child(one, "entity"), "what"), "identifier"), "value"),
            to=(as_text(to[1]) if to else None) or "",
            at=text(one, "recorded"),
            by=document.name_of(child(who.get("performer", {}), "who")),
            holder=document.name_of(child(who.get("custodian", {}), "who")),
            why="; ".join(words for reason in children(one, "reason") if (words := concept(reason))) or None,
            place=document.place(one),
        )


def hub_issues(document: Document, now: datetime) -> Iterator[Issue]:
    """What is wrong on the board, or held up in a way somebody has to untie."""
    found = board(document, now)
    numbers = {action.number: action for action in found.actions}
    for action in found.actions:
        yield from _history_issues(document, action)
        if action.overdue:
            words = f"{_named(action)} was due by {document.calendar.show(action.due)}"
            yield Issue("hub-overdue", words, action.place, Severity.WARNING, hint=f"ring {action.phone or 'them'}")
        if action.open and _circle(action, numbers):
            words = f"{_named(action)} waits for itself, by way of what it waits for"
            yield Issue("hub-waits-for-itself", words, action.place, hint="one of them has to begin")
        for other in action.waits_for:
            if action.status in HELD_UP and other in numbers and not numbers[other].open:
                words = f"{_named(action)} still waits for {other}, which is {numbers[other].status}"
                yield Issue(
                    "hub-wait-is-over", words, action.place, Severity.WARNING, hint="it can go on: tell its holder"
                )
    if found.actions and not any(action.open for action in found.actions) and found.status == "in-progress":
        words = "no action is open and the discharge is not finished: nobody holds the next step"
        yield Issue("hub-nobody-next", words, "Bundle", Severity.WARNING, hint="ask for the next action, or close it")


def _history_issues(document: Document, action: Action) -> Iterator[Issue]:
    before = ""
    for move in action.moves:
        if not may_move(before, move.to):
            words = f"{_named(action)} went from {before or 'nothing'} to {move.to or 'nothing'}, which may not follow"
            allowed = ", ".join(legal_moves().get(before, ())) or "nothing: it is over"
            yield Issue("hub-illegal-move", words, move.place, hint=f"after {before or 'nothing'} may come: {allowed}")
        before = move.to
    if action.moves and before != action.status:
        words = f"{_named(action)} is marked {action.status}, but the last that was done with it left it {before}"
        yield Issue(
            "hub-history-differs", words, action.place, hint="mend the mark, or record the move that is missing"
        )
    last = action.moves[-1].holder if action.moves else None
    if action.open and last and action.holder and last != action.holder:
        words = f"{_named(action)} is held by {action.holder}, but was last given to {last}"
        yield Issue("hub-history-differs", words, action.place, hint="record who handed it over, and when")


def _circle(action: Action, numbers: Mapping[str | None, Action]) -> bool:
    seen: set[str] = set()
    waiting = list(action.waits_for)
    while waiting:
        number = waiting.pop()
        if number == action.number:
            return True
        if number not in seen and number in numbers:
            seen.add(number)
            waiting += numbers[number].waits_for
    return False


def _rank(action: Action) -> tuple[bool, bool, float]:
    held = action.held.total_seconds() if action.held else 0.0
    return (not action.open, not action.next, -held)


def _named(action: Action) -> str:
    return (
        f"{action.number or 'an action'} ({action.organisation or 'no organisation'}: {action.what or 'not said what'})"
    )


def _kind(task: JsonObject) -> str | None:
    return code_in(child(task, "code"), HUB_TASK)


def _status(task: JsonObject) -> str:
    return code_in(child(task, "businessStatus"), HUB_STATUS) or text(task, "status") or ""


def _number(task: JsonObject) -> str | None:
    return text(child(task, "identifier"), "value")


def _targets(provenance: JsonObject) -> list[str | None]:
    return [text(child(target, "identifier"), "value") for target in children(provenance, "target")]


def _part(agent: JsonObject) -> str:
    return text(child(child(agent, "type"), "coding"), "code") or ""


def _held_by(owner: JsonObject, part: str) -> str | None:
    said = next(iter(extensions(owner, HELD_BY)), {})
    found = extension_value(said, part)
    return as_text(found[1]) if found else None


def _inputs(task: JsonObject, code: str) -> Iterator[JsonObject]:
    return (i for i in children(task, "input") if code_in(child(i, "type"), HUB_DETAIL) == code)


def _waits_for(task: JsonObject) -> Iterator[str | None]:
    for detail in _inputs(task, "waits-for"):
        yield text(child(child(detail, "valueReference"), "identifier"), "value")


def _detail(document: Document, task: JsonObject, code: str) -> str | None:
    value = next((choice(detail, "value") for detail in _inputs(task, code)), None)
    return (concept(value[1]) if isinstance(value[1], dict) else as_text(value[1])) if value else None


def _how_long(document: Document, since: str | None, now: datetime) -> timedelta | None:
    start = document.calendar.moment(since)
    return max(now - start, timedelta()) if start else None
