"""There and back: what a record says in fields the mapping carries both ways comes back out of the FHIR as it went in.

Records are drawn from each shipped mapping's own source: its fields, their kinds, its code tables' words. The fields
that do not come back are the ones the mapping says do not, each with its reason. Three records a mapping are drawn,
sixty with ``INTEROP_FULL_TESTS=1``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from interop.catalogue import Catalogue
from interop.json_codec import loads
from interop.location import SourcePath, SourcePointer
from interop.mapping.document import read_document
from interop.mapping.faults import Faults
from interop.sources import SourceRecord
from interop.translator import Translator

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
EXAMPLES = 60 if os.environ.get("INTEROP_FULL_TESTS") else 3
MAPPINGS = sorted(Catalogue().mapping_names())
Rows = dict[str, Any]


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tests.conformance.{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


records, samples, faults = _module("mapping_records"), _module("mapping_samples"), _module("mapping_faults")
translator = cache(lambda: Translator(Catalogue()))


@cache
def fields(name: str) -> Any:
    """Every source field of a mapping, as ``mapping_records`` tells it."""
    path = translator().catalogue.mapping(name)
    found = Faults()
    document = read_document(path, path.resolve().parents[name.count("/")], found)
    assert document is not None
    return records.fields_of(document, _words(path.resolve().parents[name.count("/")], path.parent))


def _words(root: Path, folder: Path) -> dict[str, dict[str, str]]:
    """The local words of every code table with their codes, by the name rules call it: nearest to the mapping wins."""
    found: dict[str, dict[str, str]] = {}
    for place in (root, folder):
        for path in place.glob("codes/*.json"):
            elements = [e for group in loads(path.read_bytes())["group"] for e in group["element"]]
            found[f"codes/{path.stem}"] = {e["code"]: _codes(e) for e in elements}
    return found


def _codes(element: Rows) -> str:
    return " ".join(sorted(str(t.get("code")) for t in element.get("target", ()))) or str(element["code"])


def is_drawn(name: str) -> bool:
    """HL7 v2 and FHIR sources have no columns to draw from: messages are changed field by field instead."""
    said = re.search(
        r"^  format: (\w+)", translator().catalogue.mapping(name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return said is not None and said[1] in ("tables", "json", "ndjson", "xlsx")


def drawn(name: str) -> st.SearchStrategy[Any]:
    spec = translator().mapping(name).spec
    one = {table.name for table in spec.tables if table.one}
    strategy: st.SearchStrategy[Any] = records.trees(fields(name).values(), ())

    def keyed(tree: Rows) -> Rows:
        """The rows of all tables joined by one key, as reading them would have it."""
        if not spec.tables:
            return tree
        key = tree[spec.spine.name].setdefault(spec.spine.key, "R-1")
        for table in spec.tables:
            rows = tree.get(table.name, [])
            for row in [rows] if table.name in one else rows:
                row[table.key] = key
        return tree

    return strategy.map(keyed)


def nowhere(path: SourcePath) -> SourcePointer:
    return SourcePointer("drawn", path=".".join(map(str, path)))


def said(tree: Any, of: Any) -> Counter[tuple[Any, str]]:
    """What a tree says in the fields that are carried: how often each value, whatever the order of rows."""
    return Counter((path, alike(text, of[path])) for path, text in records.flat(tree) if path in of and of[path].back)


def alike(text: str, field: Any) -> str:
    """One spelling of a value: a code by its meaning, a moment in one zone, no spaces or capitals that say nothing."""
    plain = " ".join(text.split())
    folded = {word.casefold(): meaning for word, meaning in field.meaning.items()}
    if plain.casefold() in folded:
        return str(folded[plain.casefold()])
    if field.kind == "datetime" and field.argument == "iso" and "T" in plain:
        return datetime.fromisoformat(plain).astimezone(UTC).isoformat()
    if field.kind in ("nhs-number", "phone", "postcode"):
        return plain.replace(" ", "")
    return plain.casefold() if field.kind in ("code", "boolean", "ods-code") or field.words else text.strip()


def told(mapped: Any, path: tuple[str, ...]) -> bool:
    """Whether a finding says that a field, or the row around it, was not used, or that its word means nothing there."""
    unused = ("source-field-unread", "source-row-unused", "code-unmapped")
    places = [str(i.source).partition(" ")[2] for i in mapped.issues if i.code in unused]
    plain = [tuple(step for step in place.split(".") if not step.isdigit()) for place in places]
    wanted = tuple(step for step in path if step != records.ROW)
    return any(wanted[: len(place)] == place for place in plain)


@pytest.mark.parametrize("name", [n for n in MAPPINGS if is_drawn(n)])
def test_a_record_comes_back_as_it_went_or_it_is_told(name: str) -> None:
    mapping, of = translator().mapping(name), fields(name)

    @given(tree=drawn(name))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink] if EXAMPLES > 20 else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def law(tree: Rows) -> None:
        mapped = mapping.apply(SourceRecord(tree, (), "drawn", nowhere), now=NOW)
        assert [str(i) for i in mapped.issues if i.severity in ("error", "fatal")] == []
        local = mapping.reverse(mapped.bundle())
        (again,) = mapping.read(local.files)
        before, after = said(tree, of), said(again.tree, of)
        lost = {(path, text) for path, text in before - after if not told(mapped, path)}
        assert (lost, dict(after - before)) == (set(), {})

    law()


@pytest.mark.parametrize("name", MAPPINGS)
def test_what_does_not_come_back_has_its_reason(name: str) -> None:
    """A field is carried both ways, or the mapping says why it is not: ``drop:`` or the rule's ``note:``."""
    spec = translator().mapping(name).spec
    keys = {(table.name, records.ROW, table.key) for table in spec.tables} | {(t.name, t.key) for t in spec.tables}
    silent = [".".join(p) for p, f in fields(name).items() if not f.back and not f.reasons and p not in keys]
    assert silent == []


MESSAGES = ("adt-a01", "adt-a03")


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_comes_back_field_by_field(name: str) -> None:
    """HL7 v2: every field that a rule read in the sample is given another value of its kind; it comes back."""
    base = samples.base(name, translator())
    mapping = translator().mapping(base.mapping)
    _, rules = faults.rules_of(translator(), base.mapping)
    cells = faults.cells_by_rule(base, translator())
    root = translator().catalogue.mapping(base.mapping).resolve().parents[1]
    words = _words(root, root / base.mapping.partition("/")[0])
    kinds: dict[str, Any] = {}
    for rule in rules:
        cell = cells.get(f"{rule.place().file}:{rule.place().line}")
        if cell and rule.reverse and " MSH-" not in cell and len(rule.sources) == 1 and cell not in kinds:
            field = kinds[cell] = records.Field((cell,), *records.kind_of(rule))
            if rule.translate:
                field.meaning = words[rule.translate]
                field.words, field.closed = list(field.meaning), True
    drawn_ = {cell: WORDS if field.kind == "text" else records.value(field) for cell, field in kinds.items()}

    @given(values=st.fixed_dictionaries(drawn_))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def law(values: dict[str, str]) -> None:
        files = dict(base.files)
        for cell, value in values.items():
            files = samples.with_value(files, cell, value)
        (record,) = mapping.read(files)
        mapped = mapping.apply(record, now=NOW)
        assert [str(i) for i in mapped.issues if i.severity in ("error", "fatal")] == []
        (message,) = mapping.reverse(mapped.bundle()).files.values()
        back = {next(iter(base.files)): message}
        found = {cell: alike(samples.value_at(back, cell) or "", kinds[cell]) for cell in values}
        assert found == {cell: alike(value, kinds[cell]) for cell, value in values.items()}

    assert len(drawn_) > 30
    law()


WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ -0123456789", min_size=1, max_size=20).filter(lambda t: t.strip() == t)
