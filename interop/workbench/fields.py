"""The fields of a record: every value in its tree, the field it belongs to, and what its owner calls that field."""

from __future__ import annotations

from collections.abc import Iterator

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.report import Pattern


def every_value(node: Json, path: SourcePath = ()) -> Iterator[tuple[SourcePath, Json]]:
    """Every plain value of a record's tree with its path, the empty ones too."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from every_value(child, (*path, key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from every_value(child, (*path, number))
    else:
        yield path, node


def is_empty(value: Json) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", '""'))


def pattern_of(path: SourcePath, *, hl7: bool) -> Pattern:
    """The field a value belongs to, whatever its row or repetition."""
    if not hl7:
        return tuple(step for step in path if isinstance(step, str))
    # segment name, its number, field, repetition, component, sub-component
    return (*(step for step in path[:4] if isinstance(step, str)), *path[4:])


def field_name(pattern: Pattern, *, hl7: bool) -> str:
    """A field as its owner names it: ``medicines.Dose``, ``PID-5.2``."""
    if not hl7:
        return ".".join(str(step) for step in pattern) or "(the whole record)"
    segment, *rest = pattern
    if not rest:
        return str(segment)
    numbers = [int(step) + 1 for step in rest[1:]]
    while numbers and numbers[-1] == 1:
        numbers.pop()  # HL7 leaves the first component and sub-component unsaid
    return f"{segment}-" + ".".join([str(rest[0]), *map(str, numbers)])
