"""The node's memory: one encrypted SQLite database, written by one thread at a time, read by many.

Nothing is answered before it is on disk: WAL with ``synchronous=FULL``. Writers that arrive while a commit is under way
are committed together by the next one, so they share its fsync.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Transaction, insert, inspect, select
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from interop.errors import StoreError
from interop.relay import schema, schema_editions, schema_originals, sqlite
from interop.relay.keys import store_key
from interop.relay.lock import ProcessLock
from interop.relay.migrations import migrate
from interop.relay.recovery import give_back_leases

T = TypeVar("T")
Clock = Callable[[], datetime]
_DESCRIBED = (schema, schema_originals, schema_editions)
"""Where the tables are described, all of them in one ``metadata``."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the store lies. ``key_file`` None: beside the database, made on first use (see ``keys``)."""

    path: Path
    key_file: Path | None = None


class Bell:
    """Tells waiting workers that there may be work. A hint only: whoever misses it finds the work by polling."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        with self._changed:
            self.rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait until it rang more often than ``heard``, at most ``seconds``; how often it has rung by then."""
        with self._changed:
            self._changed.wait_for(lambda: self.rings != heard, timeout=seconds)
            return self.rings


@dataclass(slots=True)
class _Job(Generic[T]):
    """One caller's work, waiting for a commit. ``done`` when it is on disk or has failed."""

    work: Callable[[Connection], T]
    result: list[T] = field(default_factory=list)
    fault: BaseException | None = None
    done: bool = False

    def outcome(self) -> T:
        if self.fault is not None:
            raise self.fault
        return self.result[0]


class Store:
    """Open with ``Store.open``; close it, or use it in a ``with`` statement.

    ``outbound`` and ``inbound`` ring after something new was committed to send or to process.
    """

    def __init__(self, engine: Engine, lock: ProcessLock | None, clock: Clock | None):
        self.outbound = Bell()
        self.inbound = Bell()
        self._engine = engine
        self._lock = lock
        self._clock = clock
        self._waiting: list[_Job[Any]] = []
        self._queue = threading.Lock()
        self._writer = threading.Lock()
        self._current = threading.local()
        self._closed = False

    @classmethod
    def open(cls, settings: StoreSettings, *, clock: Clock | None = None, read_only: bool = False) -> Store:
        """Open the store, making it on first use. ``clock`` stands in for the database's clock in tests.

        A read-only store takes no lock: it may look while the node runs. Leases a dead process left behind are
        given back, so its work goes on at once.

        Raises StoreError: held by another process, wrong or missing key, another schema version, no such folder.
        """
        path = settings.path
        if read_only and not path.exists():
            raise StoreError("there is no store here", where=str(path), hint="start the node once: interop serve")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = None if read_only else ProcessLock(path)
        except OSError as fault:
            raise StoreError(f"cannot use this folder: {fault.strerror}", where=str(path.parent)) from None
        try:
            key = store_key(path, settings.key_file, os.environ)
            store = cls(sqlite.engine(path, key, read_only=read_only), lock, clock)
            store._prepare(path, read_only)
        except BaseException as fault:
            if lock is not None:
                lock.release()
            if isinstance(fault, OSError):
                raise StoreError(f"cannot use this file: {fault.strerror}", where=str(path)) from None
            raise
        return store

    def close(self) -> None:
        """Wait for the commit under way, then close every connection and let another process in."""
        with self._writer:
            self._closed = True
            self._engine.dispose()
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """The database's clock. SQLite runs inside this process, so the two read the same clock."""
        return self._clock() if self._clock is not None else datetime.now(UTC)

    def fault(self) -> str | None:
        """Why the store cannot be used just now, or None. Takes its turn as a writer and changes nothing."""
        try:
            self.write(lambda connection: connection.execute(select(schema.store_facts.c.name)).first())
        except StoreError as fault:
            return str(fault)
        return None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction; return when its result is on disk. A write inside a write joins it.

        ``work`` may run on another thread, with other callers' work in the same commit; if it raises, only its own
        changes are undone and the caller gets the exception. Keep it short and free of network calls.
        """
        if (joined := getattr(self._current, "connection", None)) is not None:
            with joined.begin_nested():
                return work(joined)
        job = _Job(work)
        with self._queue:
            self._waiting.append(job)
        with self._writer:
            if not job.done:
                with self._queue:
                    batch, self._waiting = self._waiting, []
                self._commit(batch)
        return job.outcome()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view for questions. Inside a write it sees that write's own changes."""
        if (joined := getattr(self._current, "connection", None)) is not None:
            yield joined
            return
        if self._closed:
            raise _shut()
        with self._engine.connect() as connection:
            yield connection

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call ``act`` once the write under way is on disk. Only inside ``write``."""
        self._current.after.append(act)

    def _commit(self, batch: list[_Job[Any]]) -> None:
        self._current.after = []
        try:
            if self._closed:  # without the lock another process may write by now
                raise _shut()
            writing = self._engine.connect().execution_options(writes=True)
            with writing as connection, connection.begin() as transaction:
                self._current.connection = connection
                if len(batch) == 1:
                    _run(batch[0], connection, transaction)
                else:
                    for job in batch:
                        _run(job, connection, connection.begin_nested())
        except StoreError as fault:
            _fail(batch, fault)
        except SQLAlchemyError as fault:
            _fail(batch, _unwritable(fault))
        except BaseException:
            _fail(batch, StoreError("the store was interrupted before this was written"))
            raise
        finally:
            self._current.connection = None
            for job in batch:
                job.done = True
        for act in self._current.after:
            act()

    def _prepare(self, path: Path, read_only: bool) -> None:
        try:
            if not read_only:
                self.write(_brought_up_to_date)
                self.write(give_back_leases)
            with self.reading() as connection:
                version = _version(connection)
        except (DatabaseError, StoreError) as fault:
            self._engine.dispose()
            if "not a database" not in str(fault) and "hmac" not in str(fault):
                raise StoreError(f"the store cannot be used: {_cause(fault)}", where=str(path)) from None
            raise StoreError(
                "the key does not open this store, or the file is not a store of ours",
                where=str(path),
                hint="use the key file that was made with it (by default beside it, ending .key)",
            ) from None
        if version != schema.VERSION:
            self._engine.dispose()
            hint = "a node brings an older store up to date when it starts: interop serve" if read_only else None
            raise StoreError(
                f"the store has schema version {version}, wanted {schema.VERSION}", where=str(path), hint=hint
            )


def _run(job: _Job[Any], connection: Connection, own: Transaction) -> None:
    """Do one job inside its own transaction or savepoint; if it raises, only that is undone."""
    try:
        job.result.append(job.work(connection))
    except OperationalError as fault:  # the database's fault, not the job's: disk full, file gone
        job.fault = _unwritable(fault)
        own.rollback()
    except Exception as fault:  # noqa: BLE001  it belongs to the caller, who gets it from outcome()
        job.fault = fault
        own.rollback()
    else:
        own.commit()


def _shut() -> StoreError:
    return StoreError("the store is closed", hint="the node is stopping; nothing was written")


def _unwritable(fault: SQLAlchemyError) -> StoreError:
    return StoreError(f"the store could not write: {_cause(fault)}", hint="is there room on the disk?")


def _fail(batch: list[_Job[Any]], fault: StoreError) -> None:
    for job in batch:
        job.fault = job.fault or fault


def _cause(fault: Exception) -> str:
    return str(getattr(fault, "orig", None) or fault)


def _version(connection: Connection) -> int | None:
    """Of the schema; None for a file without one."""
    if not inspect(connection).has_table(schema.store_facts.name):
        return None
    found = connection.scalar(select(schema.store_facts.c.value).filter_by(name="version"))
    return int(found) if found is not None else None


def _brought_up_to_date(connection: Connection) -> None:
    """A new store gets its tables, an older one takes the steps it lacks; a newer one is left to be refused."""
    found = _version(connection)
    if found is None:
        for described in _DESCRIBED:
            described.metadata.create_all(connection)
        connection.execute(insert(schema.store_facts).values(name="version", value=str(schema.VERSION)))
    elif found < schema.VERSION:
        migrate(connection, found)
