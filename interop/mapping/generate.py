"""The way forward as generated Python: one function for each group and each list that is gone through.

A plan is written out as straight-line code, so that a value costs a dictionary look-up, its own transform, and a
dictionary store. Nothing from a mapping file enters the code as text: names, constants and functions are bound
objects (``k3``), so a mapping cannot inject code. The same plan is written out a second time with a mark round every
value (``traced``); that form runs only when somebody asks where a value came from.

What a function looks like, for ``{source: Surname, target: name[official].family}`` and its constant ``use``::

    def build(row, record, at, run):
        p1 = as_dict(row)
        raw = p1.get(k1)
        v1 = (raw.strip() or None) if raw.__class__ is str else read(run, k2, raw, at)
        if v1 is not None:
            b1 = {k3: k4}
            b1[k5] = v1
        else:
            b1 = None
        …
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from interop.json_codec import Json
from interop.location import SourcePath
from interop.mapping.paths import SourceExpression, as_dict, fetcher, rows_of
from interop.mapping.plan import Branch, Choice, Condition, Entry, Leaf, Loop, Slot
from interop.mapping.primitives import PRIMITIVES
from interop.mapping.refusal import Refusal
from interop.mapping.run import Run, spread, unproved, unreadable

Build: TypeAlias = Callable[[Json, Json, SourcePath, Run], Json]
"""(row, record, path of the row, run) -> the object, or None when the row says nothing for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Code for a value. ``tests``: expressions that say it is content; ``refers``: the same for references."""

    code: str
    literal: bool = False
    tests: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    listed: bool = False  # the value is a list of items
    absent: str | None = None  # a flag: there was a value, but it was refused


@dataclass(slots=True)
class _Function:
    """The code of one function while it is written."""

    names: dict[str, object]
    traced: bool
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    count: int = 0
    bound: dict[int | str, str] = field(default_factory=dict)
    prefixes: dict[tuple[bool, tuple[str, ...]], str] = field(default_factory=dict)
    hoisted: list[str] = field(default_factory=list)
    kept_texts: dict[int, str] = field(default_factory=dict)
    absent: dict[int, str] = field(default_factory=dict)

    def name(self, start: str) -> str:
        self.count += 1
        return f"{start}{self.count}"

    def bind(self, value: object) -> str:
        """A name for a constant object; text keys share one name."""
        key = value if isinstance(value, str) else id(value)  # self.names keeps it alive, so its id is its own
        if key not in self.bound:
            self.bound[key] = f"k{len(self.names)}"
            self.names[self.bound[key]] = value
        return self.bound[key]

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    # -- values ------------------------------------------------------------------------------------------------

    def literal(self, value: Json) -> str:
        """A constant written so that every resource gets its own copy."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.bind(key)}: {self.literal(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.literal(item) for item in value) + "]"
        return self.bind(value)

    def condition(self, condition: Condition) -> str:
        return f"{self.bind(condition.holds)}(row, record, run.kept)"

    def fetch(self, source: SourceExpression) -> str:
        """An expression for the raw value of a source path."""
        base = "record" if source.absolute else "row"
        if source.variable:
            return f"run.variable({self.bind(source.variable)}, at)"
        if not source.steps:
            return base
        if not all(isinstance(step, str) for step in source.steps):
            return f"{self.bind(fetcher(source.steps))}({base})"
        prefix = self.prefix(source.absolute, tuple(str(step) for step in source.steps[:-1]))
        return f"{prefix}.get({self.bind(source.steps[-1])})"

    def prefix(self, absolute: bool, names: tuple[str, ...]) -> str:
        """The dict a path goes through, looked up once a function."""
        key = (absolute, names)
        if key not in self.prefixes:
            if names:
                above = f"{self.prefix(absolute, names[:-1])}.get({self.bind(names[-1])})"
            else:
                above = "record" if absolute else "row"
            name = self.prefixes[key] = self.name("p")
            self.hoisted.append(f"    {name} = {above}")
            self.hoisted.append(f"    if {name}.__class__ is not dict: {name} = as_dict({name})")
        return self.prefixes[key]

    # -- leaves ------------------------------------------------------------------------------------------------

    def leaf(self, leaf: Leaf) -> Part:
        if leaf.kind == "constant" and leaf.condition is None:
            code = self.literal(leaf.constant)
            code = self.marked(leaf, code, "None")
            return Part(code, literal=True, refers=("True",) if leaf.always else ())
        value = self.name("v")
        if leaf.carries_text:
            self.kept_texts[leaf.number] = self.name("t")
            self.hoisted.append(f"    {self.kept_texts[leaf.number]} = None")
        if leaf.required and not leaf.many and not leaf.carries_text and leaf.type in PRIMITIVES:
            self.absent[leaf.number] = self.name("e")
            self.add(f"{self.absent[leaf.number]} = False")
        if leaf.condition is not None:
            self.add(f"{value} = None")
            self.add(f"if {self.condition(leaf.condition)}:")
            self.depth += 1
        getattr(self, f"_{leaf.kind}")(leaf, value)
        if leaf.condition is not None:
            self.depth -= 1
        test = f"{value} is not None"
        if leaf.default is not None:
            test = self.name("f")
            self.add(f"{test} = {value} is not None")
            self.add(f"if not {test}: {value} = {self.marked(leaf, self.literal(leaf.default), 'None')}")
        if leaf.kind == "reference":
            return Part(value, refers=(test,), listed=leaf.many)
        absent = self.absent.pop(leaf.number, None)
        if absent is not None:
            return Part(value, tests=(test,), absent=absent)
        return Part(value, tests=(test,) if leaf.strong else (), listed=leaf.many)

    def marked(self, leaf: Leaf, code: str, raw: str) -> str:
        return f"run.mark({self.bind(leaf)}, {code}, at, {raw})" if self.traced else code

    def _constant(self, leaf: Leaf, value: str) -> None:
        self.add(f"{value} = {self.marked(leaf, self.literal(leaf.constant), 'None')}")

    def _reference(self, leaf: Leaf, value: str) -> None:
        self.add(f"{value} = {self.marked(leaf, f'run.refer({self.bind(leaf)}, at)', 'None')}")

    def _compute(self, leaf: Leaf, value: str) -> None:
        self.add(f"{value} = run.compute({self.bind(leaf)}, row, record, at)")
        if self.traced:
            self.add(f"{value} = {self.marked(leaf, value, 'None')}")

    def _source(self, leaf: Leaf, value: str) -> None:
        bound = self.bind(leaf)
        several = len(leaf.sources) > 1
        raws = ", ".join(self.fetch(source) for source in leaf.sources)
        self.add(f"raw = [{raws}]" if several else f"raw = {raws}")
        if leaf.plain:
            self.add(f"{value} = (raw.strip() or None) if raw.__class__ is str else run.read({bound}, raw, at)")
        else:
            kept = self.kept_texts.get(leaf.number)
            self.add("try:")
            slow = f"{value} = {self.bind(leaf.reader)}(raw) if raw is not None else None"
            if leaf.quick is None:
                self.add(f"    {slow}")
            else:
                self.add("    if raw.__class__ is str:")
                self.add("        text = raw.strip()")
                self.add(f"        {value} = {self.bind(leaf.quick)}(text) if text else None")
                self.add(f"    else: {slow}")
            self.add("except Refusal as refusal:")
            self.add(f"    {value} = run.refused({bound}, refusal, raw, at)")
            if leaf.number in self.absent:
                self.add(f"    {self.absent[leaf.number]} = True")
            if kept:
                self.add(f"    {kept} = {self.marked(leaf, 'unproved(raw)', 'raw')}")
        if leaf.required:
            self.add(f"if {value} is None: run.missing({bound}, raw, at)")
        if self.traced:
            self.add(f"{value} = {self.marked(leaf, value, 'raw')}")

    _variable = _source

    def _moment(self, leaf: Leaf, value: str) -> None:
        self.add(f"{value} = {self.marked(leaf, f'run.moment({self.bind(leaf)})', 'None')}")

    def choice(self, choice: Choice) -> Part:
        value = self.name("v")
        self.add(f"{value} = None")
        tests: tuple[str, ...] = ()
        refers: tuple[str, ...] = ()
        for leaf in choice.leaves:
            # A number that was refused is there: it is told once, and no other rule speaks for it.
            kept = [self.kept_texts[one.number] for one in choice.leaves if one.number in self.kept_texts]
            self.add(f"if {' and '.join(f'{name} is None' for name in (value, *kept))}:")
            self.depth += 1
            part = self.leaf(leaf)
            self.add(f"{value} = {part.code}")
            self.depth -= 1
            if part.tests:
                tests = (f"{value} is not None",)
            refers = refers or ((f"{value} is not None",) if part.refers else ())
        return Part(value, tests=tests, refers=refers, listed=any(leaf.many for leaf in choice.leaves))

    # -- structure ---------------------------------------------------------------------------------------------

    def entry(self, entry: Entry) -> Part:
        if isinstance(entry, Leaf):
            return self.leaf(entry)
        if isinstance(entry, Choice):
            return self.choice(entry)
        return self.branch(entry) if isinstance(entry, Branch) else self.loop(entry)

    def loop(self, loop: Loop) -> Part:
        items = self.name("l")
        build = self.bind(compile_branch(loop.branch, None, traced=self.traced))
        base, at = ("record", "()") if loop.rows.absolute else ("row", "at")
        test = f" if {self.bind(loop.condition.holds)}(r, record, run.kept)" if loop.condition else ""
        rows = f"{self.bind(rows_of(loop.rows.steps, loop.split))}({base}, {at})"
        self.add(f"{items} = [{build}(r, record, a, run) for a, r in {rows}{test}]")
        self.add(f"{items} = [item for item in {items} if item is not None] or None")
        if self.traced:
            self.add(f"if {items} is None: {self.marked(loop.as_leaf(), 'None', 'None')}")
        return Part(items, tests=(f"{items} is not None",), listed=True)

    def slot(self, slot: Slot) -> Part:
        parts = [self.entry(entry) for entry in slot.entries.values()]
        if not slot.many:
            return parts[0]
        tests = tuple(test for part in parts for test in part.tests)
        refers = tuple(test for part in parts for test in part.refers)
        if all(part.literal for part in parts):
            return Part("[" + ", ".join(part.code for part in parts) + "]", literal=True, tests=tests, refers=refers)
        items = self.name("s")
        first = parts[0]
        if len(parts) == 1 and not first.listed:
            self.add(f"{items} = [{first.code}] if {first.code} is not None else None")
            return Part(items, tests=tests, refers=refers)
        self.add(f"{items} = []")
        for part in parts:
            if part.literal:
                self.add(f"{items}.append({part.code})")
            elif part.listed:
                self.add(f"if {part.code} is not None: spread({items}, {part.code})")
            else:
                self.add(f"if {part.code} is not None: {items}.append({part.code})")
        self.add(f"{items} = {items} or None")
        return Part(items, tests=tests, refers=refers)

    def branch(self, branch: Branch) -> Part:
        parts = {name: self.slot(slot) for name, slot in branch.slots.items()}
        kept = [
            self.kept_texts.pop(leaf.number)
            for slot in branch.slots.values()
            for entry in slot.entries.values()
            if isinstance(entry, Leaf | Choice)
            for leaf in (entry.leaves if isinstance(entry, Choice) else [entry])
            if leaf.number in self.kept_texts
        ]
        tests = tuple(test for part in parts.values() for test in part.tests)
        refers = tuple(test for part in parts.values() for test in part.refers)
        content = tuple(dict.fromkeys((*tests, *refers)))
        if not content and all(part.literal for part in parts.values()):
            members = ", ".join(f"{self.bind(name)}: {part.code}" for name, part in parts.items())
            return Part("{" + members + "}", literal=True)
        made = self.name("b")
        if content:
            self.add(f"if {' or '.join(content)}:")
            self.depth += 1
        self.fill(made, parts)
        if content:
            self.depth -= 1
            self.add("else:")
            self.add(f"    {made} = None")
        if not content:
            self.add(f"{made} = {made} or None")
        if kept:
            for name in kept:
                self.add(f"if {name} is not None: {made} = {name}")
            tests = (*tests, *(f"{name} is not None" for name in kept))
        return Part(made, tests=tests, refers=refers)

    def fill(self, made: str, parts: dict[str, Part], start: str = "") -> None:
        """A dict of the parts: constants at once, the others where they have a value."""
        fixed = ", ".join(f"{self.bind(name)}: {part.code}" for name, part in parts.items() if part.literal)
        self.add(f"{made} = {{{start}{fixed}}}")
        for name, part in parts.items():
            if not part.literal:
                self.add(f"if {part.code} is not None: {made}[{self.bind(name)}] = {part.code}")
                if part.absent:
                    self.add(f"elif {part.absent}: {made}[{self.bind('_' + name)}] = unreadable()")

    def root(self, branch: Branch, create: str | None, *, always: bool) -> None:
        parts = {name: self.slot(slot) for name, slot in branch.slots.items()}
        tests = dict.fromkeys(test for part in parts.values() for test in part.tests)
        # References alone do not make a resource, but they make an item of a list.
        if create is None:
            tests |= dict.fromkeys(test for part in parts.values() for test in part.refers)
        if tests and not always:
            self.add(f"if not ({' or '.join(tests)}): return None")
        start = f"'resourceType': {self.bind(create)}, 'id': '', " if create else ""
        self.fill("made", parts, start)
        self.add("return made")


def compile_branch(branch: Branch, create: str | None, *, traced: bool = False, always: bool = False) -> Build:
    """The function that builds ``branch`` from a row.

    create  the resource type, None for a list item
    always  it is made whatever the row says: the Composition of a document
    """
    names: dict[str, object] = {}
    function = _Function(names, traced)
    function.root(branch, create, always=always)
    code = ["def build(row, record, at, run):", *function.hoisted, *function.lines]
    space: dict[str, object] = {
        "as_dict": as_dict,
        "spread": spread,
        "unproved": unproved,
        "unreadable": unreadable,
        "Refusal": Refusal,
        **names,
    }
    exec(compile("\n".join(code), f"<mapping of {create or branch.type}>", "exec"), space)  # noqa: S102  # see the module's first lines
    build: Build = space["build"]  # type: ignore[assignment]  # exec leaves its result in the namespace
    return build
