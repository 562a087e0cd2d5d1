"""Which parts of an expression give the same result for every element of a loop: they are worked out once."""

from __future__ import annotations

from interop.fhirpath.syntax import Binary, Call, Empty, Indexer, Literal, Member, Special, Syntax, Unary, Variable

_ENVIRONMENT = frozenset({"resource", "rootResource", "context"})
# Functions whose arguments are evaluated for each element of their own focus, never for the outer one.
_LOOPS = frozenset({"where", "select", "all", "exists", "repeat", "ofType", "as", "is"})


def is_constant(tree: Syntax) -> bool:
    """Whether the result depends on ``%resource``, ``%rootResource`` and ``%context`` alone, and costs something."""
    return isinstance(tree, Member | Call | Binary) and _constant(tree) and _has_environment(tree)


def _constant(tree: Syntax) -> bool:
    match tree:
        case Literal() | Empty():
            return True
        case Variable():
            return tree.name in _ENVIRONMENT
        case Member():
            return tree.target is not None and _constant(tree.target)
        case Call():
            inside = tree.name in _LOOPS and all(map(_free_of_outside, tree.arguments))
            return (
                tree.target is not None and _constant(tree.target) and (inside or all(map(_constant, tree.arguments)))
            )
        case Indexer():
            return _constant(tree.target) and _constant(tree.index)
        case Unary():
            return _constant(tree.operand)
        case Binary():
            return _constant(tree.left) and _constant(tree.right)
    return False


def _free_of_outside(tree: Syntax) -> bool:
    """Inside its own loop a part may use ``$this``; ``$index``, ``$total`` and other variables may reach further."""
    match tree:
        case Variable():
            return tree.name in _ENVIRONMENT
        case Special():
            return tree.name == "this"
        case Member():
            return tree.target is None or _free_of_outside(tree.target)
        case Call():
            return (tree.target is None or _free_of_outside(tree.target)) and all(map(_free_of_outside, tree.arguments))
        case Indexer():
            return _free_of_outside(tree.target) and _free_of_outside(tree.index)
        case Unary():
            return _free_of_outside(tree.operand)
        case Binary():
            return _free_of_outside(tree.left) and _free_of_outside(tree.right)
    return isinstance(tree, Literal | Empty)


def _has_environment(tree: Syntax) -> bool:
    while isinstance(tree, Member | Call | Indexer):
        if tree.target is None:
            return False
        tree = tree.target
    if isinstance(tree, Binary):
        return _has_environment(tree.left) or _has_environment(tree.right)
    return isinstance(tree, Variable) and tree.name in _ENVIRONMENT
