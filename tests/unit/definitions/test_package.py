"""Packages by folder and archive, in JSON and XML, whole and broken."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from interop.definitions import Definitions, Package, contradictions, dependency_issues
from interop.definitions.dependencies import in_order
from interop.errors import DefinitionError
from interop.json_codec import JsonObject

MANIFEST = {"name": "test.package", "version": "1.2.3", "dependencies": {"hl7.fhir.r4.core": "4.0.1"}}
SYSTEM = {"resourceType": "CodeSystem", "url": "http://x/cs", "version": "2", "content": "complete"}
XML = b"""<ValueSet xmlns="http://hl7.org/fhir"><!-- a comment -->
  <url value="http://x/vs"/><version value="7"/>
  <compose><include><system value="http://x/cs"/></include></compose></ValueSet>"""


def files() -> dict[str, bytes]:
    return {
        "package/package.json": json.dumps(MANIFEST).encode(),
        "package/.index.json": b"{}",
        "package/CodeSystem-cs.json": json.dumps(SYSTEM).encode(),
        "package/ValueSet-vs.xml": XML,
        "package/other/notes.json": b"not json at all",
    }


def folder(where: Path, content: dict[str, bytes]) -> Path:
    for name, data in content.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return where


def archive(where: Path, content: dict[str, bytes]) -> Path:
    path = where / "package.tgz"
    with tarfile.open(path, "w:gz") as out:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("form", [folder, archive])
def test_a_package_is_read_from_a_folder_and_from_an_archive(tmp_path: Path, form):
    package = Package.load(form(tmp_path, files()))
    assert (package.name, package.version, package.faults) == ("test.package", "1.2.3", ())
    assert package.dependencies == {"hl7.fhir.r4.core": "4.0.1"}
    assert [(f.kind, f.url, f.version) for f in package.files] == [
        ("CodeSystem", "http://x/cs", "2"),
        ("ValueSet", "http://x/vs", "7"),
    ]


def test_xml_definitions_read_as_json(tmp_path: Path):
    definitions = Definitions.core().with_package(Package.load(folder(tmp_path, files())))
    assert definitions.resource("ValueSet", "http://x/vs|7") == {
        "resourceType": "ValueSet",
        "url": "http://x/vs",
        "version": "7",
        "compose": {"include": [{"system": "http://x/cs"}]},
    }


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("broken.json", b'{"resourceType": ', "line 1"),
        ("broken.xml", b"<ValueSet xmlns='http://hl7.org/fhir'><url>", "not XML"),
        ("doctype.xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><ValueSet/>", "DOCTYPE"),
        ("latin.json", b'{"resourceType": "\xe9"}', "UTF-8"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_is_in_use(tmp_path: Path, name: str, data: bytes, says: str):
    package = Package.load(folder(tmp_path, files() | {f"package/{name}": data}))
    (fault,) = package.faults
    assert fault.code == "package-file"
    assert name in fault.text
    assert says in fault.text
    assert [r["url"] for r in package.resources()] == ["http://x/cs", "http://x/vs"]


def test_a_fault_that_only_a_full_reading_finds_is_named_then(tmp_path: Path):
    twice = b'{"resourceType": "CodeSystem", "url": "http://x/twice", "url": "http://x/twice"}'
    definitions = Definitions.core().with_package(Package.load(folder(tmp_path, {"twice.json": twice})))
    with pytest.raises(DefinitionError, match=r"twice\.json.*'url' stands twice"):
        definitions.resource("CodeSystem", "http://x/twice")


def test_json_that_is_no_resource_is_passed_over(tmp_path: Path):
    package = Package.load(folder(tmp_path, {"a.json": b"[1, 2]", "b.json": b'{"colour": "red"}'}))
    assert package.files == ()
    assert package.faults == ()
    assert package.name == tmp_path.name


@pytest.mark.parametrize("data", [b"", b"not a tar", b"\x1f\x8b\x08\x00broken"])
def test_an_archive_that_is_none_is_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "package.tgz"
    path.write_bytes(data)
    with pytest.raises(DefinitionError) as caught:
        Package.load(path)
    assert caught.value.code == "package-unreadable"


def test_a_package_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DefinitionError, match="nowhere") as caught:
        Package.load(tmp_path / "nowhere")
    assert caught.value.code == "package-not-found"


def package(name: str, version: str, **needs: str) -> Package:
    return Package(name, version, {key.replace("_", "."): value for key, value in needs.items()}, ())


def test_packages_stand_on_those_they_depend_on():
    top, middle, bottom = package("top", "1", middle="1"), package("middle", "1", bottom="1"), package("bottom", "1")
    assert [p.name for p in in_order([top, middle, bottom])] == ["bottom", "middle", "top"]


def test_packages_that_need_each_other_keep_their_order():
    assert [p.name for p in in_order([package("a", "1", b="1"), package("b", "1", a="1")])] == ["a", "b"]


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ({"hl7_fhir_r4_core": "4.0.1"}, None),
        ({"other": "2.0.0"}, None),
        ({"other": "2.0.x"}, None),
        ({"other": "current"}, None),
        ({"other": "3.0.0"}, "loaded is 2.0.0"),
        ({"absent": "1.0.0"}, "absent 1.0.0, which is not loaded"),
    ],
)
def test_a_missing_dependency_is_named(needs: dict[str, str], says: str | None):
    issues = dependency_issues([package("mine", "1.0.0", **needs), package("other", "2.0.0")])
    assert [i.code for i in issues] == ([] if says is None else ["package-dependency"])
    assert says is None or says in issues[0].text


def constrained(**row: object) -> JsonObject:
    return {
        "resourceType": "StructureDefinition",
        "url": "http://x/p",
        "name": "P",
        "kind": "resource",
        "type": "Patient",
        "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"path": "Patient.gender", **row}]},
    }


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"min": 1}, None),
        ({"max": "0"}, None),
        ({"max": "2"}, "has max 2, its base allows 1"),
        ({"max": "*"}, "has max *, its base allows 1"),
        ({"min": 2}, "asks for at least 2 and allows at most 1"),
        ({"type": [{"code": "string"}]}, "has type string, its base allows code"),
        ({"binding": {"strength": "example"}}, "is bound example, its base required"),
    ],
)
def test_a_profile_may_only_narrow_its_base(core: Definitions, row: JsonObject, says: str | None):
    definitions = core.with_resource(constrained(**row))
    profile = definitions.structure("http://x/p")
    assert profile is not None
    issues = contradictions(profile, definitions)
    assert [i.text for i in issues] == ([] if says is None else [f"http://x/p: Patient.gender {says}"])


def test_no_published_profile_contradicts_its_base(us_core: Package, uk_core: Package):
    definitions = Definitions.core().with_packages([us_core, uk_core])
    for url in definitions.canonicals("StructureDefinition"):
        structure = definitions.structure(url)
        assert structure is not None
        assert contradictions(structure, definitions) == ()
