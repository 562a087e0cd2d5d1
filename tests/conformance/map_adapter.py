"""What measurers of mappings call: ``map_record`` takes a sender's files and tells what became of them, value by value.

The way is the one of ``interop map`` and of a node: read, map, assemble, narrate, judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from interop.catalogue import Catalogue
from interop.errors import InteropError
from interop.json_codec import Json, dumps
from interop.outcome import Issue, Severity
from interop.translator import Translated, Translator

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
"""The moment of mapping: fixed, so that the same files give the same Bundle in every run."""


def map_record(mapping: str, files: dict[str, bytes]) -> dict[str, Any]:
    """The files mapped by a shipped mapping (``care-home/red-bag``) or by a ``.yaml`` file. Bad input never raises.

    bundle  the Bundle as plain JSON; ``{}`` where no record could be mapped. Files that hold several records give a
            collection of their Bundles, one an entry, so that none is lost and every place below is unambiguous
    issues  findings of reading, mapping and judging: severity, code, expression (in ``bundle``), message, source
            (``residents.csv row 14, column "Allergies"``; empty where the finding is about no place of the files)
    trace   one entry a value that a rule wrote: target (its place in ``bundle`` by JSON member names), source, raw
            (what stands there; None for a constant, whose source is the row that caused it), rule (file:line)
    """
    try:
        made = list(_translator().translate(mapping, files, now=NOW))
        return _told(mapping, made)
    except InteropError as fault:
        return {"bundle": {}, "issues": [_stopped(fault.code, str(fault))], "trace": []}
    except Exception as crash:  # noqa: BLE001  a measurement of many records goes on, and names our defect
        return {"bundle": {}, "issues": [_stopped("crashed", f"{type(crash).__name__}: {crash}")], "trace": []}


@cache
def _translator() -> Translator:
    return Translator(Catalogue())


def _told(mapping: str, made: list[Translated]) -> dict[str, Any]:
    mapped = [one for one in made if one.bundle is not None]
    several = len([one for one in made if one.record is not None]) > 1
    issues: list[dict[str, str]] = []
    trace: list[dict[str, str | None]] = []
    entries: list[Json] = []
    for one in made:
        place = f"Bundle.entry[{len(entries)}].resource" if several else "Bundle"
        issues += [_issue(issue, place) for issue in one.outcome]
        if one.bundle is not None:
            entries.append({"fullUrl": one.identifier, "resource": one.bundle})
            trace += _trace(mapping, one, place)
    whole = {"resourceType": "Bundle", "type": "collection", "entry": entries} if several and entries else None
    bundle = whole or (mapped[0].bundle if mapped else {})
    return {"bundle": json.loads(dumps(bundle)), "issues": issues, "trace": trace}


def _issue(issue: Issue, place: str) -> dict[str, str]:
    expression = issue.expression
    if expression == "Bundle" or expression.startswith(("Bundle.", "Bundle[")):
        expression = place + expression.removeprefix("Bundle")
    return {
        "severity": str(issue.severity),
        "code": issue.code,
        "expression": expression,
        "message": str(issue),
        "source": str(issue.source) if issue.source else "",
    }


def _stopped(code: str, text: str) -> dict[str, str]:
    return {"severity": str(Severity.FATAL), "code": code, "expression": "", "message": text, "source": ""}


def _trace(mapping: str, one: Translated, place: str) -> Iterator[dict[str, str | None]]:
    """The lineage of every value in one record's Bundle. A mapping is a pure function, so it is asked once more."""
    if one.record is None or one.bundle is None:
        return
    mapped = _translator().mapping(mapping).apply(one.record, now=NOW)
    trace = mapped.trace.within(one.bundle)
    for number, entry in enumerate(one.bundle.get("entry", ())):
        for path, value, (pointer, raw, rule) in trace.values(entry["fullUrl"]):
            for inside in _leaves(value):
                target = f"{place}.entry[{number}].resource.{path}{inside}"
                yield {"target": target, "source": str(pointer), "raw": raw, "rule": _file_and_line(rule)}


def _leaves(value: Json) -> Iterator[str]:
    """The places of the primitive values in a value that one rule wrote whole: a coding, a quantity."""
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from (f".{name}{inside}" for inside in _leaves(child))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from (f"[{number}]{inside}" for inside in _leaves(child))
    else:
        yield ""


def _file_and_line(rule: str) -> str:
    """``care-home/red-bag#patient birthDate (care-home/pieces/person.yaml:31)`` as its file and line."""
    return rule.rpartition("(")[2].removesuffix(")") if rule.endswith(")") else rule


__all__ = ["map_record"]
