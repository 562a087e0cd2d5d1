"""What each group of a mapping reads of the rows it takes: patterns worked out once, conditions asked row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.paths import SourceExpression, Steps, Where, fetch, locate, rows_of
from interop.mapping.plan import Branch, Condition, GroupPlan, Kept, Leaf, Loop
from interop.mapping.report import Pattern, Reads


@dataclass(slots=True, eq=False)
class Known:
    """What is read below one field. ``whole``: all of it; ``names``: fields an expression over this row mentions."""

    whole: bool = False
    members: dict[str | int, Known] = field(default_factory=dict)
    names: tuple[frozenset[str | int], ...] = ()

    def at(self, pattern: Pattern) -> Known:
        here = self
        for step in pattern:
            here = here.members.setdefault(step, Known())
        return here

    @classmethod
    def of(cls, reads: Reads) -> Known:
        known = cls()
        for pattern in reads.patterns:
            known.at(pattern).whole = True
        for start, names in reads.mentions:
            spot = known.at(start)
            spot.names = (*spot.names, frozenset(names))
        return known

    @classmethod
    def merged(cls, parts: Sequence[Known]) -> Known:
        """What any of them knows."""
        whole = cls()
        for part in parts:
            whole.whole = whole.whole or part.whole
            whole.names += part.names
        for name in {name for part in parts for name in part.members}:
            whole.members[name] = cls.merged([part.members[name] for part in parts if name in part.members])
        return whole


@dataclass(slots=True)
class Taken:
    """What was read of one record.

    general  by pattern, wherever it stands;  rows  by the path of a row, what is read of it
    exact    places named one by one: `contacts[Role=Daughter].Phone`, a repetition of an HL7 v2 field
    """

    record: Json
    kept: Kept
    general: list[Known] = field(default_factory=list)
    rows: dict[SourcePath, list[Known]] = field(default_factory=dict)
    exact: set[SourcePath] = field(default_factory=set)
    seen: set[tuple[int, SourcePath]] = field(default_factory=set)

    def holds(self, condition: Condition | None, row: Json) -> bool:
        return condition is None or condition.holds(row, self.record, self.kept)


_KEPT = 256
"""Sets of conditions that held, for which what is read is kept."""


@dataclass(slots=True, eq=False)
class _Share:
    """Sources that are read together: those of a rule, under its condition."""

    condition: Condition | None
    row: Reads
    record: Reads
    exact: list[SourceExpression] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Unit:
    """A group, or a list inside one. ``steps``: to the list of its rows, () for the record itself."""

    hl7: bool
    steps: Steps
    split: str | None = None
    loop: Loop | None = None
    always: _Share = field(init=False)
    optional: list[_Share] = field(default_factory=list)
    inner: list[Unit] = field(default_factory=list)
    _known: dict[int, tuple[Known, Known]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.always = self._share(None)

    def _share(self, condition: Condition | None) -> _Share:
        return _Share(condition, Reads(self.hl7), Reads(self.hl7))

    # -- while compiling ---------------------------------------------------------------------------------------

    def branch(self, branch: Branch) -> None:
        for slot in branch.slots.values():
            for entry in slot.entries.values():
                if isinstance(entry, Branch):
                    self.branch(entry)
                elif isinstance(entry, Loop):
                    self._inside(entry)
                else:
                    for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                        self._leaf(leaf)

    def _inside(self, loop: Loop) -> None:
        steps = loop.rows.steps if loop.rows.absolute else (*self.steps, *loop.rows.steps)
        unit = Unit(self.hl7, steps, loop.split, loop)
        unit.branch(loop.branch)
        self.inner.append(unit)
        if loop.split:
            self.read(self.always, [loop.rows])

    def _leaf(self, leaf: Leaf) -> None:
        if leaf.condition is not None:
            self.asked(self.always, leaf.condition)
        share = self.always
        if leaf.condition is not None and (leaf.sources or leaf.names):
            share = self._share(leaf.condition)
            self.optional.append(share)
        self.read(share, leaf.sources)
        if leaf.names:
            share.row.mentions.add(((), leaf.names))
            share.record.mentions.add(((), leaf.names))

    def asked(self, share: _Share, condition: Condition) -> None:
        self.read(share, condition.reads)
        if condition.names:
            share.row.mentions.add(((), condition.names))
            share.record.mentions.add(((), condition.names))

    def read(self, share: _Share, sources: Iterable[SourceExpression]) -> None:
        for source in sources:
            if source.variable:
                continue
            if any(not isinstance(step, str) for step in source.steps):
                share.exact.append(source)
            else:
                (share.record if source.absolute else share.row).patterns.add(tuple(map(str, source.steps)))

    # -- for one record ----------------------------------------------------------------------------------------

    def visit(self, at: SourcePath, row: Json, taken: Taken) -> None:
        """Note what is read of a row that was taken, and of the rows inside it."""
        if (id(self), at) in taken.seen:
            return
        taken.seen.add((id(self), at))
        held, bits = [], 0
        for number, share in enumerate(self.optional):
            if taken.holds(share.condition, row):
                held.append(share)
                bits |= 1 << number
        if bits not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[bits] = self._joined(held)
        of_row, of_record = self._known[bits]
        taken.rows.setdefault(at, []).append(of_row)
        taken.general.append(of_record)
        for share in (self.always, *held):
            for source in share.exact:
                base, start = (taken.record, ()) if source.absolute else (row, at)
                taken.exact |= {(*start, *path) for path in _places(base, source.steps)}
        for unit in self.inner:
            unit.visit_rows(at, row, taken)

    def visit_rows(self, at: SourcePath, row: Json, taken: Taken) -> None:
        loop = self.loop
        if loop is None:
            return
        base, start = (taken.record, ()) if loop.rows.absolute else (row, at)
        for inner_at, inner in rows_of(loop.rows.steps, loop.split)(base, start):
            if taken.holds(loop.condition, inner):
                self.visit(inner_at, inner, taken)

    def _joined(self, held: list[_Share]) -> tuple[Known, Known]:
        of_row, of_record = Reads(self.hl7), Reads(self.hl7)
        for share in (self.always, *held):
            for whole, part in ((of_row, share.row), (of_record, share.record)):
                whole.patterns |= part.patterns
                whole.mentions |= part.mentions
        return Known.of(of_row), Known.of(of_record)


def _places(base: Json, steps: Steps) -> Iterator[SourcePath]:
    """Where a path with selectors leads in this record, and the cells its selectors compare."""
    if fetch(base, steps) is None:
        return
    yield locate(base, steps)
    for number, step in enumerate(steps):
        if isinstance(step, Where):
            yield (*locate(base, steps[: number + 1]), *step.path)


def unit_of(group: GroupPlan, *, hl7: bool) -> Unit:
    """What a group reads."""
    unit = Unit(hl7, group.rows.steps if group.rows is not None else (), group.split)
    unit.read(unit.always, (*group.identity, *((group.url,) if group.url else ())))
    unit.branch(group.root)
    return unit
