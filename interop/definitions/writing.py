"""StructureDefinitions written as JSON with all their elements: ``parsing`` reads back the very same."""

from __future__ import annotations

from interop.definitions.elements import ElementDefinition, StructureDefinition, TypedValue, TypeRef
from interop.definitions.parsing import (
    BEST_PRACTICE,
    FHIR_TYPE,
    MAX_SIZE,
    MAX_VALUE_SET,
    MIME_TYPE,
    MIN_LENGTH,
    PROFILE_ELEMENT,
    REGEX,
)
from interop.json_codec import Json, JsonObject


def structure_json(structure: StructureDefinition) -> JsonObject:
    """The structure as a StructureDefinition resource whose snapshot has every element."""
    return _without_nothing(
        {
            "resourceType": "StructureDefinition",
            "url": structure.url,
            "version": structure.version,
            "name": structure.name,
            "type": structure.type,
            "kind": structure.kind,
            "abstract": structure.abstract or None,
            "baseDefinition": structure.base,
            "derivation": structure.derivation,
            "context": [{"type": c.type, "expression": c.expression} for c in structure.context],
            "contextInvariant": list(structure.context_invariants),
            "snapshot": {"element": [_row(element) for element in structure.elements]},
        }
    )


def _row(element: ElementDefinition) -> JsonObject:
    return _without_nothing(
        {
            "id": element.id,
            "path": element.path,
            "min": element.min,
            "max": _max(element.max),
            "base": _without_nothing({"max": _max(element.base_max), "path": element.base_path}),
            "type": [_type(ref) for ref in element.types],
            "sliceName": element.slice_name,
            "contentReference": element.content_reference and f"#{element.content_reference}",
            **_values(element),
            "binding": _binding(element),
            "constraint": _constraints(element),
            "slicing": _slicing(element),
            "maxLength": element.max_length,
            "extension": _extended(element),
            "isModifier": element.is_modifier or None,
            "mustSupport": element.must_support or None,
            "representation": list(element.representation),
        }
    )


def _extended(element: ElementDefinition) -> list[Json]:
    """What ``parsing.extended`` reads."""
    return [
        *_extension(MIN_LENGTH, "valueInteger", element.min_length),
        *_extension(MAX_SIZE, "valueDecimal", element.max_size),
        *(extension for kind in element.mime_types for extension in _extension(MIME_TYPE, "valueCode", kind)),
    ]


def _without_nothing(members: JsonObject) -> JsonObject:
    return {name: value for name, value in members.items() if value is not None and value != []}


def _extension(url: str, name: str, value: Json) -> list[Json]:
    return [] if value is None else [{"url": url, name: value}]


def _max(most: int | None) -> str:
    return "*" if most is None else str(most)


def _type(ref: TypeRef) -> JsonObject:
    lexical = ((FHIR_TYPE, "valueUrl", ref.fhir_type), (REGEX, "valueString", ref.regex))
    return _without_nothing(
        {
            "code": ref.code,
            "profile": list(ref.profiles),
            "_profile": [
                {"extension": _extension(PROFILE_ELEMENT, "valueString", id)} if id else None
                for id in ref.profile_elements
            ],
            "targetProfile": list(ref.target_profiles),
            "aggregation": list(ref.aggregation),
            "versioning": ref.versioning,
            "extension": [extension for each in lexical for extension in _extension(*each)],
        }
    )


def _values(element: ElementDefinition) -> JsonObject:
    named: tuple[tuple[str, TypedValue | None], ...] = (
        ("fixed", element.fixed),
        ("pattern", element.pattern),
        ("minValue", element.min_value),
        ("maxValue", element.max_value),
    )
    return {f"{name}{typed[0][0].upper()}{typed[0][1:]}": typed[1] for name, typed in named if typed is not None}


def _binding(element: ElementDefinition) -> JsonObject | None:
    binding = element.binding
    if binding is None:
        return None
    widest = [{"url": MAX_VALUE_SET, "valueCanonical": binding.max_value_set}] if binding.max_value_set else []
    return _without_nothing({"strength": binding.strength, "valueSet": binding.value_set, "extension": widest})


def _constraints(element: ElementDefinition) -> list[Json]:
    return [
        _without_nothing(
            {
                "key": c.key,
                "severity": c.severity,
                "human": c.human,
                "expression": c.expression,
                "source": c.source,
                "extension": [{"url": BEST_PRACTICE, "valueBoolean": True}] if c.best_practice else [],
            }
        )
        for c in element.constraints
    ]


def _slicing(element: ElementDefinition) -> JsonObject | None:
    slicing = element.slicing
    if slicing is None:
        return None
    return {
        "discriminator": [{"type": d.type, "path": d.path} for d in slicing.discriminators],
        "ordered": slicing.ordered,
        "rules": slicing.rules,
    }
