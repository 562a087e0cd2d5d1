"""A list of people (virtual ward, cohort) as a resource of its own is told: criteria, and who is on it."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.anything import spoken
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.remainder import remainder
from interop.practice.cohort import ward
from interop.reading import Document
from interop.reading.nodes import child, children, text
from interop.reading.wording import concept, span


def ward_list(document: Document, resource: JsonObject) -> list[Block]:
    """Name, kind and keeper; each criterion with its threshold; each person with when they joined and left."""
    found = ward(document)
    pairs = (
        ("Name", text(resource, "name")),
        ("Kind", concept(child(resource, "code"))),
        ("Kept by", document.name_of(child(resource, "managingEntity"))),
        *remainder(document, resource),
    )
    criteria = [
        (criterion.number, criterion.told, "everybody" if criterion.needed else "one reason among others")
        for criterion in found.criteria
    ]
    people = [
        (
            document.name_of(child(member, "entity")),
            span(child(member, "period"), document.calendar),
            "left" if text(member, "inactive") == "yes" else "on it",
        )
        for member in children(resource, "member")
    ]
    return [
        Facts("List", spoken(pairs)),
        Table.of("Criteria", (Column("No"), Column("Criterion"), Column("Who has to meet it")), criteria),
        Table.of("People", (Column("Name"), Column("When", optional=True), Column("Now")), people),
    ]
