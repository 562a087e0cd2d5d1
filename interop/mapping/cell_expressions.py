"""FHIRPath over the cells of one row, as plain Python: what computed texts use, ten times as fast.

``of`` gives a function for an expression made of cells, texts, ``&``, comparisons, ``and``/``or``, ``iif`` and a few
string functions; None for any other, which the FHIRPath room runs. A row with a cell that is no text is the room's
too. The answers are the room's own: the tests run both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interop.fhirpath.navigation import CHOICES
from interop.fhirpath.parser import parse
from interop.fhirpath.syntax import Binary, Call, Literal, Member, Syntax
from interop.json_codec import Json, JsonObject

Text = Callable[[JsonObject], str | None]
Truth = Callable[[JsonObject], bool | None]


class NotPlainError(Exception):
    """The row has something else than text where the expression looks."""


@dataclass(frozen=True, slots=True)
class CellExpression:
    """One expression ready to run: ``text`` or ``truth`` is set, as it gives one or the other."""

    text: Text | None = None
    truth: Truth | None = None

    def value(self, row: Json) -> str | bool | None:
        """The result. Raises NotPlainError."""
        if row.__class__ is not dict:
            raise NotPlainError
        run = self.text or self.truth
        return run(row) if run is not None else None


def of(expression: str) -> CellExpression | None:
    """The expression as Python, or None when it says more than this module knows."""
    made = _code(parse(expression))
    return made if made is not None and (made.text or made.truth) else None


def _code(tree: Syntax) -> CellExpression | None:
    if isinstance(tree, Literal):
        value = tree.value
        return CellExpression(text=lambda row: value) if isinstance(value, str) else None
    if isinstance(tree, Member):
        names = _names(tree)
        return CellExpression(text=_cell(names)) if names else None
    if isinstance(tree, Binary):
        return _binary(tree)
    return _call(tree) if isinstance(tree, Call) else None


def _names(tree: Syntax) -> tuple[str, ...]:
    """``assessment.cpr.decision`` as its names; () for anything else."""
    if not isinstance(tree, Member) or tree.name in CHOICES:
        return ()  # the room looks for some names by their start too (``value`` for ``valueString``)
    if tree.target is None:
        return (tree.name,)
    before = _names(tree.target)
    return (*before, tree.name) if before else ()


def _reach(row: JsonObject, names: tuple[str, ...]) -> Json:
    node: Json = row
    for name in names:
        if node is None:
            return None
        if node.__class__ is not dict:
            raise NotPlainError
        node = node.get(name)
    return node


def _filled(node: Json) -> bool:
    """Whether anything is left of a node once empty cells count as absent."""
    if isinstance(node, str):
        return node.strip() != ""
    if isinstance(node, dict):
        return any(_filled(child) for child in node.values())
    if isinstance(node, list):
        return any(_filled(child) for child in node)
    return node is not None


def _cell(names: tuple[str, ...]) -> Text:
    def cell(row: JsonObject) -> str | None:
        value = _reach(row, names)
        if value.__class__ is str:
            return value.strip() or None
        if value is None:
            return None
        raise NotPlainError

    return cell


def _binary(tree: Binary) -> CellExpression | None:
    left, right = _code(tree.left), _code(tree.right)
    if left is None or right is None:
        return None
    if left.text is not None and right.text is not None:
        one, other = left.text, right.text
        if tree.sign == "&":
            return CellExpression(text=lambda row: (one(row) or "") + (other(row) or ""))
        if tree.sign in ("=", "!="):
            return CellExpression(truth=_compared(one, other, equal=tree.sign == "="))
    if left.truth is not None and right.truth is not None and tree.sign in ("and", "or"):
        return CellExpression(truth=_joined(left.truth, right.truth, wins=tree.sign == "or"))
    return None


def _compared(one: Text, other: Text, *, equal: bool) -> Truth:
    def compared(row: JsonObject) -> bool | None:
        left, right = one(row), other(row)
        return None if left is None or right is None else (left == right) is equal

    return compared


def _joined(one: Truth, other: Truth, *, wins: bool) -> Truth:
    """Three-valued ``or`` (a true wins) and ``and`` (a false wins)."""

    def joined(row: JsonObject) -> bool | None:
        left = one(row)
        if left is wins:
            return wins
        right = other(row)
        return wins if right is wins else None if left is None or right is None else not wins

    return joined


def _call(tree: Call) -> CellExpression | None:
    if tree.name == "iif" and tree.target is None and len(tree.arguments) in (2, 3):
        return _iif([_code(argument) for argument in tree.arguments])
    if tree.name in ("exists", "empty") and not tree.arguments and tree.target is not None:
        names, wanted = _names(tree.target), tree.name == "exists"
        if names:
            return CellExpression(truth=lambda row: _filled(_reach(row, names)) is wanted)
    of_what = _code(tree.target) if tree.target is not None else None
    if of_what is None:
        return None
    if of_what.truth is not None:
        truth = of_what.truth
        if tree.name == "not" and not tree.arguments:
            return CellExpression(truth=lambda row: None if (found := truth(row)) is None else not found)
        return None
    text = of_what.text
    if text is None:
        return None
    if tree.name == "substring":
        return _substring(text, tree.arguments)
    if tree.arguments:
        return None
    simple: dict[str, CellExpression] = {
        "exists": CellExpression(truth=lambda row: text(row) is not None),
        "empty": CellExpression(truth=lambda row: text(row) is None),
        "lower": CellExpression(text=lambda row: None if (found := text(row)) is None else found.lower()),
        "upper": CellExpression(text=lambda row: None if (found := text(row)) is None else found.upper()),
    }
    return simple.get(tree.name)


def _iif(parts: list[CellExpression | None]) -> CellExpression | None:
    test = parts[0].truth if parts[0] is not None else None
    texts = [part.text for part in parts[1:] if part is not None]
    if test is None or len(texts) < len(parts) - 1:
        return None
    then, otherwise = texts[0], texts[1] if len(texts) > 1 else None
    if then is None or (len(texts) > 1 and otherwise is None):
        return None

    def chosen(row: JsonObject) -> str | None:
        if test(row):
            return then(row)
        return otherwise(row) if otherwise is not None else None

    return CellExpression(text=chosen)


def _substring(text: Text, arguments: tuple[Syntax, ...]) -> CellExpression | None:
    numbers = [argument.value for argument in arguments if isinstance(argument, Literal)]
    if (
        len(numbers) != len(arguments) or not 1 <= len(numbers) <= 2 or not all(type(n) is int for n in numbers)
    ):  # start, length
        return None
    start, *rest = (int(str(number)) for number in numbers)
    if any(length <= 0 for length in rest):
        return None

    def piece(row: JsonObject) -> str | None:
        found = text(row)
        if found is None or not 0 <= start < len(found):
            return None
        return found[start : start + rest[0]] if rest else found[start:]

    return CellExpression(text=piece)
