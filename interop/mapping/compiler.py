"""A mapping document compiled to a plan: everything is checked here, before the first record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interop.definitions import Definitions
from interop.json_codec import Json
from interop.mapping.conditions import names_in, read_condition
from interop.mapping.constants import coded, constant_leaves
from interop.mapping.document import Document, Group, Rule
from interop.mapping.faults import Faults, Place
from interop.mapping.firing import check_firing
from interop.mapping.leaves import compute_way, value_way
from interop.mapping.order import in_order
from interop.mapping.paths import SourceExpression
from interop.mapping.pieces import bar_the_way_back
from interop.mapping.plan import COMPOSITION, Branch, GroupPlan, Leaf, Loop, MappingPlan, Slot
from interop.mapping.primitives import PRIMITIVES, constant, constant_fault
from interop.mapping.rule_kinds import is_nhs_number, kind_of
from interop.mapping.sections import read_sections
from interop.mapping.shape import RECORD, Row, Shape
from interop.mapping.soundness import Soundness
from interop.mapping.targets import Spot, Targets
from interop.mapping.translate import CodeTable, find_table


@dataclass(slots=True)
class Compiler:
    """Compiles one document. Faults are collected; what they touch is left out of the plan."""

    document: Document
    definitions: Definitions
    shape: Shape
    faults: Faults
    tables: dict[str, CodeTable | None] = field(default_factory=dict)
    number: int = 0
    reversible: bool = True  # the group under way runs backwards too
    above: str = ""  # the targets of the lists whose rules are under way
    broken: set[str] = field(default_factory=set)  # groups with a fault: not all of their rules are in the plan

    def plan(self) -> MappingPlan:
        document = self.document
        groups: dict[str, GroupPlan] = {}
        for group in document.groups:
            if group.name in groups or group.name == COMPOSITION:
                first = groups[group.name].place if group.name in groups else "the document's own"
                self.faults.add(group.place(), f"group {group.name!r} stands twice, first at {first}")
                continue
            groups[group.name] = self._group(group)
        composition = self._composition()
        bar_the_way_back((*groups.values(), *((composition,) if composition else ())))
        sound = Soundness(self.definitions, self.faults)
        for plan in (*groups.values(), *((composition,) if composition else ())):
            self._check_references(plan, groups)
            sound.check(plan, whole=plan.name not in self.broken)
            check_firing(plan, self.faults)
        tuple(self.shape.named(document.respelled))  # its faults are told
        order, early = in_order(groups)
        block = document.composition
        return MappingPlan(
            groups=groups,
            order=order,
            early=early,
            composition=composition,
            sections=read_sections(block.sections, self, groups) if block else (),
            backwards=tuple(self.shape.written(document.backwards)),
            drop=tuple(self.shape.named(document.drop)),
        )

    # -- groups ------------------------------------------------------------------------------------------------

    def _group(self, group: Group) -> GroupPlan:
        before = len(self.faults.found)
        writable = self.shape.spec is None or self.shape.spec.writable
        self.reversible = group.reverse and writable
        plan = self._compiled(group)
        self.reversible = writable
        if len(self.faults.found) > before:
            self.broken.add(group.name)
        return plan

    def _compiled(self, group: Group) -> GroupPlan:
        if not self.definitions.is_resource_type(group.create):
            kinds = (name for name in self.definitions.type_names if self.definitions.is_resource_type(name))
            self.faults.unknown(group.place("create"), "R4 has no resource type", group.create, kinds)
        row, rows = self._rows(group.loop, group.split, group.place("for"), RECORD)
        plan = GroupPlan(
            name=group.name,
            create=group.create,
            place=group.place(),
            root=Branch(group.create),
            rows=rows,
            split=group.split,
            condition=read_condition(group.when, self.shape, row, self.faults),
            identity=tuple(self._paths(group.identity, group.place("identity"), row)),
            url=self.shape.path(group.url, group.place("url"), row) if group.url else None,
            select=tuple((tuple(path.split(".")), value) for path, value, _ in group.select),
            reverse=group.reverse,
            note=group.note,
            standard=group.standard,
        )
        if self.definitions.is_resource_type(group.create):
            self._profiles(plan.root, group.profiles, group.place("profile"))
            self.rules(plan.root, group.rules, row)
            for path, _, place in group.select:
                Targets(self.definitions, self.faults).spot(Branch(group.create), path, place)
        return plan

    def _composition(self) -> GroupPlan | None:
        block = self.document.composition
        if block is None:
            return None
        plan = GroupPlan(name=COMPOSITION, create="Composition", place=block.item.place, root=Branch("Composition"))
        before = len(self.faults.found)
        self._profiles(plan.root, block.profiles, block.item.place)
        self.rules(plan.root, block.rules, RECORD)
        if len(self.faults.found) > before:
            self.broken.add(COMPOSITION)
        return plan

    def _rows(self, path: str | None, split: str | None, place: Place, row: Row) -> tuple[Row, SourceExpression | None]:
        if path is None:
            if split is not None:
                self.faults.add(place, "`split` without `for`: name the cell to split")
            return row, None
        # A cell that is split is a value; anything else a `for` names is a list.
        rows = self.shape.path(path, place, row, loop=split is None)
        if rows is None:
            return Row(None, split), None
        steps = rows.steps if rows.absolute or row.rows is None else (*row.rows.steps, *rows.steps)
        return Row(SourceExpression(rows.text, steps), split), rows

    def _profiles(self, root: Branch, profiles: Iterable[str], place: Place) -> None:
        targets = Targets(self.definitions, self.faults)
        for profile in profiles:
            spot = targets.spot(root, "meta.profile[]", place)
            if spot is not None:
                targets.put(
                    spot,
                    self._leaf(
                        spot, "meta.profile", place, kind="constant", constant=profile, selector=False, always=True
                    ),
                )

    def _paths(self, texts: Iterable[str], place: Place, row: Row) -> Iterator[SourceExpression]:
        for text in texts:
            path = self.shape.path(text, place, row)
            if path is not None:
                yield path

    # -- rules -------------------------------------------------------------------------------------------------

    def rules(self, branch: Branch, rules: Iterable[Rule], row: Row) -> None:
        """Compile rules into ``branch``. References come last: they find out whether more is said beside them."""
        for rule in sorted(rules, key=lambda rule: bool(rule.references)):
            self._rule(branch, rule, row)

    def _rule(self, branch: Branch, rule: Rule, row: Row) -> None:
        kind = kind_of(rule, self.faults)
        if kind is None:
            return
        targets = Targets(self.definitions, self.faults)
        spot = targets.spot(branch, rule.target, rule.place())
        if spot is None:
            return
        compile_one = {
            "for": self._loop, "source": self._source, "value": self._value, "code": self._code,
            "reference": self._reference, "compute": self._compute,
        }[kind]  # fmt: skip
        compile_one(rule, spot, targets, row)

    def _loop(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        if not spot.slot.many:
            hint = "a list element takes the rows"
            self.faults.add(rule.place(), f"{rule.target} holds one value, `for` may give several", hint)
            return
        inner, rows = self._rows(rule.loop, rule.split, rule.place("for"), row)
        if spot.type in PRIMITIVES:
            self.faults.add(
                rule.place(), f"{rule.target} is a list of {spot.type}: it has no rules of its own", "use `source`"
            )
            return
        if rows is None:
            return
        self.number += 1
        loop = Loop(
            number=self.number,
            path=rule.target,
            place=rule.place(),
            rows=rows,
            split=rule.split,
            branch=Branch(spot.type),
            condition=read_condition(rule.when, self.shape, inner, self.faults),
            reverse=rule.reverse,
            note=rule.note,
            standard=rule.standard,
            above=self.above,
        )
        around, self.above = self.above, f"{self.above}{rule.target}."
        self.rules(loop.branch, rule.rules, inner)
        self.above = around
        targets.put(spot, loop)

    def _source(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        sources = tuple(self._paths(rule.sources, rule.place("source"), row))
        table = self._table(rule)
        if len(sources) < len(rule.sources) or (rule.translate and table is None):
            return
        now = sources[0].variable == "$now"
        if now and spot.type not in ("date", "dateTime", "instant"):
            self.faults.add(rule.place("source"), f"$now is a moment, {rule.target} is a {spot.type}")
            return
        way = None
        if not now:
            way = value_way(rule, spot.type, many=spot.slot.many, table=table, shape=self.shape, faults=self.faults)
            if way is None:
                return
        variable = any(source.variable for source in sources)
        leaf = self._leaf(
            spot,
            rule.target,
            rule.place(),
            kind="moment" if now else "variable" if variable else "source",
            sources=sources,
            reader=way.reader if way else None,
            writer=way.writer if way and not variable else None,
            default=self._constant(rule.default, spot, rule.place("default")),
            plain=bool(way and way.plain and not variable),
            quick=way.quick if way and len(sources) == 1 else None,
            each=bool(way and way.each),
            spreads=bool(way and way.spreads),
            copies=bool(way and way.copies),
            piece=way.piece if way else None,
            required=rule.required,
            codes=table.codes if table is not None else frozenset(),
            note=rule.note,
            standard=rule.standard,
            carries_text=is_nhs_number(rule) and spot.owner == "Identifier" and spot.element == "value",
            reverse=rule.reverse and not variable,
            condition=read_condition(rule.when, self.shape, row, self.faults),
        )
        targets.put(spot, leaf)

    def _table(self, rule: Rule) -> CodeTable | None:
        name = rule.translate
        if name is None:
            return None
        place = rule.place("translate")
        # A piece's tables are looked for from the piece's own folder.
        folder = (self.document.root / place.file).parent
        key = f"{folder}\n{name}"
        if key not in self.tables:
            self.tables[key] = find_table(name, folder, self.document.root, self.definitions, place, self.faults)
        table = self.tables[key]
        if table is not None and rule.reverse and self.reversible:
            for code, words in table.unclear.items():
                text = f"{name}: {' and '.join(map(repr, words))} all mean {code!r}, and none says it is the way back"
                self.faults.add(
                    place, text, "mark one of them equivalent in the ConceptMap, or the rule `reverse: false`"
                )
        return table

    def _constant(self, value: Json, spot: Spot, place: Place) -> Json:
        if value is None or spot.type not in PRIMITIVES:
            return value
        fault = constant_fault(value, spot.type)
        if fault:
            self.faults.add(place, fault)
            return None
        return constant(value, spot.type)

    def _value(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        self._constants(rule, rule.value, spot, targets, row)

    def _code(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        value = coded(rule, spot.type, self.document.prefixes, self.faults)
        if value is not None:
            self._constants(rule, value, spot, targets, row)

    def _constants(self, rule: Rule, value: Json, spot: Spot, targets: Targets, row: Row) -> None:
        condition = read_condition(rule.when, self.shape, row, self.faults)
        for at, path, leaf_value in constant_leaves(value, spot, rule, targets):
            fitted = self._constant(leaf_value, at, rule.place())
            if fitted is None:
                continue
            leaf = self._leaf(at, path, rule.place(), kind="constant", constant=fitted, selector=rule.selector)
            # What meta says of a resource (profile, tag) does not hang on anything else that meta says.
            always = rule.always or rule.target.startswith("meta.")
            leaf.condition, leaf.always, leaf.reverse = condition, always, rule.reverse
            leaf.note, leaf.standard = rule.note, rule.standard
            targets.put(at, leaf)

    def _reference(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        if spot.type != "Reference":
            self.faults.add(rule.place(), f"{rule.target} is a {spot.type}, not a Reference")
            return
        allowed = targets.refer_types(spot)
        for name in rule.references:
            self._check_type(rule, name, allowed)
        beside = spot.slot.entries.get(spot.label)
        leaf = self._leaf(spot, rule.target, rule.place(), kind="reference", groups=rule.references)
        leaf.note, leaf.standard = rule.note, rule.standard
        leaf.condition, leaf.reverse = read_condition(rule.when, self.shape, row, self.faults), rule.reverse
        if isinstance(beside, Branch):
            leaf.type, leaf.many = "string", False
            inner = beside.slots.setdefault("reference", Slot("reference", False))
            targets.put(Spot(inner, "", "string", "Reference", "reference"), leaf)
        else:
            targets.put(spot, leaf)

    def _check_type(self, rule: Rule, name: str, allowed: frozenset[str]) -> None:
        create = next((group.create for group in self.document.groups if group.name == name), None)
        create = "Composition" if name == COMPOSITION else create
        if create is not None and allowed and create not in allowed:
            wanted = " or ".join(sorted(allowed))
            self.faults.add(
                rule.place("reference"), f"{rule.target} refers to {wanted}; group {name!r} creates {create}"
            )

    def _compute(self, rule: Rule, spot: Spot, targets: Targets, row: Row) -> None:
        reader = compute_way(rule, spot.type, self.shape, row, self.faults)
        if reader is None:
            return
        leaf = self._leaf(spot, rule.target, rule.place(), kind="compute", reader=reader, reverse=False)
        leaf.names = names_in(rule.compute or "")
        leaf.note, leaf.standard = rule.note, rule.standard
        leaf.default = self._constant(rule.default, spot, rule.place("default"))
        leaf.condition = read_condition(rule.when, self.shape, row, self.faults)
        targets.put(spot, leaf)

    def _leaf(self, spot: Spot, path: str, place: Place, **fields: Json) -> Leaf:
        self.number += 1
        fields.setdefault("many", spot.slot.many and fields.get("kind") != "constant")
        return Leaf(number=self.number, path=path, place=place, type=spot.type, above=self.above, **fields)

    # -- the rest ----------------------------------------------------------------------------------------------

    def _check_references(self, plan: GroupPlan, groups: dict[str, GroupPlan]) -> None:
        for leaf in plan.root.leaves():
            for name in leaf.groups:
                if name not in groups and not (name == COMPOSITION and self.document.composition):
                    self.faults.unknown(leaf.place, "no group", name, (*groups, COMPOSITION))
