"""Where the results of ``interop map`` go: to the screen, as JSON, into a folder, or as one line each into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from rich.markup import escape

from interop.cli.output import console, notes, print_issues
from interop.json_codec import dumps
from interop.outcome import Severity
from interop.printable import printable
from interop.translator import Translated


class Place(Protocol):
    """Takes results one at a time. ``keep`` returns when all taken so far are on disk."""

    def take(self, translated: Translated) -> None: ...

    def passed(self, key: str) -> None:
        """A result that an earlier run has written."""

    def keep(self) -> int:
        """How many bytes there are."""


class Screen:
    """A few lines a record; findings below ``least`` are counted."""

    def __init__(self, least: Severity = Severity.WARNING):
        self._least = least

    def take(self, translated: Translated) -> None:
        console.print(f"[bold]{escape(printable(translated.key))}[/] {translated.verdict_words}")
        print_issues(translated.outcome, least=self._least, more="--show information lists them")

    def passed(self, key: str) -> None:
        pass

    def keep(self) -> int:
        return 0


class Json:
    """One JSON value on standard output, written as it grows: ``{"records": [...]}``."""

    def __init__(self) -> None:
        self._between = b'{\n  "records": ['

    def take(self, translated: Translated) -> None:
        lines = dumps(translated.as_json(), indent=True).replace(b"\n", b"\n    ")
        sys.stdout.flush()
        sys.stdout.buffer.write(self._between + b"\n    " + lines)
        self._between = b","

    def passed(self, key: str) -> None:
        pass

    def keep(self) -> int:
        sys.stdout.buffer.flush()
        return 0

    def close(self) -> None:
        """Ends the value."""
        sys.stdout.flush()
        sys.stdout.buffer.write((self._between + b"]" if self._between != b"," else b"\n  ]") + b"\n}\n")
        sys.stdout.buffer.flush()


class Folder:
    """One file a Bundle, named by its record. The first ``told`` are also named on standard error.

    A file that is there already and holds something else stays as it is: the Bundle gets a number of its own, and that
    is said. ``replace`` writes over it.
    """

    def __init__(self, folder: Path, *, replace: bool = False, told: int = 20):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._told, self._replace = folder, told, replace
        self._taken: set[int] = set()

    def take(self, translated: Translated) -> None:
        if translated.bundle is None:
            return
        data = dumps(translated.bundle, indent=True)
        wanted = self._folder / self._free(translated.key)
        path = wanted
        while not self._replace and path.exists() and path.read_bytes() != data:
            path = self._folder / self._free(translated.key)
        # First beside it: a run that is killed leaves no half a Bundle.
        beside = path.with_name(path.name + ".new")
        beside.write_bytes(data)
        beside.replace(path)
        if path != wanted:
            notes.print(
                f"  {wanted} is there already and holds something else: kept (--replace writes over it)", markup=False
            )
        if self._told > 0 or path != wanted:
            notes.print(f"  wrote {path}", markup=False)
            self._told -= 1

    def passed(self, key: str) -> None:
        self._free(key)

    def keep(self) -> int:
        return 0

    def _free(self, key: str) -> str:
        """A name no other record of this run has: two records of one key must not become one file."""
        stem = "".join(c if c.isalnum() or c in "-._" else "-" for c in key)[:150] or "record"
        name, number = f"{stem}.json", 1
        while hash(name) in self._taken:  # their hashes: a million names would fill the memory they are to spare
            number += 1
            name = f"{stem}-{number}.json"
        self._taken.add(hash(name))
        return name


class Lines:
    """NDJSON: key, kind, verdict, Bundle and findings of each record on one line."""

    def __init__(self, file: IO[bytes]):
        self._file = file

    def take(self, translated: Translated) -> None:
        self._file.write(dumps(translated.as_json()) + b"\n")

    def passed(self, key: str) -> None:
        pass

    def keep(self) -> int:
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()


@contextmanager
def lines_into(path: Path, size: int) -> Iterator[Lines]:
    """The NDJSON file, cut to the ``size`` bytes that are known to be whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if size and path.exists() else "wb") as file:
        file.truncate(size)
        file.seek(size)
        yield Lines(file)
