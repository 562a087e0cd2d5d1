"""Requests and responses in a Bundle: what is asked for can be asked, and fits the resource that comes with it.

Source: FHIR R4 http.html#transaction, http.html#update, bundle-definitions.html#Bundle.entry.response.status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_ASKED = frozenset({"batch", "transaction"})
_WITH_RESOURCE = frozenset({"POST", "PUT", "PATCH"})
_STATUS = re.compile(r"\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class FirstEntry:
    """A document and a message have an entry at least: the one that says what they are."""

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        kind = item.members.get("type")
        if kind not in ("document", "message") or item.members.get("entry"):
            return NOTHING
        first = "Composition" if kind == "document" else "MessageHeader"
        text = f"a {kind} without entries; the first one is a {first}"
        return (Issue("bundle-empty", text, item.expression, hint=f"add the {first}"),)


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """``request`` of a batch or transaction: a resource where one is sent, of the type and id its url names."""

    trigger: ClassVar[str] = "request"

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        request, around = item.members.get("request"), scope.resource
        if not isinstance(request, dict) or str(around.get("type")) not in _ASKED:
            return NOTHING
        hint = "correct request or resource"
        return [
            Issue("bundle-request", text, item.expression, hint=hint) for text in _faults(request, item.members, scope)
        ]


def _faults(request: JsonObject, entry: JsonObject, scope: Scope) -> Iterator[str]:
    method, url, resource = str(request.get("method")), request.get("url"), entry.get("resource")
    if method in _WITH_RESOURCE and resource is None:
        yield f"{method} sends a resource, this entry has none"
    if method in ("GET", "HEAD", "DELETE") and resource is not None:
        yield f"{method} sends no resource, this entry has one"
    kind, identity = _named(url, scope)
    if method not in ("POST", "PUT") or kind is None or not isinstance(resource, dict):
        return
    if resource.get("resourceType") != kind:
        yield f"{method} {url} names {kind}, the resource is a {resource.get('resourceType')}"
    elif method == "PUT" and identity is not None and resource.get("id") != identity:
        yield f"PUT {url} names id {identity!r}, the resource has {resource.get('id', 'none')!r}"


def _named(url: Json, scope: Scope) -> tuple[str | None, str | None]:
    """Type and id in a relative url; (None, None) for searches, operations and what is not that of a type."""
    if not isinstance(url, str) or "$" in url or "?" in url or ":" in url:
        return None, None
    kind, _, identity = url.strip("/").partition("/")
    if not scope.run.is_resource_type(kind) or "/" in identity:
        return None, None
    return kind, identity or None


@dataclass(frozen=True, slots=True)
class ResponseStatus:
    """``response.status`` begins with the three digits of an HTTP status."""

    trigger: ClassVar[str] = "status"

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        status = item.members.get("status")
        if not isinstance(status, str) or _STATUS.match(status):
            return NOTHING
        text = f"status {status!r} does not begin with a three digit HTTP status"
        return (Issue("bundle-response", text, f"{item.expression}.status", hint="write it as in '201 Created'"),)
