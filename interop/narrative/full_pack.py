"""Everything the document says, section by section, with the three vital things first."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from interop.json_codec import JsonObject
from interop.narrative.anything import extended, readable, value_words
from interop.narrative.blocks import Block, Facts
from interop.narrative.layout import lay_out
from interop.narrative.picture import web_of_care_svg, web_of_care_words
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sections import SPEECHLESS, section_blocks
from interop.reading import Document, Section
from interop.reading.document import is_error
from interop.reading.nodes import children, text


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


def full_pack(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page with every section in the document's own order, and the web of care picture."""
    read = Document.of(document)
    parts = [Part.of(read, section) for section in read.sections]
    rest = _not_in_any_section(read)
    parts += [rest] if rest else []
    parts.append(_about_itself(read))
    # The picture is our own template's output, already escaped.
    picture = Markup(web_of_care_svg(document)) if read.resources("CareTeam") else None  # noqa: S704
    heard = web_of_care_words(read) if picture else []
    return lay_out("full_pack.html", read, presentation, sections=parts, picture=picture, heard=heard)


def _not_in_any_section(document: Document) -> Part | None:
    """What the document carries and no section points at: people and places named elsewhere, and anything forgotten."""
    told = {id(entry) for section in document.all_sections() for entry in section.entries}
    held = [r for _, r in document.placed if id(r) not in told and not is_error(r) and not document.is_about_another(r)]
    left = tuple(resource for resource in held if text(resource, "resourceType") not in SPEECHLESS)
    if not left:
        return None
    section = Section("Also in this document", (), left, (), None, "", document.base, {})
    return Part.of(document, section)


_HEADER = (
    "status",
    "type",
    "category",
    "class",
    "date",
    "author",
    "attester",
    "custodian",
    "relatesTo",
    "event",
    "confidentiality",
)


def _about_itself(document: Document) -> Part:
    """The document's own particulars: which version, what it replaces, who stands behind it."""
    held = document.composition
    told = [(readable(name), value_words(document, held[name])) for name in _HEADER if name in held]
    beside = [pair for node in (held, *children(held, "relatesTo")) for pair in extended(document, node)]
    facts = tuple((name, words) for name, words in (*told, *beside) if words)
    return Part("About this document", [Facts("Document", facts or (("Particulars", None),))], ())
