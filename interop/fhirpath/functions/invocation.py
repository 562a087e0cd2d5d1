"""One call of a function while it is compiled: its focus, its arguments, and ways to build the usual kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from interop.errors import ExpressionError
from interop.fhirpath.code import Code, Scope, Types
from interop.fhirpath.lexer import syntax_error
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.runtime import Environment, Run, Truth, run_error, singleton
from interop.fhirpath.syntax import Call, Syntax

if TYPE_CHECKING:
    from interop.fhirpath.compiling import Compiling
    from interop.fhirpath.model import Model


@dataclass(frozen=True, slots=True)
class Loop:
    """An argument that runs once for each item of the focus.

    code      the compiled argument
    wants_nodes, wants_index  what it needs of the loop
    """

    code: Code
    truth: Truth
    wants_nodes: bool
    wants_index: bool


class Invocation:
    """``focus.name(arguments)`` being compiled."""

    __slots__ = ("call", "compiler", "nodes", "scope")

    def __init__(self, compiler: Compiling, call: Call, scope: Scope, nodes: bool) -> None:
        self.compiler = compiler
        self.call = call
        self.scope = scope
        self.nodes = nodes

    @property
    def model(self) -> Model | None:
        return self.compiler.model

    @property
    def arguments(self) -> tuple[Syntax, ...]:
        return self.call.arguments

    def wants(self, fewest: int, most: int | None = None) -> None:
        """Refuses a wrong number of arguments."""
        most = fewest if most is None else most
        found = len(self.arguments)
        if not fewest <= found <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise function_error(
                f"{self.call.name}() takes {wanted} arguments, found {found}", self.compiler.text, self.call.at
            )

    def focus(self, nodes: bool | None = None) -> Code:
        """What the function is called on."""
        return self.compiler.operand(self.call.target, self.scope, self.nodes if nodes is None else nodes)

    def focus_values(self) -> Code:
        """What the function is called on, dates and quantities read."""
        if self.call.target is None:
            return self.compiler.this_values(self.scope)
        return self.compiler.values(self.call.target, self.scope)

    def argument(self, index: int, nodes: bool = False) -> Code:
        """An argument that is evaluated where the function is called, not for each item of its focus."""
        return self.compiler.code(self.arguments[index], self.scope, nodes)

    def argument_values(self, index: int) -> Code:
        return self.compiler.values(self.arguments[index], self.scope)

    def loop(self, index: int, types: Types, nodes: bool = False) -> Loop:
        """An argument that runs for each item; ``types`` are the focus's."""
        return self.loop_over(self.arguments[index], types, nodes)

    def loop_over(self, tree: Syntax, types: Types, nodes: bool = False) -> Loop:
        """A piece of an argument that runs for each item."""
        inner = Scope(types, inner=True, names=self.scope.names)
        code = self.compiler.code(tree, inner, nodes)
        return Loop(code, self.compiler.truth_of(code), inner.wants_nodes, inner.wants_index)

    def looped(self, index: int, nodes: bool = False) -> tuple[Code, Loop]:
        """The focus, and an argument that runs for each of its items; the focus gives Nodes if either wants them."""
        focus = self.focus()
        loop = self.loop(index, focus.types, nodes)
        if loop.wants_nodes and not self.nodes:
            focus = self.focus(nodes=True)
        return focus, loop

    def fault(self, text: str) -> None:
        """Notes what cannot be right for the types at hand."""
        self.compiler.faults.append(text)


Builder: TypeAlias = Callable[[Invocation], Code]
Family: TypeAlias = dict[str, Builder]


def function_error(text: str, expression: str, at: int) -> ExpressionError:
    fault = syntax_error(text, expression, at)
    fault.code = "expression-function"
    return fault


def in_family(family: Family, *names: str) -> Callable[[Builder], Builder]:
    """Registers a builder under its FHIRPath names."""

    def register(builder: Builder) -> Builder:
        family.update(dict.fromkeys(names, builder))
        return builder

    return register


def on_one(
    name: str,
    function: Callable[..., Item | None],
    types: Types,
    arguments: tuple[int, int] = (0, 0),
    values: bool = False,
) -> Builder:
    """A function of the one item of its focus: nothing for nothing, and nothing when an argument is empty.

    function   called with the item and as many arguments as were written; None means an empty result
    arguments  fewest and most
    values     the function wants dates and quantities read
    """

    def build(call: Invocation) -> Code:
        call.wants(*arguments)
        focus = call.focus_values() if values else call.focus(nodes=False)
        given = [call.argument_values(i).run if values else call.argument(i).run for i in range(len(call.arguments))]
        return Code(_on_one(focus.run, given, function), types, many=False)

    return build


def _on_one(of: Run, given: list[Run], function: Callable[..., Item | None]) -> Run:
    def run(this: Item, env: Environment) -> Items:
        item = raw(singleton(of(this, env)))
        if item is None:
            return []
        values = []
        for argument in given:
            value = raw(singleton(argument(this, env)))
            if value is None:
                return []
            values.append(value)
        result = function(item, *values)
        return [] if result is None else [result]

    return run


def text_of(item: Item, function: str) -> str:
    """The item as text. Raises ExpressionError when it is none."""
    if isinstance(item, str):
        return item
    raise run_error(f"{function}() works on text, found {_kind(item)}", "expression-argument")


def integer_of(item: Item, function: str) -> int:
    """The item as an integer. Raises ExpressionError when it is none."""
    if item.__class__ is int:
        return int(item)
    raise run_error(f"{function}() needs an integer, found {_kind(item)}", "expression-argument")


def _kind(item: Item) -> str:
    return "an element with members" if isinstance(item, dict) else type(item).__name__
