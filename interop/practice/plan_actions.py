"""The actions of a plan, what became of them, and of the plan's own standing and review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.practice.plan_change import Change, Urgency, extended_text, folded, paired, quoted
from interop.reading import Document
from interop.reading.nodes import child, children, extensions, text
from interop.reading.systems import CANONICAL
from interop.reading.wording import code_words, concept, stated

LOCAL = f"{CANONICAL}/StructureDefinition/"
ACTION_ID = f"{LOCAL}action-id"
ENDED = {"cancelled", "stopped"}


@dataclass(frozen=True, slots=True)
class Action:
    """One activity of the plan: what is done, by whom, when, for which goals."""

    number: str | None
    what: str | None
    who: str | None
    when: str | None
    status: str | None
    goals: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.number or folded(self.what)


def main_plans(document: Document) -> list[JsonObject]:
    """The plans that are part of no other plan."""
    return [plan for plan in document.resources("CarePlan") if not children(plan, "partOf")]


def actions(document: Document) -> list[Action]:
    """The activities of the person's main plan: those of contingency plans are told with their plan."""
    return [action(document, activity) for plan in main_plans(document) for activity in children(plan, "activity")]


def action(document: Document, activity: JsonObject) -> Action:
    """One activity, stated inline or as the Task or request it points at."""
    detail = child(activity, "detail")
    pointed = document.resolve(child(activity, "reference"))
    who = [name for reference in children(detail, "performer") if (name := document.name_of(reference))]
    served = (concept(child(document.resolve(goal), "description")) for goal in children(detail, "goal"))
    return Action(
        number=extended_text(detail, ACTION_ID, "valueString"),
        what=text(detail, "description") or concept(child(detail, "code")) or text(pointed, "description"),
        who=", ".join(who) or document.name_of(child(pointed, "owner")),
        when=stated(detail, "scheduled", document.calendar),
        status=text(detail, "status") or text(pointed, "status"),
        goals=tuple(words for words in served if words),
    )


def action_changes(before: Document, after: Document) -> Iterator[Change]:
    """New, done, stopped, left out; and who does what when, where that changed."""
    for was, now in paired(actions(before), actions(after), lambda one: one.key):
        if was is None and now is not None:
            by = f" Who: {now.who}." if now.who else " Nobody is named to do it."
            when = f" When: {now.when}." if now.when else ""
            yield Change(Urgency.NEXT_SHIFT, "action", "new", now.what, f"New action: {quoted(now.what)}.{by}{when}")
        elif now is None and was is not None and was.status not in ENDED | {"completed"}:
            told = (
                f"{quoted(was.what)} is no longer among the actions, and nothing says whether it was done or stopped."
            )
            yield Change(Urgency.NEXT_SHIFT, "action", "removed", was.what, told)
        elif was is not None and now is not None and was != now:
            yield from _standing(was, now)
            yield from _redone(was, now)


def _standing(was: Action, now: Action) -> Iterator[Change]:
    if was.status == now.status:
        return
    old, new = code_words(was.status) or "without a status", code_words(now.status) or "without a status"
    kind, told, urgency = "status", f"{quoted(now.what)} is now {new}; it was {old}.", Urgency.FOR_INFORMATION
    if now.status == "completed":
        kind, told = "done", f"Done: {quoted(now.what)}."
    elif now.status in ENDED:
        kind, told, urgency = "stopped", f"Stopped: {quoted(now.what)}. Do not go on with it.", Urgency.NEXT_SHIFT
    yield Change(urgency, "action", kind, now.what, told, old, new)


def _redone(was: Action, now: Action) -> Iterator[Change]:
    nobody = "nobody by name"
    parts = (
        ("worded", was.what, now.what, f"Now {quoted(now.what)}; before, {quoted(was.what)}."),
        ("who", was.who, now.who, f"{quoted(now.what)} is now for {now.who or nobody}; before, {was.who or nobody}."),
        (
            "when",
            was.when,
            now.when,
            f"{quoted(now.what)}: now {now.when or 'no time is given'}; before, {was.when or 'no time was given'}.",
        ),
    )
    for kind, old, new, told in parts:
        if folded(old) != folded(new):
            yield Change(Urgency.NEXT_SHIFT, "action", kind, now.what, told, old, new)


@dataclass(frozen=True, slots=True)
class Standing:
    """The main plan itself: whether it is in force, what it is for, and who looks at it again by when."""

    title: str | None
    status: str | None
    summary: str | None
    review: str | None
    owner: str | None
    owner_role: str | None
    owner_phone: str | None

    @classmethod
    def of(cls, document: Document) -> Standing:
        plan: JsonObject = next(iter(main_plans(document)), {})
        references = [child(extension, "valueReference") for extension in extensions(plan, f"{LOCAL}review-owner")]
        owner: JsonObject = next(iter(references), {})
        return cls(
            title=text(plan, "title"),
            status=text(plan, "status"),
            summary=text(plan, "description"),
            review=extended_text(plan, f"{LOCAL}review-date", "valueDate"),
            owner=document.name_of(owner),
            owner_role=extended_text(owner, f"{LOCAL}role-in-words", "valueString"),
            owner_phone=extended_text(owner, f"{LOCAL}telephone-in-words", "valueString"),
        )


def standing_changes(before: Document, after: Document) -> Iterator[Change]:
    """The plan itself: its standing, its purpose, its next review and who sees to it."""
    was, now, show = Standing.of(before), Standing.of(after), after.calendar.show
    if was.status != now.status:
        old, new = code_words(was.status) or "without a status", code_words(now.status) or "without a status"
        told = f"The plan is now {new}; it was {old}."
        yield Change(Urgency.NEXT_SHIFT, "plan", "status", "the plan", told, old, new)
    none = "no day that is recorded"
    parts = (
        (
            "summary",
            was.summary,
            now.summary,
            f"What the plan is for: now {quoted(now.summary)}; before, {quoted(was.summary)}.",
        ),
        (
            "review",
            was.review,
            now.review,
            f"The plan is to be reviewed by {show(now.review) or none}; before, by {show(was.review) or none}.",
        ),
        (
            "review owner",
            was.owner,
            now.owner,
            f"{now.owner or 'Nobody'} now sees to the review of the plan; before, {was.owner or 'nobody'}.",
        ),
    )
    for kind, earlier, later, told in parts:
        if folded(earlier) != folded(later):
            yield Change(Urgency.FOR_INFORMATION, "plan", kind, "the plan", told, earlier, later)
