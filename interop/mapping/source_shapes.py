"""JSON of another shape than the mapping reads: a text where a group of fields belongs, told once, at its place.

Without this a mandatory group that came as a text would read like every one of its fields missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.paths import SourceExpression, Steps
from interop.mapping.plan import Branch, GroupPlan, Leaf, Loop, MappingPlan
from interop.mapping.run import Run, point, told
from interop.outcome import Issue
from interop.sources import Format, SourceSpec

_NAMED = 4


@dataclass(slots=True)
class Shape:
    """What is read of one node. ``members``: by name;  ``plain``: some rule reads the node itself as a value."""

    members: dict[str, Shape] = field(default_factory=dict)
    plain: bool = False

    @classmethod
    def of(cls, plan: MappingPlan, spec: SourceSpec) -> Shape:
        """The shape the plan's rules read, as far as it can be misshapen: members of JSON sources."""
        whole = cls()
        for path in _paths(plan):
            whole._add(path)
        if spec.format in (Format.JSON, Format.NDJSON):
            return whole
        typed = {table.name for table in spec.tables if table.format in ("json", "ndjson")}
        return cls({name: below for name, below in whole.members.items() if name in typed})

    def _add(self, names: Iterable[str]) -> None:
        node = self
        for name in names:
            node = node.members.setdefault(name, Shape())
        node.plain = True

    def faults(self, run: Run) -> Iterator[Issue]:
        """A finding for each place where a plain value stands and fields inside it are read."""
        for path, value, shape in self._found(run.record.tree, ()):
            names = ", ".join(list(shape.members)[:_NAMED]) + (", …" if len(shape.members) > _NAMED else "")
            kind = "a text" if isinstance(value, str) else "a plain value"
            text = f"{kind} stands where a group of fields is wanted ({names})"
            hint = "write an object with these members, or a list of them"
            yield Issue("source-shape", text, source=point(run.record, path), value=told(value), hint=hint)

    def _found(self, node: Json, path: SourcePath) -> Iterator[tuple[SourcePath, Json, Shape]]:
        if isinstance(node, dict):
            for name, shape in self.members.items():
                below = node.get(name)
                if below is not None and shape.members:
                    yield from shape._found(below, (*path, name))
        elif isinstance(node, list):
            for number, item in enumerate(node):
                yield from self._found(item, (*path, number))
        elif not self.plain and node not in (None, ""):
            yield path, node, self


def _paths(plan: MappingPlan) -> Iterator[tuple[str, ...]]:
    """Every member path some rule reads, rows and all."""
    for group in (*plan.groups.values(), *((plan.composition,) if plan.composition else ())):
        rows = group.rows.steps if group.rows is not None else ()
        if group.split is not None:
            yield _names(rows)
            continue
        yield from _group(group, rows)


def _group(group: GroupPlan, rows: Steps) -> Iterator[tuple[str, ...]]:
    yield from (_names(_from(source, rows)) for source in group.identity)
    yield from _branch(group.root, rows)


def _branch(branch: Branch, rows: Steps) -> Iterator[tuple[str, ...]]:
    for slot in branch.slots.values():
        for entry in slot.entries.values():
            if isinstance(entry, Branch):
                yield from _branch(entry, rows)
            elif isinstance(entry, Loop):
                inner = _from(entry.rows, rows)
                if entry.split is not None:
                    yield _names(inner)
                else:
                    yield from _branch(entry.branch, inner)
            else:
                for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                    yield from (_names(_from(source, rows)) for source in leaf.sources if not source.variable)


def _from(source: SourceExpression, rows: Steps) -> Steps:
    return source.steps if source.absolute else (*rows, *source.steps)


def _names(steps: Steps) -> tuple[str, ...]:
    return tuple(step for step in steps if isinstance(step, str))
