"""A finding in the words of those who keep the record: what is empty, what is wanted, which rule is not kept.

The technical side stays beside it: code, rule and place in the resource are what they were.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files

from interop.location import SourcePointer
from interop.mapping.phrases import name_of, phrase
from interop.mapping.telling.lacks import Lack
from interop.outcome import Issue

_VALUE_SET = re.compile(r"https?://\S*/ValueSet/(?P<name>[\w.-]+?)(?:\|[\w.]+)?(?=[\s,;)]|$)")
_STRENGTH = re.compile(r" \((?:required|extensible|preferred|example)\)")
_CODED = re.compile(r"(?:https?://\S+?#(?P<code>\S+)|(?P<text>'.*?')) is not in ")
_NEEDED = re.compile(r"no code given; one from (\S+) is required")


@cache
def _rules() -> dict[str, str]:
    found: dict[str, str] = json.loads(files("interop.mapping.telling").joinpath("words.json").read_text("utf-8"))
    return found


def plain(issue: Issue, lack: Lack | None, element: str = "") -> Issue:
    """The finding in plain words, where there are any for its kind.

    lack     the element of which there is too little, if that is what the finding says
    element  what stands, or would stand, at the cell: ``Patient.birthDate``
    """
    if lack is not None:
        return _lacking(issue, lack, element)
    if issue.code == "invariant":
        return _rule(issue)
    if issue.code == "entry-unlinked":
        text = "nothing in the document leads to what was made of this"
        return replace(issue, text=text, hint=issue.hint or "say where it belongs")
    if needed := _NEEDED.fullmatch(issue.text):
        name = _value_set(needed[1])
        said = "what stands here is no word" if issue.value else "is empty, and one is wanted"
        text = f"{said} that has a code for {name}" if issue.value else f"{said}: a word that has a code for {name}"
        return replace(issue, text=text, hint=issue.hint or f"one of {needed[1]}")
    if (coded := _CODED.match(issue.text)) and _VALUE_SET.search(issue.text):
        return _code(issue, coded)
    return issue


def _lacking(issue: Issue, lack: Lack, element: str) -> Issue:
    wanted = _wanted(issue, lack, element)
    if lack.count:
        text = f"{lack.count} of at least {lack.least} is there: {wanted}"
    elif issue.value:
        text = f"gives nothing that can be used, and {wanted} is needed"
    elif _is_cell(issue.source):
        text = f"is empty, and {wanted} is needed"
    else:
        text = f"{wanted} is missing, and it is needed"
    hint = issue.hint if issue.hint and issue.hint.startswith("it follows") else "fill it in at the source"
    return replace(issue, text=text, hint=hint)


def _wanted(issue: Issue, lack: Lack, element: str) -> str:
    """``a date of birth``; for a slice its own name, for a section its heading."""
    said = issue.text.partition(": found")[0]
    if lack.name == "section":
        return f"the section “{name_of(lack.slice)}”" if lack.slice else "a section"
    if lack.slice and not element:
        word = name_of(lack.slice)
        return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
    return phrase(element or said.replace("[x]", ""))


def _is_cell(place: SourcePointer | None) -> bool:
    return place is not None and (place.column is not None or place.path not in (None, "$"))


def _rule(issue: Issue) -> Issue:
    """An invariant without its key: the profile's own sentence, or ours for R4's."""
    key, colon, human = issue.text.partition(": ")
    if not colon or " " in key:
        return issue
    words = _rules().get(human)
    hint = None if issue.hint == "change the data so that the rule holds" else issue.hint
    text = words if words is not None else f"wanted: {human}"
    return replace(issue, text=text, hint=hint or "correct it at the source")


def _code(issue: Issue, coded: re.Match[str]) -> Issue:
    found = _VALUE_SET.search(issue.text)
    name = _value_set(found[0] if found else "")
    said = repr(coded["code"]) if coded["code"] else coded["text"]
    hint = issue.hint if issue.hint and not issue.hint.startswith("use a code") else None
    listed = found[0] if found else ""
    return replace(issue, text=f"{said} is no code of the list “{name}”", hint=hint or f"use one of {listed}")


def _value_set(url: str) -> str:
    return name_of(url.partition("|")[0].rpartition("/")[2])
