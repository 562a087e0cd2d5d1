"""Every code any room can give is explained, and nothing is explained that no room gives. Read from the source."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import interop
from interop.outcome import issue_catalogue

ROOT = Path(interop.__file__).parent
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Codes:
    """Codes by following what is given to ``Issue``, to our exceptions and the like back to where it is written down.

    A function that passes one of its parameters on as a code gives codes too: ``_fatal("csv-quote", …)``. It is known
    in its own file, and by its name where it is imported.
    """

    SEEDS: ClassVar = {"Issue": (0, "code"), "Refusal": (0, "code"), "Alarm": (1, "code"), "Decision": (-1, "alarm")}

    def __init__(self, root: Path) -> None:
        self.trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in root.rglob("*.py")}
        self.nodes = {path: list(_relevant(tree, None)) for path, tree in self.trees.items()}
        self.found: dict[str, set[str]] = defaultdict(set)
        self.patterns: set[str] = set()
        self.searched: set[Path] = set()
        everywhere = self.SEEDS | dict.fromkeys(self._exceptions(), (-1, "code"))
        self.takers = {path: dict(everywhere) for path in self.trees}
        before = -1
        while before != (before := sum(map(len, self.takers.values()))):
            for path in self.trees:
                self._read(path)

    def _exceptions(self) -> set[str]:
        """InteropError and what derives from it, each with the code its class has."""
        known = {"InteropError"}
        classes = [(p, n) for p, t in self.trees.items() for n in ast.walk(t) if isinstance(n, ast.ClassDef)]
        for path, node in sorted(classes, key=lambda pair: pair[0] != ROOT / "errors.py"):
            if node.name in known or known & {ast.unparse(base) for base in node.bases}:
                known.add(node.name)
                for line in node.body:
                    if isinstance(line, ast.Assign) and _names(line.targets[0], "code"):
                        self._value(path, line.value, None)
        return known

    def _read(self, path: Path) -> None:
        for node, function in self.nodes[path]:
            if isinstance(node, ast.ImportFrom):
                self._import(path, node)
            elif isinstance(node, ast.Call):
                self._call(path, node, function)
            elif isinstance(node, ast.Assign):
                self._assigned(path, node, function)

    def _assigned(self, path: Path, node: ast.Assign, function: Function | None) -> None:
        """``fault.code = "…"``, and ``kind = AccessError if … else ContentError``."""
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Attribute) and target.attr == "code":
            self._value(path, value, function)
        elif isinstance(target, ast.Name) and isinstance(value, ast.IfExp) and isinstance(value.orelse, ast.Name):
            known = self.takers[path].get(value.orelse.id)
            if known is not None:
                self.takers[path].setdefault(target.id, known)

    def _import(self, path: Path, node: ast.ImportFrom) -> None:
        home = ROOT.parent.joinpath(*(node.module or "").split(".")).with_suffix(".py")
        for name in {alias.name for alias in node.names} & set(self.takers.get(home, ())):
            self.takers[path].setdefault(name, self.takers[home][name])

    def _call(self, path: Path, call: ast.Call, function: Function | None) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        position, keyword = self.takers[path].get(name, (-1, ""))
        given = [k.value for k in call.keywords if keyword and k.arg == keyword]
        if 0 <= position < len(call.args) and not any(isinstance(arg, ast.Starred) for arg in call.args):
            given.append(call.args[position])
        for value in given:
            self._value(path, value, function)

    def _value(self, path: Path, value: ast.expr, function: Function | None) -> None:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            self.found[value.value].add(f"{path.relative_to(ROOT)}:{value.lineno}")
        elif isinstance(value, ast.IfExp):
            self._value(path, value.body, function)
            self._value(path, value.orelse, function)
        elif isinstance(value, ast.JoinedStr):
            parts = (re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in value.values)
            self.patterns.add("".join(map(str, parts)))
        elif isinstance(value, ast.Name) and function is not None:
            self._name(path, value.id, function)

    def _name(self, path: Path, name: str, function: Function) -> None:
        places = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        if name in places:
            is_method = places[0] in ("self", "cls")
            self.takers[path].setdefault(function.name, (places.index(name) - is_method, name))
            defaults = zip(reversed(places), reversed(function.args.defaults), strict=False)
            for default in (value for place, value in defaults if place == name):
                self._value(path, default, None)
            return
        if name in (a.arg for a in function.args.kwonlyargs):
            self.takers[path].setdefault(function.name, (-1, name))
            return
        assigned = [n for n in ast.walk(function) if isinstance(n, ast.Assign) and _names(n.targets[0], name)]
        for node in assigned:
            self._value(path, node.value, None)
        if not assigned:
            self._tuples(path)
            imported = [n.module for n in ast.walk(self.trees[path]) if isinstance(n, ast.ImportFrom)]
            for home in (ROOT.parent.joinpath(*(name or "").split(".")).with_suffix(".py") for name in imported):
                if home.parent == path.parent:
                    self._tuples(home)

    def _tuples(self, path: Path) -> None:
        """A code that came out of a tuple was written first in one: ``return "full-url-form", text, hint``."""
        if path in self.searched:
            return
        self.searched.add(path)
        for node in ast.walk(self.trees[path]):
            if isinstance(node, ast.Tuple) and len(node.elts) > 1 and isinstance(node.elts[0], ast.Constant):
                first = node.elts[0].value
                if isinstance(first, str) and KEBAB.fullmatch(first) and "-" in first:
                    self.found[first].add(f"{path.relative_to(ROOT)}:{node.lineno}")


def _relevant(tree: ast.AST, function: Function | None) -> Iterator[tuple[ast.AST, Function | None]]:
    """Imports, calls and assignments, each with the function around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ImportFrom, ast.Call, ast.Assign)):
            yield node, function
        yield from _relevant(node, node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else function)


def _names(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


CODES = Codes(ROOT)


def test_the_source_is_read_as_it_should_be() -> None:
    """One code of each way to give one."""
    ways = {"cardinality", "csv-quote", "content-json", "mapping", "full-url-form", "nhs-number-format"}
    assert ways <= set(CODES.found)
    assert "code\\-not\\-.+" in CODES.patterns
    assert len(CODES.found) > 150


def test_every_code_given_is_explained() -> None:
    missing = {code: sorted(places) for code, places in CODES.found.items() if code not in issue_catalogue()}
    assert missing == {}


def test_nothing_is_explained_that_is_never_given() -> None:
    composed = re.compile("|".join(CODES.patterns))
    assert {code for code in issue_catalogue() if code not in CODES.found and not composed.fullmatch(code)} == set()


def test_every_explanation_is_made_of_sentences_and_a_link() -> None:
    for code, entry in issue_catalogue().items():
        assert KEBAB.fullmatch(code), code
        assert re.fullmatch(r"https://[a-z0-9.-]+/\S*", entry["spec"]), code
        for part in ("means", "matters", "fix"):
            assert re.fullmatch(r"[A-Z0-9'\"<].*[.!?]", entry[part]), f"{code}: {part}"
            assert len(entry[part]) <= 240, f"{code}: {part}"
