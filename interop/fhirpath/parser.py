"""Reads a FHIRPath expression into its syntax tree by operator precedence."""

from __future__ import annotations

from decimal import Decimal

from interop.fhirpath.lexer import Token, syntax_error, tokens
from interop.fhirpath.quantity import CALENDAR_UNITS, Quantity
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
from interop.fhirpath.temporal import Time, parse_date, parse_datetime, parse_time

# Source: FHIRPath N1 section 6.8, Operator Precedence; a higher number binds tighter.
PRECEDENCE = {
    "implies": 1,
    "or": 2,
    "xor": 2,
    "and": 3,
    "in": 4,
    "contains": 4,
    "=": 5,
    "~": 5,
    "!=": 5,
    "!~": 5,
    "<": 6,
    ">": 6,
    "<=": 6,
    ">=": 6,
    "|": 7,
    "is": 8,
    "as": 8,
    "+": 9,
    "-": 9,
    "&": 9,
    "*": 10,
    "/": 10,
    "div": 10,
    "mod": 10,
}
_MAX_DEPTH = 100


def parse(text: str) -> Syntax:
    """The tree of one expression. Raises ExpressionError ``expression-syntax`` with the column."""
    reader = _Reader(text)
    tree = reader.expression(0)
    if reader.token.kind != "end":
        raise reader.fault(f"unexpected {reader.token.text!r}")
    return tree


class _Reader:
    """One pass over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def fault(self, text: str) -> Exception:
        return syntax_error("expression ends too early" if self.token.kind == "end" else text, self.text, self.token.at)

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def expect(self, sign: str) -> None:
        if not self.sees(sign):
            raise self.fault(f"expected {sign!r}, found {self.token.text!r}")
        self.position += 1

    def sees(self, sign: str) -> bool:
        return self.token.kind == "sign" and self.token.text == sign

    def expression(self, floor: int) -> Syntax:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.fault(f"nested more than {_MAX_DEPTH} levels deep")
        left = self.unary()
        while True:
            token = self.token
            binds = PRECEDENCE.get(token.text, 0) if token.kind in {"sign", "name"} else 0
            if binds <= floor:
                break
            self.take()
            if token.text in {"is", "as"}:
                left = TypeTest(token.text, left, self.type_name(), token.at)
            else:
                left = Binary(token.text, left, self.expression(binds), token.at)
        self.depth -= 1
        return left

    def unary(self) -> Syntax:
        if self.sees("-") or self.sees("+"):
            token = self.take()
            return Unary(token.text, self.expression(PRECEDENCE["*"]), token.at)
        return self.postfix(self.term())

    def postfix(self, target: Syntax) -> Syntax:
        while True:
            if self.sees("."):
                self.take()
                if self.token.kind == "special":
                    raise self.fault(f"${self.token.text} cannot follow a dot")
                target = self.invocation(target)
            elif self.sees("["):
                at = self.take().at
                target = Indexer(target, self.expression(0), at)
                self.expect("]")
            else:
                return target

    def term(self) -> Syntax:
        token = self.token
        if token.kind in {"name", "quoted"} and not (token.kind == "name" and token.text in {"true", "false"}):
            return self.invocation(None)
        if token.kind == "end" or (token.kind == "sign" and token.text not in {"(", "{"}):
            raise self.fault(f"unexpected {token.text!r}")
        self.take()
        match token.kind:
            case "number":
                return Literal(self.number(token), token.at)
            case "string":
                return Literal(token.text, token.at)
            case "name":
                return Literal(token.text == "true", token.at)
            case "moment" | "time":
                return Literal(self.moment(token), token.at)
            case "variable":
                return Variable(token.text, token.at)
            case "special":
                return Special(token.text, token.at)
        if token.text == "{":
            self.expect("}")
            return Empty(token.at)
        inner = self.expression(0)
        self.expect(")")
        return inner

    def number(self, token: Token) -> object:
        value = Decimal(token.text)
        follower = self.token
        if follower.kind == "string":
            self.take()
            return Quantity(value, follower.text)
        if follower.kind == "name" and follower.text in CALENDAR_UNITS:
            self.take()
            return Quantity(value, CALENDAR_UNITS[follower.text], calendar=True)
        return value if "." in token.text else int(token.text)

    def moment(self, token: Token) -> object:
        found: object
        if token.kind == "time":
            found = parse_time(token.text[1:])
        elif "T" in token.text:
            found = parse_datetime(token.text)
        else:
            found = parse_date(token.text)
        if found is None:
            kind = Time.__name__ if token.kind == "time" else "date"
            raise syntax_error(f"{token.text!r} is not a {kind.lower()}", self.text, token.at)
        return found

    def invocation(self, target: Syntax | None) -> Syntax:
        token = self.token
        if token.kind not in {"name", "quoted"}:
            raise self.fault(f"expected a name, found {token.text!r}")
        self.take()
        if not self.sees("("):
            return Member(target, token.text, token.at, token.kind == "quoted")
        self.take()
        arguments: list[Syntax] = []
        while not self.sees(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression(0))
        self.take()
        return Call(target, token.text, tuple(arguments), token.at)

    def type_name(self) -> str:
        """``Patient`` or ``System.String``; a dot belongs to the name, as the grammar says."""
        parts: list[str] = []
        while not parts or self.sees("."):
            if parts:
                self.take()
            if self.token.kind not in {"name", "quoted"}:
                raise self.fault(f"expected a type name, found {self.token.text!r}")
            parts.append(self.take().text)
        return ".".join(parts)
