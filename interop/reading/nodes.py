"""Safe steps through a resource somebody else wrote: a wrong shape reads as absent, never as a crash.

Judging the shape is validation's work; a page about a person must still come out when a partner's
resource is odd, so every reader takes its steps through here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from interop.json_codec import Json, JsonObject


def child(node: Json, name: str) -> JsonObject:
    """The object under ``name``, or an empty one. A list gives its first object."""
    found = node.get(name) if isinstance(node, dict) else None
    if isinstance(found, list):
        found = next((item for item in found if isinstance(item, dict)), None)
    return found if isinstance(found, dict) else {}


def children(node: Json, name: str) -> list[JsonObject]:
    """The objects under ``name``; one object counts as a list of one."""
    found = node.get(name) if isinstance(node, dict) else None
    if isinstance(found, dict):
        return [found]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def text(node: Json, name: str) -> str | None:
    """The primitive under ``name`` as trimmed text, or None when it is absent, blank or not a primitive."""
    return as_text(node.get(name)) if isinstance(node, dict) else None


def texts(node: Json, name: str) -> list[str]:
    """The primitives under ``name`` as text; one primitive counts as a list of one."""
    found = node.get(name) if isinstance(node, dict) else None
    several = found if isinstance(found, list) else [found]
    return [written for item in several if (written := as_text(item)) is not None]


def as_text(value: Json) -> str | None:
    """A JSON primitive as a person writes it: true is yes, a decimal keeps its digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | int | float):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def choice(node: Json, stem: str) -> tuple[str, Json] | None:
    """The type and value of a choice element: ``choice(observation, "value")`` → ("Quantity", {…})."""
    if not isinstance(node, dict):
        return None
    for name, value in node.items():
        if isinstance(name, str) and name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper():
            return name[len(stem) :], value
    return None


def codings(concept: Json) -> Iterator[tuple[str | None, str]]:
    """(system, code) of every coding that has a code."""
    for coding in children(concept, "coding"):
        code = text(coding, "code")
        if code is not None:
            yield text(coding, "system"), code


def code_in(concept: Json, system: str) -> str | None:
    """The first code of ``system`` in a CodeableConcept."""
    return next((code for found, code in codings(concept) if found == system), None)


def extensions(node: Json, url: str) -> list[JsonObject]:
    """Every extension of ``node`` with this url."""
    return [extension for extension in children(node, "extension") if text(extension, "url") == url]


def extension_value(node: Json, url: str) -> tuple[str, Json] | None:
    """(type, value) of the first extension with this url that has a value."""
    found = (choice(extension, "value") for extension in extensions(node, url))
    return next((value for value in found if value is not None), None)
