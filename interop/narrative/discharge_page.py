"""The discharge as a care home reads it: medicines against what went in, belongings, what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from interop.json_codec import JsonObject
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.remainder import beside_the_instructions
from interop.narrative.sheet import Sheet
from interop.practice.discharge import supplies
from interop.practice.discharge_versions import Summary
from interop.reading import Document
from interop.reading.medicines import Medicine
from interop.reading.nodes import child, text

PLAIN_TITLES = {
    "admission-details": "The hospital stay",
    "discharge-details": "The hospital stay",
    "person-completing-record": "Who wrote this",
    "distribution-list": "Who gets a copy",
    "diagnoses": "What was wrong",
    "clinical-summary": "What happened in hospital",
    "information-and-advice-given": "Advice",
    "plan-and-requested-actions": "What happens next, and who does it",
    "investigation-results": "Test results",
    "procedures": "Operations and procedures",
    "safety-alerts": "Alerts",
    "individual-requirements": "What they need from us",
    "social-context": "At home",
    "legal-information": "Legal decisions",
}
"""The sections a care home reads, in the order it needs them, in plain words."""
FIRST_READ = (
    "diagnoses", "clinical-summary", "plan-and-requested-actions", "information-and-advice-given", "safety-alerts",
    "legal-information", "investigation-results", "procedures", "admission-details",
)  # fmt: skip
SAID_ELSEWHERE = {
    "patient-demographics", "person-demographics", "allergies-and-adverse-reaction", "medications-and-medical-devices",
    "belongings", "general-practitioner-practice", "gp-practice",
}  # fmt: skip

BAG_MARKS = {"returned": "Returned", "missing": "MISSING", "extra": "EXTRA", "not-checked": "NOT CHECKED"}


class ComparedMedicine(Protocol):
    """One line of a medicines comparison (interop.reconciliation.MedicineChange)."""

    @property
    def status(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def before(self) -> Medicine | None: ...
    @property
    def after(self) -> Medicine | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def questions(self) -> tuple[str, ...]: ...


class ComparedItem(Protocol):
    """One line of a belongings comparison (interop.reconciliation.BelongingsLine)."""

    @property
    def status(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def went(self) -> str | None: ...
    @property
    def came_back(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class MedicineRow:
    mark: str
    loud: bool
    name: str
    now: str | None
    before: str
    why: str
    ask: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    mark: str
    loud: bool
    name: str
    went: str
    back: str
    note: str | None


def discharge_page(
    document: JsonObject,
    medicines: Sequence[ComparedMedicine] = (),
    belongings: Sequence[ComparedItem] | None = None,
    presentation: Presentation = STANDARD,
) -> str:
    """A self-contained HTML page for the people who receive the person home.

    medicines   the comparison with the list that went in; without one, what the discharge itself says changed
    belongings  the comparison with the bag's list; None when there is nothing to compare: no table is shown
    """
    read = Document.of(document)
    sheet = Sheet(read)
    rows = [_compared(sheet, line) for line in medicines] or [_stated(sheet, medicine) for medicine in sheet.medicines]
    rows.sort(key=lambda row: (not row.ask, not row.loud))
    return lay_out(
        "discharge.html",
        sheet,
        presentation,
        medicines=rows,
        compared=bool(medicines),
        tally=_tally([row.mark for row in rows]),
        asks=[f"{row.name}: {row.ask}" for row in rows if row.ask],
        belongings=None if belongings is None else [_item(line) for line in belongings],
        sections=_parts(read),
        summary=Summary(read),
        up_to=sheet.day(text(child(child(read.composition, "event"), "period"), "end")),
        supplies=supplies(read),
    )


def _compared(sheet: Sheet, line: ComparedMedicine) -> MedicineRow:
    after, before = line.after, line.before
    mark = _mark(line.label)
    return MedicineRow(
        mark=f"{mark.upper()}?" if line.questions and after is not None else mark,
        loud=mark != "Same" or bool(line.questions),
        name=line.name,
        now=_from_now(line.status, after),
        before=_instructions(before) if before else "Not taken before",
        why=line.reason or ("\u2013" if line.status == "same" else "No reason given"),
        ask="; ".join(line.questions) or None,
        last=sheet.day(after.last_given) if after else None,
    )


def _stated(sheet: Sheet, medicine: Medicine) -> MedicineRow:
    """A line from the discharge alone: its own change status, and no word on what was taken before."""
    change = medicine.change
    status = "stopped" if medicine.stopped else (change.status if change else None)
    mark = _mark(status) if status else "CHANGE NOT STATED"
    why = "; ".join(part for part in (change.reason, change.details) if part) if change else ""
    return MedicineRow(
        mark=mark,
        loud=mark != "Same",
        name=medicine.name or "Name not recorded",
        now=_from_now(status or "", medicine),
        before="",
        why=why or ("\u2013" if status == "same" else "No reason given"),
        ask=None,
        last=sheet.day(medicine.last_given),
    )


def _mark(status: str) -> str:
    """Differences in capitals, so that the eye finds them without colour."""
    return "Same" if status.lower() == "same" else status.upper()


def _from_now(status: str, medicine: Medicine | None) -> str | None:
    if medicine is None:
        return "Not on the discharge list"
    return "Do not give" if status == "stopped" else _instructions(medicine)


def _instructions(medicine: Medicine) -> str:
    coded = [f"also recorded: {part}" for part in beside_the_instructions(medicine)]
    words = [*medicine.instructions, *coded, *([medicine.note] if medicine.note else [])]
    return "; ".join(words) or "Dose not recorded"


def _tally(marks: list[str]) -> str:
    counted = Counter(mark.lower() for mark in marks)
    return ", ".join(f"{number} {mark}" for mark, number in counted.items())


def _item(line: ComparedItem) -> ItemRow:
    mark = BAG_MARKS.get(line.status, line.status.upper())
    back = line.came_back or ("not checked" if line.status == "not-checked" else "0")
    return ItemRow(mark, mark != "Returned", line.name, line.went or "0", back, line.note)


def _parts(document: Document) -> list[Part]:
    """Sections in the home's reading order; any not named here follow in the document's own order."""
    shown = [s for s in document.sections if not any(s.has_code(code) for code in SAID_ELSEWHERE)]
    order = {code: rank for rank, code in enumerate(FIRST_READ)}
    ranked = sorted(shown, key=lambda s: min((order[c] for _, c in s.codes if c in order), default=len(order)))
    plain = (
        (section, next((PLAIN_TITLES[c] for _, c in section.codes if c in PLAIN_TITLES), None)) for section in ranked
    )
    told: set[tuple[int, ...]] = set()
    parts = []
    for section, title in plain:
        entries = tuple(id(entry) for entry in section.entries)
        if not entries or entries not in told:
            parts.append(Part.of(document, section, title))
        told.add(entries)
    return parts
