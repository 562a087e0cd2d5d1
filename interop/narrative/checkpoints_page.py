"""The red bag's journey as a person reads it: one line a thing, one column for each of the five checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.checkpoints import ORDER, Cell, Check, ItemJourney, Journey, Loss, Seen, journeys
from interop.reading import Document

COLUMNS = {
    "home-out": "Leaving home",
    "ambulance": "In the ambulance",
    "hospital-in": "Arriving at hospital",
    "hospital-out": "Leaving hospital",
    "home-in": "Back home",
}
WORDS = {
    Seen.PRESENT: "There",
    Seen.ABSENT: "NOT THERE",
    Seen.NOT_CHECKED: "Not checked",
    Seen.NOT_APPLICABLE: "Does not apply",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell: ``loud`` where a thing that was in the bag was looked for in vain."""

    words: str
    note: str | None
    loud: bool


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    marks: tuple[Mark, ...]
    now: str
    loud: bool


@dataclass(frozen=True, slots=True)
class Bag:
    """One journey ready for the page. ``heads``: title, who looked and when, by column; None where nobody looked."""

    number: str
    heads: tuple[tuple[str, str | None], ...]
    rows: tuple[Row, ...]
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]


def checkpoints_page(
    document: JsonObject, presentation: Presentation = STANDARD, others: Sequence[JsonObject] = ()
) -> str:
    """A self-contained HTML page: every bag's journey as far as these documents tell it.

    document  whose head stands on the page; ``others`` hold more checklists, in any order
    """
    bags = [_bag(journey) for journey in journeys([document, *others])]
    return lay_out("checkpoints.html", Document.of(document), presentation, bags=bags)


def _bag(journey: Journey) -> Bag:
    heads = tuple((COLUMNS[point], _head([c for c in journey.checks if c.checkpoint == point])) for point in ORDER)
    notes = tuple(f"{COLUMNS[c.checkpoint]}: {c.checklist.note}" for c in journey.checks if c.checklist.note)
    return Bag(journey.bag, heads, tuple(_row(item) for item in journey.items), journey.losses, notes)


def _head(said: Sequence[Check]) -> str | None:
    """Who looked last at this checkpoint, where and when."""
    if not said:
        return None
    check = max(said, key=lambda one: one.sort_key)
    parts = (check.checklist.by, check.site_name, check.document.calendar.show(check.when))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _row(item: ItemJourney) -> Row:
    missed = {loss.missed.checkpoint for loss in item.losses}
    marks = tuple(_mark(cell, point in missed) for point, cell in zip(ORDER, item.cells, strict=True))
    return Row(item.name, marks, _now(item), bool(item.open_losses))


def _mark(cell: Cell, lost: bool) -> Mark:
    words = WORDS[cell.seen]
    if cell.seen is Seen.PRESENT and cell.number is not None and (cell.number > 1 or lost):
        words = f"{'ONLY ' if lost else ''}{cell.number} there"
    elif cell.seen is Seen.ABSENT and not lost:
        words = "Not in the bag"
    return Mark(words, cell.note, lost)


def _now(item: ItemJourney) -> str:
    """How things stand after the last checkpoint that looked."""
    missing = sum(loss.missing for loss in item.open_losses)
    if missing:
        return "MISSING" if missing == 1 else f"{missing} MISSING"
    if item.losses:
        return "Found again"
    last = next((cell for cell in reversed(item.cells) if cell.seen in (Seen.PRESENT, Seen.ABSENT)), None)
    if last is None:
        return "Nobody has looked"
    if last.seen is Seen.ABSENT:
        return "Did not travel"
    return "All accounted for" if item.cells[-1] is last else "There when last seen"
