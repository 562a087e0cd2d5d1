"""How an older store becomes one of today: one numbered file of SQL a step, all steps in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection, update

from interop.errors import StoreError
from interop.relay import schema

_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


def migrate(connection: Connection, found: int) -> None:
    """Bring a store of schema version ``found`` to ``schema.VERSION``. Call it in a write: all of it, or nothing.

    Raises StoreError for a version no step leads from.
    """
    steps = {number: name for number, name in _steps() if number > found}
    if sorted(steps) != list(range(found + 1, schema.VERSION + 1)):
        raise StoreError(
            f"the store has schema version {found}, wanted {schema.VERSION}",
            hint="it was made by another release; open it with that one",
        )
    for number in sorted(steps):
        for statement in statements(steps[number]):
            connection.exec_driver_sql(statement)
    connection.execute(update(schema.store_facts).filter_by(name="version").values(value=str(schema.VERSION)))


def statements(name: str) -> Iterator[str]:
    """The statements of one step. A semicolon ends one; none stands inside."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return (statement.strip() for statement in _COMMENT.sub("", text).split(";") if statement.strip())


def _steps() -> Iterator[tuple[int, str]]:
    """(the version a step leads to, its file)"""
    for entry in files(__package__).iterdir():
        number, _, rest = entry.name.partition("_")
        if number.isdigit() and rest.endswith(".sql"):
            yield int(number), entry.name
