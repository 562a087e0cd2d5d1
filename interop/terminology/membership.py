"""Sets of codes that can say yes, no and could not tell: what a value set compiles to.

Listed sets are dictionaries of frozensets, so the usual value set answers with one look-up. Combinations follow
Kleene's logic: a union is yes when one part is, and no only when every part is. A terminology server, where one is
given, is asked by the leaves that cannot tell by themselves: one include at a time, so that imports and exclusions
stay here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from interop.json_codec import JsonObject
from interop.terminology.coding import CodeAnswer


class Server(Protocol):
    """Somebody who may know more. Never raises; None is could not tell."""

    def contains(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Whether a value set has the code, by canonical."""

    def selects(self, part: JsonObject, code: str) -> bool | None:
        """Whether one include of a value set (its system and filters) has the code."""

    def validate_code(self, system: str, code: str) -> CodeAnswer:
        """What its code system says of the code."""


class Membership(Protocol):
    """A set of codes."""

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        """Whether the code is in it; None when that could not be told. Without a system, any system will do."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Every code is known. ``folded`` holds the systems that ignore case, their codes case-folded."""

    codes: Mapping[str, frozenset[str]]
    folded: Mapping[str, frozenset[str]]

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        if system is None:
            return any(self.contains(each, code) for each in self.codes)
        if code in self.codes.get(system, ()):
            return True
        return code.casefold() in self.folded.get(system, ())


NOTHING = Listed({}, {})


@dataclass(frozen=True, slots=True)
class Judged:
    """Codes of one system, told by a rule that may not know. part: the include it comes from, for a server."""

    part: JsonObject
    rule: Callable[[str], bool | None]

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        if system not in (None, self.part["system"]):
            return False
        answer = self.rule(code)
        return server.selects(self.part, code) if answer is None and server is not None else answer


@dataclass(frozen=True, slots=True)
class Unknown:
    """A set nobody here knows. value_set: its canonical, where a server may know it."""

    value_set: str = ""

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        return server.contains(self.value_set, system, code) if server is not None and self.value_set else None


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Membership, ...]

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        answer: bool | None = False
        for part in self.parts:
            found = part.contains(system, code, server)
            if found:
                return True
            if found is None:
                answer = None
        return answer


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Membership, ...]

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        answer: bool | None = True
        for part in self.parts:
            found = part.contains(system, code, server)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer


@dataclass(frozen=True, slots=True)
class Without:
    included: Membership
    excluded: Membership

    def contains(self, system: str | None, code: str, server: Server | None = None) -> bool | None:
        inside = self.included.contains(system, code, server)
        if inside is False:
            return False
        outside = self.excluded.contains(system, code, server)
        if outside:
            return False
        return inside if outside is False else None


def listed(system: str, codes: Iterable[str], *, case_sensitive: bool = True) -> Listed:
    """Codes of one system."""
    found = frozenset(codes)
    return Listed({system: found}, {} if case_sensitive else {system: frozenset(c.casefold() for c in found)})


def union(parts: Iterable[Membership]) -> Membership:
    """All of the parts in one; what is listed is merged into one dictionary."""
    codes: dict[str, frozenset[str]] = {}
    folded: dict[str, frozenset[str]] = {}
    others: list[Membership] = []
    for part in parts:
        if isinstance(part, Listed):
            for merged, more in ((codes, part.codes), (folded, part.folded)):
                for system, found in more.items():
                    merged[system] = merged.get(system, frozenset()) | found
        else:
            others.append(part)
    whole = Listed(codes, folded)
    if not others:
        return whole
    return Either((whole, *others)) if codes else others[0] if len(others) == 1 else Either(tuple(others))


def intersection(parts: list[Membership]) -> Membership:
    """What every part has; computed now when one part is listed and the others can tell."""
    first = next((part for part in parts if isinstance(part, Listed)), None)
    if first is None or len(parts) == 1:
        return parts[0] if len(parts) == 1 else Both(tuple(parts))
    others = [part for part in parts if part is not first]
    return _kept(first, Both(tuple(others))) or Both(tuple(parts))


def difference(included: Membership, excluded: Membership) -> Membership:
    """What the first has and the second has not."""
    if isinstance(included, Listed):
        return _kept(included, excluded, wanted=False) or Without(included, excluded)
    return Without(included, excluded)


def _kept(whole: Listed, test: Membership, *, wanted: bool = True) -> Listed | None:
    """The listed codes for which the test answers as wanted; None when it could not tell of one."""
    codes: dict[str, frozenset[str]] = {}
    for system, found in whole.codes.items():
        answers = {code: test.contains(system, code) for code in found}
        if None in answers.values():
            return None
        codes[system] = frozenset(code for code, answer in answers.items() if answer is wanted)
    folded = {system: frozenset(c.casefold() for c in codes[system]) for system in whole.folded}
    return Listed(codes, folded)
