"""References inside one Bundle: who points at whom, each found in one look-up however large the Bundle is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interop.bundle.entry import Entry
from interop.json_codec import Json, JsonObject

_LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")


def entries(bundle: JsonObject) -> tuple[Entry, ...]:
    """The entries that hold a resource, in order; an entry without fullUrl has an empty one."""
    items = bundle.get("entry")
    return tuple(
        Entry(str(item.get("fullUrl") or ""), item["resource"])
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict) and isinstance(item.get("resource"), dict)
    )


def references(node: Json) -> Iterator[str]:
    """Every literal ``Reference.reference`` in a resource, in its order; those to contained resources (``#…``) not.

    Attachment.url counts too where it is a ``urn:``: a DocumentReference points at its Binary so.
    """
    waiting: list[tuple[str, Json]] = [("", node)]
    while waiting:
        name, here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(reversed(here.items()))
        elif isinstance(here, list):
            waiting.extend((name, item) for item in reversed(here))
        elif isinstance(here, str) and _points(name, here):
            yield here


def _points(name: str, value: str) -> bool:
    return (name == "reference" and not value.startswith("#")) or (name == "url" and value.startswith("urn:"))


class Index:
    """The entries of one Bundle by every name a reference may use.

    Source: FHIR R4 bundle.html#references. A reference matches a fullUrl; a relative one (``Patient/1``)
    matches the entry whose fullUrl ends so, or whose resource has that type and id.
    """

    def __init__(self, bundle: JsonObject | tuple[Entry, ...]):
        self.entries = entries(bundle) if isinstance(bundle, dict) else bundle
        self._by_url: dict[str, Entry] = {}
        self._by_id: dict[tuple[str, str], Entry] = {}
        for entry in self.entries:
            if entry.full_url:
                self._by_url.setdefault(entry.full_url, entry)
            if match := _LITERAL.fullmatch(entry.full_url):
                self._by_id.setdefault((match[1], match[2]), entry)
            if identity := entry.resource.get("id"):
                self._by_id.setdefault((entry.type, str(identity)), entry)

    def entry(self, reference: str) -> Entry | None:
        """The entry a reference means; None when it is not in this Bundle."""
        found = self._by_url.get(reference.split("|", 1)[0].split("#", 1)[0])
        if found is not None or reference.startswith("urn:"):
            return found
        match = _LITERAL.fullmatch(reference)
        return self._by_id.get((match[1], match[2])) if match else None

    def find(self, reference: Json) -> JsonObject | None:
        """The resource a Reference (or its text) means; None when it is not in this Bundle."""
        literal = reference.get("reference") if isinstance(reference, dict) else reference
        found = self.entry(literal) if isinstance(literal, str) else None
        return found.resource if found else None

    def reachable(self, start: Entry) -> tuple[Entry, ...]:
        """``start`` and every entry its references lead to, breadth first, each once."""
        found = {start.full_url: start}
        waiting = [start]
        for entry in waiting:
            for reference in references(entry.resource):
                target = self.entry(reference)
                if target is not None and target.full_url not in found:
                    found[target.full_url] = target
                    waiting.append(target)
        return tuple(found.values())
