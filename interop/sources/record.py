"""One record out of somebody else's system, and where each of its values stands there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from interop.errors import ContentError
from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue

Files = Mapping[str, bytes | Path]
"""What is read: a file's name to its bytes, or to where it lies on disk. A file on disk is never held whole in memory
by formats that come row by row."""


@dataclass(frozen=True)
class SourceFile:
    """A file exactly as it came: bytes at hand, or on disk and read when asked for."""

    name: str
    content: bytes | Path

    @property
    def data(self) -> bytes:
        """All its bytes. Raises ContentError when a file on disk cannot be read."""
        if isinstance(self.content, bytes):
            return self.content
        with self.open() as stream:
            return stream.read()

    def open(self) -> BinaryIO:
        """Its bytes as a stream from the start. Raises ContentError when a file on disk cannot be read."""
        if isinstance(self.content, bytes):
            return BytesIO(self.content)
        try:
            return self.content.open("rb")
        except OSError as fault:
            raise ContentError(f"cannot be read: {fault.strerror}", where=str(self.content)) from None

    @cached_property
    def size(self) -> int:
        """In bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @property
    def on_disk(self) -> bool:
        return isinstance(self.content, Path)

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes: which version of the file a value was read from."""
        if isinstance(self.content, bytes):
            return hashlib.sha256(self.content).hexdigest()
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Everything one record says, as a plain tree, with the way back to every cell.

    tree     dict, list and str (JSON sources also number, Decimal, bool and None); raw text, nothing trimmed
    files    the files the record was read from
    key      what its owner calls it: the spine row's key, MSH-10, a JSON member; unique in one reading
    pointer  from a path in ``tree`` to the place in the owner's file
    issues   what is wrong with this record's own rows; an error here means: do not send it as it is
    """

    tree: Json
    files: tuple[SourceFile, ...]
    key: str
    pointer: Callable[[SourcePath], SourcePointer]
    issues: tuple[Issue, ...] = ()

    def value(self, path: SourcePath) -> Json:
        """The value at ``path``; None where the record has nothing there."""
        node = self.tree
        for step in path:
            if isinstance(node, dict) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
                node = node[step]
            else:
                return None
        return node


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the records, and the findings that belong to no single record.

    A fatal finding means a file could not be used. A table set then has no records, because records without
    that file would be silently incomplete; documents and messages stand for themselves, so the others remain.
    An error is a row or message that could not become part of any record.
    Findings about one record stand on that record.
    """

    records: tuple[SourceRecord, ...] = ()
    issues: tuple[Issue, ...] = ()

    def __iter__(self) -> Iterator[SourceRecord]:
        return iter(self.records)

    @property
    def findings(self) -> tuple[Issue, ...]:
        """Every finding: those about the files first, then each record's own."""
        return self.issues + tuple(issue for record in self.records for issue in record.issues)
