"""What FHIRPath must know of FHIR's types: members, choices and descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from interop.definitions import Definitions
from interop.definitions.elements import ElementDefinition
from interop.definitions.facts import type_name as fhir_type

ANY_RESOURCE = frozenset({"Resource", "DomainResource"})
"""Declared types that leave it to the resource to say what it is."""


@dataclass(frozen=True, slots=True)
class Child:
    """One element of a type.

    keys  JSON member name and type of each form it can take: (("valueQuantity", "Quantity"), ("valueString", "string"))
    many  JSON has an array
    """

    name: str
    keys: tuple[tuple[str, str], ...]
    many: bool

    @property
    def types(self) -> frozenset[str]:
        return frozenset(type_name for _, type_name in self.keys)


class Model(Protocol):
    """Type facts. A type is a name (``Patient``) or the path of a backbone element (``Patient.contact``)."""

    def child(self, type_name: str, name: str) -> Child | None: ...

    def members(self, type_name: str) -> Mapping[str, Child]:
        """Every element of a type by its FHIRPath name; empty when the type is unknown."""

    def forms(self, type_name: str) -> Mapping[str, str]:
        """The type of every JSON member (``valueQuantity``); "" for any resource."""

    def knows(self, type_name: str) -> bool:
        """Whether this is a type at all."""

    def is_a(self, type_name: str, ancestor: str) -> bool:
        """Whether the type is ``ancestor`` or derives from it."""


class DefinitionsModel:
    """Type facts out of StructureDefinitions; each type is read once."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._members: dict[str, dict[str, Child]] = {}
        self._forms: dict[str, dict[str, str]] = {}
        self._descent: dict[tuple[str, str], bool] = {}

    def child(self, type_name: str, name: str) -> Child | None:
        return self.members(type_name).get(name)

    def members(self, type_name: str) -> Mapping[str, Child]:
        try:
            return self._members[type_name]
        except KeyError:
            found = self._members[type_name] = self._read(type_name)
            return found

    def forms(self, type_name: str) -> Mapping[str, str]:
        try:
            return self._forms[type_name]
        except KeyError:
            keys = (key for child in self.members(type_name).values() for key in child.keys)
            found = self._forms[type_name] = {name: "" if kind in ANY_RESOURCE else kind for name, kind in keys}
            return found

    def knows(self, type_name: str) -> bool:
        return self._definitions.type_kind(type_name) is not None

    def is_a(self, type_name: str, ancestor: str) -> bool:
        if type_name == ancestor:
            return True
        key = type_name, ancestor
        if key not in self._descent:
            self._descent[key] = self._derives(type_name, ancestor)
        return self._descent[key]

    def _derives(self, type_name: str, ancestor: str) -> bool:
        if "." in type_name:
            return ancestor in {"BackboneElement", "Element"}
        return self._definitions.is_a(type_name, ancestor)

    def _read(self, type_name: str) -> dict[str, Child]:
        structure = self._definitions.structure(type_name.partition(".")[0])
        if structure is None or structure.is_profile:
            return {}
        inside = {e.name: bool(structure.children(e.id)) for e in structure.children(type_name)}
        children = [_child(e, inside[e.name]) for e in structure.children(type_name)]
        return {child.name: child for child in children}


def _child(element: ElementDefinition, inside: bool) -> Child:
    """``inside``: the element has children of its own, so that its path is its type."""
    if element.content_reference is not None:
        return Child(element.name, ((element.name, element.content_reference),), element.repeats)
    if inside:
        return Child(element.name, ((element.name, element.path),), element.repeats)
    if element.is_choice:
        stem = element.name[:-3]
        keys = tuple((stem + t.code[:1].upper() + t.code[1:], t.code) for t in element.types)
        return Child(stem, keys, element.repeats)
    if element.base_path == "Resource.id":
        # The definition says string here; the narrative and every later release say id.
        return Child(element.name, ((element.name, "id"),), element.repeats)
    keys = tuple((element.name, fhir_type(t)) for t in element.types[:1])
    return Child(element.name, keys, element.repeats)


@lru_cache(maxsize=1)
def core_model() -> Model:
    """R4 as shipped."""
    return DefinitionsModel(Definitions.core())
