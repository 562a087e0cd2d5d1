"""The crew's page: where from, where to, when, and what they have to know before they move the person."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.transport import journey, travel_needs
from interop.reading import Document

TITLES = {"oxygen": "Oxygen", "escort": "Who travels along"}
"""Shorter headings on the page than in the record."""


def transport_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page out of a transport plan; the head holds allergies, CPR decision, communication."""
    read = Document.of(document)
    needs = [(TITLES.get(need.code, need.title), need.told, need.needed is True) for need in travel_needs(read)]
    return lay_out("transport.html", read, presentation, journey=journey(read), needs=needs)
