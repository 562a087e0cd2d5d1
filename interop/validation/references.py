"""Where references lead: the entries of a Bundle indexed once, and what a reference says about its target."""

from __future__ import annotations

import re
from functools import lru_cache

from interop.json_codec import Json, JsonObject

_RESTFUL = re.compile(
    r"((?:https?|urn)://?\S+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?"
)


def rest_parts(reference: str) -> tuple[str, str, str] | None:
    """(base, type, id) of a RESTful reference; base is empty when it is relative. None for anything else."""
    found = _RESTFUL.fullmatch(reference.partition("?")[0].partition("#")[0])
    return (found.group(1) or "", found.group(2), found.group(3)) if found else None


def without_version(reference: str) -> str:
    return reference.partition("/_history/")[0]


class BundleIndex:
    """Every entry of one Bundle by fullUrl; built in one pass over the entries."""

    def __init__(self, bundle: JsonObject):
        kind = bundle.get("type")
        self.kind = kind if isinstance(kind, str) else None
        self.by_url: dict[str, list[int]] = {}
        self._contained: dict[str, JsonObject] | None = None
        self._numbers: dict[int, int] | None = None
        listed = bundle.get("entry")
        self.entries: list[JsonObject] = (
            [e if isinstance(e, dict) else {} for e in listed] if isinstance(listed, list) else []
        )
        for number, entry in enumerate(self.entries):
            url = entry.get("fullUrl")
            if isinstance(url, str):
                self.by_url.setdefault(url, []).append(number)

    def contained(self, id: str) -> JsonObject | None:
        """The first resource of this id contained in any entry."""
        if self._contained is None:
            self._contained = {}
            for number in range(len(self.entries)):
                listed = (self.resource(number) or {}).get("contained")
                for resource in listed if isinstance(listed, list) else ():
                    if isinstance(resource, dict) and isinstance(resource.get("id"), str):
                        self._contained.setdefault(resource["id"], resource)
        return self._contained.get(id)

    def number(self, resource: JsonObject) -> int | None:
        """Which entry holds this very object."""
        if self._numbers is None:
            self._numbers = {id(entry.get("resource")): number for number, entry in enumerate(self.entries)}
        return self._numbers.get(id(resource))

    def resource(self, number: int) -> JsonObject | None:
        found = self.entries[number].get("resource")
        return found if isinstance(found, dict) else None

    def base(self, number: int) -> str | None:
        """The server part of an entry's fullUrl, where fullUrl ends with the resource's own type and id."""
        entry = self.entries[number]
        url, resource = entry.get("fullUrl"), self.resource(number)
        if not isinstance(url, str) or resource is None or not url.startswith("http"):
            return None
        identity = f"/{resource.get('resourceType')}/{resource.get('id')}"
        url = without_version(url)
        return url[: 1 - len(identity)] if url.endswith(identity) else None

    def locate(self, reference: str, base: str | None) -> int | None:
        """Which entry a reference leads to; ``base`` is that of the entry that refers.

        A relative reference is completed with the base. Source: FHIR R4 bundle.html#references.
        """
        reference = reference.partition("#")[0] or reference
        for wanted in (reference, without_version(reference)):
            numbers = self.by_url.get(wanted)
            if numbers:
                return numbers[0]
        parts = rest_parts(reference)
        if parts is None or parts[0]:
            return None
        numbers = self.by_url.get(f"{base}{parts[1]}/{parts[2]}") if base else None
        return numbers[0] if numbers else None

    def locate_relative(self, url: str) -> int | None:
        """Which entry a url of the Bundle itself leads to: its fullUrl, or the end of one."""
        found = self.locate(url, None)
        if found is None and ":" not in url:
            found = next((n[0] for full, n in self.by_url.items() if full.endswith(f"/{url}")), None)
        return found

    def find(self, reference: str, base: str | None) -> JsonObject | None:
        number = self.locate(reference, base)
        return self.resource(number) if number is not None else None


@lru_cache(maxsize=16_384)
def implied_type(reference: str) -> str | None:
    """The resource type a reference URL names; None for ``urn:uuid:…``, ``#x`` and other free forms."""
    parts = rest_parts(reference)
    return parts[1] if parts else None


def reference_text(value: Json) -> str | None:
    """``Reference.reference`` of a Reference value, or a canonical or uri as it stands."""
    if isinstance(value, dict):
        value = value.get("reference")
    return value if isinstance(value, str) and value else None
