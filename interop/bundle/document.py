"""Document Bundles: a Composition first, then what it says and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from interop.bundle.entry import Entry
from interop.bundle.identity import full_url as stable_url
from interop.bundle.references import Index, entries
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject


def instant(moment: datetime) -> str:
    """A FHIR instant, to the second or finer. Raises ValueError for a time without its zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; an instant needs one")
    return moment.isoformat()


def assemble_document(
    composition: JsonObject,
    resources: Sequence[Entry],
    *,
    identifier: JsonObject,
    timestamp: datetime,
    full_url: str | None = None,
    links: Mapping[str, Sequence[str]] | None = None,
) -> JsonObject:
    """A document Bundle: the Composition, what it reaches in the order it is reached, then the rest as given.

    identifier  an Identifier with system and value; the same one gives the Composition the same fullUrl
    full_url    the Composition's own, where resources already point at it
    links       by fullUrl, the fullUrls each resource refers to, in its order, where its maker knows them

    Nothing given is left out: what the Composition does not reach stands last (``unreached`` names it).
    Raises ContentError ``bundle-duplicate-entry`` when two different resources share one fullUrl.
    Source: FHIR R4 documents.html#content.
    """
    first = Entry(full_url or stable_url("Composition", *_identity(identifier)), composition)
    everything = _once_each((first, *resources))
    reached = Index(everything).reachable(first) if links is None else _linked(first, everything, links)
    urls = {entry.full_url for entry in reached}
    ordered = (*reached, *(entry for entry in everything if entry.full_url not in urls))
    return {
        "resourceType": "Bundle",
        "identifier": identifier,
        "type": "document",
        "timestamp": instant(timestamp),
        "entry": [entry.as_json() for entry in ordered],
    }


def assemble_collection(resources: Sequence[Entry], *, identifier: JsonObject, timestamp: datetime) -> JsonObject:
    """A collection Bundle: the resources of one record, no more said about them."""
    return {
        "resourceType": "Bundle",
        "identifier": identifier,
        "type": "collection",
        "timestamp": instant(timestamp),
        "entry": [entry.as_json() for entry in _once_each(tuple(resources))],
    }


def _linked(first: Entry, everything: Sequence[Entry], links: Mapping[str, Sequence[str]]) -> tuple[Entry, ...]:
    """``Index.reachable`` by links that are known."""
    by_url = {entry.full_url: entry for entry in everything}
    found = {first.full_url: first}
    waiting = [first.full_url]
    for url in waiting:
        for target in links.get(url, ()):
            if target not in found and target in by_url:
                found[target] = by_url[target]
                waiting.append(target)
    return tuple(found.values())


def _identity(identifier: JsonObject) -> tuple[str, str]:
    return str(identifier.get("system", "")), str(identifier.get("value", ""))


def _once_each(given: Sequence[Entry]) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for entry in given:
        known = found.setdefault(entry.full_url, entry)
        if known.resource != entry.resource:
            raise ContentError(
                f"two different resources ({known.type}, {entry.type}) are both {entry.full_url}",
                code="bundle-duplicate-entry",
                hint="give each an identity of its own: more source values under `identity:` in the mapping",
            )
    return tuple(found.values())


def composition_of(document: JsonObject) -> JsonObject | None:
    """The Composition of a document, which is its first entry; None where there is none."""
    return next((entry.resource for entry in entries(document) if entry.type == "Composition"), None)


def sections(document: JsonObject) -> tuple[JsonObject, ...]:
    """Every section of the document's Composition, each before the sections inside it."""
    return tuple(_sections(composition_of(document) or {}))


def _sections(node: JsonObject) -> Iterator[JsonObject]:
    inside = node.get("section")
    for section in inside if isinstance(inside, list) else ():
        if isinstance(section, dict):
            yield section
            yield from _sections(section)


def find(document: JsonObject, reference: Json) -> JsonObject | None:
    """The resource a Reference (or its text) means in a Bundle. For many look-ups build one ``Index``."""
    return Index(document).find(reference)


def reachable(document: JsonObject) -> tuple[Entry, ...]:
    """The Composition and everything its references lead to, breadth first."""
    index = Index(document)
    first = next((entry for entry in index.entries if entry.type == "Composition"), None)
    return index.reachable(first) if first else ()


def unreached(document: JsonObject) -> tuple[Entry, ...]:
    """Entries the Composition does not lead to, Provenance about the document excepted: nobody will read them."""
    urls = {entry.full_url for entry in reachable(document)}
    return tuple(entry for entry in entries(document) if entry.full_url not in urls and entry.type != "Provenance")
