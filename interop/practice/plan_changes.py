"""What changed between two versions of a person's care plan, told as those who give the care need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.practice.plan_actions import action_changes, standing_changes
from interop.practice.plan_change import Change, Hand, Urgency
from interop.practice.plan_goals import goal_changes, need_changes
from interop.practice.plan_people import contact_changes, contingency_changes, coordinator_changes
from interop.practice.plan_safety import ComparedMedicine, allergy_changes, decision_changes, medicine_changes
from interop.reading import Document
from interop.reading.transfer import person

__all__ = ["Change", "Comparison", "Urgency", "plan_changes"]

ORDER = (
    "allergy", "decision", "medicine", "communication need", "risk", "co-ordinator", "contingency plan", "need",
    "contact", "action", "goal", "support plan", "plan",
)  # fmt: skip
"""Within one urgency: what can harm first, then what is done, then what is hoped for."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side.

    changes  the most urgent first
    remarks  what a reader must know about the comparison itself: the files may be the wrong way round
    """

    name: str | None
    before: str | None
    after: str | None
    hand: Hand
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]

    def of(self, urgency: Urgency) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.urgency is urgency)

    def as_json(self) -> JsonObject:
        return {
            "before": self.before,
            "after": self.after,
            "writtenBy": self.hand.who,
            "changes": [change.as_json() for change in self.changes],
            "remarks": list(self.remarks),
        }


def plan_changes(before: Document, after: Document, medicines: Sequence[ComparedMedicine]) -> Comparison:
    """Compare two versions of one person's plan.

    medicines  the two medicine lists compared line by line, as ``reconciliation.medicines`` gives them

    Compared by meaning: a goal is the same goal by the home's number for it, else by its words; a medicine by its
    product; a person by name. Order, ids and narrative do not count. Raises ContentError where the two are about
    two people: a difference between them would be no change of anybody's care.
    """
    _same_person(before, after)
    hand = Hand.of(after)
    found = [
        *allergy_changes(before, after),
        *decision_changes(before, after),
        *medicine_changes(medicines),
        *coordinator_changes(before, after),
        *contingency_changes(before, after),
        *need_changes(before, after),
        *contact_changes(before, after),
        *action_changes(before, after),
        *goal_changes(before, after),
        *standing_changes(before, after),
    ]
    found.sort(key=lambda change: (change.urgency, ORDER.index(change.about)))
    whom = person(after)
    return Comparison(
        whom.called or whom.name,
        before.written,
        after.written,
        hand,
        tuple(change.by(hand) for change in found),
        tuple(_remarks(before, after)),
    )


def _same_person(before: Document, after: Document) -> None:
    one, other = person(before), person(after)
    if not one.nhs_number or not other.nhs_number:
        raise ContentError(
            "could not tell whether the two documents are about one person",
            code="person-not-known",
            hint="compare documents whose Patient has an NHS number",
        )
    if one.nhs_number != other.nhs_number:
        raise ContentError(
            "the two documents are about two people", code="two-people", hint="compare two versions of one plan"
        )


def _remarks(before: Document, after: Document) -> list[str]:
    first, second = before.calendar.moment(before.written), after.calendar.moment(after.written)
    if first is None or second is None:
        return ["One of the two does not say when it was written: make sure that the older one is named first."]
    return [] if first <= second else ["The one named first was written later: the changes are told backwards."]
