"""Rules that can never fire: conditions that contradict each other, cells empty by condition, cases behind cases."""

from __future__ import annotations

from dataclasses import dataclass

from interop.mapping.conditions import ConditionTable, ExpressionCondition, Line
from interop.mapping.faults import Faults, Place
from interop.mapping.paths import SourceExpression, Steps
from interop.mapping.plan import Branch, Choice, Condition, GroupPlan, Leaf, Loop

Cell = tuple[Steps, Steps]
"""A field whatever the rule that looks at it: (steps to its row's list, steps in the row)."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What conditions around a rule say of cells."""

    lines: tuple[tuple[Cell, Line], ...] = ()

    def with_table(self, condition: Condition | None, row: Steps) -> _Said:
        if not isinstance(condition, ConditionTable):
            return self
        return _Said((*self.lines, *((_cell(line.source, row), line) for line in condition.lines)))

    def contradiction(self) -> tuple[Line, Line] | None:
        """Two lines that cannot both hold."""
        for number, (cell, line) in enumerate(self.lines):
            for other_cell, other in self.lines[:number]:
                if cell == other_cell and _exclude(other, line):
                    return other, line
        return None

    def absent(self, cell: Cell) -> bool:
        return any(here == cell and line.wanted is None and line.negate for here, line in self.lines)


def _cell(source: SourceExpression, row: Steps) -> Cell:
    return ((), source.steps) if source.absolute else (row, source.steps)


def _exclude(one: Line, other: Line) -> bool:
    if one.wanted is not None and other.wanted is not None:
        if one.negate == other.negate:
            return not one.negate and not one.wanted & other.wanted
        chosen, barred = (other, one) if one.negate else (one, other)
        return bool(chosen.wanted) and (chosen.wanted or frozenset()) <= (barred.wanted or frozenset())
    if one.wanted is None and other.wanted is None:
        return one.negate != other.negate
    presence, values = (one, other) if one.wanted is None else (other, one)
    return presence.negate and not values.negate


def check_firing(group: GroupPlan, faults: Faults) -> None:
    """Faults for the group's rules that no record can make fire."""
    row = group.rows.steps if group.rows is not None else ()
    if _is_no(group.condition):
        faults.add(group.place, "it can never fire: its condition is never true")
    said = _Said().with_table(group.condition, row)
    _check(said, group.place, faults)
    _branch(group.root, said, row, faults)


def _check(said: _Said, place: Place, faults: Faults) -> bool:
    found = said.contradiction()
    if found is not None:
        one, other = found
        text = f"it can never fire: {_worded(one)} and {_worded(other)} cannot both hold"
        faults.add(place, text, "the `when` of its group or list holds for it too")
    return found is not None


def _is_no(condition: Condition | None) -> bool:
    return isinstance(condition, ExpressionCondition) and condition.expression.text.strip() in ("false", "{}")


def _worded(line: Line) -> str:
    if line.wanted is None:
        return f"{line.source.text} {'absent' if line.negate else 'present'}"
    values = ", ".join(sorted(line.wanted))
    return f"{line.source.text} {'none of' if line.negate else 'is'} {values}"


def _branch(branch: Branch, said: _Said, row: Steps, faults: Faults) -> None:
    for slot in branch.slots.values():
        for entry in slot.entries.values():
            if isinstance(entry, Branch):
                _branch(entry, said, row, faults)
            elif isinstance(entry, Loop):
                steps = entry.rows.steps if entry.rows.absolute else (*row, *entry.rows.steps)
                inner = said.with_table(entry.condition, steps)
                if not _check(inner, entry.place, faults):
                    _branch(entry.branch, inner, steps, faults)
            elif isinstance(entry, Choice):
                _choice(entry, said, row, faults)
            else:
                _leaf(entry, said, row, faults)


def _leaf(leaf: Leaf, said: _Said, row: Steps, faults: Faults) -> None:
    here = said.with_table(leaf.condition, row)
    if _is_no(leaf.condition):
        faults.add(leaf.place, "it can never fire: its condition is never true")
    if leaf.condition is not None and _check(here, leaf.place, faults):
        return
    silent = leaf.kind == "source" and leaf.default is None
    if silent and all(here.absent(_cell(source, row)) for source in leaf.sources):
        cells = ", ".join(source.text for source in leaf.sources)
        faults.add(leaf.place, f"it can never give a value: its own condition says that {cells} is absent")


def _choice(choice: Choice, said: _Said, row: Steps, faults: Faults) -> None:
    earlier: list[Leaf] = []
    for leaf in choice.leaves:
        _leaf(leaf, said, row, faults)
        before = next((one for one in earlier if _covers(one.condition, leaf.condition)), None)
        if before is not None:
            faults.add(leaf.place, f"it can never fire: whenever it holds, the rule of {before.place} holds before it")
        if leaf.kind == "constant":
            earlier.append(leaf)


def _covers(one: Condition | None, other: Condition | None) -> bool:
    """Whether the first holds wherever the second does."""
    if not isinstance(one, ConditionTable) or not isinstance(other, ConditionTable):
        return False
    return all(any(_within(line, wider) for line in other.lines) for wider in one.lines)


def _within(line: Line, wider: Line) -> bool:
    if (line.source.absolute, line.source.steps) != (wider.source.absolute, wider.source.steps):
        return False
    if wider.wanted is None:
        return line.negate == wider.negate if line.wanted is None else not wider.negate and not line.negate
    if line.wanted is None:
        return False
    if line.negate != wider.negate:
        return wider.negate and not line.wanted & wider.wanted
    return line.wanted >= wider.wanted if line.negate else line.wanted <= wider.wanted
