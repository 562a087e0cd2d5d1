"""The sections of a document: compiled from the mapping, and filled with the entries of one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from interop.json_codec import Json, JsonObject
from interop.location import SourcePath
from interop.mapping.conditions import read_condition
from interop.mapping.document import Document, EmptySection, Section
from interop.mapping.faults import Faults
from interop.mapping.paths import SourceExpression, fetch
from interop.mapping.plan import EmptyPlan, GroupPlan, Kept, SectionPlan
from interop.mapping.shape import RECORD, Shape
from interop.mapping.transform import text_of
from interop.mapping.transforms import make


class Compiling(Protocol):
    """What compiling a section needs of the mapping's compiler."""

    @property
    def document(self) -> Document: ...

    @property
    def shape(self) -> Shape: ...

    @property
    def faults(self) -> Faults: ...


EMPTY_REASON = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
REASONS = ("nilknown", "notasked", "withheld", "unavailable", "notstarted", "closed")
"""Codes of Composition.section.emptyReason. Source: FHIR R4 valueset-list-empty-reason."""

OWN_SECTIONS = frozenset(
    [
        "about-me",
        "care-and-support-plan",
        "contingency-plan",
        "end-of-life-care",
        "personal-contacts",
        "care-needs",
        "belongings",
    ]
)
"""Section codes that the UK record standard headings lack and our own CodeSystem section has."""


def read_sections(
    sections: Iterable[Section], compiler: Compiling, groups: Mapping[str, GroupPlan]
) -> tuple[SectionPlan, ...]:
    """The compiled sections; unknown groups and reasons are faults."""
    return tuple(_section(section, compiler, groups) for section in sections)


def _section(section: Section, compiler: Compiling, groups: Mapping[str, GroupPlan]) -> SectionPlan:
    for name in section.entries:
        if name not in groups:
            compiler.faults.unknown(section.place("entries"), "no group", name, groups)
    texts = (compiler.shape.path(text, section.place("text")) for text in section.text)
    return SectionPlan(
        title=section.title,
        codings=tuple(_coding(code, section, compiler) for code in section.codes),
        entries=tuple(name for name in section.entries if name in groups),
        text=tuple(text for text in texts if text is not None),
        condition=read_condition(section.when, compiler.shape, RECORD, compiler.faults),
        when_empty=tuple(_when_empty(empty, compiler) for empty in section.when_empty),
        sections=read_sections(section.sections, compiler, groups),
        place=section.place(),
    )


def _coding(text: str, section: Section, compiler: Compiling) -> Mapping[str, str]:
    """``about-me``, ``system|code`` or ``system|code|display`` as a Coding."""
    prefixes = compiler.document.prefixes
    system, bar, rest = text.partition("|")
    if not bar:
        return {"system": prefixes["section" if text in OWN_SECTIONS else "heading"], "code": text}
    if "://" not in system and system not in prefixes:
        compiler.faults.unknown(section.place("code"), "no prefix", system, prefixes)
    code, _, display = rest.partition("|")
    return {"system": prefixes.get(system, system), "code": code} | ({"display": display} if display else {})


def _when_empty(empty: EmptySection, compiler: Compiling) -> EmptyPlan:
    if empty.reason not in REASONS:
        compiler.faults.unknown(empty.place, "no list-empty-reason", empty.reason, REASONS)
    reason: JsonObject = {"coding": [{"system": EMPTY_REASON, "code": empty.reason}]}
    if empty.text:
        reason["text"] = empty.text
    return EmptyPlan(value=reason, condition=read_condition(empty.when, compiler.shape, RECORD, compiler.faults))


def fill_sections(
    plans: Iterable[SectionPlan], record: Json, made: Mapping[str, Mapping[SourcePath, str]], kept: Kept
) -> list[JsonObject]:
    """The sections of one record; one with nothing to say is left out unless the mapping gives a reason."""
    filled = (_fill(plan, record, made, kept) for plan in plans)
    return [section for section in filled if section is not None]


def _fill(
    plan: SectionPlan, record: Json, made: Mapping[str, Mapping[SourcePath, str]], kept: Kept
) -> JsonObject | None:
    if plan.condition is not None and not plan.condition.holds(record, record, kept):
        return None
    section: JsonObject = {"title": plan.title}
    if plan.codings:
        section["code"] = {"coding": [dict(coding) for coding in plan.codings]}
    # One resource may be made by several groups of a section: it is listed once.
    urls = dict.fromkeys(url for group in plan.entries for url in made.get(group, {}).values())
    text = _free_text(plan.text, record)
    inner = fill_sections(plan.sections, record, made, kept)
    if text:
        section["text"] = {"status": "additional", "div": make("xhtml", None, None).forward(text)}
    if urls:
        section["entry"] = [{"reference": url} for url in urls]
    if inner:
        section["section"] = inner
    if urls or text or inner:
        return section
    reasons = (e for e in plan.when_empty if e.condition is None or e.condition.holds(record, record, kept))
    reason = next(reasons, None)
    return None if reason is None else section | {"emptyReason": dict(reason.value)}


def _free_text(sources: Iterable[SourceExpression], record: Json) -> str:
    raws = (fetch(record, source.steps) for source in sources)
    return "\n\n".join(text for raw in raws if raw is not None and (text := text_of(raw)))
