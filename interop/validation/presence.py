"""Invariants that only ask what is there, in plain Python: ``code.empty() or system.exists()`` and their combinations.

Half of R4's invariants are of this form: elements that exist or not, concepts that have a certain code, joined by
``and``, ``or``, ``xor``, ``implies``, ``=``, ``!=`` and brackets. What is not exactly of this form is left to FHIRPath.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.validation.native import Predicate

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_NAME = r"[a-z][A-Za-z]*"
_TEXT = r"'([^'\\]*)'"
_CODE = rf"code\s*=\s*{_TEXT}"
_TOKEN = re.compile(
    rf"\s*(?:(?P<name>{_NAME})(?:\.coding\.where\(system\s*=\s*{_TEXT} and "
    rf"(?:{_CODE}|\((?P<codes>{_CODE}(?: or {_CODE})*)\))\))?\.(?P<asked>exists|empty)\(\)"
    r"|(?P<operator>and|or|xor|implies|!=|=)\b|(?P<symbol>!=|=)|(?P<not>\.not\(\))|(?P<bracket>[()]))"
)
_BINDING = {"implies": 1, "or": 2, "xor": 2, "and": 3, "=": 4, "!=": 4}
"""How closely operators bind. Source: FHIRPath N1 precedence."""

_JOIN: dict[str, Callable[[Predicate, Predicate], Predicate]] = {
    "and": lambda a, b: lambda members, key, scope: a(members, key, scope) and b(members, key, scope),
    "or": lambda a, b: _either(a, b),
    "implies": lambda a, b: lambda members, key, scope: not a(members, key, scope) or b(members, key, scope),
    "xor": lambda a, b: lambda members, key, scope: a(members, key, scope) is not b(members, key, scope),
    "!=": lambda a, b: lambda members, key, scope: a(members, key, scope) is not b(members, key, scope),
    "=": lambda a, b: lambda members, key, scope: a(members, key, scope) is b(members, key, scope),
}


def presence_predicate(expression: str) -> Predicate | None:
    """The predicate of an expression of this form; None when it is of another."""
    tokens: list[re.Match[str]] = []
    position = 0
    expression = expression.rstrip()
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        if found is None:
            return None
        tokens.append(found)
        position = found.end()
    try:
        reader = _Reader(tokens)
        predicate = reader.joined(1)
    except IndexError:  # ends where something must follow
        return None
    return predicate if not reader.left else None


def asks_for_names(expression: str) -> bool:
    """Whether an expression of this form only asks which members are there, not what they hold."""
    return ".where(" not in expression


class _Reader:
    """Reads tokens once, from left to right. IndexError where they end too early."""

    def __init__(self, tokens: list[re.Match[str]]):
        self.left = tokens[::-1]

    def joined(self, least: int) -> Predicate | None:
        """Terms joined by operators that bind at least so closely."""
        first = self._term()
        while first is not None and self.left:
            operator = self.left[-1]["operator"] or self.left[-1]["symbol"]
            binding = _BINDING.get(operator or "", 0)
            if binding < least:
                break
            self.left.pop()
            second = self.joined(binding + 1)
            first = _JOIN[operator](first, second) if second is not None else None
        return first

    def _term(self) -> Predicate | None:
        token = self.left.pop()
        if token["bracket"] == "(":
            found = self.joined(1)
            if found is None or self.left.pop()["bracket"] != ")":
                return None
        elif token["name"]:
            found = _asked(token)
        else:
            return None
        if self.left and self.left[-1]["not"]:
            self.left.pop()
            inner = found
            return lambda members, key, scope: not inner(members, key, scope)
        return found


def _either(first: Predicate, second: Predicate) -> Predicate:
    """``or``; of two that ask whether elements are there, one that asks for all of them at once."""
    elements = getattr(first, "elements", ()), getattr(second, "elements", ())
    if all(elements):
        return _Presence(*elements[0], *elements[1])
    return lambda members, key, scope: first(members, key, scope) or second(members, key, scope)


def _asked(token: re.Match[str]) -> Predicate:
    there = _has_code(token) if token[2] is not None else _Presence(token["name"])
    return there if token["asked"] == "exists" else lambda members, key, scope: not there(members, key, scope)


class _Presence:
    """Whether one of the elements is there."""

    __slots__ = ("_known", "elements")

    def __init__(self, *elements: str):
        self.elements = elements
        self._known: dict[str, frozenset[str]] = {}

    def __call__(self, members: JsonObject, key: str, scope: Scope) -> bool:
        names = self._known.get(key)
        if names is None:
            names = frozenset(name for element in self.elements for name in _names(key, element, scope))
            self._known[key] = names
        return not names.isdisjoint(members)


def _has_code(token: re.Match[str]) -> Predicate:
    """``x.coding.where(system = '…' and code = '…')`` leads to something."""
    element, system = token["name"], token[2]
    codes = frozenset(re.findall(_TEXT, token["codes"] or f"'{token[3]}'"))

    def holds(members: JsonObject, key: str, scope: Scope) -> bool:
        concepts = members.get(element)
        return any(
            coding.get("system") == system and any(coding.get("code") == code for code in codes)
            for concept in (concepts if isinstance(concepts, list) else [concepts])
            for coding in _codings(concept)
        )

    return holds


def _codings(concept: Json) -> list[JsonObject]:
    listed = concept.get("coding") if isinstance(concept, dict) else None
    return [coding for coding in listed if isinstance(coding, dict)] if isinstance(listed, list) else []


def _names(key: str, element: str, scope: Scope) -> frozenset[str]:
    schemas = scope.run.schemas
    found = schemas.names(key, element) or schemas.names(key, f"{element}[x]")
    return frozenset(name for n in found for name in (n.json, n.companion) if name is not None)
