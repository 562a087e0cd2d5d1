"""Transaction Bundles: one record into somebody's FHIR server, created once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from interop.bundle.entry import Entry
from interop.json_codec import JsonObject


def transaction(resources: Sequence[Entry]) -> JsonObject:
    """Create every resource unless one with its first full identifier is there already.

    References between the entries stay ``urn:uuid:``; the server puts its own ids in. A resource without an
    identifier is created each time. Source: FHIR R4 http.html#transaction, http.html#ccreate.
    """
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{**entry.as_json(), "request": _request(entry)} for entry in resources],
    }


def _request(entry: Entry) -> JsonObject:
    request: JsonObject = {"method": "POST", "url": entry.type}
    identifiers = entry.resource.get("identifier") or []
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(identifier, dict) and identifier.get("system") and identifier.get("value"):
            token = f"{identifier['system']}|{identifier['value']}"
            return request | {"ifNoneExist": f"identifier={quote(token, safe='')}"}
    return request
