"""What an earlier process worked out from the very same definitions: snapshots here, value sets one room up."""

from __future__ import annotations

from collections.abc import Sequence

from interop.definitions.cache import Cache, code_digest, digest
from interop.definitions.elements import StructureDefinition
from interop.definitions.parsing import read_structure
from interop.definitions.writing import structure_json
from interop.errors import DefinitionError
from interop.json_codec import Json

_GENERATORS = ("differential", "elements", "merging", "parsing", "snapshot", "writing")


class Kept:
    """Values by name, for one stack of packages and one state of the code that works them out.

    What follows from definitions depends on all that stands below and above them: the key has the hash of every
    layer, so a changed package never meets what was worked out from the old one.
    """

    def __init__(self, cache: Cache, stack: Sequence[str], code: str):
        """stack: the content hash of every layer, topmost first. code: the hash of the code, see ``code_digest``."""
        self._cache = cache
        self._ground = digest(code, *stack)

    def get(self, *name: str) -> Json | None:
        """The value of a name; None when there is none, or none that can be trusted."""
        return self._cache.get(digest(self._ground, *name))

    def put(self, value: Json, *name: str) -> None:
        self._cache.put(digest(self._ground, *name), value)


class KeptSnapshots:
    """The snapshots of one stack of packages."""

    def __init__(self, cache: Cache, stack: Sequence[str]):
        self._kept = Kept(cache, stack, code_digest(*_GENERATORS))

    def get(self, url: str, version: str) -> StructureDefinition | None:
        found = self._kept.get(url, version)
        try:
            return read_structure(found) if isinstance(found, dict) else None
        except DefinitionError:
            return None

    def put(self, url: str, version: str, structure: StructureDefinition) -> None:
        self._kept.put(structure_json(structure), url, version)
