"""Documents named on the command line: read once, each with the file it came from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from interop.cli.output import find_files, read_files
from interop.errors import ContentError
from interop.json_codec import JsonObject, loads

DocumentsArgument = Annotated[
    list[Path], typer.Argument(exists=True, help="Documents (FHIR JSON Bundles), or folders that hold them.")
]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Judge as of this time (UK), not now."),
]


def read_documents(paths: list[Path]) -> dict[str, JsonObject]:
    """Path → Bundle. Raises ContentError for a file that holds no Bundle.

    Files of one name out of several folders are several documents: two versions of a document are called the same.
    A file that is named twice is read once.
    """
    files: dict[Path, Path] = {}
    for named in paths:
        for found in find_files([named]).values():
            files.setdefault(found.resolve(), found)
    return {str(path): read_document(path) for path in files.values()}


def read_document(path: Path) -> JsonObject:
    """The Bundle in one file. Raises ContentError when it holds none."""
    (data,) = read_files([path]).values()
    return _bundle(str(path), data)


def moment(at: datetime | None) -> datetime:
    """The time asked for, on UK clocks, else now."""
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    return at.replace(tzinfo=london) if at else datetime.now(london)


def _bundle(name: str, data: bytes) -> JsonObject:
    found = loads(data, file=name)
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        raise ContentError("holds no FHIR Bundle", where=name, hint="name FHIR documents; interop map makes them")
    return found
