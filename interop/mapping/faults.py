"""What is wrong with a mapping file, and exactly where: collected, so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from interop.errors import MappingError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a mapping file; line and column are counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a mapping file: where, what was found and wanted, what to do."""

    place: Place
    text: str
    hint: str | None = None

    def __str__(self) -> str:
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.text}{remedy}"


@dataclass(slots=True)
class Faults:
    """The faults found so far. Reading and compiling go on after a fault, so that one run shows them all."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, text: str, hint: str | None = None) -> None:
        fault = Fault(place, text, hint)
        if fault not in self.found:
            self.found.append(fault)

    def unknown(self, place: Place, what: str, name: str, known: Iterable[str]) -> None:
        """``what`` has no ``name``; the hint is the nearest known one, or all of them when they are few."""
        names = sorted(set(known))
        near = nearest(name, names)
        hint = f"did you mean {near!r}?" if near else None
        if hint is None and 0 < len(names) <= 25:
            hint = f"known: {', '.join(names)}"
        self.add(place, f"{what} {name!r}", hint)

    def raise_if_any(self, mapping: str) -> None:
        """Raise one MappingError that carries every fault, in the order of the files' lines."""
        if not self.found:
            return
        told = tuple(str(fault) for fault in sorted(self.found, key=lambda f: f.place))
        count = "1 fault" if len(told) == 1 else f"{len(told)} faults"
        raise MappingError(f"mapping {mapping!r} has {count}:\n  " + "\n  ".join(told), faults=told)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, ignoring case; None when nothing comes near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None
