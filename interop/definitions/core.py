"""The R4 definitions as shipped: one file, opened in milliseconds, each definition unpacked when first asked for.

Layout of ``r4.defs`` (made by ``python -m interop.definitions.build``):

    magic (8 bytes) | length of the head (4 bytes, big endian) | head | entries

The head is zlib-compressed JSON: ``package`` (name and version), ``types`` (type name -> kind, concrete or abstract),
``words`` (kind of resource -> the compression dictionary its entries share, base64) and ``entries``
(kind -> url -> version -> [offset, length, exact]) and ``bales`` (kind -> [offset, length]). An entry is a zlib stream
of one resource's JSON without prose; ``exact`` is 1 where it holds a fractional number, which must keep its digits. A
bale is a zlib stream of all resources of a kind that is seldom asked for, unpacked together: search parameters.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources

import orjson

from interop.definitions.cache import digest
from interop.definitions.elements import BASE, StructureDefinition
from interop.definitions.facts import TypeFacts
from interop.definitions.layers import Layer, ResourceShelf
from interop.errors import DefinitionError
from interop.json_codec import JsonObject, loads

MAGIC = b"FHIRDEF1"
FILE_NAME = "r4.defs"


class CoreFile:
    """A packed file of definitions, read in place."""

    def __init__(self, data: bytes):
        """Raises DefinitionError ``definition-file`` when ``data`` was not made by the build script."""
        if data[: len(MAGIC)] != MAGIC:
            raise DefinitionError(
                f"the definitions file starts with {data[:8]!r}, wanted {MAGIC!r}",
                code="definition-file",
                hint="make it again: python -m interop.definitions.build PACKAGE",
            )
        start = len(MAGIC) + 4
        self._body = start + int.from_bytes(data[len(MAGIC) : start], "big")
        head = orjson.loads(zlib.decompress(data[start : self._body]))
        self._data = data
        self._words = {kind: base64.b64decode(text) for kind, text in head["words"].items()}
        self._entries: dict[str, dict[str, dict[str, list[int]]]] = head["entries"]
        self._bales: dict[str, list[int]] = head["bales"]
        self._opened: dict[str, ResourceShelf] = {}
        self.package: JsonObject = head["package"]
        self.types: dict[str, str] = head["types"]

    @classmethod
    def shipped(cls) -> CoreFile:
        """R4 4.0.1 as it travels inside the wheel."""
        return cls(resources.files("interop.definitions").joinpath(FILE_NAME).read_bytes())

    @cached_property
    def digest(self) -> str:
        """Hash of the whole file."""
        return digest(self._data)

    def urls(self, kind: str) -> Iterable[str]:
        return self._bale(kind).urls(kind) if kind in self._bales else self._entries.get(kind, {})

    def versions(self, kind: str, url: str) -> Mapping[str, object]:
        if kind in self._bales:
            return self._bale(kind).versions(kind, url)
        return self._entries.get(kind, {}).get(url, {})

    def supplements(self) -> Iterable[tuple[str, str]]:
        return ()  # R4 brings one, an example

    def read(self, kind: str, url: str, version: str) -> JsonObject:
        """One resource, unpacked afresh: the caller may keep it."""
        if kind in self._bales:
            return dict(self._bale(kind).read(kind, url, version))
        offset, length, exact = self._entries[kind][url][version]
        start = self._body + offset
        text = zlib.decompressobj(zdict=self._words[kind]).decompress(self._data[start : start + length])
        found: JsonObject = loads(text) if exact else orjson.loads(text)
        return found

    def _bale(self, kind: str) -> ResourceShelf:
        if kind not in self._opened:
            offset, length = self._bales[kind]
            start = self._body + offset
            self._opened[kind] = ResourceShelf(orjson.loads(zlib.decompress(self._data[start : start + length])))
        return self._opened[kind]


@cache
def _shipped() -> CoreFile:
    return CoreFile.shipped()


@cache
def core_layer() -> Layer:
    """The shipped definitions, one shared layer: what has been unpacked once stays unpacked."""
    return Layer(_shipped())


def core_types() -> Mapping[str, str]:
    """Every type R4 defines -> its kind, `` abstract`` appended for abstract ones."""
    return _shipped().types


class _CoreStructures:
    def structure(self, canonical: str) -> StructureDefinition | None:
        url = BASE + canonical.removeprefix(BASE)
        version = next(iter(_shipped().versions("StructureDefinition", url)), None)
        return None if version is None else core_layer().published(url, version)


@cache
def core_facts() -> TypeFacts:
    """Which members R4's own types have: what reading XML needs before any package is open."""
    return TypeFacts(_CoreStructures())
