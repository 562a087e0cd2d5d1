"""What passes the members of a type at a glance, looked up one by one or written out for objects of one shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from interop.json_codec import Json
from interop.validation.glance import ByNames, Glance, Rules, always, never
from interop.validation.primitive import RIGHT, Right
from interop.validation.script import Script
from interop.validation.shapes import Shape, Shapes

if TYPE_CHECKING:
    from interop.validation.scope import Scope


class Type(Protocol):
    """What has a glance of its objects."""

    glance: Shapes


_NAMED = "{0}.get('system'), {0}.get('code')"
AT_ONCE = {
    "Reference": "len({0}) == 1 and {0}.get('reference') in scope.sure",
    "Coding": (
        f"(len({{0}}) == 3 and ({_NAMED}, {{0}}.get('display')) in sure_codings)"
        f" or (len({{0}}) == 2 and ({_NAMED}) in sure_codings)"
    ),
}
"""Conditions in Python that most right objects of a type meet; {0} is the object."""


def anything(value: Json) -> bool:
    """Right whatever it is: looked at elsewhere."""
    return True


@dataclass(slots=True)
class Members:
    """The members of a type, by JSON name.

    plain, deep  what passes a value; each member is in one of the two
    must         names that must be there
    either       sets of names of which one must be there
    stems        choice name → its element, of which only one may be there
    rules        what passes the whole
    """

    plain: dict[str, Right] = field(default_factory=dict)
    deep: dict[str, Glance] = field(default_factory=dict)
    must: frozenset[str] = frozenset()
    either: tuple[frozenset[str], ...] = ()
    stems: dict[str, str] = field(default_factory=dict)
    rules: Rules = ()

    def fit(self, names: Collection[str]) -> bool:
        """Whether what must be there is there, nothing twice, and nothing else."""
        chosen = [self.stems[name] for name in names if name in self.stems]
        return (
            self.must.issubset(names)
            and not any(of_these.isdisjoint(names) for of_these in self.either)
            and len(set(chosen)) == len(chosen)
            and all(name in self.plain or name in self.deep for name in names)
        )

    def look_up(self, node: Json, scope: Scope) -> bool:
        """Whether an object of any shape is right."""
        return (
            self.fit(node)
            and all(
                self.plain[name](value) if name in self.plain else self.deep[name](value, scope)
                for name, value in node.items()
            )
            and all(rule(node, scope) for rule in self.asked(node))
        )

    def asked(self, names: Collection[str]) -> Iterator[Glance]:
        """The rules that have something to say of objects with these members."""
        return (rule for trigger, rule in self.rules if trigger is None or trigger in names)

    def write(self, key: str, shape: Shape, scope: Scope) -> Glance:
        """The function for objects of one shape."""
        if not self.fit(shape):
            return never
        script = Script(scope)
        values = [script.variable() for _ in shape]
        script.say(f"{', '.join(values)}, = node.values()")
        for name, value in zip(shape, values, strict=True):
            if name in self.deep and self.deep[name] is not always:
                script.passes(self.deep[name], value)
            elif self.plain.get(name, anything) is not anything:
                script.right(self.plain[name], value)
        for rule in self.asked(shape):
            if not isinstance(rule, ByNames):
                script.passes(rule, "node")
            elif not rule(dict.fromkeys(shape, True), scope):
                return never
        return script.glance(f"{key} {' '.join(shape)}")


def unroll(key: str, members: Members) -> Shapes:
    """The glance of a type."""
    return Shapes(lambda shape, scope: members.write(key, shape, scope), members.look_up)


@dataclass(frozen=True, slots=True)
class Objects:
    """Passes a member that holds one object of the type ``key``, each of ``rules`` agreeing."""

    key: str
    rules: Rules
    types: Mapping[str, Type]

    def __call__(self, value: Json, scope: Scope) -> bool:
        if not self.types[self.key].glance[tuple(value)](value, scope):
            return False
        for trigger, rule in self.rules:
            if (trigger is None or trigger in value) and not rule(value, scope):
                return False
        return True

    def write(self, script: Script, value: str) -> None:
        shapes, at_once = self.types[self.key].glance, AT_ONCE.get(self.key)
        surely = f"({at_once.format(value)}) or " if at_once is not None else ""
        script.doubt(f"not ({surely}{script.bind(shapes)}[tuple({value})]({value}, scope))")
        for trigger, rule in self.rules:
            if trigger is None:
                script.passes(rule, value)
            else:
                with script.inside(f"if {trigger!r} in {value}"):
                    script.passes(rule, value)


class EntryUrl:
    """Passes the fullUrl of an entry: nearly all are known from the Bundle's index."""

    def __call__(self, value: Json, scope: Scope) -> bool:
        return value in scope.sure or bool(RIGHT["uri"](value))

    def write(self, script: Script, value: str) -> None:
        script.doubt(f"{value} not in scope.sure and not {script.bind(RIGHT['uri'])}({value})")


class EntryResource:
    """Passes an entry of a Bundle whose resource passes."""

    def __call__(self, value: Json, scope: Scope) -> bool:
        return scope.run.passes(value, scope)

    def write(self, script: Script, value: str) -> None:
        script.doubt(f"not scope.run.passes({value}, scope)")


@dataclass(frozen=True, slots=True)
class Several:
    """Passes an array of at most so many values, each of which passes by itself."""

    one: Glance
    most: int | None

    def __call__(self, value: Json, scope: Scope) -> bool:
        if type(value) is not list or not value or (self.most is not None and len(value) > self.most):
            return False
        one = self.one
        for entry in value:  # noqa: SIM110  an array may be large, and a generator costs as much as a glance
            if not one(entry, scope):
                return False
        return True

    def write(self, script: Script, value: str) -> None:
        many = "" if self.most is None else f" or len({value}) > {self.most}"
        script.doubt(f"type({value}) is not list or not {value}{many}")
        entry = script.variable()
        with script.inside(f"for {entry} in {value}"):
            script.passes(self.one, entry)


@dataclass(frozen=True, slots=True)
class Primitive:
    """Passes a primitive value that is right by itself and by ``rules``.

    passed  values of which this is known
    """

    right: Right
    passed: Collection[str] = ()
    rules: tuple[Glance, ...] = ()

    def __call__(self, value: Json, scope: Scope) -> bool:
        if value in self.passed:
            return True
        return bool(self.right(value)) and all(rule(value, scope) for rule in self.rules)

    def write(self, script: Script, value: str) -> None:
        if not self.rules:
            script.right(self.right, value)
            return
        with script.inside(f"if {value} not in {script.bind(self.passed)}"):
            script.right(self.right, value)
            for rule in self.rules:
                script.passes(rule, value)
