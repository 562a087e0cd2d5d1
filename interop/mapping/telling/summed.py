"""Many fields that nobody reads, summed up: one finding a segment, table or group of fields, with examples.

A message of another hospital may hold hundreds. One by one they hide what matters; each is there when asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from interop.location import SourcePointer
from interop.outcome import Issue

UNREAD = "source-field-unread"
_MANY = 3
"""So many of one group are told one by one."""
_EXAMPLES = 5
_LONGEST = 30

_HL7 = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[\d+\])?-")
_LAST = re.compile(r"(?:\.[^.\[\]]+|\['[^']*'\]|\[\d+\])$")


def summed(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The findings with those about unread fields summed up by segment, table or group of fields, in their place."""
    listed = tuple(issues)
    groups: dict[tuple[str, str], list[Issue]] = {}
    for issue in listed:
        if issue.code == UNREAD and issue.source is not None:
            groups.setdefault(_group(issue.source), []).append(issue)
    told: list[Issue] = []
    for issue in listed:
        group = groups.get(_group(issue.source)) if issue.code == UNREAD and issue.source is not None else None
        if group is None or len(group) <= _MANY:
            told.append(issue)
        elif group[0] is issue:
            told.append(_sum(group))
    return tuple(told)


def _group(place: SourcePointer) -> tuple[str, str]:
    """File and segment (HL7 v2), file and sheet (tables), or file and the object around the member (JSON, XML)."""
    file = place.file if place.sheet is None else f"{place.file}\n{place.sheet}"
    if place.column is not None or place.path is None:
        return file, ""
    segment = _HL7.match(place.path)
    return file, segment[1] if segment else re.sub(r"\[\d+\]", "", _LAST.sub("", place.path))


def _sum(group: list[Issue]) -> Issue:
    first = group[0]
    place = first.source or SourcePointer("")
    around = _group(place)[1]
    whole = replace(place, row=None, column=None, path=around or None)
    mapping = re.match(r"no rule of (\S+)", first.text)
    examples = ", ".join(_example(issue, around) for issue in group[:_EXAMPLES])
    more = f" and {len(group) - _EXAMPLES} more" if len(group) > _EXAMPLES else ""
    text = f"no rule of {mapping[1] if mapping else 'the mapping'} reads {len(group)} fields here: {examples}{more}"
    listing = "`interop map --all` and `interop mapping coverage` list each"
    hint = f"map them, or name them under `drop:` with the reason; {listing}"
    return replace(first, text=text, source=whole, value=None, hint=hint)


def _example(issue: Issue, around: str) -> str:
    place = issue.source or SourcePointer("")
    name = f"“{place.column}”" if place.column is not None else (place.path or "")
    if around and not _HL7.match(name):
        name = name.removeprefix(around).lstrip(".") or name
    value = " ".join((issue.value or "").split())
    return f"{name} {(value[:_LONGEST] + '…' if len(value) > _LONGEST else value)!r}"
