"""Running backwards to FHIR: list items that a followed reference gave are not written beside that reference.

A section that names a List also names, mapped forward, what the List lists (``for: entry.resource.entry``). Back in the
sender's form the List says it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop.json_codec import Json, JsonObject
from interop.mapping.paths import follow
from interop.mapping.plan import Branch, Leaf, Loop, MappingPlan
from interop.sources.fhir_places import FOLLOWED, FULL_URL


def underived(tree: JsonObject, plan: MappingPlan, followed: Sequence[str]) -> JsonObject:
    """The tree without what one-way lists through followed references give again."""
    loops = [loop for loop in _loops(plan) if not loop.reverse and FOLLOWED in _names(loop)]
    if not loops or not followed:
        return tree
    rows = {row.get(FULL_URL): row for listed in tree.values() if isinstance(listed, list) for row in listed}
    for path in followed:
        kind, *steps = path.split(".")
        for row in tree.get(kind, ()):
            for owner in _owners(row, steps[:-1]):
                _drop(owner, steps[-1], loops, rows)
    return tree


def _drop(owner: JsonObject, name: str, loops: Sequence[Loop], rows: dict[str, JsonObject]) -> None:
    """Take out of one list what the resources it names list themselves."""
    items = owner.get(name)
    if not isinstance(items, list):
        return
    given: set[str] = set()
    for loop in loops:
        names = _names(loop)
        if names[:2] != (name, FOLLOWED):
            continue
        source = next((leaf.sources[0] for leaf in _reference_leaves(loop.branch)), None)
        for item in items:
            target = rows.get(str(item.get("reference")), {}) if isinstance(item, dict) else {}
            found = follow(target, names[2:])
            for one in found if isinstance(found, list) else [found]:
                literal = follow(one, tuple(s for s in source.steps if isinstance(s, str))) if source else None
                if isinstance(literal, str):
                    given.add(literal)
    kept = [item for item in items if not (isinstance(item, dict) and item.get("reference") in given)]
    if kept:
        owner[name] = kept


def _owners(node: Json, steps: Sequence[str]) -> Iterator[JsonObject]:
    """The objects at a path, and those of the same name inside them (sections in sections)."""
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict):
            continue
        if steps:
            yield from _owners(item.get(steps[0]), steps[1:])
        else:
            yield item


def _loops(plan: MappingPlan) -> Iterator[Loop]:
    for group in (*plan.groups.values(), *((plan.composition,) if plan.composition else ())):
        yield from group.root.loops()


def _names(loop: Loop) -> tuple[str, ...]:
    return tuple(step for step in loop.rows.steps if isinstance(step, str))


def _reference_leaves(branch: Branch) -> Iterator[Leaf]:
    slot = branch.slots.get("reference")
    for entry in slot.entries.values() if slot is not None else ():
        if isinstance(entry, Leaf) and entry.sources:
            yield entry
