"""The order of elements, which XML prescribes and JSON does not.

Source: FHIR R4 xml.html ("the order of elements is significant").
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.place import Place, expression


def order_issues(resource: JsonObject, definitions: Definitions) -> Iterator[Issue]:
    """Every element of a resource read from XML that stands behind one it should precede."""
    kind = resource.get("resourceType")
    if isinstance(kind, str):
        yield from _below(resource, kind, (None, kind, None, kind), definitions)


def _below(node: JsonObject, key: str, place: Place, definitions: Definitions) -> Iterator[Issue]:
    kind = node.get("resourceType")
    if isinstance(kind, str) and definitions.child(key, "resourceType") is None:
        key = kind  # ExampleScenario.instance has an element of this name, and is no resource
    ranks = _ranks(key, definitions)
    furthest, before = -1, ""
    seen: set[str] = set()
    for name, value in node.items():
        element = name.removeprefix("_")
        fact = definitions.child(key, element)
        if fact is None or element in seen or (key == "Extension" and element == "url"):
            continue  # Extension.url is an attribute in XML: it has no place among the elements
        seen.add(element)
        rank = ranks.get(element, _choice_rank(element, ranks))
        if rank < furthest:
            text = f"{element} stands after {before}; XML wants it before"
            spot: Place = (place, element, 0 if fact[1] else None, None)
            yield Issue("element-order", text, expression(spot), hint=f"move {element} before {before}")
        elif rank > furthest:
            furthest, before = rank, element
        yield from _values(value, fact, (place, element), definitions)


def _values(value: Json, fact: tuple[str, bool], at: tuple[Place, str], definitions: Definitions) -> Iterator[Issue]:
    place, element = at
    for number, entry in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(entry, dict):
            index = number if isinstance(value, list) else None
            yield from _below(entry, fact[0], (place, element, index, None), definitions)


def _ranks(key: str, definitions: Definitions) -> dict[str, int]:
    return {name: number for number, name in enumerate(definitions.order(key))}


def _choice_rank(element: str, ranks: dict[str, int]) -> int:
    """The place of ``valueQuantity`` is that of ``value[x]``."""
    return next((rank for name, rank in ranks.items() if name[-3:] == "[x]" and element.startswith(name[:-3])), -1)
