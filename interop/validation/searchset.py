"""What a searchset Bundle holds: a resource in every entry, with an id, of a type the search was for.

Source: FHIR R4 http.html#search, search.html, bundle-definitions.html#Bundle.entry.search.mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_OUTCOME = "OperationOutcome"


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Entries that say their part in the search (``search.mode``) can have it."""

    trigger: ClassVar[str] = "entry"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.members.get("type") != "searchset":
            return NOTHING
        wanted = _searched(item.members, scope.run.is_resource_type)
        found: list[Issue] = []
        for number, entry in enumerate(rows(item.members.get("entry"))):
            place: Place = (item.place, "entry", number, None)
            found.extend(
                Issue("search-entry", text, expression(place), hint=hint) for text, hint in _faults(entry, wanted)
            )
        return found


def _searched(bundle: JsonObject, is_resource_type: Callable[[str], bool]) -> frozenset[str]:
    """The types the self link says were searched for; empty when it does not say."""
    for link in rows(bundle.get("link")):
        url = link.get("url")
        if link.get("relation") != "self" or not isinstance(url, str):
            continue
        try:
            parts = urlsplit(url)
        except ValueError:
            return frozenset()
        listed = [name for value in parse_qs(parts.query).get("_type", ()) for name in value.split(",")]
        named = [listed, [parts.path.rstrip("/").rpartition("/")[2]]]
        return next((frozenset(names) for names in named if names and all(map(is_resource_type, names))), frozenset())
    return frozenset()


def _faults(entry: JsonObject, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    resource, search = entry.get("resource"), entry.get("search")
    mode: Json = search.get("mode") if isinstance(search, dict) else None
    if not isinstance(resource, dict):
        yield "an entry of a searchset holds no resource", "leave the entry out, or add what was found"
        return
    kind = str(resource.get("resourceType"))
    if mode in ("match", "include") and "id" not in resource and kind != _OUTCOME:
        yield f"the {kind} found has no id", "a resource that can be searched for has an id"
    if mode == "match" and wanted and kind not in wanted and kind != _OUTCOME:
        told = " or ".join(sorted(wanted))
        yield f"{kind} matches a search for {told}", "correct search.mode: what is added to the matches is an include"
    if mode == "outcome" and kind != _OUTCOME:
        yield f"the outcome of the search is a {kind}, wanted OperationOutcome", "correct search.mode"
