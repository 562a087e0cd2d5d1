"""Where mappings, profiles and examples are found: the adopter's own folders first, then what we ship."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from interop.canonical import CONTENT, VARIABLE
from interop.errors import CatalogueError


def shipped(shelf: Literal["mappings", "profiles", "examples"]) -> Path:
    """A folder we ship, or the adopter's rebased one. Raises CatalogueError where the adopter's has none."""
    folder = CONTENT / shelf
    if not folder.is_dir():
        raise CatalogueError(
            f"there is no folder {shelf}/ in {CONTENT}",
            hint=f"{VARIABLE} names a folder that `interop profiles rebase` wrote; unset it for what we ship",
        )
    return folder


@dataclass(frozen=True)
class Catalogue:
    """Mappings by name (``care-home/red-bag``) and profile packages by folder.

    mappings, profiles: the adopter's folders, searched before the shipped ones.
    """

    mappings: Sequence[Path] = ()
    profiles: Sequence[Path] = ()

    def mapping(self, name: str) -> Path:
        """The file of a mapping, given its name or a path to a ``.yaml`` file. Raises CatalogueError."""
        if name.endswith((".yaml", ".yml")):
            path = Path(name)
            if not path.is_file():
                raise CatalogueError(f"there is no mapping file {name}")
            return path
        for shelf in self._mapping_shelves():
            path = (shelf / name).with_suffix(".yaml")
            if path.is_file() and path.resolve().is_relative_to(shelf.resolve()):
                return path
        known = sorted(self.mapping_names())
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known mappings: {', '.join(known)}"
        raise CatalogueError(f"there is no mapping {name!r}", hint=hint)

    def mapping_names(self) -> Iterator[str]:
        """Every mapping on the shelves; shared pieces and code tables are not mappings."""
        for shelf in self._mapping_shelves():
            for path in shelf.rglob("*.yaml"):
                name = path.relative_to(shelf).with_suffix("")
                if "pieces" not in name.parts and "cases" not in name.parts:
                    yield name.as_posix()

    def packages(self) -> tuple[Path, ...]:
        """Profile packages, ours first so that an adopter's may build on them."""
        ours = sorted(path.parent for path in shipped("profiles").glob("*/package.json"))
        return (*ours, *self.profiles)

    def _mapping_shelves(self) -> tuple[Path, ...]:
        return (*self.mappings, shipped("mappings"))
