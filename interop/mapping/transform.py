"""What every transform is: a change of a value with its way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from interop.json_codec import Json
from interop.mapping.refusal import Refusal

Change = Callable[[Json], Json]

STRINGS = frozenset(["string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid"])
DATES = frozenset({"date", "dateTime"})


@dataclass(frozen=True, slots=True)
class Transform:
    """One step from a source value to a FHIR value and back.

    gives       FHIR types the result fits; None: any text type
    takes_many  joins a list of source values
    gives_many  makes a list of values
    plain       ``forward`` for a text that is trimmed already
    piece       it gives one piece of the text: (separator, number)
    """

    name: str
    forward: Change
    backward: Change | None
    gives: frozenset[str] | None = None
    takes_many: bool = False
    gives_many: bool = False
    plain: Callable[[str], Json] | None = None
    piece: tuple[str, int] | None = None


class ArgumentError(ValueError):
    """An argument a transform cannot work with; the text says why."""


Maker = Callable[[Json, tzinfo | None], Transform]


def text_of(value: Json) -> str:
    """A source scalar as trimmed text. Raises Refusal ``source-not-text`` for lists and objects."""
    if isinstance(value, str):
        return value.strip()
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    kind = "list" if isinstance(value, list) else "group of fields"
    raise Refusal(
        "source-not-text", f"a {kind} stands where one value is wanted", "name one field of it in the mapping"
    )


def spell(value: Json) -> str:
    """A source scalar as condition tables compare it; nothing for lists and objects."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal) else ""


def same(value: Json) -> Json:
    return value


def no_argument(argument: Json, name: str) -> None:
    if argument is not None:
        raise ArgumentError(f"{name} takes no argument, found {argument!r}")


def plain(name: str, forward: Callable[[str], Json], backward: Change | None = same, gives: str = "") -> Maker:
    def maker(argument: Json, zone: tzinfo | None) -> Transform:
        no_argument(argument, name)
        types = frozenset(gives.split()) if gives else None
        return Transform(name, lambda value: forward(text_of(value)), backward, types, plain=forward)

    return maker


def text_argument(argument: Json, name: str) -> str:
    if not isinstance(argument, str) or not argument:
        raise ArgumentError(f"{name} wants a text, as in {{{name}: …}}, found {argument!r}")
    return argument
