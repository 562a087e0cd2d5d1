"""A file as somebody gave it to us: its name, its digest, its size, and its bytes piece by piece."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from interop.errors import ContentError
from interop.relay.message import digest

PIECE = 1 << 20
"""Bytes in a piece of a large file. Never changed: an original half stored by one release is finished by the next."""
AT_ONCE = 4 << 20
"""Bytes up to which a file is held in memory and stored in the very transaction that cites it."""


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """Made by ``OriginalFile.of``.

    content  the bytes; for a large file on disk its path, so that it is never held whole
    stamp    of a file on disk: its size and when it was last written, as they were when its digest was taken
    """

    name: str
    sha256: str
    size: int
    media_type: str
    content: bytes | Path = field(repr=False)
    stamp: tuple[int, int] | None = None

    @classmethod
    def of(cls, name: str, content: bytes | Path, media_type: str = "application/octet-stream") -> OriginalFile:
        """Take the digest. A small file on disk is read now: what is mapped and what is kept are the same bytes.

        Raises ContentError when a file on disk cannot be read.
        """
        if isinstance(content, bytes):
            return cls(name, digest(content), len(content), media_type, content)
        with _opened(content) as file:
            stamp = _stamp(file)
            if stamp[0] <= AT_ONCE:
                return cls.of(name, file.read(), media_type)
            found = hashlib.sha256()
            for piece in iter(lambda: file.read(PIECE), b""):
                found.update(piece)
        return cls(name, found.hexdigest(), stamp[0], media_type, content, stamp)

    @property
    def large(self) -> bool:
        """Too large to be stored in the transaction that cites it: it is stored before."""
        return self.size > AT_ONCE

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, ``PIECE`` at a time; none for an empty file. Raises ContentError when it cannot be read."""
        if isinstance(self.content, bytes):
            for start in range(0, self.size, PIECE):
                yield self.content[start : start + PIECE]
            return
        with _opened(self.content) as file:
            yield from iter(lambda: file.read(PIECE), b"")

    def must_be_unchanged(self) -> None:
        """A file on disk is still the one whose digest was taken. Raises ContentError ``original-changed``."""
        if isinstance(self.content, Path):
            with _opened(self.content) as file:
                if _stamp(file) != self.stamp:
                    raise changed(self)


def gather(files: Mapping[str, bytes | Path], media_type: Callable[[str], str]) -> tuple[OriginalFile, ...]:
    """The files of one submission. Raises ContentError when one cannot be read."""
    return tuple(OriginalFile.of(name, content, media_type(name)) for name, content in files.items())


def changed(file: OriginalFile) -> ContentError:
    return ContentError(
        "the file changed while it was read, so what was read could not be kept",
        code="original-changed",
        where=file.name,
        hint="submit it again once whoever writes it has finished",
    )


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise ContentError(f"cannot be read: {fault.strerror}", where=str(path)) from None


def _stamp(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns
