"""A document Bundle as its reader sees it: the person, the sections, the alerts, and who is meant by a reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from interop.json_codec import Json, JsonObject
from interop.reading.dates import Calendar
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.plain_text import plain_text
from interop.reading.systems import DISCHARGE_SUMMARY, TIMEZONES
from interop.reading.wording import best_name, concept

HIDDEN_LABELS = {"R", "V"}
"""v3-Confidentiality restricted and very restricted: shown only to those allowed."""


@dataclass(frozen=True)
class Section:
    """One section of the Composition with what it points at.

    codes         (system, code) pairs, both generations of heading code
    entries       the resources its entries resolve to, in order
    missing       references that lead nowhere in this document
    empty_reason  code of Section.emptyReason: notasked, unavailable, nilknown, withheld …
    words         the sender's own narrative as plain text; nothing structured is read from it
    path          where it stands, FHIRPath from the Bundle
    """

    title: str
    codes: tuple[tuple[str | None, str], ...]
    entries: tuple[JsonObject, ...]
    missing: tuple[str, ...]
    empty_reason: str | None
    words: str
    path: str
    source: JsonObject = field(repr=False)
    sections: tuple[Section, ...] = ()

    def has_code(self, code: str) -> bool:
        return any(found == code for _, found in self.codes)


@dataclass(frozen=True)
class Document:
    """A Bundle read as one document. Reading never fails: what is not there is simply absent."""

    bundle: JsonObject
    base: str = "Bundle"

    @classmethod
    def of(cls, source: Json) -> Document:
        """The document in a document Bundle, in a message Bundle that carries one, or in a lone resource."""
        if not isinstance(source, dict):
            return cls({})
        if text(source, "resourceType") != "Bundle":
            return cls({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": source}]})
        for index, entry in enumerate(children(source, "entry")):
            inner = child(entry, "resource")
            if text(inner, "resourceType") == "Bundle" and text(inner, "type") == "document":
                return cls(inner, f"Bundle.entry[{index}].resource")
        return cls(source)

    @cached_property
    def placed(self) -> tuple[tuple[str, JsonObject], ...]:
        """(FHIRPath, resource) of every entry, in order."""
        entries = self.bundle.get("entry")
        numbered = enumerate(entries) if isinstance(entries, list) else ()
        found = ((index, entry.get("resource")) for index, entry in numbered if isinstance(entry, dict))
        return tuple((f"{self.base}.entry[{index}].resource", r) for index, r in found if isinstance(r, dict))

    @cached_property
    def _places(self) -> dict[int, str]:
        return {id(resource): path for path, resource in self.placed}

    def place(self, resource: JsonObject) -> str:
        """Where a resource of this document stands, as FHIRPath from the outermost Bundle."""
        return self._places.get(id(resource), self.base)

    def resources(self, *types: str) -> list[JsonObject]:
        """Every resource of these types, in order; those entered in error or about somebody else are left out."""
        found = (r for _, r in self.placed if text(r, "resourceType") in types and not is_error(r))
        return [r for r in found if not self.is_about_another(r)]

    def is_about_another(self, resource: JsonObject) -> bool:
        """Whether it names a Patient who is not the subject of the Composition; they are no facts about this person."""
        return id(resource) in self._anothers

    @cached_property
    def others(self) -> int:
        """How many other people the document holds records of. A document about several (no one subject) has none."""
        anothers = (r for _, r in self.placed if id(r) in self._anothers)
        return sum(text(r, "resourceType") == "Patient" for r in anothers)

    @cached_property
    def _anothers(self) -> frozenset[int]:
        subject = self.resolve(child(self.composition, "subject"))
        if text(subject, "resourceType") != "Patient":
            return frozenset()
        known = _numbers(subject)

        def strange(person: JsonObject) -> bool:
            """Two numbers of one system are two people; without a number in common nobody can say that they are one."""
            if text(person, "resourceType") != "Patient" or person is subject:
                return False
            theirs = _numbers(person)
            shared = known.keys() & theirs.keys()
            return not shared or any(known[system] != theirs[system] for system in shared)

        return frozenset(
            id(r)
            for _, r in self.placed
            if strange(r) or any(strange(self.resolve(child(r, name))) for name in ("subject", "patient", "for"))
        )

    @cached_property
    def composition(self) -> JsonObject:
        return next((r for _, r in self.placed if text(r, "resourceType") == "Composition"), {})

    @cached_property
    def patient(self) -> JsonObject:
        """The subject of the Composition; without one, the only Patient there is."""
        subject = self.resolve(child(self.composition, "subject"))
        if text(subject, "resourceType") == "Patient":
            return subject
        several = self.resources("Patient")
        return several[0] if len(several) == 1 else {}

    @cached_property
    def encounter(self) -> JsonObject:
        """The encounter the document is about; without a pointer, the first."""
        named = self.resolve(child(self.composition, "encounter"))
        return named or next(iter(self.resources("Encounter")), {})

    @cached_property
    def is_discharge(self) -> bool:
        return any(code == DISCHARGE_SUMMARY for _, code in codings(child(self.composition, "type")))

    @property
    def written(self) -> str | None:
        """When the document was written, as it stands in the data: the "now" of everything it says."""
        return text(self.composition, "date") or text(self.bundle, "timestamp")

    @cached_property
    def calendar(self) -> Calendar:
        """The clock for every time in the document: its own time zone extension, else United Kingdom time."""
        nodes = (self.composition, self.encounter, self.patient, *self.resources("Organization", "Location"))
        named = (extension_value(node, url) for node in nodes for url in TIMEZONES)
        return Calendar.of(next((zone for found in named if found and (zone := as_text(found[1]))), None))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return self._sections(self.composition, self.place(self.composition))

    def _sections(self, parent: JsonObject, path: str, depth: int = 0) -> tuple[Section, ...]:
        nodes = children(parent, "section") if depth < 8 else []
        return tuple(self._section(node, f"{path}.section[{i}]", depth) for i, node in enumerate(nodes))

    def _section(self, node: JsonObject, path: str, depth: int) -> Section:
        pointed = [(reference, self.resolve(reference)) for reference in children(node, "entry")]
        code = child(node, "code")
        return Section(
            title=text(node, "title") or concept(code) or "Section",
            codes=tuple(codings(code)),
            entries=tuple(r for _, r in pointed if r and not is_error(r) and not self.is_about_another(r)),
            missing=tuple(text(r, "display") or text(r, "reference") or "entry" for r, found in pointed if not found),
            empty_reason=next((code for _, code in codings(child(node, "emptyReason"))), None)
            or text(child(node, "emptyReason"), "text"),
            words=plain_text(text(child(node, "text"), "div")),
            path=path,
            source=node,
            sections=self._sections(node, path, depth + 1),
        )

    def all_sections(self) -> Iterator[Section]:
        """Every section, sub-sections after their parent."""
        waiting = list(self.sections)
        while waiting:
            section = waiting.pop(0)
            yield section
            waiting[:0] = section.sections

    def section(self, *codes: str) -> Section | None:
        """The first section that carries any of these heading codes."""
        return next((s for s in self.all_sections() if any(s.has_code(code) for code in codes)), None)

    @cached_property
    def _index(self) -> dict[str, JsonObject]:
        index: dict[str, JsonObject] = {}
        for entry in children(self.bundle, "entry"):
            resource = child(entry, "resource")
            url, ident = text(entry, "fullUrl"), text(resource, "id")
            if url:
                index.setdefault(url, resource)
            if ident:
                index.setdefault(f"{text(resource, 'resourceType')}/{ident}", resource)
        for _, resource in self.placed:
            for identifier in children(resource, "identifier"):
                if text(identifier, "value"):
                    index.setdefault(_identity(identifier), resource)
        return index

    def resolve(self, reference: Json, within: JsonObject | None = None) -> JsonObject:
        """The resource a Reference (or its string) means, or an empty object.

        Understands urn:uuid and absolute fullUrls, Type/id, a version suffix, #contained (``within`` is the
        holder) and a logical reference by identifier. Source: FHIR R4 bundle.html#references.
        """
        target = reference.strip() if isinstance(reference, str) else text(reference, "reference")
        if target is None:
            identifier = child(reference, "identifier")
            return self._index.get(_identity(identifier), {}) if text(identifier, "value") else {}
        if target.startswith("#"):
            inside = children(within, "contained") if within else []
            return next((r for r in inside if text(r, "id") == target[1:]), {})
        target = target.split("/_history/")[0]
        return self._index.get(target) or self._index.get("/".join(target.split("/")[-2:]), {})

    def name_of(self, reference: Json) -> str | None:
        """Who or what a Reference means, in words: the resource's own name before the reference's display."""
        resource = self.resolve(reference)
        kind = text(resource, "resourceType")
        if kind == "PractitionerRole":
            inner = self.resolve(child(resource, "practitioner")) or self.resolve(child(resource, "organization"))
            return best_name(inner) or concept(child(resource, "code")) or text(reference, "display")
        named = best_name(resource) or text(child(resource, "deviceName"), "name")
        return named or text(reference, "display") or concept(child(resource, "code"))


def _numbers(person: JsonObject) -> dict[str, str]:
    pairs = ((text(i, "system"), text(i, "value")) for i in children(person, "identifier"))
    return {system: value for system, value in pairs if system and value}


def _identity(identifier: JsonObject) -> str:
    return f"{text(identifier, 'system')}|{text(identifier, 'value')}"


def is_error(resource: JsonObject) -> bool:
    """Entered in error: it was never true, so no reader may see it as a fact."""
    return "entered-in-error" in (text(resource, "status"), text(resource, "verificationStatus")) or any(
        code == "entered-in-error" for _, code in codings(child(resource, "verificationStatus"))
    )


def is_restricted(resource: JsonObject) -> bool:
    """Labelled restricted or very restricted (meta.security): its detail is not for every reader."""
    return any(text(label, "code") in HIDDEN_LABELS for label in children(child(resource, "meta"), "security"))
