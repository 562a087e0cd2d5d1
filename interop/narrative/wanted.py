"""How a page is set for the person themselves, from the information needs recorded for them."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.narrative.presentation import LARGE_PRINT, Form, Presentation
from interop.reading import Document
from interop.reading.adjustments import presentation_wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """The presentation a person's record asks for, ``because`` of what it says, and what no page can meet."""

    presentation: Presentation
    because: tuple[str, ...]
    not_met: tuple[str, ...]


def wanted(document: JsonObject) -> Wanted:
    """What the recorded needs ask for; the page's own form where they ask for nothing.

    Easy read goes before plain text: who asks for both reads, and words alone can be had from any page.
    """
    found = presentation_wanted(Document.of(document))
    form = Form.EASY_READ if found.easy_read else Form.PLAIN_TEXT if found.plain_text else Form.STANDARD
    size = next((size for size in LARGE_PRINT if found.points is not None and size >= found.points), None)
    return Wanted(Presentation(size, form), found.because, found.not_met)
