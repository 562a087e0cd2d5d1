"""The one page an ambulance crew reads in a minute."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.reading import Document


def front_sheet(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained A4 HTML page: who, allergies, CPR decision, communication first; then the rest.

    Made only from structured data. A list too long for one page runs on to the next; nothing is cut.
    """
    return lay_out("front_sheet.html", Document.of(document), presentation)
