"""What changed in a care plan, as the next shift reads it: most urgent first, each with who and when."""

from __future__ import annotations

from dataclasses import dataclass

from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.plan_changes import Change, Comparison, Urgency
from interop.reading import Document

SAFE = {
    Urgency.BEFORE_CARE: "No change to allergies, decisions, medicines, communication needs or risks.",
    Urgency.NEXT_SHIFT: "No change to contacts, contingency plans, needs or actions.",
    Urgency.FOR_INFORMATION: "No other change.",
}
"""What an empty group says: that it was compared, and that nothing in it is another than before."""


@dataclass(frozen=True, slots=True)
class Line:
    about: str
    kind: str
    text: str
    hand: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    loud: bool
    lines: tuple[Line, ...]
    nothing: str


def plan_changes_page(comparison: Comparison, after: Document, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page over the newer version; the head is that version's own."""
    show = after.calendar.show
    groups = [
        Group(
            urgency.words,
            urgency is Urgency.BEFORE_CARE,
            tuple(_line(after, change) for change in comparison.of(urgency)),
            SAFE[urgency],
        )
        for urgency in Urgency
    ]
    return lay_out(
        "plan_changes.html",
        after,
        presentation,
        comparison=comparison,
        groups=groups,
        before=show(comparison.before),
        after=show(comparison.after),
    )


def _line(after: Document, change: Change) -> Line:
    hand = ", ".join(part for part in (change.who, after.calendar.show(change.when)) if part)
    about = change.about[:1].upper() + change.about[1:]
    return Line(about, change.kind, change.text, hand or "not recorded")
