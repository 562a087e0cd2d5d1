"""Seeded faults: one thing wrong in a good sample, and whether the findings name the place that was made wrong.

What is seeded is data (``tests/cases/mapping-faults``): wrong values by kind of field, put one at a time into a cell
of every rule of that kind; and faults of shape, one by one. ``python -m tests.conformance.mapping_faults [BASE…]``
prints the table.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from interop.mapping.document import Document, Rule, read_document
from interop.mapping.faults import Faults
from interop.outcome import Issue, Severity
from interop.sources import SourceSpec
from interop.translator import Translator

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.conformance import mapping_samples as samples
from tests.conformance.mapping_shapes import changed


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which base, what, the places a finding may name for it, and how the files are made wrong."""

    base: str
    desc: str
    expect: tuple[str, ...]
    files: Callable[[], samples.Files]
    shape: bool = False

    @property
    def name(self) -> str:
        return f"{self.base}: {self.desc}"


@dataclass(frozen=True, slots=True)
class Result:
    """What was found of a fault: the findings that the good sample does not have. ``crash``: it must be empty."""

    fault: Fault
    found: tuple[Issue, ...]
    crash: str = ""

    @property
    def telling(self) -> tuple[Issue, ...]:
        """The findings that ask for something to be done."""
        return tuple(issue for issue in self.found if issue.severity is not Severity.INFORMATION)

    @property
    def seen(self) -> bool:
        """Somebody would learn of the fault, and where it is."""
        return any(map(self.names_it, self.telling))

    def names_it(self, issue: Issue) -> bool:
        """At the place; or, of a rule about several cells, at what they have in common with each cell named."""
        said = str(issue.source or "")
        if any(said.startswith(place) and not said[len(place) :][:1].isalnum() for place in self.fault.expect):
            return True
        rest = [place[len(said) :] for place in self.fault.expect if said and place.startswith(said)]
        cells = [re.sub(r'.*column "(.*)"$', r"“\1”", one).lstrip(".") for one in rest]
        listed = (issue.hint or "").removeprefix("look at ") if (issue.hint or "").startswith("look at ") else ""
        return any(re.search(rf"(?:^|, |row \d+ ){re.escape(cell)}[. ]", listed) for cell in cells if cell)


def faults(translator: Translator) -> Iterator[Fault]:
    """Every fault of the data files, always in the same order."""
    for name in samples.base_names():
        yield from field_faults(name, translator)
    for told in samples.content("structure.yaml"):
        base = samples.base(told["base"], translator)
        expect = told["expect"] if isinstance(told["expect"], list) else [told["expect"]]
        desc = f"{told['desc']} in {expect[0]}"
        yield Fault(base.name, desc, tuple(expect), partial(changed, base.files, told), shape=True)


def some(seeded: Iterable[Fault], share: int) -> list[Fault]:
    """Every fault of shape, and one in ``share`` of the wrong values: each kind of fault and each field in its turn."""
    whole = list(seeded)
    return [fault for number, fault in enumerate(whole) if number % share == 0 or fault.shape]


def field_faults(name: str, translator: Translator) -> Iterator[Fault]:
    """Each wrong value in each field of its kind: the first cell that the field's rule read in the good sample."""
    base = samples.base(name, translator)
    values = samples.content("values.yaml")
    cells = cells_by_rule(base, translator)
    seeded: set[tuple[str, str]] = set()
    dates, rules = rules_of(translator, base.mapping)
    for rule in rules:
        place = rule.place()
        cell = cells.get(f"{place.file}:{place.line}")
        if cell is None or cell.endswith(" $") or _is_key(cell, base, translator.mapping(base.mapping).spec):
            continue
        kinds = [kind_of(rule, dates), *(["required"] if rule.required else [])]
        for desc, value in ((desc, value) for kind in kinds for desc, value in values.get(kind, {}).items()):
            if (cell, desc) not in seeded:
                seeded.add((cell, desc))
                yield Fault(
                    name, f"{desc} in {cell}", (_field_of(cell),), partial(samples.with_value, base.files, cell, value)
                )


def rules_of(translator: Translator, mapping: str) -> tuple[Mapping[str, Any], list[Rule]]:
    """The date formats a mapping names, and every rule of it and its pieces that reads a source."""
    path = translator.catalogue.mapping(mapping)
    found = Faults()
    document = read_document(path, path.resolve().parents[mapping.count("/")], found)
    assert isinstance(document, Document)
    rules = [*(document.composition.rules if document.composition else ())]
    rules += [rule for group in document.groups for rule in group.rules]
    source: Any = document.source.plain if document.source else {}
    return source.get("dates", {}), [rule for rule in _flat(rules) if rule.sources]


def _flat(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _flat(rule.rules)


def kind_of(rule: Rule, dates: Mapping[str, Any]) -> str:
    """What the rule says of its source: ``date dd/MM/yyyy``, ``nhs-number``, ``code``, ``text`` …"""
    if rule.translate:
        return "code"
    plain: Any = rule.transform.plain if rule.transform else "text"
    first = plain[0] if isinstance(plain, list) else plain
    if not isinstance(first, dict):
        return str(first)
    ((name, argument),) = first.items()
    argument = dates.get(argument, argument) if isinstance(argument, str) else argument
    form = argument[0] if isinstance(argument, list) else argument
    if name in ("date", "datetime"):
        return f"{name} {form}"
    return "text" if name in ("split", "join", "lines", "prefix") else str(name)


def cells_by_rule(base: samples.Base, translator: Translator) -> dict[str, str]:
    """``file:line`` of each rule that wrote a value, with the cell it first read."""
    found: dict[str, str] = {}
    for made in translator.translate(base.mapping, base.files, now=samples.NOW):
        assert made.bundle is not None
        assert made.record is not None
        mapped = translator.mapping(base.mapping).apply(made.record, now=samples.NOW)
        trace = mapped.trace.within(made.bundle)
        for entry in made.bundle["entry"]:
            for _, _, (pointer, raw, rule) in trace.values(entry["fullUrl"]):
                if raw:
                    found.setdefault(rule.rpartition("(")[2].removesuffix(")"), str(pointer))
    return found


def _is_key(cell: str, base: samples.Base, spec: SourceSpec) -> bool:
    """A key that joins rows: a wrong one orphans every row that names it, as structure.yaml has it."""
    if any(f'"{key}"' in cell or cell.endswith(key) for key in base.keys):
        return True
    file = re.split(r" (?:sheet|row) ", cell)[0]
    return any(fnmatch(file, table.file) and f'"{table.key}"' in cell for table in spec.tables)


def _field_of(cell: str) -> str:
    """An HL7 v2 field without its component, a column without its letter: naming either is naming the place."""
    cell = re.sub(r" \([A-Z]+\d+\)$", "", cell)
    file, _, place = cell.rpartition(" ")
    is_hl7 = place[:3].isupper() and "-" in place and '"' not in place
    return f"{file} {place.partition('.')[0]}" if is_hl7 else cell


def run(translator: Translator, seeded: Iterable[Fault]) -> list[Result]:
    """Each fault mapped and judged as ``interop map`` would."""
    known: dict[str, set[tuple[str, str, str]]] = {}
    results = []
    for fault in seeded:
        base = samples.base(fault.base, translator)
        if fault.base not in known:
            known[fault.base] = {_fact(issue) for issue in _issues(translator, base.mapping, base.files)}
        try:
            issues = _issues(translator, base.mapping, fault.files())
        except Exception as crash:  # noqa: BLE001  every crash is a result, and a test fails on it
            results.append(Result(fault, (), f"{type(crash).__name__}: {crash}"))
            continue
        results.append(Result(fault, tuple(i for i in issues if _fact(i) not in known[fault.base])))
    return results


def _issues(translator: Translator, mapping: str, files: Mapping[str, bytes]) -> list[Issue]:
    return [issue for made in translator.translate(mapping, files, now=samples.NOW) for issue in made.outcome]


def _fact(issue: Issue) -> tuple[str, str, str]:
    return issue.code, str(issue.source), issue.text


def table(results: list[Result], translator: Translator) -> Iterator[str]:
    """The counts by kind of source, then what was not seen, then the findings that name another place."""
    kinds = {name: samples.base(name, translator).kind for name in samples.base_names()}
    for kind in dict.fromkeys(kinds.values()):
        yield _line(kind, [r for r in results if kinds[r.fault.base] == kind])
    yield _line("all", results)
    for result in results:
        if result.crash:
            yield f"CRASHED  {result.fault.name}: {result.crash}"
        elif not result.seen:
            yield f"NOT SEEN {result.fault.name}"
            yield from (f"           {issue.severity} {issue.code} {issue}" for issue in result.found[:3])
        for issue in result.telling:
            if result.seen and not result.names_it(issue):
                yield f"ELSEWHERE {result.fault.name}\n           {issue.severity} {issue.code} {issue.source} {issue}"


def _line(name: str, results: list[Result]) -> str:
    telling = [(r, issue) for r in results for issue in r.telling]
    named = sum(r.names_it(issue) for r, issue in telling)
    seen = sum(r.seen for r in results)
    counts = f"faults {len(results):4}  seen at their place {seen:4}  findings {len(telling):4}  naming it {named:4}"
    return f"{name:6} {counts}"


if __name__ == "__main__":
    from interop.catalogue import Catalogue

    whole = Translator(Catalogue())
    wanted = sys.argv[1:] or samples.base_names()
    outcome = run(whole, (fault for fault in faults(whole) if fault.base in wanted))
    print("\n".join(table(outcome, whole)))  # noqa: T201  a table for people
    print(Counter(r.fault.desc.partition(" in ")[0] for r in outcome if not r.seen))  # noqa: T201
