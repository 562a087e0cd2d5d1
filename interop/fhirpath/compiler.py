"""Turns the syntax tree of an expression into Python closures, once for each type it starts from."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from interop.fhirpath import operators, types
from interop.fhirpath.code import Code, Scope, Types
from interop.fhirpath.constancy import is_constant
from interop.fhirpath.functions import FUNCTIONS, Invocation, function_error
from interop.fhirpath.model import Model
from interop.fhirpath.node import PARSERS, Item, Items, Node, system_type, system_value
from interop.fhirpath.runtime import Environment, Run, Truth, run_error, singleton, truth
from interop.fhirpath.steps import member, root_member
from interop.fhirpath.syntax import (
    Binary,
    Call,
    Empty,
    Indexer,
    Literal,
    Member,
    Special,
    Syntax,
    TypeTest,
    Unary,
    Variable,
)
from interop.fhirpath.variables import variable

# A part may be compiled twice, for plain JSON and for Nodes; nested loops multiply that.
_MOST_PIECES = 20_000


class Compiler:
    """Compiles against one set of type facts (none: plain JSON).

    context  the type of what the expression is about; "" where nobody says
    faults   what cannot be right for the types at hand: a misspelt element, an order asked of what has none
    """

    def __init__(self, model: Model | None, text: str = "", context: str = "") -> None:
        self.model = model
        self.text = text
        self.context = context
        self.faults: list[str] = []
        self._pieces = 0
        self._marks: dict[tuple[Syntax, bool], object] = {}

    def code(self, tree: Syntax, scope: Scope, nodes: bool = False) -> Code:
        """A piece giving plain JSON values, or with ``nodes`` elements as Nodes."""
        # A variable defined inside an operand or an argument is not known outside it.
        names = scope.names
        made = self.target(tree, scope, nodes)
        scope.names = names
        return made

    def target(self, tree: Syntax, scope: Scope, nodes: bool = False) -> Code:
        """A piece that something follows after a dot: variables it defines are known to what follows."""
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise function_error("the expression is too complicated", self.text, tree.at)
        made = self._code(tree, scope, nodes)
        if scope.inner and is_constant(tree):
            return replace(made, run=_remembered(made.run, self.mark(tree, nodes)), truth=None)
        return made

    def mark(self, tree: Syntax, nodes: bool) -> object:
        """What stands for a part in the memory of one evaluation; equal parts share it."""
        return self._marks.setdefault((tree, nodes), object())

    def values(self, tree: Syntax, scope: Scope) -> Code:
        """A piece giving values FHIRPath can calculate with: dates and quantities read, Nodes opened."""
        made = self.code(tree, scope)
        if made.plain or (made.types is None and self.model is None):
            return made
        if made.types is not None and len(made.types) == 1 and not _is_abstract(made.types):
            return replace(made, run=_read_as(made.run, next(iter(made.types))), truth=None)
        made = self.code(tree, scope, nodes=True)
        return replace(made, run=_opened(made.run), truth=None)

    def truth(self, tree: Syntax, scope: Scope) -> Truth:
        """A piece as a condition."""
        return self.truth_of(self.code(tree, scope))

    def truth_of(self, made: Code) -> Truth:
        """A compiled piece as a condition."""
        if made.truth is not None:
            return made.truth
        run = made.run
        return lambda this, env: truth(run(this, env))

    def operand(self, tree: Syntax | None, scope: Scope, nodes: bool) -> Code:
        """A piece, or ``$this`` where nothing is written."""
        return focus(scope, nodes) if tree is None else self.target(tree, scope, nodes)

    def this_values(self, scope: Scope) -> Code:
        """``$this`` as a value FHIRPath can calculate with."""
        return self.values(Special("this", 0), scope)

    def types_of(self, variable: str) -> Types:
        """What is known of ``%context``, ``%resource`` and ``%rootResource`` while compiling."""
        return frozenset({self.context}) if variable == "context" and self.context else None

    @staticmethod
    def may_be_primitive(kinds: Types) -> bool:
        """Whether one of the types is a FHIR primitive, or nobody knows."""
        return kinds is None or any(kind[:1].islower() for kind in kinds)

    def _code(self, tree: Syntax, scope: Scope, nodes: bool) -> Code:
        match tree:
            case Member():
                return self._member(tree, scope, nodes)
            case Call():
                return self._call(tree, scope, nodes)
            case Binary():
                return operators.binary(self, tree, scope, nodes)
            case Literal():
                return _literal(tree)
            case Special():
                return _special(tree, scope, nodes)
            case Variable():
                return variable(self, tree, scope, nodes)
            case Indexer():
                return self._indexer(tree, scope, nodes)
            case Unary():
                return operators.unary(self, tree, scope)
            case TypeTest():
                return types.tested(self, tree, scope, nodes)
            case Empty():
                return Code(lambda this, env: [], frozenset(), many=False)

    def _member(self, tree: Member, scope: Scope, nodes: bool) -> Code:
        if tree.target is None and not scope.collection:
            return root_member(self, tree, scope, nodes)
        if tree.target is None:
            return self._collection_member(tree, scope, nodes)
        target = self.target(tree.target, scope, nodes)
        if (
            not nodes
            and tree.name in {"id", "extension"}
            and self.model is not None
            and self.may_be_primitive(target.types)
        ):
            target = self.target(tree.target, scope, nodes=True)
        return member(self, tree, target, nodes)

    def _collection_member(self, tree: Member, scope: Scope, nodes: bool) -> Code:
        """A name where ``$this`` is a whole collection: a type its items must have, or a member of each."""
        if not tree.quoted and tree.name[:1].isupper() and self.model is not None and self.model.knows(tree.name):
            return types.type_as(self, None, tree.name, scope)
        return member(self, tree, focus(scope, nodes), nodes)

    def _call(self, tree: Call, scope: Scope, nodes: bool) -> Code:
        builder = FUNCTIONS.get(tree.name)
        if builder is None:
            from difflib import get_close_matches  # only a mistake needs it

            near = get_close_matches(tree.name, FUNCTIONS, 1)
            guess = f", did you mean {near[0]}()?" if near else ""
            raise function_error(f"there is no function {tree.name}(){guess}", self.text, tree.at)
        return builder(Invocation(self, tree, scope, nodes))

    def _indexer(self, tree: Indexer, scope: Scope, nodes: bool) -> Code:
        target = self.target(tree.target, scope, nodes)
        index = self.code(tree.index, scope)
        if not target.ordered:
            self.faults.append("[ ] needs an order, and children() and descendants() have none")
        of, at = target.run, index.run

        def run(this: Item, env: Environment) -> Items:
            place = singleton(at(this, env))
            if place is None:
                return []
            if place.__class__ is not int:
                raise run_error(f"an index is an integer, found {place!r}")
            return of(this, env)[place : place + 1] if place >= 0 else []

        return Code(run, target.types, many=False)


def _is_abstract(kinds: frozenset[str]) -> bool:
    return bool(kinds & {"Resource", "DomainResource", "Element", "BackboneElement"})


def _literal(tree: Literal) -> Code:
    result = [tree.value]
    kind = frozenset({f"System.{system_type(tree.value)}"})
    made = Code(lambda this, env: result, kind, many=False)
    if tree.value is True or tree.value is False:
        answer = tree.value
        made.truth = lambda this, env: answer
    return made


def _special(tree: Special, scope: Scope, nodes: bool) -> Code:
    if tree.name == "index":
        scope.wants_index = True
        return Code(lambda this, env: [env.index], frozenset({"System.Integer"}), many=False)
    if tree.name == "total":
        return Code(lambda this, env: env.total)
    return focus(scope, nodes)


def focus(scope: Scope, nodes: bool) -> Code:
    """``$this``, also where nothing is written before a function."""
    if nodes:
        scope.wants_nodes = True
    if scope.collection:
        return Code(lambda this, env: this, scope.this)
    return Code(lambda this, env: [this], scope.this, many=False)


def _read_as(run: Run, type_name: str) -> Run:
    """The items as values, all of one known type."""

    def opened(this: Item, env: Environment) -> Items:
        nodes = [item if item.__class__ is Node else Node(item, type_name) for item in run(this, env)]
        return [value for item in nodes if (value := system_value(item)) is not None]

    parse = PARSERS.get(type_name)
    if parse is None:
        return opened

    def parsed(this: Item, env: Environment) -> Items:
        items = run(this, env)
        if len(items) == 1 and items[0].__class__ is str:
            return [parse(items[0]) or items[0]]
        return opened(this, env)

    return parsed


def _opened(run: Run) -> Run:
    """The items as values, each of the type its Node says."""

    def opened(this: Item, env: Environment) -> Items:
        return [value for item in run(this, env) if (value := system_value(item)) is not None]

    return opened


def _remembered(run: Run, mark: object) -> Run:
    def remembered(this: Item, env: Environment) -> Items:
        try:
            return cast(Items, env.memo[mark])
        except KeyError:
            found = env.memo[mark] = run(this, env)
            return found

    return remembered
