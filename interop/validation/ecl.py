"""The grammar of SNOMED CT's expression constraints: whether a text is one. What it means is for a server to say.

Source: SNOMED International, Expression Constraint Language 2.2, brief syntax.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(
    r"\s+|/\*.*?\*/"  # white space, comments: skipped
    r"|(?P<filter>\{\{.*?\}\})"
    r"|(?P<term>\|[^|]*\|)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>#[+-]?\d+(?:\.\d+)?)"
    r"|(?P<id>\d{6,18})"
    r"|(?P<count>\[\s*\d+\s*\.\.\s*(?:\d+|\*)\s*\])"
    r"|(?P<up><<!|>>!|<!|>!|!!<|!!>)"
    r"|(?P<compare>!=|<=|>=|=)"
    r"|(?P<prefix><<|>>|<|>)"
    r"|(?P<word>[A-Za-z][A-Za-z0-9_-]*)"
    r"|(?P<sign>[(){}\[\]:,.^*])",
    re.DOTALL,
)
_JOINS = frozenset({"AND", "OR", "MINUS"})
_RELATIONS = frozenset(
    f"{kin}{also}of" for kin in ("descendant", "child", "ancestor", "parent") for also in ("", "orself")
)
_MEMBER, _ANY = frozenset({"memberof"}), frozenset({"any"})
_DEEPEST = 50


@lru_cache(maxsize=1024)
def ecl_fault(text: str) -> str | None:
    """Why a text is no expression constraint; None when it is one."""
    try:
        reader = _Reader(text)
        reader.expression(0)
        reader.finish()
    except ValueError as fault:
        return str(fault)
    return None


class _Reader:
    """Recursive descent over the tokens. Raises ValueError at the first one that does not fit."""

    def __init__(self, text: str):
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise ValueError(f"nothing begins with {text[place : place + 12]!r} at character {place + 1}")
            if found.lastgroup is not None:
                self._tokens.append((found.lastgroup, found.group()))
            place = found.end()

    def expression(self, depth: int) -> None:
        """Operands joined by one kind of word, or refined after ``:``, or followed by attributes after ``.``."""
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        self._operand(depth)
        if self._take("sign", ":"):
            self._refinement(depth)
            return
        while self._take("sign", "."):
            self._operand(depth)
        join = self._join()
        first = join
        while join is not None:
            if join != first:
                raise ValueError(f"{first} and {join} stand side by side without brackets")
            self._operand(depth)
            join = self._join()

    def finish(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][1]!r} has no place there")

    def _operand(self, depth: int) -> None:
        _ = self._take("prefix") or self._take("up") or self._long_form(_RELATIONS)
        member = self._take("sign", "^") or self._long_form(_MEMBER)
        if member and self._take("sign", "["):
            while not self._take("sign", "]"):
                self._advance()
        if self._take("sign", "("):
            self.expression(depth + 1)
            self._need("sign", ")")
        elif self._take("id"):
            self._take("term")
        elif not self._take("sign", "*") and not self._long_form(_ANY):
            raise ValueError(f"a concept is wanted {self._here()}")
        while self._take("filter"):
            pass

    def _refinement(self, depth: int) -> None:
        self._attribute_or_group(depth)
        while self._take("sign", ",") or self._join() is not None:
            self._attribute_or_group(depth)

    def _attribute_or_group(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        self._take("count")
        if self._take("sign", "{"):
            self._refinement(depth + 1)
            self._need("sign", "}")
        elif self._peek() == ("sign", "(") and self._bracketed_refinement():
            self._take("sign", "(")
            self._refinement(depth + 1)
            self._need("sign", ")")
        else:
            self._attribute(depth)

    def _bracketed_refinement(self) -> bool:
        """Whether the bracket here holds attributes, not the name of one."""
        start, depth = self._at, 0
        for kind, text in self._tokens[start:]:
            depth += (text == "(") - (text == ")")
            if kind == "compare":
                return depth > 0
            if depth == 0:
                return False
        return False

    def _attribute(self, depth: int) -> None:
        self._take("word", "R")
        self._operand(depth + 1)
        self._need("compare")
        if self._take("text") or self._take("number") or self._take("word", "true") or self._take("word", "false"):
            return
        if self._peek() == ("sign", "(") and self._next_kind() == "text":
            while not self._take("sign", ")"):
                self._advance()
            return
        self._operand(depth + 1)

    def _long_form(self, words: frozenset[str]) -> bool:
        kind, text = self._peek()
        return kind == "word" and text.lower() in words and self._take("word")

    def _join(self) -> str | None:
        if self._take("sign", ","):
            return "AND"
        kind, text = self._peek()
        if kind == "word" and text.upper() in _JOINS:
            self._at += 1
            return text.upper()
        return None

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next_kind(self) -> str:
        return self._tokens[self._at + 1][0] if self._at + 1 < len(self._tokens) else "end"

    def _advance(self) -> None:
        if self._at >= len(self._tokens):
            raise ValueError("it ends too soon")
        self._at += 1

    def _take(self, kind: str, text: str | None = None) -> bool:
        found = self._peek()
        if found[0] != kind or (text is not None and found[1] != text):
            return False
        self._at += 1
        return True

    def _need(self, kind: str, text: str | None = None) -> None:
        if not self._take(kind, text):
            raise ValueError(f"{text or kind} is wanted {self._here()}")

    def _here(self) -> str:
        kind, text = self._peek()
        return "at the end" if kind == "end" else f"before {text!r}"
