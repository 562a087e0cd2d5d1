"""What became of allergies, decisions, risks, communication needs and medicines: told before anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from interop.practice.plan_change import Change, Urgency, folded, paired, quoted
from interop.reading import Document, Presence
from interop.reading.alerts import Alert, CprDecision, alerts, cpr_decisions
from interop.reading.allergies import Allergy, allergies
from interop.reading.medicines import Medicine
from interop.reading.nodes import child, text

CATEGORIES = {
    "communication": ("communication need", "communication need"),
    "reasonable-adjustment": ("reasonable adjustment", "communication need"),
    "lasting-power-of-attorney": ("lasting power of attorney", "decision"),
    "alert": ("risk", "risk"),
}
"""Flag category: its word in a sentence, and what the change is about. Safeguarding is never told here."""


class ComparedMedicine(Protocol):
    """One line of a comparison of two medicine lists, as reconciliation makes it."""

    @property
    def status(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def before(self) -> Medicine | None: ...
    @property
    def after(self) -> Medicine | None: ...
    @property
    def differences(self) -> Sequence[object]: ...
    @property
    def reason(self) -> str | None: ...


def allergy_changes(before: Document, after: Document) -> Iterator[Change]:
    """Every allergy that came, went, or is described otherwise; and what the record says where it names none."""
    was, now = allergies(before), allergies(after)
    for old, new in paired([*was.active, *was.past], [*now.active, *now.past], lambda one: folded(one.substance)):
        if new is not None and (old is None or old.standing != new.standing):
            yield from _standing(new, seen_before=old is not None)
        elif old is not None and new is None and old.standing == "active":
            told = (
                f"The allergy to {quoted(old.substance)} is no longer in the record, and nothing says why. "
                "Treat it as there until somebody has asked."
            )
            yield _allergy(old, "removed", told)
        elif old is not None and new is not None and _reaction(old) != _reaction(new):
            found = (
                f"The allergy to {quoted(new.substance)} is now described as {_reaction(new) or 'without a reaction'}"
            )
            yield _allergy(new, "changed", f"{found}; before, {_reaction(old) or 'without a reaction'}.")
    # A first allergy where nothing was recorded is told as that allergy; any other change of statement is its own news.
    if was.presence is not now.presence and not (now.active and was.presence is Presence.NOT_RECORDED):
        told = f"{now.statement}; the version before said: {was.statement[:1].lower()}{was.statement[1:]}."
        yield Change(Urgency.BEFORE_CARE, "allergy", "statement", "allergies", told, was.statement, now.statement)


def _standing(one: Allergy, *, seen_before: bool) -> Iterator[Change]:
    words = quoted(one.substance)
    if one.standing == "active" and not seen_before:
        reaction = f": {_reaction(one)}" if _reaction(one) else ", reaction not recorded"
        recorder, day = text(child(one.resource, "recorder"), "display"), text(one.resource, "recordedDate")
        told = f"New allergy: {words}{reaction}."
        yield Change(Urgency.BEFORE_CARE, "allergy", "new", one.substance, told, who=recorder, when=day)
    elif seen_before:
        state = {"active": "is active again", "ruled out": "has been ruled out"}.get(
            one.standing, "is no longer active"
        )
        yield _allergy(one, "standing", f"The allergy to {words} {state}.")


def _reaction(one: Allergy) -> str:
    return ", ".join(part for part in (", ".join(one.reactions), one.severity or "") if part)


def _allergy(one: Allergy, kind: str, told: str) -> Change:
    return Change(Urgency.BEFORE_CARE, "allergy", kind, one.substance, told)


def decision_changes(before: Document, after: Document) -> Iterator[Change]:
    """The CPR decision first; then powers of attorney, communication needs and risks."""
    yield from _cpr_changes(before, after)
    for category, (word, about) in CATEGORIES.items():
        for was, now in paired(alerts(before, category), alerts(after, category), _name):
            if (was is not None and was.restricted) or (now is not None and now.restricted):
                continue  # what is restricted is not told here, nor that it came or went
            for kind, told in _flag(after, was, now, word):
                one = now or was
                own = one if kind == "new" else None
                yield Change(
                    Urgency.BEFORE_CARE,
                    about,
                    kind,
                    one.words if one else word,
                    told,
                    was.words if was else None,
                    now.words if now else None,
                    own.author if own else None,
                    own.start if own else None,
                )


def _name(one: Alert) -> str:
    words = text(child(one.resource, "code"), "text") or one.words
    # A risk is often told with its latest count ("Falls: two in a month"): what stands before the colon names it.
    return folded((words or "").split(":")[0])


def _flag(after: Document, was: Alert | None, now: Alert | None, word: str) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of what became of one flag."""
    if now is None or not now.current:
        if was is not None and was.current:
            end = "is no longer in force" if now else "is no longer in the plan, and nothing says why"
            yield "ended" if now else "removed", f"The {word} {quoted(was.words)} {end}."
    elif was is None:
        yield "new", f"New {word}: {now.words}."
    elif not was.current:
        yield "new", f"The {word} {quoted(now.words)} is in force again."
    elif folded(was.words) != folded(now.words):
        yield "changed", f"The {word} is now {quoted(now.words)}; before, {quoted(was.words)}."
    elif was.end != now.end:
        day = after.calendar.show(now.end) or "a day not recorded"
        yield "review", f"The {word} {quoted(now.words)} is now to be looked at again by {day}."


def _cpr_changes(before: Document, after: Document) -> Iterator[Change]:
    was, now = next(iter(cpr_decisions(before)), None), next(iter(cpr_decisions(after)), None)
    show = after.calendar.show
    if now is None and was is not None:
        told = (
            f"The CPR decision ({was.words}) is no longer in the plan, and nothing says that it was withdrawn. "
            "Look for the signed form."
        )
        yield _decision("removed", told, was.words, None, None)
    elif now is not None and (was is None or was.kind != now.kind or was.decided != now.decided):
        earlier = (
            f"Before: {was.words}, decided {show(was.decided) or 'on a day not recorded'}."
            if was
            else "No decision was recorded before."
        )
        told = (
            f"CPR decision: {now.words}, decided {show(now.decided) or 'on a day not recorded'}. {earlier} "
            f"Form: {now.where or 'place not recorded'}."
        )
        yield _decision("changed" if was else "new", told, was.words if was else None, now.words, now)
    elif now is not None and was is not None:
        place = f"The CPR form is now kept here: {now.where or 'not recorded'}. Before: {was.where or 'not recorded'}."
        review = f"The CPR decision is now to be reviewed by {show(now.review) or 'a day not recorded'}."
        if folded(was.where) != folded(now.where):
            yield _decision("place", place, was.where, now.where, None)
        if was.review != now.review:
            yield _decision("review", review, was.review, now.review, None)


def _decision(kind: str, told: str, old: str | None, new: str | None, made: CprDecision | None) -> Change:
    who, when = (made.author, made.decided) if made else (None, None)
    return Change(Urgency.BEFORE_CARE, "decision", kind, "CPR decision", told, old, new, who, when)


def medicine_changes(compared: Sequence[ComparedMedicine]) -> Iterator[Change]:
    """What a comparison of the two medicine lists found, in the plan's words. Nothing is accepted here."""
    for line in compared:
        if line.status == "same":
            continue
        after, before = line.after, line.before
        how = _how(after)
        kind = "removed" if after is None else line.status
        told = _medicine(line, how)
        yield Change(Urgency.BEFORE_CARE, "medicine", kind, line.name, told, _how(before), how, when=_day(after))


def _medicine(line: ComparedMedicine, how: str | None) -> str:
    why = f"Why: {line.reason.rstrip('.')}." if line.reason else "No reason is given."
    if line.after is None:
        return (
            f"{line.name}: no longer on the list of medicines, and nothing says that it was stopped. "
            "Ask before you leave it out."
        )
    if line.status == "new":
        return f"New medicine: {line.name}{f', {how}' if how else ''}. {why}"
    if line.status == "stopped":
        return f"{line.name}: stopped, do not give it. {why}"
    what = "; ".join(map(str, line.differences)) or "the record says changed, and the two lists show no difference"
    return f"{line.name} changed: {what}. {why}"


def _day(medicine: Medicine | None) -> str | None:
    """The day the sender gives for the change itself; a medicine's first day may lie long before it."""
    return medicine.change.when if medicine and medicine.change else None


def _how(medicine: Medicine | None) -> str | None:
    return "; ".join(medicine.instructions) or None if medicine else None
