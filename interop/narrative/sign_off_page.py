"""The medicines to check, as the home's nurse signs them: one line a medicine, questions first."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.reading import Document
from interop.reading.sign_off import SignOffLine, sign_off_lines

DECIDED = {"accept": "Accepted", "query": "QUERIED", None: "NOT DECIDED"}


@dataclass(frozen=True, slots=True)
class Row:
    """One medicine. ``mark``: New, Changed, Stopped, Same, Not listed; in capitals where it differs."""

    line: SignOffLine
    mark: str
    loud: bool
    decision: str
    signed: str | None


def sign_off_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page out of a medicines sign-off: what to ask, each line, who decided what and when."""
    read = Document.of(document)
    rows = [_row(read, line) for line in sign_off_lines(read)]
    rows.sort(key=lambda row: (row.line.settled, not row.line.asks, not row.loud))
    open_asks = [(row.line.name, ask) for row in rows if not row.line.settled for ask in row.line.asks]
    left = sum(not row.line.settled for row in rows)
    return lay_out("sign_off.html", read, presentation, rows=rows, asks=open_asks, left=left)


def _row(document: Document, line: SignOffLine) -> Row:
    same = line.change.casefold() == "same"
    mark = "Same" if same else line.change.upper()
    who = ", ".join(part for part in (line.by, line.role, document.calendar.show(line.at)) if part)
    return Row(line, mark, not same or bool(line.asks), DECIDED.get(line.decision, "NOT DECIDED"), who or None)
