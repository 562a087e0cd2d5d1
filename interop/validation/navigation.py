"""The restricted FHIRPath of discriminators: children, extension(url), resolve() and ofType(type)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from interop.json_codec import Json
from interop.validation.item import NO_MEMBERS, Item, items
from interop.validation.references import implied_type, reference_text

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope


@dataclass(frozen=True, slots=True)
class Step:
    """One step. kind: child, extension, resolve or ofType; name: the element, url or type."""

    kind: str
    name: str = ""


Steps = tuple[Step, ...]

_STEP = re.compile(
    r"(?:\$this|extension\(\s*['\"](?P<url>[^'\"]+)['\"]\s*\)|(?P<resolve>resolve\(\))|ofType\((?P<type>[\w.]+)\)"
    r"|\(?(?P<name>\w+(?:\[x\])?)(?:\s+as\s+(?P<cast>\w+)\))?)(?:\.|$)"
)


def spelled(steps: Steps) -> str:
    """A path as a person reads it; ``the item`` when it is the item itself."""
    words = {"child": "{}", "extension": "extension({})", "resolve": "resolve()", "ofType": "ofType({})"}
    return ".".join(words[step.kind].format(step.name) for step in steps) or "the item"


def parse_steps(path: str) -> Steps | None:
    """The steps of a discriminator path; None when it uses what discriminators may not use."""
    steps: list[Step] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            return None
        position = found.end()
        if found["url"]:
            steps.append(Step("extension", found["url"]))
        elif found["resolve"]:
            steps.append(Step("resolve"))
        elif found["type"]:
            steps.append(Step("ofType", found["type"]))
        elif found["name"]:
            steps.append(Step("child", found["name"]))
            if found["cast"]:
                steps.append(Step("ofType", found["cast"]))
    return tuple(steps)


class Route(NamedTuple):
    """Where steps lead from any value of one type: the JSON members on the way, and the type at the end."""

    path: tuple[str, ...]
    key: str


def route(key: str, steps: Steps, elements: Elements) -> Route | None:
    """The way through JSON when every step is a member of one name; None when values decide where it leads."""
    path: list[str] = []
    for step in steps:
        names = elements.names(key, step.name) if step.kind == "child" else ()
        if len(names) != 1 or names[0].type in ("Resource", "DomainResource"):
            return None
        path.append(names[0].json)
        key = names[0].type
    return Route(tuple(path), key)


def reached(value: Json, path: tuple[str, ...]) -> list[Json]:
    """Every value a path of JSON members leads to."""
    if len(path) == 1:  # nearly always
        found = value.get(path[0]) if type(value) is dict else None
        return found if type(found) is list else [] if found is None else [found]
    nodes = [value]
    for name in path:
        below: list[Json] = []
        for node in nodes:
            found = node.get(name) if type(node) is dict else None
            if type(found) is list:
                below.extend(found)
            elif found is not None:
                below.append(found)
        nodes = below
    return nodes


def select(item: Item, steps: Steps, scope: Scope) -> list[Item]:
    """Every value the path leads to from one item."""
    nodes = [item]
    for step in steps:
        nodes = [found for node in nodes for found in _take(node, step, scope)]
        if not nodes:
            return nodes
    return nodes


def _take(item: Item, step: Step, scope: Scope) -> list[Item]:
    if step.kind == "child":
        names = scope.run.schemas.names(item.type, step.name) or scope.run.schemas.names(item.type, f"{step.name}[x]")
        return items(item, names)
    if step.kind == "extension":
        extensions = items(item, scope.run.schemas.names(item.type, "extension"))
        return [found for found in extensions if found.members.get("url") == step.name]
    if step.kind == "ofType":
        return [item] if item.type == step.name else []
    return _resolve(item, scope)


def _resolve(item: Item, scope: Scope) -> list[Item]:
    """The target of a reference; where it is not at hand, an empty item of the type its URL names."""
    reference = reference_text(item.value)
    if reference is None:
        return []
    resource = scope.resolve(reference)
    kind = resource.get("resourceType") if resource is not None else implied_type(reference)
    if not isinstance(kind, str):
        return []
    return [Item(resource, resource if resource is not None else NO_MEMBERS, kind, (None, kind, None, kind))]
