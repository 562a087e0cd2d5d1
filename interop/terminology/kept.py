"""Large code systems and value sets as an earlier process compiled them, in the cache their packages are kept in.

What is small is compiled again sooner than it is looked for. What can be told only by a rule (an include of a system
nobody lists) is not kept: its parts are.
"""

from __future__ import annotations

from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject
from interop.terminology.codesystem import CodeSystem
from interop.terminology.membership import Listed, Membership

LARGE = 1_000
"""Codes from which on keeping pays."""
_COMPILERS = ("codesystem", "external", "implicit", "kept", "membership", "service", "ucum", "valueset")


class KeptTerminology:
    """The compiled terminology of one set of definitions; keeps nothing when those are not kept themselves."""

    def __init__(self, definitions: Definitions):
        self._kept = definitions.kept("interop.terminology", _COMPILERS)

    def code_system(self, canonical: str) -> CodeSystem | None:
        found = self._kept.get("CodeSystem", canonical) if self._kept is not None else None
        try:
            return CodeSystem.read(found) if isinstance(found, dict) else None
        except (KeyError, TypeError):
            return None

    def put_code_system(self, canonical: str, system: CodeSystem) -> None:
        if self._kept is not None and len(system.concepts) >= LARGE:
            self._kept.put(system.as_json(), "CodeSystem", canonical)

    def value_set(self, canonical: str) -> Membership | None:
        found = self._kept.get("ValueSet", canonical) if self._kept is not None else None
        return _listed(found) if isinstance(found, dict) else None

    def put_value_set(self, canonical: str, found: Membership) -> None:
        if self._kept is None or not isinstance(found, Listed) or sum(map(len, found.codes.values())) < LARGE:
            return
        value: JsonObject = {
            "codes": {system: sorted(codes) for system, codes in found.codes.items()},
            "folded": {system: sorted(codes) for system, codes in found.folded.items()},
        }
        self._kept.put(value, "ValueSet", canonical)


def _listed(found: Json) -> Listed | None:
    try:
        codes, folded = ({s: frozenset(c) for s, c in found[part].items()} for part in ("codes", "folded"))
    except (AttributeError, KeyError, TypeError):
        return None
    return Listed(codes, folded)
