"""Walking the tree (FHIRPath N1 section 5.8)."""

from __future__ import annotations

from interop.fhirpath.code import Code
from interop.fhirpath.functions.invocation import Family, Invocation, in_family
from interop.fhirpath.navigation import child_nodes, children, descendant_nodes, descendants
from interop.fhirpath.node import Item, Items
from interop.fhirpath.runtime import Environment

FUNCTIONS: Family = {}


@in_family(FUNCTIONS, "children")
def children_(call: Invocation) -> Code:
    call.wants(0)
    focus = _whole(call)
    of, kinds, model = focus.run, focus.types, call.model
    if call.nodes:
        return Code(
            lambda this, env: [part for item in of(this, env) for part in child_nodes(item, kinds, model)],
            ordered=False,
        )

    def run(this: Item, env: Environment) -> Items:
        items = of(this, env)
        return children(items[0]) if len(items) == 1 else [part for item in items for part in children(item)]

    return Code(run, ordered=False)


@in_family(FUNCTIONS, "descendants")
def descendants_(call: Invocation) -> Code:
    call.wants(0)
    focus = _whole(call)
    of, kinds, model = focus.run, focus.types, call.model
    if call.nodes:
        return Code(
            lambda this, env: [part for item in of(this, env) for part in descendant_nodes(item, kinds, model)],
            ordered=False,
        )
    return Code(lambda this, env: [part for item in of(this, env) for part in descendants(item)], ordered=False)


def _whole(call: Invocation) -> Code:
    """The focus; as Nodes where it may be a primitive, whose children stand beside its value."""
    focus = call.focus()
    if not call.nodes and call.compiler.may_be_primitive(focus.types):
        return call.focus(nodes=True)
    return focus
