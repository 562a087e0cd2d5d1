"""A record of a FHIR source back into FHIR JSON: the Bundle it would have been read from.

The tree says rows by resource type; the file is one Bundle whose entries carry them under their fullUrl. A mapping run
backwards need not know which elements repeat: STU3's facts say, and lists are made or undone here.
Source: FHIR STU3 bundle.html#references, json.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from interop import json_codec
from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject
from interop.sources.fhir_facts import Stu3Facts
from interop.sources.fhir_places import FOLLOWED, FULL_URL


class Facts(Protocol):
    """What a version of FHIR says of an element."""

    def child(self, type_name: str, element_name: str) -> tuple[str, bool] | None:
        """The type code of a child element and whether it repeats; None when nobody knows it."""
        ...


_FIRST = ("Composition", "MessageHeader")
_AROUND = frozenset({"File", "Bundle", "Message"})
"""Members of the tree that are no resource types."""


def write_fhir(tree: JsonObject, version: str) -> bytes:
    """One Bundle with the tree's resources; those that lead a document or message come first."""
    tree = shaped(tree, version)
    own = tree.get("Bundle")
    bundle: JsonObject = {"resourceType": "Bundle", **(own if isinstance(own, dict) else {})}
    kinds = [kind for kind in _FIRST if kind in tree] + [k for k in tree if k not in _FIRST and k not in _AROUND]
    bundle["entry"] = [entry for kind in kinds for entry in _entries(kind, tree[kind])]
    return json_codec.dumps(bundle, indent=True)


def shaped(tree: JsonObject, version: str) -> JsonObject:
    """The tree as reading gives it: rows in lists, elements that repeat as lists, the others not."""
    core = Definitions.core()
    facts: Facts = Stu3Facts(core) if version == "STU3" else core
    found: JsonObject = {}
    for kind, rows in tree.items():
        if kind in _AROUND:
            found[kind] = _shaped(rows, "Bundle", facts) if kind == "Bundle" else rows
        else:
            listed = rows if isinstance(rows, list) else [rows]
            found[kind] = [_shaped(row, kind, facts) for row in listed if row]
    return found


def _entries(kind: str, rows: Json) -> Iterator[JsonObject]:
    for row in rows if isinstance(rows, list) else [rows]:
        if isinstance(row, dict):
            content = {name: value for name, value in row.items() if name != FULL_URL}
            url = {FULL_URL: row[FULL_URL]} if FULL_URL in row else {}
            yield {**url, "resource": {"resourceType": kind, **content}}


def _shaped(node: Json, type_name: str, facts: Facts) -> Json:
    if isinstance(node, list):
        return [_shaped(item, type_name, facts) for item in node]
    if not isinstance(node, dict):
        return node
    found: JsonObject = {}
    for name, value in node.items():
        if name == FOLLOWED and "reference" in node:
            continue
        fact = facts.child(type_name, name.removeprefix("_"))
        if fact is None:
            found[name] = value
            continue
        below, repeats = fact
        inner = below if below not in ("BackboneElement", "Element") else f"{type_name}.{name}"
        if repeats and not isinstance(value, list):
            value = [value]
        elif not repeats and isinstance(value, list) and len(value) == 1:
            value = value[0]
        found[name] = _shaped(value, inner, facts)
    return found
