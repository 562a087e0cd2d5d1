"""Tables and columns that FHIRPath expressions name and the source does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from interop.errors import ExpressionError
from interop.fhirpath.parser import parse
from interop.fhirpath.syntax import Binary, Call, Indexer, Member, Special, Syntax, TypeTest, Unary, Variable
from interop.mapping.faults import Faults, Place
from interop.sources import SourceSpec, TableSpec

RECORD = "record"
_SAME_ITEMS = frozenset({"where", "first", "last", "tail", "skip", "take", "distinct", "single"})
_ON_EACH = frozenset({"where", "select", "all", "exists", "iif"})

Scope: TypeAlias = TableSpec | str | None
"""What names are looked up in: a table's columns, the record's tables, or nobody knows what."""


def check_names(expression: str, spec: SourceSpec | None, table: str | None, place: Place, faults: Faults) -> None:
    """Faults for names that cannot be there. ``table``: of the row the expression starts at; None: the record.

    Only sources that declare their tables are checked, and of their columns only those that declare all of them.
    """
    if spec is None or not spec.tables or spec.names:
        return
    by_name = {one.name: one for one in spec.tables}
    try:
        tree = parse(expression)
    except ExpressionError:
        return  # told by whoever compiles it
    search = _Search(by_name, place, faults)
    search.scope(tree, RECORD if table is None else by_name.get(table))


class _Search:
    def __init__(self, tables: dict[str, TableSpec], place: Place, faults: Faults):
        self.tables, self.place, self.faults = tables, place, faults

    def scope(self, tree: Syntax, here: Scope) -> Scope:
        """Check a part, and say in what its members would be looked up."""
        if isinstance(tree, Member):
            return self._member(tree.name, self.scope(tree.target, here) if tree.target is not None else here)
        if isinstance(tree, Call):
            return self._call(tree, here)
        if isinstance(tree, Indexer):
            self.scope(tree.index, here)
            return self.scope(tree.target, here)
        if isinstance(tree, Variable):
            return RECORD if tree.name == "record" else None
        if isinstance(tree, Special):
            return here if tree.name == "this" else None
        for part in _parts(tree):
            self.scope(part, here)
        return None

    def _call(self, tree: Call, here: Scope) -> Scope:
        items = self.scope(tree.target, here) if tree.target is not None else here
        for argument in tree.arguments:
            self.scope(argument, items if tree.name in _ON_EACH else here)
        return items if tree.name in _SAME_ITEMS else None

    def _member(self, name: str, scope: Scope) -> Scope:
        if scope == RECORD:
            if name not in self.tables:
                self.faults.unknown(self.place, "the source has no table", name, self.tables)
            return self.tables.get(name)
        if isinstance(scope, TableSpec) and scope.columns and scope.format != "json" and name not in scope.columns:
            self.faults.unknown(self.place, f"table {scope.name!r} has no column", name, scope.columns)
        return None


def _parts(tree: Syntax) -> Iterator[Syntax]:
    if isinstance(tree, Binary):
        yield from (tree.left, tree.right)
    elif isinstance(tree, Unary | TypeTest):
        yield tree.operand
