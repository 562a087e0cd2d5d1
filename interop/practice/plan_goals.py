"""What became of the goals of a plan, and of the needs they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.practice.plan_change import Change, Urgency, folded, numbered, paired, quoted
from interop.reading import Document
from interop.reading.nodes import as_text, child, codings, extension_value, text
from interop.reading.systems import GOAL_IMPORTANCE
from interop.reading.wording import code_words, concept, concepts, notes, stated

GOAL_ID = "https://interop.example/Id/goal-id"
NEED_ID = "https://interop.example/Id/need-id"
REACHED = {"completed"}
STOPPED = {"cancelled", "rejected"}
RESTING = {"on-hold"}
PRIORITIES = {"low-priority": 1, "medium-priority": 2, "high-priority": 3}
BAD = {"worsening", "not-achieved", "not-attainable"}
"""Goal-achievement codes that ask somebody to think again."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal as the person put it. ``marks`` 0 to 10 is how much it matters to them; ``rank`` 1 to 3, low to high."""

    number: str | None
    words: str | None
    status: str | None
    progress: str | None
    progress_code: str | None
    importance: str | None
    rank: int | None
    marks: int | None
    due: str | None
    outcome: str | None
    note: str | None
    whose: str | None
    started: str | None
    need: str | None
    resource: JsonObject

    @property
    def key(self) -> str:
        return self.number or folded(self.words)

    @property
    def mattering(self) -> str:
        """``high, 8 of 10``"""
        marks = f"{self.marks} of 10" if self.marks is not None else ""
        return ", ".join(part for part in ((self.importance or "").lower(), marks) if part) or "not recorded"

    @property
    def ended(self) -> bool:
        return self.status in REACHED | STOPPED


def goals(document: Document) -> list[Goal]:
    return [_goal(document, resource) for resource in document.resources("Goal")]


def _goal(document: Document, resource: JsonObject) -> Goal:
    marks = extension_value(resource, GOAL_IMPORTANCE)
    score = as_text(marks[1]) if marks else None
    achievement, priority = child(resource, "achievementStatus"), child(resource, "priority")
    target, need = child(resource, "target"), document.resolve(child(resource, "addresses"))
    return Goal(
        number=numbered(resource, GOAL_ID),
        words=concept(child(resource, "description")),
        status=text(resource, "lifecycleStatus"),
        progress=concept(achievement),
        progress_code=next((code for _, code in codings(achievement)), None),
        importance=concept(priority),
        rank=next((PRIORITIES[code] for _, code in codings(priority) if code in PRIORITIES), None),
        marks=int(score) if score and score.isdigit() else None,
        due=text(target, "dueDate") or stated(target, "due", document.calendar),
        outcome="; ".join(concepts(resource, "outcomeCode")) or None,
        note=notes(resource),
        whose=document.name_of(child(resource, "expressedBy")),
        started=text(resource, "startDate"),
        need=concept(child(need, "code")),
        resource=resource,
    )


def goal_changes(before: Document, after: Document) -> Iterator[Change]:
    """New, achieved, stopped, resting, left out without a word, worded anew; importance, target and progress."""
    for was, now in paired(goals(before), goals(after), lambda goal: goal.key):
        if was is None and now is not None:
            yield _begun(now)
        elif now is None and was is not None and not was.ended:
            yield Change(
                Urgency.NEXT_SHIFT,
                "goal",
                "removed",
                was.words,
                f"The goal {quoted(was.words)} is no longer in the plan, "
                "and nothing says whether it was reached or given up.",
            )
        elif was is not None and now is not None:
            yield from _standing(was, now)
            yield from _wording(was, now)
            yield from _importance(was, now)
            yield from _target(before, after, was, now)
            yield from _progress(was, now)


def _begun(goal: Goal) -> Change:
    state = f" ({code_words(goal.status)})" if goal.status not in (None, "active") else ""
    by = f", set by {goal.whose}" if goal.whose else ""
    told = f"New goal{state}: {quoted(goal.words)}, importance {goal.mattering}{by}."
    return Change(Urgency.FOR_INFORMATION, "goal", "new", goal.words, told, when=goal.started)


def _standing(was: Goal, now: Goal) -> Iterator[Change]:
    if was.status == now.status:
        return
    said, words = now.outcome or now.note, quoted(now.words)
    came = f": {said.rstrip('.')}" if said else ""
    old, new = code_words(was.status) or "without a status", code_words(now.status) or "without a status"
    if now.status in REACHED and now.progress_code in BAD:
        kind, told = "stopped", f"Goal ended without being reached: {words}{came}."
    elif now.status in REACHED:
        kind, told = "achieved", f"Goal achieved: {words}{came}."
    elif now.status in STOPPED:
        kind, told = "stopped", f"Goal stopped: {words}{came or ', and no reason is given'}."
    elif now.status in RESTING:
        kind, told = "on hold", f"Goal put on hold: {words}{came}."
    elif was.ended or was.status in RESTING:
        kind, told = "taken up again", f"Goal taken up again: {words}."
    else:
        kind, told = "status", f"Goal {words} is now {new}; it was {old}."
    urgency = Urgency.NEXT_SHIFT if kind in ("stopped", "on hold") else Urgency.FOR_INFORMATION
    yield Change(urgency, "goal", kind, now.words, told, old, new)


def _wording(was: Goal, now: Goal) -> Iterator[Change]:
    if folded(was.words) != folded(now.words):
        told = f"Goal {now.number} now reads {quoted(now.words)}; before, {quoted(was.words)}."
        yield Change(Urgency.FOR_INFORMATION, "goal", "worded", now.words, told, was.words, now.words)


def _importance(was: Goal, now: Goal) -> Iterator[Change]:
    if (was.rank, was.marks) == (now.rank, now.marks):
        return
    known = [
        (one, other)
        for one, other in ((was.marks, now.marks), (was.rank, now.rank))
        if one is not None and other is not None and one != other
    ]
    which = f"matters {'more' if known[0][1] > known[0][0] else 'less'} now" if known else "has another importance now"
    told = f"{quoted(now.words)} {which}: {now.mattering}; before, {was.mattering}."
    yield Change(Urgency.FOR_INFORMATION, "goal", "importance", now.words, told, was.mattering, now.mattering)


def _target(before: Document, after: Document, was: Goal, now: Goal) -> Iterator[Change]:
    if was.due == now.due:
        return
    old, new = before.calendar.show(was.due), after.calendar.show(now.due)
    if old and new:
        told = f"The target for {quoted(now.words)} moved from {old} to {new}."
    elif new:
        told = f"{quoted(now.words)} now has a target date: {new}."
    else:
        told = f"{quoted(now.words)} has no target date any more; it was {old}."
    yield Change(Urgency.FOR_INFORMATION, "goal", "target", now.words, told, was.due, now.due)


def _progress(was: Goal, now: Goal) -> Iterator[Change]:
    if was.progress_code == now.progress_code or not now.progress or now.ended:
        return
    worse = now.progress_code in BAD
    earlier = (was.progress or "not recorded").lower()
    told = f"Progress on {quoted(now.words)}: {now.progress.lower()}; before, {earlier}."
    urgency = Urgency.NEXT_SHIFT if worse else Urgency.FOR_INFORMATION
    yield Change(urgency, "goal", "worse" if worse else "progress", now.words, told, was.progress, now.progress)


def need_changes(before: Document, after: Document) -> Iterator[Change]:
    """Needs, concerns and problems (Condition): new, over, back, worded anew, left out."""
    old, new = before.resources("Condition"), after.resources("Condition")
    for was, now in paired(old, new, lambda need: numbered(need, NEED_ID) or folded(_need(need))):
        if was is None and now is not None:
            note = f" ({notes(now)})" if notes(now) else ""
            told = f"New need: {quoted(_need(now))}{note}."
            yield Change(Urgency.NEXT_SHIFT, "need", "new", _need(now), told, when=text(now, "recordedDate"))
        elif now is None and was is not None and not _over(was):
            told = f"The need {quoted(_need(was))} is no longer in the plan, and nothing says that it is over."
            yield Change(Urgency.NEXT_SHIFT, "need", "removed", _need(was), told)
        elif was is not None and now is not None:
            if _over(was) != _over(now):
                kind, state = ("over", "is over") if _over(now) else ("back", "is there again")
                told = f"The need {quoted(_need(now))} {state}."
                yield Change(Urgency.NEXT_SHIFT, "need", kind, _need(now), told)
            if folded(_need(was)) != folded(_need(now)):
                told = f"The need is now {quoted(_need(now))}; before, {quoted(_need(was))}."
                yield Change(Urgency.NEXT_SHIFT, "need", "changed", _need(now), told, _need(was), _need(now))


def _need(need: JsonObject) -> str | None:
    return concept(child(need, "code"))


def _over(need: JsonObject) -> bool:
    return any(code in {"inactive", "resolved", "remission"} for _, code in codings(child(need, "clinicalStatus")))
