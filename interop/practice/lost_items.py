"""What is sent when a thing is missing from the red bag, and again when it turns up: a Task to who had it last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from interop.bundle import Entry, full_url, stable_uuid
from interop.canonical import BASE
from interop.json_codec import Json, JsonObject
from interop.practice.checkpoints import Check, Loss, losses
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Letter, Part, Site, person_of, profile, reference
from interop.reading import Document
from interop.reading.nodes import text
from interop.reading.systems import CHECKLIST

KIND = "item-lost"
LOST_ITEM_ID = "https://interop.example/Id/lost-item"
BAG_NUMBER = "https://interop.example/Id/bag-number"
CHECKPOINT = f"{BASE}/CodeSystem/checkpoint"
TASK_KIND = f"{BASE}/CodeSystem/task-kind"
TASK_DETAIL = f"{BASE}/CodeSystem/task-detail"
LOOK_WITHIN = timedelta(hours=24)
"""How long those who had it last have to look and answer."""
_PLACES = {
    "home-out": "Leaving home",
    "ambulance": "In the ambulance",
    "hospital-in": "Arriving at hospital",
    "hospital-out": "Leaving hospital",
    "home-in": "Back home",
}
_DETAILS = {
    "item": "Item",
    "bag-number": "Number of the bag",
    "last-seen-at": "Last seen",
    "missing-at": "Found missing",
    "quantity-missing": "How many are missing",
    "found-at": "Found again",
}


def follow_ups(documents: Iterable[JsonObject | Document], now: datetime) -> tuple[FollowUp, ...]:
    """One follow-up for each loss, and another for each that has been found again.

    Both go to the places where it was last seen and where it was missed, and to the home the bag belongs to. The same
    documents give the same keys and the same bytes, whatever ``now`` is; nothing is sent about a loss later than now.
    """
    return tuple(made for loss in losses(documents) for made in _of(loss) if _moment(made) <= now)


def _of(loss: Loss) -> Iterator[FollowUp]:
    sites = (loss.last_seen.site, loss.missed.site, loss.home, loss.found.site if loss.found else None)
    recipients = tuple(dict.fromkeys(site.ods for site in sites if site and site.ods))
    # As it was when it was missed: the first document stays the same bytes when part of it, or all, has turned up.
    missing = replace(loss, found=None, missing=loss.count)
    yield FollowUp(KIND, "/".join(loss.key), document(missing), recipients, missing.told)
    if loss.found:
        yield FollowUp(KIND, "/".join((*loss.key, "found")), document(loss), recipients, loss.told)


def document(loss: Loss) -> JsonObject:
    """The document Bundle about one loss: the task, the bag, the checklists that prove it."""
    person = person_of(loss.missed.document)
    bag, at = _bag(loss), loss.found or loss.missed
    sender = at.site or Site("Organisation not recorded")
    lists = [_checklist(check, person) for check in (loss.last_seen, loss.missed, loss.found) if check]
    letter = Letter(
        kind=KIND,
        display="Item of the red bag missing or found again",
        title=f"Red bag {loss.bag}: {loss.item} {'found again' if loss.found else 'is missing'}",
        key=(*loss.key, "found") if loss.found else loss.key,
        sender=sender,
        written=_when(at),
        replaces=loss.key if loss.found else None,
    )
    owner = loss.last_seen.site or loss.missed.site or sender
    asked = loss.missed.site or sender
    told = _task(loss, person, owner, asked)
    sites = list({site.key: site.entry() for site in (owner, asked, loss.home) if site}.values())
    return letter.document(
        person,
        (
            Part("What is asked, and of whom", "plan-and-requested-actions", [told]),
            Part("The bag and its checklists", "belongings", [bag, *lists], own=True),
            Part("Person", "patient-demographics", [person]),
            Part("Who is told", "distribution-list", sites),
        ),
    )


def _task(loss: Loss, person: Entry, owner: Site, asked: Site) -> Entry:
    missed = _when(loss.missed)
    inputs = [
        _detail("item", {"valueString": loss.item}),
        _detail("bag-number", {"valueString": loss.bag}),
        _detail("last-seen-at", {"valueCoding": _place(loss.last_seen)}),
        _detail("missing-at", {"valueCoding": _place(loss.missed)}),
        _detail("quantity-missing", {"valueInteger": loss.missing}),
    ]
    made: JsonObject = {
        "resourceType": "Task",
        "meta": profile("lost-item-task"),
        "identifier": [{"system": LOST_ITEM_ID, "value": stable_uuid(*loss.key)}],
        "status": "completed" if loss.found else "requested",
        "intent": "order",
        "code": {"coding": [_coding(TASK_KIND, "find-lost-item", "Find an item missing from the red bag")]},
        "description": f"{loss.told}. {_next_action(loss, owner)}",
        "for": reference(person),
        "authoredOn": missed.isoformat(),
        "lastModified": _when(loss.found or loss.missed).isoformat(),
        "requester": reference(asked.entry()),
        "owner": reference(owner.entry()),
        "restriction": {"period": {"end": (missed + LOOK_WITHIN).isoformat()}},
        "input": inputs,
    }
    if loss.found:
        made["output"] = [_detail("found-at", {"valueCoding": _place(loss.found)})]
    return Entry(full_url("task", *loss.key), made)


def _next_action(loss: Loss, owner: Site) -> str:
    if loss.found:
        return "Nothing more to do."
    told = f", then tells {loss.answer_to.name} what was found" if loss.answer_to else ""
    return f"{owner.name} had it last and looks for it{told}."


def _bag(loss: Loss) -> Entry:
    home = loss.home or loss.last_seen.site or loss.missed.site
    made: JsonObject = {
        "resourceType": "Device",
        "meta": profile("red-bag"),
        "identifier": [{"system": BAG_NUMBER, "value": loss.bag}],
        "status": "active",
        "type": {"text": "Red bag"},
        "owner": reference(home.entry()) if home else {"display": "Home not recorded"},
    }
    return Entry(full_url("bag", loss.bag), made)


def _checklist(check: Check, person: Entry) -> Entry:
    """The checklist as it was filled in; who looked is carried in words."""
    source = check.checklist.resource
    by = ", ".join(dict.fromkeys(word for word in (check.checklist.by, check.site_name) if word))
    kept = {name: value for name, value in source.items() if name in ("identifier", "status", "authored", "item")}
    made: JsonObject = {
        "resourceType": "QuestionnaireResponse",
        "meta": profile("red-bag-checklist-response"),
        "questionnaire": text(source, "questionnaire") or CHECKLIST,
        **kept,
        "subject": reference(person),
        "author": {"display": by},
    }
    return Entry(full_url("checklist", check.checkpoint, check.when, check.site_name), made)


def _place(check: Check) -> JsonObject:
    return _coding(CHECKPOINT, check.checkpoint, _PLACES[check.checkpoint])


def _detail(code: str, value: JsonObject) -> JsonObject:
    return {"type": {"coding": [_coding(TASK_DETAIL, code, _DETAILS[code])]}, **value}


def _coding(system: str, code: str, display: str) -> JsonObject:
    return {"system": system, "code": code, "display": display}


def _when(check: Check) -> datetime:
    """The moment of a checklist. One without a readable time stands at the start of its document's day."""
    calendar = check.document.calendar
    found = calendar.moment(check.when) or calendar.moment(check.document.written)
    return found or datetime(1970, 1, 1, tzinfo=calendar.zone)


def _moment(made: FollowUp) -> datetime:
    written: Json = made.bundle["timestamp"]
    return datetime.fromisoformat(str(written))
