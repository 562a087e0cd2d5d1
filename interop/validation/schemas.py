"""Type definitions compiled to schemas, each when it is first met."""

from __future__ import annotations

from collections.abc import Iterator
from threading import RLock

from interop.definitions import Definitions, ElementDefinition, TypeRef
from interop.validation.assertion import Assertion, Known
from interop.validation.element_id import ElementIdField
from interop.validation.fields import CompanionField, ObjectField, PrimitiveField, ResourceField, Silent
from interop.validation.glance import always, rules_of
from interop.validation.item import Name
from interop.validation.panel import NO_RULES, Panel
from interop.validation.primitive import FAULTS, RIGHT
from interop.validation.rules import RULES, TYPE_RULES
from interop.validation.schema import Element, Field, Needed, Schema
from interop.validation.twig import Twig, grow
from interop.validation.unrolled import EntryResource, EntryUrl, anything

ENTRY = "Bundle.entry"
_RESOURCE = frozenset({"Resource", "DomainResource"})


class Schemas(dict[str, Schema]):
    """Schemas by type code or backbone path: ``schemas["Patient.contact"]``. KeyError for what is no type."""

    def __init__(self, definitions: Definitions, *, at_a_glance: bool = True):
        super().__init__()
        self.definitions = definitions
        self.at_a_glance = at_a_glance
        self._trees: dict[str, Twig] = {}
        self._names: dict[tuple[str, str], tuple[Name, ...]] = {}
        self._building: dict[str, Schema] = {}
        self._lock = RLock()

    def __missing__(self, key: str) -> Schema:
        # Several threads share a validator: a schema is seen by others only when it is complete.
        with self._lock:
            if key not in self:
                self._building = {}
                self._compile_type(key.partition(".")[0])
                self.update(self._building)
            found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def tree(self, type_name: str) -> Twig:
        """The element tree of a type. KeyError when there is no such type."""
        found = self._trees.get(type_name)
        if found is None:
            structure = self.definitions.structure(type_name)
            if structure is None or not structure.elements:
                raise KeyError(type_name)
            found = self._trees[type_name] = grow(structure.elements)
        return found

    def knows(self, type_name: str) -> bool:
        return self.definitions.type_kind(type_name) is not None

    def names(self, key: str, element: str) -> tuple[Name, ...]:
        """The JSON names of an element below a type; empty when the type has no such element."""
        found = self._names.get((key, element))
        if found is None:
            owner = self.get(key) or (self[key] if self.knows(key.partition(".")[0]) else None)
            known = owner.element(element) if owner is not None else None
            names = known.names if known is not None else ()
            if known is not None and known.definition.is_choice and not element.endswith("[x]"):
                names = tuple(name for name in names if name.json == element)
            found = self._names[(key, element)] = names
        return found

    def repeats(self, key: str, element: str) -> bool:
        """Whether the values of an element stand in an array."""
        known = self.base_element(key, element)
        return known is not None and known.repeats

    def constraints(self, key: str) -> frozenset[str]:
        """Keys of the invariants that every value of the type is checked for anyway."""
        type_name = key.partition(".")[0]
        if "." in key or not self.knows(type_name):
            return frozenset()
        return frozenset(c.key for c in self.tree(type_name).definition.constraints)

    def _compile_type(self, type_name: str) -> None:
        root = self.tree(type_name)
        is_resource = (self.definitions.type_kind(type_name) or "").startswith("resource")
        schema = self._compile_object(type_name, root, type_name, is_resource=is_resource)
        known = Known(None, frozenset(), type_name)
        own = [assertion for factory in RULES for assertion in factory(root.definition, known)]
        schema.panel = self._panel(type_name, [*own, *_type_rules(type_name)])
        if is_resource:
            schema.fields["resourceType"] = Silent()
            schema.plain["resourceType"] = anything
        self._seal(schema)

    def _compile_object(
        self, key: str, twig: Twig, origin: str, *, is_resource: bool = False, around: Panel = NO_RULES
    ) -> Schema:
        """``around``: the rules of the one element that has values of this type."""
        schema = self._building[key] = Schema(key, is_resource)
        for child in twig.children:
            if key in FAULTS and child.name == "value":
                continue
            self._compile_element(schema, child, origin)
        schema.panel = self._panel(key, _type_rules(key))
        self._seal(schema, around)
        return schema

    def _seal(self, schema: Schema, around: Panel = NO_RULES) -> None:
        if self.at_a_glance:
            rules = rules_of((*schema.panel.asked(), *around.asked()), schema.key)
            if rules is not None and schema.key == ENTRY:
                schema.seal((*rules, ("resource", EntryResource())), {"fullUrl": EntryUrl(), "resource": always})
            else:
                schema.seal(rules)

    def _compile_element(self, schema: Schema, twig: Twig, origin: str) -> None:
        definition = twig.definition
        names, panel = tuple(self._element_names(twig)), NO_RULES
        schema.elements[twig.name] = Element(definition, names)
        for name in names:
            panel = self._panel(name.type, self._assertions(definition, name.type, origin))
            for json, member in self._fields(definition, name, panel):
                schema.fields[json] = member
                if self.at_a_glance:
                    _add_glance(schema, json, member, definition)
        every = frozenset(n for name in names for n in (name.json, name.companion) if n is not None)
        if definition.min and names:
            schema.needed.append(Needed(twig.name, every, (names[0].json,) if len(names) == 1 else ()))
            schema.must.add(names[0].json if len(names) == 1 else "")
        if len(names) > 1:
            schema.choices.append(Needed(twig.name, every))
            schema.choice_names |= every
        if twig.children:
            self._compile_object(definition.path, twig, origin, around=panel)

    def _element_names(self, twig: Twig) -> Iterator[Name]:
        definition = twig.definition
        if definition.content_reference is not None:
            yield Name(twig.name, twig.name, definition.content_reference, primitive=False)
        elif twig.children:
            yield Name(twig.name, twig.name, definition.path, primitive=False)
        elif not definition.is_choice:
            code = _code(definition.types[0], definition) if definition.types else "Element"
            yield Name(twig.name, twig.name, code, primitive=code in FAULTS and code != "xhtml")
        else:
            stem = twig.name.removesuffix("[x]")
            for ref in definition.types:
                code = _code(ref, definition)
                yield Name(
                    f"{stem}{code[0].upper()}{code[1:]}", f"{stem}.ofType({code})", code, primitive=code in FAULTS
                )

    def _assertions(self, definition: ElementDefinition, key: str, origin: str) -> list[Assertion]:
        referenced = self._referenced(definition)
        known = Known(None, self.constraints(key), origin)
        return [assertion for factory in RULES for assertion in factory(referenced, known)]

    def _panel(self, key: str, assertions: list[Assertion]) -> Panel:
        """The assertions, each with its trigger where that is one plain element of the type."""
        triggers = [getattr(assertion, "trigger", None) for assertion in assertions]
        return Panel(
            (assertion, trigger if trigger is not None and self._is_plain(key, trigger) else None)
            for assertion, trigger in zip(assertions, triggers, strict=True)
        )

    def _is_plain(self, key: str, element: str) -> bool:
        """Whether the type has an element of exactly this name: not a choice."""
        steps = key.split(".")
        twig: Twig | None = self.tree(steps[0]) if self.knows(steps[0]) else None
        for step in steps[1:]:
            twig = twig.child(step) if twig is not None else None
        return twig is not None and any(child.name == element for child in twig.children)

    def _referenced(self, definition: ElementDefinition) -> ElementDefinition:
        """A content reference takes the rules of the element it refers to."""
        if definition.content_reference is None:
            return definition
        steps = definition.content_reference.split(".")
        twig: Twig | None = self.tree(steps[0])
        for step in steps[1:]:
            twig = twig.child(step) if twig is not None else None
        return twig.definition if twig is not None else definition

    def _fields(self, definition: ElementDefinition, name: Name, panel: Panel) -> Iterator[tuple[str, Field]]:
        many, most = definition.repeats, definition.max if definition.max != 1 else None
        fault = FAULTS.get(name.type)
        if fault is not None:
            member = PrimitiveField(name=name, many=many, max=most, panel=panel, fault=fault, right=RIGHT[name.type])
            yield name.json, ElementIdField(member) if definition.base_path == "Element.id" else member
            if name.companion is not None:
                companion = CompanionField(name=name, many=many, max=most, panel=panel, schemas=self)
                yield name.companion, companion
        elif name.type in _RESOURCE:
            yield name.json, ResourceField(name=name, many=many, max=most)
        else:
            one_by_one = name.type == ENTRY
            yield (
                name.json,
                ObjectField(name=name, many=many, max=most, panel=panel, schemas=self, one_by_one=one_by_one),
            )

    def base_element(self, key: str, name: str) -> ElementDefinition | None:
        """The definition of an element in the type ``key`` names, a content reference followed."""
        if not self.knows(key.partition(".")[0]):
            return None
        found = self[key].element(name)
        return self._referenced(found.definition) if found is not None else None

    def key_below(self, key: str, name: str, code: str | None) -> str | None:
        """The key of the schema of an element's values; ``code`` picks the type of a choice."""
        names = self.names(key, name)
        if not names:
            return None
        picked = next((n for n in names if n.type == code), None) or (names[0] if len(names) == 1 else None)
        if picked is None:
            return None
        return code if code is not None and picked.type in _RESOURCE else picked.type


def _add_glance(schema: Schema, json: str, member: Field, definition: ElementDefinition) -> None:
    """What passes a member's values at a glance. A type that holds itself is looked at level by level."""
    if isinstance(member, PrimitiveField):
        plain = member.plain()
        deep = member.deep() if plain is None else None
        if plain is not None:
            schema.plain[json] = plain
    elif isinstance(member, ObjectField) and definition.content_reference is None:
        deep = member.deep(schema.key)
    else:
        deep = None
    if deep is not None:
        schema.deep[json] = deep


def _type_rules(key: str) -> list[Assertion]:
    return [factory() for factory in TYPE_RULES.get(key, ())]


def _code(ref: TypeRef, definition: ElementDefinition) -> str:
    """The FHIR type of a type reference: ``System.String`` stands for the type its extension names."""
    if definition.base_path == "Resource.id":
        return "id"  # R4 says string in the StructureDefinition and id in the text: the text is what is meant
    if not ref.code.startswith("System."):
        return ref.code
    return ref.fhir_type or ref.code.removeprefix("System.").lower()
