"""What the document says about allergies: which ones, known to be none, not asked, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import child, children, code_in, codings, text
from interop.reading.presence import NULL_FLAVOUR, NULL_FLAVOURS, Presence, presence
from interop.reading.systems import NO_KNOWN_ALLERGY
from interop.reading.wording import concept, concepts, notes

SECTION = "allergies-and-adverse-reaction"
SECTION_CODES = (SECTION, "886921000000105")
NONE_CODES = {NO_KNOWN_ALLERGY, "no-known-allergies"}
NONE_WORDS = {"no known allergies", "no known allergy"}
"""Text alone may say it, but only these exact words: "no known drug allergies" says less and is shown as written."""


@dataclass(frozen=True, slots=True)
class Allergy:
    """One AllergyIntolerance in words. ``standing`` is active, no longer active, or ruled out."""

    substance: str | None
    reactions: tuple[str, ...]
    severity: str | None
    certainty: str | None
    risk: str | None
    standing: str
    note: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Allergies:
    """All of it. ``contradiction``: the record names an allergy and also says there is none."""

    presence: Presence
    active: tuple[Allergy, ...]
    past: tuple[Allergy, ...]
    contradiction: bool

    @property
    def statement(self) -> str:
        """The one line a crew reads first."""
        return STATEMENTS[self.presence]


STATEMENTS = {
    Presence.RECORDED: "Allergies recorded",
    Presence.NONE_KNOWN: "No known allergies",
    Presence.NOT_ASKED: "Allergies: not asked",
    Presence.ASKED_UNKNOWN: "Allergies: asked, not known",
    Presence.WITHHELD: "Allergies: withheld by the sender",
    Presence.NOT_STARTED: "Allergies: not yet recorded",
    Presence.NOT_RECORDED: "Allergies: not recorded",
}


def allergies(document: Document) -> Allergies:
    """Read every AllergyIntolerance of the document and the allergies section's own statement."""
    listed = [allergy(resource) for resource in document.resources("AllergyIntolerance")]
    found = [(one, denial(one.resource)) for one in listed]
    named = [one for one, denied in found if denied is None]
    active = tuple(one for one in named if one.standing == "active")
    denials = {denied for one, denied in found if denied is not None and one.standing == "active"}
    none_said = Presence.NONE_KNOWN in denials
    section = presence(document.section(*SECTION_CODES))
    if active:
        said = Presence.RECORDED
    elif none_said:
        said = Presence.NONE_KNOWN
    else:
        # Entries that only deny or are past leave the question open: the section cannot be "recorded" by them.
        said = next(iter(sorted(denials)), Presence.NOT_RECORDED if section is Presence.RECORDED else section)
    none_said = none_said or section is Presence.NONE_KNOWN
    past = tuple(one for one in named if one.standing != "active")
    return Allergies(said, active, past, bool(active) and none_said)


def allergy(resource: JsonObject) -> Allergy:
    """One AllergyIntolerance in words, whatever its standing."""
    reactions = children(resource, "reaction")
    shown = [words for r in reactions for words in concepts(r, "manifestation")]
    shown += [words for r in reactions if (words := text(r, "description"))]
    return Allergy(
        substance=concept(child(resource, "code"))
        or next((words for r in reactions if (words := concept(child(r, "substance")))), None),
        reactions=tuple(dict.fromkeys(shown)),
        severity=next((severity for r in reactions if (severity := text(r, "severity"))), None),
        certainty=concept(child(resource, "verificationStatus")),
        risk=text(resource, "criticality"),
        standing=_standing(resource),
        note=notes(resource),
        resource=resource,
    )


def _standing(resource: JsonObject) -> str:
    if any(code == "refuted" for _, code in codings(child(resource, "verificationStatus"))):
        return "ruled out"
    past = any(code in ("inactive", "resolved") for _, code in codings(child(resource, "clinicalStatus")))
    return "no longer active" if past else "active"


def denial(resource: JsonObject) -> Presence | None:
    """What an entry says instead of a substance: none known, not asked, no information. None: it names one."""
    code = child(resource, "code")
    if any(found in NONE_CODES for _, found in codings(code)) or _words(code) in NONE_WORDS:
        return Presence.NONE_KNOWN
    flavour = code_in(code, NULL_FLAVOUR)
    return NULL_FLAVOURS.get(flavour, Presence.NOT_RECORDED) if flavour else None


def _words(code: JsonObject) -> str:
    return (concept(code) or "").lower().strip(" .")
