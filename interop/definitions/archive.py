"""The files of a package folder or ``.tgz``, read in memory and within limits: nothing is ever unpacked to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from interop.errors import ContentError, DefinitionError


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """How large a package may be: HL7's own core is 34 MB unpacked in 4,580 files, the largest of them 4 MB.

    file      bytes of one file
    unpacked  bytes of the whole archive, what is skipped included
    files     members of the archive or files of the folder
    """

    file: int = 64 * 1024 * 1024
    unpacked: int = 1024 * 1024 * 1024
    files: int = 200_000


Content = bytes | ContentError
"""What a file holds, or why it cannot be had."""


def contents(path: Path, limits: PackageLimits) -> Iterator[tuple[str, Content]]:
    """Name and content of every JSON and XML file that may define something.

    Raises DefinitionError: ``package-not-found``, ``package-unreadable``, ``package-too-large``.
    """
    if path.is_dir():
        return _folder(path, limits)
    if path.is_file():
        return _archive(path, limits)
    raise DefinitionError(f"no package at {path}", code="package-not-found", hint="give a folder or a .tgz file")


def _folder(path: Path, limits: PackageLimits) -> Iterator[tuple[str, Content]]:
    for count, file in enumerate(sorted(path.rglob("*"))):
        if count >= limits.files:
            raise _too_large(path, f"more than {limits.files:,} files")
        name = file.relative_to(path).as_posix()
        if not _wanted(name):
            continue
        try:
            if file.is_file():
                yield name, _too_long(name, limits) if file.stat().st_size > limits.file else file.read_bytes()
        except OSError as fault:
            yield name, ContentError(f"{fault.strerror or fault}", code="package-file", where=name)


def _archive(path: Path, limits: PackageLimits) -> Iterator[tuple[str, Content]]:
    try:
        with path.open("rb") as raw, tarfile.open(fileobj=_Measured(raw, path, limits), mode="r|") as archive:
            for count, member in enumerate(archive):
                if count >= limits.files:
                    raise _too_large(path, f"more than {limits.files:,} files")
                if _wanted(member.name) and not member.isdir():
                    yield member.name, _member(archive, member, limits)
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError) as fault:
        raise DefinitionError(
            f"not a readable .tgz package: {fault}", code="package-unreadable", where=str(path), hint="fetch it again"
        ) from None


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, limits: PackageLimits) -> Content:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or "\\" in member.name:
        return ContentError("its name leads out of the package", code="package-file", where=member.name)
    if not member.isfile():
        return ContentError("a link or device, no file", code="package-file", where=member.name)
    if member.size > limits.file:
        return _too_long(member.name, limits)
    reader = archive.extractfile(member)
    return reader.read() if reader else b""


def _wanted(name: str) -> bool:
    """JSON and XML files, less indexes and what guides keep beside the definitions (other/, openapi/, examples)."""
    parts = name.split("/")
    return (
        name.endswith((".json", ".xml"))
        and not parts[-1].startswith(".")
        and not {"other", "openapi", "example", "examples"} & set(parts[:-1])
        and parts[-1] != "examples.json"
    )


class _Measured(io.RawIOBase):
    """The unpacked bytes of an archive, plain or gzip, up to the limit: a small file may unpack to a disk full."""

    def __init__(self, raw: io.BufferedReader, path: Path, limits: PackageLimits):
        zipped = raw.peek(2)[:2] == b"\x1f\x8b"
        self._source: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if zipped else raw
        self._path = path
        self._limit = limits.unpacked
        self._passed = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._passed += len(data)
        if self._passed > self._limit:
            raise _too_large(self._path, f"more than {self._limit:,} bytes unpacked")
        return data


def _too_long(name: str, limits: PackageLimits) -> ContentError:
    return ContentError(f"larger than {limits.file:,} bytes", code="package-file-size", where=name)


def _too_large(path: Path, found: str) -> DefinitionError:
    return DefinitionError(
        f"the package holds {found}",
        code="package-too-large",
        where=str(path),
        hint="this is no package of definitions; fetch it again from its publisher",
    )
