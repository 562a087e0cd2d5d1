"""Whom each organisation knows, and which organisations stand around each person."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from interop.relay import trail
from interop.relay.schema import circle, person
from interop.relay.store import Store


class Standing(StrEnum):
    """What an organisation says of a person. The value of ``itk_code`` goes into its business acknowledgement."""

    KNOWN = "known"
    NOT_KNOWN = "not-known"
    MOVED = "moved"
    DECEASED = "deceased"

    @property
    def itk_code(self) -> str:
        """UKCore-ITKResponseCode."""
        return {"known": "30001", "not-known": "30002", "moved": "30003", "deceased": "30004"}[self.value]


@dataclass(frozen=True, slots=True)
class Demographics:
    """What identifies a person besides the number. None: not stated."""

    family: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The register's answer.

    mismatch  names of the demographics that contradict the register: the number is ours, the person may not be.
              ``standing`` is then not-known: a wrong number is never silently filed.
    """

    standing: Standing
    mismatch: tuple[str, ...] = ()


def same_name(one: str, other: str) -> bool:
    """Do two spellings name the same family? Case, accents, hyphens, apostrophes and spaces do not count."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def contradictions(stated: Demographics, held: Demographics) -> tuple[str, ...]:
    """Which demographics both sides state and disagree on."""
    found = []
    if stated.family and held.family and not same_name(stated.family, held.family):
        found.append("family name")
    if stated.birth_date and held.birth_date and stated.birth_date != held.birth_date:
        found.append("birth date")
    return tuple(found)


def circle_of(connection: Connection, organisation: str, key: str) -> dict[str, tuple[str, ...]]:
    """role → ODS codes of the organisations around the person, as ``organisation`` knows them."""
    rows = connection.execute(
        select(circle.c.role, circle.c.member)
        .where(circle.c.organisation == organisation, circle.c.person == key)
        .order_by(circle.c.role, circle.c.since, circle.c.member)
    ).all()
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.role] = (*found.get(row.role, ()), row.member)
    return found


class Persons:
    """Each organisation's own register. ``key`` is the NHS number, or whatever the relay is given for it."""

    def __init__(self, store: Store):
        self._store = store

    def register(
        self, organisation: str, key: str, held: Demographics, *, standing: Standing | None = None, actor: str = "relay"
    ) -> bool:
        """Add the person or bring what is held up to date. False, and nothing written, when it is held already.

        standing  None: as it was; known when the person is new
        """
        if standing is Standing.NOT_KNOWN:
            raise ValueError("a person cannot be registered as not known")
        return self._store.write(
            lambda connection: self._register(connection, (organisation, key), held, standing, actor)
        )

    def _register(
        self,
        connection: Connection,
        ours: tuple[str, str],
        held: Demographics,
        standing: Standing | None,
        actor: str,
    ) -> bool:
        key = {"organisation": ours[0], "key": ours[1]}
        now, row = self._store.now(), connection.execute(select(person).filter_by(**key)).first()
        target = standing or (Standing(row.standing) if row is not None else Standing.KNOWN)
        values = {"family": held.family, "birth_date": held.birth_date, "standing": target.value}
        if row is None:
            connection.execute(insert(person).values(**key, **values, changed=now))
        elif (row.family, row.birth_date, row.standing) == tuple(values.values()):
            return False
        else:
            connection.execute(update(person).filter_by(**key).values(**values, changed=now))
        deed = trail.Deed(ours[0], actor, "person-registered", "person", {"standing": target.value})
        trail.record(connection, now, deed)
        return True

    def lookup(self, organisation: str, key: str, stated: Demographics) -> Answer:
        """Does ``organisation`` know this person, by number and by what else is stated?"""
        with self._store.reading() as connection:
            row = connection.execute(select(person).filter_by(organisation=organisation, key=key)).first()
        if row is None:
            return Answer(Standing.NOT_KNOWN)
        mismatch = contradictions(stated, Demographics(row.family, row.birth_date))
        return Answer(Standing.NOT_KNOWN, mismatch) if mismatch else Answer(Standing(row.standing))

    def join(self, organisation: str, key: str, role: str, member: str) -> None:
        """``member`` (an ODS code) holds ``role`` for the person: ``gp``, ``care-home``, ``hospital``."""

        def work(connection: Connection) -> None:
            row = {"organisation": organisation, "person": key, "role": role, "member": member}
            if connection.execute(select(circle.c.since).filter_by(**row)).first() is None:
                connection.execute(insert(circle).values(**row, since=self._store.now()))

        self._store.write(work)

    def leave(self, organisation: str, key: str, role: str, member: str) -> None:
        """``member`` no longer holds ``role`` for the person."""
        row = {"organisation": organisation, "person": key, "role": role, "member": member}
        self._store.write(lambda connection: connection.execute(delete(circle).filter_by(**row)))

    def circle(self, organisation: str, key: str) -> dict[str, tuple[str, ...]]:
        """role → ODS codes of the organisations around the person."""
        with self._store.reading() as connection:
            return circle_of(connection, organisation, key)
