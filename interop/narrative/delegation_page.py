"""Delegated healthcare tasks as the care worker reads them: what must not be done, then each task with whom to ask."""

from __future__ import annotations

from datetime import UTC, datetime

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.delegation import Competency, Decision, Expiry, decide, expiring, workers
from interop.reading import Document

COMPETENCIES = (
    Column("Care worker"), Column("May do"), Column("Until"), Column("Signed off by"), Column("Signed off on"),
    Column("Trained"), Column("For one person only", True), Column("Number"),
)  # fmt: skip
TOLD_ABOVE = ("plan-and-requested-actions", "competencies")


def delegation_page(document: JsonObject, presentation: Presentation = STANDARD, at: datetime | None = None) -> str:
    """A self-contained HTML page as things stand at a moment; without one, when it was written."""
    read = Document.of(document)
    now = at or read.calendar.moment(read.written) or datetime.max.replace(tzinfo=UTC)
    decisions = decide(read, now)
    return lay_out(
        "delegation.html",
        read,
        presentation,
        now=read.calendar.show(now.astimezone(read.calendar.zone).isoformat()),
        refused=[one for one in decisions if one.reasons],
        tasks=[(one, _facts(read, one)) for one in decisions],
        expiring=[_expiry(read, one) for one in expiring(read, now)],
        competencies=_competencies(read),
        parts=[Part.of(read, s) for s in read.sections if not any(s.has_code(code) for code in TOLD_ABOVE)],
    )


def _facts(document: Document, decision: Decision) -> list[Block]:
    one, show = decision.delegation, document.calendar.show
    window = [f"from {show(one.start)}" if one.start else "", f"to {show(one.end)}" if one.end else ""]
    ask = ", ".join(part for part in (one.first_contact, one.first_phone) if part) or None
    pairs = (
        ("Care worker", one.worker.name if one.worker else None),
        ("How", one.instructions),
        ("When", ", ".join(part for part in (one.when, *window) if part) or None),
        ("Stop, and ring, if", one.stop_if),
        ("Ask first", ask),
        ("Handed over by", one.nurse.name if one.nurse else None),
        ("On competency", one.rests_on),
        ("Why", one.because),
        ("Number", one.number),
    )
    must = {"Care worker", "How", "Ask first", "Handed over by"} | ({"On competency"} if one.active else set())
    return [Facts("Task", tuple((name, value) for name, value in pairs if value or name in must))]


def _expiry(document: Document, one: Expiry) -> str:
    day = document.calendar.show(one.competency.expires)
    verb = "ran out on" if one.over else "runs out on"
    rests = f" {', '.join(one.needed)} rests on it." if one.needed else " No task rests on it now."
    return f"{one.worker.name}, “{one.competency.task}”: {verb} {day}.{rests}"


def _competencies(document: Document) -> list[Block]:
    rows = [_row(document, worker.name, held) for worker in workers(document) for held in worker.competencies]
    return [Table.of("Competencies", COMPETENCIES, rows)] if rows else []


def _row(document: Document, name: str | None, held: Competency) -> tuple[str | None, ...]:
    show = document.calendar.show
    trained = ", ".join(part for part in (show(held.trained_on), held.trained_by) if part)
    return (
        name,
        held.task,
        show(held.expires),
        ", ".join(part for part in (held.signed_by, held.signed_role) if part) or None,
        show(held.signed_on),
        trained or None,
        held.person,
        held.number,
    )
