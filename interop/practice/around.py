"""Everyone around the person with what it takes to reach them, day and night, one line a participant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from interop.json_codec import JsonObject
from interop.practice.letter import Site
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, extension_value, text
from interop.reading.people import Member, members
from interop.reading.systems import CANONICAL, OUT_OF_HOURS
from interop.reading.wording import phones

CONTACT_NOTE = f"{CANONICAL}/StructureDefinition/contact-note"


@dataclass(frozen=True)
class Around:
    """One participant of the web of care.

    member  name, role, group, telephone, time in the team, as pages show them
    team    the CareTeam, and ``participant`` the place in it
    """

    document: Document
    team: JsonObject
    participant: JsonObject
    member: Member

    @cached_property
    def resource(self) -> JsonObject:
        """The RelatedPerson, PractitionerRole, Patient … behind the participant; empty where it leads nowhere."""
        return self.document.resolve(child(self.participant, "member"), self.team)

    @property
    def is_person(self) -> bool:
        """Whether this is the person whose care it is."""
        return text(self.resource, "resourceType") == "Patient"

    @cached_property
    def site(self) -> Site | None:
        """The organisation they come from, with its ODS code where one is recorded."""
        pointers = (child(self.participant, "onBehalfOf"), child(self.resource, "organization"))
        return next((site for pointer in pointers if (site := site_of(self.document, pointer))), None)

    @cached_property
    def own_phones(self) -> tuple[str, ...]:
        """Their own numbers, before those of their organisation."""
        person = self.document.resolve(child(self.resource, "practitioner"))
        return tuple(dict.fromkeys([*phones(self.resource), *phones(person)]))

    @property
    def emails(self) -> tuple[str, ...]:
        return tuple(phones(self.resource, systems=("email",)))

    @cached_property
    def out_of_hours(self) -> str | None:
        found = extension_value(self.participant, OUT_OF_HOURS)
        return as_text(found[1]) if found else None

    @cached_property
    def note(self) -> str | None:
        found = extension_value(self.participant, CONTACT_NOTE)
        return as_text(found[1]) if found else None

    @property
    def in_words(self) -> str:
        """``Joseph Mensah, Senior carer, Rosewood House``"""
        site = self.site.name if self.site else None
        return ", ".join(part for part in (self.member.name or "somebody without a name", self.role, site) if part)

    @property
    def role(self) -> str | None:
        """The role in words, without the mark of the named co-ordinator."""
        parts = [part for part in (self.member.role or "").split(", ") if part != "Named care co-ordinator"]
        return ", ".join(parts) or None


def around(document: Document) -> list[Around]:
    """Every participant of every active CareTeam of the document, in order."""
    teams = [team for team in document.resources("CareTeam") if text(team, "status") != "inactive"]
    return [
        Around(document, team, participant, member)
        for team in teams
        for participant, member in zip(children(team, "participant"), members(document, team), strict=True)
    ]


def site_of(document: Document, pointer: JsonObject) -> Site | None:
    """The organisation a Reference means: a resource of the document, or one it only names and numbers."""
    found = Site.of(document.resolve(pointer))
    if found is not None:
        return found
    identifier = child(pointer, "identifier")
    code = text(identifier, "value") if "ods" in (text(identifier, "system") or "") else None
    name = text(pointer, "display") or code
    return Site(name, code) if name else None


def custodian(document: Document) -> Site | None:
    """The organisation that keeps the document."""
    return Site.of(document.resolve(child(document.composition, "custodian")))
