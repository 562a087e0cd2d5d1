"""Compiles what stands between two operands (FHIRPath N1 section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from interop.fhirpath.arithmetic import ARITHMETIC, concatenated, negative
from interop.fhirpath.code import BOOLEAN, STRING, Code, Scope, Types, boolean
from interop.fhirpath.constancy import is_constant
from interop.fhirpath.equality import all_equal, all_equivalent, distinct, equal, key
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.ordering import ORDERINGS, order
from interop.fhirpath.runtime import Environment, Run, Truth, singleton
from interop.fhirpath.syntax import Binary, Literal, Syntax, Unary

if TYPE_CHECKING:
    from interop.fhirpath.compiling import Compiling

Builder: TypeAlias = Callable[["Compiling", Binary, Scope], Code]
ANY: Types = frozenset({"System.Any"})


def binary(compiler: Compiling, tree: Binary, scope: Scope, nodes: bool) -> Code:
    """``left sign right``."""
    if tree.sign == "|":
        return union(compiler.code(tree.left, scope, nodes), compiler.code(tree.right, scope, nodes))
    if tree.sign in ARITHMETIC:
        return _arithmetic(compiler, tree, scope)
    if tree.sign in ORDERINGS:
        return _ordering(compiler, tree, scope)
    return BUILDERS[tree.sign](compiler, tree, scope)


def unary(compiler: Compiling, tree: Unary, scope: Scope) -> Code:
    """``-operand``; a plus sign changes nothing."""
    made = compiler.values(tree.operand, scope)
    of, sign = made.run, tree.sign

    def run(this: Item, env: Environment) -> Items:
        item = singleton(of(this, env))
        return [] if item is None else [negative(raw(item), sign)]

    return Code(run, made.types, many=False)


def union(left: Code, right: Code) -> Code:
    """``|`` and ``union()``: each item of both once."""
    ours, theirs = left.run, right.run
    kinds = None if left.types is None or right.types is None else left.types | right.types
    return Code(lambda this, env: distinct([*ours(this, env), *theirs(this, env)]), kinds)


def _arithmetic(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    left, right = compiler.values(tree.left, scope), compiler.values(tree.right, scope)
    calculate, ours, theirs = ARITHMETIC[tree.sign], left.run, right.run

    def run(this: Item, env: Environment) -> Items:
        first, second = singleton(ours(this, env)), singleton(theirs(this, env))
        if first is None or second is None:
            return []
        result = calculate(raw(first), raw(second))
        return [] if result is None else [result]

    integers = left.types == right.types == frozenset({"System.Integer"}) and tree.sign != "/"
    return Code(run, left.types if integers else ANY, many=False)


def _concatenation(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    ours, theirs = compiler.code(tree.left, scope).run, compiler.code(tree.right, scope).run

    def run(this: Item, env: Environment) -> Items:
        return [concatenated(raw(singleton(ours(this, env))), raw(singleton(theirs(this, env))))]

    return Code(run, STRING, many=False)


def _ordering(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    ours, theirs = compiler.values(tree.left, scope).run, compiler.values(tree.right, scope).run
    holds, sign = ORDERINGS[tree.sign], tree.sign

    def answer(this: Item, env: Environment) -> bool | None:
        first, second = singleton(ours(this, env)), singleton(theirs(this, env))
        if first is None or second is None:
            return None
        found = order(raw(first), raw(second), sign)
        return None if found is None else holds(found)

    return boolean(answer)


def _comparands(compiler: Compiling, tree: Binary, scope: Scope) -> tuple[Run, Run]:
    """Both sides of an equality; JSON values as they are when one side rules out dates and quantities."""
    left, right = compiler.code(tree.left, scope), compiler.code(tree.right, scope)
    if left.plain or right.plain:
        return left.run, right.run
    return compiler.values(tree.left, scope).run, compiler.values(tree.right, scope).run


def _equality(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    if isinstance(tree.right, Literal) and tree.right.value.__class__ in (str, bool, int):
        return boolean(_equal_to(compiler.code(tree.left, scope).run, tree.right.value))
    left, right = compiler.code(tree.left, scope), compiler.code(tree.right, scope)
    if left.truth is not None and right.truth is not None:
        return boolean(_same_truth(left.truth, right.truth))
    ours, theirs = _comparands(compiler, tree, scope)
    return boolean(lambda this, env: all_equal(ours(this, env), theirs(this, env)))


def _equal_to(of: Run, literal: Item) -> Truth:
    kind = literal.__class__

    def answer(this: Item, env: Environment) -> bool | None:
        items = of(this, env)
        if not items:
            return None
        if len(items) != 1:
            return False
        found = items[0]
        return bool(found == literal) if found.__class__ is kind else equal(found, literal)

    return answer


def _same_truth(left: Truth, right: Truth) -> Truth:
    def answer(this: Item, env: Environment) -> bool | None:
        ours, theirs = left(this, env), right(this, env)
        return None if ours is None or theirs is None else ours is theirs

    return answer


def _inequality(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    return _negated(_equality(compiler, tree, scope))


def _equivalence(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    ours, theirs = compiler.values(tree.left, scope).run, compiler.values(tree.right, scope).run
    return boolean(lambda this, env: all_equivalent(ours(this, env), theirs(this, env)))


def _nonequivalence(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    return _negated(_equivalence(compiler, tree, scope))


def _negated(made: Code) -> Code:
    of = made.truth

    def answer(this: Item, env: Environment) -> bool | None:
        found = of(this, env) if of is not None else None
        return None if found is None else not found

    return boolean(answer)


def _and(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    left, right = compiler.truth(tree.left, scope), compiler.truth(tree.right, scope)

    def answer(this: Item, env: Environment) -> bool | None:
        ours = left(this, env)
        if ours is False:
            return False
        theirs = right(this, env)
        return False if theirs is False else None if ours is None or theirs is None else True

    return boolean(answer)


def _or(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    left, right = compiler.truth(tree.left, scope), compiler.truth(tree.right, scope)

    def answer(this: Item, env: Environment) -> bool | None:
        ours = left(this, env)
        if ours:
            return True
        theirs = right(this, env)
        return True if theirs else None if ours is None or theirs is None else False

    return boolean(answer)


def _xor(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    left, right = compiler.truth(tree.left, scope), compiler.truth(tree.right, scope)

    def answer(this: Item, env: Environment) -> bool | None:
        ours, theirs = left(this, env), right(this, env)
        return None if ours is None or theirs is None else ours is not theirs

    return boolean(answer)


def _implies(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    left, right = compiler.truth(tree.left, scope), compiler.truth(tree.right, scope)

    def answer(this: Item, env: Environment) -> bool | None:
        ours = left(this, env)
        if ours is False:
            return True
        theirs = right(this, env)
        return theirs if ours or theirs else None

    return boolean(answer)


def _membership(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    return _is_in(compiler, tree.left, tree.right, scope)


def _containment(compiler: Compiling, tree: Binary, scope: Scope) -> Code:
    return _is_in(compiler, tree.right, tree.left, scope)


def _is_in(compiler: Compiling, item: Syntax, collection: Syntax, scope: Scope) -> Code:
    pair = Binary("in", item, collection, item.at)
    one, many = _comparands(compiler, pair, scope)
    if isinstance(collection, Binary) and _all_strings(collection):
        words = frozenset(many(None, None))  # type: ignore[arg-type]  # literals look at neither argument
        return boolean(_among(one, words))
    # The same collection for every element of a loop is searched as a set, not again and again as a list.
    mark = object() if scope.inner and is_constant(collection) else None

    def answer(this: Item, env: Environment) -> bool | None:
        wanted = singleton(one(this, env))
        if wanted is None:
            return None
        items = many(this, env)
        if mark is not None:
            return key(wanted) in _keys(env, mark, items)
        return any(equal(wanted, found) for found in items)

    return Code(boolean(answer).run, BOOLEAN, many=False, truth=answer)


def _among(one: Run, words: frozenset[str]) -> Truth:
    def answer(this: Item, env: Environment) -> bool | None:
        wanted = singleton(one(this, env))
        return None if wanted is None else raw(wanted) in words

    return answer


def _all_strings(tree: Syntax) -> bool:
    if isinstance(tree, Binary):
        return tree.sign == "|" and _all_strings(tree.left) and _all_strings(tree.right)
    return isinstance(tree, Literal) and isinstance(tree.value, str)


def _keys(env: Environment, mark: object, items: Items) -> set[object]:
    found = env.memo.get(mark)
    if not isinstance(found, set):
        found = env.memo[mark] = {key(item) for item in items}
    return found


BUILDERS: dict[str, Builder] = {
    "&": _concatenation,
    "=": _equality,
    "!=": _inequality,
    "~": _equivalence,
    "!~": _nonequivalence,
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
    "in": _membership,
    "contains": _containment,
}
