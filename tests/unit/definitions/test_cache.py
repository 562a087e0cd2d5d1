"""What is kept on disk: found again for the very same content, and never believed when it is not whole."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Cache, Definitions, Package, StructureDefinition
from interop.definitions.cache import digest
from interop.definitions.parsing import read_structure
from interop.definitions.writing import structure_json

PROFILE = "https://example.org/StructureDefinition/named-patient"
CANONICALS = ("Patient", "Observation", "Bundle", "Quantity", "http://hl7.org/fhir/StructureDefinition/bp")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    profile = {
        "resourceType": "StructureDefinition",
        "url": PROFILE,
        "name": "NamedPatient",
        "type": "Patient",
        "kind": "resource",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
    }
    (folder / "profile.json").write_text(json.dumps(profile), encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({"name": "named", "version": "1"}), encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    return folder


def _files(cache_folder: Path) -> list[Path]:
    return sorted(cache_folder.glob("*.json"))


def _facts(structure: StructureDefinition | None) -> dict[str, Any]:
    assert structure is not None
    names = ("url", "version", "name", "type", "base", "elements", "context")
    return {name: getattr(structure, name) for name in names}


def test_a_value_is_found_again(cache: Cache) -> None:
    cache.put(digest("a"), {"b": [1, "c", None]})
    assert cache.get(digest("a")) == {"b": [1, "c", None]}
    assert cache.get(digest("b")) is None


def test_parts_of_a_key_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-5],
        lambda data: b"",
        lambda data: data.replace(b"right", b"wrong"),
        lambda data: b'{"said": "right"}',
        lambda data: b"\x80\x04\x95" + data,
    ],
    ids=["cut", "empty", "changed", "foreign", "pickle"],
)
def test_a_file_that_is_not_whole_is_no_file(cache: Cache, tmp_path: Path, spoil: Any) -> None:
    cache.put(digest("a"), {"said": "right"})
    (file,) = _files(tmp_path / "cache")
    file.write_bytes(spoil(file.read_bytes()))
    assert cache.get(digest("a")) is None


def test_a_file_under_another_key_is_no_file(cache: Cache, tmp_path: Path) -> None:
    cache.put(digest("a"), "of a")
    _files(tmp_path / "cache")[0].rename(tmp_path / "cache" / f"{digest('b')}.json")
    assert cache.get(digest("b")) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_not_read(cache: Cache, tmp_path: Path) -> None:
    cache.put(digest("a"), "kept")
    os.chown(_files(tmp_path / "cache")[0], 12345, 12345)
    assert cache.get(digest("a")) is None


def test_what_json_would_change_is_not_kept(cache: Cache) -> None:
    cache.put(digest("a"), {"dose": Decimal("1.50")})
    assert cache.get(digest("a")) is None


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    Cache(tmp_path / "file").put(digest("a"), "lost")
    assert Cache(tmp_path / "file").get(digest("a")) is None


@pytest.mark.parametrize(
    ("environment", "there"),
    [
        ({"INTEROP_CACHE_DIR": "/somewhere", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/a"}, True),
        ({"INTEROP_CACHE_DIR": "", "HOME": "/home/a"}, False),
        ({"XDG_CACHE_HOME": "relative"}, False),
        ({"HOME": "/home/a"}, True),
        ({}, False),
    ],
)
def test_where_it_is_kept(environment: dict[str, str], there: bool) -> None:
    assert (Cache.of_user(environment) is not None) is there


@pytest.mark.parametrize("canonical", CANONICALS)
def test_a_structure_is_read_back_as_it_was_written(canonical: str) -> None:
    structure = Definitions.core().structure(canonical)
    assert structure is not None
    assert _facts(read_structure(json.loads(json.dumps(structure_json(structure))))) == _facts(structure)


def test_a_package_and_its_snapshots_are_the_same_from_the_cache(
    cache: Cache, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def structure() -> StructureDefinition | None:
        known = Definitions.core().with_packages([Package.load(package, cache=cache)], cache=cache)
        return known.structure(PROFILE)

    first = structure()
    faults = Package.load(package, cache=cache).faults
    monkeypatch.setattr("interop.definitions.registry.snapshot", lambda *_: pytest.fail("made again"))
    monkeypatch.setattr("interop.definitions.listing._recognise", lambda *_: pytest.fail("looked at again"))
    assert _facts(structure()) == _facts(first)
    assert Package.load(package, cache=cache).faults == faults
    assert [fault.code for fault in faults] == ["package-file"]


def test_a_changed_package_is_looked_at_again(cache: Cache, package: Path) -> None:
    def least() -> int:
        known = Definitions.core().with_packages([Package.load(package, cache=cache)], cache=cache)
        structure = known.structure(PROFILE)
        element = structure.element("Patient.name") if structure is not None else None
        assert element is not None
        return element.min

    assert least() == 1
    file = package / "profile.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"min": 1', '"min": 2'), encoding="utf-8")
    assert least() == 2
