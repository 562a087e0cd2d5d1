"""Putting collections together and taking them apart (FHIRPath N1 section 5.4)."""

from __future__ import annotations

from collections.abc import Callable

from interop.fhirpath.code import Code
from interop.fhirpath.equality import distinct, key
from interop.fhirpath.functions.invocation import Family, Invocation, in_family
from interop.fhirpath.node import Items
from interop.fhirpath.operators import union

FUNCTIONS: Family = {}


@in_family(FUNCTIONS, "distinct")
def distinct_(call: Invocation) -> Code:
    call.wants(0)
    focus = call.focus()
    of = focus.run
    return Code(lambda this, env: distinct(of(this, env)), focus.types, focus.many, focus.ordered)


@in_family(FUNCTIONS, "union")
def union_(call: Invocation) -> Code:
    call.wants(1)
    return union(call.focus(), call.argument(0, call.nodes))


def _with_other(join: Callable[[Items, Items], Items], adds: bool) -> Callable[[Invocation], Code]:
    """``adds``: items of the argument can be in the result."""

    def build(call: Invocation) -> Code:
        call.wants(1)
        focus, other = call.focus(), call.argument(0, call.nodes)
        ours, theirs, kinds = focus.run, other.run, focus.types
        if adds:
            kinds = None if kinds is None or other.types is None else kinds | other.types
        return Code(lambda this, env: join(ours(this, env), theirs(this, env)), kinds)

    return build


def _intersection(left: Items, right: Items) -> Items:
    others = {key(item) for item in right}
    return [item for item in distinct(left) if key(item) in others]


def _difference(left: Items, right: Items) -> Items:
    others = {key(item) for item in right}
    return [item for item in left if key(item) not in others]


FUNCTIONS["combine"] = _with_other(lambda left, right: [*left, *right], adds=True)
FUNCTIONS["intersect"] = _with_other(_intersection, adds=False)
FUNCTIONS["exclude"] = _with_other(_difference, adds=False)
