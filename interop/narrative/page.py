"""The page for a document, whichever kind it is."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.discharge_page import discharge_page
from interop.narrative.front_sheet import front_sheet
from interop.reading import Document


def page(document: JsonObject) -> str:
    """A discharge as the home reads it; anything else as the front sheet an ambulance crew reads."""
    return discharge_page(document) if Document.of(document).is_discharge else front_sheet(document)
