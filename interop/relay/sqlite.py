"""The SQLite profile: sqlcipher, WAL, a full fsync at every commit, one writer at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]  # ships no stubs
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_BUSY_MILLISECONDS = 30_000
_KEPT_OPEN = 16


def engine(path: Path, key: str, *, read_only: bool) -> Engine:
    """Connections that encrypt with ``key`` (64 hex digits), keep references, and end a commit on disk.

    A transaction begun with the execution option ``writes`` takes the write lock at once, so it never has to give up
    half way; any other sees one moment of the store throughout.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives -wal and -shm the same permissions
    made = create_engine(
        "sqlite+pysqlite://",
        module=sqlcipher,
        creator=lambda: sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=_KEPT_OPEN,
        max_overflow=-1,
    )

    @event.listens_for(made, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is ours to explain, once
        cursor.execute(f"""PRAGMA key = "x'{key}'" """)
        for pragma in (
            f"busy_timeout = {_BUSY_MILLISECONDS}",
            *(() if read_only else ("journal_mode = WAL",)),
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",  # no clear text in temporary files
            f"query_only = {'ON' if read_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own transaction handling is off (isolation_level=None): it begins late and without the write lock.
    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
