"""A compiled piece of an expression and what is known of its result before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from interop.fhirpath.node import QUANTITIES, TEMPORALS, Item, Items
from interop.fhirpath.runtime import Environment, Run, Truth

Types: TypeAlias = frozenset[str] | None
"""The types a result can have, ``System.`` ones with that prefix; None where nobody knows."""

BOOLEAN: Types = frozenset({"System.Boolean"})
STRING: Types = frozenset({"System.String"})
INTEGER: Types = frozenset({"System.Integer"})
NUMBER: Types = frozenset({"System.Integer", "System.Decimal"})
TRUE: Items = [True]
FALSE: Items = [False]
NONE: Items = []

_NEEDS_READING = QUANTITIES | TEMPORALS


@dataclass(slots=True)
class Code:
    """``run(this, env)`` gives the result.

    types    what its items can be
    many     it can have more than one item
    ordered  its order means something (children() and descendants() have none)
    truth    the same result as True, False or None, where that is cheaper
    """

    run: Run
    types: Types = None
    many: bool = True
    ordered: bool = True
    truth: Truth | None = None

    @property
    def plain(self) -> bool:
        """Its JSON values can be compared as they are: no dates, times or FHIR quantities among them."""
        return self.types is not None and all(t not in _NEEDS_READING and t not in _UNREAD for t in self.types)


# Declared types that say nothing of what stands there.
_UNREAD = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})


@dataclass(slots=True)
class Scope:
    """What ``$this`` is while a piece is compiled.

    this         its possible types
    collection   ``$this`` is a list of items, not one item
    wants_nodes  set while compiling: something needs ``$this`` as a Node
    wants_index  set while compiling: something uses ``$index``
    inner        inside a loop, so that constant parts are worth remembering
    names        variables defined so far with defineVariable, each with what stands for it in the environment
    """

    this: Types = None
    collection: bool = False
    inner: bool = False
    wants_nodes: bool = False
    wants_index: bool = False
    names: dict[str, object] = field(default_factory=dict)


def boolean(truth: Truth) -> Code:
    """A piece whose result is one boolean, or nothing."""

    def run(this: Item, env: Environment) -> Items:
        answer = truth(this, env)
        return NONE if answer is None else TRUE if answer else FALSE

    return Code(run, BOOLEAN, many=False, truth=truth)
