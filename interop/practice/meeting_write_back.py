"""The actions of a meeting written back into the plan it spoke of: once, however often it is done."""

from __future__ import annotations

from interop.bundle import full_url
from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.practice.letter import document_identifier
from interop.practice.meeting import GOAL_ID, LOCAL, MEETING_ID, Agreed, Meeting, meeting
from interop.practice.plan_actions import ACTION_ID, main_plans
from interop.practice.plan_change import extended_text, numbered
from interop.reading import Document
from interop.reading.nodes import child, children, text
from interop.reading.transfer import person

PLAN_ID = "https://interop.example/Id/care-plan-id"
PLAN_STATUS = {
    "draft": "not-started", "requested": "not-started", "received": "not-started", "accepted": "scheduled",
    "ready": "scheduled", "in-progress": "in-progress", "on-hold": "on-hold", "completed": "completed",
    "cancelled": "cancelled", "rejected": "cancelled", "failed": "stopped",
}  # fmt: skip
"""Task.status → CarePlan.activity.detail.status: an action somebody accepted is planned, not begun."""


def write_back(plan: JsonObject, held: JsonObject) -> JsonObject:
    """The plan with the actions of a meeting among its activities: a new version, which replaces the one given.

    An action that is already there by its number is brought up to date; a meeting written back twice changes nothing
    the second time, and gives the very plan it was given. Nothing is taken out of the plan. Narrative of what changed
    is taken out: ``narrate`` tells it anew. Raises ContentError where the two are about two people, where one is no
    plan or no meeting, or where the meeting says that it spoke of another plan.
    """
    before, spoken = Document.of(plan), Document.of(held)
    found = meeting(spoken)
    target = next(iter(main_plans(before)), None)
    _check(before, spoken, found, target)
    if found is None or target is None:  # told above
        return plan
    activities = _activities(before, spoken, found, target)
    if activities == children(target, "activity"):
        return plan
    return _new_version(plan, before, spoken, found, {id(target): {**_without_text(target), "activity": activities}})


def _check(before: Document, spoken: Document, found: Meeting | None, target: JsonObject | None) -> None:
    if found is None:
        raise ContentError("the second document holds no meeting", code="no-meeting", hint="name the plan first")
    if target is None:
        raise ContentError("the first document holds no care plan", code="no-plan", hint="name the plan first")
    one, other = person(before).nhs_number, person(spoken).nhs_number
    if not one or one != other:
        raise ContentError("the plan and the meeting are not about one person", code="two-people")
    number = numbered(target, PLAN_ID)
    if found.plan and number and found.plan != number:
        text_ = f"the meeting spoke of plan {found.plan}, this is plan {number}"
        raise ContentError(
            text_, code="another-plan", hint="write it back into the plan it spoke of, or correct planId"
        )


def _activities(plan: Document, spoken: Document, found: Meeting, target: JsonObject) -> list[JsonObject]:
    activities = list(children(target, "activity"))
    places = {extended_text(child(one, "detail"), ACTION_ID, "valueString"): i for i, one in enumerate(activities)}
    goals = {numbered(goal, GOAL_ID) for goal in plan.resources("Goal")}
    for action in found.actions:
        if action.number is None or found.number is None:
            continue
        number = f"{found.number}/{action.number}"
        detail = _detail(spoken, action, number, with_goal=action.goal in goals)
        if number in places:
            index = places[number]
            kept = child(activities[index], "detail")
            activities[index] = {**activities[index], "detail": {**kept, **detail}}
        else:
            activities.append({"detail": detail})
    return activities


def _detail(spoken: Document, action: Agreed, number: str, *, with_goal: bool) -> JsonObject:
    day = spoken.calendar.show(action.due)
    detail: JsonObject = {
        "extension": [{"url": ACTION_ID, "valueString": number}],
        "status": PLAN_STATUS.get(action.status or "", "unknown"),
        "description": action.what,
    }
    if with_goal:
        detail["goal"] = [{"identifier": {"system": GOAL_ID, "value": action.goal}}]
    if action.owner:
        detail["performer"] = [{"display": action.owner}]
    if day:
        detail["scheduledString"] = f"By {day}"
    return detail


def _new_version(
    plan: JsonObject, before: Document, spoken: Document, found: Meeting, changed: dict[int, JsonObject]
) -> JsonObject:
    earlier = child(before.bundle, "identifier")
    written = _later(before, spoken) or found.start or ""
    key = ("plan after meeting", text(earlier, "value") or "", found.number or "", written)
    composition = {
        **before.composition,
        "section": [_unspoken(section) for section in children(before.composition, "section")],
        "date": written,
        "relatesTo": [{"code": "replaces", "targetIdentifier": earlier}],
    }
    changed[id(before.composition)] = composition
    entries = [
        {**entry, "resource": changed.get(id(child(entry, "resource")), entry.get("resource"))}
        for entry in children(before.bundle, "entry")
    ]
    made = {**before.bundle, "identifier": document_identifier(*key), "timestamp": written}
    return {**made, "entry": [*entries, _provenance(before, found, written, key)]}


def _later(before: Document, spoken: Document) -> str | None:
    """When the new version was written: the meeting, unless the plan was written after it."""
    known = [
        (moment, one.written) for one in (before, spoken) if (moment := one.calendar.moment(one.written)) is not None
    ]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _without_text(resource: JsonObject) -> JsonObject:
    """Without its narrative, which told the version before."""
    return {name: value for name, value in resource.items() if name != "text"}


def _unspoken(section: JsonObject) -> JsonObject:
    """A section that has entries is told anew from them; one of free words keeps them."""
    return _without_text(section) if children(section, "entry") else section


def _provenance(before: Document, found: Meeting, written: str, key: tuple[str, ...]) -> JsonObject:
    """Who changed the plan, when, and in which meeting."""
    target = next(
        (text(e, "fullUrl") for e in children(before.bundle, "entry") if child(e, "resource") is before.composition),
        None,
    )
    chair = found.chair
    who = ", ".join(part for part in (chair.name, chair.role) if part) if chair else "The meeting"
    resource: JsonObject = {
        "resourceType": "Provenance",
        "meta": {"profile": [f"{LOCAL}provenance"]},
        "target": [{"reference": target}],
        "recorded": written,
        "reason": [{"text": f"Actions of meeting {found.number}"}],
        "agent": [{"who": {"display": who}}],
        "entity": [
            {
                "role": "source",
                "what": {"identifier": {"system": MEETING_ID, "value": found.number}, "display": "Meeting"},
            }
        ],
    }
    return {"fullUrl": full_url("provenance", *key), "resource": resource}
