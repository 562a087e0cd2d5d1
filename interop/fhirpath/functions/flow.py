"""Choosing, adding up, remembering: iif, aggregate, defineVariable, trace, now (FHIRPath N1 sections 5.5, 5.9, 7)."""

from __future__ import annotations

from datetime import datetime

from interop.errors import ExpressionError
from interop.fhirpath.code import Code, Scope, Types
from interop.fhirpath.functions.invocation import Family, Invocation, in_family
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.runtime import Environment, run_error, singleton
from interop.fhirpath.syntax import Literal
from interop.fhirpath.temporal import Date, DateTime, Time, moment
from interop.fhirpath.variables import FIXED, SURROUNDINGS

FUNCTIONS: Family = {}
_DATETIME: Types = frozenset({"System.DateTime"})


@in_family(FUNCTIONS, "iif")
def iif(call: Invocation) -> Code:
    """The second argument where the first is true, else the third; only the one chosen is evaluated."""
    call.wants(2, 3)
    focus = call.focus()
    kinds = focus.types if call.call.target is not None else call.scope.this
    inner = Scope(kinds, inner=call.scope.inner, names=call.scope.names)
    parts = [call.compiler.code(tree, inner, call.nodes and index > 0) for index, tree in enumerate(call.arguments)]
    nothing = _on_nothing(call, kinds) if call.call.target is not None else parts
    if inner.wants_nodes:
        focus = call.focus(nodes=True)
    if inner.wants_index:
        call.scope.wants_index = True
    of = focus.run

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        item, ways = (singleton(items), parts) if items else (items, nothing)
        answer = raw(singleton(ways[0].run(item, env)))
        if answer is not None and answer is not True and answer is not False:
            raise run_error(
                f"the condition of iif() is a boolean, found {type(answer).__name__}", "expression-argument"
            )
        if answer:
            return ways[1].run(item, env)
        return ways[2].run(item, env) if len(ways) > 2 else []

    results = [part.types for part in parts[1:]]
    known = None if None in results else frozenset().union(*(kind for kind in results if kind is not None))
    return Code(run, known, any(part.many for part in parts[1:]))


def _on_nothing(call: Invocation, kinds: Types) -> list[Code]:
    """The arguments where the focus is empty, so that ``$this`` is too: ``{}.iif(empty(), 1, 2)`` is 1."""
    bare = Scope(kinds, collection=True, names=call.scope.names)
    return [call.compiler.code(tree, bare, call.nodes and index > 0) for index, tree in enumerate(call.arguments)]


@in_family(FUNCTIONS, "aggregate")
def aggregate(call: Invocation) -> Code:
    """Runs the first argument for each item; ``$total`` is what the last run gave, at first the second argument."""
    call.wants(1, 2)
    focus, loop = call.looped(0, nodes=call.nodes)
    start = call.argument(1, call.nodes).run if len(call.arguments) > 1 else None
    of, each = focus.run, loop.code.run

    def run(this: Item, env: Environment) -> Items:
        before = env.total, env.index
        total = start(this, env) if start is not None else []
        for index, item in enumerate(of(this, env)):
            env.total, env.index = total, index
            total = each(item, env)
        env.total, env.index = before
        return total

    return Code(run)


@in_family(FUNCTIONS, "trace")
def trace(call: Invocation) -> Code:
    """The focus unchanged; what it (or the second argument) holds is kept in the environment's traces."""
    call.wants(1, 2)
    focus, name = call.focus(), call.argument(0).run
    shown = call.loop(1, focus.types).code.run if len(call.arguments) > 1 else None
    of = focus.run

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        seen = items if shown is None else [result for item in items for result in shown(item, env)]
        env.traces.append((str(raw(singleton(name(this, env)))), seen))
        return items

    return Code(run, focus.types, focus.many, focus.ordered)


@in_family(FUNCTIONS, "defineVariable")
def define_variable(call: Invocation) -> Code:
    """The focus unchanged; ``%name`` is then the second argument's result, or the focus itself."""
    call.wants(1, 2)
    tree = call.arguments[0]
    if not isinstance(tree, Literal) or not isinstance(tree.value, str):
        raise ExpressionError("defineVariable() wants a name in quotes", code="expression-variable")
    name = tree.value
    focus = call.focus(nodes=True)
    mark = call.compiler.mark(call.call, nodes=True)
    if name in FIXED or name in SURROUNDINGS or call.scope.names.get(name, mark) is not mark:
        raise ExpressionError(f"%{name} is already defined", code="expression-variable", hint="use another name")
    inner = Scope(focus.types, collection=True, names=call.scope.names)
    value = call.compiler.code(call.arguments[1], inner, nodes=True).run if len(call.arguments) > 1 else None
    call.scope.names = {**call.scope.names, name: mark}
    of = focus.run

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        env.memo[mark] = items if value is None else value(items, env)
        return items

    return Code(run, focus.types, focus.many, focus.ordered)


def _local(now: datetime) -> DateTime:
    return moment(now)


@in_family(FUNCTIONS, "now")
def now(call: Invocation) -> Code:
    call.wants(0)
    return Code(lambda this, env: [_local(env.clock())], _DATETIME, many=False)


@in_family(FUNCTIONS, "today")
def today(call: Invocation) -> Code:
    call.wants(0)
    return Code(lambda this, env: [Date(_local(env.clock()).parts[:3])], frozenset({"System.Date"}), many=False)


@in_family(FUNCTIONS, "timeOfDay")
def time_of_day(call: Invocation) -> Code:
    call.wants(0)
    return Code(lambda this, env: [Time(_local(env.clock()).parts[3:])], frozenset({"System.Time"}), many=False)
