"""A virtual ward or cohort as its team reads it: who is on it, how much care each has, and why each is there."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.standing_sheet import StandingSheet
from interop.practice.cohort import Criterion, Fact, Member, ward
from interop.reading import Document
from interop.reading.wording import code_words

KINDS = {"virtual-ward": "Virtual ward", "cohort": "Risk-stratified cohort"}


def cohort_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained page. It is about many people, so no one person's head stands on it."""
    read = Document.of(document)
    found = ward(read)
    known = {criterion.number: criterion for criterion in found.criteria}
    return lay_out(
        "cohort.html",
        StandingSheet(read),
        presentation,
        ward=found,
        kind=KINDS.get(found.kind or "", "List of people"),
        at=read.calendar.show(read.written),
        rows=[(member, _why(read, member, known), _steps(read, member)) for member in found.members],
    )


def _why(read: Document, member: Member, known: dict[str, Criterion]) -> list[str]:
    """Each fact with what it was held against, in a sentence."""
    return [_fact(read, fact, known.get(fact.criterion or "")) for fact in member.facts]


def _fact(read: Document, fact: Fact, criterion: Criterion | None) -> str:
    met = {True: "meets it", False: "DOES NOT MEET IT", None: "cannot be compared"}[fact.met]
    against = (
        f"{criterion.number}, {criterion.told}" if criterion else f"{fact.criterion}, which the list does not have"
    )
    where = ", ".join(part for part in (fact.source, read.calendar.show(fact.recorded)) if part)
    return f"{against}: found {fact.found or 'nothing'} ({met}{'; ' + where if where else ''})"


def _steps(read: Document, member: Member) -> list[str]:
    told = []
    for step in member.steps:
        head = f"{(code_words(step.event) or 'step').capitalize()} {read.calendar.show(step.at) or 'at no stated time'}"
        told.append(", ".join(part for part in (head, step.by, step.why) if part))
    return told
