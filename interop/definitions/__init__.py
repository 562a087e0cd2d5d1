"""What FHIR R4 and its profiles say: packages, structures with complete elements, and where to find them."""

from interop.definitions.archive import PackageLimits
from interop.definitions.cache import Cache
from interop.definitions.checking import definition_issues, package_issues
from interop.definitions.contradiction import contradictions
from interop.definitions.dependencies import dependency_issues
from interop.definitions.elements import (
    Binding,
    Constraint,
    Discriminator,
    ElementDefinition,
    ExtensionContext,
    Slicing,
    StructureDefinition,
    TypeRef,
)
from interop.definitions.package import Package
from interop.definitions.registry import Definitions
from interop.definitions.snapshot import snapshot

__all__ = [
    "Binding",
    "Cache",
    "Constraint",
    "Definitions",
    "Discriminator",
    "ElementDefinition",
    "ExtensionContext",
    "Package",
    "PackageLimits",
    "Slicing",
    "StructureDefinition",
    "TypeRef",
    "contradictions",
    "definition_issues",
    "dependency_issues",
    "package_issues",
    "snapshot",
]
