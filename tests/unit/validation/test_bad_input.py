"""Input that is wrong as a whole: every one is told, none raises, none takes long or fills the memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Definitions
from interop.outcome import Outcome, Severity, Verdict
from interop.terminology import Terminology
from interop.validation import Validator

XML = "application/fhir+xml"
BASE = "https://example.test/StructureDefinition/"
FULL = bool(os.environ.get("INTEROP_FULL_TESTS"))


def observation(number: bytes) -> bytes:
    return (
        b'{"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueRange": '
        b'{"low": {"value": ' + number + b', "unit": "kg"}, "high": {"value": 1, "unit": "kg"}}}'
    )


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"patient,birth date\n1,1938", "application/fhir+json", "content-json"),
        (b"MSH|^~\\&|X", XML, "content-xml"),
        ('{"resourceType": "Patient"}'.encode("utf-16"), "application/fhir+json", "content-encoding"),
        (
            b'{"resourceType": "Patient", "id": "1", "name": [{"family": "a", "family": "b"}]}',
            "json",
            "json-duplicate-key",
        ),
        (b'{"resourceType": "Patient", "name": [{"family": "\\ud800"}]}', "json", "content-encoding"),
        (observation(b"1e99999999999999999999"), "json", "content-json"),
        (observation(b"NaN"), "json", "content-json"),
        (observation(b"+1"), "json", "content-json"),
        (b'{"resourceType": "Patient", "extension": ' + b'[{"extension": ' * 200, "json", "content-json"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "json", "json-too-deep"),
        (b'<!DOCTYPE x><Patient xmlns="http://hl7.org/fhir"/>', XML, "xml-doctype"),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir">&a;</Patient>',
            XML,
            "xml-doctype",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir"/>',
            XML,
            "xml-doctype",
        ),
        (
            b'<Patient xmlns="http://hl7.org/fhir">' + b"<extension>" * 999 + b"</extension>" * 999 + b"</Patient>",
            XML,
            "xml-too-deep",
        ),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', XML, "xml-namespace"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_fatal_finding(
    validator: Validator, data: bytes, content_type: str, code: str
) -> None:
    outcome = validator.validate(data, content_type=content_type)
    assert [(i.code, i.severity) for i in outcome] == [(code, Severity.FATAL)]
    assert outcome.verdict is Verdict.COULD_NOT_TELL


@pytest.mark.parametrize("number", [b"1e999999999", b"1e-999999999", b"9" * 100_000, b"0." + b"9" * 100_000, b"-0e-5"])
def test_numbers_beyond_all_measure_cost_nothing(validator: Validator, number: bytes) -> None:
    begun = time.perf_counter()
    assert isinstance(validator.validate(observation(number)), Outcome)
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_byte_order_mark_is_no_fault(validator: Validator, mark: bytes, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.upper()}"?>'
    text = f'{head}<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>'
    data = text.encode(encoding) if encoding == "utf-16" else mark + text.encode()
    assert validator.validate(data, content_type=XML).ok
    assert validator.validate(mark + b'{"resourceType": "Patient"}').ok


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        ({"resourceType": "Patient", "animal": {"species": {"text": "dog"}}}, "STU3"),
        ({"resourceType": "ProcedureRequest", "status": "active"}, "STU3"),
        (
            {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "context": {"display": "x"}},
            "STU3",
        ),
        ({"resourceType": "Transport", "status": "planned"}, "R5"),
        ({"resourceType": "Encounter", "status": "planned", "class": [{"text": "x"}], "actualPeriod": {}}, "R5"),
    ],
)
def test_content_of_another_release_is_called_so(validator: Validator, resource: dict[str, Any], version: str) -> None:
    outcome = validator.validate(resource)
    assert outcome.issues[0].code == "fhir-version"
    assert f"FHIR {version}" in outcome.issues[0].text
    assert not outcome.ok


def test_so_is_xml_and_what_is_sent_as_another_release(validator: Validator) -> None:
    transport = b'<Transport xmlns="http://hl7.org/fhir"><status value="planned"/></Transport>'
    assert validator.validate(transport, content_type=XML).issues[0].code == "fhir-version"
    sent_as = validator.validate(b'{"resourceType": "Patient"}', content_type="application/fhir+json; fhirVersion=5.0")
    assert [(issue.code, issue.severity) for issue in sent_as] == [("fhir-version", Severity.WARNING)]
    assert validator.validate({"resourceType": "Patient", "colour": "red"}).issues[0].code != "fhir-version"


@pytest.mark.parametrize("kind", ["Elephant", "patient", "DomainResource", "", 5, None, ["Patient"], "Patient "])
def test_a_resource_type_r4_does_not_have_is_fatal(validator: Validator, kind: object) -> None:
    outcome = validator.validate({"resourceType": kind})
    assert [(i.code, i.severity) for i in outcome] == [("resource-type", Severity.FATAL)]


def profile(name: str, kind: str, *elements: dict[str, Any], base: str | None = None) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": BASE + name,
        "name": name,
        "status": "draft",
        "kind": "complex-type" if kind == "Extension" else "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": base or f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "derivation": "constraint",
        "context": [{"type": "element", "expression": "Element"}],
        "differential": {"element": [{"id": kind, "path": kind}, *elements]},
    }


def typed(path: str, code: str, **profiles: list[str]) -> dict[str, Any]:
    return {"id": path, "path": path, "type": [{"code": code, **profiles}]}


CIRCLES = [
    profile("a", "Patient", base=BASE + "b"),
    profile("b", "Patient", base=BASE + "a"),
    profile("itself", "Patient", base=BASE + "itself"),
    profile("target", "Observation", typed("Observation.hasMember", "Reference", targetProfile=[BASE + "target"])),
    profile("contained", "Patient", typed("Patient.contained", "Patient", profile=[BASE + "contained"])),
    profile("bundle", "Bundle", typed("Bundle.entry.resource", "Bundle", profile=[BASE + "bundle"])),
    profile("nest", "Extension", typed("Extension.extension", "Extension", profile=[BASE + "nest"])),
    profile(
        "conforms",
        "Patient",
        {
            "id": "Patient.name",
            "path": "Patient.name",
            "constraint": [
                {
                    "key": "c-1",
                    "severity": "error",
                    "human": "x",
                    "expression": f"%resource.conformsTo('{BASE}conforms')",
                }
            ],
        },
    ),
]


@pytest.fixture(scope="module")
def circular() -> Validator:
    definitions = Definitions.core().with_resources(CIRCLES)
    return Validator(definitions, Terminology(definitions))


@pytest.mark.parametrize("name", ["a", "itself"])
def test_a_profile_that_is_its_own_ancestor_is_told(circular: Validator, name: str) -> None:
    found = circular.validate({"resourceType": "Patient"}, profiles=[BASE + name])
    assert [i.code for i in found] == ["profile-not-checked"]


def test_profiles_that_ask_for_themselves_end(circular: Validator) -> None:
    patient: dict[str, Any] = {"resourceType": "Patient", "name": [{"family": "x"}], "link": []}
    patient["contained"] = [{"resourceType": "Patient", "id": "p", "active": True}]
    patient["link"] = [{"other": {"reference": "#p"}, "type": "seealso"}]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    extension: dict[str, Any] = {"url": BASE + "nest", "valueString": "x"}
    for _ in range(40):
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}]}
        extension = {"url": BASE + "nest", "extension": [extension]}
    begun = time.perf_counter()
    assert circular.validate(patient, profiles=[BASE + "contained", BASE + "conforms"]).ok
    assert circular.validate(bundle, profiles=[BASE + "bundle"]).ok
    assert circular.validate({"resourceType": "Patient", "extension": [extension]}).ok
    assert time.perf_counter() - begun < 5


def test_a_long_chain_of_targets_is_neither_too_deep_nor_slow(circular: Validator) -> None:
    def entry(number: int) -> dict[str, Any]:
        observed = {"resourceType": "Observation", "id": str(number), "status": "final", "code": {"text": "x"}}
        observed["hasMember"] = [{"reference": f"Observation/{(number + 1) % 2000}"}]
        observed["meta"] = {"profile": [BASE + "target"]}
        return {"fullUrl": f"https://example.test/Observation/{number}", "resource": observed}

    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry(n) for n in range(2000)]}
    begun = time.perf_counter()
    assert circular.validate(bundle).ok
    assert time.perf_counter() - begun < 10


WIDE = {
    "one long text": b'{"resourceType": "Patient", "photo": [{"contentType": "image/png", "data": "%s"}]}',
    "many small objects": b'{"resourceType": "Patient", "name": [%s]}',
}
# Bytes of input, seconds and bytes of memory for each byte of it: linear, and never a multiple no server has.
MEGABYTE = 1_000_000


@pytest.mark.parametrize("shape", WIDE)
def test_a_large_file_costs_in_proportion(shape: str) -> None:
    """In a process of its own, so that its peak of memory is its own. ``INTEROP_FULL_TESTS=1``: 100 MB."""
    size = (100 if FULL else 10) * MEGABYTE
    script = (
        "import resource, sys, time\n"
        "from interop.definitions import Definitions\n"
        "from interop.validation import Validator\n"
        "shape, size = sys.argv[1].encode(), int(sys.argv[2])\n"
        'piece = b\'{"family": "Ashworth"}\'\n'
        "many = b','.join([piece] * (size // (len(piece) + 1)))\n"
        "data = shape.replace(b'%s', many if b'name' in shape else b'A' * (size // 4 * 4))\n"
        "judge = Validator(Definitions.core())\n"
        'judge.validate(b\'{"resourceType": "Patient"}\')\n'
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "begun = time.process_time()\n"
        "ok = judge.validate(data).ok\n"
        "print(ok, time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", script, WIDE[shape].decode(), str(size)]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=300, cwd=Path(__file__).parents[3]
    )
    ok, seconds, kilobytes = told.stdout.split()
    assert ok == "True"
    assert float(seconds) < 0.6 * size / MEGABYTE
    assert float(kilobytes) * 1024 < 25 * size
