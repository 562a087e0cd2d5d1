"""Real resources, mutated: the validator never raises and never takes long.

A sample in every run, the same each time; ``INTEROP_FULL_TESTS=1`` looks for new trouble in thousands of mutations.
"""

from __future__ import annotations

import copy
import os
import tarfile
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop import json_codec, xml_codec
from interop.definitions import Definitions, Package
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.outcome import Outcome
from interop.positions import located
from interop.terminology import Terminology
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
DEFECTS = ROOT / "tests" / "cases" / "defects"
PACKAGES = ROOT.parent / "shared" / "packages"
EXAMPLES = PACKAGES / "hl7.fhir.r4.examples" / "hl7.fhir.r4.examples-4.0.1-open.tgz"
UKCORE = PACKAGES / "fhir.r4.ukcore"
FULL = bool(os.environ.get("INTEROP_FULL_TESTS"))
XML = "application/fhir+xml"
LARGEST = 40_000
SECONDS = 2.0

MUTATIONS = settings(
    max_examples=4000 if FULL else 120,
    derandomize=not FULL,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@lru_cache
def seeds() -> tuple[JsonObject, ...]:
    """Our own bases of the seeded defects, and HL7's examples where they are at hand."""
    found = []
    for file in sorted(DEFECTS.glob("*.json")):
        bases = json_codec.loads(file.read_bytes())["bases"].values()
        found += [base["resource"] for base in bases if "resource" in base]
    if EXAMPLES.exists():
        with tarfile.open(EXAMPLES) as archive:
            members = [m for m in archive if m.isfile() and m.size < LARGEST and m.name.endswith(".json")]
            found += [json_codec.loads(opened.read()) for m in members if (opened := archive.extractfile(m))]
    return tuple(resource for resource in found if "resourceType" in resource)


@lru_cache
def documents() -> tuple[bytes, ...]:
    """XML as UK Core published it, or our own bases written as XML."""
    if UKCORE.exists():
        return tuple(file.read_bytes() for file in sorted((UKCORE / "examples").glob("*.xml")))
    core = Definitions.core()
    return tuple(xml_codec.encode(resource, core) for resource in seeds())


@lru_cache
def judge() -> Validator:
    definitions = Definitions.core()
    if UKCORE.exists():
        definitions = definitions.with_package(Package.load(UKCORE))
    return Validator(definitions, Terminology(definitions))


def bounded(data: JsonObject | bytes, content_type: str = "application/fhir+json") -> Outcome:
    begun = time.process_time()
    outcome = judge().validate(data, content_type=content_type)
    if isinstance(data, bytes):
        outcome = located(outcome, data, content_type)
    assert time.process_time() - begun < SECONDS
    json_codec.dumps(outcome.operation_outcome())
    return outcome


NUMBERS = [0, -1, 2**31, 2**63, 10**30, json_codec.loads(b"1e400"), json_codec.loads(b"1e-400"), 0.1, -0.0]
TEXTS = [
    "",
    " ",
    "\u0000",
    "\ufeff",
    "\u202eabc",
    "e\u0301",
    "\U0001f600" * 3,
    "\ud7ff",
    "%",
    "'",
    '"',
    "\\",
    "#",
    "#x",
    "|",
    "a|b|c",
    "urn:uuid:x",
    "urn:oid:1.2",
    "http://hl7.org/fhir/StructureDefinition/Patient",
    "http://hl7.org/fhir/ValueSet/administrative-gender",
    "Patient/1",
    "Patient/../x",
    "2026-02-30",
    "2026-11-14T24:00:00Z",
    "0000-00-00",
    "<div>",
    "<div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div>",
    "1' or 1=1",
    "x" * 10_000,
    "(" * 200,
    "a.b.c.d",
    "Patient.name.first().given",
    "١٢٣",
]
VALUES: list[Json] = [
    *NUMBERS,
    *TEXTS,
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": 1},
    {"resourceType": "Bundle"},
]
NAMES = ["resourceType", "id", "_id", "extension", "url", "value", "valueCode", "_value", "", "é", "contained", "meta"]
ACTIONS = ("delete", "double", "replace", "rename", "wrap", "unwrap", "graft", "nest")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, len(VALUES) - 1)
    ),
    min_size=1,
    max_size=4,
)


def places(node: Json, holder: Json = None, key: Any = None) -> list[tuple[Json, Any]]:
    """(container, key) of every value below the root."""
    found = [(holder, key)] if holder is not None else []
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in members:
        found += places(value, node, name)
    return found


def mutate(resource: JsonObject, steps: list[tuple[str, int, int, int]]) -> JsonObject:
    tree = copy.deepcopy(resource)
    for action, first, second, value in steps:
        spots = places(tree)
        if not spots:
            break
        holder, key = spots[first % len(spots)]
        other, name = spots[second % len(spots)]
        _apply(action, (holder, key), copy.deepcopy(other[name]), value)
    return tree


def _apply(action: str, spot: tuple[Json, Any], other: Json, value: int) -> None:
    holder, key = spot
    if action == "delete":
        del holder[key]
    elif action == "double":
        holder[key] = [copy.deepcopy(holder[key]), copy.deepcopy(holder[key])]
    elif action == "replace":
        holder[key] = copy.deepcopy(VALUES[value])
    elif action == "rename" and isinstance(holder, dict):
        holder[NAMES[value % len(NAMES)]] = holder.pop(key)
    elif action == "wrap":
        holder[key] = {"extension": [holder[key]], "value": holder[key]}
    elif action == "unwrap" and isinstance(holder[key], list | dict):
        inside = list(holder[key].values()) if isinstance(holder[key], dict) else holder[key]
        holder[key] = inside[0] if inside else None
    elif action == "graft":
        holder[key] = other
    elif action == "nest":
        for _ in range(30):
            holder[key] = {"item": [holder[key]], "extension": [], "linkId": "x", "contains": [holder[key]]}
            holder[key]["contains"] = []


@MUTATIONS
@given(seed=st.integers(0, 10_000), steps=STEPS)
def test_a_mutated_resource_is_judged(seed: int, steps: list[tuple[str, int, int, int]]) -> None:
    bounded(mutate(seeds()[seed % len(seeds())], steps))


@MUTATIONS
@given(seed=st.integers(0, 10_000), steps=STEPS, kind=st.sampled_from(["Bundle", "Parameters", "Patient"]))
def test_a_mutated_resource_inside_another_is_judged(
    seed: int, steps: list[tuple[str, int, int, int]], kind: str
) -> None:
    inner = mutate(seeds()[seed % len(seeds())], steps)
    outer: dict[str, JsonObject] = {
        "Bundle": {"type": "document", "entry": [{"fullUrl": "urn:uuid:x", "resource": inner}, {"resource": inner}]},
        "Parameters": {"parameter": [{"name": "x", "resource": inner}]},
        "Patient": {"contained": [inner, inner], "link": [{"other": {"reference": f"#{inner.get('id')}"}}]},
    }
    bounded({"resourceType": kind, **outer[kind]})


CUTS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "repeat", "overwrite", "insert", "swap"]),
        st.floats(0, 1),
        st.integers(1, 60),
        st.binary(min_size=1, max_size=6)
        | st.sampled_from(
            [
                b"<",
                b">",
                b"&",
                b"/>",
                b'"',
                b"<!--",
                b"<![CDATA[",
                b"<?x?>",
                b'<extension url="x">',
                b"&#0;",
                b"&lt;",
                b"\xff",
                b"[",
                b"{",
                b"}",
                b",",
                b":",
                b"null",
                b"1e9",
                b"\\u0000",
                b"\\ud800",
                b'xmlns="x"',
            ]
        ),
    ),
    min_size=1,
    max_size=5,
)


def damaged(data: bytes, cuts: list[tuple[str, float, int, bytes]]) -> bytes:
    for action, where, length, piece in cuts:
        at = int(where * len(data))
        if action == "drop":
            data = data[:at] + data[at + length :]
        elif action == "repeat":
            data = data[:at] + data[at : at + length] * 3 + data[at + length :]
        elif action == "overwrite":
            data = data[:at] + piece + data[at + len(piece) :]
        elif action == "insert":
            data = data[:at] + piece + data[at:]
        else:
            data = data[:at] + data[at + length : at + 2 * length] + data[at : at + length] + data[at + 2 * length :]
    return data


@MUTATIONS
@given(seed=st.integers(0, 10_000), cuts=CUTS)
def test_damaged_xml_is_judged_or_refused(seed: int, cuts: list[tuple[str, float, int, bytes]]) -> None:
    bounded(damaged(documents()[seed % len(documents())], cuts), XML)


@MUTATIONS
@given(seed=st.integers(0, 10_000), cuts=CUTS)
def test_damaged_json_is_judged_or_refused(seed: int, cuts: list[tuple[str, float, int, bytes]]) -> None:
    bounded(damaged(json_codec.dumps(seeds()[seed % len(seeds())]), cuts))


def test_a_resource_is_judged_alike_in_json_and_in_xml() -> None:
    sample = seeds() if FULL else seeds()[::9]
    differing = []
    for resource in sample:
        with suppress(ContentError):  # a narrative that is not XHTML cannot be written as XML
            data = xml_codec.encode(resource, Definitions.core())
            alike = judge().validate(data, content_type=XML).ok is judge().validate(resource).ok
            differing += [] if alike else [f"{resource['resourceType']}/{resource.get('id')}"]
    assert differing == []
