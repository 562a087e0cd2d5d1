"""Filters of a ValueSet fit the properties of the code system they filter.

Source: FHIR R4 valueset.html, ValueSet.compose.include.filter; codesystem.html#properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.ecl import ecl_fault
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

# Properties every code system may have without declaring them (codesystem.html#defined-props).
_BOOLEAN = frozenset({"notSelectable", "inactive"})
_HIERARCHY = frozenset({"is-a", "descendent-of", "is-not-a", "generalizes"})
SNOMED = "http://snomed.info/sct"
_CODING = re.compile(r"[^\s|#]+(\|[^#]+)?#\S.*")


@dataclass(frozen=True, slots=True)
class FilterValues:
    """The value of a filter is of the type of the property it names."""

    trigger: ClassVar[str] = "filter"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system = item.members.get("system")
        if not isinstance(system, str):
            return NOTHING
        code_system = scope.run.definitions.resource("CodeSystem", system) or {}
        types = {str(p.get("code")): p.get("type") for p in rows(code_system.get("property"))}
        found: list[Issue] = []
        for number, row in enumerate(rows(item.members.get("filter"))):
            text = _fault(row, system, types, scope)
            if text is not None:
                place = (item.place, "filter", number, None)
                found.append(Issue("filter-value", text, expression(place), hint="correct the filter's value"))
        return found


def _fault(row: JsonObject, system: str, types: dict[str, object], scope: Scope) -> str | None:
    name, value, operator = str(row.get("property")), row.get("value"), str(row.get("op"))
    if system == SNOMED:
        return _snomed_fault(name, operator, value, scope)
    if not isinstance(value, str) or operator not in ("=", "in", "not-in", "is-a"):
        return None
    kind = types.get(name) or ("boolean" if name in _BOOLEAN else None)
    if kind == "boolean" and operator == "=" and value not in ("true", "false"):
        return f"property {name!r} is true or false, found {value!r}"
    if name == "concept" and operator in _HIERARCHY and _is_unknown(system, value, scope):
        return f"{system} has no code {value!r} to look below"
    if kind == "Coding" and operator == "=":
        return _coding_fault(name, value, scope)
    return None


def _coding_fault(name: str, value: str, scope: Scope) -> str | None:
    if not _CODING.fullmatch(value):
        return f"property {name!r} holds codings, wanted system#code, found {value!r}"
    system, _, code = value.partition("#")
    if _is_unknown(system.partition("|")[0], code, scope):
        return f"property {name!r} is compared with {value!r}, and {system} has no such code"
    return None


def _snomed_fault(name: str, operator: str, value: Json, scope: Scope) -> str | None:
    """Source: FHIR R4 snomedct.html#filters (concept, expression, constraint; attributes by their concept id)."""
    if name == "constraint" and isinstance(value, str):
        fault = ecl_fault(value)
        return f"{value!r} is no expression constraint: {fault}" if fault else None
    if name == "concept" and operator in _HIERARCHY and isinstance(value, str) and _is_unknown(SNOMED, value, scope):
        return f"{SNOMED} has no concept {value!r}"
    if name.isdigit() and not _is_unknown(SNOMED, name, scope) and operator not in ("=", "in"):
        return f"an attribute like {name} is compared by = or in, found {operator!r}"
    return None


def _is_unknown(system: str, code: str, scope: Scope) -> bool:
    answer = scope.run.codes.answer(system, code)
    return answer is not None and answer.known is False
