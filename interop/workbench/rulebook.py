"""A mapping as its author wrote it, found again by file and line: transforms, code tables and reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from interop.json_codec import Json
from interop.mapping.authored import Rule
from interop.mapping.document import Document, read_document
from interop.mapping.faults import Faults, Place


@dataclass(frozen=True)
class Rulebook:
    """The rules of one mapping by the place of their target; the reasons of drops and respellings by path."""

    document: Document
    rules: dict[tuple[str, int, int], Rule] = field(repr=False)
    drops: dict[str, tuple[str, Place]] = field(repr=False)
    respelled: dict[str, tuple[str, Place]] = field(repr=False)

    @classmethod
    def of(cls, path: Path) -> Rulebook:
        """Read the file and its pieces again. The mapping compiles, so there are no faults to tell."""
        document = read_document(path, None, Faults())
        if document is None:
            raise AssertionError("a mapping that compiled can be read")
        composed = document.composition.rules if document.composition else ()
        lists = (*(group.rules for group in document.groups), composed)
        rules = {_spot(rule.place()): rule for listed in lists for rule in _all(listed)}
        return cls(document, rules, document.drop, document.respelled)

    def rule(self, place: Place | None) -> Rule | None:
        return self.rules.get(_spot(place)) if place is not None else None

    def written_at(self, file: str, line: int, path: str) -> Rule | None:
        """The rule of a line that writes ``path`` or what it is part of."""
        here = [rule for (name, number, _), rule in self.rules.items() if (name, number) == (file, line)]
        return next((rule for rule in here if rule.target == path), here[0] if here else None)

    def calls(self, rule: Rule) -> tuple[tuple[str, Json], ...]:
        """The transforms of a rule by name and argument; date formats the source block names are spelled out."""
        source = self.document.source
        dates = source.plain.get("dates") if source is not None else None
        named = dates if isinstance(dates, dict) else {}
        return tuple(
            (name, named.get(argument, argument) if isinstance(argument, str) else argument)
            for name, argument in _calls(rule)
        )

    def steps(self, rule: Rule | None) -> tuple[str, ...]:
        """What a rule does to the value, in words: ``date dd/MM/yyyy``, ``table codes/sex``."""
        if rule is None:
            return ()
        found = [name if argument is None else f"{name} {_argument(argument)}" for name, argument in self.calls(rule)]
        if rule.translate is not None:
            found.append(f"table {rule.translate}")
        if rule.compute is not None:
            found.append(f"compute {' '.join(rule.compute.split())}")
        if rule.default is not None:
            found.append(f"default {rule.default}")
        return tuple(found)


def _calls(rule: Rule) -> Iterator[tuple[str, Json]]:
    for item in rule.transform.items() if rule.transform is not None else ():
        value = item.plain
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield str(value), None


def _all(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.rules)


def _spot(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


def _argument(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_argument(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return " or ".join(_argument(item) for item in value)
    return repr(value) if isinstance(value, str) and value != value.strip() else str(value).replace("\n", "\\n")
