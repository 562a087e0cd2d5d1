"""How complete a document is against a standard, and what is missing in words a ward clerk understands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from interop.completeness.standard import Field, Level, Standard, StandardSection, Test
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document, Presence, Section, presence
from interop.reading.nodes import child, text
from interop.reading.wording import best_name, concept

STATED = {Presence.NONE_KNOWN, Presence.NOT_ASKED, Presence.ASKED_UNKNOWN, Presence.WITHHELD, Presence.NOT_STARTED}


@dataclass(frozen=True, slots=True)
class SectionScore:
    """One section's marks.

    presence  what the document says about the section: recorded, none known, not asked … not recorded
    met, asked  how many of the mandatory and required items are there, of how many; optional ones do not count
    """

    title: str
    level: Level
    presence: Presence
    met: int
    asked: int
    mandatory_met: int
    mandatory_asked: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """The answer. ``score`` counts mandatory and required items; ``mandatory`` only those nobody may leave out."""

    standard: Standard
    issues: tuple[Issue, ...]
    sections: tuple[SectionScore, ...]

    @property
    def score(self) -> Fraction:
        """Between 0 and 1."""
        return _share(sum(s.met for s in self.sections), sum(s.asked for s in self.sections))

    @property
    def mandatory(self) -> Fraction:
        """Between 0 and 1; 1 when nothing mandatory is missing."""
        return _share(sum(s.mandatory_met for s in self.sections), sum(s.mandatory_asked for s in self.sections))


def score(document: JsonObject, standard: Standard) -> Completeness:
    """Judge a document Bundle against a standard.

    Mandatory and missing is an error; mandatory but stated unknown (Section.emptyReason) a warning; required and
    absent is information, and silence when stated unknown; optional is never mentioned.
    """
    read = Document.of(document)
    judged = [_judge(read, section) for section in standard.sections]
    issues = [issue for issues, _ in judged for issue in issues] + list(_not_checked(read, standard))
    return Completeness(standard, tuple(issues), tuple(marks for _, marks in judged))


def _share(met: int, asked: int) -> Fraction:
    return Fraction(met, asked) if asked else Fraction(1)


def _judge(document: Document, wanted: StandardSection) -> tuple[list[Issue], SectionScore]:
    found = document.section(*wanted.codes) or _titled(document, wanted)
    said = presence(found)
    if (
        said is Presence.NOT_RECORDED
        and found is not None
        and (found.words or found.sections)
        and not found.empty_reason
    ):
        said = Presence.RECORDED
    if said is Presence.NOT_RECORDED and wanted.elsewhere is not None and _answers(document, wanted.elsewhere, None):
        said = Presence.RECORDED
    there = said is Presence.RECORDED
    issues = [] if there else list(_section_missing(document, wanted, found, said))
    counted = wanted.level is not Level.OPTIONAL
    stated = said in STATED and wanted.level is Level.REQUIRED
    results = (
        [(field, list(_field_missing(document, field, found, wanted))) for field in wanted.fields] if there else []
    )
    issues += [issue for _, missing in results for issue in missing]
    asked = [(wanted.level, there or stated)] if counted else []
    asked += [(f.level, not missing) for f, missing in results if f.level is not Level.OPTIONAL and f.test]
    mandatory = [met for level, met in asked if level is Level.MANDATORY]
    met = sum(met for _, met in asked)
    return issues, SectionScore(wanted.title, wanted.level, said, met, len(asked), sum(mandatory), len(mandatory))


def _titled(document: Document, wanted: StandardSection) -> Section | None:
    """A section of the same title, for a standard that gives no heading code."""
    if wanted.codes:
        return None
    title = wanted.title.casefold()
    return next((section for section in document.all_sections() if section.title.casefold() == title), None)


def _not_checked(document: Document, standard: Standard) -> Iterator[Issue]:
    """What the standard asks for without saying where FHIR holds it: could not tell is neither yes nor no."""
    named = [
        f"{section.title}, “{field.name}”"
        for section in standard.sections
        for field in section.fields
        if field.test is None and field.level is not Level.OPTIONAL
    ]
    if named:
        told = "; ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
        yield Issue(
            "completeness-not-checked",
            f"{len(named)} items of the standard could not be looked for: {told}",
            document.place(document.composition),
            Severity.INFORMATION,
            hint="give them a FHIRPath in the columns Resource and FHIRPath of the standard's table",
        )


def _section_missing(
    document: Document, wanted: StandardSection, found: Section | None, said: Presence
) -> Iterator[Issue]:
    place = found.path if found else document.place(document.composition)
    because = f" {wanted.why}" if wanted.why else ""
    if wanted.level is Level.MANDATORY and said in STATED:
        text_ = f"{wanted.title}: the sender states {said.value!r}; the standard asks for an answer.{because}"
        yield _issue("completeness-mandatory-unknown", text_, place, Severity.WARNING, wanted)
    elif wanted.level is Level.MANDATORY:
        what = "is there but empty" if found else "is missing"
        text_ = f"{wanted.title} {what}: a document cannot be sent without it.{because}"
        yield _issue("completeness-mandatory-missing", text_, place, Severity.ERROR, wanted)
    elif wanted.level is Level.REQUIRED and said not in STATED:
        text_ = f"{wanted.title}: nothing is recorded; send it if you hold it, or state why it is empty"
        yield _issue("completeness-required-absent", text_, place, Severity.INFORMATION, wanted)


def _field_missing(document: Document, field: Field, found: Section | None, wanted: StandardSection) -> Iterator[Issue]:
    if field.level is Level.OPTIONAL or field.test is None:
        return
    asked = _asked(document, field.test, found)
    lacking = [resource for resource in asked if not field.test.holds(resource)]
    if field.any_one:
        # One that has it is enough; none at all to look at is a miss only when the section has other entries.
        if asked and len(lacking) < len(asked):
            return
        lacking = lacking[:1] or [document.composition]
    severity = Severity.ERROR if field.level is Level.MANDATORY else Severity.INFORMATION
    mandatory = field.level is Level.MANDATORY
    code = "completeness-mandatory-missing" if mandatory else "completeness-required-absent"
    for resource in lacking:
        whose = _whose(resource) if not field.any_one else None
        subject = f"{wanted.title}, {whose}" if whose else wanted.title
        text_ = f"{subject}: “{field.name}” is missing"
        yield _issue(code, text_, document.place(resource), severity, wanted)


def _whose(resource: JsonObject) -> str | None:
    return (
        best_name(resource) or concept(child(resource, "medicationCodeableConcept")) or concept(child(resource, "code"))
    )


def _asked(document: Document, test: Test, found: Section | None) -> Sequence[JsonObject]:
    """The resources a question is put to: the document's own, the section's, else all of that kind."""
    if test.on == "Composition":
        return [document.composition]
    if test.on == "Patient":
        return [document.patient]
    inside = _entries(found, test.on) if found else []
    return inside or document.resources(test.on)


def _entries(section: Section, kind: str) -> list[JsonObject]:
    here = [entry for entry in section.entries if text(entry, "resourceType") == kind]
    return here + [entry for inner in section.sections for entry in _entries(inner, kind)]


def _answers(document: Document, test: Test, found: Section | None) -> bool:
    return any(test.holds(resource) for resource in _asked(document, test, found))


def _issue(code: str, words: str, place: str, severity: Severity, wanted: StandardSection) -> Issue:
    hints = {
        Severity.ERROR: "record it at the source and send again",
        Severity.WARNING: "find out and send a new version",
        Severity.INFORMATION: "add it if it is known",
    }
    return Issue(code, words, place, severity, rule=wanted.source, hint=hints[severity])
