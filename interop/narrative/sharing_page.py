"""Who may be told what about a person, as somebody reads it before they pick up the telephone."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sharing import sharing_table
from interop.practice.consent import findings, may_be_told
from interop.reading import Document
from interop.reading.consent import EVERYTHING
from interop.reading.people import personal_contacts

SHOWN = {"consent-for-information-sharing", "patient-demographics", "person-completing-record"}


def sharing_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page, made only from structured data."""
    read = Document.of(document)
    return lay_out(
        "sharing.html",
        read,
        presentation,
        family=_family(read),
        table=sharing_table(read),
        checks=findings(read),
        rest=[Part.of(read, s) for s in read.sections if not any(code in SHOWN for _, code in s.codes)],
    )


def _family(document: Document) -> list[Block]:
    """For everybody close to the person: may they be told, and why."""
    rows = []
    for contact in personal_contacts(document):
        answer = may_be_told(document, contact.name, EVERYTHING)
        topics = ", ".join(answer.topics_in_words)
        said = {True: "Yes", False: "NO", None: "ASK FIRST"}[answer.allowed]
        rows.append((contact.name, ", ".join(contact.roles) or None, said, topics or None, " ".join(answer.because)))
    columns = (Column("Who"), Column("Relationship"), Column("Everything?"), Column("At least", True), Column("Why"))
    return [Table.of("Those close to the person", columns, rows)] if rows else []
