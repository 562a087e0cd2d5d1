"""Everything the document says, section by section, with the three vital things first."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block
from interop.narrative.pages import render, style
from interop.narrative.picture import web_of_care_svg
from interop.narrative.sections import section_blocks
from interop.narrative.sheet import Sheet
from interop.reading import Document, Section


@dataclass(frozen=True, slots=True)
class Part:
    """One section ready for a page."""

    title: str
    blocks: list[Block]
    sections: tuple[Part, ...]

    @classmethod
    def of(cls, document: Document, section: Section, title: str | None = None) -> Part:
        inner = tuple(cls.of(document, part) for part in section.sections)
        return cls(title or section.title, section_blocks(document, section), inner)


def full_pack(document: JsonObject) -> str:
    """A self-contained HTML page with every section in the document's own order, and the web of care picture."""
    read = Document.of(document)
    sheet = Sheet(read)
    parts = [Part.of(read, section) for section in read.sections]
    # The picture is our own template's output, already escaped.
    picture = Markup(web_of_care_svg(document)) if read.resources("CareTeam") else None  # noqa: S704
    return render("full_pack.html", sheet=sheet, day=sheet.day, style=style, sections=parts, picture=picture)
