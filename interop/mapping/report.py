"""What a mapping reads: every source field with a declared fate, whether mapped or dropped on purpose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from interop.mapping.paths import SourceExpression, Step, Steps, Where
from interop.mapping.plan import Branch, Condition, GroupPlan, Leaf, Loop, MappingPlan, SectionPlan
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
    reads = general_reads(plan, document_paths, spec)
    for group in _groups(plan):
        row = group.rows.steps if group.rows else ()
        for source in (*group.identity, *((group.url,) if group.url else ())):
            reads.add(source, row)
        _branch(reads, group.root, row)
    return reads


def general_reads(plan: MappingPlan, document_paths: Iterable[SourceExpression], spec: SourceSpec) -> Reads:
    """What is read of every record, whatever is made of it: joins, sections, drops, the conditions of groups."""
    reads = Reads(spec.format is Format.HL7V2)
    for table in spec.tables:
        reads.patterns.add((table.name, table.key))
    if spec.key:
        reads.patterns.add(tuple(spec.key.split(".")))
    if reads.hl7:
        reads.patterns |= {("segments",), ("MSH", "1"), ("MSH", "2")}
    for source in (*document_paths, *plan.drop):
        reads.add(source, ())
    for group in _groups(plan):
        row = group.rows.steps if group.rows else ()
        reads.condition(group.condition, row)
        if group.split and group.rows:
            reads.add(group.rows, ())
        for loop in group.root.loops():
            reads.condition(loop.condition, loop.rows.steps if loop.rows.absolute else (*row, *loop.rows.steps))
    for section in plan.sections:
        _section(reads, section)
    return reads


def _groups(plan: MappingPlan) -> tuple[GroupPlan, ...]:
    return (*plan.groups.values(), *((plan.composition,) if plan.composition else ()))


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
