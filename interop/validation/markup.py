"""HTML in plain text: dangerous where whatever shows the text trusts it. Looked for only when asked.

Source: FHIR R4 security.html#narrative (displaying content received).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity
from interop.validation.place import Place, expression

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(\s[^<>]*)?/?>")
_NOT_TEXT = frozenset({"div"})  # a narrative is HTML, and has rules of its own


def markup_issues(resource: JsonObject, severity: Severity) -> Iterator[Issue]:
    """Every string below a resource that holds what looks like an HTML tag."""
    kind = str(resource.get("resourceType"))
    yield from _below(resource, (None, kind, None, kind), severity)


def _below(node: JsonObject, place: Place, severity: Severity) -> Iterator[Issue]:
    for name, value in node.items():
        if name in _NOT_TEXT:
            continue
        listed: list[Json] = value if isinstance(value, list) else [value]
        for number, entry in enumerate(listed):
            spot: Place = (place, name.removeprefix("_"), number if isinstance(value, list) else None, None)
            if isinstance(entry, dict):
                yield from _below(entry, spot, severity)
            elif isinstance(entry, str) and "<" in entry and (found := _TAG.search(entry)):
                text = f"the text holds the HTML tag {found.group()[:80]!r}"
                hint = "leave markup out of plain text"
                yield Issue("text-markup", text, expression(spot), severity, hint=hint)
