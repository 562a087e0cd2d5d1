"""Which summary of a stay holds: versions, what replaces what, and whether the last event of the stay is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.practice.letter import person_key
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, extension_value, extensions, text

REPLACED_DOCUMENT = f"{BASE}/StructureDefinition/replaced-document"
VERSION_NUMBER = "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber"
VISIT_NUMBER = "/Id/visit-number"
"""How the identifier system of a visit number ends, whosesoever base it has."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """The earlier document a summary takes the place of, as far as the later one says.

    identifier  the earlier document's Bundle.identifier, without ``urn:uuid:``
    written     when the earlier one was written, as in the data
    """

    identifier: str | None
    number: str | None
    version: str | None
    written: str | None
    reason: str | None


@dataclass(frozen=True)
class Summary:
    """One discharge summary among others of the same stay."""

    document: Document

    @cached_property
    def identifier(self) -> str | None:
        return bare(text(child(self.document.bundle, "identifier"), "value"))

    @cached_property
    def number(self) -> str | None:
        """What the hospital calls the document: the same for all its versions."""
        return text(child(self.document.composition, "identifier"), "value")

    @cached_property
    def version(self) -> str | None:
        found = extension_value(self.document.composition, VERSION_NUMBER)
        return as_text(found[1]) if found else None

    @cached_property
    def written(self) -> datetime | None:
        return self.document.calendar.moment(self.document.written)

    @cached_property
    def includes_up_to(self) -> datetime | None:
        """Up to when the summary says that it includes what happened; the day it was written when it does not say."""
        stated = text(child(child(self.document.composition, "event"), "period"), "end")
        return self.document.calendar.moment(stated) or self.written

    @cached_property
    def stay(self) -> str | None:
        return stay_key(self.document, self.document.encounter)

    @cached_property
    def person(self) -> str:
        return person_key(self.document)

    @cached_property
    def replaces(self) -> Replaced | None:
        return replaced(self.document)

    @property
    def told(self) -> str:
        """``version 2 of 19 Nov 2026, 09:45``."""
        when = self.document.calendar.show(self.document.written) or "an unknown day"
        return f"version {self.version} of {when}" if self.version else f"the summary of {when}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a summary still holds. ``replaced_by`` None: nothing here replaces it."""

    summary: Summary
    replaced_by: Summary | None

    @property
    def current(self) -> bool:
        return self.replaced_by is None


def bare(identifier: str | None) -> str | None:
    return identifier.removeprefix("urn:uuid:") if identifier else None


def replaced(document: Document) -> Replaced | None:
    """What Composition.relatesTo says is replaced; None when the document replaces nothing."""
    for relation in children(document.composition, "relatesTo"):
        if text(relation, "code") == "replaces":
            said = next(iter(extensions(relation, REPLACED_DOCUMENT)), {})
            parts = {url: as_text(v[1]) for url in _PARTS if (v := extension_value(said, url)) is not None}
            target = child(relation, "targetIdentifier")
            pointed = child(child(relation, "targetReference"), "identifier")
            identifier = bare(text(target, "value") or text(pointed, "value"))
            return Replaced(identifier, *(parts.get(part) for part in _PARTS))
    return None


_PARTS = ("number", "version", "written", "reason")


def stay_key(document: Document, encounter: JsonObject) -> str | None:
    """What tells one stay from another: its visit number, else the person and when it began."""
    numbers = (
        text(i, "value")
        for i in children(encounter, "identifier")
        if (text(i, "system") or VISIT_NUMBER).endswith(VISIT_NUMBER)
    )
    number = next((found for found in numbers if found), None)
    if number:
        return number
    start = document.calendar.moment(text(child(encounter, "period"), "start"))
    return f"{person_key(document)} {start.date().isoformat()}" if start else None


def standings(documents: Iterable[Document]) -> list[Standing]:
    """Every discharge summary, oldest first, each with the one that takes its place."""
    found = sorted(
        (Summary(document) for document in documents if document.is_discharge),
        key=lambda summary: summary.written.timestamp() if summary.written else 0.0,
    )
    return [Standing(summary, next((s for s in reversed(found) if _replaces(s, summary)), None)) for summary in found]


def _replaces(later: Summary, earlier: Summary) -> bool:
    said = later.replaces
    if later is earlier or said is None:
        return False
    if said.identifier and said.identifier == earlier.identifier:
        return True
    same_number = said.number is not None and said.number == earlier.number
    return same_number and said.version is not None and said.version == earlier.version


def version_issues(documents: Sequence[Document]) -> Iterator[Issue]:
    """What is wrong between summaries of one stay, and between a summary and the events of its stay."""
    stands = standings(documents)
    for standing in stands:
        yield from _between(standing.summary, [other.summary for other in stands])
        yield from _late_events(standing.summary, documents) if standing.current else ()
    yield from _side_by_side([standing.summary for standing in stands if standing.current])


def _between(later: Summary, others: Sequence[Summary]) -> Iterator[Issue]:
    if later.replaces is None:
        return
    earlier = next((other for other in others if _replaces(later, other)), None)
    if earlier is None:
        when = later.document.calendar.show(later.replaces.written) or "an earlier day"
        words = f"{later.told} replaces the summary of {when}, which is not here"
        hint = "nothing to do if you never had it; else take the earlier one out of use"
        yield _issue("discharge-replaced-not-here", words, later, Severity.INFORMATION, hint)
        return
    if earlier.person != later.person:
        words = f"{later.told} replaces a summary about somebody else"
        yield _issue("discharge-replaces-other-person", words, later, Severity.ERROR, "use neither: ring the ward")
    if earlier.written and later.written and earlier.written >= later.written:
        words = f"{later.told} replaces {earlier.told}, which was written later"
        yield _issue("discharge-version-order", words, later, Severity.ERROR, "ring the ward: which one holds?")
    if _number(later.version) <= _number(earlier.version) and later.version and earlier.version:
        words = f"version {later.version} says that it replaces version {earlier.version}"
        yield _issue("discharge-version-order", words, later, Severity.ERROR, "ring the ward: which one holds?")


def _side_by_side(current: Sequence[Summary]) -> Iterator[Issue]:
    for index, later in enumerate(current):
        for earlier in current[:index]:
            if later.stay is not None and later.stay == earlier.stay and later.identifier != earlier.identifier:
                both = f"{earlier.told} and {later.told}"
                words = f"two summaries of one stay stand side by side and neither replaces the other: {both}"
                hint = "ring the ward: which one holds? Give no medicine on the strength of either until you know"
                yield _issue("discharge-two-current", words, later, Severity.ERROR, hint)


def _late_events(summary: Summary, documents: Iterable[Document]) -> Iterator[Issue]:
    """Events of the same stay, told by other messages, that the summary is too old to include."""
    for other in documents:
        for encounter in other.resources("Encounter") if not other.is_discharge else ():
            if summary.stay is None or stay_key(other, encounter) != summary.stay:
                continue
            happened = _last_event(other, encounter)
            if happened and summary.includes_up_to and happened > summary.includes_up_to:
                when = other.calendar.show(happened.isoformat())
                words = (
                    f"{summary.told} is older than what happened on {when} in the same stay: that is missing from it"
                )
                hint = "ask the ward for a summary written after the last event"
                yield _issue("discharge-older-than-event", words, summary, Severity.ERROR, hint)


def _last_event(document: Document, encounter: JsonObject) -> datetime | None:
    period = child(encounter, "period")
    told = text(document.bundle, "timestamp") if len(document.resources("Encounter")) == 1 else None
    moments = (document.calendar.moment(m) for m in (text(period, "start"), text(period, "end"), told))
    return max((moment for moment in moments if moment), default=None)


def _number(version: str | None) -> int:
    return int(version) if version and version.isdigit() else 0


def _issue(code: str, words: str, summary: Summary, severity: Severity, hint: str) -> Issue:
    place = summary.document.place(summary.document.composition)
    return Issue(code, words, f"{place}.relatesTo", severity, hint=hint)
