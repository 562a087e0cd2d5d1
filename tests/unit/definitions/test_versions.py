"""Several versions of one canonical side by side."""

import json
from pathlib import Path

from interop.definitions import Definitions, Package
from interop.json_codec import JsonObject

CORE = "http://hl7.org/fhir/StructureDefinition/"


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


def versioned(version: str, least: int, base: str = f"{CORE}Patient") -> JsonObject:
    return profile("p", base, version=version) | {"differential": {"element": [{"path": "Patient.name", "min": least}]}}


def test_versions_of_a_package_stand_side_by_side(tmp_path: Path):
    one = package(tmp_path / "1", versioned("1.0.0", 1), version="1.0.0")
    two = package(tmp_path / "2", versioned("2.0.0", 2), version="2.0.0")
    user = package(tmp_path / "u", profile("u", "http://x/p|1.0.0"), name="user")
    for order in ([one, two, user], [user, two, one]):
        definitions = Definitions.core().with_packages(order)
        found = {c: definitions.structure(c) for c in ("http://x/p|1.0.0", "http://x/p|2.0.0", "http://x/u")}
        least = {c: s.element("Patient.name").min for c, s in found.items() if s}  # type: ignore[union-attr]  # it is there
        assert least == {"http://x/p|1.0.0": 1, "http://x/p|2.0.0": 2, "http://x/u": 1}
        assert definitions.structure("http://x/p|3.0.0") is None


def test_a_version_may_derive_from_the_one_before(tmp_path: Path):
    one, two = versioned("1.0.0", 1), versioned("2.0.0", 2, "http://x/p|1.0.0")
    definitions = Definitions.core().with_package(package(tmp_path, one, two))
    found = definitions.structure("http://x/p")
    assert found is not None
    assert found.version == "2.0.0"
