"""What a ValueSet composes must exist: systems that can be named, codes that their systems have.

Source: FHIR R4 valueset.html, valueset-definitions.html#ValueSet.compose.include.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.coding import GROWING
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class IncludedSystem:
    """ValueSet.compose.include.system is absolute, for a fragment names no code system, and is no value set's."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system = item.members.get("system")
        if not isinstance(system, str) or not system:
            return NOTHING
        locate = scope.run.definitions.locate
        if ":" in system and locate("ValueSet", system) is not None and locate("CodeSystem", system) is None:
            text = f"{system} is a value set; include.system names a code system, include.valueSet a value set"
            return (Issue("system-value-set", text, item.expression, hint="write it as valueSet"),)
        if ":" in system:
            return NOTHING
        text = f"{system!r} is not absolute; a code system is named by its URL, even a contained one"
        return (Issue("canonical-form", text, item.expression, hint="use the url of the CodeSystem"),)


def certainty(system: str, scope: Scope) -> Severity:
    """How sure it is that a code is none: a system at hand is asked, of another only the form of its codes is known."""
    at_hand = scope.run.definitions.resource("CodeSystem", system) is not None
    return Severity.ERROR if at_hand and not system.startswith(GROWING) else Severity.WARNING


def no_such_code(system: str, code: str, reason: str) -> str:
    """What to say of a code its system does not have; the reason only where it says more than that."""
    said = f"{system} has no code {code!r}"
    return said if reason.startswith(said) or not reason else f"{said}: {reason}"


@dataclass(frozen=True, slots=True)
class IncludedCodes:
    """The codes listed are codes of their system."""

    trigger: ClassVar[str] = "concept"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system = item.members.get("system")
        if not isinstance(system, str) or "version" in item.members:
            return NOTHING  # which codes another version has is not known here
        severity = certainty(system, scope)
        found: list[Issue] = []
        for number, row in enumerate(rows(item.members.get("concept"))):
            code = row.get("code")
            answer = scope.run.codes.answer(system, code) if isinstance(code, str) else None
            if answer is not None and answer.known is False:
                at = expression((item.place, "concept", number, None))
                text = no_such_code(system, str(code), answer.reason)
                found.append(Issue("code-unknown", text, at, severity, hint="correct the code or its system"))
        return found
