"""A package judged by the validator itself: every file valid, no profile wider than its base, every rule speaking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from interop.definitions import Definitions, contradictions
from interop.errors import InteropError
from interop.json_codec import JsonObject, loads
from interop.outcome import Issue, Severity
from interop.publishing.archive import sheets
from interop.validation import Validator


@dataclass(frozen=True, slots=True)
class Judged:
    """One file of a package and what is wrong with it; information is left out."""

    file: str
    kind: str
    issues: tuple[Issue, ...]

    @property
    def fine(self) -> bool:
        return not any(issue.severity in (Severity.FATAL, Severity.ERROR) for issue in self.issues)


def selfcheck(folder: Path, definitions: Definitions, validator: Validator) -> Iterator[Judged]:
    """Judges the files of a package one by one. ``definitions`` and ``validator`` hold it and what it depends on."""
    found = {path.name: _read(path) for path in sheets(folder)}
    rules: dict[str, set[str]] = defaultdict(set)
    for key, says in (pair for each in found.values() if isinstance(each, dict) for pair in _rules(each)):
        rules[key].add(says)
    for name, resource in found.items():
        if isinstance(resource, Issue):
            yield Judged(name, "", (resource,))
            continue
        told = [issue for issue in validator.validate(resource) if issue.severity is not Severity.INFORMATION]
        told += _narrowing(resource, definitions)
        told += [_twice(key) for key in {key for key, _ in _rules(resource)} if len(rules[key]) > 1]
        yield Judged(name, str(resource.get("resourceType")), tuple(told))


def _read(path: Path) -> JsonObject | Issue:
    try:
        found = loads(path.read_bytes(), file=path.name)
    except InteropError as fault:
        return Issue(fault.code, str(fault), severity=Severity.ERROR, hint="mend or remove the file")
    return found if isinstance(found, dict) else Issue("not-a-resource", f"{path.name} holds no resource")


def _narrowing(resource: JsonObject, definitions: Definitions) -> tuple[Issue, ...]:
    if resource.get("resourceType") != "StructureDefinition":
        return ()
    try:
        structure = definitions.structure(str(resource.get("url")))
    except InteropError as fault:
        return (Issue(fault.code, str(fault), severity=Severity.ERROR),)
    return tuple(contradictions(structure, definitions)) if structure else ()


def _rules(resource: JsonObject) -> list[tuple[str, str]]:
    """(key, what it demands) of the rules a profile makes itself; one rule made by several profiles is still one."""
    rows = (resource.get("differential") or {}).get("element") or []
    own = str(resource.get("url"))
    return [
        (str(rule.get("key")), str(rule.get("expression")))
        for row in rows
        for rule in row.get("constraint") or ()
        if rule.get("source", own) == own
    ]


def _twice(key: str) -> Issue:
    return Issue(
        "rule-key-twice",
        f"several rules of the package are called {key}",
        severity=Severity.ERROR,
        hint="a finding names its rule by this key: give each its own",
    )
