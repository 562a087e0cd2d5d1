"""Profiles compiled to branches: only what they add to their base type, each when it is first used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from interop.definitions import Definitions, Discriminator, ElementDefinition, StructureDefinition
from interop.definitions import Slicing as SlicingDefinition
from interop.definitions.parsing import MISSHAPEN
from interop.errors import InteropError
from interop.validation.assertion import Known
from interop.validation.branch import Branch
from interop.validation.cardinality import Cardinality
from interop.validation.discriminator import tests
from interop.validation.glance import Glance
from interop.validation.rules import RULES
from interop.validation.schemas import Schemas
from interop.validation.script import Script
from interop.validation.slicing import DEFAULT, Slice, Slicing
from interop.validation.twig import Twig, grow

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_ASKED = 4
"""A profile asked for so often is worth a function of its own."""
_BY_URL = SlicingDefinition((Discriminator("value", "url"),), False, "open")
_BY_TYPE = SlicingDefinition((Discriminator("type", "$this"),), False, "open")


class Profiles:
    """Compiled profiles by canonical. A profile that cannot be had is None, once and for all."""

    def __init__(self, definitions: Definitions, schemas: Schemas, is_a: Callable[[str, str], bool]):
        self._definitions = definitions
        self._is_a = is_a
        self._glances: dict[tuple[str, str], Glance | None] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._schemas = schemas
        self._structures: dict[str, StructureDefinition | None] = {}
        self._faults: dict[str, str] = {}
        self._branches: dict[str, Branch | None] = {}
        self._trees: dict[str, Twig | None] = {}

    def structure(self, canonical: str) -> StructureDefinition | None:
        """The structure; None when unknown or unusable (``fault`` tells why)."""
        if canonical not in self._structures:
            whole, _, part = canonical.partition("#")
            try:
                found = self._definitions.structure(whole)
                self._structures[canonical] = found.part(part) if found is not None and part else found
            except InteropError as fault:
                self._structures[canonical] = None
                self._faults[canonical] = str(fault)
        return self._structures[canonical]

    def fault(self, canonical: str) -> str:
        """Why there is no such structure."""
        return self._faults.get(canonical, "no definition with this canonical is loaded")

    def tree(self, canonical: str) -> Twig | None:
        if canonical not in self._trees:
            structure = self.structure(canonical)
            self._trees[canonical] = grow(structure.elements) if structure is not None and structure.elements else None
        return self._trees[canonical]

    def branch(self, canonical: str) -> Branch | None:
        """The compiled profile; None when its definition is unknown or unusable."""
        if canonical not in self._branches:
            structure, tree = self.structure(canonical), self.tree(canonical)
            known = structure is not None and self._schemas.knows(structure.type.partition(".")[0])
            self._branches[canonical] = self._made(canonical, structure, tree) if known and structure and tree else None
        return self._branches[canonical]

    def glance(self, canonical: str, key: str, scope: Scope) -> Glance | None:
        """What tells that a value of the type ``key`` follows a profile beyond doubt.

        None when nothing can, and until the profile has been asked for a few times: then its function is written.
        """
        try:
            return self._glances[canonical, key]
        except KeyError:
            pass
        self._asked[canonical, key] += 1
        if self._asked[canonical, key] < _ASKED:
            return None
        structure, branch = self.structure(canonical), self.branch(canonical)
        found = None
        if self._schemas.at_a_glance and branch is not None and structure and self._is_a(key, structure.type):
            script = Script(scope)
            branch.write(script, "node", key, self._schemas)
            found = script.glance(f"{key} by {canonical}")
        self._glances[canonical, key] = found
        return found

    def _made(self, canonical: str, structure: StructureDefinition, root: Twig) -> Branch | None:
        try:
            return self._compile(structure, root)
        except MISSHAPEN as fault:
            # A definition may hold anything that JSON can: what makes no sense must not stop the validation.
            self._faults[canonical] = f"its definition makes no sense: {fault}"
            return None

    def _compile(self, structure: StructureDefinition, root: Twig) -> Branch:
        key = structure.type
        if "." in key:
            return self._compile_part(structure, root)
        base = self._schemas.tree(key).definition
        known = Known(base, frozenset(c.key for c in base.constraints), structure.canonical)
        branch = Branch(structure.name)
        self._fill(branch, root, key, known)
        return branch

    def _compile_part(self, structure: StructureDefinition, twig: Twig) -> Branch:
        """An element of a profile, to be used where another profile names it."""
        key = structure.type.rpartition(".")[0]
        branch = Branch(structure.name)
        base = self._schemas.base_element(key, twig.name)
        if base is not None:
            known = self._known(base, twig, key, structure.canonical)
            self._fill(branch, twig, self._key_below(twig, key), known)
        return branch

    def _fill(self, branch: Branch, twig: Twig, key: str, known: Known) -> None:
        """Rules of the element itself, then everything below it."""
        for factory in RULES:
            branch.assertions.extend(factory(twig.definition, known))
        for child in twig.children:
            below = self._child(child, key, known.origin)
            if below is not None and below.says_something:
                branch.children.append(below)

    def _child(self, twig: Twig, key: str, origin: str) -> Branch | None:
        base = self._schemas.base_element(key, twig.name)
        if base is None:
            return None
        known = self._known(base, twig, key, origin)
        branch = Branch(twig.name)
        definition = twig.definition
        if definition.min > base.min or definition.max != base.max:
            low = definition.min if definition.min > base.min else 0
            high = definition.max if definition.max != base.max else None
            branch.groups.append(Cardinality(low, high, definition.id, known.rule))
        if twig.slices:
            branch.groups.append(self._slicing(twig, key, base, origin))
        self._fill(branch, twig, self._key_below(twig, key), known)
        return branch

    def _known(self, base: ElementDefinition, twig: Twig, key: str, origin: str) -> Known:
        keys = {c.key for c in base.constraints}
        for name in self._schemas.names(key, twig.name):
            keys |= self._schemas.constraints(name.type)
        for code in twig.definition.type_codes:
            if self._schemas.knows(code):
                keys |= self._schemas.constraints(code)
        return Known(base, frozenset(keys), origin)

    def _key_below(self, twig: Twig, key: str) -> str:
        codes = twig.definition.type_codes
        return self._schemas.key_below(key, twig.name, codes[0] if len(codes) == 1 else None) or "Element"

    def _slicing(self, twig: Twig, key: str, base: ElementDefinition, origin: str) -> Slicing:
        definition = twig.definition
        slicing = definition.slicing or _implied(definition)
        known = self._known(base, twig, key, origin)
        slices = tuple(self._slice(piece, twig, key, known, slicing) for piece in twig.slices)
        return Slicing(definition.id, slices, slicing.rules, slicing.ordered, known.rule)

    def _slice(self, piece: Twig, head: Twig, key: str, known: Known, slicing: SlicingDefinition) -> Slice:
        definition = piece.definition
        branch = Branch(piece.name)
        self._fill(branch, piece, self._key_below(piece, key), known)
        name = definition.slice_name or ""
        found = None if name == DEFAULT else tests(slicing.discriminators, piece, self.tree)
        high = definition.max if definition.max != head.definition.max else None
        cardinality = Cardinality(definition.min, high, definition.id, known.rule)
        counted = cardinality if definition.min or high is not None else None
        nested = None
        if piece.slices and known.element is not None:
            nested = self._slicing(piece, key, known.element, known.origin)
        return Slice(name, found, counted, branch, nested)


def _implied(definition: ElementDefinition) -> SlicingDefinition:
    """Extensions are told apart by url and choices by type, whether the profile says so or not."""
    if definition.is_choice:
        return _BY_TYPE
    return _BY_URL if definition.name in ("extension", "modifierExtension") else SlicingDefinition()
