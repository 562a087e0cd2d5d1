"""Is there anything, are all, how many (FHIRPath N1 section 5.1)."""

from __future__ import annotations

from interop.fhirpath.code import INTEGER, Code, boolean
from interop.fhirpath.equality import distinct, key
from interop.fhirpath.functions.invocation import Family, Invocation, in_family
from interop.fhirpath.functions.looping import holds_for
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.runtime import Environment, run_error, singleton

FUNCTIONS: Family = {}


@in_family(FUNCTIONS, "empty")
def empty(call: Invocation) -> Code:
    call.wants(0)
    of = call.focus(nodes=False).run
    return boolean(lambda this, env: not of(this, env))


@in_family(FUNCTIONS, "exists")
def exists(call: Invocation) -> Code:
    call.wants(0, 1)
    if not call.arguments:
        of = call.focus(nodes=False).run
        return boolean(lambda this, env: bool(of(this, env)))
    focus, loop = call.looped(0)
    of, holds = focus.run, holds_for(loop)
    return boolean(lambda this, env: any(True for _ in holds(of(this, env), env)))


@in_family(FUNCTIONS, "all")
def all_(call: Invocation) -> Code:
    call.wants(1)
    focus, loop = call.looped(0)
    of, holds = focus.run, loop.truth
    if loop.wants_index:
        chosen = holds_for(loop)

        def counted(this: Item, env: Environment) -> bool:
            items = of(this, env)
            return len(list(chosen(items, env))) == len(items)

        return boolean(counted)

    def answer(this: Item, env: Environment) -> bool:
        return all(holds(item, env) for item in of(this, env))

    return boolean(answer)


@in_family(FUNCTIONS, "count")
def count(call: Invocation) -> Code:
    call.wants(0)
    of = call.focus(nodes=False).run
    return Code(lambda this, env: [len(of(this, env))], INTEGER, many=False)


@in_family(FUNCTIONS, "not")
def not_(call: Invocation) -> Code:
    """Inverts a condition. A single item that is no boolean counts as true."""
    call.wants(0)
    focus = call.focus(nodes=False)
    holds = call.compiler.truth_of(focus)

    def answer(this: Item, env: Environment) -> bool | None:
        found = holds(this, env)
        return None if found is None else not found

    return boolean(answer)


def _booleans(call: Invocation, wanted: bool, enough: bool) -> Code:
    """``enough``: one item that is ``wanted`` decides; otherwise all must be."""
    call.wants(0)
    of, name = call.focus(nodes=False).run, call.call.name

    def answer(this: Item, env: Environment) -> bool:
        found = [raw(item) for item in of(this, env)]
        if any(item is not True and item is not False for item in found):
            raise run_error(f"{name}() needs booleans", "expression-argument")
        return any(item is wanted for item in found) if enough else all(item is wanted for item in found)

    return boolean(answer)


@in_family(FUNCTIONS, "allTrue")
def all_true(call: Invocation) -> Code:
    return _booleans(call, wanted=True, enough=False)


@in_family(FUNCTIONS, "anyTrue")
def any_true(call: Invocation) -> Code:
    return _booleans(call, wanted=True, enough=True)


@in_family(FUNCTIONS, "allFalse")
def all_false(call: Invocation) -> Code:
    return _booleans(call, wanted=False, enough=False)


@in_family(FUNCTIONS, "anyFalse")
def any_false(call: Invocation) -> Code:
    return _booleans(call, wanted=False, enough=True)


@in_family(FUNCTIONS, "isDistinct")
def is_distinct(call: Invocation) -> Code:
    call.wants(0)
    of = call.focus(nodes=False).run

    def answer(this: Item, env: Environment) -> bool:
        items = of(this, env)
        return len(items) < 2 or len(distinct(items)) == len(items)

    return boolean(answer)


@in_family(FUNCTIONS, "subsetOf")
def subset_of(call: Invocation) -> Code:
    call.wants(1)
    of, other = call.focus(nodes=False).run, call.argument(0).run
    return boolean(lambda this, env: _within(of(this, env), other(this, env)))


@in_family(FUNCTIONS, "supersetOf")
def superset_of(call: Invocation) -> Code:
    call.wants(1)
    of, other = call.focus(nodes=False).run, call.argument(0).run
    return boolean(lambda this, env: _within(other(this, env), of(this, env)))


def _within(part: Items, whole: Items) -> bool:
    return {key(item) for item in part} <= {key(item) for item in whole}


@in_family(FUNCTIONS, "hasValue")
def has_value(call: Invocation) -> Code:
    """Whether the focus is one primitive that has a value, not only extensions (FHIR R4 fhirpath.html)."""
    call.wants(0)
    of = call.focus(nodes=False).run

    def answer(this: Item, env: Environment) -> bool:
        items = of(this, env)
        if len(items) != 1:
            return False
        value = raw(items[0])
        return value is not None and value.__class__ is not dict

    return boolean(answer)


@in_family(FUNCTIONS, "single")
def single(call: Invocation) -> Code:
    """The one item. Raises ExpressionError when there are several."""
    call.wants(0)
    focus = call.focus()
    of = focus.run

    def run(this: Item, env: Environment) -> Items:
        item = singleton(of(this, env))
        return [] if item is None else [item]

    return Code(run, focus.types, many=False)
