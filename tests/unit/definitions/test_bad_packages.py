"""Packages that misbehave: hostile, broken, of another release, incomplete, or at odds with themselves."""

import gzip
import io
import json
import os
import tarfile
import time
from pathlib import Path

import pytest

from interop.definitions import (
    Definitions,
    Package,
    PackageLimits,
    definition_issues,
    dependency_issues,
    package_issues,
)
from interop.errors import DefinitionError
from interop.json_codec import JsonObject

CORE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = {"resourceType": "CodeSystem", "url": "http://x/cs", "version": "1", "content": "complete"}


def profile(name: str, base: str = f"{CORE}Patient", **more: object) -> JsonObject:
    return {
        "resourceType": "StructureDefinition",
        "url": f"http://x/{name}",
        "name": name,
        "kind": "resource",
        "type": "Patient",
        "derivation": "constraint",
        "baseDefinition": base,
        "differential": {"element": [{"path": "Patient.gender", "min": 1}]},
        **more,
    }


def package(where: Path, *resources: JsonObject, **manifest: object) -> Package:
    where.mkdir(parents=True, exist_ok=True)
    (where / "package.json").write_text(json.dumps({"name": "test.package", "version": "1.0.0", **manifest}))
    for number, resource in enumerate(resources):
        (where / f"{number}.json").write_text(json.dumps(resource))
    return Package.load(where)


def member(name: str, data: bytes = b"", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def archive(where: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = where / "package.tgz"
    with tarfile.open(path, "w:gz") as out:
        for info, data in members:
            out.addfile(info, io.BytesIO(data))
    return path


GOOD = member("package/cs.json", json.dumps(SYSTEM).encode())


@pytest.mark.parametrize("name", ["../../etc/cs.json", "/etc/cs.json", "package/../../cs.json", "package\\..\\cs.json"])
def test_a_name_that_leads_out_of_the_package_is_told_and_not_followed(tmp_path: Path, name: str):
    found = Package.load(archive(tmp_path, GOOD, member(name, b"{}")))
    (fault,) = found.faults
    assert (fault.code, name in fault.text) == ("package-file", True)
    assert [f.url for f in found.files] == ["http://x/cs"]
    assert [p.name for p in tmp_path.iterdir()] == ["package.tgz"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_or_device_in_an_archive_is_told_and_not_followed(tmp_path: Path, kind: bytes):
    odd = member("package/odd.json", type=kind, linkname="/etc/passwd")
    found = Package.load(archive(tmp_path, GOOD, odd))
    assert [f.url for f in found.files] == ["http://x/cs"]
    assert "odd.json" in found.faults[0].text


def test_a_link_that_leads_nowhere_in_a_folder_is_passed_over(tmp_path: Path):
    (tmp_path / "cs.json").write_text(json.dumps(SYSTEM))
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    assert [f.url for f in Package.load(tmp_path).files] == ["http://x/cs"]


def test_a_bomb_is_refused_before_it_fills_memory(tmp_path: Path):
    path = archive(tmp_path, member("package/other/zeros.bin", bytes(20_000_000)), GOOD)
    assert path.stat().st_size < 100_000
    with pytest.raises(DefinitionError) as caught:
        Package.load(path, limits=PackageLimits(unpacked=5_000_000))
    assert caught.value.code == "package-too-large"
    assert "5,000,000 bytes" in caught.value.text


def test_a_bomb_that_never_ends_is_refused_too(tmp_path: Path):
    path = tmp_path / "package.tgz"
    info, _ = member("package/a.json")
    info.size = 8**11 - 1
    path.write_bytes(gzip.compress(info.tobuf() + bytes(30_000_000)))
    with pytest.raises(DefinitionError) as caught:
        Package.load(path, limits=PackageLimits(unpacked=5_000_000))
    assert caught.value.code in ("package-too-large", "package-unreadable")


def test_one_large_file_is_named_and_the_rest_is_in_use(tmp_path: Path):
    big = b'{"resourceType": "CodeSystem", "url": "http://x/big"}' + b" " * 10_000
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "big.json").write_bytes(big)
    (tmp_path / "folder" / "cs.json").write_text(json.dumps(SYSTEM))
    for path in (archive(tmp_path, member("package/big.json", big), GOOD), tmp_path / "folder"):
        found = Package.load(path, limits=PackageLimits(file=10_000))
        assert [f.url for f in found.files] == ["http://x/cs"]
        assert "big.json cannot be read: larger than 10,000 bytes" in found.faults[0].text


def test_too_many_files_are_refused(tmp_path: Path):
    members = [member(f"package/{n}.txt") for n in range(50)]
    (tmp_path / "folder").mkdir()
    for n in range(50):
        (tmp_path / "folder" / f"{n}.txt").touch()
    for path in (archive(tmp_path, *members), tmp_path / "folder"):
        with pytest.raises(DefinitionError) as caught:
            Package.load(path, limits=PackageLimits(files=40))
        assert caught.value.code == "package-too-large"


def test_hl7s_own_package_is_far_within_the_limits(core_package: Package):
    assert core_package.faults == ()
    assert len(core_package.files) > 4000


def test_an_archive_cut_short_is_refused(tmp_path: Path):
    path = archive(tmp_path, GOOD, member("package/b.json", os.urandom(50_000)))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(DefinitionError) as caught:
        Package.load(path)
    assert caught.value.code == "package-unreadable"


@pytest.mark.parametrize("manifest", [b"[1]", b'"x"', b"{", b'{"name": 7, "version": [], "dependencies": 3}', b"\xff"])
def test_a_manifest_that_is_none_costs_only_itself(tmp_path: Path, manifest: bytes):
    (tmp_path / "package.json").write_bytes(manifest)
    (tmp_path / "cs.json").write_text(json.dumps(SYSTEM))
    found = Package.load(tmp_path)
    assert (found.name, found.version, found.dependencies) == (tmp_path.name, None, {})
    assert [f.url for f in found.files] == ["http://x/cs"]


@pytest.mark.parametrize("data", [b'{"a":' * 10_000, b"\x00" * 100, b"<a><b>", b"[" * 100_000, b'{"resourceType": 7}'])
@pytest.mark.parametrize("name", ["odd.json", "odd.xml"])
def test_no_file_keeps_the_others_from_use(tmp_path: Path, name: str, data: bytes):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "cs.json").write_text(json.dumps(SYSTEM))
    found = Package.load(tmp_path)
    assert [f.url for f in found.files] == ["http://x/cs"]


@pytest.mark.parametrize(
    ("version", "release"),
    [("5.0.0", "R5"), ("4.6.0", "R5"), ("3.0.2", "STU3"), ("1.0.2", "DSTU2"), ("4.0.1", None), ("4.3.0", None)],
)
@pytest.mark.parametrize("where", ["manifest", "file"])
def test_structures_of_another_release_are_told_and_left_out(
    tmp_path: Path, version: str, release: str | None, where: str
):
    manifest = {"fhirVersions": [version]} if where == "manifest" else {}
    structure = profile("p", **({"fhirVersion": version} if where == "file" else {}))
    found = package(tmp_path, structure, SYSTEM, **manifest)
    codes = [f.code for f in found.faults]
    if release is None:
        assert codes == []
        assert "http://x/p" in found.urls("StructureDefinition")
    else:
        assert codes == ["package-fhir-version"]
        assert f"1 for FHIR {version} ({release})" in found.faults[0].text
        assert "http://x/p" not in found.urls("StructureDefinition")
        assert "http://x/cs" in found.urls("CodeSystem")


def test_a_package_for_several_releases_is_used(tmp_path: Path):
    assert package(tmp_path, profile("p"), fhirVersions=["4.0.1", "5.0.0"]).faults == ()


def test_the_core_of_r5_does_not_replace_that_of_r4(tmp_path: Path):
    patient = profile("x", kind="resource", derivation="specialization", fhirVersion="5.0.0")
    patient |= {"url": f"{CORE}Patient", "version": "5.0.0", "baseDefinition": f"{CORE}DomainResource"}
    gender = SYSTEM | {"url": "http://hl7.org/fhir/administrative-gender", "version": "5.0.0"}
    r5 = package(tmp_path, patient, gender, SYSTEM, name="hl7.fhir.r5.core", fhirVersions=["5.0.0"])
    for definitions in (Definitions.core().with_package(r5), Definitions.core().with_packages([r5])):
        found = definitions.structure("Patient")
        assert found is not None
        assert found.version == "4.0.1"
        system = definitions.resource("CodeSystem", "http://hl7.org/fhir/administrative-gender")
        assert system is not None
        assert system["version"] == "4.0.1"
        assert definitions.resource("CodeSystem", "http://x/cs") is not None  # what R4 has not is of use


@pytest.mark.parametrize("manifest", [{"fhirVersions": ["4.3.0"]}, {"name": "hl7.fhir.r4.core"}])
def test_neither_does_that_of_r4b_or_another_copy_of_its_own(tmp_path: Path, manifest: JsonObject):
    patient = profile("x", derivation="specialization", version="4.3.0")
    patient |= {"url": f"{CORE}Patient", "baseDefinition": f"{CORE}DomainResource"}
    found = Definitions.core().with_package(package(tmp_path, patient, **manifest)).structure("Patient")
    assert found is not None
    assert found.version == "4.0.1"


def test_a_missing_dependency_is_named_with_what_it_keeps_from_use(tmp_path: Path):
    mine = package(tmp_path, profile("p", "http://other/base"), dependencies={"other.package": "2.1.0"})
    (told,) = package_issues([mine])
    assert told.code == "package-dependency"
    assert "other.package 2.1.0, which is not loaded" in told.text
    definitions = Definitions.core().with_packages([mine])
    with pytest.raises(DefinitionError) as caught:
        definitions.structure("http://x/p")
    assert caught.value.code == "definition-missing"
    assert "http://x/p derives from http://other/base, which is in no loaded package" in caught.value.text
    (unusable,) = definition_issues([mine], definitions)
    assert (unusable.code, unusable.rule) == ("definition-unusable", "http://x/p")
    assert "other.package 2.1.0" in (unusable.hint or "")


def test_packages_that_need_each_other_are_both_used(tmp_path: Path):
    left = package(tmp_path / "a", profile("a"), name="a", dependencies={"b": "1.0.0"})
    right = package(tmp_path / "b", profile("b", "http://x/a"), name="b", dependencies={"a": "1.0.0"})
    assert dependency_issues([left, right]) == ()
    assert Definitions.core().with_packages([left, right]).structure("http://x/b") is not None


@pytest.mark.parametrize("bases", [["p0"], ["p1", "p0"], ["p1", "p2", "p0"]])
def test_profiles_that_derive_from_each_other_are_refused_by_name(bases: list[str]):
    circle = [profile(f"p{n}", f"http://x/{base}") for n, base in enumerate(bases)]
    definitions = Definitions.core().with_resources(circle)
    for _ in range(2):  # the second time from memory
        with pytest.raises(DefinitionError) as caught:
            definitions.structure("http://x/p0")
        assert caught.value.code == "definition-circle"
        assert "http://x/p0" in caught.value.text


def test_an_extension_that_holds_itself_ends():
    url = "http://x/inner"
    inner = profile("inner", f"{CORE}Extension", kind="complex-type", type="Extension") | {
        "differential": {
            "element": [
                {"path": "Extension", "max": "1"},
                {
                    "path": "Extension.extension",
                    "sliceName": "again",
                    "type": [{"code": "Extension", "profile": [url]}],
                },
                {"path": "Extension.url", "fixedUri": url},
            ]
        }
    }
    found = Definitions.core().with_resource(inner).structure(url)
    assert found is not None
    again = found.element("Extension.extension:again")
    assert again is not None
    assert again.types[0].profiles == (url,)


def test_two_profiles_that_look_inside_each_other_are_refused_or_end():
    def looking(name: str, other: str) -> JsonObject:
        rows = [
            {"path": "Observation.hasMember", "type": [{"code": "Reference", "targetProfile": [f"http://x/{other}"]}]},
            {"path": "Observation.contained", "type": [{"code": "Observation", "profile": [f"http://x/{other}"]}]},
            {"path": "Observation.contained.status", "min": 1},
        ]
        return profile(name, f"{CORE}Observation", type="Observation") | {"differential": {"element": rows}}

    definitions = Definitions.core().with_resources([looking("a", "b"), looking("b", "a")])
    for name in ("a", "b"):
        try:
            assert definitions.structure(f"http://x/{name}") is not None
        except DefinitionError as fault:
            assert fault.code.startswith("definition-")  # noqa: PT017  # either way is right, a crash is not


def test_a_chain_of_a_thousand_profiles_is_refused_and_not_a_crash():
    chain = [profile(f"p{n}", f"http://x/p{n + 1}") for n in range(1000)]
    definitions = Definitions.core().with_resources(chain)
    with pytest.raises(DefinitionError) as caught:
        definitions.structure("http://x/p0")
    assert caught.value.code == "definition-too-deep"


def test_a_path_of_a_thousand_steps_is_refused_and_not_a_crash():
    deep = profile("deep", f"{CORE}Questionnaire", type="Questionnaire")
    deep["differential"] = {"element": [{"path": "Questionnaire" + ".item" * 2000, "min": 1}]}
    began = time.perf_counter()
    with pytest.raises(DefinitionError) as caught:
        Definitions.core().with_resource(deep).structure("http://x/deep")
    assert caught.value.code == "definition-too-deep"
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ([{"path": "Patient.colour", "min": 1}], "definition-unusable", "Patient has only"),
        ([{"id": "Patient.gender"}], "definition-unusable", "has no path"),
        ([{"path": "Patient.gender", "max": "many"}], "definition-unusable", "another shape"),
        ([{"path": "Patient.gender", "max": "3"}], "profile-contradicts-base", "has max 3, its base allows 1"),
        ([{"path": "Patient.name", "min": 0, "max": "0"}], None, ""),
    ],
)
def test_what_is_wrong_with_a_profile_is_told_in_full(
    tmp_path: Path, rows: list[JsonObject], code: str | None, says: str
):
    mine = package(tmp_path, profile("p", differential={"element": rows}), profile("fine"))
    issues = definition_issues([mine], Definitions.core().with_packages([mine]))
    assert [i.code for i in issues] == ([code] if code else [])
    assert all(says in i.text for i in issues)


def test_published_packages_are_found_in_order(us_core: Package, uk_core: Package):
    packages = [us_core, uk_core]
    told = package_issues(packages)
    assert [(i.code, "hl7.fhir.r5.core 5.0.0" in i.text) for i in told] == [("package-dependency", True)]
    assert definition_issues(packages, Definitions.core().with_packages(packages)) == ()
