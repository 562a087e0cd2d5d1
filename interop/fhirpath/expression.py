"""A FHIRPath expression ready to run: parsed once, compiled once for each type it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from interop.errors import ExpressionError
from interop.fhirpath.code import Code, Scope
from interop.fhirpath.compiler import Compiler
from interop.fhirpath.model import Model, core_model
from interop.fhirpath.node import Item, Items, Node, node, raw
from interop.fhirpath.parser import parse
from interop.fhirpath.runtime import Environment, NoServices, Services, Truth, run_error
from interop.json_codec import Json

_NO_VARIABLES: Mapping[str, Json] = {}
_NO_SERVICES = NoServices()


class _Program:
    """One expression compiled for one type, in one form."""

    __slots__ = ("code", "faults", "truth", "wants_nodes")

    def __init__(self, code: Code, truth: Truth, wants_nodes: bool, faults: tuple[str, ...]) -> None:
        self.code = code
        self.truth = truth
        self.wants_nodes = wants_nodes
        self.faults = faults


class Expression:
    """Made by ``compile``; safe to share between threads.

    focus      what the expression is about: JSON, or a Node for a primitive with extensions
    type_name  its FHIR type (``Patient``, ``string``, ``Patient.contact``); a resource names its own. Without one
               the tree is taken as plain JSON of unknown make
    resource   ``%resource``: the resource the focus stands in; the focus itself where it is one
    root       ``%rootResource``: the resource that contains ``resource``, or ``resource``
    env        further ``%name`` variables
    """

    __slots__ = ("_model", "_nodes", "_plain", "_tree", "text")

    def __init__(self, text: str, model: Model | None = None) -> None:
        self.text = text
        self._tree = parse(text)
        self._model = model
        self._plain: dict[str, _Program] = {}
        self._nodes: dict[str, _Program] = {}
        # Compiled once without types so that an unknown function or type is told at once.
        self._program("", nodes=False)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(
        self,
        focus: Item,
        *,
        type_name: str | None = None,
        resource: Json = None,
        root: Json = None,
        env: Mapping[str, Json] | None = None,
        services: Services | None = None,
    ) -> list[Item]:
        """The result as plain values: JSON as it stands in the tree, Quantity, Date, DateTime and Time where computed.

        Raises ExpressionError when the data does not allow an answer (several items where one is wanted ...).
        """
        program, this = self._start(focus, type_name, False)
        items = _guarded(program, this, _surroundings(focus, resource, root, env, services))
        return [value for value in map(raw, items) if value is not None]

    def nodes(
        self,
        focus: Item,
        *,
        type_name: str | None = None,
        resource: Json = None,
        root: Json = None,
        env: Mapping[str, Json] | None = None,
        services: Services | None = None,
    ) -> list[Item]:
        """The result with types: elements of the tree are Nodes, computed values as from ``evaluate``."""
        program, this = self._start(focus, type_name, True)
        return list(_guarded(program, this, _surroundings(focus, resource, root, env, services)))

    def truth(
        self,
        focus: Item,
        *,
        type_name: str | None = None,
        resource: Json = None,
        root: Json = None,
        env: Mapping[str, Json] | None = None,
        services: Services | None = None,
    ) -> bool | None:
        """The result as a condition: None when it is empty."""
        program, this = self._start(focus, type_name, False)
        try:
            return program.truth(this, _surroundings(focus, resource, root, env, services))
        except (ArithmeticError, RecursionError) as fault:
            raise _run_fault(fault) from None

    def check(self, type_name: str) -> tuple[str, ...]:
        """What cannot be right for this type whatever the data: misspelt elements, impossible types."""
        return self._program(type_name, nodes=False).faults

    def _start(self, focus: Item, type_name: str | None, nodes: bool) -> tuple[_Program, Item]:
        kind = type_name or _own_type(focus)
        programs = self._nodes if nodes else self._plain
        program = programs.get(kind) or self._program(kind, nodes)
        if focus.__class__ is Node:
            is_plain = not program.wants_nodes and focus.value.__class__ is dict
            return program, focus.value if is_plain else focus
        return program, node(focus, kind) if program.wants_nodes else focus

    def _program(self, kind: str, nodes: bool) -> _Program:
        model = self._model if self._model is not None else core_model() if kind else None
        compiler = Compiler(model, self.text, kind)
        scope = Scope(frozenset({kind}) if kind else None)
        try:
            code = compiler.code(self._tree, scope, nodes)
            truth = compiler.truth_of(code)
        except RecursionError:
            raise ExpressionError("the expression is nested too deeply", code="expression-syntax") from None
        made = _Program(code, truth, scope.wants_nodes, tuple(dict.fromkeys(compiler.faults)))
        (self._nodes if nodes else self._plain)[kind] = made
        return made


@lru_cache(maxsize=2048)
def compile(text: str, model: Model | None = None) -> Expression:
    """An expression ready to run. The same text gives the same object.

    model  type facts; R4 as shipped where none is given
    Raises ExpressionError with the column for a syntax fault, an unknown function or an unknown type.
    """
    return Expression(text, model)


def _surroundings(
    focus: Item, resource: Json, root: Json, variables: Mapping[str, Json] | None, services: Services | None
) -> Environment:
    if resource is None and focus.__class__ is dict and "resourceType" in focus:
        resource = focus
    return Environment(
        focus,
        resource,
        resource if root is None else root,
        _NO_VARIABLES if variables is None else variables,
        _NO_SERVICES if services is None else services,
    )


def _own_type(focus: Item) -> str:
    if focus.__class__ is Node:
        return str(focus.type)
    return str(focus.get("resourceType") or "") if focus.__class__ is dict else ""


def _guarded(program: _Program, this: Item, environment: Environment) -> Items:
    try:
        return program.code.run(this, environment)
    except (ArithmeticError, RecursionError) as fault:
        raise _run_fault(fault) from None


def _run_fault(fault: Exception) -> ExpressionError:
    if isinstance(fault, RecursionError):
        return run_error("the expression goes too deep for this data")
    return run_error(f"a number is out of range ({type(fault).__name__})", "expression-arithmetic")
