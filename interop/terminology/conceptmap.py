"""Concept maps run in both directions."""

from __future__ import annotations

from collections.abc import Iterator

from interop.json_codec import JsonObject
from interop.terminology.coding import Coding

NO_MATCH = frozenset({"unmatched", "disjoint"})
"""Equivalences that say there is no translation (R4 valueset-concept-map-equivalence.html)."""

_TURNED = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}


def translate(concept_map: JsonObject, code: str, *, system: str | None = None) -> list[Coding]:
    """The target codes of a source code, in the map's order; each once. Empty when the map has none.

    A code the map does not list takes the way of ``group.unmapped``: the code itself (provided) or a fixed one.
    Following another map (other-map) is for the caller, who knows where maps are.
    """
    found: list[Coding] = []
    for group in _groups(concept_map, "source", system):
        entries = [e for e in group.get("element") or () if e.get("code") == code]
        for target in (target for entry in entries for target in entry.get("target") or ()):
            if target.get("code") and target.get("equivalence") not in NO_MATCH:
                found.append(_coding(group.get("target"), target))
        if not entries:
            found.extend(_unmapped(group, code))
    return list(dict.fromkeys(found))


def translate_back(concept_map: JsonObject, code: str, *, system: str | None = None) -> list[Coding]:
    """The source codes that lead to a target code: exact ones (equal, equivalent) first, then in the map's order."""
    found: list[Coding] = []
    for group in _groups(concept_map, "target", system):
        for entry in group.get("element") or ():
            for target in entry.get("target") or ():
                if target.get("code") == code and target.get("equivalence") not in NO_MATCH and entry.get("code"):
                    way = target.get("equivalence", "equivalent")
                    found.append(
                        Coding(group.get("source"), entry["code"], entry.get("display"), _TURNED.get(way, way))
                    )
    return sorted(dict.fromkeys(found), key=lambda c: c.equivalence not in ("equal", "equivalent"))


def other_maps(concept_map: JsonObject, code: str, *, system: str | None = None) -> list[str]:
    """Canonicals of the maps to ask for a code this one does not list (``unmapped.mode`` other-map)."""
    return [
        group["unmapped"]["url"]
        for group in _groups(concept_map, "source", system)
        if (group.get("unmapped") or {}).get("mode") == "other-map"
        and group["unmapped"].get("url")
        and all(e.get("code") != code for e in group.get("element") or ())
    ]


def _groups(concept_map: JsonObject, end: str, system: str | None) -> Iterator[JsonObject]:
    """The groups whose source or target is this system; without a system, all of them."""
    return (g for g in concept_map.get("group") or () if system is None or g.get(end) in (None, system))


def _coding(system: str | None, target: JsonObject) -> Coding:
    return Coding(system, target["code"], target.get("display"), target.get("equivalence", "equivalent"))


def _unmapped(group: JsonObject, code: str) -> Iterator[Coding]:
    unmapped = group.get("unmapped") or {}
    if unmapped.get("mode") == "provided":
        yield Coding(group.get("target"), code, None, "equal")
    elif unmapped.get("mode") == "fixed" and unmapped.get("code"):
        yield Coding(group.get("target"), unmapped["code"], unmapped.get("display"), "wider")
