"""The rows of a differential arranged as a tree of elements and slices, whether or not they carry ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from interop.errors import DefinitionError
from interop.json_codec import JsonObject


class Step(NamedTuple):
    """One step of an element id: ``identifier:nhs`` is ("identifier", "nhs")."""

    name: str
    slice: str | None


@dataclass(slots=True)
class Change:
    """What a differential says about one element (``row``, None when nothing), its children and its slices."""

    row: JsonObject | None = None
    children: dict[str, Change] = field(default_factory=dict)
    slices: dict[str, Change] = field(default_factory=dict)

    def absorb(self, other: Change) -> None:
        """Take over what another says about the same element."""
        self.row = {**self.row, **(other.row or {})} if self.row else other.row
        for mine, theirs in ((self.children, other.children), (self.slices, other.slices)):
            for name, change in theirs.items():
                if name in mine:
                    mine[name].absorb(change)
                else:
                    mine[name] = change


def arrange(rows: Iterable[JsonObject]) -> Change:
    """The tree of a differential; its root stands for the structure itself.

    Raises DefinitionError ``definition-incomplete`` when a row has no path.
    """
    root = Change()
    previous: tuple[Step, ...] = ()
    for row in rows:
        path = row.get("path")
        if not isinstance(path, str):
            raise DefinitionError(
                f"differential row {row.get('id')!r} has no path", code="definition-incomplete", hint="give it one"
            )
        previous = _steps(row, path, previous)
        place = root
        for name, slice_name in previous[1:]:
            place = place.children.setdefault(name, Change())
            if slice_name is not None:
                place = place.slices.setdefault(slice_name, Change())
        place.absorb(Change(row))
    return root


def _steps(row: JsonObject, path: str, previous: tuple[Step, ...]) -> tuple[Step, ...]:
    """The row's id when it agrees with path and sliceName; else the path, below the slices of the row before."""
    names = path.split(".")
    slice_name = row.get("sliceName")
    if isinstance(row.get("id"), str):
        steps = tuple(parse_step(text) for text in row["id"].split("."))
        if [s.name for s in steps] == names and slice_name in (None, steps[-1].slice):
            return steps
    found: list[Step] = []
    below = True
    for index, name in enumerate(names[:-1]):
        below = below and index < len(previous) and previous[index].name == name
        found.append(previous[index] if below else Step(name, None))
    return (*found, Step(names[-1], slice_name))


def parse_step(text: str) -> Step:
    name, colon, slice_name = text.partition(":")
    return Step(name, slice_name if colon else None)
