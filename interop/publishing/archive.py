"""A FHIR package (``.tgz``): definitions with snapshots, examples, and the index other tools look things up in."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from interop.definitions import Definitions
from interop.errors import CatalogueError
from interop.json_codec import JsonObject, dumps, loads
from interop.publishing.snapshots import published

_INDEXED = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content")


def build(
    folder: Path, definitions: Definitions, examples: Mapping[str, JsonObject], tables: Iterable[JsonObject] = ()
) -> bytes:
    """The package of ``folder`` as bytes; the same input gives the same bytes.

    definitions  hold the package and all it depends on, for the snapshots
    examples     by file name without ending: resources shown to readers of the package
    tables       further definitions that stand elsewhere: the ConceptMaps of the mappings

    Raises CatalogueError where the folder has no package.json, DefinitionError where a base is missing.
    Source: the FHIR package layout (``package/``, ``package/example/``, ``.index.json``).
    """
    sheet = folder / "package.json"
    if not sheet.is_file():
        raise CatalogueError(f"{folder} is no FHIR package: it has no package.json")
    head = loads(sheet.read_bytes(), file=sheet.name)
    named = {path.name: published(loads(path.read_bytes(), file=path.name), definitions) for path in sheets(folder)}
    named |= {f"{table['resourceType']}-{table['id']}.json": table for table in tables}
    named = dict(sorted(named.items()))
    shown = {f"{name}.json": resource for name, resource in sorted(examples.items())}
    files = {
        "package/package.json": head,
        "package/.index.json": _index(named),
        **{f"package/{name}": resource for name, resource in named.items()},
        **({"package/example/.index.json": _index(shown)} if shown else {}),
        **{f"package/example/{name}": resource for name, resource in shown.items()},
    }
    return _packed((name, dumps(resource, indent=True) + b"\n") for name, resource in files.items())


def sheets(folder: Path) -> list[Path]:
    """The files of a package that hold a definition, in order of name."""
    return sorted(path for path in folder.glob("*.json") if path.name != "package.json")


def _index(files: Mapping[str, JsonObject]) -> JsonObject:
    rows = [
        {"filename": name, **{key: resource[key] for key in _INDEXED if isinstance(resource.get(key), str)}}
        for name, resource in files.items()
    ]
    return {"index-version": 2, "files": rows}


def _packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Without times, owners or the name of the machine, so that two builds can be compared."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry, data in _entries(files):
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


def _entries(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    for name, data in files:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o644
        yield entry, data
