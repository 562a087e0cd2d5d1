"""The codes of a ConceptMap belong to the value sets it says it maps between.

Source: FHIR R4 conceptmap.html (source[x], target[x]).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows, typed_value
from interop.validation.valueset_content import certainty, no_such_code

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class MappedCodes:
    """Source codes are in the source value set, target codes in the target value set."""

    trigger: ClassVar[str] = "group"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        _, source = typed_value(item.members, "source")
        _, target = typed_value(item.members, "target")
        found: list[Issue] = []
        for number, group in enumerate(rows(item.members.get("group"))):
            place: Place = (item.place, "group", number, None)
            for index, element in enumerate(rows(group.get("element"))):
                at: Place = (place, "element", index, None)
                mapped_from = group.get("source"), element.get("code")
                found.extend(_unknown(mapped_from, at, scope) or _outside(source, mapped_from, at, scope))
                for third, mapped in enumerate(rows(element.get("target"))):
                    inner: Place = (at, "target", third, None)
                    mapped_to = group.get("target"), mapped.get("code")
                    outside = _outside(target, mapped_to, inner, scope)
                    # Whoever reads the map meets a target code they may not know: told, but the map still works.
                    told = [replace(issue, severity=Severity.WARNING) for issue in outside]
                    found.extend(_unknown(mapped_to, inner, scope) or told)
        return found


def _unknown(mapped: tuple[Json, Json], at: Place, scope: Scope) -> list[Issue]:
    """A code its own code system does not have."""
    system, code = mapped
    if not isinstance(system, str) or not isinstance(code, str):
        return []
    answer = scope.run.codes.answer(system, code)
    if answer is None or answer.known is not False:
        return []
    text = no_such_code(system, code, answer.reason)
    hint = "correct the code or the system of the group"
    return [Issue("code-unknown", text, f"{expression(at)}.code", certainty(system, scope), hint=hint)]


def _outside(value_set: Json, mapped: tuple[Json, Json], at: Place, scope: Scope) -> Iterator[Issue]:
    system, code = mapped
    if not all(isinstance(part, str) and part for part in (value_set, system, code)):
        return
    if scope.run.codes.contains(value_set, system, code) is False:
        text = f"{system}#{code} is not in {value_set}, which this map says it maps"
        yield Issue("map-code", text, f"{expression(at)}.code", hint="correct the code or the value set of the map")
