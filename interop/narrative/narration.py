"""Fills Narrative.text of a document from its own structured data, so that words and data cannot disagree."""

from __future__ import annotations

from interop.json_codec import Json, JsonObject
from interop.narrative.blocks import Block
from interop.narrative.pages import render
from interop.narrative.sections import SPEECHLESS, resource_blocks, section_blocks
from interop.reading import Document, Section
from interop.reading.nodes import child, text


def narrate(document: JsonObject) -> JsonObject:
    """A copy of a document Bundle in which every section and resource says its structured content in words.

    Text is generated, status ``generated``. A section that has nothing but its sender's own words keeps them.
    Narrating twice changes nothing more. Source: FHIR R4 narrative.html, txt-1, txt-2, dom-6; cmp-1.
    """
    read = Document.of(document)
    entries = [_entry(read, entry) for entry in document.get("entry", [])]
    return {**document, "entry": entries} if "entry" in document else dict(document)


def _entry(read: Document, entry: Json) -> Json:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return entry
    kind = text(resource, "resourceType")
    if kind == "Bundle":
        return {**entry, "resource": narrate(resource)}
    if kind == "Composition":
        return {**entry, "resource": _composition(read, resource)}
    if kind is None or kind in SPEECHLESS:
        return entry
    return {**entry, "resource": _with_text(resource, resource_blocks(read, resource))}


def _composition(read: Document, composition: JsonObject) -> JsonObject:
    if composition is not read.composition:
        return composition
    told = {id(section.source): section for section in read.all_sections()}
    return (
        {**composition, "section": [_section(read, node, told) for node in composition["section"]]}
        if told
        else composition
    )


def _section(read: Document, node: Json, told: dict[int, Section]) -> Json:
    section = told.get(id(node))
    if section is None:
        return node
    inner = {"section": [_section(read, n, told) for n in node["section"]]} if section.sections else {}
    blocks = section_blocks(read, section)
    own_words_only = bool(section.words) and not section.entries and not section.empty_reason and not section.missing
    if not blocks or own_words_only:
        return {**node, **inner}
    return _with_text({**node, **inner}, blocks)


def _with_text(node: JsonObject, blocks: list[Block]) -> JsonObject:
    div = render("narrative.html", content=blocks)
    # text stands where FHIR's element order has it: after the resource's own header, before its content.
    head: JsonObject = {
        name: node[name] for name in ("resourceType", "id", "meta", "implicitRules", "language") if name in node
    }
    kept = {**child(node, "text"), "status": "generated", "div": div}
    rest = {name: value for name, value in node.items() if name not in head and name != "text"}
    return {**head, "text": kept, **rest}
