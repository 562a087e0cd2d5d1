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
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from interop import json_codec
from interop.catalogue import Catalogue
from interop.json_codec import loads
from interop.location import SourcePath, SourcePointer
from interop.mapping.document import read_document
from interop.mapping.faults import Faults
from interop.mapping.paths import follow
from interop.sources import SourceRecord
from interop.translator import Translator
from interop.workbench.roundtrip import roundtrip
from interop.workbench.rulebook import Rulebook

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
    return " ".join(sorted(str(t["code"]) for t in element.get("target", ()) if "code" in t)) or str(element["code"])


def is_drawn(name: str) -> bool:
    """HL7 v2 and FHIR sources have no columns to draw from: messages are changed field by field instead."""
    said = re.search(
        r"^  format: (\w+)", translator().catalogue.mapping(name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return said is not None and said[1] in ("tables", "json", "ndjson", "xlsx")


def drawn(name: str) -> st.SearchStrategy[Any]:
    spec = translator().mapping(name).spec
    one = {table.name for table in spec.tables if table.one}
    strategy: st.SearchStrategy[Any] = records.trees(fields(name).values(), ()).map(
        lambda tree: records.fitted(tree, fields(name).values())
    )

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


DOCUMENTS = ("stu3-discharge", "stu3-referral")
FIXED = {"reference", "url", "system", "code", "fullUrl", "resourceType", "type", "lastUpdated", "status", "data"}
"""Members of a FHIR document that hold it together: drawing others there would make another document."""


MANDATORY = {("subject",), ("event",)}


def tidy(node: Any) -> Any:
    """Without what says nothing, which FHIR does not allow: empty objects and lists, extensions of a url alone."""
    if isinstance(node, dict):
        found = {name: said for name, child in node.items() if (said := tidy(child)) not in (None, {}, [])}
        return None if found.keys() == {"url"} else found
    if isinstance(node, list):
        return [said for child in node if (said := tidy(child)) not in (None, {}, [])]
    return node


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every member and list item of a document, the outer ones first."""
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, step), child
        yield from places(child, (*path, step))


def without(document: Any, path: tuple[str | int, ...]) -> Any:
    """The document without what stands at a path; as it is where an earlier cut took that place away."""
    node = document
    for step in path[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return document
    if isinstance(node, dict):
        node.pop(path[-1], None)
    elif isinstance(node, list) and isinstance(path[-1], int) and path[-1] < len(node):
        del node[path[-1]]
    return document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_fhir_document_comes_back_or_the_mapping_says_why(name: str) -> None:
    """Words are drawn anew and parts cut out anywhere; what comes back is the same, or the mapping gives the reason."""
    base = samples.base(name, translator())
    mapping = translator().mapping(base.mapping)
    book = Rulebook.of(translator().catalogue.mapping(base.mapping))
    ((file, data),) = base.files.items()
    whole = json_codec.loads(data)
    inside = [(path, node) for path, node in places(whole["entry"]) if len(path) > 2]
    words = [p for p, node in inside if isinstance(node, str) and p[-1] not in FIXED and "T" not in node[10:11]]
    parts = [p for p, _ in inside if p[-1] not in FIXED and p[2:] not in MANDATORY]

    @given(
        values=st.dictionaries(st.sampled_from(words), WORDS, max_size=20),
        cuts=st.lists(st.sampled_from(parts), max_size=6, unique=True),
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def law(values: dict[tuple[str | int, ...], str], cuts: list[tuple[str | int, ...]]) -> None:
        document = json_codec.loads(data)
        for path, text in values.items():
            follow(document["entry"], path[:-1])[path[-1]] = text
        for path in sorted(cuts, key=len, reverse=True):
            without(document["entry"], path)
        reading = mapping.read({file: json_codec.dumps(tidy(document))})
        for record in reading.records:
            mapped = mapping.apply(record, now=NOW)
            told_ = {issue.code for issue in mapped.issues} & {"source-row-unused", "reference-not-carried"}
            trip = roundtrip(mapping, book, [record], now=NOW)
            # A resource that says nothing any more is made nothing of, and told; so are references to it.
            new = [
                (name, how)
                for name, how in trip.new_losses
                if not told_ or (how, name[-8:]) != ("invented", ".display")
            ]
            assert [loss for loss in new if not told_ or loss[1] != "dropped"] == []
            local = mapping.reverse(mapped.bundle())
            ((again, *_), issues) = mapping.read(local.files).records, mapping.read(local.files).issues
            assert [str(issue) for issue in issues] == []
            assert again.value(("Patient", 0, "fullUrl")) == record.value(("Patient", 0, "fullUrl"))

    assert len(words) > 15
    law()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_code_no_table_knows_comes_back_as_it_was_or_stops_the_message(name: str) -> None:
    """HL7 v2: each coded field in its turn says a word of nobody's; it comes back, or it stops the message."""
    base = samples.base(name, translator())
    mapping = translator().mapping(base.mapping)
    _, rules = faults.rules_of(translator(), base.mapping)
    cells = faults.cells_by_rule(base, translator())
    coded = {cells.get(f"{rule.place().file}:{rule.place().line}"): rule for rule in rules if rule.translate}
    tried = 0
    for cell, rule in coded.items():
        if cell is None or not rule.reverse or " MSH-" in cell:
            continue
        (record,) = mapping.read(samples.with_value(base.files, cell, "ZZ9"))
        mapped = mapping.apply(record, now=NOW)
        told_ = {str(i.source).rpartition(" ")[2]: i.severity for i in mapped.issues if i.value == "ZZ9"}
        tried += 1
        if told_.get(cell.rpartition(" ")[2]) == "error":
            continue  # R4 has no room for such a word there, and the message is not sent
        local = mapping.reverse(mapped.bundle())
        assert samples.value_at({next(iter(base.files)): next(iter(local.files.values()))}, cell) == "ZZ9", cell
    assert tried >= 5
