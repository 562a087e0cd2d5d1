"""Every place where a mapping reads a source field: which rule, for which target, and whether it runs backwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from interop.mapping import Mapping as RecordMapping
from interop.mapping.faults import Place
from interop.mapping.paths import SourceExpression, Steps, Where
from interop.mapping.plan import Branch, Condition, GroupPlan, Leaf, Loop, SectionPlan
from interop.mapping.report import Pattern, Reads
from interop.sources import Format

TEXT_ELEMENTS = frozenset({"text", "div", "comment", "description", "data", "display"})
"""Members that hold words for people: a value that reaches only these is carried as text."""


class How(StrEnum):
    """What a field is read for."""

    VALUE = "value"
    SECTION = "section text"
    CONDITION = "condition"
    IDENTITY = "identity"
    KEY = "key"
    SELECTION = "selection"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of one field.

    pattern  the field whatever its row, as ``interop.mapping.report`` writes it
    target   ``Patient.name[official].family``; empty where nothing is written
    one_way  the rule does not run backwards
    """

    pattern: Pattern
    how: How
    group: str = ""
    target: str = ""
    leaf: Leaf | None = None
    place: Place | None = None
    one_way: bool = True

    @property
    def as_text(self) -> bool:
        """The value reaches only words for people."""
        return self.how is How.SECTION or self.target.rpartition(".")[2].partition("[")[0] in TEXT_ELEMENTS


@dataclass(frozen=True)
class Uses:
    """All readings of a mapping. ``mentions``: (row, names) of FHIRPath expressions, which may read deeper."""

    hl7: bool
    uses: tuple[Use, ...]
    mentions: tuple[tuple[Pattern, tuple[str, ...], Use], ...]

    @cached_property
    def by_pattern(self) -> dict[Pattern, list[Use]]:
        found: dict[Pattern, list[Use]] = {}
        for use in self.uses:
            found.setdefault(use.pattern, []).append(use)
        return found

    def of(self, pattern: Pattern) -> list[Use]:
        """The readings of a field: of itself, or of a whole it is part of."""
        lengths = range(1, len(pattern) + 1)
        found = [use for length in lengths for use in self.by_pattern.get(pattern[:length], ())]
        for start, names, use in self.mentions:
            if (
                len(pattern) > len(start)
                and pattern[: len(start)] == start
                and set(pattern[len(start) :]) <= set(names)
            ):
                found.append(use)
        return list(dict.fromkeys(found))


def uses_of(mapping: RecordMapping) -> Uses:
    """Every reading, in the order of the mapping's groups."""
    reader = _Reader(mapping.spec.format is Format.HL7V2)
    found: list[Use] = []
    for table in mapping.spec.tables:
        found.append(Use((table.name, table.key), How.KEY))
    if mapping.spec.key:
        found.append(Use(_renamed(tuple(mapping.spec.key.split(".")), mapping.spec.names), How.KEY))
    if reader.hl7:
        found += [Use(pattern, How.KEY) for pattern in (("segments",), ("MSH", "1"), ("MSH", "2"))]
    for source in mapping.bundle.reads:
        found += reader.read(source, (), How.BUNDLE, target="Bundle")
    plan = mapping.plan
    for group in (*plan.groups.values(), *((plan.composition,) if plan.composition else ())):
        found += reader.group(group)
    for section in plan.sections:
        found += reader.section(section)
    return Uses(reader.hl7, tuple(found), tuple(reader.mentions))


def _renamed(path: tuple[str, ...], names: Mapping[str, Mapping[str, str]]) -> Pattern:
    """A path in the system's own names, in the mapping's (``source: names:``)."""
    found: tuple[str, ...] = ()
    for number, step in enumerate(path):
        ours = {theirs: own for own, theirs in names.get(".".join(found) or ".", {}).items()}
        if (rest := ".".join(path[number:])) in ours:
            return (*found, ours[rest])
        found = (*found, ours.get(step, step))
    return found


class _Reader:
    """Goes through a plan; keeps what expressions mention, as it cannot tell what of it they read."""

    def __init__(self, hl7: bool):
        self.hl7 = hl7
        self.mentions: list[tuple[Pattern, tuple[str, ...], Use]] = []

    def read(
        self, source: SourceExpression, row: Steps, how: How, *, target: str = "", made: Use | None = None
    ) -> Iterator[Use]:
        """The use of the field itself, then of the fields that select its row."""
        model = made or Use((), how, target=target)
        plain = SourceExpression(
            source.text, tuple(0 if isinstance(s, Where) else s for s in source.steps), source.absolute
        )
        values = self.patterns(plain, row)
        for pattern in sorted(values, key=str):
            yield Use(pattern, how, model.group, model.target, model.leaf, model.place, model.one_way)
        for pattern in sorted(self.patterns(source, row) - values, key=str):
            yield Use(pattern, How.SELECTION, model.group, "", None, model.place)

    def patterns(self, source: SourceExpression, row: Steps) -> set[Pattern]:
        reads = Reads(self.hl7)
        reads.add(source, row)
        return reads.patterns

    def group(self, group: GroupPlan) -> Iterator[Use]:
        row: Steps = group.rows.steps if group.rows else ()
        yield from self.condition(group.condition, row, group.name, group.place)
        for source in (*group.identity, *([group.url] if group.url else ())):
            yield from self.read(source, row, How.IDENTITY, made=Use((), How.IDENTITY, group.name, place=group.place))
        if group.split and group.rows:
            yield from self.read(group.rows, (), How.CONDITION, made=Use((), How.CONDITION, group.name))
        yield from self.branch(group.root, row, group)

    def branch(self, branch: Branch, row: Steps, group: GroupPlan, above: str = "") -> Iterator[Use]:
        for slot in branch.slots.values():
            for entry in slot.entries.values():
                if isinstance(entry, Branch):
                    yield from self.branch(entry, row, group, above)
                elif isinstance(entry, Loop):
                    yield from self.loop(entry, row, group, above)
                else:
                    for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                        yield from self.leaf(leaf, row, group, above)

    def loop(self, loop: Loop, row: Steps, group: GroupPlan, above: str) -> Iterator[Use]:
        steps = loop.rows.steps if loop.rows.absolute else (*row, *loop.rows.steps)
        yield from self.condition(loop.condition, steps, group.name, loop.place)
        if loop.split:
            yield from self.read(loop.rows, row, How.CONDITION, made=Use((), How.CONDITION, group.name))
        yield from self.branch(loop.branch, steps, group, f"{above}{loop.path}.")

    def leaf(self, leaf: Leaf, row: Steps, group: GroupPlan, above: str) -> Iterator[Use]:
        target = f"{group.create}.{above}{leaf.path}"
        one_way = not (leaf.reverse and group.reverse and leaf.writer is not None)
        made = Use((), How.VALUE, group.name, target, leaf, leaf.place, one_way)
        for source in leaf.sources:
            yield from self.read(source, row, How.VALUE, made=made)
        yield from self.condition(leaf.condition, row, group.name, leaf.place)
        if leaf.names:
            self.mention(row, leaf.names, made)

    def condition(self, condition: Condition | None, row: Steps, group: str, place: Place) -> Iterator[Use]:
        if condition is None:
            return
        made = Use((), How.CONDITION, group, place=place)
        for source in condition.reads:
            yield from self.read(source, row, How.CONDITION, made=made)
        if condition.names:
            self.mention(row, condition.names, made)

    def mention(self, row: Steps, names: tuple[str, ...], use: Use) -> None:
        start = tuple(step for step in row if isinstance(step, str))
        for begin in dict.fromkeys((start, ())):
            self.mentions.append((begin, names, use))

    def section(self, section: SectionPlan) -> Iterator[Use]:
        made = Use((), How.SECTION, "composition", f"Composition.section[{section.title}].text", None, section.place)
        one_way = len(section.text) != 1
        for source in section.text:
            yield from self.read(source, (), How.SECTION, made=_with_way(made, one_way))
        for condition in (section.condition, *(empty.condition for empty in section.when_empty)):
            yield from self.condition(condition, (), "composition", section.place)
        yield from self.sections(section.sections)

    def sections(self, sections: Iterable[SectionPlan]) -> Iterator[Use]:
        for section in sections:
            yield from self.section(section)


def _with_way(use: Use, one_way: bool) -> Use:
    return Use(use.pattern, use.how, use.group, use.target, use.leaf, use.place, one_way)
