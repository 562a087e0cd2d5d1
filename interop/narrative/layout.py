"""Lays a document's words out on a page: the frame, the head that stands first everywhere, and the size asked for."""

from __future__ import annotations

from interop.narrative.labels import label_cells
from interop.narrative.pages import render, style
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sheet import Sheet
from interop.reading import Document


def lay_out(template: str, document: Document | Sheet, presentation: Presentation = STANDARD, **words: object) -> str:
    """A self-contained HTML page out of a template that extends ``page.html``.

    The template is given, beside ``words``: ``sheet`` (the Sheet of the document: who, allergies, CPR decision,
    communication and everything else a head needs), ``day`` (a FHIR date or time on the wall clock),
    ``style`` (a stylesheet of ours by name) and ``presentation``.
    """
    sheet = document if isinstance(document, Sheet) else Sheet(document)
    made = render(template, sheet=sheet, day=sheet.day, style=style, presentation=presentation, **words)
    return label_cells(made)
