"""The profile package as others take it: snapshots R4 accepts, an archive that loads, another base in one command."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import pytest

from interop.canonical import OURS, PACKAGE
from interop.catalogue import Catalogue
from interop.definitions import Definitions, Package
from interop.errors import CatalogueError, ContentError
from interop.json_codec import JsonObject
from interop.publishing import build, outline, published, rebase, selfcheck
from interop.publishing.archive import sheets
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
PROFILES = ROOT / "profiles" / PACKAGE
THEIRS = "https://fhir.carechain.nhs.example"


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def read(path: Path) -> JsonObject:
    found: JsonObject = json.loads(path.read_bytes())
    return found


PROFILE_FILES = [path for path in sheets(PROFILES) if path.name.startswith("StructureDefinition-")]


@pytest.mark.parametrize("path", PROFILE_FILES, ids=lambda path: path.stem)
def test_a_published_profile_is_valid_and_its_snapshot_reads_back_as_the_same_structure(path: Path) -> None:
    made = published(read(path), translator().definitions)
    assert [str(issue) for issue in translator().validator.validate(made).errors] == []
    assert [name for name in made if name in ("snapshot", "differential")] == ["snapshot", "differential"]
    alone = (
        Definitions.core()
        .with_package(Package.load(PROFILES))
        .with_resource({name: value for name, value in made.items() if name != "differential"})
    )
    ours, theirs = translator().definitions.structure(made["url"]), alone.structure(made["url"])
    assert ours is not None
    assert theirs is not None
    assert theirs.elements == ours.elements


def test_an_archive_holds_definitions_examples_and_index_and_is_the_same_every_time(tmp_path: Path) -> None:
    example: JsonObject = {"resourceType": "Patient", "id": "edith"}
    data = build(PROFILES, translator().definitions, {"edith": example})
    assert data == build(PROFILES, translator().definitions, {"edith": example})
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
        index = json.load(archive.extractfile("package/.index.json"))  # type: ignore[arg-type]  # it is a file
    assert {"package/package.json", "package/example/edith.json"} <= set(names)
    assert {row["filename"] for row in index["files"]} == {path.name for path in sheets(PROFILES)}
    package = tmp_path / "package.tgz"
    package.write_bytes(data)
    loaded = Package.load(package)
    assert (loaded.name, loaded.faults) == (PACKAGE, ())
    assert set(loaded.urls("StructureDefinition")) == {read(path)["url"] for path in PROFILE_FILES}


def test_a_folder_that_is_no_package_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"package\.json"):
        build(tmp_path, translator().definitions, {})


def test_our_package_has_nothing_against_itself() -> None:
    judged = list(selfcheck(PROFILES, translator().definitions, translator().validator))
    assert {one.file: [str(issue) for issue in one.issues] for one in judged if not one.fine} == {}


def test_two_different_rules_of_one_key_and_a_broken_file_are_told(tmp_path: Path) -> None:
    for path in (PROFILES / "StructureDefinition-care-team.json", PROFILES / "StructureDefinition-goal.json"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(re.sub(r'"key": "[^"]+"', '"key": "one-1"', text, count=1), encoding="utf-8")
    (tmp_path / "ValueSet-torn.json").write_text('{"resourceType": ', encoding="utf-8")
    judged = {one.file: one for one in selfcheck(tmp_path, translator().definitions, translator().validator)}
    assert not judged["ValueSet-torn.json"].fine
    twice = [name for name, one in judged.items() if "rule-key-twice" in {issue.code for issue in one.issues}]
    assert twice == ["StructureDefinition-care-team.json", "StructureDefinition-goal.json"]


def test_an_outline_says_what_is_asked_and_every_rule_in_words() -> None:
    told = outline(read(PROFILES / "StructureDefinition-care-team.json"))
    assert (told.base, told.title) == ("CareTeam", "Web of care")
    asked = {one.element: (one.times, one.wanted) for one in told.asked}
    assert asked["CareTeam.participant"] == ("1..", ())
    assert asked["CareTeam.participant.extension:visits"] == ("..1", ("Extension(visits)",))
    assert "ctm-2" in {sentence.key for sentence in told.sentences}


BASES = {
    "no scheme": "fhir.nhs.example",
    "another scheme": "ftp://fhir.nhs.example",
    "a query": f"{THEIRS}?v=1",
    "a version": f"{THEIRS}|1",
    "a blank": "https://fhir nhs.example",
    "no host": "https://",
    "nothing": "",
    "torn": "https://[::1",
}


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_what_is_no_base_is_refused_before_anything_is_written(base: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError) as fault:
        rebase(ROOT, tmp_path / "out", old=OURS, new=base)
    assert fault.value.code == "base-invalid"
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_and_the_same_base_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ContentError, match="not empty"):
        rebase(ROOT, tmp_path, old=OURS, new=THEIRS)
    with pytest.raises(ContentError, match="already"):
        rebase(ROOT, tmp_path / "new", old=OURS, new=f"{OURS}/")


def test_under_another_base_the_package_checks_and_a_red_bag_goes_there_and_back(tmp_path: Path) -> None:
    content = tmp_path / "content"
    made = rebase(ROOT, content, old=OURS, new=f"{THEIRS}/")
    assert made.names > 500
    left = [
        path.name
        for shelf in ("profiles", "mappings", "examples")
        for path in (content / shelf).rglob("*")
        if path.suffix in (".json", ".yaml", ".md", ".csv") and f"{OURS}/" in path.read_text(encoding="utf-8")
    ]
    assert left == []
    export = content / "examples" / "red-bag-journey" / "care-home"
    environment = {**os.environ, "INTEROP_CONTENT": str(content)}

    def interop(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "interop.cli.main", *words]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    checked = interop("profiles", "check", "-o", "json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    mapped = interop("map", "care-home/red-bag", str(export), "--out", "bundles")
    assert mapped.returncode == 0, mapped.stdout + mapped.stderr
    (bundle,) = (tmp_path / "bundles").glob("*.json")
    text = bundle.read_text(encoding="utf-8")
    assert OURS not in text
    assert f"{THEIRS}/StructureDefinition/transfer-summary" in text
    assert interop("validate", str(bundle)).returncode == 0
    back = interop("map", "care-home/red-bag", str(bundle), "--reverse", "--out", "back")
    assert back.returncode == 0, back.stdout + back.stderr
    assert (tmp_path / "back" / "medicines.csv").is_file()


def test_the_package_we_build_holds_the_code_tables_and_a_right_document_of_each_mapping(tmp_path: Path) -> None:
    out = tmp_path / "package.tgz"
    command = [sys.executable, "-m", "interop.cli.main", "profiles", "build", "--out", str(out), "-o", "json"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    shown = json.loads(made.stdout)["examples"]
    assert {"Bundle-care-home-red-bag", "Bundle-hospital-discharge", "Bundle-care-home-diary"} <= set(shown)
    with tarfile.open(out) as archive:
        names = set(archive.getnames())
    tables = [read(path)["id"] for path in (ROOT / "mappings").rglob("codes/*.json")]
    assert {f"package/ConceptMap-{name}.json" for name in tables} <= names
    assert {f"package/example/{name}.json" for name in shown} <= names
    assert Package.load(out).faults == ()
