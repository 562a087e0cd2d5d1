"""What tells one slice from another: a test on each item, made from the discriminators and the slice's own rules.

Source: FHIR R4 profiling.html#discriminator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from interop.definitions import Discriminator, TypeRef
from interop.json_codec import Json
from interop.validation.allowed_types import is_failure
from interop.validation.binding import CODES_OF, coded
from interop.validation.item import Item
from interop.validation.navigation import Step, Steps, parse_steps, reached, route, select, spelled
from interop.validation.script import Script
from interop.validation.twig import Twig, same_element
from interop.validation.values import covers, shown

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope

ProfileTree = Callable[[str], Twig | None]
"""The element tree of a profile by canonical, None when unknown."""


class Test(Protocol):
    """Whether an item belongs to a slice, as far as one discriminator goes."""

    @property
    def steps(self) -> Steps: ...
    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        """The same in Python for a value of the type ``key``; None when it cannot be told from the value alone."""

    def matches(self, item: Item, scope: Scope) -> bool: ...


@dataclass(frozen=True, slots=True)
class Holds:
    """Some value at the path holds ``wanted``; exactly when the profile fixes it."""

    steps: Steps
    wanted: Json
    exact: bool

    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        found, wanted = route(key, self.steps, elements), self.wanted
        if found is None:
            return None
        path = found.path
        if self.exact and len(path) == 1 and not elements.repeats(key, path[0]):
            held = script.variable()
            script.say(f"{held} = {value}.get({path[0]!r})")
            script.doubt(f"type({held}) is list")
            return f"{held} == {script.constant(wanted)}"
        if self.exact:
            return f"{script.constant(wanted)} in {script.bind(reached)}({value}, {path!r})"
        return f"{script.bind(_any_covers)}({script.bind(reached)}({value}, {path!r}), {script.bind(wanted)})"

    def matches(self, item: Item, scope: Scope) -> bool:
        found = (node.value for node in select(item, self.steps, scope))
        if self.exact:
            return any(value == self.wanted for value in found)
        return any(covers(value, self.wanted) for value in found)

    def __str__(self) -> str:
        return f"{spelled(self.steps)} {'is' if self.exact else 'has'} {shown(self.wanted)}"


@dataclass(frozen=True, slots=True)
class InValueSet:
    """Some value at the path has a code from the value set."""

    steps: Steps
    value_set: str

    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        found, value_set = route(key, self.steps, elements), self.value_set
        codes_of = CODES_OF.get(found.key) if found is not None else None
        if found is None or codes_of is None:
            return None
        path = found.path

        def holds(value: Json, scope: Scope) -> bool:
            return any(
                scope.run.codes.contains(value_set, system, code or "") is True
                for entry in reached(value, path)
                for system, code in codes_of(entry)
            )

        return f"{script.bind(holds)}({value}, scope)"

    def matches(self, item: Item, scope: Scope) -> bool:
        return any(
            scope.run.codes.contains(self.value_set, system, code or "") is True
            for node in select(item, self.steps, scope)
            for system, code in coded(node)
        )

    def __str__(self) -> str:
        return f"{spelled(self.steps)} has a code from {self.value_set}"


@dataclass(frozen=True, slots=True)
class Exists:
    """The path leads somewhere, or does not."""

    steps: Steps
    wanted: bool

    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        return None

    def matches(self, item: Item, scope: Scope) -> bool:
        return bool(select(item, self.steps, scope)) is self.wanted

    def __str__(self) -> str:
        return f"{spelled(self.steps)} is {'given' if self.wanted else 'not given'}"


@dataclass(frozen=True, slots=True)
class IsType:
    """Some value at the path is of one of the types; targets are profiles whose type counts."""

    steps: Steps
    codes: frozenset[str]
    targets: tuple[str, ...] = ()

    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        return None if self.steps or self.targets else str(key in self.codes)

    def matches(self, item: Item, scope: Scope) -> bool:
        wanted = self.codes | {kind for kind in map(scope.run.target_type, self.targets) if kind is not None}
        return any(node.type in wanted for node in select(item, self.steps, scope))

    def __str__(self) -> str:
        kinds = sorted(self.codes) or [target.rpartition("/")[2] for target in self.targets]
        return f"{spelled(self.steps)} is a {' or '.join(kinds)}"


@dataclass(frozen=True, slots=True)
class Follows:
    """Some value at the path follows one of the profiles."""

    steps: Steps
    profiles: tuple[str, ...]

    def condition(self, script: Script, value: str, key: str, elements: Elements) -> str | None:
        return None

    def matches(self, item: Item, scope: Scope) -> bool:
        return any(self._follows(node, scope) for node in select(item, self.steps, scope))

    def __str__(self) -> str:
        return f"{spelled(self.steps)} follows {' or '.join(self.profiles)}"

    def _follows(self, node: Item, scope: Scope) -> bool:
        return any(
            not any(is_failure(issue) for issue in scope.run.conform(node, profile, scope)) for profile in self.profiles
        )


def _any_covers(values: list[Json], wanted: Json) -> bool:
    return any(covers(value, wanted) for value in values)


def instead(test: Test, item: Item, scope: Scope) -> str:
    """What stands in an item where a test looks: ``system is 'https://other.test'``."""
    found = [node.type if isinstance(test, IsType) else shown(node.value) for node in select(item, test.steps, scope)]
    return f"{spelled(test.steps)} is {', '.join(found[:3]) if found else 'not given'}"


def tests(discriminators: tuple[Discriminator, ...], piece: Twig, tree: ProfileTree) -> tuple[Test, ...] | None:
    """The tests for one slice; None when its definition gives none of the discriminators anything to test."""
    found = [test for d in discriminators for test in _tests(d, piece, tree)]
    return tuple(found) or None


def _tests(discriminator: Discriminator, piece: Twig, tree: ProfileTree) -> Iterator[Test]:
    steps = parse_steps(discriminator.path)
    if steps is None:
        return
    if discriminator.type in ("value", "pattern"):
        yield from _value_tests(piece, steps, tree)
        return
    for leaf in _leaves(piece, steps, tree):
        if discriminator.type == "exists":
            if leaf.definition.min or leaf.definition.max == 0:
                yield Exists(steps, bool(leaf.definition.min))
        elif discriminator.type == "type":
            yield _type_test(steps, leaf)
        elif discriminator.type == "profile":
            yield Follows(steps, _profiles(steps, leaf))


def _type_test(steps: Steps, leaf: Twig) -> Test:
    if steps and steps[-1].kind == "resolve":
        return IsType(steps, frozenset(), _targets(leaf))
    return IsType(steps, frozenset(leaf.definition.type_codes))


def _profiles(steps: Steps, leaf: Twig) -> tuple[str, ...]:
    if steps and steps[-1].kind == "resolve":
        return _targets(leaf)
    return tuple(profile for ref in leaf.definition.types for profile in ref.wanted)


def _targets(leaf: Twig) -> tuple[str, ...]:
    return tuple(target for ref in leaf.definition.types for target in ref.target_profiles)


def _value_tests(piece: Twig, steps: Steps, tree: ProfileTree) -> Iterator[Test]:
    """Fixed and pattern values on the way and at the end of the path; failing those, what stands below its end."""
    twigs = [piece]
    for number, step in enumerate((*steps, None)):
        rest = steps[number:]
        for twig in twigs:
            definition = twig.definition
            for typed, exact in ((definition.fixed, True), (definition.pattern, False)):
                found, wanted = _dig(typed[1], rest) if typed is not None else (False, None)
                if found:
                    yield Holds(steps, wanted, exact)
        if step is not None:
            twigs = [below for twig in twigs for below in _below(twig, step, tree)]
    for twig in twigs:
        yield from _tests_at(twig, steps)


def _tests_at(leaf: Twig, steps: Steps) -> Iterator[Test]:
    for names, twig in leaf.descendants():
        path = (*steps, *(Step("child", name) for name in names))
        definition = twig.definition
        if names:
            for typed, exact in ((definition.fixed, True), (definition.pattern, False)):
                if typed is not None:
                    yield Holds(path, typed[1], exact)
        binding = definition.binding
        if (
            binding is not None
            and binding.value_set is not None
            and binding.strength == "required"
            and not _given(twig)
        ):
            yield InValueSet(path, binding.value_set)


def _given(twig: Twig) -> bool:
    return any(t.definition.fixed is not None or t.definition.pattern is not None for _, t in twig.descendants())


def _dig(value: Json, steps: Steps) -> tuple[bool, Json]:
    """(found, the part of a fixed or pattern value that stands at the path)."""
    for step in steps:
        if isinstance(value, list):
            value = value[0] if value else None
        if step.kind != "child" or not isinstance(value, dict):
            return False, None
        key = next((name for name in value if same_element(name, step.name)), None)
        if key is None:
            return False, None
        value = value[key]
    return True, value[0] if isinstance(value, list) and steps and value else value


def _leaves(piece: Twig, steps: Steps, tree: ProfileTree) -> list[Twig]:
    twigs = [piece]
    for step in steps:
        twigs = [below for twig in twigs for below in _below(twig, step, tree)]
    return twigs


def _below(twig: Twig, step: Step, tree: ProfileTree) -> list[Twig]:
    """The elements a step leads to: in the profile itself, else in the profile its type names, else in the type."""
    if step.kind in ("resolve", "ofType"):
        return [twig]
    parts = [root for part in _parts(twig) if (root := tree(part)) is not None]
    if inside := [piece for part in parts for piece in _inside(part, step)]:
        return [*_inside(twig, step), *inside]
    for root in (twig, *_type_trees(twig.definition.types, tree)):
        if found := _inside(root, step):
            return found
    return []


def _inside(root: Twig, step: Step) -> list[Twig]:
    if step.kind == "extension":
        head = root.child("extension")
        return [piece for piece in head.slices if _has_url(piece, step.name)] if head is not None else []
    child = root.child(step.name) or root.child(f"{step.name}[x]")
    return [child, *child.slices] if child is not None else []


def _parts(twig: Twig) -> tuple[str, ...]:
    """The parts of other profiles an element has to follow: what they say stands beside its own children."""
    return tuple(canonical for ref in twig.definition.types for canonical in ref.wanted if "#" in canonical)


def _has_url(piece: Twig, url: str) -> bool:
    own = piece.child("url")
    if own is not None and own.definition.fixed is not None:
        return bool(own.definition.fixed[1] == url)
    return any(profile.partition("|")[0] == url for ref in piece.definition.types for profile in ref.profiles)


def _type_trees(types: tuple[TypeRef, ...], tree: ProfileTree) -> Iterator[Twig]:
    for ref in types:
        for canonical in (*ref.wanted, ref.code):
            found = tree(canonical)
            if found is not None:
                yield found
