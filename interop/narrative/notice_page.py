"""A notice as whoever gets it reads it: what to know or do in one glance, then the facts behind it."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.reading import Document
from interop.reading.nodes import child, children, text

TOLD_ABOVE = "handover-details"


def notice_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page: the sentences of the notice first, then every section with facts."""
    read = Document.of(document)
    told = read.resources("Communication")
    return lay_out(
        "notice.html",
        read,
        presentation,
        title=text(read.composition, "title"),
        sentences=[
            words for one in told for part in children(one, "payload") if (words := text(part, "contentString"))
        ],
        sent=next((read.calendar.show(text(one, "sent")) for one in told), None),
        sender=next((read.name_of(child(one, "sender")) for one in told), None),
        to=[name for one in told for whom in children(one, "recipient") if (name := read.name_of(whom))],
        parts=[Part.of(read, section) for section in read.sections if not section.has_code(TOLD_ABOVE)],
    )
