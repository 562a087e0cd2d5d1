"""What came to us, kept as it came: every file once in its organisation, cited by all that was made from it.

A file of up to ``AT_ONCE`` bytes is stored in the transaction that first cites it, so the two are there together or not
at all. A larger one is stored before, piece by piece in short transactions of its own: it never blocks other writers
for longer than a piece takes, and never has to fit into memory. It counts as kept only once it was read back and had
its digest. A crash on the way leaves pieces nobody cites; the next try goes on with them, and after ``UNCITED_FOR``
they are dropped. A citation without its original is impossible: the database refuses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

from interop.errors import StoreError
from interop.relay import trail
from interop.relay.message import digest
from interop.relay.original_file import OriginalFile, changed
from interop.relay.schema_originals import (
    message_original,
    original,
    original_piece,
    provenance,
    quarantined_file,
)
from interop.relay.store import Store

UNCITED_FOR = timedelta(days=1)
"""Longer than any submission takes from storing its large files to its first record."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One original under the name it came with. ``stored_at``: when its bytes first came, perhaps with others."""

    name: str
    sha256: str
    size: int
    media_type: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Making:
    """How a message was made.

    record     what the sender calls it in the files
    mapped_at  what the mapping took for now: with the same files and mapping it makes the same message again
    """

    mapping: str
    version: str
    record: str
    mapped_at: datetime
    files: tuple[OriginalFile, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provenance:
    """A making as it is remembered."""

    mapping: str
    version: str
    record: str
    mapped_at: datetime
    originals: tuple[Kept, ...]


KNOWN = select(original.c.sha256, original.c.whole, original.c.cited).where(
    original.c.organisation == bindparam("b_organisation"), original.c.sha256.in_(bindparam("b_sha256", expanding=True))
)
CITED = (
    update(original)
    .where(original.c.organisation == bindparam("b_organisation"), original.c.sha256 == bindparam("b_sha256"))
    .values(cited=True)
)
KEPT = (original.c.sha256, original.c.size, original.c.media_type, original.c.stored_at)
MADE = select(provenance.c.id).where(
    provenance.c.message == bindparam("b_message"), provenance.c.originals == bindparam("b_originals")
)


def keep(connection: Connection, at: datetime, organisation: str, files: Sequence[OriginalFile]) -> None:
    """Every file in the store and marked as cited, in the transaction that cites it.

    Raises StoreError when a large file was not staged (a mistake in the calling program).
    """
    wanted = {file.sha256: file for file in files}
    rows = connection.execute(KNOWN, {"b_organisation": organisation, "b_sha256": list(wanted)}).all()
    known = {row.sha256: row for row in rows if row.whole}
    for sha256, file in wanted.items():
        if sha256 in known:
            if not known[sha256].cited:
                connection.execute(CITED, {"b_organisation": organisation, "b_sha256": sha256})
            continue
        if file.large:
            raise StoreError(f"a file of {file.size} bytes was cited before it was stored")
        row = {"organisation": organisation, "sha256": sha256, "size": file.size, "media_type": file.media_type}
        connection.execute(insert(original), row | {"stored_at": at, "whole": True, "cited": True})
        pieces = [
            {"organisation": organisation, "sha256": sha256, "number": number, "body": piece}
            for number, piece in enumerate(file.pieces())
        ]
        if pieces:
            connection.execute(insert(original_piece), pieces)


class Originals:
    """The files the organisations of this node gave us."""

    def __init__(self, store: Store):
        self._store = store

    def stage(self, organisation: str, files: Sequence[OriginalFile]) -> None:
        """Store the large ones among the files, whole when this returns; nothing cites them yet.

        Raises ContentError ``original-changed`` when a file on disk is being written.
        """
        for file in files:
            if file.large and not self._begun(organisation, file):
                for number, piece in enumerate(file.pieces()):
                    self._put_piece(organisation, file.sha256, number, piece)
                self._seal(organisation, file)

    def _begun(self, organisation: str, file: OriginalFile) -> bool:
        """The file has its row; True when all its bytes are there already."""
        key = {"organisation": organisation, "sha256": file.sha256}

        def work(connection: Connection) -> bool:
            whole = connection.scalar(select(original.c.whole).filter_by(**key))
            if whole is None:
                row = key | {"size": file.size, "media_type": file.media_type, "stored_at": self._store.now()}
                connection.execute(insert(original), row | {"whole": False, "cited": False})
            return bool(whole)

        return self._store.write(work)

    def _put_piece(self, organisation: str, sha256: str, number: int, body: bytes) -> None:
        """Absent pieces only: one that a dead process left behind, or another is storing just now, is the same one."""
        key = {"organisation": organisation, "sha256": sha256, "number": number}

        def work(connection: Connection) -> None:
            if connection.scalar(select(original_piece.c.number).filter_by(**key)) is None:
                connection.execute(insert(original_piece), key | {"body": body})

        self._store.write(work)

    def _seal(self, organisation: str, file: OriginalFile) -> None:
        found = hashlib.sha256()
        for piece in self._pieces(organisation, file.sha256):
            found.update(piece)
        key = {"organisation": organisation, "sha256": file.sha256}

        def drop(connection: Connection) -> None:
            connection.execute(delete(original_piece).filter_by(**key))
            connection.execute(delete(original).filter_by(**key, whole=False))

        if found.hexdigest() != file.sha256:
            self._store.write(drop)
            raise changed(file)
        self._store.write(lambda connection: connection.execute(update(original).filter_by(**key).values(whole=True)))

    def cite(self, organisation: str, message: str, making: Making) -> None:
        """``message`` (its id) was made from these files. Call it in the write that accepts the message.

        The same message from the same files again is written down already; from other files it is another making.
        """
        for file in making.files:
            file.must_be_unchanged()
        self._store.write(lambda connection: self._cite(connection, organisation, message, making))

    def _cite(self, connection: Connection, organisation: str, message: str, making: Making) -> None:
        at, originals = self._store.now(), of_set(making.files)
        if connection.scalar(MADE, {"b_message": message, "b_originals": originals}) is not None:
            return
        keep(connection, at, organisation, making.files)
        row: dict[str, object] = {"organisation": organisation, "message": message, "originals": originals}
        row |= {name: getattr(making, name) for name in ("mapping", "version", "record", "mapped_at")}
        number = connection.execute(insert(provenance).returning(provenance.c.id), row).scalar_one()
        links = [
            {"provenance": number, "name": file.name, "organisation": organisation, "sha256": file.sha256}
            for file in making.files
        ]
        connection.execute(insert(message_original), links)

    def of_message(self, organisation: str, message: str) -> tuple[Provenance, ...]:
        """How a message was made, the first time first; empty when it was not made from files, or is not theirs."""
        about = select(provenance).where(provenance.c.message == message, provenance.c.organisation == organisation)
        with self._store.reading() as connection:
            rows = connection.execute(about.order_by(provenance.c.id)).all()
            return tuple(
                Provenance(
                    row.mapping,
                    row.version,
                    row.record,
                    row.mapped_at,
                    _kept(connection, message_original, message_original.c.provenance == row.id),
                )
                for row in rows
            )

    def of_record(self, organisation: str, record: str) -> tuple[Kept, ...]:
        """The files of a quarantined record (its id); empty when it is not theirs."""
        mine = quarantined_file.c.organisation == organisation
        with self._store.reading() as connection:
            return _kept(connection, quarantined_file, quarantined_file.c.quarantine == record, mine)

    def read(self, organisation: str, kept: Kept, *, about: str, by: str) -> Iterator[bytes]:
        """The bytes, piece by piece; that they were read is in the audit trail before the first is given.

        about  the message or quarantined record whose original it is

        Raises StoreError before the last piece when the store's bytes are not the ones that came.
        """
        deed = trail.Deed(organisation, by, "original-read", about, {"sha256": kept.sha256})
        self._store.write(lambda connection: trail.record(connection, self._store.now(), deed))
        return self.checked(organisation, kept.sha256)

    def checked(self, organisation: str, sha256: str) -> Iterator[bytes]:
        """The bytes of one original; the last of them only when all together have their digest.

        Raises StoreError ``original-damaged``.
        """
        found, before = hashlib.sha256(), b""
        for piece in self._pieces(organisation, sha256):
            found.update(piece)
            if before:
                yield before
            before = piece
        if found.hexdigest() != sha256:
            raise StoreError(
                f"the original {sha256[:12]}… is no longer what came: its bytes have the digest"
                f" {found.hexdigest()[:12]}…",
                code="original-damaged",
                hint="restore the store from a copy made before; interop store verify lists everything that is damaged",
            )
        if before:
            yield before

    def _pieces(self, organisation: str, sha256: str) -> Iterator[bytes]:
        """As they lie in the store. Each is fetched by itself: a slow reader holds no transaction open."""
        number = 0
        query = select(original_piece.c.body).filter_by(organisation=organisation, sha256=sha256)
        while True:
            with self._store.reading() as connection:
                body = connection.scalar(query.where(original_piece.c.number == number))
            if body is None:
                return
            yield body
            number += 1

    def drop_uncited(self, before: datetime) -> int:
        """Forget large files stored before then that nothing was ever made from: what a crash left; how many."""

        def work(connection: Connection) -> int:
            rows = connection.execute(
                select(original.c.organisation, original.c.sha256).where(
                    original.c.cited.is_(False), original.c.stored_at < before
                )
            ).all()
            for row in rows:
                connection.execute(delete(original_piece).filter_by(**row._mapping))
                connection.execute(delete(original).filter_by(**row._mapping))
            return len(rows)

        return self._store.write(work)

    def listed(self, organisation: str) -> tuple[Kept, ...]:
        """Every original that is cited, by digest; nameless."""
        query = select(*KEPT).filter_by(organisation=organisation, cited=True).order_by(original.c.sha256)
        with self._store.reading() as connection:
            return tuple(Kept("", *row) for row in connection.execute(query))


def of_set(files: Sequence[OriginalFile]) -> str:
    """A digest over the names and contents of several files, whatever their order."""
    return digest("\x1e".join(sorted(f"{file.name}\x1f{file.sha256}" for file in files)).encode())


def _kept(connection: Connection, link: Table, *conditions: ColumnElement[bool]) -> tuple[Kept, ...]:
    """The originals that rows of a citing table lead to, by name."""
    same = (original.c.organisation == link.c.organisation) & (original.c.sha256 == link.c.sha256)
    query = select(link.c.name, *KEPT).join(original, same).where(*conditions).order_by(link.c.name)
    return tuple(Kept(*row) for row in connection.execute(query))
