"""The rules of one type or element, asked only where they can have something to say.

Most rules speak of one member: a reference's target, a coding's code, ``x.exists() implies …``. Such a rule names
that member as its trigger, and objects without it never meet the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.validation.assertion import Assertion
from interop.validation.item import Item
from interop.validation.place import Place

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_NAME = r"([a-z][A-Za-z]*)"
_TRIGGERS = tuple(
    re.compile(form)
    for form in (
        rf"{_NAME}\.exists\(\) implies .*",
        r"[a-z][A-Za-z]*\.empty\(\) or ([a-z][A-Za-z]*)\.(?:(?! or | and | xor | implies ).)*\.empty\(\)",
        rf"{_NAME}\.(?:empty\(\)|hasValue\(\)\.not\(\)) or (?!.* implies ).*",
        rf"{_NAME}(?:\.[a-z][A-Za-z]*)*\.where\([^()]*\)\.empty\(\) or (?!.* implies ).*",
        rf"\([a-z][A-Za-z]*\.exists\(\) and {_NAME}\.exists\(\)\)\.not\(\)",
        rf"where\({_NAME} = '[^']*'\)\.empty\(\)",
    )
)


def trigger_of(expression: str) -> str | None:
    """The element without which a condition holds: ``x`` in ``x.exists() implies y`` and ``x.empty() or y``."""
    found = next(filter(None, (form.fullmatch(expression) for form in _TRIGGERS)), None)
    return found[1] if found else None


class Panel:
    """Judges values one by one.

    asks       whether there is any rule at all
    always     asked of every value
    triggered  (member, its ``_`` companion, assertion): asked where one of the two members is there
    """

    __slots__ = ("_always", "_triggered", "asks")

    def __init__(self, assertions: Iterable[tuple[Assertion, str | None]] = ()):
        listed = list(assertions)
        self._always = tuple(assertion for assertion, member in listed if member is None)
        self._triggered = tuple((member, f"_{member}", assertion) for assertion, member in listed if member is not None)
        self.asks = bool(listed)

    def __iter__(self) -> Iterator[Assertion]:
        yield from self._always
        for _, _, assertion in self._triggered:
            yield assertion

    def asked(self) -> Iterator[tuple[str | None, Assertion]]:
        """Each rule with its trigger, None for what is asked of every value."""
        yield from ((None, assertion) for assertion in self._always)
        yield from ((member, assertion) for member, _, assertion in self._triggered)

    def judge(self, value: Json, members: JsonObject, key: str, place: Place, scope: Scope) -> None:
        """Findings go to the run. ``key``, ``place``: as in Item, which is made only when a rule is asked."""
        item: Item | None = None
        if self._always:
            item = Item(value, members, key, place)
            for assertion in self._always:
                found = assertion.check(item, scope)
                if found:
                    scope.run.extend(found)
        for member, companion, assertion in self._triggered:
            if member in members or companion in members:
                if item is None:
                    item = Item(value, members, key, place)
                found = assertion.check(item, scope)
                if found:
                    scope.run.extend(found)


NO_RULES = Panel()
