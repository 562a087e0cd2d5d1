"""Paths as analysts write them: where a value stands in a source record, where it goes in a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from interop.json_codec import Json
from interop.location import SourcePath


@dataclass(frozen=True, slots=True)
class Where:
    """The first item of a list whose value at ``path`` is ``value``: ``[Role=Daughter]``."""

    path: SourcePath
    value: str

    def matches(self, item: Json) -> bool:
        found = follow(item, self.path)
        return found is not None and str(found).strip() == self.value


Step: TypeAlias = str | int | Where
Steps: TypeAlias = tuple[Step, ...]

VARIABLES = ("$now", "$key", "$index", "$mapping", "$original", "$file")
"""Values that come from the run, not from the record."""


class PathError(ValueError):
    """A path that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class SourceExpression:
    """A parsed source path. ``absolute``: starts at the record although the rule stands in a row."""

    text: str
    steps: Steps
    absolute: bool = False

    @property
    def variable(self) -> str | None:
        return self.text if self.text in VARIABLES else None


def follow(node: Json, path: SourcePath) -> Json:
    """The value at a concrete path, or None."""
    for step in path:
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, dict) else None
        else:
            node = node[step] if isinstance(node, list) and -len(node) <= step < len(node) else None
        if node is None:
            return None
    return node


def locate(node: Json, steps: Steps) -> SourcePath:
    """The concrete path that ``steps`` mean in this record; where the record ends early, the steps go on as written.

    A name on a list means its first item.
    """
    path: list[str | int] = []
    for step in steps:
        if isinstance(step, Where):
            items = node if isinstance(node, list) else []
            place = next((i for i, item in enumerate(items) if step.matches(item)), None)
            if place is None:
                break
            step = place
        elif isinstance(step, str) and isinstance(node, list):
            path.append(0)
            node = node[0] if node else None
        path.append(step)
        node = follow(node, (step,))
    return tuple(path)


EMPTY: dict[str, Json] = {}


def as_dict(node: Json) -> dict[str, Json]:
    """The node if it is an object, the first object of a list, or an empty one."""
    if isinstance(node, dict):
        return node
    if isinstance(node, list) and node and isinstance(node[0], dict):
        return node[0]
    return EMPTY


def fetcher(steps: Steps) -> Callable[[Json], Json]:
    """A function from a row to the raw value at ``steps``; an empty list (an HL7 field not sent) is no value."""
    plain = tuple(step for step in steps if not isinstance(step, Where))
    if len(plain) == len(steps) in (1, 2) and all(isinstance(step, str) for step in plain):
        return _named(plain)
    if len(plain) == len(steps) and any(isinstance(step, int) for step in plain):
        return lambda node: _reach(node, plain)
    return lambda node: fetch(node, steps)


def _named(names: SourcePath) -> Callable[[Json], Json]:
    """A column, or a column of a table, at two look-ups."""
    first, last = names[0], names[-1]
    if len(names) == 1:
        return lambda node: node.get(last) if node.__class__ is dict else fetch(node, names)

    def inner(node: Json) -> Json:
        table = node.get(first) if node.__class__ is dict else None
        return table.get(last) if table.__class__ is dict else fetch(node, names)

    return inner


def fetch(node: Json, steps: Steps) -> Json:
    """The raw value at ``steps``; None where a selector finds no item. A name on a list means its first item."""
    for step in steps:
        if isinstance(step, Where):
            items = node if isinstance(node, list) else ()
            node = next((item for item in items if step.matches(item)), None)
        elif isinstance(step, int) and isinstance(node, str):
            node = node if step == 0 else None
        else:
            if isinstance(step, str) and isinstance(node, list):
                node = node[0] if node else None
            node = follow(node, (step,))
        if node is None:
            return None
    return node


def _reach(node: Json, path: SourcePath) -> Json:
    """``follow`` for paths with indexes: a plain text stands for its own only component (HL7 v2)."""
    for step in path:
        if node.__class__ is list:
            if not isinstance(step, int) or step >= len(node):
                return None
            node = node[step]
        elif node.__class__ is dict:
            node = node.get(step)
        else:
            return node if step == 0 else None
    return node


def rows_of(steps: Steps, split: str | None) -> Callable[[Json, SourcePath], list[tuple[SourcePath, Json]]]:
    """A function from a node and its own path to the rows at ``steps``, each with its path.

    A list gives its items, an object is one row, a text with ``split`` one row a piece; lists on the way are gone
    through.
    """

    def rows(node: Json, at: SourcePath) -> list[tuple[SourcePath, Json]]:
        found = [(at, node)]
        for step in steps:
            found = list(_down(found, step))
        if split is not None:
            cells = ((path, node.split(split)) for path, node in found if isinstance(node, str))
            pieces = ((path, number, text) for path, texts in cells for number, text in enumerate(texts))
            return [((*path, number), text.strip()) for path, number, text in pieces if text.strip()]
        return list(_items(found))

    return rows


def _items(nodes: Iterable[tuple[SourcePath, Json]]) -> Iterator[tuple[SourcePath, Json]]:
    for path, node in nodes:
        if isinstance(node, list):
            yield from (((*path, number), item) for number, item in enumerate(node) if item not in (None, [], {}))
        elif node is not None and node != {} and node != "":
            yield path, node


def _down(nodes: list[tuple[SourcePath, Json]], step: Step) -> Iterator[tuple[SourcePath, Json]]:
    for path, node in nodes:
        if isinstance(step, Where):
            place = locate(node, (step,))
            if place:
                yield (*path, *place), follow(node, place)
        elif isinstance(step, str) and isinstance(node, list):
            yield from _down(list(_items([(path, node)])), step)
        else:
            below = follow(node, (step,))
            if below is not None:
                yield (*path, step), below


_NAME = re.compile(r"`([^`]+)`|([^.\[\]`]+)")
_SELECTOR = re.compile(r"\[(?:(\d+)|([^\]=]+)=([^\]]*))\]")


def read_source_path(text: str) -> SourceExpression:
    """``/contacts[Role=Daughter].Phone`` for tables, JSON and XML. Raises PathError."""
    if text.startswith("$") and text in VARIABLES:
        return SourceExpression(text, ())
    absolute = text.startswith("/")
    rest = text[1:] if absolute else text
    if rest == ".":
        return SourceExpression(text, (), absolute)
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        match = _NAME.match(rest, at)
        if match is None:
            raise PathError(f"cannot read {text!r} at character {at + 1}: a name is wanted")
        steps.append(match[1] or match[2].strip())
        at = match.end()
        while selector := _SELECTOR.match(rest, at):
            steps.append(_selector(selector, text))
            at = selector.end()
        if at < len(rest):
            if rest[at] != "." or at + 1 == len(rest):
                raise PathError(
                    f"cannot read {text!r} at character {at + 1}: found {rest[at]!r}, wanted '.' and a name"
                )
            at += 1
    if not steps:
        raise PathError("an empty path")
    return SourceExpression(text, tuple(steps), absolute)


def _selector(match: re.Match[str], text: str) -> Step:
    if match[1] is not None:
        if match[1] == "0":
            raise PathError(f"{text!r}: items are counted from 1")
        return int(match[1]) - 1
    return Where(tuple(part.strip().strip("`") for part in match[2].split(".")), match[3].strip())


_SEGMENT = re.compile(r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<which>[^\]]+)\])?(?:-(?P<rest>.+))?")
_FIELD = re.compile(r"(?P<field>\d+)(?:\[(?P<which>[^\]]+)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?")
_COMPONENT = re.compile(r"(?P<component>\d+)(?:\.(?P<sub>\d+))?")


def read_hl7_path(text: str, row: str = "record", *, loop: bool = False) -> SourceExpression:
    """``PID-3[5=NH].1`` into steps of the HL7 v2 tree. Raises PathError.

    row   what the path starts at: "record", "segment" (a row of ``for: DG1``) or "repetition" (``for: PID-3``)
    loop  the path names a list to go through, so it stops at the segment or the field
    """
    if text.startswith("$") and text in VARIABLES:
        return SourceExpression(text, ())
    absolute = text.startswith("/")
    rest = text[1:] if absolute else text
    if rest == "." and not absolute:
        return SourceExpression(text, ())
    if (absolute or row == "record") and (match := _SEGMENT.fullmatch(rest)):
        return SourceExpression(text, _segment_steps(match, text, loop), absolute)
    if not absolute and row == "segment" and (match := _FIELD.fullmatch(rest)):
        return SourceExpression(text, _field_steps(match, text, loop))
    if not absolute and row == "repetition" and (match := _COMPONENT.fullmatch(rest)) and not loop:
        return SourceExpression(text, _component_steps(match))
    wanted = {
        "record": "SEG-field.component, as in PID-5.2", "segment": "field.component, as in 3.1 (or /PID-5.2)",
        "repetition": "component, as in 4 (or /PID-5.2)",
    }[row]  # fmt: skip
    raise PathError(f"cannot read {text!r}, wanted {wanted}")


def _segment_steps(match: re.Match[str], text: str, loop: bool) -> Steps:
    which, rest = match["which"], match["rest"]
    if rest is None:
        if not loop:
            raise PathError(f"{text!r} is a whole segment; name a field, as in {text}-3.1")
        return (match["segment"],)
    field = _FIELD.fullmatch(rest)
    if field is None:
        raise PathError(f"cannot read {text!r} after the segment, wanted field.component, as in {match['segment']}-3.1")
    return match["segment"], _which(which, text, _inside_segment), *_field_steps(field, text, loop)


def _field_steps(match: re.Match[str], text: str, loop: bool) -> Steps:
    if loop:
        if match["component"] or match["which"]:
            raise PathError(f"{text!r}: `for` goes through the repetitions of a field; name the field alone")
        return (match["field"],)
    component = (int(match["component"] or 1) - 1, int(match["sub"] or 1) - 1)
    return match["field"], _which(match["which"], text, _inside_repetition), *component


def _component_steps(match: re.Match[str]) -> Steps:
    return int(match["component"]) - 1, int(match["sub"] or 1) - 1


def _which(selector: str | None, text: str, inside: Callable[[str, str], SourcePath]) -> Step:
    """``[2]``, ``[5=NH]`` or nothing (the first)."""
    if selector is None:
        return 0
    if selector.isdigit():
        return int(selector) - 1
    name, equals, value = selector.partition("=")
    if not equals:
        raise PathError(f"{text!r}: [{selector}] is neither a number nor field=value")
    return Where(inside(name.strip(), text), value.strip())


def _inside_segment(name: str, text: str) -> SourcePath:
    match = _FIELD.fullmatch(name)
    if match is None:
        raise PathError(f"{text!r}: {name!r} is not a field number")
    return tuple(step for step in _field_steps(match, text, False) if not isinstance(step, Where))


def _inside_repetition(name: str, text: str) -> SourcePath:
    match = _COMPONENT.fullmatch(name)
    if match is None:
        raise PathError(f"{text!r}: {name!r} is not a component number")
    return int(match["component"]) - 1, int(match["sub"] or 1) - 1


TargetStep: TypeAlias = tuple[str, str | None]
"""Element name and label. None: no brackets at all; "" stands for ``[]``, a new item."""

_TARGET = re.compile(r"(?P<name>_?[A-Za-z][A-Za-z0-9]*)(?P<label>\[(?P<word>[^\[\]]*)\])?")


def read_target_path(text: str) -> tuple[TargetStep, ...]:
    """``name[official].family`` into (name, label) steps. Raises PathError."""
    steps: list[TargetStep] = []
    at = 0
    while True:
        match = _TARGET.match(text, at)
        if match is None:
            raise PathError(f"cannot read target {text!r} at character {at + 1}: an element name is wanted")
        steps.append((match["name"], match["word"].strip() if match["label"] else None))
        at = match.end()
        if at == len(text):
            return tuple(steps)
        if text[at] != ".":
            raise PathError(f"cannot read target {text!r} at character {at + 1}: found {text[at]!r}, wanted '.'")
        at += 1
