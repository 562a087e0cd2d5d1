"""Running backwards, which resource or list item is meant: the constants of a rule set tell.

A constant selects when it says what a thing is (a code, a system, a url, a linkId), not how it stands or reads
(status, intent, display, unit). ``selector:`` in a rule overrides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import Json, JsonObject
from interop.mapping.plan import Branch, Choice, GroupPlan, Leaf, Loop

KINDS = frozenset({"code", "category", "type", "class", "questionnaire", "scope", "role", "relationship"})
"""Elements of a resource whose constants say what kind of resource it is."""

MARKS = frozenset({"code", "system", "url", "linkId", "questionnaire", "kind", "valueCode"})
"""Members whose constants tell list items apart."""

SOFT = frozenset({"use"})
"""Members that tell items apart when present; another system may leave them out."""

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selector:
    """What a thing must have: at each path one of the values. ``soft`` ones may be absent, but not contradicted."""

    hard: tuple[tuple[Names, frozenset[str]], ...] = ()
    soft: tuple[tuple[Names, frozenset[str]], ...] = ()

    def matches(self, node: Json, *, lenient: bool = False) -> bool:
        for path, wanted in self.hard:
            if not wanted & {str(value) for value in reach(node, path)}:
                return False
        for path, wanted in self.soft:
            found = {str(value) for value in reach(node, path)}
            if not wanted & found and (found or not lenient):
                return False
        return True

    @property
    def weight(self) -> int:
        return len(self.hard)


def reach(node: Json, path: Names) -> Iterator[Json]:
    """Every plain value at a path of member names, through lists."""
    if isinstance(node, list):
        for item in node:
            yield from reach(item, path)
    elif path:
        if isinstance(node, dict) and path[0] in node:
            yield from reach(node[path[0]], path[1:])
    elif not isinstance(node, dict):
        yield node


def parts(node: Json, name: str) -> Iterator[JsonObject]:
    """The objects in a list member; whatever else stands there is passed over."""
    found = node.get(name) if isinstance(node, dict) else None
    for item in found if isinstance(found, list) else ():
        yield item if isinstance(item, dict) else {}


def of_group(group: GroupPlan) -> Selector:
    """What tells the group's resources from others of their type."""
    chosen: dict[Names, set[str]] = {}
    for path, leaf in anchored(group.root, ()):
        told = leaf.selector
        if told is None:
            told = path[0] in KINDS and path[-1] in ("code", "questionnaire")
        if told:
            chosen.setdefault(path, set()).add(str(leaf.constant))
    for names, value in group.select:
        chosen.setdefault(names, set()).add(str(value))
    return Selector(tuple((path, frozenset(values)) for path, values in chosen.items()))


def of_item(branch: Branch) -> Selector:
    """What tells a list item from its neighbours."""
    hard: dict[Names, set[str]] = {}
    soft: dict[Names, set[str]] = {}
    for path, leaf in (*anchored(branch, ()), *_said_to_select(branch, ())):
        if path[-1] in SOFT and leaf.selector is None:
            soft.setdefault(path, set()).add(str(leaf.constant))
        elif leaf.selector if leaf.selector is not None else path[-1] in MARKS:
            hard.setdefault(path, set()).add(str(leaf.constant))
    # A system beside a code adds nothing but the ways in which two senders can differ.
    for path in [p for p in hard if p[-1] == "system" and (*p[:-1], "code") in hard]:
        del hard[path]
    return Selector(
        tuple((path, frozenset(values)) for path, values in hard.items()),
        tuple((path, frozenset(values)) for path, values in soft.items()),
    )


def _said_to_select(branch: Branch, path: Names) -> Iterator[tuple[Names, Leaf]]:
    """Constants beside sourced values whose author says that they select: the system of an item's one identifier."""
    for slot in branch.slots.values():
        for entry in slot.entries.values():
            if isinstance(entry, Branch) and (entry.strong or entry.refers) and not slot.many:
                here = (*path, slot.name)
                yield from (found for found in anchored(entry, here) if found[1].selector)
                yield from _said_to_select(entry, here)


def anchored(branch: Branch, path: Names) -> Iterator[tuple[Names, Leaf]]:
    """The unconditional constants that belong to this object itself, not to a part of it that comes and goes."""
    for slot in branch.slots.values():
        for entry in slot.entries.values():
            if isinstance(entry, Leaf):
                if entry.kind == "constant" and entry.condition is None:
                    yield (*path, slot.name), entry
            elif isinstance(entry, Branch) and not entry.strong and not entry.refers:
                yield from anchored(entry, (*path, slot.name))
            elif isinstance(entry, Choice | Loop):
                continue
