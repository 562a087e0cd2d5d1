"""The shipped mappings over the example inputs: made once, read by many tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.definitions import Package
from interop.mapping import Mapped, Mapping
from interop.terminology import Terminology
from interop.translator import Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
JOURNEY = EXAMPLES / "red-bag-journey"
UK_CORE = ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore"
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


@cache
def _translator() -> Translator:
    return Translator(Catalogue())


def _mapping(name: str) -> Mapping:
    return _translator().mapping(name)


@cache
def _mapped(name: str, folder: str, pattern: str, key: str | None = None) -> Mapped:
    shelf = JOURNEY if (JOURNEY / folder).is_dir() else EXAMPLES
    files = {path.name: path.read_bytes() for path in sorted((shelf / folder).glob(pattern))}
    reading = _mapping(name).read(files)
    (record,) = (record for record in reading if key in (None, record.key))
    assert [str(issue) for issue in reading.issues] == []
    return _mapping(name).apply(record, now=NOW)


@pytest.fixture(scope="session")
def translator() -> Translator:
    """Everything we ship, compiled: what maps, narrates and judges in a node."""
    return _translator()


@pytest.fixture(scope="session")
def uk_core_validator() -> Validator:
    if not UK_CORE.is_dir():
        pytest.skip("the UK Core package is not beside the repository (../shared/packages/fhir.r4.ukcore)")
    definitions = _translator().definitions.with_package(Package.load(UK_CORE))
    return Validator(definitions, Terminology(definitions))


@pytest.fixture(scope="session")
def mapping() -> Callable[[str], Mapping]:
    """A shipped mapping by name: ``mapping("care-home/red-bag")``."""
    return _mapping


@pytest.fixture(scope="session")
def mapped() -> Callable[..., Mapped]:
    """One example mapped: ``mapped("care-home/red-bag", "care-home", "*")``; a fourth word is the record's key."""
    return _mapped


@pytest.fixture(scope="session")
def red_bag() -> Mapped:
    return _mapped("care-home/red-bag", "care-home", "*")


@pytest.fixture(scope="session")
def discharge() -> Mapped:
    return _mapped("hospital/discharge", "hospital", "discharge.json")
