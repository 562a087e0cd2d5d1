"""The words of a mapping in the words of StructureMap: source names, conditions and transforms as FHIRPath."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interop.json_codec import Json
from interop.mapping.conditions import ConditionTable, ExpressionCondition, Line
from interop.mapping.dates import NAMED
from interop.mapping.paths import SourceExpression, Steps, Where
from interop.mapping.plan import Condition
from interop.mapping.transforms import NO, YES


class Unsaid(Exception):  # noqa: N818  an answer: it has no words in StructureMap
    """Something StructureMap has no words for; the text says what."""


@dataclass(frozen=True, slots=True)
class Names:
    """Source fields as element names of a logical model, which may hold no blanks and signs."""

    hl7: bool

    def elements(self, steps: Steps) -> tuple[str, ...] | None:
        """The names to go through, one after the other; None where a step is no plain name."""
        if self.hl7:
            return self._hl7(steps)
        return tuple(element(step) for step in steps if isinstance(step, str)) if _plain(steps) else None

    def path(self, steps: Steps) -> str:
        """The same as FHIRPath from the node it starts at; ``$this`` for the node itself."""
        if self.hl7:
            names = self._hl7(steps)
            if names is None:
                raise Unsaid("a segment or repetition is chosen by its value")
            return ".".join(map(quoted, names)) or "$this"
        text = ""
        for step in steps:
            if isinstance(step, str):
                text += f".{quoted(element(step))}"
            elif isinstance(step, int):
                text += f"[{step}]"
            else:
                text += f".where({self.path(step.path)} = {literal(step.value)}).first()"
        return text.removeprefix(".") or "$this"

    @staticmethod
    def _hl7(steps: Steps) -> tuple[str, ...] | None:
        """``("PID", 0, "5", 0, 1, 0)`` as PID, PID-5, PID-5-2: first segment and repetition only."""
        if any(isinstance(step, Where) for step in steps) or not steps or not isinstance(steps[0], str):
            return None
        segment, rest = str(steps[0]), steps[1:]
        if segment.isdigit():
            return None
        fields = [step for step in rest if isinstance(step, str)]
        if not fields:
            return (segment,) if not any(rest) else None
        before, after = rest[: rest.index(fields[0])], rest[rest.index(fields[0]) + 1 :]
        if any(before) or (after and after[0] != 0):
            return None
        numbers = [int(step) + 1 for step in after[1:] if isinstance(step, int)]
        while len(numbers) > 1 and numbers[-1] == 1:
            numbers.pop()
        name = f"{segment}-{fields[0]}"
        return (segment, name, *(("-".join([name, *map(str, numbers)]),) if numbers else ()))


def _plain(steps: Steps) -> bool:
    return all(isinstance(step, str) for step in steps)


def element(name: str) -> str:
    """A column as an element name: letters, digits and ``-``, begun with a letter."""
    words = re.findall(r"[^\W_]+", name)
    joined = "".join(word if number == 0 else word[:1].upper() + word[1:] for number, word in enumerate(words))
    return joined if joined[:1].isalpha() else f"n{joined}"


def quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f"`{name}`"


def literal(value: Json) -> str:
    """A value as a FHIRPath literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{text}'"


def said(condition: Condition | None, names: Names) -> str | None:
    """A ``when`` as FHIRPath over its row. Raises Unsaid."""
    if condition is None:
        return None
    if isinstance(condition, ConditionTable):
        return " and ".join(_line(line, names) for line in condition.lines)
    if isinstance(condition, ExpressionCondition):
        if "record" in condition.names:
            raise Unsaid("its condition looks at the whole record (%record) from inside a row")
        text = condition.expression.text
        return re.sub(r"`([^`]+)`", lambda found: quoted(element(found[1])), text)
    raise Unsaid("its condition is of a kind this export does not know")


def _line(line: Line, names: Names) -> str:
    if line.source.absolute:
        raise Unsaid("its condition looks at the whole record from inside a row")
    path = names.path(line.source.steps)
    if line.wanted is None:
        return f"{path}.exists().not()" if line.negate else f"{path}.exists()"
    wanted = " | ".join(literal(word) for word in sorted(line.wanted))
    test = f"({path}.toString().trim().lower() in ({wanted}))"
    return f"{test}.not()" if line.negate else test


def combined(conditions: Iterable[str | None]) -> str | None:
    """All of them must hold."""
    parts = [part for part in conditions if part]
    return None if not parts else parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def exists(sources: Iterable[SourceExpression], names: Names) -> str | None:
    """At least one of the sources holds something; None when that cannot be asked from this row."""
    try:
        paths = [names.path(source.steps) for source in sources if not source.variable and not source.absolute]
    except Unsaid:
        return None
    return " or ".join(f"{path}.exists()" for path in dict.fromkeys(paths)) or None


# -- transforms --------------------------------------------------------------------------------------------------------

_FIELDS = re.compile(r"yyyy|MM|dd|HH|mm|ss|[^A-Za-z]")


def transformed(path: str, calls: Iterable[tuple[str, Json]]) -> tuple[str, list[str]]:
    """A source path taken through transforms, and the checks that are lost on the way. Raises Unsaid."""
    lost: list[str] = []
    for name, argument in calls:
        path = _call(path, name, argument, lost)
    return path, lost


_SIMPLE = {
    "text": "{}.trim()",
    "trim": "{}.trim()",
    "phone": "{}.trim()",
    "upper": "{}.upper()",
    "lower": "{}.lower()",
    "ods-code": "{}.trim().upper()",
    "postcode": "{}.trim().upper()",
    "nhs-number": "{}.replace(' ', '').replace('-', '')",
    "base64": "{}.encode('base64')",
    "integer": "{}.toInteger()",
}
_UNCHECKED = {
    "ods-code": "the ODS code is not checked",
    "postcode": "the postcode is not checked",
    "nhs-number": "the check digit of the NHS number is not checked",
    "phone": "the phone number is not checked",
}


def _call(path: str, name: str, argument: Json, lost: list[str]) -> str:
    if name in _UNCHECKED:
        lost.append(_UNCHECKED[name])
    if name in _SIMPLE:
        return _SIMPLE[name].format(path)
    if name == "prefix":
        return f"{literal(argument)} & {path}"
    if name in ("split", "lines"):
        separator = argument if isinstance(argument, str) else ","
        return f"{path}.split({literal(separator)}).select($this.trim())"
    if name == "join":
        return f"{path}.join({literal(argument)})"
    if name == "boolean":
        return _boolean(path, argument)
    if name == "number" and argument is None:
        return f"{path}.toDecimal()"
    if name == "date":
        return _date(path, argument)
    if name == "time" and argument in (None, "HH:mm"):
        return f"{path} & ':00'"
    return _unsaid(name, argument)


def _unsaid(name: str, argument: Json) -> str:
    told = "" if argument is None else f" {argument}"
    why = {"datetime": "times in a time zone", "xhtml": "narrative"}.get(name, "this transform")
    raise Unsaid(f"transform {name}{told}: {why} cannot be expressed")


def _boolean(path: str, argument: Json) -> str:
    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO
    if isinstance(argument, dict):
        lists = [value if isinstance(value, list) else [value] for value in (argument["true"], argument["false"])]
        yes, no = (tuple(str(word).casefold() for word in words) for words in lists)
    answers = [" | ".join(literal(word) for word in words) for words in (yes, no)]
    word = f"{path}.toString().trim().lower()"
    return f"iif({word} in ({answers[0]}), true, iif({word} in ({answers[1]}), false, {{}}))"


def _date(path: str, argument: Json) -> str:
    """Formats of fixed width, by the place of their digits; of several, the one whose digits and signs are there."""
    formats = [NAMED.get(one, one) if isinstance(one, str) else one for one in _listed(argument)]
    if len(formats) == 1:
        return _digits(path, formats[0])
    text = "{}"
    for one in reversed(formats):
        text = f"iif({path}.matches({literal(_shape(one))}), {_digits(path, one)}, {text})"
    return text


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _places(pattern: Json) -> dict[str, int]:
    """Where each part of a date stands: ``{"dd": 0, "MM": 3, "yyyy": 6}``. Raises Unsaid."""
    at: dict[str, int] = {}
    place = 0
    if isinstance(pattern, str) and pattern != "hl7":
        for found in _FIELDS.finditer("yyyy-MM-dd" if pattern == "iso" else pattern):
            if found.start() != place:
                break
            at[found[0]] = place
            place = found.end()
    whole = isinstance(pattern, str) and place == len("yyyy-MM-dd" if pattern == "iso" else pattern)
    if not whole or "yyyy" not in at:
        raise Unsaid(f"transform date {pattern}: only digits at fixed places can be expressed")
    return at


def _digits(path: str, pattern: Json) -> str:
    at = _places(pattern)
    parts = [f"{path}.substring({at[part]}, {len(part)})" for part in ("yyyy", "MM", "dd") if part in at]
    return " & '-' & ".join(parts)


def _shape(pattern: Json) -> str:
    """The format as a regular expression."""
    _places(pattern)
    text = "yyyy-MM-dd" if pattern == "iso" else str(pattern)
    parts = _FIELDS.findall(text)
    return "^" + "".join(f"[0-9]{{{len(part)}}}" if part.isalpha() else re.escape(part) for part in parts) + "$"
