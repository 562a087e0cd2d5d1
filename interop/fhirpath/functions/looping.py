"""Running an argument for each item of a collection, with ``$index`` where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from interop.fhirpath.functions.invocation import Loop
from interop.fhirpath.node import Item, Items
from interop.fhirpath.runtime import Environment

Chosen: TypeAlias = Callable[[Items, Environment], Iterator[Item]]


def holds_for(loop: Loop) -> Chosen:
    """The items for which the argument is true."""
    holds = loop.truth
    if not loop.wants_index:
        return lambda items, env: (item for item in items if holds(item, env))

    def counted(items: Items, env: Environment) -> Iterator[Item]:
        before = env.index
        for index, item in enumerate(items):
            env.index = index
            answer = holds(item, env)
            env.index = before
            if answer:
                yield item

    return counted


def results_for(loop: Loop) -> Chosen:
    """What the argument gives for each item, one after another."""
    of = loop.code.run
    if not loop.wants_index:
        return lambda items, env: (result for item in items for result in of(item, env))

    def counted(items: Items, env: Environment) -> Iterator[Item]:
        before = env.index
        for index, item in enumerate(items):
            env.index = index
            results = of(item, env)
            env.index = before
            yield from results

    return counted
