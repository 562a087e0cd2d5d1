"""One code system, read once: its concepts, their hierarchy, and the filters a value set may put to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from interop.json_codec import Json, JsonObject
from interop.terminology.coding import CodeAnswer

_INACTIVE_STATUS = frozenset({"retired", "deprecated", "inactive"})
_FLAGS = frozenset({"notSelectable", "inactive", "abstract"})
"""Properties that a concept lacks when they are false."""


@dataclass(slots=True)
class Concept:
    """A code, its displays (preferred first), what it stands under, and its properties as text."""

    code: str
    displays: tuple[str, ...] = ()
    parents: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    properties: dict[str, list[str]] = field(default_factory=dict)

    @property
    def abstract(self) -> bool:
        return self._flag("notSelectable") or self._flag("abstract")

    @property
    def inactive(self) -> bool:
        return self._flag("inactive") or any(s in _INACTIVE_STATUS for s in self.properties.get("status", ()))

    def _flag(self, name: str) -> bool:
        return "true" in self.properties.get(name, ())


class KeptConcepts(Mapping[str, Concept]):
    """The concepts of a code system read from rows, each made when it is first asked for.

    A row is JSON text: a hundred thousand texts are read in a moment, as many lists keep the garbage collector busy.
    """

    def __init__(self, rows: dict[str, str]):
        self._rows = rows
        self._made: dict[str, Concept] = {}

    def __getitem__(self, code: str) -> Concept:
        found = self._made.get(code)
        if found is None:
            displays, parents, children, properties = orjson.loads(self._rows[code])
            found = self._made[code] = Concept(code, tuple(displays), parents, children, properties)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class CodeSystem:
    """A CodeSystem resource compiled for look-up.

    complete        it lists every code there is (content = complete), so a code it lacks does not exist
    case_sensitive  False unless the system says true (R4 codesystem.html: missing means not specified)
    """

    def __init__(self, url: str, concepts: Mapping[str, Concept], *, complete: bool, case_sensitive: bool):
        self.url = url
        self.complete = complete
        self.case_sensitive = case_sensitive
        self.concepts = concepts
        self._folded: dict[str, str] | None = None

    @classmethod
    def of(cls, resource: JsonObject, supplements: Iterable[JsonObject] = ()) -> CodeSystem:
        """Compile a CodeSystem resource and what supplements it."""
        concepts: dict[str, Concept] = {}
        for concept, parent in _flat(resource.get("concept") or (), None):
            _add(concepts, concept, parent)
        for supplement in supplements:
            _supplement(concepts, supplement)
        _link_by_property(concepts)
        complete, sensitive = resource.get("content") == "complete", resource.get("caseSensitive") is True
        return cls(resource["url"], concepts, complete=complete, case_sensitive=sensitive)

    @classmethod
    def read(cls, kept: JsonObject) -> CodeSystem:
        """From ``as_json``. Raises KeyError or TypeError for what is not that."""
        url, complete, sensitive = kept["url"], kept["complete"], kept["caseSensitive"]
        return cls(url, KeptConcepts(kept["concepts"]), complete=complete, case_sensitive=sensitive)

    def as_json(self) -> JsonObject:
        """All of it, quick to read again."""
        concepts = {code: _row(concept) for code, concept in self.concepts.items()}
        return {
            "url": self.url,
            "complete": self.complete,
            "caseSensitive": self.case_sensitive,
            "concepts": concepts,
        }

    def find(self, code: str) -> Concept | None:
        found = self.concepts.get(code)
        if found is None and not self.case_sensitive:
            if self._folded is None:
                self._folded = {known.casefold(): known for known in self.concepts}
            found = self.concepts.get(self._folded.get(code.casefold(), ""))
        return found

    def validate(self, code: str) -> CodeAnswer:
        """Known, unknown, or could not tell when the system does not list all its codes."""
        concept = self.find(code)
        if concept is not None:
            return CodeAnswer(True, concept.displays, abstract=concept.abstract, inactive=concept.inactive)
        if self.complete:
            return CodeAnswer(False, reason=f"{self.url} has no code {code!r}{self._nearest(code)}")
        return CodeAnswer(None, reason=f"only some codes of {self.url} are at hand, {code!r} is not among them")

    def descendants(self, code: str) -> frozenset[str]:
        """Every code below ``code``, itself not included."""
        return self._closure(code, lambda concept: concept.children)

    def ancestors(self, code: str) -> frozenset[str]:
        """Every code above ``code``, itself not included."""
        return self._closure(code, lambda concept: concept.parents)

    def subsumes(self, general: str, special: str) -> bool:
        """Whether ``general`` is ``special`` or stands above it."""
        return general == special or special in self.descendants(general)

    def filter(self, property_name: str, op: str, value: str) -> frozenset[str] | None:
        """The codes a value set filter selects; None when the filter cannot be judged here.

        Source: FHIR R4 valueset-filter-operator.html, codesystem.html#filters.
        """
        if op in _BY_HIERARCHY:
            return _BY_HIERARCHY[op](self, value) if property_name in ("concept", "code") else None
        test = self._test(op, value)
        if test is None:
            return None
        return frozenset(c.code for c in self.concepts.values() if test(self._values(c, property_name)))

    def _test(self, op: str, value: str) -> Callable[[list[str]], bool] | None:
        if op == "=":
            return lambda found: value in found
        if op in ("in", "not-in"):
            wanted = {part.strip() for part in value.split(",")}
            return lambda found: bool(wanted.intersection(found)) == (op == "in")
        if op == "exists":
            return lambda found: bool(found) == (value == "true")
        if op == "regex":
            try:
                pattern = re.compile(value)
            except re.error:
                return None
            return lambda found: any(pattern.fullmatch(text) for text in found)
        return None

    def _values(self, concept: Concept, name: str) -> list[str]:
        if name in ("code", "concept"):
            return [concept.code]
        if name == "display":
            return list(concept.displays[:1])
        if name in ("parent", "child"):
            return concept.parents if name == "parent" else concept.children
        return concept.properties.get(name) or (["false"] if name in _FLAGS else [])

    def _closure(self, code: str, step: Callable[[Concept], list[str]]) -> frozenset[str]:
        found: set[str] = set()
        waiting = [code]
        while waiting:
            concept = self.concepts.get(waiting.pop())
            fresh = [c for c in step(concept) if c not in found] if concept else []
            found.update(fresh)
            waiting.extend(fresh)
        return frozenset(found - {code})

    def _nearest(self, code: str) -> str:
        folded = code.casefold()
        near = next((c for c in self.concepts if c.casefold() == folded), None)
        return f"; did you mean {near!r}?" if near else ""


def _add(concepts: dict[str, Concept], entry: JsonObject, parent: str | None) -> None:
    code = entry["code"]
    concept = concepts.get(code)
    if concept is None:
        concept = concepts[code] = Concept(code)
    concept.displays = tuple(dict.fromkeys((*concept.displays, *_displays(entry))))
    if parent is not None and parent != code:
        concept.parents.append(parent)
        concepts[parent].children.append(code)
    for item in entry.get("property") or ():
        concept.properties.setdefault(item.get("code", ""), []).append(_property_text(item))


def _supplement(concepts: dict[str, Concept], resource: JsonObject) -> None:
    """Displays and properties only: a supplement cannot add a code (R4 codesystem.html#supplements)."""
    for entry, _ in _flat(resource.get("concept") or (), None):
        if entry["code"] in concepts:
            _add(concepts, entry, None)


def _link_by_property(concepts: dict[str, Concept]) -> None:
    """Hierarchy may also be written as properties ``parent`` and ``child``."""
    for concept in concepts.values():
        for upper, lower in [
            *((parent, concept.code) for parent in concept.properties.get("parent", ())),
            *((concept.code, child) for child in concept.properties.get("child", ())),
        ]:
            if upper in concepts and lower in concepts and upper not in concepts[lower].parents:
                concepts[lower].parents.append(upper)
                concepts[upper].children.append(lower)


def _row(concept: Concept) -> str:
    return orjson.dumps([concept.displays, concept.parents, concept.children, concept.properties]).decode()


def _or_self(codes: frozenset[str], code: str, system: CodeSystem) -> frozenset[str]:
    return codes | {code} if code in system.concepts else codes


_BY_HIERARCHY: dict[str, Callable[[CodeSystem, str], frozenset[str]]] = {
    "is-a": lambda system, code: _or_self(system.descendants(code), code, system),
    "descendent-of": lambda system, code: system.descendants(code),
    "is-not-a": lambda system, code: frozenset(system.concepts) - system.descendants(code) - {code},
    "generalizes": lambda system, code: _or_self(system.ancestors(code), code, system),
}


def _flat(concepts: Iterable[JsonObject], parent: str | None) -> Iterator[tuple[JsonObject, str | None]]:
    for concept in concepts:
        if isinstance(concept.get("code"), str):
            yield concept, parent
            yield from _flat(concept.get("concept") or (), concept["code"])


def _displays(entry: JsonObject) -> Iterator[str]:
    if entry.get("display"):
        yield entry["display"]
    for designation in entry.get("designation") or ():
        if designation.get("value"):
            yield designation["value"]


def _property_text(item: JsonObject) -> str:
    value: Json = next((value for key, value in item.items() if key.startswith("value")), "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.get("code", "")) if isinstance(value, dict) else str(value)
