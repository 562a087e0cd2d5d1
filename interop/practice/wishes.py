"""Who may decide for a person, and what of their wishes has to be put right, as pure decisions over one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.alerts import cpr_decisions
from interop.reading.nodes import child, extensions, text
from interop.reading.systems import FLAG_DETAIL
from interop.reading.wishes import (
    Power,
    Refusal,
    attorneys,
    best_interests,
    capacities,
    escalations,
    powers,
    refusals,
    talks,
)
from interop.reading.wording import best_name


class Decider(StrEnum):
    """Who decides about treatment, in the order the Mental Capacity Act 2005 asks."""

    PERSON = "the person"
    ADVANCE_DECISION = "the person's own advance decision, for what it refuses"
    ATTORNEY = "the attorney for health and welfare"
    BEST_INTERESTS = "whoever treats, in the person's best interests"
    NOBODY_RECORDED = "nobody is recorded"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides, and why. ``who`` names them where the record does; ``reasons`` are whole sentences."""

    decider: Decider
    who: tuple[str, ...]
    reasons: tuple[str, ...]


def authority(document: Document) -> Authority:
    """Who may decide about treatment now.

    Capacity is presumed until somebody found otherwise (s. 1(2)). Without it: an advance decision that binds, for what
    it refuses (s. 24 to 26), unless an attorney with the same reach was registered after it (s. 25(2)(b)); the attorney
    for health and welfare in force (s. 9 and 11); else a decision in the person's best interests (s. 4).
    """
    lacking = next((found for found in capacities(document) if found.able is False), None)
    if lacking is None:
        stated = capacities(document)
        because = (
            f"found able to decide about {stated[0].decision or 'this'}"
            if stated and stated[0].able
            else "no assessment says otherwise, and capacity is presumed"
        )
        return Authority(Decider.PERSON, (), (f"The person decides: {because}.",))
    reasons = [f"The person was found unable to decide about {lacking.decision or 'treatment'}."]
    holders = [power for power in powers(document) if power.in_force and power.welfare]
    binding = [refusal for refusal in refusals(document) if refusal.binds]
    reasons += [_refused(refusal, _overtaken(refusal, holders)) for refusal in binding]
    if holders:
        who = tuple(dict.fromkeys(name for power in holders for name, _ in power.holders if name))
        reasons += [_reach(power) for power in holders]
        return Authority(Decider.ATTORNEY, who, tuple(reasons))
    reasons.append("No attorney for health and welfare is in force.")
    if binding:
        return Authority(Decider.ADVANCE_DECISION, (), tuple(reasons))
    made = best_interests(document)
    if made:
        reasons.append("A decision in the person's best interests is recorded.")
        return Authority(Decider.BEST_INTERESTS, tuple(dict.fromkeys(one.by for one in made if one.by)), tuple(reasons))
    return Authority(Decider.NOBODY_RECORDED, (), tuple(reasons))


def _overtaken(refusal: Refusal, holders: list[Power]) -> bool:
    return any(power.life and power.start and refusal.made and power.start > refusal.made for power in holders)


def _refused(refusal: Refusal, overtaken: bool) -> str:
    what = f"An advance decision refuses: {refusal.refuses or 'what it says'}."
    if not overtaken:
        return f"{what} It must be followed where it fits."
    return (
        f"{what} A power of attorney over life-sustaining treatment was registered after it: ask which of them holds."
    )


def _reach(power: Power) -> str:
    name = ", ".join(name for name, _ in power.holders if name) or "The attorney"
    told = {
        True: "life-sustaining treatment included",
        False: "but not about life-sustaining treatment",
        None: "the record does not say whether life-sustaining treatment is included",
    }
    return f"{name} decides about {(power.about or 'health and welfare').lower()}, {told[power.life]}."


def findings(document: Document, now: datetime | None = None) -> tuple[Issue, ...]:
    """What has to be put right, in words a ward clerk understands; errors first.

    ``now`` is the moment reviews and ends are judged at; without it, the moment the document was written.
    """
    at = now.isoformat() if now else document.written
    found = [
        *_cpr(document, at),
        *_powers(document, at),
        *_refusals(document, at),
        *_plans(document, at),
        *_deciding(document),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda issue: order.index(issue.severity)))


def _cpr(document: Document, now: str | None) -> Iterator[Issue]:
    decisions = cpr_decisions(document)
    if not decisions:
        yield Issue(
            "cpr-not-recorded",
            "No decision about CPR is recorded: nothing is stated either way.",
            document.place(document.composition),
            Severity.WARNING,
            hint="record the decision from the signed form, or ask whether one was made",
        )
    if len({decision.kind for decision in decisions}) > 1:
        at = document.place(decisions[0].resource)
        yield Issue(
            "cpr-contradiction",
            "Two decisions about CPR contradict one another.",
            at,
            hint="look at the signed form and end the other one",
        )
    for decision in decisions:
        at = document.place(decision.resource)
        if decision.decided is None:
            yield Issue("cpr-undated", f"{decision.words}: nobody recorded when it was decided.", at, hint=_FORM)
        if decision.where is None:
            text_ = f"{decision.words}: nobody recorded where the signed form is."
            yield Issue("cpr-form-missing", text_, at, hint="say where the form is kept")
        if document.calendar.is_past(decision.review, now):
            due = document.calendar.show(decision.review)
            text_ = f"{decision.words}: it was to be looked at again by {due}."
            yield Issue("review-overdue", text_, at, Severity.WARNING, hint="ask whoever decided it to review it")
        if not talks(decision.resource):
            text_ = f"{decision.words}: the record does not say with whom it was discussed."
            yield Issue("cpr-not-discussed", text_, at, Severity.WARNING, hint="record the talk, or why there was none")


_FORM = "take the date from the signed form"


def _powers(document: Document, now: str | None) -> Iterator[Issue]:
    flagged = {
        id(document.resolve(child(detail, "valueReference")))
        for power in powers(document)
        for detail in extensions(power.resource, FLAG_DETAIL)
    }
    for person in attorneys(document):
        if id(person) not in flagged:
            name = best_name(person) or "Somebody"
            yield Issue(
                "attorney-unflagged",
                f"{name} is recorded as an attorney, but no flag says so.",
                document.place(person),
                hint="record the lasting power of attorney: its kind, when it was registered, where it is",
            )
    for power in powers(document):
        at = document.place(power.resource)
        name = ", ".join(holder for holder, _ in power.holders if holder) or "nobody named"
        words = f"Lasting power of attorney ({power.about or 'not said about what'}; {name})"
        ended_by_now = bool(document.calendar.is_past(power.end, now))
        if text(power.resource, "status") == "active" and ended_by_now:
            ended = document.calendar.show(power.end)
            text_ = f"{words}: it ended on {ended} and is still shown as in force."
            yield Issue("attorney-expired", text_, at, hint="set it to not in force, and say why it ended")
        elif not power.in_force:
            because = power.why_ended or f"it ended on {document.calendar.show(power.end) or 'a day not recorded'}"
            text_ = f"{words}: not in force ({because}). Do not act on its paper."
            yield Issue("attorney-not-in-force", text_, at, Severity.INFORMATION)
        if power.in_force and power.start is None:
            text_ = f"{words}: nobody recorded that it is registered; until then it cannot be used."
            yield Issue("attorney-unregistered", text_, at, hint="record the day of registration from the document")
        if power.in_force and power.welfare and power.life is None:
            text_ = f"{words}: the record does not say whether it reaches to life-sustaining treatment."
            yield Issue("attorney-reach-unknown", text_, at, Severity.WARNING, hint="read it in the document")


def _refusals(document: Document, now: str | None) -> Iterator[Issue]:
    for refusal in refusals(document):
        at = document.place(refusal.resource)
        words = f"Advance decision ({refusal.refuses or 'not said what it refuses'})"
        if refusal.in_force and refusal.life and refusal.signed is not True:
            told = (
                "is not signed and witnessed" if refusal.signed is False else "is not said to be signed and witnessed"
            )
            text_ = f"{words}: it refuses life-sustaining treatment and {told}: it does not bind."
            yield Issue("refusal-not-binding", text_, at, hint="look at the document; ask the person if they can say")
        if text(refusal.resource, "status") == "active" and document.calendar.is_past(refusal.end, now):
            text_ = f"{words}: it ended on {document.calendar.show(refusal.end)} and is still shown as in force."
            yield Issue("refusal-expired", text_, at, hint="set it to not in force, and say why it ended")


def _plans(document: Document, now: str | None) -> Iterator[Issue]:
    for plan in escalations(document):
        if plan.status == "active" and document.calendar.is_past(plan.review, now):
            due = document.calendar.show(plan.review)
            text_ = f"{plan.title}: it was to be looked at again by {due}."
            yield Issue("review-overdue", text_, document.place(plan.resource), Severity.WARNING, hint="review it")


def _deciding(document: Document) -> Iterator[Issue]:
    found = authority(document)
    if found.decider is Decider.NOBODY_RECORDED:
        yield Issue(
            "nobody-decides",
            f"{found.reasons[0]} Nothing says who decides instead.",
            document.place(document.composition),
            Severity.WARNING,
            hint="record the attorney, or the decision made in the person's best interests and who was consulted",
        )
