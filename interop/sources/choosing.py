"""Which of the given files a mapping means."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch

from interop.sources.record import SourceFile


def matches(name: str, pattern: str) -> bool:
    """Whether a given file is the one a mapping names: folders and capital letters do not count."""
    return fnmatch(name.replace("\\", "/").rsplit("/", 1)[-1].lower(), pattern.lower())


def chosen(files: Sequence[SourceFile], pattern: str) -> tuple[SourceFile, ...]:
    """The files a pattern means, in the order given."""
    return tuple(file for file in files if matches(file.name, pattern))
