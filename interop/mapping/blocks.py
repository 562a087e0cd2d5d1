"""The keys each part of a mapping file may have, and what kind of value each takes: the file format as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from interop.json_codec import Json
from interop.mapping.faults import Faults, Place
from interop.mapping.yaml_tree import Item


class Kind(Enum):
    """What may stand behind a key."""

    TEXT = auto()  # a text; numbers count as text
    TEXTS = auto()  # a text or a list of texts
    FLAG = auto()  # true or false
    ANY = auto()  # any YAML, checked where it is used
    ITEM = auto()  # any YAML, kept with its places
    LIST = auto()  # a list, each item read by its own block
    SET = auto()  # a set of key: value, read by its own block
    REASONS = auto()  # a set of text: text


MAPPING: Mapping[str, Kind] = {
    "mapping": Kind.TEXT, "version": Kind.TEXT, "title": Kind.TEXT, "note": Kind.TEXT, "standard": Kind.TEXT,
    "source": Kind.SET, "use": Kind.TEXTS, "prefixes": Kind.REASONS, "bundle": Kind.SET, "composition": Kind.SET,
    "groups": Kind.LIST, "drop": Kind.REASONS, "backwards": Kind.REASONS,
    "respelled": Kind.REASONS,
}  # fmt: skip
PIECE: Mapping[str, Kind] = {
    "piece": Kind.TEXT, "title": Kind.TEXT, "note": Kind.TEXT, "use": Kind.TEXTS, "prefixes": Kind.REASONS,
    "bundle": Kind.SET, "composition": Kind.SET, "groups": Kind.LIST, "drop": Kind.REASONS,
    "respelled": Kind.REASONS,
}  # fmt: skip
SOURCE: Mapping[str, Kind] = {
    "format": Kind.TEXT, "zone": Kind.TEXT, "tables": Kind.SET, "file": Kind.TEXT, "at": Kind.TEXT, "key": Kind.TEXT,
    "root": Kind.TEXT, "versions": Kind.TEXTS, "needs": Kind.TEXTS, "follow": Kind.TEXTS, "names": Kind.SET,
    "encodings": Kind.TEXTS, "dates": Kind.ITEM, "note": Kind.TEXT,
}  # fmt: skip
TABLE: Mapping[str, Kind] = {
    "file": Kind.TEXT, "key": Kind.TEXT, "one": Kind.FLAG, "format": Kind.TEXT, "at": Kind.TEXT, "columns": Kind.TEXTS,
    "sheet": Kind.TEXT, "header": Kind.TEXT, "serials": Kind.TEXTS, "required": Kind.TEXTS, "optional": Kind.FLAG,
    "delimiter": Kind.TEXT, "encodings": Kind.TEXTS, "note": Kind.TEXT,
}  # fmt: skip
BUNDLE: Mapping[str, Kind] = {
    "type": Kind.TEXT, "kind": Kind.TEXT, "event": Kind.TEXTS, "time": Kind.ITEM, "person": Kind.TEXT,
    "identity": Kind.TEXTS, "profile": Kind.TEXTS, "note": Kind.TEXT,
}  # fmt: skip
TIME: Mapping[str, Kind] = {"source": Kind.TEXTS, "transform": Kind.ITEM, "note": Kind.TEXT}
COMPOSITION: Mapping[str, Kind] = {
    "rules": Kind.LIST, "sections": Kind.LIST, "profile": Kind.TEXTS, "note": Kind.TEXT,
}  # fmt: skip
SECTION: Mapping[str, Kind] = {
    "title": Kind.TEXT, "code": Kind.TEXTS, "entries": Kind.TEXTS, "when-empty": Kind.ITEM, "text": Kind.TEXTS,
    "when": Kind.ITEM, "sections": Kind.LIST, "note": Kind.TEXT, "standard": Kind.TEXT,
}  # fmt: skip
EMPTY_REASON: Mapping[str, Kind] = {"when": Kind.ITEM, "reason": Kind.TEXT, "text": Kind.TEXT, "note": Kind.TEXT}
GROUP: Mapping[str, Kind] = {
    "group": Kind.TEXT, "create": Kind.TEXT, "for": Kind.TEXT, "split": Kind.TEXT, "when": Kind.ITEM,
    "identity": Kind.TEXTS, "url": Kind.TEXT, "profile": Kind.TEXTS, "rules": Kind.LIST, "select": Kind.LIST,
    "reverse": Kind.FLAG, "note": Kind.TEXT, "standard": Kind.TEXT,
}  # fmt: skip
RULE: Mapping[str, Kind] = {
    "source": Kind.TEXTS, "target": Kind.TEXT, "value": Kind.ANY, "code": Kind.TEXT, "reference": Kind.TEXTS,
    "compute": Kind.TEXT, "transform": Kind.ITEM, "translate": Kind.TEXT, "default": Kind.ANY, "empty": Kind.TEXTS,
    "required": Kind.FLAG, "when": Kind.ITEM, "always": Kind.FLAG, "selector": Kind.FLAG, "reverse": Kind.FLAG,
    "for": Kind.TEXT, "split": Kind.TEXT, "rules": Kind.LIST, "cases": Kind.LIST, "note": Kind.TEXT,
    "standard": Kind.TEXT,
}  # fmt: skip
CASE: Mapping[str, Kind] = {
    "when": Kind.ITEM, "value": Kind.ANY, "code": Kind.TEXT, "source": Kind.TEXTS, "transform": Kind.ITEM,
    "translate": Kind.TEXT, "selector": Kind.FLAG, "note": Kind.TEXT,
}  # fmt: skip
SELECT: Mapping[str, Kind] = {"target": Kind.TEXT, "is": Kind.ANY}


def read_block(item: Item, allowed: Mapping[str, Kind], what: str, faults: Faults) -> dict[str, Json]:
    """The members of ``item`` by key, each as its kind asks; what does not fit is a fault and left out.

    TEXTS become a tuple of str, REASONS a dict of str, LIST a list of Items, SET and ITEM the Item itself.
    """
    if not isinstance(item.value, dict):
        faults.add(item.place, f"{what} is {item.kind()}, wanted a set of `key: value`")
        return {}
    found: dict[str, Json] = {}
    for key, child in item.members().items():
        kind = allowed.get(key)
        if kind is None:
            faults.unknown(item.keys[key], f"{what} has no key", key, allowed)
            continue
        value = _value(child, kind, f"{key!r} of {what}", faults)
        if value is not None:
            found[key] = value
    return found


def _value(item: Item, kind: Kind, what: str, faults: Faults) -> Json:
    if kind is Kind.ANY:
        return item.plain
    if kind is Kind.ITEM:
        return item
    wanted: dict[Kind, tuple[type, str]] = {
        Kind.LIST: (list, "a list"), Kind.SET: (dict, "a set of `key: value`"), Kind.REASONS: (dict, "a set of texts"),
        Kind.FLAG: (bool, "true or false"),
    }  # fmt: skip
    if kind in wanted:
        python, words = wanted[kind]
        if not isinstance(item.value, python):
            faults.add(item.place, f"{what} is {item.kind()}, wanted {words}")
            return None
        if kind is Kind.REASONS:
            return {key: _text(child, f"{key!r} in {what}", faults) or "" for key, child in item.members().items()}
        return {Kind.LIST: item.value, Kind.SET: item, Kind.FLAG: item.value}[kind]
    if kind is Kind.TEXTS:
        texts = (_text(child, what, faults) for child in item.items())
        return tuple(text for text in texts if text is not None)
    return _text(item, what, faults)


def _text(item: Item, what: str, faults: Faults) -> str | None:
    if isinstance(item.value, str) and item.value != "":
        return item.value
    if isinstance(item.value, bool | dict | list) or item.value in (None, ""):
        faults.add(item.place, f"{what} is {item.kind() if item.value != '' else 'empty'}, wanted a text")
        return None
    return str(item.value)


def place_of(item: Item, key: str) -> Place:
    """Where the value of ``key`` stands, or the whole block when it has no such key."""
    child = item.members().get(key)
    return child.place if child else item.place
