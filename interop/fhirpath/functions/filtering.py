"""Choosing items by a condition or by their place (FHIRPath N1 sections 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key

from interop.fhirpath.arithmetic import is_number
from interop.fhirpath.code import Code
from interop.fhirpath.equality import key
from interop.fhirpath.functions.invocation import Family, Invocation, in_family, integer_of
from interop.fhirpath.functions.looping import holds_for, results_for
from interop.fhirpath.node import Item, Items, raw, system_value
from interop.fhirpath.ordering import order
from interop.fhirpath.runtime import Environment, Run, run_error, singleton
from interop.fhirpath.syntax import Unary

FUNCTIONS: Family = {}
_MOST_REPEATS = 1_000_000


@in_family(FUNCTIONS, "where")
def where(call: Invocation) -> Code:
    call.wants(1)
    focus, loop = call.looped(0)
    of, chosen, holds = focus.run, holds_for(loop), loop.truth
    if loop.wants_index:
        return Code(lambda this, env: list(chosen(of(this, env), env)), focus.types, focus.many, focus.ordered)

    def run(this: Item, env: Environment) -> Items:
        return [item for item in of(this, env) if holds(item, env)]

    return Code(run, focus.types, focus.many, focus.ordered)


@in_family(FUNCTIONS, "select")
def select(call: Invocation) -> Code:
    call.wants(1)
    focus, loop = call.looped(0, nodes=call.nodes)
    of, results, each = focus.run, results_for(loop), loop.code.run
    many = focus.many or loop.code.many
    if loop.wants_index:
        return Code(lambda this, env: list(results(of(this, env), env)), loop.code.types, many, focus.ordered)

    def run(this: Item, env: Environment) -> Items:
        return [result for item in of(this, env) for result in each(item, env)]

    return Code(run, loop.code.types, many, focus.ordered)


@in_family(FUNCTIONS, "repeat")
def repeat(call: Invocation) -> Code:
    """Everything the argument leads to, from the focus and then from each result; each item once."""
    call.wants(1)
    # What is reached can be of other types than the focus, so nothing is known of $this.
    focus = call.focus(nodes=True)
    each = call.loop(0, None, nodes=True).code.run

    def run(this: Item, env: Environment) -> Items:
        found: dict[object, Item] = {}
        level = focus.run(this, env)
        while level:
            reached = [result for item in level for result in each(item, env)]
            level = []
            for result in reached:
                mark = key(result)
                if mark not in found:
                    found[mark] = result
                    level.append(result)
            if len(found) > _MOST_REPEATS:
                raise run_error("repeat() does not come to an end")
        return list(found.values())

    return Code(run, None)


def _placed(pick: Callable[[Items], Items], many: bool) -> Callable[[Invocation], Code]:
    def build(call: Invocation) -> Code:
        call.wants(0)
        focus = _in_order(call)
        of = focus.run
        return Code(lambda this, env: pick(of(this, env)), focus.types, many and focus.many)

    return build


FUNCTIONS["first"] = _placed(lambda items: items[:1], many=False)
FUNCTIONS["last"] = _placed(lambda items: items[-1:], many=False)
FUNCTIONS["tail"] = _placed(lambda items: items[1:], many=True)


def _counted(pick: Callable[[Items, int], Items]) -> Callable[[Invocation], Code]:
    def build(call: Invocation) -> Code:
        call.wants(1)
        focus = _in_order(call)
        of, argument, name = focus.run, call.argument(0).run, call.call.name

        def run(this: Item, env: Environment) -> Items:
            number = raw(singleton(argument(this, env)))
            return [] if number is None else pick(of(this, env), max(0, integer_of(number, name)))

        return Code(run, focus.types, focus.many)

    return build


FUNCTIONS["skip"] = _counted(lambda items, number: items[number:])
FUNCTIONS["take"] = _counted(lambda items, number: items[:number])


def _in_order(call: Invocation) -> Code:
    focus = call.focus()
    if not focus.ordered:
        call.fault(f"{call.call.name}() needs an order, and children() and descendants() have none")
    return focus


@in_family(FUNCTIONS, "sort")
def sort(call: Invocation) -> Code:
    """By the items themselves, or by the arguments in turn; a minus sign turns the order round."""
    focus = call.focus_values() if not call.arguments else call.focus()
    loops = [_sort_key(call, index, focus) for index in range(len(call.arguments))]
    if any(wants_nodes for _, _, wants_nodes in loops) and not call.nodes:
        focus = call.focus(nodes=True)
    keys = [(run, direction) for run, direction, _ in loops] or [(_itself, 1)]

    def run(this: Item, env: Environment) -> Items:
        marked = [(item, [singleton(of(item, env)) for of, _ in keys]) for item in focus.run(this, env)]

        def compared(left: tuple[Item, Items], right: tuple[Item, Items]) -> int:
            for ours, theirs, (_, direction) in zip(left[1], right[1], keys, strict=True):
                found = _order_with_nothing(ours, theirs, direction)
                if found:
                    return found
            return 0

        return [item for item, _ in sorted(marked, key=cmp_to_key(compared))]

    return Code(run, focus.types, focus.many)


def _itself(item: Item, env: Environment) -> Items:
    return [item]


def _sort_key(call: Invocation, index: int, focus: Code) -> tuple[Run, int, bool]:
    tree = call.arguments[index]
    descending = isinstance(tree, Unary) and tree.sign == "-"
    loop = call.loop_over(tree.operand if isinstance(tree, Unary) else tree, focus.types)
    return loop.code.run, -1 if descending else 1, loop.wants_nodes


def _order_with_nothing(left: Item, right: Item, direction: int) -> int:
    """Nothing comes before anything, whichever the direction."""
    ours, theirs = system_value(left), system_value(right)
    if ours is None or theirs is None:
        return (ours is not None) - (theirs is not None)
    if isinstance(ours, bool) and isinstance(theirs, bool):
        return (ours - theirs) * direction
    if is_number(ours) != is_number(theirs):
        raise run_error("sort() needs keys of one kind", "expression-compare")
    return (order(ours, theirs, "sort") or 0) * direction
