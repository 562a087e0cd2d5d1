"""Running backwards, what found no place in the local format: told value by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interop.bundle import Entry, Index, entries
from interop.json_codec import Json, JsonObject
from interop.mapping.claims import Claims
from interop.mapping.trace import ResourcePath, location
from interop.outcome import Issue, Severity

NOT_CONTENT = frozenset({"resourceType", "id", "meta", "text", "implicitRules", "language"})
"""Members that say nothing about the person: ids, generated text, what a resource claims to conform to."""

_ABOUT_THE_EXCHANGE = frozenset({"Provenance", "MessageHeader", "Composition"})


def contents(bundle: JsonObject) -> Iterator[Entry]:
    """The resources of a Bundle, those of Bundles inside it (a document in a message) in their place."""
    for entry in entries(bundle):
        if entry.type == "Bundle":
            yield from contents(entry.resource)
        else:
            yield entry


Told = set[tuple[str, tuple[str, ...], str]]
"""Values whatever their place in lists: (resource type, member names, text)."""


def told_by(made: Iterable[Entry]) -> Told:
    """Every value of these resources."""
    return {(entry.type, *value) for entry in made for value in _values(entry.resource, ())}


def losses_of(claims: Claims, index: Index, mapping: str, again: Told) -> Iterator[Issue]:
    """A finding for every value refused, every value without a place, every resource no group took.

    again  what the local record says once it is mapped forward: a text composed of its fields was not lost
    """
    places = {id(entry): f"Bundle.entry[{number}].resource" for number, entry in enumerate(index.entries)}
    used: dict[int, set[ResourcePath]] = {}
    for claim in claims.all():
        found = used.setdefault(id(claim.entry), set())
        found |= claim.undoing.used if claim.group.reverse else {()}
        for issue in claim.undoing.issues if claim.group.reverse else ():
            at = f"{places[id(claim.entry)]}.{issue.expression}"
            yield Issue(issue.code, issue.text, at, issue.severity, rule=issue.rule, hint=issue.hint)
    for entry in index.entries:
        place = places[id(entry)]
        if id(entry) not in used:
            severity = Severity.INFORMATION if entry.type in _ABOUT_THE_EXCHANGE else Severity.WARNING
            named = _named(entry.resource)
            text = f"{mapping} has no place for this {entry.type}{f' ({named})' if named else ''}"
            yield Issue("reverse-resource-dropped", text, place, severity, rule=mapping)
            continue
        for path in left_over(entry.resource, used[id(entry)]):
            names = tuple(step for step in path if isinstance(step, str))
            lost = {(entry.type, *value) for value in _values(_at(entry.resource, path), names)}
            if path[0] not in NOT_CONTENT and not (lost and lost <= again):
                yield _dropped(f"{place}.{location(path)}", _at(entry.resource, path), mapping)


_WHAT = ("code", "type", "category", "medicationCodeableConcept", "vaccineCode")


def _named(resource: JsonObject) -> str | None:
    """What kind of thing it is, so that a reader knows what to look for; never a result or who it is about."""
    for member in _WHAT:
        held = resource.get(member)
        concept = held[0] if isinstance(held, list) and held else held
        if not isinstance(concept, dict):
            continue
        codings = concept.get("coding")
        first = next((c for c in codings if isinstance(c, dict)), {}) if isinstance(codings, list) else {}
        for words in (concept.get("text"), first.get("display"), first.get("code")):
            if isinstance(words, str) and words:
                return words
    return None


def _dropped(place: str, value: Json, mapping: str) -> Issue:
    plain = value if isinstance(value, str) else None if isinstance(value, dict | list) else str(value)
    text = f"{mapping} has no place for this value"
    return Issue("reverse-value-dropped", text, place, Severity.INFORMATION, rule=mapping, value=plain)


def _values(node: Json, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _values(child, (*names, key))
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, names)
    else:
        yield names, str(node)


def _at(node: Json, path: ResourcePath) -> Json:
    for step in path:
        node = node[step]
    return node


def left_over(node: Json, used: set[ResourcePath], path: ResourcePath = ()) -> Iterator[ResourcePath]:
    """The largest parts of a resource in which nothing was used."""
    if path in used:
        return
    inside = any(here[: len(path)] == path for here in used)
    if path and not inside:
        yield path
        return
    if isinstance(node, dict):
        for key, child in node.items():
            yield from left_over(child, used, (*path, key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from left_over(child, used, (*path, number))
