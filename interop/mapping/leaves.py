"""Rules compiled to the leaves of a plan: the value side of a rule, checked against the type it is written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from interop.errors import ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.mapping import cell_expressions
from interop.mapping.cell_expressions import NotPlainError
from interop.mapping.conditions import names_in, presented, wanted_by
from interop.mapping.document import Rule
from interop.mapping.faults import Faults, Place
from interop.mapping.mentioned import check_names
from interop.mapping.plan import Kept, Reader
from interop.mapping.primitives import PRIMITIVES, fit, text_fitter
from interop.mapping.refusal import Refusal
from interop.mapping.shape import Row, Shape
from interop.mapping.transform import ArgumentError, Transform
from interop.mapping.transforms import TRANSFORMS, make
from interop.mapping.translate import CODED, CodeTable, back_translator, translator
from interop.mapping.yaml_tree import Item
from interop.sources import Format, SourceSpec

_TEXT_TYPES = frozenset({"string", "markdown", "xhtml"})


@dataclass(frozen=True, slots=True)
class ValueWay:
    """How a rule's value goes forward and back. ``quick``: forward for one trimmed, filled text."""

    reader: Reader
    writer: Reader | None
    plain: bool = False
    quick: Callable[[str], Json] | None = None
    each: bool = False
    spreads: bool = False
    copies: bool = False
    piece: tuple[str, int] | None = None


def value_way(
    rule: Rule, type_code: str, *, many: bool, table: CodeTable | None, shape: Shape, faults: Faults
) -> ValueWay | None:
    """The compiled value side of a source rule; None with faults when it cannot work."""
    steps = transforms_of(rule.transform, shape, faults)
    if steps is None:
        return None
    if rule.translate is not None and type_code not in CODED:
        wanted = "a code, Coding or CodeableConcept"
        faults.add(rule.place("translate"), f"translate gives {wanted}, the target is a {type_code}")
        return None
    joins = any(step.takes_many for step in steps)
    if not _fits(rule, type_code, steps, faults, many=many, joins=joins):
        return None
    empties = frozenset(("", *rule.empty, *(('""',) if shape.spec and shape.spec.format is Format.HL7V2 else ())))
    last: Reader | None = None
    if table is not None:
        last = translator(table, type_code, every=many)
    elif not steps or steps[-1].gives is None or type_code not in steps[-1].gives:
        last = _fitter(type_code, steps)
    forwards = [step.forward for step in steps] + ([last] if last else [])
    plain = not steps and table is None and type_code in _TEXT_TYPES and not rule.empty and len(rule.sources) == 1
    way = _Way(tuple(forwards), empties)
    return ValueWay(
        way.joined if joins else way.listed if many else way.single,
        _back(steps, table, type_code, shape.spec),
        plain=plain and not many and empties == {""},
        quick=None if joins or empties != {""} else _quick(steps, last, type_code if table is None else None),
        each=len(rule.sources) > 1 and not joins,
        spreads=any(step.gives_many for step in steps),
        piece=next((step.piece for step in steps if step.piece is not None), None),
        copies=many and type_code not in PRIMITIVES and len(steps) == 1 and steps[0].name == "fhir",
    )


def transforms_of(item: Item | None, shape: Shape, faults: Faults) -> list[Transform] | None:
    """``trim``, ``{date: uk}`` or a list of such; None when one of them is faulty."""
    found: list[Transform] = []
    whole = True
    for entry in item.items() if item is not None else []:
        calls: Sequence[tuple[str, Json, Place]]
        if isinstance(entry.value, str):
            calls = [(entry.value, None, entry.place)]
        else:
            calls = [(name, child.plain, entry.keys[name]) for name, child in entry.members().items()]
        if not calls:
            faults.add(entry.place, f"transform is {entry.kind()}, wanted a name or {{name: argument}}")
            whole = False
        for name, argument, place in calls:
            try:
                found.append(make(name, _named_formats(name, argument, shape), shape.zone))
            except KeyError:
                faults.unknown(place, "no transform", name, TRANSFORMS)
                whole = False
            except ArgumentError as error:
                faults.add(place, str(error))
                whole = False
    return found if whole else None


def _named_formats(name: str, argument: Json, shape: Shape) -> Json:
    """A date transform's argument with the names of ``source: {dates: …}`` spelled out."""
    if name not in ("date", "datetime") or not shape.dates:
        return argument
    formats: list[Json] = []
    for entry in argument if isinstance(argument, list) else [argument]:
        meant = shape.dates.get(entry, entry) if isinstance(entry, str) else entry
        formats += meant if isinstance(meant, list) else [meant]
    return formats


def _fits(rule: Rule, type_code: str, steps: list[Transform], faults: Faults, *, many: bool, joins: bool) -> bool:
    if type_code not in PRIMITIVES and rule.translate is None and not (steps and type_code in (steps[-1].gives or ())):
        hint = (
            "name an element inside it" if type_code not in CODED else "add `translate`, or name .text or .coding.code"
        )
        if type_code == "Quantity":
            hint = "add `transform: {quantity: unit}`, or name .value"
        faults.add(rule.place(), f"{rule.target} is a {type_code}: a plain value does not fit", hint)
        return False
    wrong = next(
        (s for s in steps[-1:] if s.gives is not None and type_code not in s.gives and not rule.translate), None
    )
    if wrong is not None:
        gives = " or ".join(sorted(wrong.gives or ()))
        faults.add(rule.place("transform"), f"transform {wrong.name!r} gives {gives}, {rule.target} is a {type_code}")
        return False
    spreads = any(step.gives_many for step in steps)
    if (spreads or (len(rule.sources) > 1 and not joins)) and not many:
        what = "several sources" if not spreads else f"transform {next(s.name for s in steps if s.gives_many)!r}"
        faults.add(rule.place(), f"{what} give several values, {rule.target} holds one", "add `transform: {join: …}`")
        return False
    return True


def _quick(steps: list[Transform], last: Reader | None, type_code: str | None) -> Callable[[str], Json] | None:
    """All steps as one function of a trimmed, filled text; None where they take another way.

    type_code  of a primitive that ``last`` fits the text to; None when it does something else
    """
    chain: list[Callable[..., Json]] = [
        step.plain or step.forward if n == 0 else step.forward for n, step in enumerate(steps)
    ]
    gives_text = not steps or (steps[0].plain is not None and len(steps) == 1 and steps[0].gives is None)
    fits = text_fitter(type_code) if last is not None and gives_text and type_code in PRIMITIVES else last
    if fits is not None:
        chain.append(fits)
    if len(chain) == 1:
        return chain[0]
    if len(chain) == 2:
        first, second = chain
        return lambda text: second(first(text))
    return None


def _fitter(type_code: str, steps: list[Transform]) -> Reader:
    if steps and steps[-1].gives_many:
        return lambda values: [fit(value, type_code) for value in values]
    return lambda value: fit(value, type_code)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way of a raw value forward: trimmed, asked whether it is empty, taken through the steps."""

    steps: tuple[Reader, ...]
    empties: frozenset[str]

    def empty(self, raw: Json) -> bool:
        return raw is None or (isinstance(raw, str) and raw.strip() in self.empties)

    def one(self, raw: Json) -> Json:
        if isinstance(raw, str):
            raw = raw.strip()
            if raw in self.empties:
                return None
        elif raw is None:
            return None
        for step in self.steps:
            raw = step(raw)
        return raw

    def single(self, raw: Json) -> Json:
        """For a target that holds one value."""
        if isinstance(raw, list):
            held = [item for item in raw if not self.empty(item)]
            if len(held) > 1:
                text = f"{len(held)} values stand where the target holds one"
                raise Refusal("source-several", text, "use `for`, or name one")
            raw = held[0] if held else None
        return self.one(raw)

    def listed(self, raw: Json) -> Json:
        """For a list target: item by item."""
        if not isinstance(raw, list):
            return self.one(raw)
        found = [value for item in raw if (value := self.one(item)) is not None]
        return [v for value in found for v in (value if isinstance(value, list) else [value])] or None

    def joined(self, raw: Json) -> Json:
        """For several sources joined to one text."""
        if not isinstance(raw, list):
            return self.one(raw)
        value: Json = [None if self.empty(item) else item for item in raw]
        if all(item is None for item in value):
            return None
        for step in self.steps:
            value = step(value)
        return None if value == "" else value


def _back(steps: list[Transform], table: CodeTable | None, type_code: str, spec: SourceSpec | None) -> Reader | None:
    if any(step.backward is None for step in steps):
        return None
    typed = spec is not None and spec.typed  # in JSON a code table's true and false are booleans
    raw = spec is not None and spec.format in (Format.HL7V2, Format.FHIR)
    backwards: list[Reader] = [back_translator(table, type_code, raw=raw)] if table is not None else []
    backwards += [step.backward for step in reversed(steps) if step.backward is not None]

    def back(value: Json) -> Json:
        for step in backwards:
            value = step(value)
        return value == "true" if typed and table is not None and value in ("true", "false") else value

    return back


def compute_way(rule: Rule, type_code: str, shape: Shape, row: Row, faults: Faults) -> Reader | None:
    """A ``compute:`` rule: FHIRPath over the row to one value (or, for a list target, several)."""
    if type_code not in PRIMITIVES:
        faults.add(
            rule.place(), f"{rule.target} is a {type_code}: compute gives a plain value", "name an element inside it"
        )
        return None
    try:
        expression = compile_expression(rule.compute or "")
    except ExpressionError as error:
        faults.add(rule.place("compute"), f"compute: {error}")
        return None
    check_names(rule.compute or "", shape.spec, row.table, rule.place("compute"), faults)
    names = names_in(rule.compute or "")
    mentions, wanted = "record" in names, wanted_by(names)

    cells = cell_expressions.of(rule.compute or "")

    def found_in(row: Json, record: Json, kept: Kept) -> list[Json]:
        if cells is not None:
            with suppress(NotPlainError):
                return [] if (value := cells.value(row)) is None else [value]
        env = {"record": presented(record, kept, wanted)} if mentions else None
        return expression.evaluate(presented(row, kept, wanted), env=env)

    def compute(scope: tuple[Json, Json, Kept]) -> Json:
        found = found_in(*scope)
        values = [fit(item if isinstance(item, bool) else str(item), type_code) for item in found if str(item).strip()]
        return values or None

    return compute


def moment(now: datetime, type_code: str) -> str:
    """``$now`` as a value of a date, dateTime or instant element."""
    return now.date().isoformat() if type_code == "date" else now.isoformat(timespec="seconds")
