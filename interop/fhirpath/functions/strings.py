"""Working with text (FHIRPath N1 section 5.6; encode, escape, trim, split and join from the 2.1 draft)."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import cast

from interop.fhirpath.code import BOOLEAN, INTEGER, STRING, Code
from interop.fhirpath.functions.invocation import Family, Invocation, in_family, integer_of, on_one, text_of
from interop.fhirpath.node import Item, Items, raw
from interop.fhirpath.runtime import Environment, run_error, singleton

FUNCTIONS: Family = {}
_ONE = (1, 1)
_TWO = (2, 2)


@lru_cache(maxsize=1024)
def pattern(expression: str) -> re.Pattern[str]:
    """A regular expression; ``.`` also means a line break. Raises ExpressionError for one that cannot be read."""
    try:
        return re.compile(_as_python(expression), re.DOTALL)
    except (re.error, OverflowError) as fault:
        raise run_error(f"{expression!r} is not a regular expression: {fault}", "expression-argument") from None


def _as_python(expression: str) -> str:
    """Java's named groups and Unicode classes as Python writes them."""
    named = re.sub(r"\(\?<(?![=!])", "(?P<", expression)
    return named.replace(r"\p{L}", r"[^\W\d_]").replace(r"\p{N}", r"\d")


def _tests(name: str, holds: Callable[[str, str], bool]) -> None:
    def function(item: Item, part: Item) -> bool:
        return holds(text_of(item, name), text_of(part, name))

    FUNCTIONS[name] = on_one(name, function, BOOLEAN, _ONE)


def _texts(name: str, made: Callable[[str], str]) -> None:
    FUNCTIONS[name] = on_one(name, lambda item: made(text_of(item, name)), STRING)


_tests("startsWith", lambda text, part: text.startswith(part))
_tests("endsWith", lambda text, part: text.endswith(part))
_tests("contains", lambda text, part: part in text)
_tests("matches", lambda text, part: pattern(part).search(text) is not None)
_tests("matchesFull", lambda text, part: pattern(part).fullmatch(text) is not None)
_texts("upper", str.upper)
_texts("lower", str.lower)
_texts("trim", str.strip)


def _index_of(item: Item, part: Item) -> int:
    return text_of(item, "indexOf").find(text_of(part, "indexOf"))


def _last_index_of(item: Item, part: Item) -> int:
    return text_of(item, "lastIndexOf").rfind(text_of(part, "lastIndexOf"))


def _length(item: Item) -> int:
    return len(text_of(item, "length"))


def _replace(item: Item, old: Item, new: Item) -> str:
    return text_of(item, "replace").replace(text_of(old, "replace"), text_of(new, "replace"))


def _replace_matches(item: Item, old: Item, new: Item) -> str:
    text, expression = text_of(item, "replaceMatches"), text_of(old, "replaceMatches")
    if not expression:
        return text
    # $1 and ${name} are the groups of the match; a backslash stands for itself unless it escapes a dollar.
    template = text_of(new, "replaceMatches")

    def filled(match: re.Match[str]) -> str:
        return re.sub(r"\\(\$)|\$(\d)|\$\{(\w+)\}", lambda mark: _group(match, mark), template)

    return pattern(expression).sub(filled, text)


def _group(match: re.Match[str], mark: re.Match[str]) -> str:
    if mark[1]:
        return mark[1]
    try:
        return match[int(mark[2])] or "" if mark[2] else match[mark[3]] or ""
    except IndexError:
        raise run_error(f"replaceMatches() names a group {mark[0]} that the expression does not have") from None


FUNCTIONS["indexOf"] = on_one("indexOf", _index_of, INTEGER, _ONE)
FUNCTIONS["lastIndexOf"] = on_one("lastIndexOf", _last_index_of, INTEGER, _ONE)
FUNCTIONS["length"] = on_one("length", _length, INTEGER)
FUNCTIONS["replace"] = on_one("replace", _replace, STRING, _TWO)
FUNCTIONS["replaceMatches"] = on_one("replaceMatches", _replace_matches, STRING, _TWO)


@in_family(FUNCTIONS, "substring")
def substring(call: Invocation) -> Code:
    """From a 0-based start, to the end or a length; nothing when the start is outside the text."""
    call.wants(1, 2)
    of, start = call.focus(nodes=False).run, call.argument(0).run
    length = call.argument(1).run if len(call.arguments) > 1 else None

    def run(this: Item, env: Environment) -> Items:
        item, first = raw(singleton(of(this, env))), raw(singleton(start(this, env)))
        if item is None or first is None:
            return []
        text, first = text_of(item, "substring"), integer_of(first, "substring")
        number = raw(singleton(length(this, env))) if length is not None else None
        if not 0 <= first < len(text):
            return []
        return [text[first:] if number is None else text[first : first + max(0, integer_of(number, "substring"))]]

    return Code(run, STRING, many=False)


def _characters(item: Item) -> list[str]:
    return list(text_of(item, "toChars"))


@in_family(FUNCTIONS, "toChars")
def to_chars(call: Invocation) -> Code:
    call.wants(0)
    of = call.focus(nodes=False).run

    def run(this: Item, env: Environment) -> Items:
        item = raw(singleton(of(this, env)))
        return [] if item is None else _characters(item)

    return Code(run, STRING)


@in_family(FUNCTIONS, "split")
def split(call: Invocation) -> Code:
    call.wants(1)
    of, separator = call.focus(nodes=False).run, call.argument(0).run

    def run(this: Item, env: Environment) -> Items:
        item, mark = raw(singleton(of(this, env))), raw(singleton(separator(this, env)))
        if item is None or mark is None:
            return []
        text, mark = text_of(item, "split"), text_of(mark, "split")
        return cast(Items, text.split(mark)) if mark else _characters(text)

    return Code(run, STRING)


@in_family(FUNCTIONS, "join")
def join(call: Invocation) -> Code:
    call.wants(0, 1)
    of = call.focus(nodes=False).run
    separator = call.argument(0).run if call.arguments else None

    def run(this: Item, env: Environment) -> Items:
        texts = [text_of(raw(item), "join") for item in of(this, env) if raw(item) is not None]
        mark = raw(singleton(separator(this, env))) if separator is not None else ""
        return [] if not texts else [text_of("" if mark is None else mark, "join").join(texts)]

    return Code(run, STRING, many=False)


def _encode(item: Item, form: Item) -> str | None:
    data = text_of(item, "encode").encode()
    match form:
        case "hex":
            return data.hex()
        case "base64":
            return base64.b64encode(data).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(data).decode()
    return None


def _decode(item: Item, form: Item) -> str | None:
    text = text_of(item, "decode")
    try:
        match form:
            case "hex":
                return bytes.fromhex(text).decode()
            case "base64":
                return base64.b64decode(text, validate=True).decode()
            case "urlbase64":
                return base64.urlsafe_b64decode(text).decode()
    except (ValueError, binascii.Error):
        raise run_error(f"this text is not {form}", "expression-argument") from None
    return None


def _escape(item: Item, form: Item) -> str | None:
    text = text_of(item, "escape")
    match form:
        case "html":
            return html.escape(text)
        case "json":
            return json.dumps(text, ensure_ascii=False)[1:-1]
    return None


def _unescape(item: Item, form: Item) -> str | None:
    text = text_of(item, "unescape")
    match form:
        case "html":
            return html.unescape(text)
        case "json":
            try:
                return str(json.loads(f'"{text}"'))
            except ValueError:
                raise run_error("this text is not escaped JSON", "expression-argument") from None
    return None


FUNCTIONS["encode"] = on_one("encode", _encode, STRING, _ONE)
FUNCTIONS["decode"] = on_one("decode", _decode, STRING, _ONE)
FUNCTIONS["escape"] = on_one("escape", _escape, STRING, _ONE)
FUNCTIONS["unescape"] = on_one("unescape", _unescape, STRING, _ONE)
