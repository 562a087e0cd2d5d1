"""A resource and the URL it is known by inside one Bundle."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject


@dataclass(frozen=True, slots=True)
class Entry:
    """Bundle.entry: ``full_url`` is what references in the same Bundle say (``urn:uuid:…``)."""

    full_url: str
    resource: JsonObject

    @property
    def type(self) -> str:
        return str(self.resource.get("resourceType", ""))

    def as_json(self) -> JsonObject:
        return {"fullUrl": self.full_url, "resource": self.resource}
