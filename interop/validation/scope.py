"""What stands around a node while a resource is judged: its resource, its container, its Bundle, its judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from interop.definitions import Definitions, StructureDefinition
from interop.fhirpath import Services
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.codes import Codes
from interop.validation.item import Item, Name
from interop.validation.place import Place
from interop.validation.policy import Policy
from interop.validation.references import BundleIndex

_NOWHERE: Mapping[str, str] = {}


class Elements(Protocol):
    """How a type's elements are called in JSON, and whether they stand in arrays there."""

    def names(self, key: str, element: str) -> tuple[Name, ...]: ...
    def repeats(self, key: str, element: str) -> bool: ...


class Judge(Protocol):
    """What rules may ask of the run they are part of; ``run.Run`` is the one there is.

    report, extend   take findings
    structure        a definition by canonical, None when unknown
    target_type      the resource type a target profile is for
    extension_parts  the short names of a complex extension's parts
    is_a             whether a type is another or derives from it
    """

    schemas: Elements
    codes: Codes
    policy: Policy
    definitions: Definitions
    issues: list[Issue]
    report: Callable[[Issue], None]
    extend: Callable[[Iterable[Issue]], None]
    structure: Callable[[str], StructureDefinition | None]
    target_type: Callable[[str], str | None]
    extension_parts: Callable[[StructureDefinition], frozenset[str]]
    is_a: Callable[[str, str], bool]
    is_resource_type: Callable[[str], bool]
    is_supplement: Callable[[str], bool]

    def resource(
        self, node: JsonObject, place: Place, outer: Scope | None, holder: JsonObject | None = None
    ) -> None: ...
    def passes(self, entry: JsonObject, scope: Scope) -> bool: ...
    def conform(self, item: Item, canonical: str, scope: Scope) -> Iterable[Issue]: ...
    def follows(self, value: Json, key: str, canonical: str, scope: Scope) -> bool: ...
    def conforms(self, node: JsonObject, canonical: str, scope: Scope) -> bool | None: ...
    def scope_below(self, item: Item, scope: Scope) -> Scope: ...
    def node_at(self, place: Place, scope: Scope) -> Json: ...
    def services(self, scope: Scope) -> Services: ...


class Scope:
    """One resource and its surroundings.

    resource   the resource the node stands in (FHIRPath ``%resource``)
    container  the resource whose ``contained`` holds it, or itself (``%rootResource``): where ``#x`` is looked up
    place      where ``resource`` stands
    base       server part of the fullUrl of the entry it (or its container) came in; None when that has none
    entry      the Bundle entry it (or its container) came in, and where that stands
    bundle     index of the nearest Bundle around it
    sure       where references surely lead, by the url they name: what that index says
    used       ids of contained resources that a Reference has named; shared by a container and what it contains
    ids        ids of the resource's elements met so far
    outer      the scope of the resource around this one
    """

    __slots__ = (
        "_contained",
        "_services",
        "base",
        "bundle",
        "container",
        "entry",
        "ids",
        "outer",
        "place",
        "resource",
        "run",
        "sure",
        "used",
    )

    def __init__(self, run: Judge, resource: JsonObject, place: Place, outer: Scope | None = None):
        self.run = run
        self.resource = resource
        self.place = place
        self.outer = outer
        self.container: JsonObject = resource
        self.bundle: BundleIndex | None = None
        self.sure: Mapping[str, str] = _NOWHERE
        self.base: str | None = None
        self.entry: tuple[JsonObject, Place] | None = None
        self.used: set[str] = set()
        self.ids: set[str] = set()
        self._services: Services | None = None
        self._contained: dict[str, JsonObject] | None = None

    def enter(self, bundle: BundleIndex | None) -> None:
        """What stands here stands in a Bundle."""
        self.bundle = bundle
        self.sure = bundle.sure if bundle is not None else _NOWHERE

    @property
    def services(self) -> Services:
        """What FHIRPath may ask of these surroundings."""
        if self._services is None:
            self._services = self.run.services(self)
        return self._services

    def in_run(self, run: Judge) -> Scope:
        """The same surroundings for a run of its own, whose findings stay apart."""
        same = Scope(run, self.resource, self.place, self.outer)
        same.container, same.base, same.entry = self.container, self.base, self.entry
        same.enter(self.bundle)
        return same

    def contained(self, id: str) -> JsonObject | None:
        """The resource ``#id`` means here; ``#`` alone is the container."""
        if not id:
            return self.container
        if self._contained is None:
            listed = self.container.get("contained")
            found = [r for r in listed if isinstance(r, dict)] if isinstance(listed, list) else []
            self._contained = {r["id"]: r for r in found if isinstance(r.get("id"), str)}
        return self._contained.get(id)

    def position(self, resource: JsonObject) -> int | None:
        """The number of the entry (of a Bundle) or contained resource that is this very object."""
        if self.bundle is not None and self.resource.get("resourceType") == "Bundle":
            return self.bundle.number(resource)
        listed = self.resource.get("contained")
        contained = listed if isinstance(listed, list) else ()
        return next((number for number, found in enumerate(contained) if found is resource), None)

    def resolve(self, reference: str) -> JsonObject | None:
        """The resource a reference leads to inside what was given: contained, then Bundles outwards."""
        if reference.startswith("#"):
            return self.contained(reference[1:])
        scope: Scope | None = self
        asked: BundleIndex | None = None
        while scope is not None:
            if scope.bundle is not None and scope.bundle is not asked:
                asked = scope.bundle
                found = asked.find(reference, scope.base)
                if found is not None:
                    return found
            scope = scope.outer
        return None
