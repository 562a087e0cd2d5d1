"""Where definitions are looked up: core below, packages and single resources in layers above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from interop.definitions.cache import Cache, code_digest
from interop.definitions.core import core_layer, core_types
from interop.definitions.dependencies import in_order
from interop.definitions.elements import BASE, StructureDefinition
from interop.definitions.facts import TypeFacts
from interop.definitions.kept import Kept, KeptSnapshots
from interop.definitions.layers import Layer, ResourceShelf
from interop.definitions.package import Package
from interop.definitions.parsing import MISSHAPEN, misshapen
from interop.definitions.snapshot import snapshot
from interop.errors import DefinitionError
from interop.json_codec import JsonObject


class Definitions:
    """Everything known about structures and terminology. Never changes; ``with_…`` gives a larger one.

    A canonical may carry ``|version``. Without one the topmost layer that knows the url answers, with its highest
    version; with one, the topmost layer that has that version.
    """

    __slots__ = ("_cache", "_facts", "_faults", "_kept", "_layers", "_stack", "_structures", "_types")

    def __init__(self, layers: tuple[Layer, ...], types: Mapping[str, str], cache: Cache | None = None):
        self._layers = layers  # topmost first
        self._types = types
        self._structures: dict[str, StructureDefinition | None] = {}
        self._faults: dict[str, DefinitionError] = {}
        self._facts = TypeFacts(self)
        self._stack = [layer.shelf.digest for layer in layers] if cache is not None else []
        self._cache = cache if all(self._stack) else None
        self._kept = KeptSnapshots(self._cache, self._stack) if self._cache is not None else None

    @classmethod
    def core(cls) -> Definitions:
        """R4 4.0.1 as shipped. One shared object: what it has unpacked once stays unpacked."""
        return _core()

    def with_package(self, package: Package) -> Definitions:
        """This, and above it one package; below it, when R4's own definitions must win over the package's."""
        return Definitions(self._layered(package), self._types)

    def with_packages(self, packages: Iterable[Package], *, cache: Cache | None = None) -> Definitions:
        """This, and above it packages, each above those it depends on.

        ``cache`` keeps the snapshots made from packages that were loaded with a cache.
        """
        found = self
        for package in in_order(packages):
            found = Definitions(found._layered(package), self._types, cache)
        return found

    def _layered(self, package: Package) -> tuple[Layer, ...]:
        layer = Layer(package)
        return (*self._layers, layer) if package.stands_below_core else (layer, *self._layers)

    def with_resource(self, resource: JsonObject) -> Definitions:
        """This, and above it one resource."""
        return self.with_resources((resource,))

    def with_resources(self, resources: Iterable[JsonObject]) -> Definitions:
        """This, and above it some resources; the last given wins over one of the same url and version."""
        top, *below = self._layers
        if isinstance(top.shelf, ResourceShelf):
            return Definitions((Layer(ResourceShelf((*top.shelf.resources, *resources))), *below), self._types)
        return Definitions((Layer(ResourceShelf(resources)), *self._layers), self._types)

    def structure(self, canonical: str) -> StructureDefinition | None:
        """The structure with its complete elements, or None when nobody knows it.

        ``canonical`` may be a type name (``Patient``). The snapshot is generated when the definition has none.
        Raises DefinitionError when a definition is found but cannot be completed (missing base, contradiction).
        """
        try:
            return self._structures[canonical]
        except KeyError:
            pass
        if canonical in self._faults:
            raise self._faults[canonical].with_traceback(None)
        try:
            found = self._structures[canonical] = _Construction(self, ()).structure(canonical)
        except DefinitionError as fault:
            self._faults[canonical] = fault
            raise
        return found

    def extension(self, url: str) -> StructureDefinition | None:
        """The definition of the extension with this url, or None when unknown or no extension."""
        found = self.structure(url)
        return found if found is not None and found.type == "Extension" else None

    def resource(self, kind: str, canonical: str) -> JsonObject | None:
        """The conformance resource of this kind (ValueSet, CodeSystem, Questionnaire, …), or None. Do not change it."""
        found = self.locate(kind, canonical)
        return found[0].resource(kind, *found[1:]) if found else None

    def versions(self, kind: str, url: str) -> tuple[str, ...]:
        """Every version known of a url, topmost layer first; "" stands for none given."""
        return tuple(dict.fromkeys(v for layer in self._layers for v in layer.shelf.versions(kind, url)))

    def canonicals(self, kind: str) -> Iterator[str]:
        """The url of every resource of this kind, each once, topmost layer first."""
        return iter(dict.fromkeys(url for layer in self._layers for url in layer.shelf.urls(kind)))

    def supplements(self) -> Iterator[JsonObject]:
        """The code systems that add displays or properties to another one's codes."""
        for layer in self._layers:
            for url, version in layer.shelf.supplements():
                resource = layer.resource("CodeSystem", url, version)
                if resource.get("content") == "supplement" or resource.get("supplements"):
                    yield resource

    def is_supplement(self, url: str) -> bool:
        """Whether the code system with this url only adds to another: its codes are not its own."""
        found = self.locate("CodeSystem", url)
        if found is None:
            return False
        layer, url, version = found
        if isinstance(layer.shelf, Package) and not layer.shelf.may_supplement(url, version):
            return False  # a large code system is not read to learn that
        resource = layer.resource("CodeSystem", url, version)
        return bool(resource.get("content") == "supplement" or resource.get("supplements"))

    def kept(self, room: str, modules: Sequence[str]) -> Kept | None:
        """Where another room keeps what its modules work out from exactly these; None when nothing is to be kept."""
        return Kept(self._cache, self._stack, code_digest(*modules, room=room)) if self._cache is not None else None

    def is_resource_type(self, name: str) -> bool:
        """A concrete R4 resource type: ``Patient``, not ``DomainResource`` and not ``HumanName``."""
        return self._types.get(name) == "resource"

    def type_kind(self, name: str) -> str | None:
        """primitive-type, complex-type, resource or logical, `` abstract`` appended for abstract types; or None."""
        return self._types.get(name)

    @property
    def type_names(self) -> Iterable[str]:
        """Every type R4 defines."""
        return self._types.keys()

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether the type is ``ancestor`` or derives from it: ``is_a("Age", "Quantity")``."""
        seen: set[str] = set()
        while name != ancestor:
            found = self.structure(name) if name not in seen else None
            if found is None or found.base is None:
                return False
            seen.add(name)
            name = found.base.removeprefix(BASE)
        return True

    def child(self, type_name: str, element_name: str) -> tuple[str, bool] | None:
        """The type of a member and whether JSON has an array: ``child("Patient", "name")`` is ("HumanName", True).

        type_name     a type, or the path of a backbone element: ``Patient.contact``; a backbone's type is its path
        element_name  as in an instance: ``valueQuantity``
        None when the type has no such member or is unknown.
        """
        return self._facts.members(type_name).types.get(element_name)

    def order(self, type_name: str) -> Sequence[str]:
        """The elements of a type as defined, a choice as ``value[x]``; empty when the type is unknown."""
        return self._facts.members(type_name).order

    def locate(self, kind: str, canonical: str) -> tuple[Layer, str, str] | None:
        """The layer, url and version that answer for a canonical."""
        url, _, version = canonical.partition("|")
        for layer in self._layers:
            versions = layer.shelf.versions(kind, url)
            if versions and (picked := _pick(versions, version)) is not None:
                return layer, url, picked
        return None


class _Construction:
    """Looks structures up while one is being made: ``chain`` names those under way, so a circle is seen."""

    __slots__ = ("_chain", "_definitions")

    def __init__(self, definitions: Definitions, chain: tuple[str, ...]):
        self._definitions = definitions
        self._chain = chain

    def structure(self, canonical: str) -> StructureDefinition | None:
        made = self._definitions._structures
        if canonical in made:
            return made[canonical]
        full = canonical if ":" in canonical else BASE + canonical
        place = self._definitions.locate("StructureDefinition", full)
        if place is None:
            return None
        layer, url, version = place
        kept = self._definitions._kept if isinstance(layer.shelf, Package) else None
        found = (kept.get(url, version) if kept is not None else None) or layer.published(url, version)
        if found is None:
            found = self._generated(layer, url, version)
            if kept is not None:
                kept.put(url, version, found)
        made[canonical] = found
        return found

    def _generated(self, layer: Layer, url: str, version: str) -> StructureDefinition:
        name = f"{url}|{version}" if version else url  # one version may derive from another
        if name in self._chain:
            raise DefinitionError(
                f"profile {name} needs itself: {' -> '.join((*self._chain, name))}",
                code="definition-circle",
                hint="a profile cannot derive from, or look inside, one that derives from it",
            )
        if len(self._chain) >= _DEEPEST:
            raise DefinitionError(
                f"{self._chain[0]} stands on a chain of more than {_DEEPEST} profiles",
                code="definition-too-deep",
                hint="derive it from a profile nearer to its base",
            )
        resource = layer.resource("StructureDefinition", url, version)
        try:
            return snapshot(resource, _Construction(self._definitions, (*self._chain, name)))
        except MISSHAPEN as fault:
            raise misshapen(resource, fault) from None
        except RecursionError:
            raise DefinitionError(
                f"{name} has paths too deep to follow", code="definition-too-deep", hint="no FHIR type is that deep"
            ) from None


@cache
def _core() -> Definitions:
    return Definitions((core_layer(),), core_types())


_DEEPEST = 30
"""Profiles under construction at once. UK Core and US Core have at most five."""
_NUMBER = re.compile(r"(\d+)")


def _pick(versions: Mapping[str, object], wanted: str) -> str | None:
    """The version asked for (``4.0`` also finds ``4.0.1``: R4 references.html#canonical); the highest when none is."""
    if wanted in versions and wanted:
        return wanted
    fitting = [v for v in versions if not wanted or v.startswith(f"{wanted}.")]
    return max(fitting, key=_order, default=None)


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """Numbers by size, and a release above its own pre-releases."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(version) if part)
