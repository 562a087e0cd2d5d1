"""What a StructureDefinition must be able to do besides being one: yield a snapshot that only narrows its base.

Source: FHIR R4 profiling.html, structuredefinition.html#invs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import Definitions, StructureDefinition, contradictions
from interop.definitions.elements import BASE
from interop.errors import InteropError
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.constrained_element import senseless
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.questionnaire import rows
from interop.validation.values import shown

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class ContextOfExtension:
    """Only an extension stands in a context."""

    trigger: ClassVar[str] = "context"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.members.get("type") in ("Extension", None):
            return NOTHING
        text = f"context says where an extension may stand; this defines a {item.members['type']}"
        return (Issue("context-without-extension", text, item.expression, hint="remove context"),)


@dataclass(frozen=True, slots=True)
class SnapshotPossible:
    """The differential can be applied to its base, and what comes of it allows nothing the base forbids."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        members = item.members
        if members.get("derivation") != "constraint" or not isinstance(members.get("differential"), dict):
            return NOTHING
        bare = {name: value for name, value in members.items() if name != "snapshot"}
        try:
            definitions = scope.run.definitions.with_resource(bare)
            structure = definitions.structure(str(members.get("url")))
            if structure is None:
                return NOTHING
            found = (
                *contradictions(structure, definitions),
                *_other_fixed_values(structure, definitions),
                *_own_url(structure),
                *_other_type(members, structure, definitions),
                *senseless(structure, rows(members["differential"].get("element")), definitions),
            )
        except InteropError as fault:
            if fault.code == "definition-missing":
                return (_unknown_base(item, fault),)
            text = f"no snapshot can be made from the differential: {fault.text}"
            return (Issue("snapshot-impossible", text, item.expression, hint=fault.hint),)
        except (TypeError, ValueError, KeyError, AttributeError) as fault:
            # The resource is broken in a way its own rules report; here it only means "no snapshot".
            text = f"no snapshot can be made from the differential: {type(fault).__name__}"
            return (Issue("snapshot-impossible", text, item.expression, hint="mend the other findings first"),)
        return [replace(issue, expression=_row(item, issue.expression)) for issue in found]


def _unknown_base(item: Item, fault: InteropError) -> Issue:
    text = f"the differential could not be checked: {fault.text}"
    return Issue("snapshot-not-checked", text, item.expression, Severity.WARNING, hint=fault.hint)


def _other_fixed_values(structure: StructureDefinition, definitions: Definitions) -> Iterator[Issue]:
    base = definitions.structure(structure.base) if structure.base else None
    for element in structure if base is not None else ():
        allowed = base.element(element.id) if base is not None else None
        if allowed is None or allowed.fixed is None or element.fixed == allowed.fixed:
            continue
        here = shown(element.fixed[1]) if element.fixed else "nothing"
        text = f"{structure.url}: {element.id} is fixed to {here}, its base fixes it to {shown(allowed.fixed[1])}"
        yield Issue("profile-contradicts-base", text, element.path, hint="a profile may only narrow its base")


def _other_type(members: JsonObject, structure: StructureDefinition, definitions: Definitions) -> Iterator[Issue]:
    """A constraint is on the type of its base. FHIR R4 structuredefinition-definitions.html#StructureDefinition.type"""
    base = definitions.structure(structure.base) if structure.base else None
    stated = str(members.get("type")).rpartition("/")[2]
    if base is not None and stated != base.type.rpartition("/")[2]:
        text = f"type is {stated}, that of the base {base.url} is {base.type}"
        yield Issue("profile-contradicts-base", text, "", hint="a profile is on the type of its base")
    if base is not None and members.get("kind") != base.kind:
        text = f"kind is {members.get('kind')}, that of the base {base.url} is {base.kind}"
        yield Issue("profile-contradicts-base", text, "", hint="a profile is of the kind of its base")


def _own_url(structure: StructureDefinition) -> Iterator[Issue]:
    """Extension.url is fixed to the url of the extension's definition. FHIR R4 defining-extensions.html."""
    url = structure.element("Extension.url") if structure.type == "Extension" else None
    if url is None or structure.base != f"{BASE}Extension":
        return
    if url.fixed is None or url.fixed[1] != structure.url:
        here = shown(url.fixed[1]) if url.fixed else "not fixed"
        text = f"Extension.url is {here}; an extension fixes it to its own url {structure.url}"
        yield Issue("extension-url", text, "Extension.url", hint="add fixedUri with the url of this definition")


def _row(item: Item, path: str) -> str:
    """Where the differential speaks of a path: its first row with it, else the differential. "" is the type."""
    if not path:
        return f"{item.expression}.type"
    differential: JsonObject = item.members["differential"]
    place = (item.place, "differential", None, "StructureDefinition.differential")
    for number, row in enumerate(rows(differential.get("element"))):
        if row.get("path") == path:
            return expression((place, "element", number, "ElementDefinition"))
    return expression(place)
