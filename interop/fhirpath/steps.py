"""Compiles a step along a path: ``name``, ``.given``, or the type a path may start with (``Patient.name``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.fhirpath.code import Code, Scope, Types
from interop.fhirpath.model import Model
from interop.fhirpath.navigation import CHOICES, as_node, nodes, values
from interop.fhirpath.node import Item, Items, Node
from interop.fhirpath.runtime import Environment, Run
from interop.fhirpath.syntax import Member

if TYPE_CHECKING:
    from interop.fhirpath.compiling import Compiling

_UNTOLD = frozenset({"Resource", "DomainResource", "Element", "BackboneElement", "System.TypeInfo"})


@dataclass(frozen=True, slots=True)
class Step:
    """What the types at hand say of one member.

    keys   JSON names it can have; None where the types do not say
    types  what it can be
    """

    name: str
    keys: tuple[str, ...] | None
    types: Types
    many: bool

    @property
    def may_be_hollow(self) -> bool:
        """A primitive may have no value, only extensions."""
        return self.types is None or any(kind[:1].islower() for kind in self.types)


def root_member(compiler: Compiling, tree: Member, scope: Scope, wants_nodes: bool) -> Code:
    """A name at the start of a path: a member of ``$this``, or the type ``$this`` must have."""
    model, name = compiler.model, tree.name
    if not tree.quoted and name[:1].isupper():
        if model is not None and model.knows(name):
            return _type_start(compiler, name, scope, wants_nodes)
        if model is None:
            return Code(_start_or_member(name))
    step = _step(compiler, scope.this, name)
    if wants_nodes or (name in {"id", "extension"} and model is not None and _primitive(scope.this)):
        if scope.this is None or len(scope.this) != 1 or _primitive(scope.this):
            scope.wants_nodes = True
        kinds = scope.this
        return Code(lambda this, env: nodes(this, name, kinds, model), step.types, step.many)
    return Code(_root(step), step.types, step.many)


def member(compiler: Compiling, tree: Member, target: Code, wants_nodes: bool) -> Code:
    """``target.name``."""
    step = _step(compiler, target.types, tree.name)
    many = target.many or step.many
    of = target.run
    if wants_nodes:
        name, kinds, model = tree.name, target.types, compiler.model

        def run(this: Item, env: Environment) -> Items:
            return [part for item in of(this, env) for part in nodes(item, name, kinds, model)]

        return Code(run, step.types, many, target.ordered)
    return Code(_following(of, step), step.types, many, target.ordered)


def _step(compiler: Compiling, kinds: Types, name: str) -> Step:
    model = compiler.model
    if kinds is None or model is None or kinds & _UNTOLD:
        return Step(name, None, None, True)
    keys: list[str] = []
    types: set[str] = set()
    many = False
    for kind in sorted(kinds):
        child = model.child(kind, name)
        if child is None:
            if not kind.startswith("System.") and not model.members(kind):
                return Step(name, None, None, True)
            continue
        keys += [key for key, _ in child.keys if key not in keys]
        types |= child.types
        many = many or child.many
    if not keys:
        if kinds:
            compiler.faults.append(f"{' or '.join(sorted(kinds))} has no element {name!r}")
        return Step(name, (name,), None, True)
    return Step(name, tuple(keys), frozenset(types), many)


def _primitive(kinds: Types) -> bool:
    return kinds is None or any(kind[:1].islower() for kind in kinds)


def _root(step: Step) -> Run:
    name, keys = step.name, step.keys
    if keys is None:
        return lambda this, env: values(this, name, None)
    if len(keys) > 1:
        pick = _choosing(name, keys)
        return lambda this, env: pick(this)
    key = keys[0]
    if step.may_be_hollow:
        companion = f"_{key}"

        def of_primitive(this: Item, env: Environment) -> Items:
            if this.__class__ is not dict or companion in this:
                return values(this, name, keys)
            value = this.get(key)
            if value is None:
                return []
            return value if value.__class__ is list else [value]

        return of_primitive

    def of_complex(this: Item, env: Environment) -> Items:
        if this.__class__ is not dict:
            return values(this, name, keys)
        value = this.get(key)
        if value is None:
            return []
        return value if value.__class__ is list else [value]

    return of_complex


def _choosing(name: str, keys: tuple[str, ...]) -> Callable[[Item], Items]:
    """A choice has dozens of names and an element few members: look through the members."""
    forms = frozenset(keys) | {f"_{key}" for key in keys}

    def pick(item: Item) -> Items:
        if item.__class__ is not dict:
            return values(item, name, keys)
        for member in item:
            if member in forms:
                return values(item, name, (member.removeprefix("_"),))
        return []

    return pick


def _following_untold(of: Run, name: str) -> Run:
    companion, is_choice = f"_{name}", name in CHOICES

    def following(this: Item, env: Environment) -> Items:
        found: Items = []
        for item in of(this, env):
            if item.__class__ is dict:
                value = item.get(name)
                if value is None:
                    if is_choice or companion in item:
                        found += values(item, name, None)
                elif value.__class__ is list or companion in item:
                    found += values(item, name, None)
                else:
                    found.append(value)
            elif item.__class__ is Node or item.__class__ is list:
                found += values(item, name, None)
        return found

    return following


def _following(of: Run, step: Step) -> Run:
    name, keys = step.name, step.keys
    if keys is None:
        return _following_untold(of, name)
    if len(keys) > 1:
        pick = _choosing(name, keys)
        return lambda this, env: [part for item in of(this, env) for part in pick(item)]
    key = keys[0]
    companion = f"_{key}" if step.may_be_hollow else None

    def following(this: Item, env: Environment) -> Items:
        found: Items = []
        for item in of(this, env):
            if item.__class__ is not dict or companion in item:
                found += values(item, name, keys)
                continue
            value = item.get(key)
            if value is None:
                continue
            if value.__class__ is list:
                found += value
            else:
                found.append(value)
        return found

    return following


def _type_start(compiler: Compiling, name: str, scope: Scope, wants_nodes: bool) -> Code:
    model, kinds = compiler.model, scope.this
    assert model is not None  # noqa: S101 - the caller has looked the name up in it
    result: Types = frozenset({name})
    if kinds is not None and not kinds & _UNTOLD:
        if all(model.is_a(kind, name) for kind in kinds):
            if wants_nodes:
                scope.wants_nodes = True
            return Code(lambda this, env: [this], kinds, many=False)
        if not any(model.is_a(kind, name) for kind in kinds):
            compiler.faults.append(f"a path on {' or '.join(sorted(kinds))} cannot start with {name}")
            return Code(lambda this, env: [], frozenset(), many=False)
    scope.wants_nodes = True
    return Code(_of_type(name, kinds, model), result, many=False)


def _of_type(name: str, kinds: Types, model: Model) -> Run:
    def run(this: Item, env: Environment) -> Items:
        owner = as_node(this, kinds)
        return [this] if owner is not None and model.is_a(owner.type, name) else []

    return run


def _start_or_member(name: str) -> Run:
    def run(this: Item, env: Environment) -> Items:
        content = this.value if this.__class__ is Node else this
        if content.__class__ is dict and content.get("resourceType") == name:
            return [this]
        return values(this, name, None)

    return run
