"""What a StructureDefinition says, as frozen values: elements, types, bindings, invariants, slicing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest

from interop.json_codec import Json

BASE = "http://hl7.org/fhir/StructureDefinition/"
"""Where HL7's own structures live: a bare type name is short for this plus the name."""


BINDABLE = frozenset(
    {"code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Duration", "Age", "Money", "Count", "Extension"}
)


@dataclass(frozen=True, slots=True)
class TypeRef:
    """One allowed type (ElementDefinition.type).

    code              ``Quantity``, ``Reference``, ``System.String`` for the FHIRPath system types
    profiles          canonicals a value of this type must conform to (any one of them)
    target_profiles   canonicals the target of a Reference or canonical must conform to (any one of them)
    fhir_type         the FHIR type that a system type stands for: ``string`` for ``Patient.id``
    regex             the lexical form of a primitive, where the definition gives one
    profile_elements  beside ``profiles``: the id of the element of that profile which is meant
                      (``Composition.section:procedure``), None for its root; empty when all are roots
    """

    code: str
    profiles: tuple[str, ...] = ()
    target_profiles: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()
    versioning: str | None = None
    fhir_type: str | None = None
    regex: str | None = None
    profile_elements: tuple[str | None, ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """``profiles``, each with ``#`` and the id of its element where only that part of it is meant."""
        if not self.profile_elements:
            return self.profiles
        pairs = zip_longest(self.profiles, self.profile_elements[: len(self.profiles)])
        return tuple(f"{canonical}#{element}" if element else canonical for canonical, element in pairs)


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the codes come from (ElementDefinition.binding). ``value_set`` is None when only text describes it."""

    strength: str
    value_set: str | None
    max_value_set: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """An invariant (ElementDefinition.constraint). ``best_practice``: R4 calls it a recommendation (dom-6)."""

    key: str
    severity: str
    human: str
    expression: str | None
    source: str | None = None
    best_practice: bool = False


@dataclass(frozen=True, slots=True)
class Discriminator:
    """How the slices are told apart: type is value, exists, pattern, type or profile; path is restricted FHIRPath."""

    type: str
    path: str


@dataclass(frozen=True, slots=True)
class Slicing:
    """ElementDefinition.slicing. rules is closed, open or openAtEnd."""

    discriminators: tuple[Discriminator, ...] = ()
    ordered: bool = False
    rules: str = "open"


TypedValue = tuple[str, Json]
"""A value whose type its name carries: ``fixedUri`` -> ``("uri", "http://loinc.org")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementDefinition:
    """One row of a snapshot.

    id                 ``Observation.category:VSCat.coding``: unique in the structure, names slices
    path               ``Observation.category.coding``
    max                None is ``*``
    base_max           the cardinality of the element in the type that first defined it: what decides whether JSON has
                       an array (None is ``*``)
    base_path          the path in that type: ``Resource.id``, ``Element.extension``
    content_reference  the id of the element whose children this one has: ``Observation.referenceRange``
    min_length         fewest characters of a string, from the extension minLength
    max_size           largest size of an attachment, from the extension maxSize
    mime_types         content types an attachment may have, from the extension mimeType; empty for any
    representation     XML form: xmlAttr, xmlText, typeAttr, cdaText, xhtml
    """

    id: str
    path: str
    min: int = 0
    max: int | None = None
    types: tuple[TypeRef, ...] = ()
    slice_name: str | None = None
    content_reference: str | None = None
    fixed: TypedValue | None = None
    pattern: TypedValue | None = None
    binding: Binding | None = None
    constraints: tuple[Constraint, ...] = ()
    slicing: Slicing | None = None
    min_value: TypedValue | None = None
    max_value: TypedValue | None = None
    max_length: int | None = None
    min_length: int | None = None
    max_size: Decimal | int | None = None
    mime_types: tuple[str, ...] = ()
    is_modifier: bool = False
    must_support: bool = False
    representation: tuple[str, ...] = ()
    base_max: int | None = None
    base_path: str | None = None

    @property
    def name(self) -> str:
        """The last step of the path: ``value[x]``."""
        return self.path.rpartition(".")[2]

    @property
    def is_choice(self) -> bool:
        """``value[x]``: the JSON name carries the type."""
        return self.path.endswith("[x]")

    @property
    def repeats(self) -> bool:
        """JSON has an array here, whatever a profile says about max."""
        return self.base_max != 1 and self.base_max != 0

    @property
    def type_codes(self) -> tuple[str, ...]:
        return tuple(t.code for t in self.types)


@dataclass(frozen=True, slots=True)
class ExtensionContext:
    """Where an extension may stand. type is element, extension or fhirpath."""

    type: str
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StructureDefinition:
    """A resource, data type, profile or extension with its complete list of elements (the snapshot).

    kind        primitive-type, complex-type, resource or logical
    base        canonical of what it derives from; None for Element and Resource
    derivation  specialization (a type of its own), constraint (a profile) or None
    """

    url: str
    version: str | None
    name: str
    type: str
    kind: str
    abstract: bool
    base: str | None
    derivation: str | None
    elements: tuple[ElementDefinition, ...]
    context: tuple[ExtensionContext, ...] = ()
    context_invariants: tuple[str, ...] = ()
    _by_id: dict[str, ElementDefinition] = field(init=False, repr=False)
    _children: dict[str, list[ElementDefinition]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_id: dict[str, ElementDefinition] = {}
        children: dict[str, list[ElementDefinition]] = {}
        for element in self.elements:
            by_id.setdefault(element.id, element)
            parent, dot, _ = element.id.rpartition(".")
            if dot:
                children.setdefault(parent, []).append(element)
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_children", children)

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}" if self.version else self.url

    @property
    def is_profile(self) -> bool:
        """Constrains another structure instead of defining a type of its own."""
        return self.derivation == "constraint"

    @property
    def root(self) -> ElementDefinition:
        return self.elements[0]

    def __iter__(self) -> Iterator[ElementDefinition]:
        return iter(self.elements)

    def element(self, id: str) -> ElementDefinition | None:
        """The element with this id, or None."""
        return self._by_id.get(id)

    def part(self, id: str) -> StructureDefinition | None:
        """One element with everything below it as a structure of its own, ``url#id``; None when there is none."""
        found = self.element(id)
        if found is None:
            return None
        inner = tuple(e for e in self.elements if e is found or e.id.startswith((f"{id}.", f"{id}/")))
        return replace(self, url=f"{self.canonical}#{id}", version=None, type=found.path, elements=inner)

    def children(self, id: str) -> tuple[ElementDefinition, ...]:
        """The elements directly below the one with this id, slices included, in snapshot order."""
        return tuple(self._children.get(id, ()))

    def slices(self, id: str) -> tuple[ElementDefinition, ...]:
        """The slices of the element with this id, re-slices not included."""
        start = f"{id}/" if ":" in id.rpartition(".")[2] else f"{id}:"
        siblings = self._children.get(id.rpartition(".")[0], ())
        return tuple(e for e in siblings if e.id.startswith(start) and "/" not in e.id[len(start) :])
