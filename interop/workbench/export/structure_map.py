"""A mapping as a FHIR R4 StructureMap, for partners with other engines; what it cannot say is listed.

One group ``main`` makes the resources and passes them on: those made once a record together, so that they can refer
to each other; those made for each row (or under a condition) in a rule of their own, which also writes the references
from the others to them. One further group for each kind of resource fills it.

Source: FHIR R4 structuremap.html; transforms as in its table "Transforms".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from interop.json_codec import Json, JsonObject
from interop.mapping import Mapping
from interop.mapping.paths import Steps
from interop.mapping.plan import COMPOSITION, GroupPlan, SectionPlan
from interop.reading.systems import CANONICAL
from interop.sources import Format
from interop.workbench.export.filling import Filling
from interop.workbench.export.map_parts import RECORD, Note, identifier, is_direct, slug_of, target_of, variable
from interop.workbench.export.terms import Names, Unsaid, combined, said
from interop.workbench.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Exported:
    """The map, and everything of the mapping that is not in it."""

    structure_map: JsonObject
    notes: tuple[Note, ...]

    def as_json(self) -> JsonObject:
        return {"structureMap": self.structure_map, "notExpressed": [note.as_json() for note in self.notes]}


def structure_map(mapping: Mapping, book: Rulebook) -> Exported:
    """The StructureMap of a mapping. Running backwards is not in it: a StructureMap knows one way."""
    return _Export(mapping, Filling(book, Names(mapping.spec.format is Format.HL7V2))).made()


@dataclass(slots=True)
class _Export:
    """``tests``: when each group makes a resource, None for always; a group that is not in it cannot be expressed."""

    mapping: Mapping
    filling: Filling
    tests: dict[str, str | None] = field(default_factory=dict)

    def made(self) -> Exported:
        mapping, plan = self.mapping, self.mapping.plan
        groups = [*([plan.composition] if plan.composition else []), *plan.groups.values()]
        self._general_notes()
        self._find_tests(groups)
        rules, given = self._main(groups)
        main = {
            "name": "main",
            "typeMode": "none",
            "input": [
                {"name": RECORD, "type": "Record", "mode": "source"},
                {"name": "bundle", "type": "Bundle", "mode": "target"},
            ],
            "rule": rules,
        }
        filled = [self.filling.group(group, given[group.name]) for group in groups if group.name in given]
        slug = slug_of(mapping.name)
        resource: JsonObject = {
            "resourceType": "StructureMap",
            "id": slug[:64],
            "url": f"{CANONICAL}/StructureMap/{slug}",
            "version": mapping.version or "1",
            "name": "".join(word.capitalize() for word in slug.split("-")),
            "title": mapping.title or mapping.name,
            "status": "draft",
            "description": f"Written out of the mapping {mapping.name}. {len(self.filling.notes)} things it says have "
            "no words in a StructureMap; they are listed beside it.",
            "structure": self._structures(groups, slug),
            "group": [main, *filled],
        }
        return Exported(resource, tuple(self.filling.notes))

    def _structures(self, groups: Iterable[GroupPlan], slug: str) -> list[Json]:
        words = "One record. Fields are named without blanks and signs: `NHS Number` is the element NHSNumber."
        if self.filling.names.hl7:
            words = "One HL7 v2 message: PID-5.2 is the element PID-5-2 inside PID-5 inside PID."
        source = {"url": f"{CANONICAL}/StructureDefinition/source-{slug}", "mode": "source", "alias": "Record"}
        types = dict.fromkeys(["Bundle", *(group.create for group in groups)])
        base = "http://hl7.org/fhir/StructureDefinition"
        made = [{"url": f"{base}/{name}", "mode": "target", "alias": name} for name in types]
        return [source | {"documentation": words}, *made]

    def _general_notes(self) -> None:
        """What no StructureMap of ours says."""
        note = self.filling.note
        note(None, "backwards", "the way back is in the mapping only")
        note(None, "findings", "values that cannot be read, and unknown codes, are findings here; engines differ there")
        note(None, "ids", "resources get random ids; here the same record gives the same ids in every run")
        if self.mapping.bundle.identity or self.mapping.bundle.time:
            note(None, "Bundle", "its identifier and its timestamp are not written")
        for text in sorted(self.filling.book.drops):
            reason, place = self.filling.book.drops[text]
            note(place, f"drop of {text}", reason)

    # -- the main group ------------------------------------------------------------------------------------------------

    def _main(self, groups: Sequence[GroupPlan]) -> tuple[list[Json], dict[str, list[GroupPlan]]]:
        """Its rules, and for each group those that it can refer to."""
        given: dict[str, list[GroupPlan]] = {}
        once = [group for group in groups if group.rows is None]
        rule = self._level("make", {"context": RECORD}, RECORD, once, [], given)
        kind = "document" if self.mapping.bundle.type == "document" else "collection"
        rule["target"] = [
            target_of("bundle", "type", "copy", [{"valueString": kind}]),
            *rule.get("target", ()),
        ]
        seen = [group for group in once if self._is_always(group)]
        for (steps, split), run in _by_rows(groups).items():
            path = self.filling.names.elements(steps)
            if split is not None or not path:
                for group in run:
                    why = "each piece of a cell" if split is not None else "a list chosen by its values"
                    self.filling.note(group.place, f"group {group.name}", f"one resource for {why}")
                continue
            row = self.filling.fresh("row")
            inner = self._level(f"rows-{path[-1]}", {"context": "", "variable": row}, row, run, seen, given)
            rule.setdefault("rule", []).append(self.filling.through(path, RECORD, inner))
        return [rule], given

    def _level(
        self,
        name: str,
        source: JsonObject,
        row: str,
        groups: Sequence[GroupPlan],
        seen: list[GroupPlan],
        given: dict[str, list[GroupPlan]],
    ) -> JsonObject:
        """One rule that makes the groups without a condition, and inside it one for each with a condition."""
        always = [group for group in groups if self._is_always(group)]
        visible = [*seen, *always]
        rule: JsonObject = {
            "name": identifier(name),
            "source": [source],
            "target": [spot for group in always for spot in self._makes(group, seen)],
        }
        inner: list[Json] = []
        for group in groups:
            if self._is_always(group):
                given[group.name] = visible
            elif group.name in self.tests:
                given[group.name] = [*visible, group]
                inner.append(
                    {
                        "name": identifier(f"make-{group.name}"),
                        "source": [{"context": row, "condition": self.tests[group.name]}],
                        "target": list(self._makes(group, visible)),
                        "dependent": [self._call(group, row, given[group.name])],
                    }
                )
        if always:
            rule["dependent"] = [self._call(group, row, visible) for group in always]
        else:
            del rule["target"]
        return rule | ({"rule": inner} if inner else {})

    def _is_always(self, group: GroupPlan) -> bool:
        return group.name in self.tests and self.tests[group.name] is None

    def _find_tests(self, groups: Sequence[GroupPlan]) -> None:
        """When each group makes a resource: its own ``when``, and that one of its sources holds something.

        Where others refer to a resource from a place only they can write to, it must be there before them: it is then
        made whether anything of it is filled or not, and that is noted.
        """
        for group in groups:
            try:
                self.tests[group.name] = said(group.condition, self.filling.names)
            except Unsaid as unsaid:
                self.filling.note(group.place, f"group {group.name}", str(unsaid))
        filled = {g.name: test for g in groups if g.root.strong and (test := self.filling.worth_having(g.root))}
        filled.pop(COMPOSITION, None)
        while needed := [name for name in filled if self._needed(name, groups, filled)]:
            for name in needed:
                del filled[name]
        for group in groups:
            if group.name in filled and group.name in self.tests:
                self.tests[group.name] = combined([self.tests[group.name], filled[group.name]])
            elif group.root.strong and group.name != COMPOSITION:
                self.filling.note(group.place, f"group {group.name}", "is made even where nothing of it is filled")

    def _needed(self, name: str, groups: Iterable[GroupPlan], filled: dict[str, str]) -> bool:
        """Some resource refers to the group's from a place that only its own rules can write to."""
        return any(
            leaf.kind == "reference" and name in leaf.groups
            and (other.name in filled or self.tests.get(other.name) is not None or not is_direct(other, leaf))
            for other in groups if other.name != name for leaf in other.root.leaves()
        )  # fmt: skip

    def _makes(self, group: GroupPlan, seen: Sequence[GroupPlan]) -> Iterator[JsonObject]:
        """The resource in its entry, the references of others to it, its place in the document's sections."""
        entry, made, number = identifier(f"e-{group.name}"), variable(group), identifier(f"id-{group.name}")
        yield target_of("bundle", "entry", variable=entry)
        yield target_of(entry, "resource", "create", [{"valueString": group.create}], made)
        yield target_of(made, "id", "uuid", [], number)
        yield target_of(entry, "fullUrl", "append", [{"valueString": "urn:uuid:"}, {"valueId": number}])
        for other in seen:
            for leaf in other.root.leaves():
                if leaf.kind == "reference" and group.name in leaf.groups and is_direct(other, leaf):
                    name = leaf.path.partition("[")[0]
                    yield target_of(variable(other), name, "reference", [{"valueId": made}])
        if group.name != COMPOSITION:
            for number_, section in enumerate(self.mapping.plan.sections):
                if group.name in section.entries:
                    yield from self._section(number_, section, made)

    def _section(self, number: int, section: SectionPlan, made: str) -> Iterator[JsonObject]:
        """The section, made by whoever comes first and shared by the others, with this resource in it."""
        what = f"section {section.title!r}"
        if section.text or section.when_empty or section.sections or section.condition:
            text = "its text, reasons for being empty, conditions and sections inside it are not written"
            self.filling.note(section.place, what, text)
        name = identifier(f"section-{number + 1}")
        shared = {"listMode": ["share"], "listRuleId": name}
        yield target_of(identifier(f"r-{COMPOSITION}"), "section", variable=name) | shared
        yield target_of(name, "title", "copy", [{"valueString": section.title}])
        if len(section.codings) > 1:
            self.filling.note(section.place, what, "of its codes only the first is written")
        for coding in section.codings[:1]:
            parameters = [{"valueString": coding[key]} for key in ("system", "code")]
            yield target_of(name, "code", "cc", parameters)
        yield target_of(name, "entry", "reference", [{"valueId": made}])

    def _call(self, group: GroupPlan, row: str, visible: Sequence[GroupPlan]) -> JsonObject:
        wanted = [variable(other) for other in visible if other.name in group.references()]
        rows = [row] if group.rows is not None else []
        name = identifier(f"fill-{group.name}")
        return {"name": name, "variable": [RECORD, *rows, variable(group), *wanted]}


def _by_rows(groups: Iterable[GroupPlan]) -> dict[tuple[Steps, str | None], list[GroupPlan]]:
    """Groups that go through the same rows together, so that resources of one row can refer to each other."""
    found: dict[tuple[Steps, str | None], list[GroupPlan]] = {}
    for group in groups:
        if group.rows is not None:
            found.setdefault((group.rows.steps, group.split), []).append(group)
    return found
