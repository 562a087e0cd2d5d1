"""Fixed and pattern values and lengths (ElementDefinition.fixed, pattern, maxLength, extension minLength)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition
from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope
    from interop.validation.script import Script


def fixed_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    return Fixed(element.fixed[1], known.rule) if element.fixed is not None else None


def pattern_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    return Pattern(element.pattern[1], known.rule) if element.pattern is not None else None


def length_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    if element.max_length is None or (known.element is not None and known.element.max_length == element.max_length):
        return None
    return MaxLength(element.max_length, known.rule)


def least_length_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    if element.min_length is None or (known.element is not None and known.element.min_length == element.min_length):
        return None
    return MinLength(element.min_length, known.rule)


@dataclass(frozen=True, slots=True)
class Fixed:
    """The value must be exactly this one, nothing more and nothing less."""

    wanted: Json
    rule: str

    def glance(self, key: str) -> Glance:
        return _Equal(self.wanted)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.value == self.wanted:
            return NOTHING
        return [
            Issue("fixed-value", text, f"{item.expression}{path}", rule=self.rule, hint="use the fixed value as it is")
            for path, text in differences(item.value, self.wanted, exact=True)
        ]


@dataclass(frozen=True, slots=True)
class _Equal:
    wanted: Json

    def __call__(self, value: Json, scope: Scope) -> bool:
        return bool(value == self.wanted)

    def write(self, script: Script, value: str) -> None:
        script.doubt(f"{value} != {script.constant(self.wanted)}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The value must hold at least what the pattern holds."""

    wanted: Json
    rule: str

    def glance(self, key: str) -> Glance:
        wanted = self.wanted
        return lambda value, scope: covers(value, wanted)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if covers(item.value, self.wanted):
            return NOTHING
        return [
            Issue(
                "pattern-value", text, f"{item.expression}{path}", rule=self.rule, hint="add what the pattern asks for"
            )
            for path, text in differences(item.value, self.wanted, exact=False)
        ]


@dataclass(frozen=True, slots=True)
class MaxLength:
    """No more than this many characters."""

    wanted: int
    rule: str

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if not isinstance(item.value, str) or len(item.value) <= self.wanted:
            return NOTHING
        text = f"the value has {len(item.value)} characters, at most {self.wanted} are allowed"
        return (Issue("max-length", text, item.expression, rule=self.rule),)


@dataclass(frozen=True, slots=True)
class MinLength:
    """No fewer than this many characters."""

    wanted: int
    rule: str

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if not isinstance(item.value, str) or len(item.value) >= self.wanted:
            return NOTHING
        text = f"the value has {len(item.value)} characters, at least {self.wanted} are wanted"
        return (Issue("min-length", text, item.expression, rule=self.rule),)


def covers(value: Json, pattern: Json) -> bool:
    """Whether ``value`` holds everything ``pattern`` holds; list items may stand in any order."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and covers(value[name], part) for name, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(covers(entry, part) for entry in value) for part in pattern)
    return bool(value == pattern)


def differences(value: Json, wanted: Json, *, exact: bool) -> Iterator[tuple[str, str]]:
    """(path below the value, what differs) for each part that is not as wanted."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        for name, part in wanted.items():
            if name not in value:
                yield "", f"{name} is missing, {shown(part)} is wanted"
            elif not (value[name] == part if exact else covers(value[name], part)):
                for path, text in differences(value[name], part, exact=exact):
                    yield f".{name}{path}", text
        if exact:
            for name in value.keys() - wanted.keys():
                yield f".{name}", f"found {name} {shown(value[name])}, the fixed value has none"
    elif isinstance(wanted, list) and isinstance(value, list):
        yield from _list_differences(value, wanted, exact=exact)
    else:
        yield "", f"found {shown(value)}, {shown(wanted)} is wanted"


def _list_differences(value: list[Json], wanted: list[Json], *, exact: bool) -> Iterator[tuple[str, str]]:
    if exact and len(value) == len(wanted):
        for number, (found, part) in enumerate(zip(value, wanted, strict=True)):
            if found != part:
                for path, text in differences(found, part, exact=True):
                    yield f"[{number}]{path}", text
        return
    for part in wanted:
        if not any(covers(found, part) for found in value):
            yield "", f"no item has {shown(part)}"
    if exact and len(value) != len(wanted):
        yield "", f"found {len(value)} items, the fixed value has {len(wanted)}"


def shown(value: Json) -> str:
    """A value as an issue text shows it, cut at 120 characters."""
    if value is None:
        return "nothing"
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
