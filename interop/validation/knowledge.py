"""All that is compiled once and kept between validations: schemas, profiles, codes and policy."""

from __future__ import annotations

from interop.definitions import Definitions, StructureDefinition
from interop.definitions.elements import BASE
from interop.validation.canonical import METADATA_RESOURCES
from interop.validation.codes import Codes, Vocabulary
from interop.validation.extension import part_urls
from interop.validation.policy import Policy
from interop.validation.profiles import Profiles
from interop.validation.schemas import Schemas
from interop.validation.shapes import Shapes


class Knowledge:
    """Shared by every run of one validator. Grows as types and profiles are met; never forgets them."""

    def __init__(
        self, definitions: Definitions, vocabulary: Vocabulary | None, policy: Policy, *, at_a_glance: bool = True
    ):
        self.definitions = definitions
        self.policy = policy
        self.schemas = Schemas(definitions, at_a_glance=at_a_glance)
        self.profiles = Profiles(definitions, self.schemas, self.is_a)
        self.codes = Codes(vocabulary)
        self.is_resource_type = definitions.is_resource_type
        self._target_types: dict[str, str | None] = {}
        self._shapes: dict[str, Shapes] = {}
        self._parts: dict[str, frozenset[str]] = {}
        self._supplements: dict[str, bool] = {}
        self._ancestry: dict[tuple[str, str], bool] = {}
        self.global_profiles = _global_profiles(definitions)

    def target_type(self, canonical: str) -> str | None:
        """The resource type a target profile is for; None when the profile is unknown."""
        if canonical not in self._target_types:
            name = canonical.partition("|")[0].removeprefix(BASE)
            if self.schemas.knows(name):
                self._target_types[canonical] = name
            else:
                structure = self.profiles.structure(canonical)
                self._target_types[canonical] = structure.type if structure is not None else None
        return self._target_types[canonical]

    def shapes(self, kind: str) -> Shapes | None:
        """What passes a resource in a Bundle's entry at a glance; None for a Bundle and for what is no resource."""
        found = self._shapes.get(kind)
        if found is None and kind != "Bundle" and self.is_resource_type(kind):
            found = self._shapes[kind] = self.schemas[kind].glance
        return found

    def extension_parts(self, structure: StructureDefinition) -> frozenset[str]:
        """The short names of a complex extension's parts."""
        if structure.canonical not in self._parts:
            self._parts[structure.canonical] = part_urls(structure)
        return self._parts[structure.canonical]

    def is_supplement(self, system: str) -> bool:
        """Whether a code system only adds to another: its codes are not its own."""
        if system not in self._supplements:
            self._supplements[system] = self.definitions.is_supplement(system)
        return self._supplements[system]

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether a type is another or derives from it. ``Patient.contact`` is a BackboneElement."""
        if name == ancestor:
            return True
        if ancestor in ("CanonicalResource", "MetadataResource"):
            return name in METADATA_RESOURCES
        key = (name, ancestor)
        if key not in self._ancestry:
            if "." in name:
                name = self._backbone_type(name)
            known = self.schemas.knows(name) and self.schemas.knows(ancestor)
            self._ancestry[key] = known and self.definitions.is_a(name, ancestor)
        return self._ancestry[key]

    def _backbone_type(self, key: str) -> str:
        structure = self.definitions.structure(key.partition(".")[0])
        element = structure.element(key) if structure is not None else None
        return element.types[0].code if element is not None and element.types else "Element"


def _global_profiles(definitions: Definitions) -> dict[str, tuple[str, ...]]:
    """Profiles that an ImplementationGuide asks of every resource of a type (ImplementationGuide.global)."""
    found: dict[str, tuple[str, ...]] = {}
    for canonical in definitions.canonicals("ImplementationGuide"):
        guide = definitions.resource("ImplementationGuide", canonical) or {}
        for entry in guide.get("global") or ():
            if isinstance(entry, dict) and "type" in entry and "profile" in entry:
                found[entry["type"]] = (*found.get(entry["type"], ()), entry["profile"])
    return found
