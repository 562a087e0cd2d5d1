"""What the commands of ``interop mapping`` share: their arguments, and how they come to mappings and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import notes, progress
from interop.errors import ContentError

if TYPE_CHECKING:
    from interop.mapping import Mapping
    from interop.sources import SourceRecord
    from interop.translator import Translator
    from interop.workbench.rulebook import Rulebook

NameArgument = Annotated[
    str, typer.Argument(metavar="MAPPING", help="A mapping's name, such as care-home/red-bag, or a .yaml file.")
]
SamplesArgument = Annotated[
    list[Path], typer.Argument(metavar="SAMPLES…", exists=True, help="Sample files, or a folder that holds them.")
]
FolderOption = Annotated[
    list[Path] | None,
    typer.Option("--mappings", exists=True, file_okay=False, help="Your own folder of mappings; may be repeated."),
]
NoValuesOption = Annotated[
    bool, typer.Option("--no-values", help="Show no value of any record: for output that leaves the building.")
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write it into this file.")]


def translator_of(mappings: Sequence[Path] | None = None) -> Translator:
    from interop.catalogue import Catalogue
    from interop.translator import Translator

    return Translator(Catalogue(mappings=tuple(mappings)) if mappings else Catalogue())


def load(name: str) -> tuple[Mapping, Rulebook]:
    from interop.workbench.rulebook import Rulebook

    translator = translator_of()
    return translator.mapping(name), Rulebook.of(translator.catalogue.mapping(name))


def counted(records: Iterable[SourceRecord]) -> Iterator[SourceRecord]:
    """The records, counted on a terminal while they go by."""
    with progress("records") as advance:
        for record in records:
            yield record
            advance()


def refuse_nothing(records: int, issues: Sequence[object]) -> None:
    if not records:
        said = "; ".join(str(issue) for issue in issues)
        raise ContentError(f"the samples hold no record: {said}" if said else "the samples hold no record")


def write_file(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    notes.print(f"wrote {path}", markup=False)
