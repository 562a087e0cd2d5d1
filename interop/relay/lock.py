"""One process per SQLite store: a lock file held for as long as the store is open."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from interop.errors import StoreError


class ProcessLock:
    """Held from construction to ``release``. The system lets go of it when the process dies, however it dies."""

    def __init__(self, database: Path):
        self.file = database.with_name(database.name + ".lock")
        self._handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._handle, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise StoreError(
                f"the store is open in another process (process id {holder})",
                code="store-locked",
                where=str(database),
                hint="talk to the running node over HTTP, or stop it first; one process may hold a SQLite store",
            ) from None
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        os.close(self._handle)
