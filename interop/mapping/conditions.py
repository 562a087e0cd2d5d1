"""``when``: a table of values, which also runs backwards, or a FHIRPath expression over the row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from interop.errors import ExpressionError
from interop.fhirpath import Expression
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.mapping.faults import Faults
from interop.mapping.paths import SourceExpression, fetch
from interop.mapping.plan import Condition, Kept
from interop.mapping.shape import Row, Shape
from interop.mapping.yaml_tree import Item


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a condition table. ``wanted`` None: only presence matters. ``negate``: none of them."""

    source: SourceExpression
    wanted: frozenset[str] | None
    first: Json
    negate: bool = False

    def holds(self, row: Json, record: Json) -> bool:
        node = record if self.source.absolute else row
        found = folded(spell(fetch(node, self.source.steps)))
        met = found != "" if self.wanted is None else found in self.wanted
        return met != self.negate


@dataclass(frozen=True, slots=True)
class ConditionTable:
    """All lines must hold."""

    lines: tuple[Line, ...]

    def holds(self, row: Json, record: Json, kept: Kept) -> bool:
        return all(line.holds(row, record) for line in self.lines)

    def undo(self) -> tuple[tuple[SourceExpression, Json], ...]:
        # One of several values is not known to be the one.
        return tuple(
            (line.source, line.first)
            for line in self.lines
            if line.wanted and len(line.wanted) == 1 and not line.negate
        )

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

    def holds(self, row: Json, record: Json, kept: Kept) -> bool:
        env = {"record": presented(record, kept)} if "record" in self.names else None
        return self.expression.truth(presented(row, kept), env=env) is True

    def undo(self) -> tuple[tuple[SourceExpression, Json], ...]:
        return ()

    @property
    def reads(self) -> tuple[SourceExpression, ...]:
        return ()


def spell(value: Json) -> str:
    """A source scalar as condition tables compare it; nothing for lists and objects."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal) else ""


def folded(text: str) -> str:
    """Text as condition tables and code tables compare it: without case and extra spaces."""
    return " ".join(text.split()).casefold()


def presented(node: Json, kept: Kept) -> Json:
    """``present``, done once a record for each node that expressions start from."""
    found = kept.get(id(node))
    if found is None:
        found = kept[id(node)] = (node, present(node))  # the node is held, so its id stays its own
    return found[1]


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
    return ExpressionCondition(expression, names_in(item.value))


def _line(path: str, item: Item, table: Item, shape: Shape, row: Row) -> Line | None:
    source = shape.path(path, table.keys[path], row)
    if source is None:
        return None
    if item.value in ("absent", "present"):
        return Line(source, None, "", negate=item.value == "absent")
    negate = isinstance(item.value, dict) and set(item.members()) == {"not"}
    listed = item.members()["not"] if negate else item
    if any(isinstance(child.value, dict | list) or child.value is None for child in listed.items()):
        shape.faults.add(item.place, "a condition wants a value, a list of values, absent, present or {not: …}")
        return None
    values = [spell(child.value) for child in listed.items()]
    return Line(source, frozenset(map(folded, values)), next(iter(listed.items())).value, negate)


def names_in(expression: str) -> tuple[str, ...]:
    """Every name an expression mentions, back-ticked or plain, in its order: what it may read."""
    found = re.findall(r"`([^`]+)`|'(?:[^'\\]|\\.)*'|([A-Za-z_]\w*)", expression)
    return tuple(dict.fromkeys(ticked or plain for ticked, plain in found if ticked or plain))
