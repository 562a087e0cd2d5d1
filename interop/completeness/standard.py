"""An information standard as data: sections and fields, each mandatory, required or optional, with its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from interop.canonical import rebased
from interop.errors import CatalogueError, DefinitionError, ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject, loads
from interop.reading.nodes import child, children, text, texts

FOLDER = Path(__file__).parent


class Level(StrEnum):
    """PRSB meaning: mandatory: cannot be sent without it; required: sent when held; optional: a local choice."""

    MANDATORY = "mandatory"
    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Test:
    """A FHIRPath question put to resources of one kind. ``on``: a resource type; Composition is the document's own."""

    on: str
    expression: str
    holds: Callable[[JsonObject], bool]


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of information. ``any_one``: it is enough when one resource of the section has it.

    test  None: the standard does not say where FHIR holds it, so nobody can tell whether it is there
    """

    name: str
    level: Level
    test: Test | None
    any_one: bool


@dataclass(frozen=True, slots=True)
class StandardSection:
    """One section, found by its heading codes, or by its title where the standard gives none.

    elsewhere  what also answers it when the document carries it without such a section
    """

    title: str
    level: Level
    codes: tuple[str, ...]
    source: str
    why: str | None
    fields: tuple[Field, ...]
    elsewhere: Test | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A whole standard. ``status`` tells how far to trust it: transcribed from the publication, or derived."""

    identifier: str
    title: str
    version: str
    status: str
    note: str
    source: str
    types: tuple[str, ...]
    sections: tuple[StandardSection, ...]

    @classmethod
    def load(cls, path: Path) -> Standard:
        """Read and compile a standard. Raises DefinitionError naming every fault with the section it is in."""
        return cls.of(loads(rebased(path.read_text(encoding="utf-8")).encode(), file=path.name), name=path.name)

    @classmethod
    def of(cls, data: Json, *, name: str) -> Standard:
        """Compile a standard already read; ``name`` is what faults call it. Raises DefinitionError as ``load`` does."""
        faults: list[str] = []
        sections = tuple(_section(node, faults) for node in children(data, "sections"))
        if not sections:
            faults.append("no sections")
        if faults:
            raise DefinitionError("; ".join(faults), where=name, hint="see the standards shipped beside it")
        return cls(
            identifier=text(data, "id") or Path(name).stem,
            title=text(data, "title") or Path(name).stem,
            version=text(data, "version") or "",
            status=text(data, "status") or "",
            note=text(data, "note") or "",
            source=text(data, "source") or "",
            types=tuple(texts(data, "type")),
            sections=sections,
        )


@cache
def standard(identifier: str) -> Standard:
    """A shipped standard by its id: ``red-bag``, ``discharge``. Raises CatalogueError with the ids there are."""
    path = FOLDER / f"{identifier}.json"
    if identifier not in standards():
        known = ", ".join(standards())
        raise CatalogueError(f"no information standard {identifier!r}; there are {known}", hint="name one of these")
    return Standard.load(path)


@cache
def standards() -> tuple[str, ...]:
    """The ids of the shipped standards."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def _section(node: JsonObject, faults: list[str]) -> StandardSection:
    title = text(node, "title") or ""
    if not title:
        faults.append(f"section {title!r}: needs a title")
    elsewhere = child(node, "elsewhere")
    return StandardSection(
        title=title,
        level=_level(node, title, faults),
        codes=tuple(texts(node, "codes")),
        source=text(node, "source") or "",
        why=text(node, "why"),
        fields=tuple(_field(inner, title, faults) for inner in children(node, "fields")),
        elsewhere=_test(elsewhere, title, faults) if elsewhere else None,
    )


def _field(node: JsonObject, section: str, faults: list[str]) -> Field:
    name = text(node, "name") or ""
    place = f"{section}, {name!r}"
    if not name:
        faults.append(f"section {section!r}: a field has no name")
    test = _test(node, place, faults) if "expression" in node or "on" in node else None
    return Field(name, _level(node, place, faults), test, node.get("any") is True)


def _level(node: JsonObject, place: str, faults: list[str]) -> Level:
    said = text(node, "level")
    if said in set(Level):
        return Level(str(said))
    faults.append(f"{place}: level {said!r} is none of mandatory, required, optional")
    return Level.OPTIONAL


def _test(node: JsonObject, place: str, faults: list[str]) -> Test:
    on, expression = text(node, "on"), text(node, "expression")
    if on is None or expression is None:
        faults.append(f"{place}: needs 'on' (a resource type) and 'expression' (FHIRPath)")
        return Test("", "", lambda _: False)
    try:
        compiled = compile_expression(expression)
    except ExpressionError as fault:
        faults.append(f"{place}: {fault}")
        return Test(on, expression, lambda _: False)

    def holds(resource: Json) -> bool:
        return compiled.truth(resource, type_name=on) is True

    return Test(on, expression, holds)
