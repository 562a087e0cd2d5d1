"""The mapping file as a JSON Schema, made from the compiler's own tables, so that editors complete and check it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject
from interop.mapping import blocks
from interop.mapping.blocks import Kind
from interop.mapping.bundling import TYPES
from interop.mapping.sections import REASONS
from interop.mapping.source_block import FORMATS
from interop.mapping.transforms import TRANSFORMS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

WHAT = {
    "always": "Write the constant although its neighbours found nothing.",
    "backwards": "Path: constant. Values only the local format needs, written when running backwards.",
    "bundle": "What the resources become, and what the Bundle is called.",
    "cases": "One target, several conditions: the first case whose `when` holds and that gives a value is written.",
    "code": "system|code|display; the system by prefix or URL. In a section: a heading's code.",
    "columns": "All columns there are: then an unknown one in a rule is a fault.",
    "composition": "For documents: rules for the Composition, and its sections.",
    "compute": "FHIRPath over the row; %record is the record. One way.",
    "create": "The resource type.",
    "dates": "The source's own date formats by the names rules use.",
    "default": "Written when the source is empty.",
    "drop": "Path: reason. Fields nobody reads, on purpose.",
    "respelled": "Path: reason. Fields that may come back otherwise than they went, on purpose.",
    "empty": "Values that count as empty.",
    "entries": "Groups whose resources stand in this section.",
    "for": "A table or list: one resource (or list item) per row.",
    "group": "The group's name, unique in the mapping.",
    "groups": "What is created, in the order it should stand in the Bundle.",
    "identity": "Paths whose values name the thing: the same values give the same id.",
    "mapping": "Name of the mapping: its path under mappings/, without the ending.",
    "note": "Why it is as it is.",
    "prefixes": "Short names for code systems.",
    "profile": "Canonicals for meta.profile.",
    "reference": "A group (or several): refers to what it made, of the same row where there is one.",
    "required": "An empty source is an error at that cell. In a table: columns that must be there.",
    "reverse": "false: forwards only.",
    "rules": "What goes where.",
    "select": "Backwards only: what a resource must have to belong to this group.",
    "selector": "Backwards: whether this constant tells which resource or list item is meant.",
    "source": "Where the value stands in the record; at the top of the file: how a record is read.",
    "split": "With `for` naming one cell: one row per piece.",
    "standard": "The field of the standard this serves.",
    "target": "Where the value goes: FHIR element names; [label] names an item of a list.",
    "transform": "How the value is changed, and changed back.",
    "translate": "A ConceptMap: codes/sex, or a canonical URL.",
    "use": "Pieces whose groups are added.",
    "value": "A constant.",
    "when": "A table of path: value, which also runs backwards, or FHIRPath over the row.",
    "when-empty": "What the section says when it has no entries.",
    "zone": "Time zone of times without one, as in Europe/London.",
}
"""Keys in one sentence, for editors to show."""

_TEXT: JsonObject = {"type": ["string", "number"]}
_SCALAR: JsonObject = {"type": ["string", "number", "boolean"]}
_TEXTS: JsonObject = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_REASONS: JsonObject = {"type": "object", "additionalProperties": _TEXT}
_ALWAYS_THERE: Mapping[str, tuple[str, ...]] = {
    "mapping": ("mapping", "source"), "source": ("format",), "group": ("group", "create"), "rule": ("target",),
    "section": ("title",), "select": ("target", "is"),
}  # fmt: skip
_RULE_KINDS = ("source", "value", "code", "reference", "compute", "for", "cases")


def json_schema(definitions: Definitions | None = None) -> JsonObject:
    """The schema of mapping files and pieces (draft 2020-12). A file that says ``mapping:`` is a mapping."""
    known = definitions or Definitions.core()
    types = sorted(name for name in known.type_names if known.is_resource_type(name))
    tables: Mapping[str, Mapping[str, Kind]] = {
        "mapping": blocks.MAPPING, "piece": blocks.PIECE, "source": blocks.SOURCE, "table": blocks.TABLE,
        "bundle": blocks.BUNDLE, "time": blocks.TIME, "composition": blocks.COMPOSITION, "section": blocks.SECTION,
        "empty-reason": blocks.EMPTY_REASON, "group": blocks.GROUP, "rule": blocks.RULE, "case": blocks.CASE,
        "select": blocks.SELECT,
    }  # fmt: skip
    parts = {name: _block(name, keys) for name, keys in tables.items()}
    parts["source"]["properties"]["format"] |= {"enum": list(FORMATS)}
    parts["source"]["properties"]["tables"] = {"type": "object", "additionalProperties": _ref("table")}
    parts["bundle"]["properties"]["type"] |= {"enum": list(TYPES)}
    parts["group"]["properties"]["create"] |= {"enum": types}
    parts["empty-reason"]["properties"]["reason"] = _ref("reason")
    parts["rule"]["oneOf"] = [{"required": [kind]} for kind in _RULE_KINDS]
    return {
        "$schema": DIALECT,
        "title": "Mapping between local records and FHIR R4",
        "type": "object",
        "if": {"required": ["mapping"]},
        "then": _ref("mapping"),
        "else": _ref("piece"),
        "$defs": {**parts, **_values()},
    }


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/$defs/{name}"}


def _listed(name: str) -> JsonObject:
    return {"type": "array", "items": _ref(name)}


def _one_or_more(name: str) -> JsonObject:
    return {"anyOf": [_ref(name), _listed(name)]}


_BY_KEY: Mapping[str, JsonObject] = {
    "groups": _listed("group"), "rules": _listed("rule"), "cases": _listed("case"), "sections": _listed("section"),
    "select": _listed("select"), "source": _ref("source"), "bundle": _ref("bundle"),
    "composition": _ref("composition"), "when": _ref("condition"), "transform": _one_or_more("transform"),
    "when-empty": _one_or_more("when-empty"), "time": {"anyOf": [_TEXTS, _ref("time")]}, "dates": _ref("dates"),
}  # fmt: skip
"""What stands behind the keys whose value is more than a text."""


def _block(name: str, keys: Mapping[str, Kind]) -> JsonObject:
    properties = {key: _value(key, kind) for key, kind in keys.items()}
    made: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
    if name in _ALWAYS_THERE:
        made["required"] = list(_ALWAYS_THERE[name])
    return made


def _value(key: str, kind: Kind) -> JsonObject:
    simple = {Kind.TEXT: _TEXT, Kind.TEXTS: _TEXTS, Kind.FLAG: {"type": "boolean"}, Kind.REASONS: _REASONS}
    made = simple.get(kind) or (_BY_KEY.get(key) if kind is not Kind.ANY else None) or {}
    what = WHAT.get(key)
    return {**made, "description": what} if what else dict(made)


def _values() -> dict[str, JsonObject]:
    """Conditions, transforms, date formats and reasons."""
    values = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]}
    line = {
        "anyOf": [
            values,
            _closed({"not": values}, ["not"]),
            _closed({"is": values, "else": _SCALAR}, ["is"]),
        ]
    }
    named = {"type": "object", "minProperties": 1, "additionalProperties": False}
    calls: dict[str, Json] = {name: {} for name in TRANSFORMS}
    pattern = _closed({"format": {"type": "string"}, "pivot": {"type": "integer"}}, ["format"])
    formats = {"anyOf": [{"type": "string"}, pattern]}
    return {
        "condition": {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": line}]},
        "transform": {"anyOf": [{"enum": list(TRANSFORMS)}, {**named, "properties": calls}]},
        "dates": {
            "type": "object",
            "additionalProperties": {"anyOf": [formats, {"type": "array", "items": formats}]},
        },
        "reason": {"enum": list(REASONS)},
        "when-empty": {"anyOf": [_ref("reason"), _ref("empty-reason")]},
    }


def _closed(properties: Mapping[str, Json], required: Iterable[str]) -> JsonObject:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
