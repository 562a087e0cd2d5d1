"""What heads every page, copied into a document of ours: allergies, CPR decision, communication needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop.bundle import Entry, full_url
from interop.json_codec import JsonObject
from interop.practice.letter import Part, person_key, reference
from interop.reading import Document
from interop.reading.document import is_restricted
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import FLAG_CATEGORY
from interop.reading.wording import concept

_LEFT = {"id", "text", "patient", "subject", "encounter", "recorder", "asserter"}
"""What would point back into the document it was copied from."""
_FLAGS = {
    "cpr-decision": ("CPR decision", "end-of-life-care", True),
    "communication": ("Communication needs", "individual-requirements", False),
}


def vital_parts(documents: Sequence[Document], person: Entry) -> tuple[Part, ...]:
    """Sections with what these documents say, the first document's word before the others'.

    Every allergy any of them names is carried, also where another says that none is known: the page then says that they
    disagree. What is restricted is never copied. A section of which nobody says anything is left out.
    """
    allergies = list(_allergies(documents, person))
    parts = [Part("Allergies and adverse reactions", "allergies-and-adverse-reaction", allergies)] if allergies else []
    for category, (title, heading, own) in _FLAGS.items():
        said = next((found for document in documents if (found := _flags(document, category, person))), [])
        if said:
            parts.append(Part(title, heading, said, own=own))
    return tuple(parts)


def _allergies(documents: Sequence[Document], person: Entry) -> Iterator[Entry]:
    seen: set[str] = set()
    for document in documents:
        for resource in document.resources("AllergyIntolerance"):
            substance = " ".join((concept(child(resource, "code")) or "").casefold().split())
            if substance not in seen and not is_restricted(resource):
                seen.add(substance)
                yield _copy(resource, "patient", person, "allergy", person_key(document), substance)


def _flags(document: Document, category: str, person: Entry) -> list[Entry]:
    found: list[Entry] = []
    for flag in document.resources("Flag"):
        filed = [pair for node in children(flag, "category") for pair in codings(node)]
        if (FLAG_CATEGORY, category) in filed and text(flag, "status") == "active" and not is_restricted(flag):
            words = concept(child(flag, "code")) or ""
            found.append(_copy(flag, "subject", person, category, person_key(document), words, str(len(found))))
    return found


def _copy(resource: JsonObject, about: str, person: Entry, *key: str) -> Entry:
    kept = {name: value for name, value in resource.items() if name not in _LEFT}
    author = child(resource, "author")
    if "reference" in author:
        shown = text(author, "display")
        kept = {name: value for name, value in kept.items() if name != "author"}
        kept |= {"author": {"display": shown}} if shown else {}
    return Entry(full_url(*key), {**kept, about: reference(person)})
