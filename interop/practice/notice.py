"""A short document that tells one organisation what it must know or do: a sentence, and the facts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from interop.bundle import Entry, Index, full_url, references
from interop.json_codec import JsonObject
from interop.practice.around import custodian
from interop.practice.letter import ODS_CODE, Letter, Part, Site, person_of, profile, reference
from interop.reading import Document
from interop.reading.nodes import child, children, text

NOBODY = Site("Not recorded")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told.

    kind, display  what the document is, of CodeSystem document-kind
    key            what makes it this notice: the same key is the same document in every run
    sentences      what to know, each complete in itself; the first is the one that matters
    to             whom it is for; empty: it is kept, and somebody has to ring
    facts          sections with the resources behind the sentences
    """

    kind: str
    display: str
    title: str
    key: tuple[str, ...]
    sentences: tuple[str, ...]
    to: tuple[Site, ...]
    facts: tuple[Part, ...] = ()

    def document(self, source: Document, now: datetime) -> JsonObject:
        """The notice as a document Bundle by the organisation that keeps the source."""
        sender = custodian(source) or NOBODY
        letter = Letter(self.kind, self.display, self.title, self.key, sender, now)
        person = Entry(url_of(source, source.patient) or full_url("person", *self.key), person_of(source).resource)
        told = Entry(full_url("communication", *self.key), self._communication(person, sender, now))
        first = Part("What you need to know", "handover-details", (told,))
        last = Part("Person", "patient-demographics", (person,))
        facts = tuple(replace(part, entries=[_unspoken(entry) for entry in part.entries]) for part in self.facts)
        behind = _behind(source, [entry for part in facts for entry in part.entries], person)
        return letter.document(person, (first, *facts, last), behind)

    def _communication(self, person: Entry, sender: Site, now: datetime) -> JsonObject:
        made: JsonObject = {
            "resourceType": "Communication",
            "meta": profile("notice-communication"),
            "status": "completed",
            "subject": reference(person),
            "sent": now.isoformat(),
            "sender": reference(sender.entry()),
            "payload": [{"contentString": sentence} for sentence in self.sentences],
        }
        if self.to:
            made["recipient"] = [_addressed(site) for site in self.to]
        return made


def _addressed(site: Site) -> JsonObject:
    coded = {"type": "Organization", "identifier": {"system": ODS_CODE, "value": site.ods}} if site.ods else {}
    return {**coded, "display": site.name}


def _behind(source: Document, told: Sequence[Entry], person: Entry) -> tuple[Entry, ...]:
    """What the resources told point at in the source, the person being who they are and no more."""
    known = {entry.full_url: entry for entry in Index(source.bundle).entries}
    known |= {entry.full_url: entry for entry in (*told, person)}
    index = Index(tuple(known.values()))
    found = {entry.full_url: entry for start in told for entry in index.reachable(start)}
    for entry in (*told, person):
        found.pop(entry.full_url, None)
    return tuple(_unspoken(entry) for entry in found.values() if entry.type != "Composition")


def _unspoken(entry: Entry) -> Entry:
    """Without its narrative: that told the whole source, and would tell those for whom only part of it is meant."""
    return Entry(entry.full_url, {name: value for name, value in entry.resource.items() if name != "text"})


def url_of(document: Document, resource: JsonObject) -> str | None:
    """The fullUrl a resource of the document is known by there."""
    for entry in children(document.bundle, "entry"):
        if child(entry, "resource") is resource:
            return text(entry, "fullUrl")
    return None


def entry_of(document: Document, resource: JsonObject, changed: JsonObject | None = None) -> Entry:
    """A resource of a document as an entry, itself or ``changed``, under the name others there know it by."""
    url = url_of(document, resource) or full_url(text(resource, "resourceType") or "resource", *references(resource))
    return Entry(url, changed or resource)
