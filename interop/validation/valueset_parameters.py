"""Filters of a ValueSet that are given as expressions over its parameters.

Source: HL7's extensions cqf-expression and, from its tooling package, valueset-parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions.elements import BASE
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows, typed_value

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_PARAMETER = "http://hl7.org/fhir/tools/StructureDefinition/valueset-parameter"
_EXPRESSION = f"{BASE}cqf-expression"
_NAMED = re.compile(r"%`?([A-Za-z][A-Za-z0-9_-]*)")
_LANGUAGE = "text/fhirpath"


@dataclass(frozen=True, slots=True)
class FilterExpressions:
    """The expression is FHIRPath, and every parameter it names is one of the value set's."""

    trigger: ClassVar[str] = "compose"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        compose = item.members.get("compose")
        if not isinstance(compose, dict):
            return ()
        known = frozenset(_names(item.members))
        found: list[Issue] = []
        for part in ("include", "exclude"):
            for number, include in enumerate(rows(compose.get(part))):
                place: Place = ((item.place, "compose", None, None), part, number, None)
                for index, row in enumerate(rows(include.get("filter"))):
                    found.extend(_faults(row, (place, "filter", index, None), known))
        return found


def _names(value_set: JsonObject) -> Iterable[str]:
    for extension in rows(value_set.get("extension")):
        if extension.get("url") == _PARAMETER:
            for part in rows(extension.get("extension")):
                if part.get("url") == "name":
                    yield str(typed_value(part)[1])


def _faults(row: JsonObject, place: Place, known: frozenset[str]) -> Iterable[Issue]:
    companion = row.get("_value")
    listed = companion.get("extension") if isinstance(companion, dict) else None
    for number, extension in enumerate(rows(listed)):
        value = typed_value(extension)[1]
        if extension.get("url") == _EXPRESSION and isinstance(value, dict):
            text = _fault(value, known)
            if text is not None:
                at = expression(((place, "value", None, None), "extension", number, None))
                hint = "name a parameter of the value set, in FHIRPath"
                yield Issue("filter-expression", text, f"{at}.value.ofType(Expression)", hint=hint)


def _fault(value: dict[str, Json], known: frozenset[str]) -> str | None:
    if value.get("language") != _LANGUAGE:
        return f"the expression is {value.get('language')}, wanted {_LANGUAGE}"
    unknown = [name for name in _NAMED.findall(str(value.get("expression", ""))) if name not in known]
    return f"the expression names parameter {unknown[0]!r}, which the value set does not have" if unknown else None
