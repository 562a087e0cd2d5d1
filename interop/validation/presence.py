"""Invariants that only ask which members are there: ``code.empty() or system.exists()`` in plain Python.

Half of R4's invariants are of this form. What is not exactly of this form is left to FHIRPath.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_TERM = re.compile(r"\(?([a-z][A-Za-z]*)\.(exists|empty)\(\)\)?")
_OPERATORS: dict[str, Callable[[list[bool]], bool]] = {
    " or ": any,
    " and ": all,
    " xor ": lambda said: said[0] is not said[1],
    " != ": lambda said: said[0] is not said[1],
    " = ": lambda said: said[0] is said[1],
    " implies ": lambda said: not said[0] or said[1],
}


def presence_predicate(expression: str) -> Callable[[Item, Scope], bool] | None:
    """The predicate of an expression that joins ``x.exists()`` and ``x.empty()`` by one operator; else None."""
    used = [operator for operator in _OPERATORS if operator in expression]
    if len(used) > 1:
        return None
    operator = used[0] if used else " or "
    pieces = expression.strip().split(operator)
    if len(pieces) > 2 and operator not in (" or ", " and "):
        return None
    matches = [_TERM.fullmatch(piece) for piece in pieces]
    terms = tuple((m[1], m[2] == "exists") for m in matches if m is not None and m[0].count("(") == m[0].count(")"))
    return _predicate(terms, _OPERATORS[operator]) if len(terms) == len(pieces) else None


def _predicate(
    terms: tuple[tuple[str, bool], ...], join: Callable[[list[bool]], bool]
) -> Callable[[Item, Scope], bool]:
    names: dict[str, list[tuple[frozenset[str], bool]]] = {}

    def holds(item: Item, scope: Scope) -> bool:
        known = names.get(item.type)
        if known is None:
            known = names[item.type] = [(_names(item.type, element, scope), wanted) for element, wanted in terms]
        members = item.members
        return join([present.isdisjoint(members) is not wanted for present, wanted in known])

    return holds


def _names(key: str, element: str, scope: Scope) -> frozenset[str]:
    schemas = scope.run.schemas
    found = schemas.names(key, element) or schemas.names(key, f"{element}[x]")
    return frozenset(name for n in found for name in (n.json, n.companion) if name is not None)
