"""One differential row merged onto the element it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from interop.definitions.elements import BINDABLE, Binding, Constraint, ElementDefinition, Slicing
from interop.definitions.parsing import (
    extended,
    read_binding,
    read_constraints,
    read_content_reference,
    read_max,
    read_min,
    read_slicing,
    read_types,
    typed_values,
)
from interop.json_codec import JsonObject

_PLAIN = (
    ("maxLength", "max_length"),
    ("mustSupport", "must_support"),
)


def merge(element: ElementDefinition, row: JsonObject) -> ElementDefinition:
    """The element as the row leaves it: what the row states replaces, invariants add up."""
    changed: dict[str, Any] = {name: row[key] for key, name in _PLAIN if key in row}
    changed |= typed_values(row)
    changed |= extended(row)
    if "min" in row:
        changed["min"] = read_min(row["min"])
    if "max" in row:
        changed["max"] = read_max(row["max"])
    if row.get("isModifier"):
        changed["is_modifier"] = True  # a profile cannot make a modifier harmless
    if types := read_types(row):
        changed["types"] = types
    if reference := read_content_reference(row):
        changed["content_reference"] = reference
    if (binding := read_binding(row)) is not None:
        changed["binding"] = _bound(element.binding, binding)
    elif types and not BINDABLE & {t.code for t in types}:
        changed["binding"] = None  # a choice narrowed to what holds no code leaves the binding behind
    if constraints := read_constraints(row):
        changed["constraints"] = add_constraints(element.constraints, constraints)
    if (slicing := read_slicing(row)) is not None:
        changed["slicing"] = _sliced(element.slicing, slicing)
    if row.get("sliceName"):
        changed["slice_name"] = row["sliceName"]
    return replace(element, **changed) if changed else element


def merge_profile_root(element: ElementDefinition, root: ElementDefinition) -> ElementDefinition:
    """What the profile of the only type says about every value of it: its invariants, and whether it modifies."""
    return replace(
        element,
        constraints=add_constraints(element.constraints, root.constraints),
        is_modifier=element.is_modifier or root.is_modifier,
    )


def occur_as_profile(element: ElementDefinition, root: ElementDefinition, row: JsonObject) -> ElementDefinition:
    """An extension occurs as often as its own definition says, where the row is silent."""
    return replace(
        element,
        min=element.min if "min" in row else root.min,
        max=element.max if "max" in row else root.max,
    )


def add_constraints(base: tuple[Constraint, ...], more: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    """All of them; one of the same key is replaced."""
    merged = {c.key: c for c in base} | {c.key: c for c in more}
    return tuple(merged.values())


def _bound(base: Binding | None, row: Binding) -> Binding:
    """A row that only strengthens keeps the value set."""
    if base is None:
        return row
    if row.value_set is None:
        return Binding(row.strength, base.value_set, row.max_value_set or base.max_value_set)
    return row


def _sliced(base: Slicing | None, row: Slicing) -> Slicing:
    if base is None:
        return row
    return Slicing(tuple(dict.fromkeys((*base.discriminators, *row.discriminators))), row.ordered, row.rules)
