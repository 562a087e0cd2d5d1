"""A Coding by itself: its code exists in its system, its display is one of the code's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.codes import MOST_REMEMBERED
from interop.validation.glance import Glance
from interop.validation.identifier import relative_system
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

GROWING = "http://terminology.hl7.org/"
"""Systems that grow apart from FHIR R4: the release with R4 does not have the codes added since."""


@dataclass(frozen=True, slots=True)
class CodingForm:
    """What the code system says of the code; nothing where the system is not known here."""

    trigger: ClassVar[str] = "system"

    def glance(self, key: str) -> Glance:
        def glance(value: Json, scope: Scope) -> bool:
            codes = scope.run.codes
            said = (value.get("system"), value.get("code"), value.get("display"))
            if said not in codes.right:
                return False
            if None not in said[: len(value)] and len(value) in (2, 3):  # its members have been passed before
                codes.sure.add(said[: len(value)])
            return True

        return glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        members, right = item.members, scope.run.codes.right
        said = (members.get("system"), members.get("code"), members.get("display"))
        try:
            if said in right:
                return NOTHING
        except TypeError:  # a list or an object where a text belongs: the walk has told of it
            return NOTHING
        found = self._look(item, scope)
        if found is NOTHING and len(right) < MOST_REMEMBERED:
            right.add(said)
        return found

    def _look(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system, code = item.members.get("system"), item.members.get("code")
        if not isinstance(system, str):
            return NOTHING
        if ":" not in system:
            return relative_system(system, item)
        if "/ValueSet/" in system:
            text = f"{system} is a value set; the system of a code is a code system"
            return (Issue("system-value-set", text, f"{item.expression}.system", hint="name the code system itself"),)
        if not isinstance(code, str):
            return NOTHING
        if scope.run.is_supplement(system):
            text = f"{system} is a supplement: it adds to another code system and has no codes of its own"
            return (Issue("code-supplement", text, f"{item.expression}.system", hint="use the system it supplements"),)
        answer = scope.run.codes.answer(system, code)
        if answer is None or answer.known is None:
            return NOTHING
        if answer.known is False:
            text = f"{system} has no code {code!r}: {answer.reason}"
            severity = Severity.WARNING if system.startswith(GROWING) else Severity.ERROR
            return (
                Issue("code-unknown", text, f"{item.expression}.code", severity, hint="correct the code or its system"),
            )
        display = item.members.get("display")
        if display is None or not answer.displays or display in answer.displays or not isinstance(display, str):
            return NOTHING
        if any(_same(display, own) for own in answer.displays):
            return NOTHING
        text = f"display {display!r} of {system}#{code} is {answer.displays[0]!r} there"
        return (Issue("code-display", text, f"{item.expression}.display", scope.run.policy.wrong_display),)


def _same(display: str, other: str) -> bool:
    return display.casefold().split() == other.casefold().split()
