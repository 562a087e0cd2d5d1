"""What a SearchParameter must be besides well formed: it finds something in what it is for, and agrees with its origin.

Source: FHIR R4 searchparameter.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.errors import ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.fhirpath.lexer import tokens
from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_R4 = "http://hl7.org/fhir/SearchParameter/"
_EVERY_BASE = frozenset({"Resource", "DomainResource"})


@dataclass(frozen=True, slots=True)
class CompositeParts:
    """A composite search parameter joins at least two others."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.members.get("type") != "composite" or len(rows(item.members.get("component"))) > 1:
            return NOTHING
        text = "a composite search parameter needs two or more components"
        return (Issue("search-composite", text, item.expression, hint="add the components it joins"),)


@dataclass(frozen=True, slots=True)
class SearchExpression:
    """Each alternative of the expression can find something in one of the bases at least."""

    trigger: ClassVar[str] = "expression"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        expression, bases = item.members.get("expression"), _texts(item.members.get("base"))
        if not isinstance(expression, str) or not bases:
            return NOTHING
        known = [base for base in bases if scope.run.is_resource_type(base)]
        fault = _fault(expression, known) if known and not _EVERY_BASE.intersection(bases) else None
        if fault is None:
            return NOTHING
        text = f"{expression!r} cannot be right for {' or '.join(bases)}: {fault}"
        return (Issue("search-expression", text, f"{item.expression}.expression", hint="correct expression or base"),)


@dataclass(frozen=True, slots=True)
class SearchComponents:
    """The parts of a composite are search parameters that there are, of the same resource types."""

    trigger: ClassVar[str] = "component"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        found: list[Issue] = []
        for number, part in enumerate(rows(item.members.get("component"))):
            canonical = part.get("definition")
            if isinstance(canonical, str) and (text := _unfit(canonical, item.members, scope)):
                place = f"{item.expression}.component[{number}].definition"
                hint = "name a search parameter of the same base"
                found.append(Issue("search-component", text, place, Severity.WARNING, hint=hint))
        return found


@dataclass(frozen=True, slots=True)
class SearchDerivation:
    """What is derived from another search parameter has its type, and none but its bases."""

    trigger: ClassVar[str] = "derivedFrom"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        canonical = item.members.get("derivedFrom")
        origin = scope.run.definitions.resource("SearchParameter", canonical) if isinstance(canonical, str) else None
        return (
            []
            if origin is None
            else [
                Issue(
                    "search-derivation", text, item.expression, hint="agree with the search parameter it derives from"
                )
                for text in _disagreements(item.members, origin)
            ]
        )


def _unfit(canonical: str, own: dict[str, Json], scope: Scope) -> str | None:
    """Why a search parameter cannot be a part; None when it can, or when nobody here knows it."""
    part = scope.run.definitions.resource("SearchParameter", canonical)
    if part is None:
        return f"R4 has no search parameter {canonical}" if canonical.startswith(_R4) else None
    bases, allowed = _texts(own.get("base")), _texts(part.get("base"))
    if bases and not _EVERY_BASE.intersection(allowed) and not set(bases) & set(allowed):
        return f"{canonical} is for {', '.join(allowed)}, this search parameter for {', '.join(bases)}"
    return None


def _disagreements(own: dict[str, Json], origin: dict[str, Json]) -> Iterator[str]:
    allowed = _texts(origin.get("base"))
    for base in _texts(own.get("base")):
        if base not in allowed and not _EVERY_BASE.intersection(allowed):
            yield f"base {base} is none of those of {origin.get('url')}, which are {', '.join(allowed)}"
    if own.get("type") and origin.get("type") and own["type"] != origin["type"]:
        yield f"type is {own['type']}, that of {origin.get('url')} is {origin['type']}"


def _fault(expression: str, bases: list[str]) -> str | None:
    """Why an alternative finds nothing in any of the bases; None when each finds something in one."""
    try:
        for part in _alternatives(expression):
            compiled = compile_expression(part)
            faults = [compiled.check(base) for base in bases]
            if all(faults):
                return faults[0][0]
    except ExpressionError as fault:
        return str(fault)
    return None


def _alternatives(expression: str) -> Iterator[str]:
    """The operands of the outermost ``|``."""
    depth, begin = 0, 0
    for token in tokens(expression):
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if token.text == "|" and not depth:
                yield expression[begin : token.at]
                begin = token.at + 1
    yield expression[begin:]


def _texts(value: Json) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
