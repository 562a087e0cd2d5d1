"""The shape of a mapping's source as a FHIR logical model: what the left side of a StructureMap goes through.

Source: FHIR R4 structuredefinition.html, kind ``logical``. Every element gives its own name in ``alias``.
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.json_codec import JsonObject
from interop.mapping import Mapping
from interop.mapping.paths import Steps
from interop.mapping.plan import GroupPlan
from interop.mapping.report import Pattern
from interop.reading.systems import CANONICAL
from interop.sources import Format
from interop.workbench.export.map_parts import slug_of
from interop.workbench.export.terms import element
from interop.workbench.fields import field_name
from interop.workbench.uses import uses_of

ROOT = "Record"


def source_model(mapping: Mapping) -> JsonObject:
    """A StructureDefinition with every field the mapping names; lists are those it goes through."""
    slug = f"source-{slug_of(mapping.name)}"
    return {
        "resourceType": "StructureDefinition",
        "id": slug[:64],
        "url": f"{CANONICAL}/StructureDefinition/{slug}",
        "version": mapping.version or "1",
        "name": "".join(word.capitalize() for word in slug.split("-")),
        "title": f"Source of {mapping.title or mapping.name}",
        "status": "draft",
        "description": f"Every field that the mapping {mapping.name} names; alias is the field's own name.",
        "fhirVersion": "4.0.1",
        "kind": "logical",
        "abstract": False,
        "type": ROOT,
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Element",
        "derivation": "specialization",
        "differential": {"element": list(_elements(mapping))},
    }


def _elements(mapping: Mapping) -> Iterator[JsonObject]:
    hl7 = mapping.spec.format is Format.HL7V2
    many = _lists(mapping)
    fields = dict.fromkeys(pattern for pattern in _fields(mapping) if pattern)
    wholes = dict.fromkeys(pattern[:length] for pattern in fields for length in range(1, len(pattern)))
    yield {"id": ROOT, "path": ROOT, "short": "One record", "definition": "One record", "min": 0, "max": "*"}
    told: set[str] = set()
    for pattern in sorted({*fields, *wholes}, key=lambda p: ([str(step) for step in _steps(p, hl7=hl7)], str(p))):
        path = ".".join([ROOT, *_steps(pattern, hl7=hl7)])
        if path in told:
            continue
        told.add(path)
        name = field_name(pattern, hl7=hl7)
        made: JsonObject = {"id": path, "path": path, "short": name, "definition": name}
        made |= {"alias": [name], "min": 0, "max": "*" if pattern in many or (hl7 and len(pattern) < 3) else "1"}
        kind = "BackboneElement" if pattern in wholes else "string"
        yield made | {"type": [{"code": kind}]}


def _fields(mapping: Mapping) -> Iterator[Pattern]:
    for table in mapping.spec.tables:
        yield from ((table.name, column) for column in table.columns)
    yield from (use.pattern for use in uses_of(mapping).uses if use.pattern != ("segments",))


def _steps(pattern: Pattern, *, hl7: bool) -> tuple[str, ...]:
    """A field as the names of elements, one inside the other."""
    if not hl7:
        return tuple(element(str(step)) for step in pattern)
    segment, *rest = pattern
    if not rest:
        return (str(segment),)
    field = f"{segment}-{rest[0]}"
    numbers = [int(step) + 1 for step in rest[1:]]
    while len(numbers) > 1 and numbers[-1] == 1:
        numbers.pop()
    inner = ("-".join([field, *map(str, numbers)]),) if numbers else ()
    return (str(segment), field, *inner)


def _lists(mapping: Mapping) -> set[Pattern]:
    """Every list the mapping goes through, and the tables of many rows."""
    found: set[Pattern] = {(table.name,) for table in mapping.spec.tables if not table.one}
    for group in mapping.plan.groups.values():
        found |= set(_rows(group))
    return found


def _rows(group: GroupPlan) -> Iterator[Pattern]:
    start: Steps = group.rows.steps if group.rows is not None else ()
    if group.rows is not None and group.split is None:
        yield tuple(step for step in start if isinstance(step, str))
    for loop in group.root.loops():
        steps = loop.rows.steps if loop.rows.absolute else (*start, *loop.rows.steps)
        if loop.split is None:
            yield tuple(step for step in steps if isinstance(step, str))
