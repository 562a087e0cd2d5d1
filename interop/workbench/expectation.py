"""What a case expects of one record: values by FHIRPath, findings, values that come back; and drafts of such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from interop.bundle import entries
from interop.definitions import Definitions
from interop.errors import ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject, dumps
from interop.mapping import Mapped, Mapping
from interop.mapping.paths import PathError, SourceExpression, fetch, read_hl7_path, read_source_path
from interop.outcome import Issue, Outcome, Severity
from interop.sources import Format
from interop.workbench.lineage import Made, made_by

MATTERS = (Severity.FATAL, Severity.ERROR, Severity.WARNING)
"""Findings of these severities must be expected; information may come and go."""

Judge: TypeAlias = Callable[[JsonObject], Outcome]
"""A validator: a Bundle to its findings."""

_FIRST_NAME = re.compile(r"\s*([A-Z][A-Za-z]+)\b")


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met. ``what``: the expression, the finding, the local field."""

    record: str
    what: str
    expected: Json
    found: Json

    def as_json(self) -> JsonObject:
        return {"record": self.record, "what": self.what, "expected": self.expected, "found": self.found}


def value_of(expression: str, bundle: JsonObject) -> Json:
    """What a FHIRPath expression gives: a plain value, a list of several, None for nothing.

    One that begins with a resource type (``Patient.birthDate``) is asked of every resource of that type, others of
    the Bundle. Raises ExpressionError.
    """
    compiled = compile_expression(expression)
    start = _FIRST_NAME.match(expression)
    kind = start[1] if start else ""
    if kind != "Bundle" and Definitions.core().is_resource_type(kind):
        found = [
            item for entry in entries(bundle) if entry.type == kind
            for item in compiled.evaluate(entry.resource, resource=entry.resource, root=bundle)
        ]  # fmt: skip
    else:
        found = compiled.evaluate(bundle, resource=bundle, root=bundle)
    plain = [_plain(item) for item in found]
    return None if not plain else plain[0] if len(plain) == 1 else plain


def _plain(item: Json) -> Json:
    """A FHIRPath result as JSON; dates and quantities as their text."""
    return item if item is None or isinstance(item, dict | list | str | bool | int | Decimal) else str(item)


def same(expected: Json, found: Json) -> bool:
    """Alike as JSON, to the last digit; a list of one is its item, an empty list is nothing."""
    return dumps(_single(expected)) == dumps(_single(found))


def _single(value: Json) -> Json:
    if isinstance(value, list):
        return None if not value else value[0] if len(value) == 1 else value
    return value


def failures_of(
    record: str, expected: JsonObject, mapped: Mapped, mapping: Mapping, judge: Judge | None = None
) -> Iterator[Failure]:
    """Every expectation of a record that is not met."""
    bundle = mapped.bundle()
    for expression, wanted in (expected.get("values") or {}).items():
        try:
            found = value_of(expression, bundle)
        except ExpressionError as error:
            yield Failure(record, expression, wanted, f"cannot be asked: {error}")
            continue
        if not same(wanted, found):
            yield Failure(record, expression, wanted, found)
    yield from issue_failures(record, expected.get("issues") or [], mapped.issues)
    if "valid" in expected:
        yield from _validity(record, bundle, judge, wanted=expected["valid"] is True)
    back = expected.get("reverse") or {}
    if back:
        tree = mapping.reverse(bundle).tree
        for path, wanted in back.items():
            found = local_value(path, tree, mapping)
            if not same(wanted, found):
                yield Failure(record, f"backwards: {path}", wanted, found)


def _validity(record: str, bundle: JsonObject, judge: Judge | None, *, wanted: bool) -> Iterator[Failure]:
    if judge is None:
        yield Failure(record, "valid", wanted, "cannot be asked: there is no validator here")
        return
    errors = judge(bundle).errors
    if wanted == bool(errors):
        yield Failure(record, "valid", wanted, [str(issue) for issue in errors[:5]] or True)


def issue_failures(record: str, expected: Iterable[JsonObject], found: Iterable[Issue]) -> Iterator[Failure]:
    """Expected findings that did not come, and findings that matter and were not expected."""
    left = [described(issue) for issue in found]
    for wanted in expected:
        met = next((issue for issue in left if all(str(issue.get(k)) == str(v) for k, v in wanted.items())), None)
        if met is None:
            near = [issue for issue in left if issue.get("code") == wanted.get("code")]
            yield Failure(record, f"finding {wanted.get('code', '')}", wanted, near[0] if near else None)
        else:
            left.remove(met)
    for issue in left:
        if issue["severity"] in MATTERS:
            yield Failure(record, f"finding {issue['code']}", None, issue)


def described(issue: Issue) -> JsonObject:
    """A finding as cases write it: what a reworded text does not change."""
    found = {"severity": str(issue.severity), "code": issue.code}
    if issue.source is not None:
        return found | {"source": str(issue.source)} | ({"value": issue.value} if issue.value is not None else {})
    return found | ({"expression": issue.expression} if issue.expression else {})


def local_value(path: str, tree: Json, mapping: Mapping) -> Json:
    """The value at a source path of a record that came back; what is wrong with the path, in words."""
    try:
        read = read_hl7_path if mapping.spec.format is Format.HL7V2 else read_source_path
        source: SourceExpression = read(path)
    except PathError as error:
        return f"cannot be asked: {error}"
    return fetch(tree, source.steps)


# -- drafts ------------------------------------------------------------------------------------------------------------


def refreshed(expected: JsonObject, mapped: Mapped, mapping: Mapping, judge: Judge | None) -> JsonObject:
    """The same questions with today's answers."""
    bundle = mapped.bundle()
    made: JsonObject = dict(expected)
    values: JsonObject = {}
    for expression, wanted in (expected.get("values") or {}).items():
        try:
            values[expression] = value_of(expression, bundle)
        except ExpressionError:
            values[expression] = wanted  # a question that cannot be asked stays, and goes on failing
    made["values"] = values
    made["issues"] = issues_that_matter(mapped.issues)
    if "valid" in expected and judge is not None:
        made["valid"] = judge(bundle).ok
    if expected.get("reverse"):
        tree = mapping.reverse(bundle).tree
        made["reverse"] = {path: local_value(path, tree, mapping) for path in expected["reverse"]}
    return made


def drafted(mapped: Mapped, judge: Judge | None) -> JsonObject:
    """Questions for every element that was made from the record, with today's answers."""
    bundle = mapped.bundle()
    asked = dict.fromkeys(expression_of(made) for made in made_by(mapped) if made.raw is not None)
    values = {expression: value_of(expression, bundle) for expression in asked if expression is not None}
    valid = {"valid": judge(bundle).ok} if judge is not None else {}
    return {"values": values, **valid, "issues": issues_that_matter(mapped.issues)}


def issues_that_matter(issues: Iterable[Issue]) -> list[Json]:
    return [described(issue) for issue in issues if issue.severity in MATTERS]


def expression_of(made: Made) -> str | None:
    """FHIRPath for the element a value stands in, over all its list items; extensions are named by their url."""
    expression = made.entry.type
    node: Json = made.entry.resource
    for part in made.path.split("."):
        name, _, index = part.partition("[")
        node = node.get(name) if isinstance(node, dict) else None
        if index and isinstance(node, list):
            node = node[int(index[:-1])]
        if name.startswith("_"):
            return None  # the extensions of a primitive have no plain expression
        if name == "extension" and isinstance(node, dict) and "url" in node:
            expression += f".extension('{node['url']}')"
        else:
            step = _step(expression, name)
            if step is None:
                return None
            expression += step
    return expression


@cache
def _step(above: str, name: str) -> str | None:
    """``.name``, or for a choice ``.value.ofType(Quantity)``."""
    kind = above.partition(".")[0]
    if not compile_expression(f"{above}.{name}").check(kind):
        return f".{name}"
    for number, letter in enumerate(name):
        if number and letter.isupper():
            for type_name in (name[number:], name[number].lower() + name[number + 1 :]):
                step = f".{name[:number]}.ofType({type_name})"
                if _works(f"{above}{step}", kind):
                    return step
    return None


def _works(expression: str, kind: str) -> bool:
    try:
        return not compile_expression(expression).check(kind)
    except ExpressionError:
        return False
