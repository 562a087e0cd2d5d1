"""The operands of a condition's outermost ``or``: what to ask when the whole has no answer.

``repeats = true or initial.count() <= 1`` is empty where ``repeats`` is absent and there are two initial values:
FHIRPath has three values, HL7's invariants are written with two in mind. An alternative that fails beside others that
say nothing is a failure; where all of them are empty, there is nothing to hold against the data. A negation, as in
``type != 'Extension' or …``, is content with absence: such conditions are left alone.
"""

from __future__ import annotations

from interop.fhirpath import Expression
from interop.fhirpath import compile as compile_expression
from interop.fhirpath.lexer import tokens

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LOOSER = frozenset({"implies", "xor"})
_NEGATIONS = frozenset({"!=", "!~", "not"})


def alternatives(expression: str) -> tuple[Expression, ...]:
    """Each operand compiled; none when the outermost operator is another or something is negated.

    Raises ExpressionError as compiling does.
    """
    depth, begin = 0, 0
    found: list[str] = []
    for token in tokens(expression):
        if token.kind in ("sign", "name") and token.text in _NEGATIONS:
            return ()
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        elif depth or token.kind != "name":
            continue
        elif token.text in _LOOSER:
            return ()
        elif token.text == "or":
            found.append(expression[begin : token.at])
            begin = token.at + len("or")
    return tuple(map(compile_expression, (*found, expression[begin:]))) if found else ()
