"""From an element to its members: on plain JSON where types do not matter, on Nodes where they do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from interop.fhirpath.model import ANY_RESOURCE, Model
from interop.fhirpath.node import Item, Items, Node, node
from interop.json_codec import Json, JsonObject

EMPTY: Items = []
"""Shared; nothing in this room changes a list it was given."""

# Elements that can be of several types in R4: looked for by the start of their name where the type is unknown.
CHOICES = frozenset(
    """
    abatement additive age allowed amount answer asNeeded author born bounds characteristic chargeItem code collected
    content created date deceased defaultValue definingSubstance definition detail diagnosis done dose doseNumber due
    effective entity event example fastingStatus fixed identified indication item legallyBinding location manufacturer
    maxValue medication minValue minimumVolume module multipleBirth name occurred occurrence offset onset
    participantEffective pattern performed probability procedure product quantity rate reported scheduled seriesDoses
    serviced source start statusReason studyEffective subject substance target time timing topic used value what when
    where why
    """.split()  # noqa: SIM905 - a list of words, not a hundred quotes
)
_PRIMITIVES = frozenset(
    """
    Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time
    UnsignedInt Uri Url Uuid
    """.split()  # noqa: SIM905 - as above
)
_SUFFIXES = _PRIMITIVES | frozenset(
    """
    Address Age Annotation Attachment CodeableConcept Coding ContactDetail ContactPoint Contributor Count
    DataRequirement Distance Dosage Duration Expression HumanName Identifier Meta Money ParameterDefinition Period
    Quantity Range Ratio Reference RelatedArtifact SampledData Signature Timing TriggerDefinition UsageContext
    """.split()  # noqa: SIM905 - as above
)


def values(item: Item, name: str, keys: tuple[str, ...] | None) -> Items:
    """The members of that name as plain JSON. ``keys`` None: the type is unknown, choices are looked for."""
    if item.__class__ is Node:
        if item.value.__class__ is not dict:
            return _of_primitive(item, name)
        item = item.value
    if item.__class__ is list:
        return [value for part in item for value in values(part, name, keys)]
    if item.__class__ is not dict:
        return EMPTY
    if keys is None:
        if name not in item and name in CHOICES:
            keys = tuple(key for key, _ in _choice(item, name)) or (name,)
        else:
            keys = (name,)
    found = EMPTY
    for key in keys:
        value, extra = item.get(key), item.get(f"_{key}")
        if value is not None or extra is not None:
            found = found + _plain(value, extra)
    return found


def nodes(item: Item, name: str, types: frozenset[str] | None, model: Model | None) -> Items:
    """The members of that name as Nodes. ``types``: what ``item`` can be, where it does not say so itself."""
    owner = as_node(item, types)
    if owner is None:
        return EMPTY
    if owner.value.__class__ is not dict:
        return _of_primitive(owner, name)
    content = owner.value
    child = model.child(owner.type, name) if model is not None and owner.type else None
    if child is not None:
        keys = child.keys
    elif name not in content and name in CHOICES:
        keys = tuple(_choice(content, name))
    else:
        keys = ((name, ""),)
    found: Items = []
    for key, type_name in keys:
        value, extra = content.get(key), content.get(f"_{key}")
        if value is not None or extra is not None:
            _wrap(found, value, extra, "" if type_name in ANY_RESOURCE else type_name)
    return found


def as_node(item: Item, types: frozenset[str] | None) -> Node | None:
    """The item as a Node; None for a value that is not an element of a tree."""
    if item.__class__ is Node:
        return item
    only = next(iter(types)) if types is not None and len(types) == 1 else ""
    if item.__class__ is dict:
        return node(item, only)
    return node(item, only) if only and not only.startswith("System.") else None


def children(item: Item) -> Items:
    """Every member of an element as plain JSON, in the order they stand."""
    if item.__class__ is Node:
        item = item.value if item.value.__class__ is dict else item.extra
    found: Items = []
    if item.__class__ is not dict:
        return found
    for key, value in item.items():
        if key[:1] == "_":
            return _children_and_companions(item)
        if value.__class__ is list:
            found += value
        elif key != "resourceType":
            found.append(value)
    return found if None not in found else [part for part in found if part is not None]


def _children_and_companions(item: JsonObject) -> Items:
    found: Items = []
    for key, value in item.items():
        if key[:1] == "_":
            if key[1:] not in item:
                found += _plain(None, value)
        elif key != "resourceType" and value is not None:
            found += _plain(value, item.get(f"_{key}"))
    return found


def child_nodes(item: Item, types: frozenset[str] | None, model: Model | None) -> Items:
    """Every member of an element as Nodes."""
    owner = as_node(item, types)
    if owner is None:
        return EMPTY
    is_primitive = owner.value.__class__ is not dict
    content = owner.extra if is_primitive else owner.value
    if not content:
        return EMPTY
    forms = model.forms("Element" if is_primitive else owner.type) if model is not None and owner.type else {}
    found: Items = []
    for key, value in content.items():
        if key[0:1] == "_":
            if key[1:] not in content:
                _wrap(found, None, value, forms.get(key[1:], ""))
        elif key != "resourceType":
            _wrap(found, value, content.get(f"_{key}"), forms.get(key, ""))
    return found


def descendants(item: Item) -> Items:
    """Every element below, as plain JSON, level by level; linear."""
    found: Items = []
    level = children(item)
    while level:
        found.extend(level)
        level = [child for part in level if part.__class__ in (dict, Node) for child in children(part)]
    return found


def descendant_nodes(item: Item, types: frozenset[str] | None, model: Model | None) -> Items:
    """Every element below, as Nodes, level by level; linear."""
    found: Items = []
    level = child_nodes(item, types, model)
    while level:
        found.extend(level)
        level = [child for part in level for child in child_nodes(part, None, model)]
    return found


def _of_primitive(owner: Node, name: str) -> Items:
    """A primitive has an id and extensions; they stand in its companion."""
    if owner.extra is None or name not in ("id", "extension"):
        return EMPTY
    found: Items = []
    _wrap(found, owner.extra.get(name), None, "Extension" if name == "extension" else "string")
    return found


def _choice(content: JsonObject, name: str) -> list[tuple[str, str]]:
    """JSON names that are this choice element, with the types their endings tell."""
    start = len(name)
    found = []
    for key in content:
        if len(key) <= start:
            continue
        key = key.removeprefix("_")
        suffix = key[start:]
        if suffix in _SUFFIXES and key.startswith(name):
            found.append((key, suffix[0].lower() + suffix[1:] if suffix in _PRIMITIVES else suffix))
    return list(dict.fromkeys(found))


def _plain(value: Json, extra: Json) -> Items:
    """The values of one member; where only a companion stands, a Node with it."""
    if extra is None:
        if value.__class__ is not list:
            return [value]
        return value if None not in value else [part for part in value if part is not None]
    return [Node(None, "", more) if part is None else part for part, more in _pairs(value, extra)]


def _wrap(found: Items, value: Json, extra: Json, type_name: str) -> None:
    """Adds the values of one member as Nodes."""
    if extra is not None:
        found += [node(part, type_name, more) for part, more in _pairs(value, extra)]
    elif value.__class__ is list:
        found += [node(part, type_name) for part in value if part is not None]
    elif value is not None:
        found.append(node(value, type_name))


def _pairs(value: Json, extra: Json) -> Iterator[tuple[Json, JsonObject | None]]:
    """Each value with its companion; companions of a list stand in a list of their own, in step with it."""
    parts = value if value.__class__ is list else [value]
    more = extra if extra.__class__ is list else [extra]
    for part, companion in zip_longest(parts, more):
        if companion.__class__ is not dict:
            companion = None
        if part is not None or companion is not None:
            yield part, companion
