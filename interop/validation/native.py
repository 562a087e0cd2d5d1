"""Invariants every resource meets, as plain Python: the same truth as their FHIRPath, many times as fast.

The key is the FHIRPath text, so a definition that changes an invariant gets its own expression run instead.
Source: FHIR R4 element-definitions of Element, Extension, DomainResource, Reference, Bundle, Narrative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.validation.comparison import Order, compare

if TYPE_CHECKING:
    from interop.validation.scope import Scope

Predicate = Callable[[JsonObject, str, "Scope"], bool]
"""(members, type key, scope) → whether the invariant holds."""


def _contained(members: JsonObject) -> list[JsonObject]:
    listed = members.get("contained")
    return [r for r in listed if isinstance(r, dict)] if isinstance(listed, list) else []


def extension_has_value_or_extensions(members: JsonObject, key: str, scope: Scope) -> bool:
    """ext-1: exactly one of value[x] and extension."""
    valued = False
    for name in members:
        if name.startswith(("value", "_value")):
            valued = True
            break
    return valued is not bool(members.get("extension"))


def contained_not_nested(members: JsonObject, key: str, scope: Scope) -> bool:
    """dom-2."""
    return not any(r.get("contained") for r in _contained(members))


def contained_without_version(members: JsonObject, key: str, scope: Scope) -> bool:
    """dom-4."""
    metas = [r.get("meta") for r in _contained(members)]
    return not any(isinstance(meta, dict) and ("versionId" in meta or "lastUpdated" in meta) for meta in metas)


def contained_without_label(members: JsonObject, key: str, scope: Scope) -> bool:
    """dom-5."""
    metas = [r.get("meta") for r in _contained(members)]
    return not any(isinstance(meta, dict) and meta.get("security") for meta in metas)


def contained_is_referenced(members: JsonObject, key: str, scope: Scope) -> bool:
    """dom-3: each contained resource is referred to from the container, or refers to it."""
    # The walk has met every Reference; canonicals, uris and narratives are looked through only for what is left.
    contained = [r for r in _contained(members) if not (isinstance(r.get("id"), str) and r["id"] in scope.used)]
    if not contained:
        return True
    referenced = set(_texts(members, "#"))
    return all(f"#{r.get('id')}" in referenced or _points_out(r) or _shown(members, r) for r in contained)


def _points_out(resource: JsonObject) -> bool:
    """The contained resource refers to its container."""
    return "#" in set(_texts(resource, "#"))


def _shown(container: JsonObject, resource: JsonObject) -> bool:
    """A narrative of the container shows it: an image, a link."""
    return any(f'"#{resource.get("id")}"' in narrative for narrative in _texts(container, "<"))


def _texts(node: Json, start: str) -> Iterator[str]:
    """Every string below ``node`` that begins with ``start``; narrative has none."""
    stack = [node]
    while stack:
        found = stack.pop()
        for value in found.values() if type(found) is dict else found:
            kind = type(value)
            if kind is str:
                if value.startswith(start):
                    yield value
            elif kind is dict or kind is list:
                stack.append(value)


def local_reference_resolves(members: JsonObject, key: str, scope: Scope) -> bool:
    """ref-1: ``#x`` is the id of a contained resource. ``#`` alone means the container."""
    reference = members.get("reference")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return True
    scope.used.add(reference[1:])
    return scope.contained(reference[1:]) is not None


def entry_url_without_history(members: JsonObject, key: str, scope: Scope) -> bool:
    """bdl-8."""
    url = members.get("fullUrl")
    return not isinstance(url, str) or "/_history/" not in url


def entry_has_content(members: JsonObject, key: str, scope: Scope) -> bool:
    """bdl-5."""
    return "resource" in members or "request" in members or "response" in members


def entry_urls_are_distinct(members: JsonObject, key: str, scope: Scope) -> bool:
    """bdl-7: fullUrl and version together name an entry once, except in a history."""
    entries = members.get("entry")
    if members.get("type") == "history" or not isinstance(entries, list):
        return True
    if scope.bundle is not None and not scope.bundle.repeated:
        return True
    seen: set[tuple[str, Json]] = set()
    for entry in entries:
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if not isinstance(url, str):
            continue
        resource = entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        version = meta.get("versionId") if isinstance(meta, dict) else None
        named = (url, version if isinstance(version, str) else None)
        if named in seen:
            return False
        seen.add(named)
    return True


def starts_before_it_ends(members: JsonObject, key: str, scope: Scope) -> bool:
    """per-1. Two dates of different precision that may be either way round are left alone."""
    start, end = members.get("start"), members.get("end")
    return start is None or end is None or compare(start, end) is not Order.GREATER


def judged_elsewhere(members: JsonObject, key: str, scope: Scope) -> bool:
    """Judged elsewhere: narrative by ``xhtml``, dom-6 is best practice (R4 says "should")."""
    return True


_ELD_19 = (
    r"""path.matches('[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}"""
    r"""(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')"""
)
_ELEMENT_PATH = re.compile(
    r"[^\s.,:;'\"/|?!@#$%&*()\[\]{}]{1,64}(\.[^\s.,:;'\"/|?!@#$%&*()\[\]{}]{1,64}(\[x\])?(:[^\s.]+)?)*"
)


def element_path_is_whole(members: JsonObject, key: str, scope: Scope) -> bool:
    """eld-19 speaks of the whole path; its ``matches`` without anchors would be content with a part of it."""
    path = members.get("path")
    return not isinstance(path, str) or _ELEMENT_PATH.fullmatch(path) is not None


def enabling_is_decided(members: JsonObject, key: str, scope: Scope) -> bool:
    """que-12 says "more than one"; its expression in 4.0.1 counts one too many."""
    conditions = members.get("enableWhen")
    return not isinstance(conditions, list) or len(conditions) < 2 or "enableBehavior" in members


def existence_is_asked_by_boolean(members: JsonObject, key: str, scope: Scope) -> bool:
    """que-7 says Boolean, which FHIRPath reads as its own type, and means FHIR's boolean."""
    return members.get("operator") != "exists" or "answerBoolean" in members


NATIVE: dict[str, Predicate] = {
    "extension.exists() != value.exists()": extension_has_value_or_extensions,
    "contained.contained.empty()": contained_not_nested,
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | "
    "%resource.descendants().as(uri) | %resource.descendants().as(url))) or "
    "descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or "
    "descendants().where(as(canonical) = '#').exists()).not())"
    ".trace('unmatched', id).empty()": contained_is_referenced,
    "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()": contained_without_version,
    "contained.meta.security.empty()": contained_without_label,
    "text.`div`.exists()": judged_elsewhere,
    "htmlChecks()": judged_elsewhere,
    "reference.startsWith('#').not() or "
    "(reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))": local_reference_resolves,
    "enableWhen.count() > 2 implies enableBehavior.exists()": enabling_is_decided,
    "operator = 'exists' implies (answer is Boolean)": existence_is_asked_by_boolean,
    _ELD_19: element_path_is_whole,
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": starts_before_it_ends,
    "fullUrl.contains('/_history/').not()": entry_url_without_history,
    "resource.exists() or request.exists() or response.exists()": entry_has_content,
    "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()": (
        entry_urls_are_distinct
    ),
}
"""FHIRPath text → predicate."""

BY_NAMES: frozenset[Predicate] = frozenset({extension_has_value_or_extensions, entry_has_content})
"""Those that only ask which members are there, where no member is empty."""

SURELY: dict[Predicate, str] = {
    local_reference_resolves: "{0}['reference'][:1] != '#'",
    entry_url_without_history: "'/_history/' not in {0}['fullUrl']",
}
"""Conditions in Python that most objects with the trigger meet, for functions written out: {0} is the object."""

_TRIGGERS: dict[Predicate, str] = {
    contained_not_nested: "contained",
    contained_is_referenced: "contained",
    contained_without_version: "contained",
    contained_without_label: "contained",
    local_reference_resolves: "reference",
    entry_url_without_history: "fullUrl",
    starts_before_it_ends: "end",
    entry_urls_are_distinct: "entry",
    enabling_is_decided: "enableWhen",
    existence_is_asked_by_boolean: "operator",
}
NATIVE_TRIGGERS = {text: _TRIGGERS[predicate] for text, predicate in NATIVE.items() if predicate in _TRIGGERS}
"""FHIRPath text → the member without which it holds."""


def _no_part_means_the_whole(value: Json, scope: Scope) -> bool:
    """obs-7 holds where no coding of a component is one of the Observation's own."""
    whole = scope.resource["code"].get("coding", ())
    return not any(
        coding in whole for component in value.get("component", ()) for coding in component["code"].get("coding", ())
    )


_BATCHES = frozenset({"batch", "transaction", "history"})
_RESPONSES = frozenset({"batch-response", "transaction-response", "history"})


def _none_has(member: str, unless: frozenset[str]) -> Callable[[Json, Scope], bool]:
    """No entry has the member, and the Bundle is of no type that asks for it."""

    def sure(value: Json, scope: Scope) -> bool:
        index = scope.bundle
        return index is not None and index.kind is not None and index.kind not in unless and member not in index.members

    return sure


_TYPES = "(%resource.type = '{}' or %resource.type = '{}' or %resource.type = 'history')"
SURE: dict[str, Callable[[Json, Scope], bool]] = {
    "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()": (
        _no_part_means_the_whole
    ),
    f"entry.all(request.exists() = {_TYPES.format('batch', 'transaction')})": _none_has("request", _BATCHES),
    f"entry.all(response.exists() = {_TYPES.format('batch-response', 'transaction-response')})": (
        _none_has("response", _RESPONSES)
    ),
    "entry.search.empty() or (type = 'searchset')": _none_has("search", frozenset()),
    "(identifier.count() + name.count()) > 0": lambda value, scope: "identifier" in value or "name" in value,
    "($this as dateTime).toString().length() >= 8": lambda value, scope: type(value) is str and len(value) >= 8,
}
"""FHIRPath text → what is true only where the invariant surely holds; where it is not, the FHIRPath decides."""
_CONDITIONAL = re.compile(r"([a-z][A-Za-z]*) = '([^']*)' implies (?!.* implies ).*")


def sure_predicate(expression: str) -> Callable[[Json, Scope], bool] | None:
    """The one above; and that of ``type = 'document' implies ...``: what has another type."""
    found = _CONDITIONAL.fullmatch(expression)
    if found is None:
        return SURE.get(expression)
    name, code = found.groups()
    return lambda value, scope: type(value.get(name)) is str and value[name] != code
