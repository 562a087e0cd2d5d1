"""Mapping files and records made to break things: a clear answer each, never a crash."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.errors import MappingError
from interop.mapping import load
from interop.outcome import issue_catalogue
from interop.sources import SourceRecord

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 5000, "nested more than|not YAML"),
        (BOMB, "more than 200000 values"),
        ("mapping: x\nmapping: y\n", "'mapping' stands twice|duplicate"),
        ("\x00", "not YAML"),
        ("mapping: {a: b}\n", "wanted a text"),
        ("mapping: x\ngroups: {a: b}\n", "wanted a list"),
        ("mapping: x\nsource: {format: tables}\n", "format tables with 0 tables"),
        ("mapping: x\nsource: {format: jsonn}\n", "did you mean 'json'"),
        ("mapping: x\nsource: {format: json, zone: Mars/North}\n", "no time zone 'Mars/North'"),
        ("mapping: x\nsource: {format: json}\ngroups: [{group: a}]\n", "a group without 'create'"),
        ("mapping: x\nsource: {format: json}\ngroups: [{group: a, create: Pateint}]\n", "did you mean 'Patient'"),
    ],
)
def test_a_broken_mapping_file_is_refused_in_words(tmp_path, text, told):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(MappingError, match=told):
        load(path)


def test_a_file_that_is_not_utf_8_says_so(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"mapping: caf\xe9\n")
    with pytest.raises(MappingError, match="not UTF-8"):
        load(path)


def test_every_finding_code_is_documented():
    source = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "interop" / "mapping").glob("*.py"))
    codes = set(re.findall(r'(?:Refusal|Issue)\(\s*"([a-z-]+)"', source)) | {
        "nhs-number-format",
        "nhs-number-check-digit",
    }
    assert codes
    assert codes - issue_catalogue().keys() == set()


DISCHARGE = load(ROOT / "mappings" / "hospital" / "discharge.yaml")
EXAMPLE = (ROOT / "examples" / "red-bag-journey" / "hospital" / "discharge.json").read_bytes()
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def replaced(tree, path, value):
    tree = copy.deepcopy(tree)
    node = tree
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return tree


@given(data=st.data(), value=junk)
@settings(max_examples=40, deadline=None)
def test_junk_anywhere_in_a_record_is_at_most_a_finding(data, value):
    (record,) = DISCHARGE.read({"discharge.json": EXAMPLE}).records
    path = data.draw(st.sampled_from([p for p in places(record.tree) if p]))
    broken = SourceRecord(replaced(record.tree, path, value), record.files, record.key, record.pointer)
    mapped = DISCHARGE.apply(broken, now=NOW)
    for issue in mapped.issues:
        assert str(issue)
    for number in range(len(mapped.bundle()["entry"])):
        mapped.trace.find(f"Bundle.entry[{number}].resource.identifier")
    DISCHARGE.reverse(mapped.bundle())


@given(data=st.data(), value=junk)
@settings(max_examples=40, deadline=None)
def test_junk_anywhere_in_a_bundle_is_at_most_a_loss(data, value):
    (record,) = DISCHARGE.read({"discharge.json": EXAMPLE}).records
    bundle = DISCHARGE.apply(record, now=NOW).bundle()
    path = data.draw(st.sampled_from([p for p in places(bundle) if p]))
    DISCHARGE.reverse(replaced(bundle, path, value))
