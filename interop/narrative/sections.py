"""A section or a resource as blocks: the same words on a page and in the narrative of the FHIR document."""

from __future__ import annotations

from itertools import groupby

from interop.json_codec import JsonObject
from interop.narrative.anything import any_resource
from interop.narrative.blocks import Block, Facts, Table, Words
from interop.narrative.details import DETAILS
from interop.narrative.remainder import remainder
from interop.narrative.telling import telling
from interop.reading import Document, Presence, Section, presence
from interop.reading.allergies import NONE_WORDS, SECTION_CODES, STATEMENTS, allergies, denial
from interop.reading.document import is_restricted
from interop.reading.nodes import child, children, text
from interop.reading.wording import concept, notes

RESTRICTED = "Restricted information is held by the sender. Ask them if you need it for care."

SPEECHLESS = {"Bundle", "Binary", "Parameters", "Composition"}
"""Resources without a narrative (not DomainResources), and the Composition, which is told by its sections."""

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
        return [Words((STATEMENTS[denied], *_about_denial(document, resource)))]
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
    denials = [entry for entry in section.entries if stated and denial(entry) is not None and not is_restricted(entry)]
    about = [line for entry in denials for line in _about_denial(document, entry)]
    blocks: list[Block] = [Words((stated, *about))] if stated else []
    open_entries = [entry for entry in section.entries if not is_restricted(entry)]
    told = [entry for entry in open_entries if not stated or denial(entry) is None]
    for (key, in_words), group in groupby(told, key=lambda entry: (telling(document, entry), _is_said(section, entry))):
        several = list(group)
        if in_words:
            blocks.append(Words(tuple(line for entry in several for line in _sentences(document, entry))))
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
        blocks.append(Words((SAID[presence(section)], *_own_reason(section))))
    return blocks


def _own_reason(section: Section) -> tuple[str, ...]:
    """The sender's own words for why a section is empty, where they say more than the code."""
    reason = child(section.source, "emptyReason")
    own = text(reason, "text") or ""
    displays = [text(coding, "display") or "" for coding in children(reason, "coding")]
    known = {words.casefold().strip(" .") for words in (*displays, SAID[presence(section)].split(":")[0])}
    return (f"The sender\u2019s reason: {own}",) if own and own.casefold().strip(" .") not in known else ()


def _about_denial(document: Document, resource: JsonObject) -> list[str]:
    """What stands beside "no known allergies" and its like: the record's own other words, when, and by whom."""
    own = concept(child(resource, "code")) or ""
    said = own.casefold().strip(" .")
    told = (
        [f"The record\u2019s own words: {own}"]
        if text(child(resource, "code"), "text") and said not in NONE_WORDS
        else []
    )
    when = document.calendar.show(text(resource, "recordedDate"))
    beside = [("Recorded", when), ("Note", notes(resource)), *remainder(document, resource)]
    return told + [f"{name}: {words}" for name, words in beside if words]


def _is_said(section: Section, entry: JsonObject) -> bool:
    """An Observation that only carries the section's own text is told as the sentences it is."""
    words = text(entry, "valueString") if text(entry, "resourceType") == "Observation" else None
    heading = (concept(child(entry, "code")) or "").casefold()
    return (
        bool(words) and "component" not in entry and (len(section.entries) == 1 or heading == section.title.casefold())
    )


def _sentences(document: Document, entry: JsonObject) -> list[str]:
    """The text line by line, then when it was written and by whom, where the record says so."""
    lines = [line for line in (text(entry, "valueString") or "").split("\n") if line]
    when = document.calendar.show(text(entry, "effectiveDateTime"))
    beside = [("Written", when), *remainder(document, entry)]
    return lines + [f"{name}: {words}" for name, words in beside if words]


def _statement(document: Document, section: Section) -> str | None:
    """Allergies are stated in words before the table: "no known allergies" must never look like a row of one."""
    if not any(section.has_code(code) for code in SECTION_CODES):
        return None
    found = allergies(document)
    if found.contradiction:
        return "This record names an allergy and also says there are none: check before giving anything."
    denied = any(denial(entry) is not None for entry in section.entries)
    return STATEMENTS[found.presence] if denied or found.presence is not Presence.RECORDED else None
