"""What a Bundle asks of its entries: addresses, and for a document that everything hangs together.

Source: FHIR R4 bundle.html#references, documents.html#content.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.references import BundleIndex, rest_parts

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_ADDRESSED = frozenset({"document", "message"})


@dataclass(frozen=True, slots=True)
class EntryUrls:
    """fullUrl is absolute, agrees with the resource's id, and is there where references need it."""

    trigger: ClassVar[str] = "entry"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        index = scope.bundle
        if index is None or not index.entries:
            return NOTHING
        found: list[Issue] = []
        for number in index.odd:
            fault = _url_fault(index.entries[number], index.kind, scope)
            if fault is not None:
                code, text, hint = fault
                place: Place = (item.place, "entry", number, None)
                found.append(Issue(code, text, expression(place), hint=hint))
        return found


def _url_fault(entry: JsonObject, kind: Json, scope: Scope) -> tuple[str, str, str] | None:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if url is None:
        if kind in _ADDRESSED and isinstance(resource, dict):
            return "full-url-missing", f"an entry of a {kind} must have a fullUrl", "add urn:uuid: and a new UUID"
        return None
    if not isinstance(url, str) or not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return None
    if url.startswith("urn:"):
        return None
    if ":" not in url:
        return "full-url-form", f"fullUrl {url!r} is not an absolute URL", "use urn:uuid:, urn:oid: or the full address"
    identity, parts = resource.get("id"), rest_parts(url)
    if parts is None or not url.startswith("http") or not scope.run.is_resource_type(parts[1]):
        return None
    if identity is None:
        text = f"fullUrl {url!r} is the address of a resource with an id, this resource has none"
        return "full-url-id", text, f"give the resource the id {parts[2]!r}"
    wanted = f"{resource.get('resourceType')}/{identity}"
    if f"{parts[1]}/{parts[2]}" != wanted:
        return "full-url-id", f"fullUrl {url!r} must end with {wanted}", "make fullUrl and id agree"
    return None


@dataclass(frozen=True, slots=True)
class DocumentLinks:
    """What the first entry of a document or message names is in the Bundle.

    In a document every entry hangs on the Composition besides.
    """

    trigger: ClassVar[str] = "entry"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        index = scope.bundle
        if index is None or index.kind not in _ADDRESSED or not index.entries:
            return NOTHING
        found = list(self._dangling(item, index))
        if index.kind == "document":
            found.extend(self._unlinked(item, index))
        return found

    def _unlinked(self, item: Item, index: BundleIndex) -> Iterator[Issue]:
        links = _Links(index)
        styles = list(_stylesheets(item))
        for number, url in styles:
            if index.locate_relative(url) is None and ":" not in url:
                text = f"stylesheet {url!r} is no entry of this document"
                at = expression((item.place, "link", number, None))
                yield Issue("reference-unresolved", text, f"{at}.url", hint="add the stylesheet as an entry")
        for number in links.unreachable(url for _, url in styles):
            place: Place = (item.place, "entry", number, None)
            text = f"entry {index.entries[number].get('fullUrl')!r} is not linked with the Composition, either way"
            yield Issue("entry-unlinked", text, expression(place), hint="refer to it from a section")

    def _dangling(self, item: Item, index: BundleIndex) -> Iterator[Issue]:
        first = index.resource(0)
        named = _NAMED_FIRST.get((str(index.kind), str(first.get("resourceType")))) if first is not None else None
        if first is None or named is None:
            return
        base = index.base(0)
        place: Place = ((item.place, "entry", 0, None), "resource", None, None)
        for path, reference in named(first):
            if reference.startswith("#") or index.locate(reference, base) is not None:
                continue
            text = f"{reference!r} leads to no entry of this {index.kind}"
            yield Issue(
                "reference-unresolved", text, f"{expression(place)}.{path}", hint="add the resource, or mend fullUrl"
            )


def _stylesheets(item: Item) -> Iterator[tuple[int, str]]:
    """The style sheets a document brings along. FHIR R4 documents.html#css."""
    for number, link in enumerate(_list(item.members.get("link"))):
        if link.get("relation") == "stylesheet" and isinstance(link.get("url"), str):
            yield number, link["url"]


class _Links:
    """Who refers to whom among the entries."""

    def __init__(self, index: BundleIndex):
        self._index = index
        self._neighbours: list[set[int]] = [set() for _ in index.entries]
        for number, entry in enumerate(index.entries):
            base = index.base(number)
            for reference in _references(entry.get("resource")):
                target = index.locate(reference, base)
                if target is not None:
                    self._neighbours[number].add(target)
                    self._neighbours[target].add(number)

    def unreachable(self, roots: Iterable[str]) -> list[int]:
        """Entries that neither the first entry nor what ``roots`` name leads to, forwards or backwards."""
        located = (self._index.locate_relative(url) for url in roots)
        seen = {0, *(number for number in located if number is not None)}
        waiting = deque(seen)
        while waiting:
            for number in self._neighbours[waiting.popleft()] - seen:
                seen.add(number)
                waiting.append(number)
        return [n for n, entry in enumerate(self._index.entries) if n not in seen and entry.get("resource") is not None]


def _references(resource: Json) -> Iterator[str]:
    """Every reference, canonical or uri below a resource that could lead to an entry."""
    stack = [resource]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            for name, value in node.items():
                if isinstance(value, str):
                    if name == "reference" or value.startswith(("urn:uuid:", "urn:oid:", "http")):
                        yield value
                elif name != "text":
                    stack.append(value)
        elif isinstance(node, list):
            stack.extend(node)


_SINGLE = ("subject", "encounter", "custodian")
_MANY = ("author",)


def _composition_references(composition: JsonObject) -> Iterator[tuple[str, str]]:
    """(path, reference) of what the document rules name.

    Subject, encounter, custodian, author, attester, event, and the sections with their authors, focus and entries.
    """
    for name in (*_SINGLE, *_MANY):
        yield from _of(composition.get(name), name)
    for list_name, part in (("attester", "party"), ("event", "detail")):
        for number, entry in enumerate(_list(composition.get(list_name))):
            yield from _of(entry.get(part), f"{list_name}[{number}].{part}")
    yield from _section_references(composition, "")


def _section_references(holder: JsonObject, path: str) -> Iterator[tuple[str, str]]:
    for number, section in enumerate(_list(holder.get("section"))):
        at = f"{path}section[{number}]"
        for name in ("author", "focus", "entry"):
            yield from _of(section.get(name), f"{at}.{name}")
        yield from _section_references(section, f"{at}.")


def _of(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and isinstance(value.get("reference"), str):
        yield path, value["reference"]
    for number, entry in enumerate(_list(value)):
        if isinstance(entry.get("reference"), str):
            yield f"{path}[{number}]", entry["reference"]


def _list(value: Json) -> list[JsonObject]:
    return [entry if isinstance(entry, dict) else {} for entry in value] if isinstance(value, list) else []


def _message_references(header: JsonObject) -> Iterator[tuple[str, str]]:
    """(path, reference) of what a message is about: it travels with the message."""
    yield from _of(header.get("focus"), "focus")


_NAMED_FIRST = {
    ("document", "Composition"): _composition_references,
    ("message", "MessageHeader"): _message_references,
}
"""Kind of Bundle and type of its first entry → what that entry names inside the Bundle."""
