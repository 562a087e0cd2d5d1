"""What nobody read: source fields without a declared fate, rows no group took. Told for every record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.paths import SourceExpression, Step, Steps, Where, rows_of
from interop.mapping.plan import Branch, Condition, GroupPlan, Leaf, Loop, MappingPlan, SectionPlan
from interop.mapping.run import Run, point, told
from interop.outcome import Issue, Severity
from interop.sources import Format, SourceSpec

Pattern = tuple[str | int, ...]
"""A source field whatever its row: ``("medicines", "Dose")``; HL7 v2 keeps components: ``("PID", "5", 1, 0)``."""


@dataclass(slots=True)
class Reads:
    """Every field a mapping reads or drops. ``mentions``: (pattern of the row, names an expression over it uses)."""

    hl7: bool
    patterns: set[Pattern] = field(default_factory=set)
    mentions: set[tuple[Pattern, tuple[str, ...]]] = field(default_factory=set)

    def knows(self, pattern: Pattern) -> bool:
        if any(pattern[:length] in self.patterns for length in range(1, len(pattern) + 1)):
            return True
        return any(
            pattern[: len(start)] == start and set(pattern[len(start) :]) <= set(names)
            for start, names in self.mentions
        )

    def add(self, source: SourceExpression, row: Steps) -> None:
        """A path that is read from a row (``row``: the steps to its list, empty for the record)."""
        base: Steps = () if source.absolute else row
        if source.variable:
            return
        self.patterns.add((*self._names(base), *self._inside(base, source.steps)))
        for number, step in enumerate(source.steps):
            if isinstance(step, Where):
                before = (*base, *source.steps[:number])
                self.patterns.add((*self._names(before), *self._inside(before, step.path)))

    def condition(self, condition: Condition | None, row: Steps) -> None:
        if condition is not None:
            for source in condition.reads:
                self.add(source, row)
            if condition.names:
                self.mentions.add((self._names(row), condition.names))
                self.mentions.add(((), condition.names))

    def _names(self, steps: Steps) -> Pattern:
        return tuple(step for step in steps if isinstance(step, str))

    def _inside(self, base: Steps, steps: Iterable[Step]) -> Pattern:
        """The steps without row, segment and repetition numbers."""
        named = sum(isinstance(step, str) for step in base)
        kept: list[str | int] = []
        repetition = named >= 2  # inside `for: PID-3` the first number is a component already
        for step in steps:
            if isinstance(step, str):
                kept.append(step)
                named += 1
            elif self.hl7 and named >= 2:
                if repetition and isinstance(step, int):
                    kept.append(step)
                repetition = True
        return tuple(kept)


def reads_of(plan: MappingPlan, document_paths: Iterable[SourceExpression], spec: SourceSpec) -> Reads:
    """Everything the plan reads, the columns that join tables, and what it drops."""
    reads = Reads(spec.format is Format.HL7V2)
    for table in spec.tables:
        reads.patterns.add((table.name, table.key))
    if spec.key:
        reads.patterns.add(tuple(spec.key.split(".")))
    if reads.hl7:
        reads.patterns |= {("segments",), ("MSH", "1"), ("MSH", "2")}
    for source in (*document_paths, *plan.drop):
        reads.add(source, ())
    for group in (*plan.groups.values(), *((plan.composition,) if plan.composition else ())):
        _group(reads, group)
    for section in plan.sections:
        _section(reads, section)
    return reads


def _group(reads: Reads, group: GroupPlan) -> None:
    row = group.rows.steps if group.rows else ()
    reads.condition(group.condition, row)
    for source in group.identity:
        reads.add(source, row)
    if group.split and group.rows:
        reads.add(group.rows, ())
    _branch(reads, group.root, row)


def _branch(reads: Reads, branch: Branch, row: Steps) -> None:
    for slot in branch.slots.values():
        for entry in slot.entries.values():
            if isinstance(entry, Branch):
                _branch(reads, entry, row)
            elif isinstance(entry, Loop):
                steps = entry.rows.steps if entry.rows.absolute else (*row, *entry.rows.steps)
                reads.condition(entry.condition, steps)
                if entry.split:
                    reads.add(entry.rows, row)
                _branch(reads, entry.branch, steps)
            else:
                for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                    _leaf(reads, leaf, row)


def _leaf(reads: Reads, leaf: Leaf, row: Steps) -> None:
    for source in leaf.sources:
        reads.add(source, row)
    reads.condition(leaf.condition, row)
    if leaf.names:
        reads.mentions.add((reads._names(row), leaf.names))


def _section(reads: Reads, section: SectionPlan) -> None:
    for source in section.text:
        reads.add(source, ())
    reads.condition(section.condition, ())
    for empty in section.when_empty:
        reads.condition(empty.condition, ())
    for inner in section.sections:
        _section(reads, inner)


def unread(run: Run, reads: Reads, plan: MappingPlan) -> tuple[Issue, ...]:
    """One finding a field that holds something nobody reads, and one a row that no group took."""
    first: dict[Pattern, tuple[SourcePath, Json, int]] = {}
    known: dict[Pattern, bool] = {}
    for path, value in _values(run.record.tree, ()):
        pattern = _pattern(path, hl7=reads.hl7)
        if pattern not in known:
            known[pattern] = reads.knows(pattern)
        if not known[pattern]:
            at, found, count = first.get(pattern, (path, value, 0))
            first[pattern] = at, found, count + 1
    fields = (_unread_field(run, *found) for found in first.values())
    return (*fields, *_untaken(run, plan))


def _unread_field(run: Run, path: SourcePath, value: Json, count: int) -> Issue:
    more = f" (and {count - 1} more like it)" if count > 1 else ""
    return Issue(
        "source-field-unread",
        f"no rule of {run.mapping} reads this field{more}",
        severity=Severity.INFORMATION,
        source=point(run.record, path),
        value=told(value),
        hint="map it, or name it under `drop:` with the reason",
    )


def _values(node: Json, path: SourcePath) -> Iterator[tuple[SourcePath, Json]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _values(child, (*path, key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _values(child, (*path, number))
    elif node is not None and not (isinstance(node, str) and node.strip() in ("", '""')):
        yield path, node


def _pattern(path: SourcePath, *, hl7: bool) -> Pattern:
    if not hl7:
        return tuple(step for step in path if isinstance(step, str))
    # segment name, its number, field, repetition, component, sub-component
    return (*(step for step in path[:4] if isinstance(step, str)), *path[4:])


def _untaken(run: Run, plan: MappingPlan) -> Iterator[Issue]:
    by_rows: dict[tuple[Steps, str | None], list[str]] = {}
    for name, group in plan.groups.items():
        if group.rows is not None:
            by_rows.setdefault((group.rows.steps, group.split), []).append(name)
    looped = {loop.rows.steps for group in plan.groups.values() for loop in group.root.loops()}
    dropped = {source.steps for source in plan.drop}
    for (steps, split), names in by_rows.items():
        if steps in looped or steps in dropped:
            continue
        taken: set[SourcePath] = {at for name in names for at in run.made.get(name, {})}
        for at, _ in rows_of(steps, split)(run.record.tree, ()):
            if at not in taken:
                yield Issue(
                    "source-row-unused",
                    f"no group of {run.mapping} made anything of this row",
                    severity=Severity.INFORMATION,
                    source=point(run.record, at),
                    hint=f"looked at by {', '.join(names)}; check their `when`",
                )


def first_rows(plan: MappingPlan) -> Mapping[str, SourcePath]:
    """For each section, the table its first group reads: where to look when the section itself is at fault."""
    found: dict[str, SourcePath] = {}
    for number, section in enumerate(plan.sections):
        groups = (plan.groups[name] for name in section.entries)
        rows = next((group.rows for group in groups if group.rows is not None), None)
        if rows is not None:
            found[str(number)] = tuple(step for step in rows.steps if isinstance(step, str))[:1]
    return found


__all__ = ["Reads", "first_rows", "reads_of", "unread"]
