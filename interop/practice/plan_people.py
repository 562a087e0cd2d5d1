"""What became of the people around the person, and of the plans for a bad day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.practice.plan_actions import LOCAL
from interop.practice.plan_change import Change, Urgency, extended_text, folded, paired, quoted
from interop.reading import Document
from interop.reading.nodes import child, children, codings, text
from interop.reading.people import care_team, coordinators, personal_contacts

CONTINGENCY_PLAN = "325691000000100"
CONTINGENCY = (
    ("what sets it going", "plan-trigger"),
    ("early warning signs", "early-warning-sign"),
    ("what helps", "coping-strategy"),
    ("what is kept ready", "anticipatory-medicines"),
)


def coordinator_changes(before: Document, after: Document) -> Iterator[Change]:
    """Who answers for the person's care, where that is somebody else now."""
    was, now = coordinators(before), coordinators(after)
    if [folded(one.name) for one in was] == [folded(one.name) for one in now]:
        return
    named = " and ".join(one.name or "not recorded" for one in now) or "nobody"
    earlier = " and ".join(one.name or "not recorded" for one in was) or "nobody"
    reach = ", ".join(phone for one in now for phone in one.phones) or "no telephone number is recorded"
    told = f"The named care co-ordinator is now {named} ({reach}); before, {earlier}."
    when = next((one.start for one in now if one.start), None)
    yield Change(Urgency.NEXT_SHIFT, "co-ordinator", "changed", named, told, earlier, named, when=when)


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A member of the team, or a relative named outside it."""

    name: str | None
    role: str | None
    phones: tuple[str, ...]
    current: bool
    start: str | None
    end: str | None

    @property
    def who(self) -> str:
        return ", ".join(part for part in (self.name or "Somebody without a name", self.role) if part)

    @property
    def numbers(self) -> set[str]:
        return {"".join(sign for sign in number if sign.isdigit()) for number in self.phones}


def contact_changes(before: Document, after: Document) -> Iterator[Change]:
    """Members of the web of care: who joined, who left, whose number or role is another one."""
    for was, now in paired(_team(before), _team(after), lambda one: folded(one.name)):
        for kind, told, old, new in _met(after, was, now):
            one = now or was
            start = now.start if kind == "new" and now else None
            yield Change(Urgency.NEXT_SHIFT, "contact", kind, one.name if one else None, told, old, new, when=start)


def _team(document: Document) -> list[_Somebody]:
    team = [_Somebody(m.name, m.role, m.phones, m.current, m.start, m.end) for m in care_team(document)]
    known = {folded(one.name) for one in team}
    family = [
        _Somebody(c.name, ", ".join(c.roles) or None, c.phones, True, None, None) for c in personal_contacts(document)
    ]
    return team + [one for one in family if folded(one.name) not in known]


def _met(
    after: Document, was: _Somebody | None, now: _Somebody | None
) -> Iterator[tuple[str, str, str | None, str | None]]:
    """(kind, sentence, what was, what is) of one person."""
    if now is None or not now.current:
        if was is not None and was.current:
            end = after.calendar.show(now.end) if now else None
            told = f"{was.who} has left the web of care{f' on {end}' if end else ''}."
            gone = f"{was.who} is no longer in the web of care, and nothing says when they left."
            yield "left" if now else "removed", told if now else gone, None, None
        return
    if was is None or not was.current:
        reach = ", ".join(now.phones) or "no telephone number is recorded"
        yield "new", f"New in the web of care: {now.who}, {reach}.", None, None
        return
    if was.numbers != now.numbers:
        new, old = ", ".join(now.phones) or "no number is recorded", ", ".join(was.phones) or "no number was recorded"
        yield "telephone", f"{now.name}: now {new}; before, {old}.", old, new
    if folded(was.role) != folded(now.role):
        told = f"{now.name} is now {now.role or 'without a role'}; before, {was.role or 'without a role'}."
        yield "role", told, was.role, now.role


def part_plans(document: Document) -> list[JsonObject]:
    """Contingency and additional support plans: those that are part of the main plan."""
    return [plan for plan in document.resources("CarePlan") if children(plan, "partOf")]


def is_contingency(plan: JsonObject) -> bool:
    return any(code == CONTINGENCY_PLAN for category in children(plan, "category") for _, code in codings(category))


def contingency_changes(before: Document, after: Document) -> Iterator[Change]:
    """New, gone, or another trigger, another thing to do, another to ring."""
    for was, now in paired(part_plans(before), part_plans(after), lambda plan: folded(text(plan, "title"))):
        either = now or was or {}
        title, word = text(either, "title"), "contingency plan" if is_contingency(either) else "support plan"
        if now is None:
            told = f"The {word} {quoted(title)} is no longer there, and nothing says why."
            yield Change(Urgency.NEXT_SHIFT, word, "removed", title, told)
        elif was is None:
            told = f"New {word}: {quoted(title)}. {steps(now)}".rstrip(". ") + "."
            yield Change(Urgency.NEXT_SHIFT, word, "new", title, told, when=text(now, "created"))
        else:
            for what, old, new in _replanned(before, after, was, now):
                told = f"{quoted(title)}, {what}: now {quoted(new)}; before, {quoted(old)}."
                yield Change(Urgency.NEXT_SHIFT, word, "changed", title, told, old, new, when=text(now, "created"))


def steps(plan: JsonObject) -> str:
    """What should happen under a contingency plan, or what an additional plan says."""
    details = [child(activity, "detail") for activity in children(plan, "activity")]
    said = [text(detail, "description") or "" for detail in details] or [text(plan, "description") or ""]
    return " ".join(words for words in said if words)


def to_ring(document: Document, plan: JsonObject) -> str | None:
    details = [child(activity, "detail") for activity in children(plan, "activity")]
    named = [document.name_of(reference) for detail in details for reference in children(detail, "performer")]
    return ", ".join(name for name in named if name) or None


def _replanned(
    before: Document, after: Document, was: JsonObject, now: JsonObject
) -> Iterator[tuple[str, str | None, str | None]]:
    parts = [
        (what, extended_text(was, LOCAL + url, "valueString"), extended_text(now, LOCAL + url, "valueString"))
        for what, url in CONTINGENCY
    ]
    parts.append(("what should happen", steps(was) or None, steps(now) or None))
    parts.append(("who to ring", to_ring(before, was), to_ring(after, now)))
    yield from (part for part in parts if folded(part[1]) != folded(part[2]))
