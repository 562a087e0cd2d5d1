"""In which order groups are built: those referred to before those that refer."""

from __future__ import annotations

from collections.abc import Mapping

from interop.mapping.plan import GroupPlan


def in_order(groups: Mapping[str, GroupPlan]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The order, and the groups referred to before their turn because references run in a circle.

    For the latter it must be known beforehand which rows make a resource, so they are rehearsed.
    """
    order: list[str] = []
    early: set[str] = set()
    under_way: set[str] = set()

    def visit(name: str) -> None:
        if name in order or name not in groups:
            return
        if name in under_way:
            early.add(name)
            return
        under_way.add(name)
        for referred in sorted(groups[name].references()):
            visit(referred)
        order.append(name)

    for name in groups:
        visit(name)
    return tuple(order), frozenset(early)
