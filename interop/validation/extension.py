"""Extensions: whether their definition is known, whether they may stand here, and what they must hold.

Source: FHIR R4 extensibility.html, defining-extensions.html#context.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.definitions import StructureDefinition
from interop.definitions.elements import BASE, ExtensionContext
from interop.errors import InteropError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.glance import Glance, always
from interop.validation.invariant import MISSHAPEN
from interop.validation.item import Item
from interop.validation.place import Place, definition_paths, expression
from interop.validation.twig import grow

if TYPE_CHECKING:
    from interop.validation.scope import Scope


_REMEMBERED = 4096

# Where R4's own definitions carry an extension although its definition in 4.0.1 does not say so (later ones do).
_R4_USES = {
    f"{BASE}structuredefinition-fhir-type": ("ElementDefinition.type",),
    f"{BASE}structuredefinition-normative-version": ("CanonicalResource", "ElementDefinition"),
    f"{BASE}regex": ("ElementDefinition.type",),
}


@dataclass(frozen=True, slots=True)
class ExtensionUse:
    """One extension: its url leads to a definition, it stands where that allows, and it follows it."""

    def glance(self, key: str) -> Glance:
        return always  # looked at by ``extension_use``, which knows where the extension stands

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        url = item.members.get("url")
        if not isinstance(url, str) or not url:
            text = "an extension without url cannot be understood"
            return (Issue("extension-url", text, item.expression, hint="add the url of the extension's definition"),)
        parent = item.place[0]
        nested = parent is not None and parent[3] == "Extension"
        if ":" not in url:
            return NOTHING if nested else (_relative(item, url),)
        return self._check_absolute(item, url, scope)

    def _check_absolute(self, item: Item, url: str, scope: Scope) -> Iterable[Issue]:
        structure = scope.run.structure(url) or scope.run.structure(url.partition("|")[0])
        if structure is None:
            return scope.run.policy.unknown_extension_issue(url, item)
        if structure.type != "Extension":
            text = f"{url} is the definition of a {structure.type}, not of an extension"
            return (Issue("extension-url", text, item.expression),)
        found = list(_stands_right(item, structure, scope))
        if "|" in url:
            text = f"the url of an extension must not carry a version: {url}"
            found.append(Issue("extension-url", text, item.expression, hint=f"use {structure.url}"))
        found.extend(_unknown_parts(item, structure, scope))
        found.extend(scope.run.conform(item, structure.url, scope))
        return found


def extension_use(owner: str, *, modifier: bool) -> Glance:
    """The glance of the extensions below values of the type ``owner``."""
    nested = owner == "Extension"
    welcome: dict[str, frozenset[str] | None] = {}

    def glance(value: Json, scope: Scope) -> bool:
        url = value["url"]
        if ":" not in url:
            return nested and bool(url)
        try:
            parts = welcome[url]
        except KeyError:
            parts = _parts_if_welcome(url, owner, scope, modifier=modifier)
            if len(welcome) < _REMEMBERED:
                welcome[url] = parts
        if parts is None or not scope.run.follows(value, "Extension", url, scope):
            return False
        if "extension" not in value:
            return True
        return all(":" in part["url"] or part["url"] in parts for part in value["extension"])

    return glance


def _parts_if_welcome(url: str, owner: str, scope: Scope, *, modifier: bool) -> frozenset[str] | None:
    """The parts of an extension that may surely stand below values of a type; None when that needs a closer look."""
    run = scope.run
    structure = run.structure(url) if "|" not in url else None
    if structure is None or structure.type != "Extension" or structure.url != url or structure.context_invariants:
        return None
    if structure.root.is_modifier is not modifier:
        return None
    wanted = [context.expression for context in structure.context if context.type == "element"]
    if wanted and not any(context in ("Element", "*") or run.is_a(owner, context) for context in wanted):
        return None
    return run.extension_parts(structure) if wanted or not structure.context else None


def _relative(item: Item, url: str) -> Issue:
    text = f"{url!r} is not an absolute url; only the parts of a complex extension have short names"
    return Issue("extension-url", text, item.expression, hint="use the full url of the definition")


def _stands_right(item: Item, structure: StructureDefinition, scope: Scope) -> Iterator[Issue]:
    parent = item.place[0]
    if parent is None:
        return
    modifier = structure.root.is_modifier
    as_modifier = item.place[1] == "modifierExtension"
    if modifier is not as_modifier:
        kind, other = ("modifierExtension", "extension") if modifier else ("extension", "modifierExtension")
        text = f"{structure.url} belongs in {kind}, it was found in {other}"
        yield Issue("extension-modifier", text, item.expression, hint=f"move it to {kind}")
    contexts = (*structure.context, *(ExtensionContext("element", use) for use in _R4_USES.get(structure.url, ())))
    if structure.context and not any(_allows(context, parent, scope) for context in contexts):
        allowed = ", ".join(context.expression for context in contexts)
        text = f"{structure.url} may not stand at {next(definition_paths(parent), '')}; it may stand at {allowed}"
        yield Issue("extension-context", text, expression(parent), rule=structure.canonical)
    for invariant in structure.context_invariants:
        if not _holds(invariant, parent, scope):
            text = f"{structure.url} may stand only where {invariant} holds"
            yield Issue("extension-context", text, expression(parent), rule=structure.canonical)


def _allows(context: ExtensionContext, parent: Place, scope: Scope) -> bool:
    if context.type == "fhirpath":
        return _selects(context.expression, parent, scope)
    if context.type == "extension":
        owner = scope.run.node_at(parent, scope)
        return isinstance(owner, dict) and owner.get("url") == context.expression
    wanted = context.expression.partition("#")[2] or context.expression
    if wanted in ("Element", "*"):
        return True
    if scope.run.is_a(parent[3] or "Element", wanted):
        return True
    return any(wanted == path or _descends(path, wanted, scope) for path in definition_paths(parent))


def _descends(path: str, wanted: str, scope: Scope) -> bool:
    """A context may name an ancestor type: ``DomainResource``, ``Quantity`` for an ``Age``, ``Element.id``."""
    code, dot, rest = path.partition(".")
    ancestor, wanted_dot, wanted_rest = wanted.partition(".")
    return dot == wanted_dot and rest == wanted_rest and scope.run.is_a(code, ancestor)


def _holds(invariant: str, parent: Place, scope: Scope) -> bool:
    node = scope.run.node_at(parent, scope)
    try:
        compiled = compile_expression(invariant)
        answer = compiled.truth(node, type_name=parent[3], resource=scope.resource, root=scope.container)
    except (InteropError, *MISSHAPEN):
        return True
    return bool(answer)


def _selects(path: str, parent: Place, scope: Scope) -> bool:
    """Whether the element that carries the extension is among those the path finds in its resource."""
    node = scope.run.node_at(parent, scope)
    kind = scope.resource.get("resourceType")
    try:
        found = compile_expression(path).evaluate(
            scope.resource, type_name=kind, resource=scope.resource, root=scope.container
        )
    except (InteropError, *MISSHAPEN):
        return True
    return any(value is node or value is True or (value == node and not isinstance(value, dict)) for value in found)


def _unknown_parts(item: Item, structure: StructureDefinition, scope: Scope) -> Iterator[Issue]:
    """The parts of a complex extension have the short names its definition gives them."""
    parts = item.members.get("extension")
    if not isinstance(parts, list):
        return
    defined = scope.run.extension_parts(structure)
    for number, part in enumerate(parts):
        url = part.get("url") if isinstance(part, dict) else None
        if isinstance(url, str) and url and ":" not in url and url not in defined:
            place: Place = (item.place, "extension", number, "Extension")
            text = f"{url!r} is no part of {structure.url}; it has {', '.join(sorted(defined)) or 'none'}"
            yield Issue("extension-part", text, expression(place), Severity.ERROR, rule=structure.canonical)


def part_urls(structure: StructureDefinition) -> frozenset[str]:
    """The short names of a complex extension's parts: fixed urls of the slices of ``Extension.extension``."""
    root = grow(structure.elements)
    own = root.child("extension")
    urls = [part.child("url") for part in own.slices] if own is not None else []
    return frozenset(url.definition.fixed[1] for url in urls if url is not None and url.definition.fixed is not None)
