"""Any element of any resource in words: what is told when nothing more fitting is known."""

from __future__ import annotations

import re

from interop.json_codec import Json, JsonObject
from interop.narrative.blocks import Block, Facts
from interop.reading import Document
from interop.reading.nodes import as_text, children, choice, text
from interop.reading.wording import concept, quantity, span

SILENT = {
    "resourceType", "id", "meta", "text", "contained", "extension", "modifierExtension", "implicitRules", "language",
    "identifier", "subject", "patient", "questionnaire", "data",
}  # fmt: skip
"""Elements of any resource that say nothing to a reader, or that the page says elsewhere."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d.*)?)?$")


def any_resource(document: Document, resource: JsonObject) -> list[Block]:
    """Whatever kind it is: every element that has words, under its own name made readable."""
    kind = readable(text(resource, "resourceType") or "Record")
    named = [(readable(name), value_words(document, value)) for name, value in resource.items() if name not in SILENT]
    return [Facts(kind, (*((n, v) for n, v in named if v), *extended(document, resource)))]


def value_words(document: Document, value: Json, depth: int = 0) -> str | None:
    if isinstance(value, list):
        return "; ".join(words for item in value if (words := value_words(document, item, depth))) or None
    if not isinstance(value, dict):
        return dated(document, as_text(value))
    if depth > 6:
        return None
    if "reference" in value or ("display" in value and "code" not in value):
        beside = "; ".join(f"{name}: {words}" for name, words in extended(document, value) if words)
        named = document.name_of(value)
        return f"{named} ({beside})" if named and beside else named
    whole = concept(value) if {"coding", "text", "display"} & value.keys() else None
    whole = whole or span(value, document.calendar) or quantity(value)
    if whole:
        return whole
    parts = [
        (name, value_words(document, inner, depth + 1))
        for name, inner in value.items()
        if name not in ("id", "extension")
    ] + extended(document, value)
    return ", ".join(f"{readable(name).lower()}: {words}" for name, words in parts if words) or None


def dated(document: Document, words: str | None) -> str | None:
    """Words as they are; a FHIR date or time as a person writes it."""
    return document.calendar.show(words) if words and _DATE.match(words) else words


def extended(document: Document, node: JsonObject) -> list[tuple[str, str | None]]:
    """Extensions in words, named by the last word of their url; one with parts says its parts."""
    pairs: list[tuple[str, str | None]] = []
    for extension in children(node, "extension"):
        found = choice(extension, "value")
        name = (text(extension, "url") or "").rstrip("/").split("/")[-1]
        parts = [words for _, words in extended(document, extension) if words]
        words = value_words(document, found[1]) if found else ", ".join(parts)
        if words and name:
            pairs.append((readable(name.removeprefix("Extension-UKCore-")), words))
    return pairs


def readable(name: str) -> str:
    return _WORD.sub(" ", name).replace("-", " ").strip().capitalize()


def spoken(pairs: tuple[tuple[str, str | None], ...]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, value) for name, value in pairs if value) or pairs[:1]
