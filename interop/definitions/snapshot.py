"""Snapshots from differentials: the base's elements, changed row by row, with slices and walked-into types filled in.

Source: FHIR R4 profiling.html#snapshot and elementdefinition.html; checked against HL7's published snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from interop.definitions.differential import Change, Step, arrange, parse_step
from interop.definitions.elements import (
    Discriminator,
    ElementDefinition,
    Slicing,
    StructureDefinition,
    TypeRef,
)
from interop.definitions.merging import merge, merge_profile_root, occur_as_profile
from interop.definitions.parsing import read_element, read_structure
from interop.errors import DefinitionError
from interop.json_codec import JsonObject


class Structures(Protocol):
    """Where bases and types are looked up."""

    def structure(self, canonical: str) -> StructureDefinition | None: ...


BY_URL = Slicing((Discriminator("value", "url"),))
BY_TYPE = Slicing((Discriminator("type", "$this"),))
ONE_TYPE = replace(BY_TYPE, rules="closed")


def snapshot(differential_sd: JsonObject, definitions: Structures) -> StructureDefinition:
    """The complete structure of a definition that states only its differential.

    Raises DefinitionError: ``definition-missing`` (base or a walked-into type unknown), ``definition-unknown-element``
    (constrains what the base does not have), ``definition-incomplete``.
    """
    url = differential_sd.get("url")
    canonical = differential_sd.get("baseDefinition")
    base = definitions.structure(canonical) if canonical else None
    if canonical and base is None:
        raise DefinitionError(
            f"{url} derives from {canonical}, which is in no loaded package",
            code="definition-missing",
            where=str(url),
            hint="load the package that holds it",
        )
    rows = (differential_sd.get("differential") or {}).get("element") or []
    change = arrange(rows)
    name = str(differential_sd.get("type", "")).rpartition("/")[2]
    if base is not None:
        root = _tree(base)
        name = name if differential_sd.get("derivation") == "specialization" else base.root.path
    elif change.row is not None:
        root = _Node(read_element(change.row))
        name = change.row["path"]
    else:
        raise DefinitionError(
            f"{url} has neither a snapshot, a base nor a first row", code="definition-incomplete", where=str(url)
        )
    growing = differential_sd.get("derivation") != "constraint"
    _Builder(definitions, str(url), root, growing).apply(root, change)
    return read_structure(differential_sd, tuple(_rows(root, name, name)))


@dataclass(slots=True)
class _Node:
    """An element under construction. ``slices`` in order of definition, re-slices (``a/b``) among them."""

    element: ElementDefinition
    children: dict[str, _Node] = field(default_factory=dict)
    slices: dict[str, _Node] = field(default_factory=dict)

    def copy(self) -> _Node:
        return _Node(
            self.element,
            {name: node.copy() for name, node in self.children.items()},
            {name: node.copy() for name, node in self.slices.items()},
        )


def _tree(structure: StructureDefinition) -> _Node:
    root = _Node(structure.root)
    for element in structure.elements[1:]:
        *above, last = (parse_step(text) for text in element.id.split(".")[1:])
        parent = root
        for step in above:
            parent = _down(parent, step)
        node = parent.children.get(last.name)
        if last.slice is not None and node is not None:
            node.slices[last.slice] = _Node(element)
        else:
            parent.children[last.name] = _Node(element)
    return root


def _down(node: _Node, step: Step) -> _Node:
    child = node.children[step.name]
    return child if step.slice is None else child.slices[step.slice]


def _rows(node: _Node, id: str, path: str) -> Iterator[ElementDefinition]:
    element = node.element
    yield element if element.id == id and element.path == path else replace(element, id=id, path=path)
    for name, child in node.children.items():
        yield from _rows(child, f"{id}.{name}", f"{path}.{name}")
        for slice_name, part in child.slices.items():
            yield from _rows(part, f"{id}.{name}:{slice_name}", f"{path}.{name}")


class _Builder:
    """Applies changes to the tree of one structure."""

    __slots__ = ("_definitions", "_growing", "_original", "_url")

    def __init__(self, definitions: Structures, url: str, root: _Node, growing: bool):
        self._definitions = definitions
        self._url = url
        self._original = root.copy()  # what content references point to
        self._growing = growing  # a specialization adds elements; a profile may not

    def apply(self, node: _Node, change: Change) -> None:
        """Change one element, then its children, then its slices."""
        before = node.copy() if change.slices else node
        if change.row is not None:
            node.element = self._merged(node.element, change.row)
        if change.children:
            if not node.children:
                self._expand(node)
            for name, part in change.children.items():
                self._apply_child(node, name, part, change.children)
        if change.slices:
            self._apply_slices(node, before, change.slices)

    def _apply_child(self, node: _Node, name: str, change: Change, beside: Iterable[str]) -> None:
        child = node.children.get(name)
        if child is not None:
            self.apply(child, change)
            return
        choice = _choice_for(node, name)
        if choice is not None:
            if not _others_speak(name, choice.element.name, node, beside):
                choice.element = _narrowed(choice.element, name)
            self.apply(choice, _as_slice(name, change))
        elif self._growing and change.row is not None:
            child = node.children[name] = _Node(read_element(change.row))
            self.apply(child, Change(None, change.children, change.slices))
        else:
            raise self._unknown(node, name)

    def _apply_slices(self, node: _Node, before: _Node, slices: dict[str, Change]) -> None:
        if node.element.slicing is None:
            node.element = replace(node.element, slicing=BY_TYPE if node.element.is_choice else BY_URL)
        for name, change in slices.items():
            part = node.slices.get(name)
            if part is None:
                part = node.slices[name] = self._new_slice(node, before, name)
            self.apply(part, change)

    def _new_slice(self, node: _Node, before: _Node, name: str) -> _Node:
        """A slice starts as a copy of what it slices, optional until it says otherwise.

        What the same differential says of the children of the sliced element is not repeated in its slices: HL7's
        published snapshots have it so (Provenance.agent of the EHRS provenance profile). Nothing is lost, for who
        judges an item by its slice judges it by the sliced element as well.
        """
        outer = name.rpartition("/")[0]
        start = node.slices.get(outer, before)
        part = start.copy()
        part.slices.clear()
        element = replace(part.element, slice_name=name, slicing=None, min=0)
        if element.is_choice and (fitting := _type_in_name(name, element)):
            element = replace(element, types=(fitting,))
        part.element = element
        return part

    def _merged(self, element: ElementDefinition, row: JsonObject) -> ElementDefinition:
        merged = merge(element, row)
        if len(merged.types) == 1 and len(merged.types[0].wanted) == 1:
            profile = self._known(merged.types[0].wanted[0])
            if profile is not None:
                merged = merge_profile_root(merged, profile.root)
                if merged.types != element.types and profile.type == "Extension":
                    merged = occur_as_profile(merged, profile.root, row)
        return merged

    def _known(self, canonical: str) -> StructureDefinition | None:
        try:
            return self._definitions.structure(canonical)
        except DefinitionError:
            return None  # reported when that definition itself is used

    def _expand(self, node: _Node) -> None:
        """Give an element the children of its content reference, its profile or its type."""
        element = node.element
        if element.content_reference is not None:
            target = self._original
            for text in element.content_reference.split(".")[1:]:
                target = _down(target, parse_step(text))
            node.element = replace(element, content_reference=None, types=target.element.types)
            node.children = target.copy().children
            return
        node.children = _tree(self._type_of(element)).children

    def _type_of(self, element: ElementDefinition) -> StructureDefinition:
        if len(element.types) != 1:
            canonical = "Element"
        elif len(element.types[0].wanted) == 1 and (found := self._known(element.types[0].wanted[0])):
            return found
        else:
            canonical = element.types[0].fhir_type or element.types[0].code
        structure = self._definitions.structure(canonical)
        if structure is None:
            raise DefinitionError(
                f"{self._url} looks inside {element.id}, whose type {canonical} is in no loaded package",
                code="definition-missing",
                where=self._url,
                hint="load the package that holds it",
            )
        return structure

    def _unknown(self, node: _Node, name: str) -> DefinitionError:
        known = ", ".join(node.children) or "no children"
        return DefinitionError(
            f"{self._url} constrains {node.element.path}.{name}, but {node.element.path} has only {known}",
            code="definition-unknown-element",
            where=self._url,
            hint="correct the path in the differential",
        )


def _choice_for(node: _Node, name: str) -> _Node | None:
    """``valueQuantity`` is short for the Quantity slice of ``value[x]``."""
    for candidate, child in node.children.items():
        if candidate.endswith("[x]") and name.startswith(candidate[:-3]) and _type_in_name(name, child.element):
            return child
    return None


def _others_speak(name: str, choice: str, node: _Node, beside: Iterable[str]) -> bool:
    """Whether the differential says more of a choice than this one short form."""
    return any(
        other == choice or (other != name and other not in node.children and other.startswith(choice[:-3]))
        for other in beside
    )


def _narrowed(element: ElementDefinition, name: str) -> ElementDefinition:
    """A short form that stands alone allows its own type only, as HL7's published snapshots have it."""
    fitting = _type_in_name(name, element)
    return replace(element, types=(fitting,), slicing=ONE_TYPE) if fitting else element


def _as_slice(name: str, change: Change) -> Change:
    own = change.slices.pop(name, None)  # path valueQuantity with sliceName valueQuantity says it twice
    if own is not None:
        change.absorb(own)
    return Change(None, slices={name: change})


def _type_in_name(name: str, element: ElementDefinition) -> TypeRef | None:
    stem = element.name[:-3]
    return next((t for t in element.types if name == stem + t.code[:1].upper() + t.code[1:]), None)
