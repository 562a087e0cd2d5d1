"""A section or a resource as blocks: the same words on a page and in the narrative of the FHIR document."""

from __future__ import annotations

from itertools import groupby

from interop.json_codec import JsonObject
from interop.narrative.anything import any_resource
from interop.narrative.blocks import Block, Facts, Table, Words
from interop.narrative.details import DETAILS
from interop.narrative.telling import telling
from interop.reading import Document, Presence, Section, presence
from interop.reading.allergies import SECTION_CODES, STATEMENTS, allergies, denial
from interop.reading.document import is_restricted
from interop.reading.nodes import child, text
from interop.reading.wording import concept

RESTRICTED = "Restricted information is held by the sender. Ask them if you need it for care."

SAID = {
    Presence.NONE_KNOWN: "None known: the sender states that there are none.",
    Presence.NOT_ASKED: "Not asked.",
    Presence.ASKED_UNKNOWN: "Asked, not known.",
    Presence.WITHHELD: "Withheld by the sender.",
    Presence.NOT_STARTED: "Not started: not yet looked into.",
    Presence.NOT_RECORDED: "Not recorded.",
}


def resource_blocks(document: Document, resource: JsonObject) -> list[Block]:
    """One resource on its own: its row turned on its side, or its own telling."""
    if is_restricted(resource):
        return [Words((RESTRICTED,))]
    denied = denial(resource) if text(resource, "resourceType") == "AllergyIntolerance" else None
    if denied is not None:
        return [Words((STATEMENTS[denied],))]
    told = telling(document, resource)
    if told is None:
        return DETAILS.get(text(resource, "resourceType") or "", any_resource)(document, resource)
    row = told.row(document, resource)
    pairs = zip(told.columns, row, strict=True)
    return [
        Facts(told.caption, tuple((column.title, value) for column, value in pairs if value or not column.optional))
    ]


def section_blocks(document: Document, section: Section) -> list[Block]:
    """What a section says: its entries, or why it is empty; the sender's free words only where nothing else speaks."""
    stated = _statement(document, section)
    blocks: list[Block] = [Words((stated,))] if stated else []
    open_entries = [entry for entry in section.entries if not is_restricted(entry)]
    told = [entry for entry in open_entries if not stated or denial(entry) is None]
    for key, group in groupby(told, key=lambda entry: telling(document, entry)):
        several = list(group)
        said = [_said(section, entry) for entry in several]
        if any(said):
            blocks.append(Words(tuple(line for words in said for line in (words or "").split("\n") if line)))
        elif key is None:
            blocks += [block for entry in several for block in resource_blocks(document, entry)]
        else:
            blocks.append(Table.of(key.caption, key.columns, [key.row(document, entry) for entry in several]))
    if len(open_entries) < len(section.entries):
        blocks.append(Words((RESTRICTED,)))
    if section.missing:
        named = ", ".join(section.missing)
        blocks.append(Words((f"The section also points at what this document does not contain: {named}",)))
    if section.words and not section.entries and not section.empty_reason:
        return [*blocks, Words(tuple(section.words.split("\n")), sender=True)]
    if not blocks and not section.sections:
        blocks.append(Words((SAID[presence(section)],)))
    return blocks


def _said(section: Section, entry: JsonObject) -> str | None:
    """An Observation that only carries the section's own text, told as the sentences it is."""
    words = text(entry, "valueString") if text(entry, "resourceType") == "Observation" else None
    heading = (concept(child(entry, "code")) or "").casefold()
    return words if words and (len(section.entries) == 1 or heading == section.title.casefold()) else None


def _statement(document: Document, section: Section) -> str | None:
    """Allergies are stated in words before the table: "no known allergies" must never look like a row of one."""
    if not any(section.has_code(code) for code in SECTION_CODES):
        return None
    found = allergies(document)
    if found.contradiction:
        return "This record names an allergy and also says there are none: check before giving anything."
    denied = any(denial(entry) is not None for entry in section.entries)
    return STATEMENTS[found.presence] if denied or found.presence is not Presence.RECORDED else None
