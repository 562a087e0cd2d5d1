"""Where references lead: the entries of a Bundle indexed once, and what a reference says about its target."""

from __future__ import annotations

import re

from interop.json_codec import Json, JsonObject

_RESTFUL = re.compile(
    r"((?:https?|urn)://?\S+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?"
)


def rest_parts(reference: str) -> tuple[str, str, str] | None:
    """(base, type, id) of a RESTful reference; base is empty when it is relative. None for anything else."""
    if reference.startswith("urn:uuid:"):
        return None
    found = _RESTFUL.fullmatch(reference.partition("?")[0].partition("#")[0])
    return (found.group(1) or "", found.group(2), found.group(3)) if found else None


def without_version(reference: str) -> str:
    return reference.partition("/_history/")[0]


class BundleIndex:
    """What the entries of one Bundle are called, built in one pass over them.

    by_url    fullUrl → number of the first entry that has it
    sure      fullUrl → type of the resource there, for urls that are right beyond doubt and lead there whoever refers
    odd       numbers of the entries whose fullUrl is neither a plain UUID nor the address of their resource
    repeated  whether a fullUrl is there twice
    """

    def __init__(self, bundle: JsonObject):
        kind = bundle.get("type")
        self.kind = kind if isinstance(kind, str) else None
        self.by_url: dict[str, int] = {}
        self.sure: dict[str, str] = {}
        self.odd: list[int] = []
        self.repeated = False
        self._members: frozenset[str] | None = None
        self._contained: dict[str, JsonObject] | None = None
        self._numbers: dict[int, int] | None = None
        listed = bundle.get("entry")
        self.entries: list[JsonObject] = (
            [e if isinstance(e, dict) else {} for e in listed] if isinstance(listed, list) else []
        )
        for number, entry in enumerate(self.entries):
            self._add(number, entry.get("fullUrl"), entry.get("resource"))

    def _add(self, number: int, url: Json, resource: Json) -> None:
        named = resource.get("resourceType") if isinstance(resource, dict) else None
        right = isinstance(url, str) and (_PLAIN(url) is not None or _is_address(url, resource))
        if not right:
            self.odd.append(number)
        if not isinstance(url, str):
            return
        if self.by_url.setdefault(url, number) != number:
            self.repeated = True
        elif right and isinstance(named, str):
            self.sure[url] = named

    @property
    def members(self) -> frozenset[str]:
        """The names of all members any entry has."""
        if self._members is None:
            self._members = frozenset().union(*self.entries)
        return self._members

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
        """``base_of`` the entry of this number."""
        return self.base_of(self.entries[number])

    def base_of(self, entry: JsonObject) -> str | None:
        """The server part of an entry's fullUrl, where fullUrl ends with the resource's own type and id."""
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if not isinstance(url, str) or not url.startswith("http") or not isinstance(resource, dict):
            return None
        identity = f"/{resource.get('resourceType')}/{resource.get('id')}"
        url = without_version(url)
        return url[: 1 - len(identity)] if url.endswith(identity) else None

    def locate(self, reference: str, base: str | None) -> int | None:
        """Which entry a reference leads to; ``base`` is that of the entry that refers.

        A relative reference is completed with the base. Source: FHIR R4 bundle.html#references.
        """
        reference = reference.partition("#")[0] or reference
        number = self.by_url.get(reference)
        if number is None and "/_history/" in reference:
            number = self.by_url.get(without_version(reference))
        if number is not None:
            return number
        if "://" in reference:
            return None  # absolute, and no entry is there
        parts = rest_parts(reference)
        if parts is None or parts[0]:
            return None
        return self.by_url.get(f"{base}{parts[1]}/{parts[2]}") if base else None

    def locate_relative(self, url: str) -> int | None:
        """Which entry a url of the Bundle itself leads to: its fullUrl, or the end of one."""
        found = self.locate(url, None)
        if found is None and ":" not in url:
            found = next((n for full, n in self.by_url.items() if full.endswith(f"/{url}")), None)
        return found

    def find(self, reference: str, base: str | None) -> JsonObject | None:
        number = self.locate(reference, base)
        return self.resource(number) if number is not None else None


def implied_type(reference: str) -> str | None:
    """The resource type a reference URL names; None for ``urn:uuid:…``, ``#x`` and other free forms."""
    parts = rest_parts(reference)
    return parts[1] if parts else None


_UUID = re.compile(r"urn:uuid:[0-9a-fA-F\-]+").fullmatch
_PLAIN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})").fullmatch


def _is_address(url: str, resource: Json) -> bool:
    """Whether a url is surely the address of a resource with this type and id."""
    found = _ADDRESS(url) if isinstance(resource, dict) else None
    if found is None or "#" in url or "?" in url:
        return False
    return bool(resource.get("resourceType") == found[1] and resource.get("id") == found[2])


is_uuid = _UUID
"""Whether a reference is nothing but a UUID: it says nothing about its target."""


def reference_text(value: Json) -> str | None:
    """``Reference.reference`` of a Reference value, or a canonical or uri as it stands."""
    if isinstance(value, dict):
        value = value.get("reference")
    return value if isinstance(value, str) and value else None
