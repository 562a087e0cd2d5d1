"""Which members a type has: what XML, FHIRPath and mappings ask of the definitions, answered from a table per type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from interop.definitions.elements import ElementDefinition, StructureDefinition, TypeRef


class Structures(Protocol):
    """Where types are looked up."""

    def structure(self, canonical: str) -> StructureDefinition | None: ...


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one type or backbone element.

    order  element names as defined, a choice as ``value[x]``
    types  JSON member name (``valueQuantity``) -> (type code, whether JSON has an array)
    """

    order: tuple[str, ...]
    types: Mapping[str, tuple[str, bool]]


NONE = Members((), {})


class TypeFacts:
    """Members by type path: ``Patient``, ``HumanName``, ``Patient.contact``."""

    __slots__ = ("_members", "_structures")

    def __init__(self, structures: Structures):
        self._structures = structures
        self._members: dict[str, Members] = {}

    def members(self, type_path: str) -> Members:
        """Inherited members included; ``NONE`` when the type or path is unknown."""
        try:
            return self._members[type_path]
        except KeyError:
            pass
        found = self._members[type_path] = self._read(type_path)
        return found

    def child(self, type_name: str, element_name: str) -> tuple[str, bool] | None:
        """The type of a member and whether JSON has an array; None when there is no such member."""
        return self.members(type_name).types.get(element_name)

    def order(self, type_name: str) -> tuple[str, ...]:
        """The elements of a type as defined, a choice as ``value[x]``; empty when the type is unknown."""
        return self.members(type_name).order

    def _read(self, type_path: str) -> Members:
        structure = self._structures.structure(type_path.partition(".")[0])
        if structure is None or structure.is_profile:
            return NONE
        children = structure.children(type_path)
        types = {name: fact for e in children for name, fact in _facts(e, structure)}
        return Members(tuple(e.name for e in children), types)


def _facts(element: ElementDefinition, structure: StructureDefinition) -> list[tuple[str, tuple[str, bool]]]:
    if element.content_reference is not None:
        return [(element.name, (element.content_reference, element.repeats))]
    if structure.children(element.id):
        return [(element.name, (element.path, element.repeats))]
    if element.is_choice:
        stem = element.name[:-3]
        return [(stem + t.code[:1].upper() + t.code[1:], (t.code, element.repeats)) for t in element.types]
    return [(element.name, (type_name(t), element.repeats)) for t in element.types[:1]]


def type_name(type_ref: TypeRef) -> str:
    """The FHIR type of a value: ``string`` for ``Patient.id``, whose code is a FHIRPath system type."""
    if type_ref.fhir_type:
        return type_ref.fhir_type
    code = type_ref.code
    return code[7:8].lower() + code[8:] if code.startswith("System.") else code
