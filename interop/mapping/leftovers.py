"""What nobody read of one record: fields without a declared fate, cells of rows of another kind, rows nobody took.

A cell counts as read when a group or list that made something of its row has a rule for it whose condition held. So a
cell that only matters for other kinds of rows is told, not passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeAlias

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.paths import SourceExpression, Steps
from interop.mapping.plan import MappingPlan
from interop.mapping.reading import Known, Taken, Unit, unit_of
from interop.mapping.report import Pattern, Reads, general_reads
from interop.mapping.run import Run, point, told
from interop.outcome import Issue, Severity
from interop.sources import SourceSpec

_COMPONENTS = 4
"""Steps to the repetition of an HL7 v2 field: segment, its number, field, repetition; components come after."""

_NOTHING = ("", '""')
"""Cells that say nothing: HL7 v2 writes an explicit nothing as two quotes."""


Mentions: TypeAlias = tuple[frozenset[str | int], ...]
"""Fields that expressions over a row name: what is below one of them is read if all its names are."""


_WHOLE = Known(whole=True)
_KEPT = 2_000
"""Merged sets of what is read that are kept."""


@dataclass(slots=True)
class _Search:
    """Goes through one record once. ``found``: places that hold something nobody read, and what."""

    rows: Mapping[SourcePath, Known]
    exact: Set[SourcePath]
    hl7: bool
    found: list[tuple[SourcePath, Json]] = field(default_factory=list)

    def look(self, node: Json, known: tuple[Known, ...], names: Mentions, path: SourcePath) -> None:
        if path in self.exact:
            return
        row = self.rows.get(path)
        if row is not None:
            known = (*known, row)
        for one in known:
            if one.whole:
                return
            names += one.names
        if isinstance(node, dict):
            for key, child in node.items():
                self._member(key, child, known, names, path)
        elif isinstance(node, list):
            parts = self.hl7 and len(path) >= _COMPONENTS
            for number, child in enumerate(node):
                if parts:
                    self._member(number, child, known, names, path)
                else:
                    self.look(child, known, names, (*path, number))
        elif not names and node is not None and not (isinstance(node, str) and node.strip() in _NOTHING):
            self.found.append((path, node))

    def _member(self, key: str | int, child: Json, known: tuple[Known, ...], names: Mentions, path: SourcePath) -> None:
        if child is None or child == "":
            return
        below: tuple[Known, ...] = ()
        for one in known:
            inner = one.members.get(key)
            if inner is not None:
                if inner.whole:
                    return
                below += (inner,)
        if names:
            names = tuple(one for one in names if key in one)
        self.look(child, below, names, (*path, key))


@dataclass(slots=True)
class Leftovers:
    """Finds what a mapping leaves in a record. Made once a mapping.

    units     what each group reads, by its name
    general   what is read whatever was made: joins, conditions of groups, sections, drops
    lists     the lists that groups go through: (steps, split) -> the groups
    """

    reads: Reads
    general: Known
    units: dict[str, Unit]
    lists: dict[tuple[Steps, str | None], list[str]]
    merged: dict[tuple[int, ...], tuple[tuple[Known, ...], Known]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, plan: MappingPlan, document_paths: Iterable[SourceExpression], reads: Reads, spec: SourceSpec
    ) -> Leftovers:
        groups = (*plan.groups.values(), *((plan.composition,) if plan.composition else ()))
        elsewhere = {loop.rows.steps for group in plan.groups.values() for loop in group.root.loops()}
        elsewhere |= {source.steps for source in plan.drop}
        lists: dict[tuple[Steps, str | None], list[str]] = {}
        for name, group in plan.groups.items():
            if group.rows is not None and group.rows.steps not in elsewhere:
                lists.setdefault((group.rows.steps, group.split), []).append(name)
        general = Known.of(general_reads(plan, document_paths, spec))
        return cls(reads, general, {group.name: unit_of(group, hl7=reads.hl7) for group in groups}, lists)

    def issues(self, run: Run) -> tuple[Issue, ...]:
        """One finding a field that holds something nobody read, and one a row that no group took."""
        untaken = list(self._untaken(run))
        taken = self._taken(run)
        rows = {at: self._merged(tuple(known)) for at, known in taken.rows.items()}
        rows |= {at: _WHOLE for at, _ in untaken}
        search = _Search(rows, taken.exact, hl7=self.reads.hl7)
        search.look(run.record.tree, (self._merged((self.general, *taken.general)),), (), ())
        spoken = {str(issue.source) for issue in run.issues}
        first: dict[Pattern, tuple[SourcePath, Json, int]] = {}
        for path, value in search.found:
            pattern = _pattern(path, hl7=self.reads.hl7)
            at, found, count = first.get(pattern, (path, value, 0))
            first[pattern] = at, found, count + 1
        fields = (self._field(run, pattern, *found) for pattern, found in first.items())
        return (
            *(issue for issue in fields if str(issue.source) not in spoken),
            *(_row(run, at, names) for at, names in untaken),
        )

    def _merged(self, parts: tuple[Known, ...]) -> Known:
        """Several as one, kept because most records are alike; the parts with it, so that their ids stay their own."""
        if len(parts) == 1:
            return parts[0]
        key = tuple(sorted({id(part) for part in parts}))
        found = self.merged.get(key)
        if found is None:
            if len(self.merged) >= _KEPT:
                self.merged.clear()
            found = self.merged[key] = parts, Known.merged(parts)
        return found[1]

    def _taken(self, run: Run) -> Taken:
        taken = Taken(run.record.tree, run.kept)
        for name, unit in self.units.items():
            made = run.made.get(name)
            if not made:
                continue
            if not unit.steps:
                unit.visit((), run.record.tree, taken)
                continue
            for at, row in run.rows.get((unit.steps, unit.split), ()):
                if at in made:
                    unit.visit(at, row, taken)
        return taken

    def _untaken(self, run: Run) -> Iterator[tuple[SourcePath, list[str]]]:
        for key, names in self.lists.items():
            made: set[SourcePath] = set().union(*(run.made.get(name, ()) for name in names))
            for at, _ in run.rows.get(key, ()):
                if at not in made:
                    yield at, names

    def _field(self, run: Run, pattern: Pattern, path: SourcePath, value: Json, count: int) -> Issue:
        more = f" (and {count - 1} more like it)" if count > 1 else ""
        text = f"no rule of {run.mapping} reads this field{more}"
        hint = "map it, or name it under `drop:` with the reason"
        if self.reads.knows(pattern):
            text = f"no rule of {run.mapping} that applies to this row reads this field{more}"
            hint = "the groups that read it did not take this row: check their `when`, or give this kind of row a rule"
        return Issue(
            "source-field-unread",
            text,
            severity=Severity.INFORMATION,
            source=point(run.record, path),
            value=told(value),
            hint=hint,
        )


def _row(run: Run, at: SourcePath, names: list[str]) -> Issue:
    return Issue(
        "source-row-unused",
        f"no group of {run.mapping} made anything of this row",
        severity=Severity.INFORMATION,
        source=point(run.record, at),
        hint=f"looked at by {', '.join(names)}; check their `when`",
    )


def _pattern(path: SourcePath, *, hl7: bool) -> Pattern:
    if not hl7:
        return tuple(step for step in path if isinstance(step, str))
    # segment name, its number, field, repetition, component, sub-component
    return (*(step for step in path[:_COMPONENTS] if isinstance(step, str)), *path[_COMPONENTS:])
