"""The first look: most data is right, and what is right beyond doubt needs no place, no item and no finding.

A glance answers True only where a full check would find nothing. False means "look closer", never "wrong": the full
check follows and says what there is to say. So a glance may be as short-sighted as it likes, and must never be wrong
when it says True; ``Validator(..., at_a_glance=False)`` leaves it out, and must give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from interop.json_codec import Json
from interop.validation.assertion import NOTHING, Assertion
from interop.validation.item import NO_MEMBERS, Item
from interop.validation.place import Place

if TYPE_CHECKING:
    from interop.validation.scope import Scope
    from interop.validation.script import Script

Glance = Callable[[Json, "Scope"], bool]
"""(value, scope) → whether it is right beyond doubt. May raise TypeError on misshapen data: then it is not."""

MISSHAPEN = (TypeError, AttributeError, KeyError)
"""What a glance meets in data whose shape is not that of its type. The full check says what is wrong with it."""

Rules = tuple[tuple[str | None, Glance], ...]
"""(member without which the rule says nothing, the rule's glance)."""


class ByNames:
    """The glance of a rule that only asks which members are there: its answer is that of all with the same."""

    __slots__ = ("_holds",)

    def __init__(self, holds: Glance):
        self._holds = holds

    def __call__(self, value: Json, scope: Scope) -> bool:
        return self._holds(value, scope)

    def write(self, script: Script, value: str) -> None:
        script.passes(self._holds, value)


_NOWHERE: Place = (None, "", None, None)


def passes(glance: Glance, value: Json, scope: Scope) -> bool:
    """What a glance says of a value that may be misshapen: the full check says how."""
    try:
        return glance(value, scope)
    except MISSHAPEN:
        return False


def by_checking(rule: Assertion, key: str) -> Glance:
    """The glance of a rule that looks at the value alone, wherever that stands: its own check, asked for nothing."""

    def glance(value: Json, scope: Scope) -> bool:
        members = value if type(value) is dict else NO_MEMBERS
        found = rule.check(Item(value, members, key, _NOWHERE), scope)
        return found is NOTHING or not tuple(found)

    return glance


def rules_of(panel: Iterable[tuple[str | None, Assertion]], key: str) -> Rules | None:
    """The glances of the rules on values of the type ``key``; None when one of them has to look closer always."""
    found: list[tuple[str | None, Glance]] = []
    for trigger, rule in panel:
        made = getattr(rule, "glance", None)
        if made is None and trigger is None:
            return None
        found.append((trigger, made(key) if made is not None else never))
    return tuple((trigger, glance) for trigger, glance in found if glance is not always)


def never(value: Json, scope: Scope) -> bool:
    """Has to be looked at closely."""
    return False


def always(value: Json, scope: Scope) -> bool:
    """Nothing to look at."""
    return True
