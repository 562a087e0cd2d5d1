"""``when``: a table of values, which also runs backwards, or a FHIRPath expression over the row."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from interop.errors import ExpressionError
from interop.fhirpath import Expression
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.mapping import cell_expressions
from interop.mapping.cell_expressions import CellExpression, NotPlainError
from interop.mapping.faults import Faults
from interop.mapping.mentioned import check_names
from interop.mapping.paths import SourceExpression, fetcher
from interop.mapping.plan import Condition, Kept
from interop.mapping.shape import Row, Shape
from interop.mapping.transform import spell
from interop.mapping.yaml_tree import Item

Test: TypeAlias = Callable[[Json, Json], bool]
"""(row, record) -> whether a line holds."""

_REMEMBERED = 256
"""Cells a line keeps its answer for: most records use few words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a condition table. ``wanted`` None: only presence matters. ``negate``: none of them.

    otherwise  running backwards, what the field is where the rule has nothing to say
    """

    source: SourceExpression
    wanted: frozenset[str] | None
    first: Json
    negate: bool = False
    otherwise: Json = None
    test: Test = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "test", _test(self))


def _test(line: Line) -> Test:
    fetch, absolute, negate, wanted = fetcher(line.source.steps), line.source.absolute, line.negate, line.wanted
    known: dict[str, bool] = {}

    def presence(row: Json, record: Json) -> bool:
        return (spell(fetch(record if absolute else row)) != "") != negate

    def values(row: Json, record: Json) -> bool:
        raw = fetch(record if absolute else row)
        if raw.__class__ is not str:
            return (raw is not None and folded(spell(raw)) in (wanted or ())) != negate
        met = known.get(raw)
        if met is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            met = known[raw] = (folded(raw) in (wanted or ())) != negate
        return met

    return presence if wanted is None else values


@dataclass(frozen=True, slots=True)
class ConditionTable:
    """All lines must hold."""

    lines: tuple[Line, ...]

    def holds(self, row: Json, record: Json, kept: Kept) -> bool:
        for line in self.lines:  # noqa: SIM110  # a generator costs more than the lines
            if not line.test(row, record):
                return False
        return True

    def undo(self) -> tuple[tuple[SourceExpression, Json], ...]:
        # One of several values is not known to be the one.
        return tuple(
            (line.source, line.first)
            for line in self.lines
            if line.wanted and len(line.wanted) == 1 and not line.negate
        )

    def otherwise(self) -> tuple[tuple[SourceExpression, Json], ...]:
        return tuple((line.source, line.otherwise) for line in self.lines if line.otherwise is not None)

    @property
    def reads(self) -> tuple[SourceExpression, ...]:
        return tuple(line.source for line in self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class ExpressionCondition:
    """FHIRPath over the row; an empty cell is absent. ``%record`` is the whole record, ``names`` what it mentions."""

    expression: Expression
    names: tuple[str, ...]
    wanted: frozenset[str] | None
    cells: CellExpression | None = None

    def holds(self, row: Json, record: Json, kept: Kept) -> bool:
        if self.cells is not None:
            with suppress(NotPlainError):
                return self.cells.value(row) is True
        wanted = self.wanted
        env = {"record": presented(record, kept, wanted)} if "record" in self.names else None
        try:
            return self.expression.truth(presented(row, kept, wanted), env=env) is True
        except ExpressionError as error:
            kept.failed.append((self.names, row, str(error)))
            return False

    def undo(self) -> tuple[tuple[SourceExpression, Json], ...]:
        return ()

    def otherwise(self) -> tuple[tuple[SourceExpression, Json], ...]:
        return ()

    @property
    def reads(self) -> tuple[SourceExpression, ...]:
        return ()


def folded(text: str) -> str:
    """Text as condition tables and code tables compare it: without case and extra spaces."""
    return " ".join(text.split()).casefold()


def presented(node: Json, kept: Kept, wanted: frozenset[str] | None) -> Json:
    """``present``, done once a record for each node that expressions start from; of its members those ``wanted``."""
    key = (id(node), wanted)
    found = kept.get(key)
    if found is None:
        part = node
        if wanted is not None and isinstance(node, dict):
            part = {name: node[name] for name in wanted if name in node}
        found = kept[key] = (node, present(part))  # the node is held, so its id stays its own
    return found[1]


def wanted_by(names: tuple[str, ...]) -> frozenset[str] | None:
    """Which members of its focus an expression can look at; None: any of them."""
    return None if _EVERY_MEMBER & set(names) else frozenset(names)


_EVERY_MEMBER = frozenset({"this", "children", "descendants", "context", "resource", "rootResource"})
"""Names in expressions that reach members without naming them."""


def present(node: Json) -> Json:
    """The node without empty members, so that an empty cell does not ``exists()``. Lists keep their length."""
    if isinstance(node, dict):
        cleaned = ((key, present(value)) for key, value in node.items())
        return {key: value for key, value in cleaned if value is not None and value != {} and value != []}
    if isinstance(node, list):
        return [value for item in node if (value := present(item)) is not None]
    if isinstance(node, str):
        return node.strip() or None
    return node


def read_condition(item: Item | None, shape: Shape, row: Row, faults: Faults) -> Condition | None:
    """The compiled ``when``; None when there is none, or it is faulty (told)."""
    if item is None:
        return None
    if isinstance(item.value, dict):
        lines = (_line(key, child, item, shape, row) for key, child in item.members().items())
        return ConditionTable(tuple(line for line in lines if line is not None))
    if not isinstance(item.value, str):
        faults.add(item.place, f"when is {item.kind()}, wanted a FHIRPath expression or a table of path: value")
        return None
    try:
        expression = compile_expression(item.value)
    except ExpressionError as error:
        faults.add(item.place, f"when: {error}", "a column name with spaces goes in back-ticks")
        return None
    check_names(item.value, shape.spec, row.table, item.place, faults)
    names = names_in(item.value)
    cells = cell_expressions.of(item.value)
    return ExpressionCondition(
        expression, names, wanted_by(names), cells if cells is not None and cells.truth is not None else None
    )


def _line(path: str, item: Item, table: Item, shape: Shape, row: Row) -> Line | None:
    source = shape.path(path, table.keys[path], row)
    if source is None:
        return None
    if item.value in ("absent", "present"):
        return Line(source, None, "", negate=item.value == "absent")
    members = item.members()
    negate = set(members) == {"not"}
    listed = members["not"] if negate else members["is"] if set(members) in ({"is"}, {"is", "else"}) else item
    if not listed.items():
        shape.faults.add(item.place, "an empty list: no value can be one of none")
        return None
    if any(isinstance(child.value, dict | list) or child.value is None for child in listed.items()):
        shape.faults.add(
            item.place, "a condition wants a value, a list of values, absent, present, {not: …} or {is: …, else: …}"
        )
        return None
    values = [spell(child.value) for child in listed.items()]
    otherwise = members["else"].plain if "else" in members else None
    if otherwise is not None and folded(spell(otherwise)) in map(folded, values):
        shape.faults.add(item.place, f"`else` is {otherwise!r}, for which the condition holds")
    return Line(source, frozenset(map(folded, values)), next(iter(listed.items())).value, negate, otherwise)


def names_in(expression: str) -> tuple[str, ...]:
    """Every name an expression mentions, back-ticked or plain, in its order: what it may read."""
    found = re.findall(r"`([^`]+)`|'(?:[^'\\]|\\.)*'|([A-Za-z_]\w*)", expression)
    return tuple(dict.fromkeys(ticked or plain for ticked, plain in found if ticked or plain))
