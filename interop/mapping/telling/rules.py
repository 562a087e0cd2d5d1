"""Which cells a rule looks at: a finding about several values names them all, not the row around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interop.definitions import Definitions
from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.location import SourcePath
from interop.mapping.datatypes import DATATYPES
from interop.mapping.paths import follow
from interop.mapping.run import Mark
from interop.mapping.trace import ResourcePath, Trace
from interop.outcome import Issue

Names = tuple[str, ...]

_OF_RESOURCE = re.compile(r"%(?:root)?[rR]esource\.(?:repeat\(|descendants\(\))?\s*([a-z]\w*)")
_LITERAL = re.compile(r"'([^']*)'")
_NAME = re.compile(r"(?<![%$A-Za-z])([a-z][A-Za-z0-9]*)(?!\()\b|(extension)(?=\()")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What an invariant's expression names: elements, and the extensions' urls.

    whole  elements of the resource itself that it looks at from its place in it: ``%resource.goal``
    """

    names: frozenset[str]
    urls: frozenset[str]
    whole: frozenset[str] = frozenset()

    @classmethod
    def of(cls, expression: str) -> Mentions:
        words = _LITERAL.sub("''", expression)
        found = {one or other for one, other in _NAME.findall(words)}
        urls = {text for text in _LITERAL.findall(expression) if text.startswith("http")}
        return cls(frozenset(found), frozenset(urls), frozenset(_OF_RESOURCE.findall(words)))

    def depth(self, names: Names) -> int:
        """How many of the names, from the first on, the expression mentions; ``value`` means ``valueQuantity``."""
        count = 0
        for name in names:
            if not any(name == one or (name.startswith(one) and name[len(one)].isupper()) for one in self.names):
                break
            count += 1
        return count


@dataclass(slots=True)
class Rules:
    """The invariants that findings name. Looked up when first asked for."""

    definitions: Definitions
    known: dict[tuple[str, ...], Mentions | None] = field(default_factory=dict)

    def mentions(self, issue: Issue, resource: JsonObject, bundle: JsonObject) -> Mentions | None:
        """What the finding's rule looks at; None for a finding that names no invariant we know.

        resource, bundle  the resource it is about and the Bundle around it: their profiles have the rule
        """
        if issue.code != "invariant":
            return None
        key = issue.text.partition(":")[0]
        profiles = [str(url) for one in (resource, bundle) for url in (one.get("meta") or {}).get("profile", ())]
        places = (*profiles, str(resource.get("resourceType")))
        if (key, *places) not in self.known:
            expression = next(self._expressions(key, (*places, "Bundle", *sorted(DATATYPES))), None)
            self.known[key, *places] = Mentions.of(expression) if expression else None
        return self.known[key, *places]

    def _expressions(self, key: str, places: Iterable[str]) -> Iterator[str]:
        for place in places:
            try:
                structure = self.definitions.structure(place)
            except DefinitionError:
                continue
            for element in structure.elements if structure is not None else ():
                yield from (one.expression for one in element.constraints if one.key == key and one.expression)


def looked_at(mentions: Mentions, issue: Issue, trace: Trace) -> tuple[list[Mark], list[Mark]]:
    """The values and empty cells that the finding's rule looks at, each once: under its place, and elsewhere."""
    here = _marks(mentions, issue, trace)
    if not mentions.whole:
        return here, []
    told = {mark.path for mark in here}
    others = _marks(mentions, issue, trace, from_top=True)
    return here, [mark for mark in others if mark.path not in told]


def _marks(mentions: Mentions, issue: Issue, trace: Trace, *, from_top: bool = False) -> list[Mark]:
    found = trace.part(issue.expression)
    if found is None:
        return []
    resource, inner, origins, run = found
    if from_top:
        inner = ()
    marks = [(_below(at, inner), mark) for at, mark in origins.values.items() if at[: len(inner)] == inner]
    marks = [(names, mark) for names, mark in marks if _is_meant(names, resource, inner, mentions)]
    above = ".".join(step for step in inner if isinstance(step, str))
    rows = {mark.at for _, mark in marks}
    for mark in run.missed:
        if mark.element.startswith(above) and (not inner or mark.at in rows):
            names = tuple(mark.element[len(above) :].strip(".").split("."))
            marks.append((tuple((name, None) for name in names), mark))
    plain = [(tuple(name for name, _ in names), mark) for names, mark in marks if mark.path is not None]
    if from_top:
        plain = [(names, mark) for names, mark in plain if names and names[0] in mentions.whole]
    whole = [mark for names, mark in plain if names and mentions.depth(names) == len(names)]
    whole += [mark for names, mark in plain if mark.value is None and _names_extension(mark, names, mentions)]
    partly = [mark for names, mark in plain if mentions.depth(names)]
    # A rule that only asks whether something is there: what is not there is what matters.
    chosen = whole or [mark for mark in partly if mark.value is None] or partly
    cells: dict[SourcePath, Mark] = {}
    for mark in chosen:
        cells.setdefault(mark.path or (), mark)
    return list(cells.values())


def _names_extension(mark: Mark, names: Names, mentions: Mentions) -> bool:
    """Whether an extension that is not there is one the rule asks for: its label is like the end of a url."""
    depth = mentions.depth(names)
    labels = re.findall(r"extension\[([^\]]*)\]", mark.leaf.target)
    if not labels or not depth or names[depth - 1] != "extension":
        return False
    return any(same_word(label, url.rpartition("/")[2]) for label in labels for url in mentions.urls)


def same_word(label: str, name: str) -> bool:
    """Whether a mapping's label means what a profile calls by this name."""
    plain, other = (re.sub(r"[^a-z0-9]", "", word.casefold()) for word in (label, name))
    return bool(plain) and (plain in other or other in plain)


Below = tuple[tuple[str, ResourcePath | None], ...]
"""Member names on the way to a value, each with its path."""


def _below(at: ResourcePath, inner: ResourcePath) -> Below:
    found = []
    for number in range(len(inner), len(at)):
        step = at[number]
        if isinstance(step, str):
            found.append((step, at[: number + 2]))
    return tuple(found)


def _is_meant(names: Below, resource: JsonObject, inner: ResourcePath, mentions: Mentions) -> bool:
    """Not a value of an extension that the rule does not speak of."""
    if not mentions.urls or not names or names[0][0] != "extension" or names[0][1] is None:
        return True
    node = follow(resource, names[0][1])
    return isinstance(node, dict) and node.get("url") in mentions.urls
