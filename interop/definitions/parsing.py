"""StructureDefinition JSON read into ``elements``: one reader for core, packages and generated snapshots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from interop.definitions.elements import (
    Binding,
    Constraint,
    Discriminator,
    ElementDefinition,
    ExtensionContext,
    Slicing,
    StructureDefinition,
    TypeRef,
)
from interop.errors import DefinitionError
from interop.json_codec import Json, JsonObject

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = _EXTENSION + "structuredefinition-fhir-type"
REGEX = _EXTENSION + "regex"
MAX_VALUE_SET = _EXTENSION + "elementdefinition-maxValueSet"
MIN_LENGTH = _EXTENSION + "minLength"
MAX_SIZE = _EXTENSION + "maxSize"
MIME_TYPE = _EXTENSION + "mimeType"
PROFILE_ELEMENT = _EXTENSION + "elementdefinition-profile-element"
BEST_PRACTICE = _EXTENSION + "elementdefinition-bestpractice"
_SYSTEM = "http://hl7.org/fhirpath/"

PRIMITIVES = frozenset(
    [
        "base64Binary",
        "boolean",
        "canonical",
        "code",
        "date",
        "dateTime",
        "decimal",
        "id",
        "instant",
        "integer",
        "markdown",
        "oid",
        "positiveInt",
        "string",
        "time",
        "unsignedInt",
        "uri",
        "url",
        "uuid",
        "xhtml",
    ]
)
"""R4 primitive type names. Source: FHIR R4 datatypes.html#primitive."""

_TYPE_OF_SUFFIX = {name[0].upper() + name[1:]: name for name in PRIMITIVES}


def read_structure(resource: JsonObject, elements: Sequence[ElementDefinition] | None = None) -> StructureDefinition:
    """The StructureDefinition in ``resource``, with ``elements`` or, without them, its own snapshot.

    Raises DefinitionError ``definition-incomplete`` when url, name or type is missing or of the wrong JSON type.
    """
    try:
        if elements is None:
            elements = [read_element(e) for e in (resource.get("snapshot") or {}).get("element") or ()]
        return StructureDefinition(
            url=resource["url"],
            version=resource.get("version"),
            name=resource.get("name") or resource["url"].rpartition("/")[2],
            type=resource["type"].removeprefix(_EXTENSION),
            kind=resource.get("kind", "resource"),
            abstract=bool(resource.get("abstract", False)),
            base=resource.get("baseDefinition"),
            derivation=resource.get("derivation"),
            elements=tuple(elements),
            context=tuple(ExtensionContext(c["type"], c["expression"]) for c in resource.get("context") or ()),
            context_invariants=tuple(resource.get("contextInvariant") or ()),
        )
    except MISSHAPEN as fault:
        raise misshapen(resource, fault) from None


MISSHAPEN = (KeyError, TypeError, AttributeError, ValueError, IndexError)
"""What reading a definition of the wrong shape raises."""


def misshapen(resource: JsonObject, fault: Exception) -> DefinitionError:
    """The error for a definition that lacks something it needs or holds another kind of value there."""
    what = f"lacks {fault}" if isinstance(fault, KeyError) else f"has another shape than FHIR's: {fault}"
    return DefinitionError(
        f"StructureDefinition {resource.get('url') or resource.get('id')} {what}",
        code="definition-incomplete",
        hint="validate the definition itself; it needs url, type, and a path in every element",
    )


def read_element(row: JsonObject, *, id: str | None = None) -> ElementDefinition:
    """One complete snapshot row. ``id`` overrides the row's own (rows without ids exist)."""
    base = row.get("base") or {}
    return ElementDefinition(
        id=id or row.get("id") or row["path"],
        path=row["path"],
        min=read_min(row.get("min", 0)),
        max=read_max(row.get("max", "*")),
        types=read_types(row),
        slice_name=row.get("sliceName"),
        content_reference=read_content_reference(row),
        **typed_values(row),
        binding=read_binding(row),
        constraints=read_constraints(row),
        slicing=read_slicing(row),
        max_length=row.get("maxLength"),
        **extended(row),
        is_modifier=row.get("isModifier", False),
        must_support=row.get("mustSupport", False),
        representation=tuple(row.get("representation", ())),
        base_max=read_max(base.get("max", row.get("max", "*"))),
        base_path=base.get("path"),
    )


def read_min(number: Json) -> int:
    """Raises ValueError for what is no count."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"min is {number!r}")
    return number


def read_max(text: Json) -> int | None:
    """``*`` is None. Raises ValueError or TypeError for what is no count."""
    return None if text == "*" else read_min(int(text))


def extended(row: JsonObject) -> dict[str, Any]:
    """What extensions say of an element and R4 has no element for: the fields of ElementDefinition that are given."""
    found: dict[str, Any] = {}
    for extension in row.get("extension", ()):
        url, number = extension.get("url"), extension.get("valueInteger", extension.get("valueDecimal"))
        if url == MIN_LENGTH and isinstance(number, int):
            found["min_length"] = number
        elif url == MAX_SIZE and isinstance(number, int | Decimal):
            found["max_size"] = number
        elif url == MIME_TYPE and isinstance(extension.get("valueCode"), str):
            found["mime_types"] = (*found.get("mime_types", ()), extension["valueCode"])
    return found


def read_types(row: JsonObject) -> tuple[TypeRef, ...]:
    return tuple(_type(t) for t in row.get("type", ()) if "code" in t)


# Thousands of elements share a handful of types and invariants: one object each saves time and memory.
_shared_type = lru_cache(maxsize=8192)(TypeRef)


def _type(entry: JsonObject) -> TypeRef:
    fhir_type = regex = None
    for extension in entry.get("extension", ()):
        if extension.get("url") == FHIR_TYPE:
            fhir_type = extension.get("valueUrl") or extension.get("valueUri")
        elif extension.get("url") == REGEX:
            regex = extension.get("valueString")
    return _shared_type(
        entry["code"].removeprefix(_SYSTEM),
        tuple(entry.get("profile", ())),
        tuple(entry.get("targetProfile", ())),
        tuple(entry.get("aggregation", ())),
        entry.get("versioning"),
        fhir_type,
        regex,
        _profile_elements(entry.get("_profile")),
    )


def _profile_elements(companions: Json) -> tuple[str | None, ...]:
    """Which element of each profile is meant: its companion ``_profile`` says so by extension."""
    if not companions:
        return ()
    found = tuple(
        next((e["valueString"] for e in (c or {}).get("extension", ()) if _names_element(e)), None) for c in companions
    )
    return found if any(found) else ()


def _names_element(extension: JsonObject) -> bool:
    """One without url can mean nothing else here."""
    return extension.get("url", PROFILE_ELEMENT) == PROFILE_ELEMENT and isinstance(extension.get("valueString"), str)


def read_content_reference(row: JsonObject) -> str | None:
    """``#Observation.referenceRange`` or ``http://…/Observation#Observation.referenceRange`` -> the element id."""
    reference: str | None = row.get("contentReference")
    return reference.rpartition("#")[2] if reference else None


_VALUES = {"fixed": "fixed", "pattern": "pattern", "minValue": "min_value", "maxValue": "max_value"}
_VALUE_KEY = re.compile(r"(fixed|pattern|minValue|maxValue)([A-Z]\w*)")


def typed_values(row: JsonObject) -> dict[str, Any]:
    """``{"fixedUri": …}`` -> ``{"fixed": ("uri", …)}``; likewise pattern, min_value and max_value."""
    return {
        _VALUES[match[1]]: (_TYPE_OF_SUFFIX.get(match[2], match[2]), row[match[0]])
        for match in map(_VALUE_KEY.fullmatch, row)
        if match
    }


def read_binding(row: JsonObject) -> Binding | None:
    binding = row.get("binding")
    if not binding:
        return None
    widest = next(
        (
            e.get("valueCanonical") or e.get("valueUri")
            for e in binding.get("extension", ())
            if e.get("url") == MAX_VALUE_SET
        ),
        None,
    )
    value_set = binding.get("valueSet") or (binding.get("valueSetReference") or {}).get("reference")
    return Binding(binding.get("strength", "example"), value_set or binding.get("valueSetUri"), widest)


def read_constraints(row: JsonObject) -> tuple[Constraint, ...]:
    return tuple(
        _shared_constraint(
            c["key"],
            c.get("severity", "error"),
            c.get("human", ""),
            c.get("expression"),
            c.get("source"),
            any(e.get("url") == BEST_PRACTICE and e.get("valueBoolean") for e in c.get("extension", ())),
        )
        for c in row.get("constraint", ())
    )


_shared_constraint = lru_cache(maxsize=8192)(Constraint)


def read_slicing(row: JsonObject) -> Slicing | None:
    slicing = row.get("slicing")
    if not slicing:
        return None
    return Slicing(
        tuple(Discriminator(d["type"], d["path"]) for d in slicing.get("discriminator", ())),
        bool(slicing.get("ordered", False)),
        slicing.get("rules", "open"),
    )
