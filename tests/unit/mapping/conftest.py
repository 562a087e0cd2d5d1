"""Small mappings written for one test each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from interop.mapping import Mapped, Mapping, load

NOW = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)

HEAD = """
mapping: home/test
source:
  format: tables
  zone: Europe/London
  tables:
    resident: {file: residents.csv, key: ID, one: true}
    rows:     {file: rows.csv, key: ID, optional: true}
"""

SEX = {
    "resourceType": "ConceptMap",
    "status": "active",
    "group": [
        {
            "target": "http://hl7.org/fhir/administrative-gender",
            "element": [
                {"code": "F", "target": [{"code": "female", "equivalence": "equivalent"}]},
                {"code": "Lady", "target": [{"code": "female", "equivalence": "wider"}]},
                {"code": "M", "target": [{"code": "male", "equivalence": "equivalent"}]},
            ],
        }
    ],
}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mappings folder with one system, ``home``, and its code table ``codes/sex``."""
    (tmp_path / "home" / "codes").mkdir(parents=True)
    (tmp_path / "home" / "codes" / "sex.json").write_text(json.dumps(SEX))
    return tmp_path


@pytest.fixture
def mapping(folder: Path) -> Callable[..., Mapping]:
    """Compile a mapping from its groups; ``head`` replaces the usual source of two tables."""

    def make(text: str, *, head: str = HEAD) -> Mapping:
        path = folder / "home" / "test.yaml"
        path.write_text(dedent(head) + dedent(text))
        return load(path)

    return make


@pytest.fixture
def mapped(mapping: Callable[..., Mapping]) -> Callable[..., Mapped]:
    """Compile, read one record from CSV text, and map it."""

    def run(text: str, residents: str, rows: str = "ID\n") -> Mapped:
        compiled = mapping(text)
        reading = compiled.read({"residents.csv": residents.encode(), "rows.csv": rows.encode()})
        assert not [issue for issue in reading.issues if issue.severity in ("error", "fatal")]
        return compiled.apply(reading.records[0], now=NOW)

    return run
