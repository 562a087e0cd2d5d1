"""The end of life record as somebody called out at night reads it: what was decided, who decides, where to be."""

from __future__ import annotations

from collections.abc import Sequence

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table, Words
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sharing import sharing_table
from interop.practice.wishes import authority, findings
from interop.reading import Document
from interop.reading.alerts import cpr_decisions
from interop.reading.nodes import child, children, text
from interop.reading.systems import DECISION_REASON
from interop.reading.wishes import (
    Escalation,
    best_interests,
    capacities,
    escalations,
    part,
    performers,
    places,
    powers,
    refusals,
    talks,
    words_of,
)
from interop.reading.wording import concept, concepts, dosage, notes

SHOWN = {
    "allergies-and-adverse-reaction", "end-of-life-care", "individual-requirements", "treatment-escalation",
    "legal-information", "preferred-places", "anticipatory-medicines", "prognosis", "consent-for-information-sharing",
    "patient-demographics", "person-completing-record",
}  # fmt: skip
"""Sections this page tells in its own way; every other section follows as the document has it."""

YES_NO = {True: "Yes", False: "No", None: None}
ABLE = {True: "Able to decide", False: "NOT able to decide", None: None}
QUESTIONS = {"preferred-place-of-care": "To be looked after", "preferred-place-of-death": "To die"}


def end_of_life_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page of an end of life document, made only from its structured data."""
    read = Document.of(document)
    return lay_out(
        "end_of_life.html",
        read,
        presentation,
        cpr=_cpr(read),
        plans=[(plan, _treatments(plan, True), _treatments(plan, False)) for plan in escalations(read)],
        authority=authority(read),
        legal=_legal(read),
        wanted=_places(read),
        ready=_ready(read),
        outlook=_outlook(read),
        sharing=sharing_table(read),
        checks=[issue for issue in findings(read) if issue.hint],
        rest=[Part.of(read, s) for s in read.sections if not any(code in SHOWN for _, code in s.codes)],
    )


def _cpr(document: Document) -> list[Block]:
    """Why, and with whom it was discussed: the decision itself stands at the head of every page."""
    blocks: list[Block] = []
    for decision in cpr_decisions(document):
        reason = words_of(decision.resource, DECISION_REASON)
        blocks += [Words((f"Because: {reason}",))] if reason else []
        show = document.calendar.show
        rows = [(talk.who, talk.name, show(talk.when), talk.note) for talk in talks(decision.resource)]
        columns = (Column("Discussed with"), Column("Who", True), Column("When"), Column("What was said", True))
        blocks += [Table.of("With whom the decision was discussed", columns, rows)] if rows else []
        blocks += [] if rows else [Words(("The record does not say with whom the decision was discussed.",))]
    return blocks


def _treatments(plan: Escalation, offer: bool) -> list[str]:
    kept = [treatment for treatment in plan.treatments if treatment.offer is offer]
    return [": ".join(part for part in (t.name, t.detail) if part) for t in kept]


def _legal(document: Document) -> list[Block]:
    """Refusals, attorneys, capacity, best interests; an attorney is asked about even where none is recorded."""
    held = _attorneys(document)
    told = [_refusals(document), held, _capacity(document), _best_interests(document)]
    blocks: list[Block] = [table for table in told if table]
    return blocks if held else [*blocks, Words(("Lasting power of attorney: not recorded.",))]


def _listed(caption: str, titles: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> Table | None:
    return Table.of(caption, [Column(title) for title in titles], rows) if rows else None


def _refusals(document: Document) -> Table | None:
    show = document.calendar.show
    rows = [
        (
            refusal.refuses,
            _standing(refusal.in_force, refusal.why_ended, show(refusal.end)),
            YES_NO[refusal.life],
            "NO: it does not bind" if refusal.signed is False and refusal.life else YES_NO[refusal.signed],
            show(refusal.made),
            refusal.where,
        )
        for refusal in refusals(document)
    ]
    titles = ("Refuses", "Standing", "Life-sustaining treatment", "Signed and witnessed", "Made", "Document kept")
    return _listed("Advance decision to refuse treatment", titles, rows)


def _attorneys(document: Document) -> Table | None:
    show = document.calendar.show
    rows = [
        (
            ", ".join(name for name, _ in power.holders if name) or None,
            power.about,
            _standing(power.in_force, power.why_ended, show(power.end)),
            YES_NO[power.life] if power.welfare else "Not a matter of it",
            ", ".join(phone for _, phone in power.holders if phone) or None,
            show(power.start),
            power.where,
        )
        for power in powers(document)
    ]
    titles = ("Attorney", "About", "Standing", "Life-sustaining treatment", "Phone", "Registered", "Document kept")
    return _listed("Lasting power of attorney", titles, rows)


def _capacity(document: Document) -> Table | None:
    show = document.calendar.show
    rows = [(c.decision, ABLE[c.able], c.words, show(c.when), c.by) for c in capacities(document)]
    return _listed("Mental capacity", ("Decision", "Found", "In the assessor's words", "When", "By"), rows)


def _best_interests(document: Document) -> Table | None:
    show = document.calendar.show
    rows = [(b.about, b.outcome, show(b.when), b.by, b.consulted) for b in best_interests(document)]
    titles = ("About", "Decided", "When", "By", "Who was asked")
    return _listed("Decisions in the person's best interests", titles, rows)


def _standing(in_force: bool, why: str | None, end: str | None) -> str:
    if in_force:
        return "In force"
    return "NOT IN FORCE" + (f", ended {end}" if end else "") + (f": {why}" if why else "")


def _places(document: Document) -> list[Block]:
    rank = {1: "First choice", 2: "Second choice", None: None}
    rows = [
        (
            QUESTIONS[place.question],
            rank.get(place.rank, f"Choice {place.rank}"),
            place.place,
            place.note,
            document.calendar.show(place.asked),
        )
        for place in places(document)
    ]
    columns = (Column("Where"), Column("Choice"), Column("Place"), Column("In their words", True), Column("Asked"))
    return [Table.of("Where the person wants to be", columns, rows)] if rows else [Words(("Not recorded.",))]


def _ready(document: Document) -> list[Block]:
    section = document.section("anticipatory-medicines")
    entries = section.entries if section else ()
    blocks: list[Block] = []
    for box in (entry for entry in entries if text(entry, "resourceType") == "Procedure"):
        since = document.calendar.show(text(box, "performedDateTime"))
        kept = document.name_of(child(box, "location"))
        said = [f"{concept(child(box, 'code')) or 'Not said'} since {since or 'a day not recorded'}."]
        said += [f"Kept: {kept}." if kept else "Where they are kept: not recorded."]
        said += [words] if (words := notes(box)) else []
        blocks.append(Words(tuple(said)))
    listed = [entry for entry in entries if text(entry, "resourceType") == "MedicationStatement"]
    rows = [
        (
            concept(child(medicine, "medicationCodeableConcept")),
            "; ".join(words for d in children(medicine, "dosage") if (words := dosage(d))) or None,
            "; ".join(concepts(medicine, "reasonCode")) or None,
        )
        for medicine in listed
    ]
    if rows:
        columns = [Column("Medicine"), Column("How"), Column("For")]
        blocks.append(Table.of("Medicines that may be given when needed; they are not being taken now", columns, rows))
    return blocks or [Words(("Not recorded.",))]


def _outlook(document: Document) -> list[Block]:
    section = document.section("prognosis")
    rows, lines = [], []
    for entry in section.entries if section else ():
        if text(entry, "resourceType") == "Observation":
            rows.append(
                (
                    concept(child(entry, "valueCodeableConcept")),
                    document.calendar.show(text(entry, "effectiveDateTime")),
                    performers(document, entry),
                    text(part(entry, "awareness-of-person"), "valueString"),
                    text(part(entry, "awareness-of-family"), "valueString"),
                )
            )
        else:
            since = document.calendar.show(text(child(entry, "period"), "start"))
            standing = "" if text(entry, "status") == "active" else " (no longer)"
            lines.append(f"{concept(child(entry, 'code'))}{standing}" + (f", since {since}" if since else "") + ".")
    columns = ("Estimate", "When", "By", "What the person knows", "What the family knows")
    blocks: list[Block] = [Table.of("Prognosis and what is known", [Column(c) for c in columns], rows)] if rows else []
    return blocks + ([Words(tuple(lines))] if lines else []) or [Words(("Not recorded.",))]
