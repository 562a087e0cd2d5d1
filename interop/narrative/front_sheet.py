"""The one page an ambulance crew reads in a minute."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.pages import render, style
from interop.narrative.sheet import Sheet
from interop.reading import Document


def front_sheet(document: JsonObject) -> str:
    """A self-contained A4 HTML page: who, allergies, CPR decision, communication first; then the rest.

    Made only from structured data. A list too long for one page runs on to the next; nothing is cut.
    """
    sheet = Sheet(Document.of(document))
    return render("front_sheet.html", sheet=sheet, day=sheet.day, style=style)
