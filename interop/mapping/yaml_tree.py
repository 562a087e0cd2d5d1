"""YAML read into plain items that know their line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types
from yaml.nodes import MappingNode, ScalarNode, SequenceNode  # type: ignore[import-untyped]  # as above

from interop.json_codec import Json
from interop.mapping.faults import Faults, Place

MAX_DEPTH = 30
"""Deepest nesting of a mapping file. Aliases that contain themselves end here too."""

MAX_ITEMS = 200_000
"""Most values a mapping file may hold, aliases written out."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it: twenty times as fast

_LOOSE_BRACKET = re.compile(r"[\w.]\[[^\[\]\"']*\]")
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_BOOL = _TRUE | {"false", "False", "FALSE"}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")  # 007 stays text: a code's leading zeros are part of it
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One YAML value: a scalar, a list of items, or a dict of items with the places of its keys."""

    value: str | int | Decimal | bool | list[Item] | dict[str, Item] | None
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def plain(self) -> Json:
        """The value without places, as JSON would have it."""
        if isinstance(self.value, dict):
            return {key: item.plain for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        return self.value

    def members(self) -> dict[str, Item]:
        """The members of a dict; nothing for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list[Item]:
        """The items of a list; a lone value counts as a list of one."""
        return self.value if isinstance(self.value, list) else [self]

    def kind(self) -> str:
        """What an analyst would call it, for error texts."""
        kinds: dict[type, str] = {dict: "a set of `key: value`", list: "a list", str: "text", bool: "true/false"}
        return "nothing" if self.value is None else kinds.get(type(self.value), "a number")


def read_yaml(text: str, file: str, faults: Faults) -> Item | None:
    """The document as items; None, with a fault, when it is empty or not YAML."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        problem = str(error.problem or error.context)
        line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
        loose = "'}'" in problem and _LOOSE_BRACKET.search(line)
        hint = 'inside { } put quotes round a path that has [ ]: "name[official].family"' if loose else None
        faults.add(place, f"not YAML: {problem}", hint)
        return None
    except yaml.YAMLError as error:
        faults.add(Place(file, 1, 1), f"not YAML: {error}")
        return None
    except RecursionError:
        faults.add(Place(file, 1, 1), f"nested more than {MAX_DEPTH} levels deep")
        return None
    if node is None:
        faults.add(Place(file, 1, 1), "the file is empty")
        return None
    try:
        return _item(node, file, faults, 0, count(1))
    except _TooLargeError:
        faults.add(Place(file, 1, 1), f"holds more than {MAX_ITEMS} values once its aliases are written out")
        return None


class _TooLargeError(Exception):
    """Aliases of aliases: a small file that would fill the memory."""


def _item(node: Any, file: str, faults: Faults, depth: int, counter: Iterator[int]) -> Item:
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if next(counter) > MAX_ITEMS:
        raise _TooLargeError
    if depth > MAX_DEPTH:
        faults.add(place, f"nested more than {MAX_DEPTH} levels deep")
        return Item(None, place)
    if isinstance(node, SequenceNode):
        return Item([_item(child, file, faults, depth + 1, counter) for child in node.value], place)
    if isinstance(node, MappingNode):
        members: dict[str, Item] = {}
        keys: dict[str, Place] = {}
        for key, at, child in _pairs(node, file):
            if key in members:
                faults.add(at, f"key {key!r} stands twice", f"first at line {keys[key].line}")
            members[key], keys[key] = _item(child, file, faults, depth + 1, counter), at
        return Item(members, place, keys)
    return Item(_scalar(node), place)


def _pairs(node: MappingNode, file: str) -> Iterator[tuple[str, Place, Any]]:
    for key, child in node.value:
        yield str(key.value), Place(file, key.start_mark.line + 1, key.start_mark.column + 1), child


def _scalar(node: ScalarNode) -> str | int | Decimal | bool | None:
    """The value by YAML 1.2's core schema: ``yes``, ``on``, ``12:30`` and dates are the text they look like."""
    text = str(node.value)
    if node.style or node.tag == "tag:yaml.org,2002:str":  # in quotes, a block, or said to be text
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return text in _TRUE
    if _INTEGER.fullmatch(text) and len(text) < 19:
        return int(text)
    return Decimal(text) if _FRACTION.fullmatch(text) else text
