"""The rows of a differential: each makes sense by itself, and they stand in the order of the base.

Source: FHIR R4 profiling.html, elementdefinition.html, structuredefinition.html#interpretation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.definitions import StructureDefinition
from interop.json_codec import JsonObject
from interop.outcome import Issue
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.questionnaire import rows
from interop.validation.twig import same_element

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class DifferentialForm:
    """The rows of a differential make sense by themselves and one after the other."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        listed = rows(item.members.get("element"))
        constraint = scope.resource.get("derivation") == "constraint"
        found: list[Issue] = []
        for number, row in enumerate(listed):
            at = expression((item.place, "element", number, None))
            found.extend(
                Issue(code, text, at, hint=hint) for code, text, hint in _row_faults(row, constraint=constraint)
            )
        base = scope.resource.get("baseDefinition")
        structure = scope.run.structure(base) if isinstance(base, str) else None
        if structure is not None and constraint:
            found.extend(_disorder(listed, structure, item))
        return found


def _row_faults(row: JsonObject, *, constraint: bool) -> Iterator[tuple[str, str, str]]:
    path = row.get("path")
    if isinstance(path, str) and "." not in path and row.get("slicing"):
        yield "slicing-at-root", "a profile cannot slice its root element", "slice an element below the root"
    if constraint and "meaningWhenMissing" in row and path != "Extension" and not str(path).endswith(".extension"):
        text = "a profile cannot say what it means that an element is missing; only its type can"
        yield "meaning-in-profile", text, "remove meaningWhenMissing"


def _disorder(listed: list[JsonObject], base: StructureDefinition, item: Item) -> Iterator[Issue]:
    """Elements that stand before one the base has earlier: what builds a snapshot in one pass does not meet them."""
    order = _order(base)
    latest: dict[str, tuple[int, int, str]] = {}  # path of the parent → position in the base, row, path
    for number, row in enumerate(listed):
        path = str(row.get("path"))
        # What stood below an earlier occurrence says nothing about this one.
        for parent in [known for known in latest if known == path or known.startswith(f"{path}.")]:
            del latest[parent]
        parent, _, name = path.rpartition(".")
        position = next((n for n, other in enumerate(order.get(parent, ())) if same_element(other, name)), None)
        if position is None:
            continue
        before = latest.get(parent)
        if before is not None and before[0] > position:
            text = f"{before[2]} stands before {path}, which comes first in {base.name}"
            at = expression((item.place, "element", before[1], None))
            yield Issue("differential-order", text, at, hint="put the rows in the order of the base")
        latest[parent] = (position, number, path)


def _order(base: StructureDefinition) -> dict[str, list[str]]:
    """The names below each path, in the order of the base."""
    found: dict[str, list[str]] = {}
    for element in base:
        names = found.setdefault(element.path.rpartition(".")[0], [])
        if element.name not in names:
            names.append(element.name)
    return found
