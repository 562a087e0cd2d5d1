"""Where a node stands in a resource: a chain of steps that is written out only when an issue needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Place: TypeAlias = "tuple[Place | None, str, int | None, str | None]"
"""(parent, step, index, type): a step is an element name as a location shows it (``value.ofType(Quantity)``);
index is None for an element that does not repeat; type is the node's type key: a type code, or the path of a
backbone element (``Patient.contact``)."""


def expression(place: Place | None) -> str:
    """The FHIRPath of a place: ``Bundle.entry[3].resource.identifier[0].value``."""
    steps: list[str] = []
    while place is not None:
        parent, step, index, _ = place
        steps.append(step if index is None else f"{step}[{index}]")
        place = parent
    return ".".join(reversed(steps))


def definition_paths(place: Place) -> Iterator[str]:
    """Every element path a place answers to, nearest type first: ``HumanName.family``, ``Patient.name.family``.

    Source: FHIR R4 defining-extensions.html#context (an element path may start at any type on the way).
    """
    node: Place | None = place
    tail = ""
    while node is not None:
        parent, step, _, key = node
        if key is not None and "." not in key:
            yield key + tail
            if parent is None or (key[:1].isupper() and step in ("resource", "contained")):
                return
        tail = f".{_element_name(step)}{tail}"
        node = parent


def _element_name(step: str) -> str:
    head, dot, _ = step.partition(".")
    return f"{head}[x]" if dot else head


def json_name(step: str) -> str:
    """The JSON member a step stands for: ``value.ofType(Quantity)`` is ``valueQuantity``."""
    head, dot, tail = step.partition(".ofType(")
    return f"{head}{tail[0].upper()}{tail[1:-1]}" if dot else head
