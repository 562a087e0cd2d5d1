"""A Measure whose criteria can be run: they name definitions that one of its CQL libraries has.

Source: FHIR R4 measure.html (Measure.library, Measure.group.population.criteria); ELM is what CQL compiles to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from interop.errors import InteropError
from interop.json_codec import Json, JsonObject, loads
from interop.outcome import Issue, Severity
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows
from interop.xml_codec import parse

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_CQL = frozenset({"text/cql", "text/cql.identifier", "text/cql-identifier"})
_ELM = "{urn:hl7-org:elm:r1}"


@dataclass(frozen=True, slots=True)
class MeasureCriteria:
    """Criteria in CQL name a definition of a library of the measure.

    Only stratifiers are looked at, as HL7's validator does: populations may name what an included library defines.
    """

    trigger: ClassVar[str] = "group"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        named = item.members.get("library")
        named = [entry for entry in named if isinstance(entry, str)] if isinstance(named, list) else []
        found = [_library(canonical, scope) for canonical in named]
        libraries = [library for library in found if library is not None]
        # A library that is not loaded may define it: told, not refused.
        severity = scope.run.policy.beyond_text if None in found else Severity.ERROR
        issues: list[Issue] = []
        for criteria, place in _stratifying(item):
            text = _fault(criteria, libraries)
            if text is not None:
                hint = "correct library or expression"
                issues.append(Issue("measure-criteria", text, expression(place), severity, hint=hint))
        return issues


def _library(canonical: str, scope: Scope) -> JsonObject | None:
    if canonical.startswith("#"):
        return scope.contained(canonical[1:])
    return scope.run.definitions.resource("Library", canonical)


def _stratifying(item: Item) -> Iterator[tuple[JsonObject, Place]]:
    for number, group in enumerate(rows(item.members.get("group"))):
        place: Place = (item.place, "group", number, None)
        for index, stratifier in enumerate(rows(group.get("stratifier"))):
            spot: Place = (place, "stratifier", index, None)
            yield from _criteria(stratifier, spot)
            for third, component in enumerate(rows(stratifier.get("component"))):
                yield from _criteria(component, (spot, "component", third, None))
    for number, data in enumerate(rows(item.members.get("supplementalData"))):
        yield from _criteria(data, (item.place, "supplementalData", number, None))


def _criteria(holder: JsonObject, place: Place) -> Iterator[tuple[JsonObject, Place]]:
    criteria = holder.get("criteria")
    if isinstance(criteria, dict):
        yield criteria, (place, "criteria", None, None)


def _fault(criteria: JsonObject, libraries: list[JsonObject]) -> str | None:
    name = criteria.get("expression")
    if str(criteria.get("language")) not in _CQL or not isinstance(name, str):
        return None
    if not libraries:
        return f"{name!r} is CQL, and the measure has no library that could define it"
    owner, dot, definition = name.rpartition(".")
    owned = [library for library in libraries if not dot or library.get("name") == owner]
    if not owned:
        return f"{name!r} names library {owner!r}, the measure has {', '.join(str(e.get('name')) for e in libraries)}"
    if len(owned) > 1:
        return f"{name!r} does not say which library it means: the measure has {len(owned)}"
    known = _definitions(owned[0])
    if known is None or definition in known:
        return None
    return f"library {owned[0].get('url')} does not define {definition!r}"


def _definitions(library: JsonObject) -> frozenset[str] | None:
    """The names a library's ELM defines; None when it has none that can be read."""
    for attachment in rows(library.get("content")):
        kind, data = attachment.get("contentType"), attachment.get("data")
        if isinstance(data, str) and isinstance(kind, str) and kind.startswith("application/elm+"):
            return _statements(data, xml=kind.startswith("application/elm+xml"))
    return None


@lru_cache(maxsize=256)
def _statements(data: str, *, xml: bool) -> frozenset[str] | None:
    try:
        content = base64.b64decode(data)
        if xml:
            listed = parse(content).iterfind(f"{_ELM}statements/{_ELM}def")
            return frozenset(str(definition.get("name")) for definition in listed)
        return frozenset(str(row.get("name")) for row in rows(_json_statements(loads(content))))
    except (InteropError, binascii.Error, ValueError):
        return None


def _json_statements(elm: Json) -> Json:
    library = elm.get("library") if isinstance(elm, dict) else None
    statements = library.get("statements") if isinstance(library, dict) else None
    return statements.get("def") if isinstance(statements, dict) else None
