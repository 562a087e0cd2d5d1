"""Sample files as fields with values, whatever their format, and the ``source:`` block that reads them.

Tables give a field a column; JSON and XML a dotted path, and a table for every list of objects; HL7 v2 a component.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interop.json_codec import Json, JsonObject


@dataclass(slots=True)
class Field:
    """One field. ``path``: as a rule writes it from its row; ``name``: what people call it; ``at``: from the record."""

    path: str
    name: str
    at: str
    values: list[str] = field(default_factory=list)

    @property
    def filled(self) -> list[str]:
        return [value for value in self.values if value.strip()]


@dataclass(slots=True)
class Table:
    """Fields of one kind of row. ``many``: several rows for one record; ``rows``: how a ``for`` names them."""

    name: str
    fields: list[Field]
    many: bool = False
    rows: str = ""


@dataclass(slots=True)
class Sample:
    """Everything the samples hold. ``source``: the block that reads them; ``remarks``: what its reader must know."""

    format: str
    source: JsonObject
    tables: list[Table]
    key: str | None = None  # path of the record's own key
    remarks: list[str] = field(default_factory=list)


def fields_of(rows: Iterable[Json], at: str = "", rows_at: str = "") -> tuple[list[Field], list[Table]]:
    """The fields of objects, those of nested lists of objects as tables of their own."""
    found: dict[str, Field] = {}
    lists: dict[str, list[Json]] = {}
    for row in rows:
        for path, value in _flat(row, ()):
            written = ".".join(map(ticked, path))
            if isinstance(value, list):
                lists.setdefault(written, []).extend(value)
            else:
                name = path[-1] if path else "value"
                one = found.setdefault(written, Field(written or ".", name, f"{at}{written}"))
                one.values.append(spelled(value))
    tables = []
    for written, items in lists.items():
        objects = [item for item in items if isinstance(item, dict)]
        if objects:
            inner, deeper = fields_of(objects, f"{at}{written}.", f"{rows_at}{written}.")
            tables += [Table(written.rpartition(".")[2].strip("`"), inner, True, f"{rows_at}{written}"), *deeper]
        else:
            words = [spelled(item) for item in items]
            found.setdefault(written, Field(written, written, f"{at}{written}", words))
    return list(found.values()), tables


def _flat(node: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _flat(child, (*path, str(key)))
    else:
        yield path, node


def spelled(value: Json) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def ticked(name: str) -> str:
    """A name as source paths write it."""
    return (
        f"`{name}`"
        if any(sign in name for sign in ".[]`") or name.startswith(("/", "$")) or name != name.strip()
        else name
    )
