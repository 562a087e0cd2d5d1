"""Both comparisons as tables for a spreadsheet: plain words, one row a line, nothing decided."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from interop.json_codec import JsonObject
from interop.reading.medicines import Medicine
from interop.reconciliation.belongings import belongings
from interop.reconciliation.medicines import medicines

MEDICINES = "medicines-compared.csv"
BELONGINGS = "belongings-compared.csv"


def as_tables(before: JsonObject, after: JsonObject) -> dict[str, bytes]:
    """File name → CSV, UTF-8 with a header row.

    ``medicines-compared.csv``: Change (New, Changed, Stopped, Same, Not listed), Medicine, Before, Now, What changed,
    Reason, Ask.
    ``belongings-compared.csv``: Status (Returned, Missing, Extra, Not checked), Item, Went, Came back, Note.
    """
    drugs = (
        (
            change.label,
            change.name,
            _directions(change.before),
            _directions(change.after),
            "; ".join(map(str, change.differences)),
            change.reason or "",
            " ".join(change.questions),
        )
        for change in medicines(before, after)
    )
    things = (
        (line.status.replace("-", " ").capitalize(), line.name, line.went or "", line.came_back or "", line.note or "")
        for line in belongings(before, after)
    )
    return {
        MEDICINES: _csv(("Change", "Medicine", "Before", "Now", "What changed", "Reason", "Ask"), drugs),
        BELONGINGS: _csv(("Status", "Item", "Went", "Came back", "Note"), things),
    }


def _directions(medicine: Medicine | None) -> str:
    if medicine is None:
        return ""
    parts = (medicine.amount, medicine.route, medicine.often)
    return "; ".join(medicine.instructions) or ", ".join(filter(None, parts))


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _inert(cell: str) -> str:
    """A cell a spreadsheet will not run as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
