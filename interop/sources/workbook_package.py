"""The zip around a workbook: opened only when what it unpacks to is bounded, every fault said as ours.

Source: ECMA-376 part 2 (packages); CWE-409 (zip bombs).
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from interop.errors import ContentError
from interop.sources.record import SourceFile

MOST_PARTS = 10_000
MOST_BYTES = 2 << 30
"""Of all parts together, unpacked."""
MOST_TIMES = 300
"""How many times its packed size a part may unpack to. Sheets of numbers reach 20; deflate's limit is 1032."""
SMALL = 32 << 20
"""A part up to this many bytes may unpack from as little as it likes."""

_OLE = b"\xd0\xcf\x11\xe0"


class Package:
    """The parts of a workbook by their lower-case names."""

    def __init__(self, file: SourceFile, stream: IO[bytes], archive: ZipFile):
        self.file = file
        self._stream, self._archive = stream, archive
        self._parts = {info.filename.lower(): info for info in archive.infolist()}

    @classmethod
    def open(cls, file: SourceFile) -> Package:
        """Raises ContentError ``xlsx-not-a-workbook``, ``xlsx-protected``, ``xlsx-broken`` or ``xlsx-too-large``."""
        stream = file.open()
        try:
            head = stream.read(8)
            if head.startswith(_OLE):
                raise _old_or_locked(file)
            try:
                archive = ZipFile(stream)
            except (BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as fault:
                raise _no_workbook(file, head, str(fault)) from None
            _refuse_bombs(file, archive.infolist())
        except BaseException:
            stream.close()
            raise
        return cls(file, stream, archive)

    def close(self) -> None:
        self._archive.close()
        self._stream.close()

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def part(self, name: str, *, at_most: int = MOST_BYTES) -> Unpacked:
        """A part as a stream. Raises ContentError ``xlsx-broken`` or, beyond ``at_most`` bytes, ``xlsx-too-large``."""
        info = self._parts[name]
        if info.file_size > at_most:
            raise too_large(self.file, f"its {name} unpacks to more than {at_most:,} bytes")
        return Unpacked(self._archive, info, self.name_of(name))

    def name_of(self, part: str) -> str:
        return f"{self.file.name} ({part})"

    def another_kind(self) -> ContentError:
        """What the file is, when it is no workbook."""
        return ContentError(
            _other_kind(self._parts), code="xlsx-not-a-workbook", where=self.file.name, hint="save it as .xlsx"
        )


class Unpacked:
    """A part being unpacked; what is wrong with the zip is said as ours. zipfile gives no more bytes than declared."""

    def __init__(self, package: ZipFile, info: ZipInfo, name: str):
        self._name = name
        try:
            self._stream = package.open(info)
        except (BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as fault:
            raise self._broken(fault) from None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as fault:
            raise self._broken(fault) from None

    def __enter__(self) -> Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _broken(self, fault: Exception) -> ContentError:
        text = f"cannot be unpacked: {fault or type(fault).__name__}"
        return ContentError(text, code="xlsx-broken", where=self._name, hint="open it in Excel and save it again")


def _refuse_bombs(file: SourceFile, parts: list[ZipInfo]) -> None:
    """Source: CWE-409; the sizes are the zip's own, and no more than they say is ever unpacked."""
    if len(parts) > MOST_PARTS:
        raise too_large(file, f"has {len(parts):,} parts, a workbook has at most {MOST_PARTS:,}")
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise too_large(file, f"unpacks to more than {MOST_BYTES:,} bytes")
    for part in parts:
        if part.flag_bits & 1:
            hint = "take the password off in Excel and save it again"
            raise ContentError("is locked with a password", code="xlsx-protected", where=file.name, hint=hint)
        if part.file_size > SMALL and part.file_size > MOST_TIMES * max(part.compress_size, 1):
            text = f"part {part.filename[:80]!r} unpacks to {part.file_size:,} bytes, from next to nothing"
            raise too_large(file, text)


def too_large(file: SourceFile, text: str) -> ContentError:
    hint = "it is an accident or an attack; export only what is needed"
    return ContentError(text, code="xlsx-too-large", where=file.name, hint=hint)


def _old_or_locked(file: SourceFile) -> ContentError:
    with file.open() as stream:
        start = stream.read(1 << 20)
    if "EncryptedPackage".encode("utf-16-le") in start:
        hint = "take the password off in Excel (File, Info, Protect Workbook) and save it again"
        return ContentError("is locked with a password", code="xlsx-protected", where=file.name, hint=hint)
    text = "is an old Excel workbook (.xls, before 2007)"
    return ContentError(text, code="xlsx-not-a-workbook", where=file.name, hint="save it as .xlsx")


def _no_workbook(file: SourceFile, head: bytes, fault: str) -> ContentError:
    if head.startswith(b"PK"):
        text = f"is a damaged workbook: {fault}"
        return ContentError(text, code="xlsx-broken", where=file.name, hint="open it in Excel and save it again")
    text = f"is no Excel workbook: it begins with {head!r}" if head else "is empty"
    hint = "export it as .xlsx, or say `format: csv` in the mapping if it is text"
    return ContentError(text, code="xlsx-not-a-workbook", where=file.name, hint=hint)


def _other_kind(names: Collection[str]) -> str:
    if "xl/workbook.bin" in names:
        return "is a binary Excel workbook (.xlsb)"
    if "content.xml" in names and "mimetype" in names:
        return "is an OpenDocument file (.ods)"
    if any(name.startswith("word/") for name in names):
        return "is a Word document"
    return "is a zip file, but no Excel workbook"
