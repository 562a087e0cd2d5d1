"""``is``, ``as`` and ``ofType``: which type an item has (FHIRPath N1 section 6.3; FHIR R4 fhirpath.html, 2.9.1.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from interop.errors import ExpressionError
from interop.fhirpath.code import Code, Scope, Types, boolean
from interop.fhirpath.model import Model
from interop.fhirpath.navigation import as_node
from interop.fhirpath.node import Item, Items, Node, system_type
from interop.fhirpath.runtime import Environment, singleton
from interop.fhirpath.syntax import Member, Syntax, TypeTest

if TYPE_CHECKING:
    from interop.fhirpath.compiling import Compiling

Test: TypeAlias = Callable[[Item], bool]
SYSTEM_TYPES = frozenset({"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"})


def tested(compiler: Compiling, tree: TypeTest, scope: Scope, nodes: bool) -> Code:
    """``operand is Type`` and ``operand as Type``."""
    build = type_is if tree.sign == "is" else type_as
    return build(compiler, tree.operand, tree.type, scope)


def type_is(compiler: Compiling, operand: Syntax | None, name: str, scope: Scope) -> Code:
    """Whether the one item is of the type or of one that derives from it; empty for nothing."""
    made = compiler.operand(operand, scope, nodes=True)
    test = type_test(compiler.model, name, made.types, exact=False)
    of = made.run

    def answer(this: Item, env: Environment) -> bool | None:
        item = singleton(of(this, env))
        return None if item is None else test(item)

    return boolean(answer)


def type_as(compiler: Compiling, operand: Syntax | None, name: str, scope: Scope) -> Code:
    """The items of the type. R4's own invariants use ``as`` on many items, so it filters, as ``ofType`` does."""
    made = compiler.operand(operand, scope, nodes=True)
    test = type_test(compiler.model, name, made.types, exact=True)
    of = made.run

    def run(this: Item, env: Environment) -> Items:
        return [item for item in of(this, env) if test(item)]

    return Code(run, narrowed(compiler.model, name), made.many, made.ordered)


def narrowed(model: Model | None, name: str) -> Types:
    """What is known of an item that passed the test for a type."""
    space, _, bare = name.rpartition(".")
    if model is not None and space in {"", "FHIR"} and model.knows(bare):
        return frozenset({bare})
    return frozenset({f"System.{bare}"}) if space in {"", "System"} and bare in SYSTEM_TYPES else None


def type_test(model: Model | None, name: str, kinds: Types, exact: bool) -> Test:
    """A predicate on items. ``exact``: a code is no string (R4: ``as`` and ``ofType`` do not widen primitives).

    Raises ExpressionError ``expression-type`` for a name that is no type.
    """
    space, _, bare = name.rpartition(".")
    if space not in {"", "FHIR", "System"}:
        raise _unknown(name)
    is_system = space != "FHIR" and bare in SYSTEM_TYPES
    is_fhir = space != "System" and (model is None or model.knows(bare))
    if not is_system and not is_fhir and space != "System":
        raise _unknown(name)

    def test_at_length(item: Item) -> bool:
        owner = as_node(item, kinds)
        if owner is None or (model is None and not owner.type):
            return is_system and bare in (system_type(item), "Any")
        if not is_fhir:
            return False
        if model is None or (exact and bare[:1].islower()):
            return owner.type == bare
        return model.is_a(owner.type, bare)

    if model is None or not is_fhir:
        return test_at_length
    by_name = exact and bare[:1].islower()

    def test(item: Item) -> bool:
        if item.__class__ is not Node:
            return test_at_length(item)
        return bool(item.type == bare) if by_name else model.is_a(item.type, bare)

    return test


def type_name(tree: Syntax) -> str:
    """The type a function argument names: ``Patient``, ``System.String``. Raises ExpressionError when it is none."""
    if isinstance(tree, Member):
        if tree.target is None:
            return tree.name
        return f"{type_name(tree.target)}.{tree.name}"
    raise ExpressionError("the argument must be the name of a type", code="expression-type")


def _unknown(name: str) -> ExpressionError:
    return ExpressionError(
        f"{name!r} is no type", code="expression-type", hint="FHIR types are case-sensitive: string, Quantity, Patient"
    )
