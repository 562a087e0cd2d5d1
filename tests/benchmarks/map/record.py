"""The benchmark's record of forty fields, and the CarePlan every peer is to make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ACTIVITIES = 7
DETAILS: tuple[tuple[str, tuple[str | int, ...]], ...] = (
    ("what", ("description",)),
    ("often", ("scheduledString",)),
    ("who", ("performer", 0, "display")),
)
PLACES: tuple[tuple[str, tuple[str | int, ...]], ...] = (
    ("number", ("identifier", 0, "value")),
    ("title", ("title",)),
    ("summary", ("description",)),
    ("written", ("created",)),
    ("begins", ("period", "start")),
    ("ends", ("period", "end")),
    ("person", ("subject", "display")),
    ("writer", ("author", "display")),
    ("team", ("careTeam", 0, "display")),
    ("stay", ("encounter", "display")),
    ("kind", ("category", 0, "text")),
    *((f"problem{n}", ("addresses", n, "display")) for n in range(2)),
    *((f"goal{n}", ("goal", n, "display")) for n in range(2)),
    *((f"helper{n}", ("contributor", n, "display")) for n in range(2)),
    *((f"note{n}", ("note", n, "text")) for n in range(2)),
    *((f"{name}{n}", ("activity", n, "detail", *place)) for n in range(ACTIVITIES) for name, place in DETAILS),
)
"""Where each field goes."""

CONSTANTS: tuple[tuple[str, tuple[str | int, ...]], ...] = (
    ("CarePlan", ("resourceType",)),
    ("active", ("status",)),
    ("plan", ("intent",)),
    ("https://interop.example/Id/care-plan", ("identifier", 0, "system")),
    *(("scheduled", ("activity", n, "detail", "status")) for n in range(ACTIVITIES)),
)
DATES = {"written": "2026-11-14", "begins": "2026-11-14", "ends": "2027-05-14"}
RECORD = {name: DATES.get(name, f"The {name} of a care plan that somebody wrote") for name, _ in PLACES}

Maker = Callable[[str], Any]


def tree(field: Maker, constant: Maker) -> Any:
    """The CarePlan with ``field(name)`` where a field goes and ``constant(text)`` for the rest."""
    made: Any = {}
    for text, place in CONSTANTS:
        _put(made, place, constant(text))
    for name, place in PLACES:
        _put(made, place, field(name))
    return made


def _put(node: Any, place: tuple[str | int, ...], value: Any) -> None:
    for step, following in zip(place, (*place[1:], None), strict=True):
        fresh = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if step == len(node):
                node.append(fresh)
        else:
            node.setdefault(step, fresh)
        node = node[step]


def written(node: Any, field: Maker, constant: Maker) -> str:
    """The tree as text in which objects and lists are written as in JSON, leaves by the two functions."""
    if isinstance(node, dict):
        return "{" + ", ".join(f'"{key}": {written(item, field, constant)}' for key, item in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(written(item, field, constant) for item in node) + "]"
    kind, text = node
    return field(text) if kind == "field" else constant(text)


def text_of(field: Maker) -> str:
    """The CarePlan as text, ``field(name)`` where a field goes."""
    marked = tree(lambda name: ("field", name), lambda text: ("constant", text))
    return written(marked, field, lambda text: f'"{text}"')


def mapping_file() -> str:
    """The same as a mapping."""
    lines = [
        "mapping: bench/care-plan",
        "source: {format: json, key: number}",
        "groups:",
        "  - group: plan",
        "    create: CarePlan",
        "    rules:",
    ]
    for text, place in CONSTANTS[1:]:
        lines.append(f'      - {{value: "{text}", target: "{_target(place)}"}}')
    for name, place in PLACES:
        lines.append(f'      - {{source: {name}, target: "{_target(place)}"}}')
    return "\n".join(lines) + "\n"


def _target(place: tuple[str | int, ...]) -> str:
    text = ""
    for step in place:
        text += f"[n{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
