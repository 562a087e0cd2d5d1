"""The rules of one group in StructureMap's words: how a resource is filled from a row of the source."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from interop.fhirpath.quantity import UCUM
from interop.json_codec import Json, JsonObject, loads
from interop.mapping.authored import Rule
from interop.mapping.faults import Place
from interop.mapping.plan import Branch, Choice, GroupPlan, Leaf, Loop
from interop.workbench.export.map_parts import (
    RECORD,
    ROW,
    TARGET,
    Note,
    default,
    identifier,
    is_direct,
    target_of,
    typed,
    variable,
)
from interop.workbench.export.terms import Names, Unsaid, combined, element, exists, quoted, said, transformed
from interop.workbench.rulebook import Rulebook

About: TypeAlias = tuple[GroupPlan, Collection[str]]
"""The group being filled, and the names of the groups whose resources it can refer to."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value goes and where it is read: the element ``name`` of ``target``, from the row ``source``."""

    name: str
    source: str
    target: str

    def made(
        self, transform: str | None = None, parameters: list[Json] | None = None, variable: str = ""
    ) -> JsonObject:
        return target_of(self.target, self.name, transform, parameters, variable)


@dataclass(slots=True)
class Filling:
    """Writes groups. ``notes``: what they cannot say."""

    book: Rulebook
    names: Names
    notes: list[Note] = field(default_factory=list)
    count: int = 0
    above: str = ""  # the lists gone into: ``participant.``

    def note(self, place: Place | None, what: str, text: str) -> None:
        where = f"{place.file}:{place.line}" if place is not None else ""
        found = Note(where, what, text)
        if found not in self.notes:
            self.notes.append(found)

    def group(self, group: GroupPlan, given: Collection[GroupPlan]) -> JsonObject:
        """``given``: the groups whose resources it can refer to."""
        wanted = [other for other in given if other.name in group.references()]
        inputs = [
            {"name": RECORD, "type": "Record", "mode": "source"},
            *([{"name": ROW, "mode": "source"}] if group.rows is not None else []),
            {"name": TARGET, "type": group.create, "mode": "target"},
            *({"name": variable(other), "type": other.create, "mode": "target"} for other in wanted),
        ]
        start = ROW if group.rows is not None else RECORD
        rules = list(self.branch(group.root, start, TARGET, group, {other.name for other in given}))
        nothing = {"name": "nothing", "source": [{"context": start}]}
        return {
            "name": identifier(f"fill-{group.name}"),
            "typeMode": "none",
            "input": inputs,
            "rule": rules or [nothing],
        }

    def branch(
        self, branch: Branch, source: str, target: str, group: GroupPlan, given: Collection[str]
    ) -> Iterator[JsonObject]:
        """A rule for every part of an object."""
        for slot in branch.slots.values():
            spot = Spot(slot.name, source, target)
            for entry in slot.entries.values():
                if isinstance(entry, Leaf):
                    yield from self.leaf(entry, spot, (group, given), [])
                elif isinstance(entry, Choice):
                    before: list[str | None] = []
                    for leaf in entry.leaves:
                        yield from self.leaf(leaf, spot, (group, given), before)
                elif isinstance(entry, Loop):
                    yield from self.loop(entry, spot, (group, given))
                else:
                    yield from self.inner(entry, spot, (group, given))

    def inner(self, branch: Branch, spot: Spot, about: About) -> Iterator[JsonObject]:
        """An object inside: made when one of its sources holds something."""
        made = self.fresh("part")
        rules = list(self.branch(branch, spot.source, made, *about))
        if not rules:
            return
        test = self.worth_having(branch)
        yield {
            "name": self.fresh(spot.name),
            "source": [{"context": spot.source, **({"condition": test} if test else {})}],
            "target": [spot.made(variable=made)],
            "rule": rules,
        }

    def worth_having(self, branch: Branch) -> str | None:
        """When the object says something about this record; None where it always does, or that cannot be asked."""
        strong = [leaf for leaf in branch.leaves() if leaf.strong]
        if any(branch.loops()) or any(leaf.kind == "compute" or leaf.always for leaf in strong):
            return None
        try:
            # A rule says something where its condition holds and, unless it is a constant, its source has a value.
            tests = [
                combined([said(leaf.condition, self.names), exists(leaf.sources, self.names) if leaf.sources else None])
                for leaf in strong
            ]
        except Unsaid:
            return None
        return None if None in tests else " or ".join(dict.fromkeys(f"({test})" for test in tests)) or None

    def loop(self, loop: Loop, spot: Spot, about: About) -> Iterator[JsonObject]:
        path = self.names.elements(loop.rows.steps)
        if loop.split is not None or not path:
            why = "a cell that is split" if loop.split is not None else "a list chosen by its values"
            self.note(loop.place, self.named(about[0], loop.path), f"one item for each piece of {why}")
            return
        try:
            test = said(loop.condition, self.names)
        except Unsaid as unsaid:
            self.note(loop.place, self.named(about[0], loop.path), str(unsaid))
            return
        row, made = self.fresh("row"), self.fresh("item")
        outside, self.above = self.above, f"{self.above}{loop.path}."
        rules = list(self.branch(loop.branch, row, made, *about))
        self.above = outside
        rule: JsonObject = {
            "name": self.fresh(spot.name),
            "source": [{"context": "", "variable": row, **({"condition": test} if test else {})}],
            "target": [spot.made(variable=made)],
            "rule": rules,
        }
        if not rule["rule"]:
            del rule["rule"]
        yield self.through(path, RECORD if loop.rows.absolute else spot.source, rule)

    def leaf(self, leaf: Leaf, spot: Spot, about: About, before: list[str | None]) -> Iterator[JsonObject]:
        """The rule of one value. ``before``: when an earlier rule for the same place has already won."""
        what = self.named(about[0], leaf.path)
        rule = self.book.rule(leaf.place)
        try:
            test = combined([said(leaf.condition, self.names), *(f"({won}).not()" for won in before if won)])
            made = self.value(leaf, spot, rule, test) if leaf.kind != "reference" else None
        except Unsaid as unsaid:
            self.note(leaf.place, what, str(unsaid))
            return
        if leaf.kind == "reference":
            yield from self.references(leaf, spot, about, test)
            return
        if leaf.required:
            self.note(leaf.place, what, "required: an empty source is a finding here, and is no finding there")
        own = exists(leaf.sources, self.names) if leaf.kind == "source" else None
        before.append(combined([said(leaf.condition, self.names), own]))
        if made is not None:
            yield made

    def references(self, leaf: Leaf, spot: Spot, about: About, test: str | None) -> Iterator[JsonObject]:
        group, given = about
        for other in leaf.groups:
            if other in given:
                made = spot.made("reference", [{"valueId": identifier(f"r-{other}")}])
                if leaf.type == "string":
                    url = [{"valueId": identifier(f"r-{other}")}, {"valueString": "'urn:uuid:' & id"}]
                    made = spot.made("evaluate", url)
                yield self.rule(spot.name, {"context": spot.source}, made, test)
            elif not is_direct(group, leaf) or test:
                self.note(leaf.place, self.named(group, leaf.path), f"refers to {other!r}, which is made elsewhere")

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, leaf: Leaf, spot: Spot, rule: Rule | None, test: str | None) -> JsonObject | None:
        source: JsonObject = {"context": spot.source}
        if leaf.kind == "constant":
            return self.rule(spot.name, source, spot.made("copy", [typed(leaf.constant)]), test)
        if leaf.kind == "compute":
            if "record" in leaf.names:
                raise Unsaid("it is computed from the whole record (%record)")
            text = re.sub(r"`([^`]+)`", lambda found: quoted(element(found[1])), rule.compute or "" if rule else "")
            made = spot.made("evaluate", [{"valueId": spot.source}, {"valueString": " ".join(text.split())}])
            return self.rule(spot.name, source, made, test)
        if leaf.kind != "source" or rule is None:
            raise Unsaid(f"{', '.join(one.text for one in leaf.sources)} is known only while mapping")
        if len(leaf.sources) > 1:
            return self.several(leaf, spot, rule, test)
        return self.sourced(leaf, spot, rule, test)

    def sourced(self, leaf: Leaf, spot: Spot, rule: Rule, test: str | None) -> JsonObject:
        """The rule of a value with one source: copied, looked up in a code table, or made by transforms."""
        (one,) = leaf.sources
        start = RECORD if one.absolute else spot.source
        calls = self.book.calls(rule)
        path = self.names.elements(one.steps)
        found = self.fresh("value")
        origin: JsonObject = {"context": start, "variable": found}
        if rule.default is not None:
            origin |= default(leaf.default if leaf.default is not None else rule.default)
        if rule.translate is not None:
            made = self.translated(leaf, spot, rule, found)
        elif calls and calls[0][0] == "quantity":
            return self.quantity(calls[0][1], path, origin, spot.made(variable=self.fresh("quantity")), test)
        elif calls or path is None:
            return self.evaluated(leaf, spot, start, calls, test)
        else:
            made = spot.made("copy", [{"valueId": found}])
        if path is None:
            raise Unsaid(f"{one.text} is chosen by its values, and a code table follows")
        written: JsonObject = {"name": self.fresh(spot.name), "source": [origin], "target": [made]}
        return self.conditioned(self.through(path, start, written) if path else written, spot.source, test)

    def translated(self, leaf: Leaf, spot: Spot, rule: Rule, found: str) -> JsonObject:
        """The target of a value that a code table gives. ``found``: the variable that holds the word."""
        if self.book.calls(rule):
            raise Unsaid("a code table after a transform")
        if leaf.type == "CodeableConcept":
            text = "the word of the record is not kept as text beside its code"
            self.note(leaf.place, f"{self.above}{leaf.path}", text)
        parameters: list[Json] = [{"valueId": found}, {"valueString": self.table(rule)}, {"valueString": leaf.type}]
        return spot.made("translate", parameters)

    def evaluated(
        self, leaf: Leaf, spot: Spot, start: str, calls: Iterable[tuple[str, Json]], test: str | None
    ) -> JsonObject:
        """The rule of a value that FHIRPath makes of its source."""
        path = self.names.path(leaf.sources[0].steps)
        text, lost = transformed(path, calls)
        self.unchecked(leaf, lost)
        made = spot.made("evaluate", [{"valueId": start}, {"valueString": text}])
        return self.rule(spot.name, {"context": start}, made, combined([f"{path}.exists()", test]))

    def several(self, leaf: Leaf, spot: Spot, rule: Rule, test: str | None) -> JsonObject:
        if any(one.absolute for one in leaf.sources) or rule.translate is not None:
            raise Unsaid("several sources, some of them outside the row")
        paths = [self.names.path(one.steps) for one in leaf.sources]
        joined = paths[0] + "".join(f".combine({path})" for path in paths[1:])
        text, lost = transformed(joined, self.book.calls(rule))
        self.unchecked(leaf, lost)
        made = spot.made("evaluate", [{"valueId": spot.source}, {"valueString": text}])
        there = exists(leaf.sources, self.names)
        return self.rule(spot.name, {"context": spot.source}, made, combined([there, test]))

    def unchecked(self, leaf: Leaf, lost: Iterable[str]) -> None:
        """Note the checks of a value that a StructureMap does not make."""
        for check in lost:
            self.note(leaf.place, f"{self.above}{leaf.path}", check)

    def quantity(
        self, argument: Json, path: tuple[str, ...] | None, origin: JsonObject, spot: JsonObject, test: str | None
    ) -> JsonObject:
        if path is None:
            raise Unsaid("a quantity chosen by its values")
        said_ = argument if isinstance(argument, dict) else {"unit": argument}
        unit, code = said_.get("unit"), said_.get("code", said_.get("unit"))
        made = spot["variable"]
        constants = {"unit": unit, "system": UCUM, "code": code}
        inner = [target_of(made, "value", "cast", [{"valueId": origin["variable"]}, {"valueString": "decimal"}])]
        inner += [target_of(made, key, "copy", [{"valueString": str(value)}]) for key, value in constants.items()]
        rule: JsonObject = {"name": self.fresh("quantity"), "source": [origin], "target": [spot, *inner]}
        return self.conditioned(self.through(path, origin["context"], rule), origin["context"], test)

    def table(self, rule: Rule) -> str:
        """The canonical URL of a rule's code table."""
        name, place = rule.translate or "", rule.place("translate")
        if "://" in name:
            return name
        root = self.book.document.root
        folder = (root / place.file).parent
        folders = [folder, *(parent for parent in folder.parents if parent == root or root in parent.parents)]
        path = next((p for p in (at / f"{name}.json" for at in folders) if p.is_file()), None)
        url = loads(path.read_bytes()).get("url") if path is not None else None
        if not url:
            raise Unsaid(f"the code table {name} has no url")
        return str(url)

    def named(self, group: GroupPlan, path: str) -> str:
        """An element by its whole path, for notes."""
        return f"{group.create}.{self.above}{path}"

    # -- shapes --------------------------------------------------------------------------------------------------------

    def fresh(self, start: str) -> str:
        self.count += 1
        return identifier(f"{start.strip('_')}-{self.count}")

    def rule(self, name: str, source: JsonObject, target: JsonObject, test: str | None) -> JsonObject:
        found = source | ({"condition": test} if test else {})
        return {"name": self.fresh(name), "source": [found], "target": [target]}

    def conditioned(self, rule: JsonObject, source: str, test: str | None) -> JsonObject:
        if not test:
            return rule
        return {"name": self.fresh("when"), "source": [{"context": source, "condition": test}], "rule": [rule]}

    def through(self, path: tuple[str, ...], start: str, rule: JsonObject) -> JsonObject:
        """The rule inside one rule for each name on the way to its source."""
        context = start
        above: list[JsonObject] = []
        for name in path[:-1]:
            inside = self.fresh("in")
            above.append(
                {"name": self.fresh(name), "source": [{"context": context, "element": name, "variable": inside}]}
            )
            context = inside
        rule["source"][0] = {"context": context, "element": path[-1], **_without_context(rule["source"][0])}
        for outer in reversed(above):
            rule = outer | {"rule": [rule]}
        return rule


def _without_context(source: JsonObject) -> JsonObject:
    return {key: value for key, value in source.items() if key != "context"}
