"""Markdown carries no HTML: what displays it may escape a tag, or trust it.

Source: FHIR R4 datatypes.html#markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*[\s/>]")
_LINK = re.compile(r"<[a-z][a-z0-9+.-]*:[^>\s]*>", re.IGNORECASE)


def markdown_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Once, where the type itself is compiled."""
    return PlainMarkdown() if known.element is None and "markdown" in element.type_codes else None


@dataclass(frozen=True, slots=True)
class PlainMarkdown:
    """No HTML tag outside code."""

    def glance(self, key: str) -> Glance:
        return lambda value, scope: type(value) is not str or "<" not in value

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        value = item.value
        if not isinstance(value, str) or "<" not in value:
            return NOTHING
        found = _TAG.search(_LINK.sub("", _CODE.sub("", value)))
        if found is None:
            return NOTHING
        text = f"markdown holds the HTML tag {found.group().strip()!r}, which a display may escape or obey"
        hint = "write markdown, or escape the character as &lt;"
        return (Issue("markdown-html", text, item.expression, Severity.WARNING, hint=hint),)
