"""The links of a Bundle: each relation stands once.

Source: FHIR R4 bundle.html, http.html#paging (RFC 5988 relations).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.item import Item
from interop.validation.place import expression

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_SINGLE = frozenset({"self", "first", "previous", "prev", "next", "last"})


@dataclass(frozen=True, slots=True)
class LinkRelations:
    """``self``, ``first``, ``next`` and their like lead to one place each."""

    trigger: ClassVar[str] = "link"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        return list(_doubled(item.members.get("link"), item))


def _doubled(links: Json, item: Item) -> Iterator[Issue]:
    seen: set[str] = set()
    for number, link in enumerate(links if isinstance(links, list) else ()):
        relation = link.get("relation") if isinstance(link, dict) else None
        if not isinstance(relation, str) or relation not in _SINGLE:
            continue
        if relation in seen:
            text = f"link relation {relation!r} stands more than once"
            yield Issue("link-doubled", text, expression((item.place, "link", number, None)), hint="keep one")
        seen.add(relation)
