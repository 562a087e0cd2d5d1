"""Types as functions: ``is()``, ``as()``, ``ofType()``, ``type()`` (FHIRPath N1 sections 5.2.4, 6.3 and 10)."""

from __future__ import annotations

from interop.fhirpath.code import Code
from interop.fhirpath.functions.invocation import Family, Invocation, in_family
from interop.fhirpath.navigation import as_node
from interop.fhirpath.node import Item, Items, system_type
from interop.fhirpath.runtime import Environment
from interop.fhirpath.types import type_as, type_is, type_name

FUNCTIONS: Family = {}


@in_family(FUNCTIONS, "is")
def is_(call: Invocation) -> Code:
    call.wants(1)
    return type_is(call.compiler, call.call.target, type_name(call.arguments[0]), call.scope)


@in_family(FUNCTIONS, "as", "ofType")
def of_type(call: Invocation) -> Code:
    call.wants(1)
    return type_as(call.compiler, call.call.target, type_name(call.arguments[0]), call.scope)


@in_family(FUNCTIONS, "type")
def type_(call: Invocation) -> Code:
    """The namespace and name of each item's type."""
    call.wants(0)
    focus = call.focus(nodes=True)
    of, kinds = focus.run, focus.types

    def told(item: Item) -> dict[str, str]:
        owner = as_node(item, kinds)
        if owner is None:
            return {"namespace": "System", "name": system_type(item)}
        return {"namespace": "FHIR", "name": "BackboneElement" if "." in owner.type else owner.type}

    def run(this: Item, env: Environment) -> Items:
        return [told(item) for item in of(this, env)]

    return Code(run, frozenset({"System.TypeInfo"}), focus.many)
