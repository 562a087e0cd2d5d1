"""Value sets compiled once into membership: composes, filters, imports and expansions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Protocol

from interop.json_codec import JsonObject
from interop.terminology.codesystem import CodeSystem
from interop.terminology.membership import (
    NOTHING,
    Judged,
    Listed,
    Membership,
    Unknown,
    difference,
    intersection,
    listed,
    union,
)

TOO_COSTLY = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"
UNCLOSED = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"


class Sources(Protocol):
    """What a value set is made from."""

    def code_system(self, canonical: str) -> CodeSystem | None: ...
    def membership(self, value_set: str, chain: tuple[str, ...]) -> Membership: ...
    def judge(self, system: str, code: str) -> bool | None: ...


def compile_value_set(resource: JsonObject, sources: Sources, chain: tuple[str, ...] = ()) -> Membership:
    """What the value set contains. ``chain`` names the value sets under way, so that a circle of imports ends.

    Source: FHIR R4 valueset.html#compositions.
    """
    compose = resource.get("compose")
    found: Membership = Unknown()
    if compose:
        included = union(_included(part, sources, chain) for part in compose.get("include") or ())
        excluded = union(_included(part, sources, chain) for part in compose.get("exclude") or ())
        found = included if excluded == NOTHING else difference(included, excluded)
    expansion = resource.get("expansion")
    if expansion and not isinstance(found, Listed):
        return _expanded(expansion, found)
    return found


def _expanded(expansion: JsonObject, composed: Membership) -> Membership:
    """An expansion answers what a compose could not; one that is not whole says yes, never no."""
    codes: dict[str, set[str]] = {}
    for entry in _entries(expansion.get("contains") or ()):
        codes.setdefault(entry.get("system") or "", set()).add(entry["code"])
    found = union(listed(system, entries) for system, entries in codes.items())
    partial = any(e.get("url") in (TOO_COSTLY, UNCLOSED) for e in expansion.get("extension") or ())
    short = expansion.get("total", 0) > sum(map(len, codes.values()))
    return union([found, composed]) if partial or short else found


def _entries(entries: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for entry in entries:
        if entry.get("code") and not entry.get("abstract"):
            yield entry
        yield from _entries(entry.get("contains") or ())


def _included(part: JsonObject, sources: Sources, chain: tuple[str, ...]) -> Membership:
    """One include or exclude: its system's codes, narrowed to every value set it names."""
    sets = [sources.membership(canonical, chain) for canonical in part.get("valueSet") or ()]
    if part.get("system"):
        sets.append(_of_system(part, sources))
    return intersection(sets) if sets else NOTHING


def _of_system(part: JsonObject, sources: Sources) -> Membership:
    system: str = part["system"]
    code_system = sources.code_system(f"{system}|{part['version']}" if part.get("version") else system)
    sensitive = code_system is None or code_system.case_sensitive
    if part.get("concept"):
        return listed(system, (c["code"] for c in part["concept"] if c.get("code")), case_sensitive=sensitive)
    filters = part.get("filter") or ()
    if code_system is None or not (code_system.complete or code_system.concepts):
        return Judged(part, _rule_without_system(system, filters, sources.judge))
    found = frozenset(code_system.concepts)
    for entry in filters:
        selected = code_system.filter(entry.get("property", ""), entry.get("op", ""), entry.get("value", ""))
        if selected is None:
            return Judged(part, _never_outside(code_system))
        found &= selected
    known = listed(system, found, case_sensitive=sensitive)
    if code_system.complete:
        return known
    return Judged(part, _incomplete(known, code_system, sources.judge))


def _rule_without_system(
    system: str, filters: Iterable[JsonObject], judge: Callable[[str, str], bool | None]
) -> Callable[[str], bool | None]:
    """A system nobody lists: a malformed code is out, the top of an is-a is in, one a regex on the code refuses is
    out, the rest cannot be told."""
    filters = tuple(filters)
    tops = {f.get("value") for f in filters if f.get("op") == "is-a"}
    forms = [f for f in filters if f.get("property") == "code" and f.get("op") == "regex"]
    patterns = _patterns(f.get("value", "") for f in forms)

    def rule(code: str) -> bool | None:
        answer = judge(system, code)
        if answer is False or not filters:
            return answer
        if any(pattern.fullmatch(code) is None for pattern in patterns):
            return False
        if len(patterns) == len(filters):
            return answer
        return True if len(filters) == 1 and code in tops else None

    return rule


def _patterns(texts: Iterable[str]) -> list[re.Pattern[str]]:
    """The regular expressions that can be read here."""
    found = []
    for text in texts:
        with suppress(re.error):
            found.append(re.compile(text))
    return found


def _never_outside(code_system: CodeSystem) -> Callable[[str], bool | None]:
    """A filter that cannot be judged: a code the system has not is out, of the others nothing is known."""
    return lambda code: False if code_system.validate(code).known is False else None


def _incomplete(
    known: Listed, code_system: CodeSystem, judge: Callable[[str, str], bool | None]
) -> Callable[[str], bool | None]:
    """A system of which only some codes are at hand."""
    system = code_system.url

    def rule(code: str) -> bool | None:
        if known.contains(system, code):
            return True
        if code_system.find(code) is not None:
            return False
        return False if judge(system, code) is False else None

    return rule
