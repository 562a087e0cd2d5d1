"""Contents of a CodeSystem that agree with each other: declared properties, supplements, what is empty.

Source: FHIR R4 codesystem.html, codesystem-definitions.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows, typed_value
from interop.validation.valueset_content import certainty

if TYPE_CHECKING:
    from interop.validation.scope import Scope

CONCEPT_PROPERTIES = "http://hl7.org/fhir/concept-properties"
# Added to the list after 4.0.1, and used by HL7's own code systems there.
_LATER = frozenset(
    {"status", "effectiveDate", "deprecationDate", "retirementDate", "partOf", "synonym", "comment", "itemWeight"}
)
_INTERNAL = frozenset(f"{CONCEPT_PROPERTIES}#{name}" for name in ("parent", "child"))
# FHIR itself mixes these where a property is declared: a code is a string to many.
_ALIKE = {"code": {"code", "string"}, "string": {"string", "code"}, "decimal": {"decimal", "integer"}}


@dataclass(frozen=True, slots=True)
class CodeSystemContent:
    """What ``content`` says is so: nothing where there is none, all where it is complete, additions in a supplement."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        return [
            Issue("code-system-content", text, f"{item.expression}.{path}", hint="correct content or contents")
            for path, text in _content_faults(item)
        ]


# What a supplement takes over from the system it supplements. FHIR R4 codesystem.html#supplements.
_TAKEN_OVER = ("caseSensitive", "hierarchyMeaning")


def _content_faults(item: Item) -> Iterator[tuple[str, str]]:
    members = item.members
    content, count = members.get("content"), members.get("count")
    if members.get("supplements"):
        if content not in ("supplement", None):
            yield "content", f"content is {content!r}; a supplement says 'supplement'"
        for name in _TAKEN_OVER:
            if name in members:
                yield name, f"{name} is that of the system supplemented; a supplement has none"
    elif content == "supplement":
        yield "content", "content is 'supplement', and supplements does not say of which system"
    if content == "not-present" and members.get("concept"):
        yield "concept[0]", "content is not-present, yet concepts are given"
    if content == "complete" and isinstance(count, int):
        given = sum(1 for _ in _concepts(members, item.place))
        if given != count:
            yield "count", f"count is {count}, content is complete, and {given} concepts are given"


@dataclass(frozen=True, slots=True)
class OwnValueSet:
    """The value set a code system calls its own has all of its codes and no others."""

    trigger: ClassVar[str] = "valueSet"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        canonical, url = item.members.get("valueSet"), item.members.get("url")
        found = scope.run.definitions.resource("ValueSet", canonical) if isinstance(canonical, str) else None
        compose = found.get("compose") if found is not None else None
        if found is None or (isinstance(compose, dict) and _is_whole(compose, url)):
            return NOTHING
        text = f"{canonical} is said to have all codes of this system; it composes something else"
        return (
            Issue("code-system-content", text, item.expression, hint="let it include this system and nothing else"),
        )


def _is_whole(compose: JsonObject, url: Json) -> bool:
    included = rows(compose.get("include"))
    if len(included) != 1 or included[0].get("system") != url:
        return False
    return not any(included[0].get(name) for name in ("valueSet", "concept", "filter"))


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A concept property in HL7's namespace is one of HL7's."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        uri = item.members.get("uri")
        if not isinstance(uri, str) or not uri.startswith(f"{CONCEPT_PROPERTIES}#"):
            return NOTHING
        name = uri.partition("#")[2]
        answer = scope.run.codes.answer(CONCEPT_PROPERTIES, name)
        if name in _LATER or answer is None or answer.known is not False:
            return NOTHING
        text = f"{uri} is no property HL7 defines; a property of your own belongs in your own namespace"
        return (Issue("code-system-property", text, item.expression, hint="use a URL you own"),)


@dataclass(frozen=True, slots=True)
class DeclaredProperties:
    """Each property is declared once, and its values are of the type declared."""

    trigger: ClassVar[str] = "property"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        types: dict[str, Json] = {}
        inner = {str(row.get("code")) for row in rows(item.members.get("property")) if str(row.get("uri")) in _INTERNAL}
        known = {str(row.get("code")) for row, _ in _concepts(item.members, item.place)} if inner else set()
        whole = item.members.get("content") == "complete"
        found: list[Issue] = []
        for number, row in enumerate(rows(item.members.get("property"))):
            code = str(row.get("code"))
            if code in types:
                at = expression((item.place, "property", number, None))
                text = f"property {code!r} is declared twice"
                found.append(Issue("code-system-property", text, at, hint="declare it once"))
            types[code] = row.get("type")
        for row, place in _concepts(item.members, item.place):
            found.extend(_wrong_values(row, place, types))
            if whole and inner:
                found.extend(_lost_relatives(row, place, inner, known))
        return found


def _lost_relatives(concept: JsonObject, place: Place, inner: set[str], known: set[str]) -> Iterator[Issue]:
    """A parent or child is a concept of the same system. FHIR R4 codesystem.html#hierarchy"""
    for number, row in enumerate(rows(concept.get("property"))):
        code = row.get("valueCode")
        if str(row.get("code")) in inner and isinstance(code, str) and code not in known:
            at = expression((place, "property", number, None))
            text = f"{row['code']} {code!r} is no code of this system, which says that it is complete"
            yield Issue("code-system-property", text, at, hint="name a concept of this code system")


def _wrong_values(concept: JsonObject, place: Place, types: dict[str, Json]) -> Iterator[Issue]:
    for number, row in enumerate(rows(concept.get("property"))):
        declared = types.get(str(row.get("code")))
        kind, _ = typed_value(row)
        if isinstance(declared, str) and kind and kind not in _ALIKE.get(declared, {declared}):
            at = expression((place, "property", number, None))
            text = f"property {row.get('code')!r} is declared as {declared}, here it is a {kind}"
            yield Issue("code-system-property", text, at, hint=f"give value{declared[0].upper()}{declared[1:]}")


@dataclass(frozen=True, slots=True)
class SupplementedCodes:
    """A supplement speaks of codes that the system it supplements has."""

    trigger: ClassVar[str] = "supplements"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system = item.members.get("supplements")
        if not isinstance(system, str):
            return NOTHING
        found: list[Issue] = []
        for row, place in _concepts(item.members, item.place):
            code = row.get("code")
            answer = scope.run.codes.answer(system.partition("|")[0], code) if isinstance(code, str) else None
            if answer is not None and answer.known is False:
                text = f"{system} has no code {code!r} that could be supplemented"
                severity = certainty(system.partition("|")[0], scope)
                found.append(Issue("code-unknown", text, expression(place), severity, hint="correct the code"))
        return found


def _concepts(holder: JsonObject, place: Place) -> Iterator[tuple[JsonObject, Place]]:
    """Every concept below, with where it stands. A stack: hierarchies may be deep."""
    stack: list[tuple[JsonObject, Place]] = [(holder, place)]
    while stack:
        node, at = stack.pop()
        for number, row in enumerate(rows(node.get("concept"))):
            spot: Place = (at, "concept", number, None)
            yield row, spot
            stack.append((row, spot))
