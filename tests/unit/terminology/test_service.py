"""What a code is called, what a value set lists, and what a code maps to, both ways."""

import pytest

from interop.definitions import Definitions
from interop.json_codec import JsonObject
from interop.terminology import Coding, Terminology, snomed_fault

GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.fixture(scope="module")
def core() -> Terminology:
    return Terminology(Definitions.core())


@pytest.mark.parametrize(
    ("system", "code", "known", "says"),
    [
        (GENDER, "male", True, ""),
        (GENDER, "Male", False, "did you mean 'male'?"),
        ("http://snomed.info/sct", "73211009", None, "only a terminology server"),
        ("http://snomed.info/sct", "73211008", False, "check digit"),
        ("http://snomed.info/sct", "73211009:363698007=38266002", None, "post-coordinated"),
        ("http://loinc.org", "8480-6", None, "only a terminology server"),
        ("http://loinc.org", "8480-5", False, "check digit"),
        ("http://loinc.org", "BP", False, "8480-6"),
        ("https://dmd.nhs.uk", "12345678", False, "partition"),
        ("urn:ietf:rfc:3986", "urn:oid:1.2.3", True, ""),
        ("http://terminology.hl7.org/CodeSystem/service-type", "no-such", None, "only some codes"),
        ("http://x/nobody", "a", None, "in no loaded package"),
    ],
)
def test_a_code_is_known_unknown_or_cannot_be_told(
    core: Terminology, system: str, code: str, known: bool | None, says: str
):
    answer = core.validate_code(system, code)
    assert answer.known is known
    assert says in answer.reason


def test_a_known_code_has_its_display(core: Terminology):
    assert core.validate_code(GENDER, "male").display == "Male"
    assert core.validate_code("urn:iso:std:iso:3166", "GB").display is not None


@pytest.mark.parametrize(("code", "name"), [("US", "United States of America"), ("CH", "Switzerland")])
def test_a_country_is_called_with_and_without_its_article(core: Terminology, code: str, name: str):
    assert set(core.validate_code("urn:iso:std:iso:3166", code).displays) == {name, f"{name} (the)"}


def test_headings_and_retired_codes_are_marked(core: Terminology):
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    assert core.validate_code(act, "_ActEncounterCode").abstract
    assert not core.validate_code(act, "IMP").abstract


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("73211009", None),
        ("1104051000000101", None),
        ("371535009", None),
        ("371535000", "check digit"),
        ("12345", "6 to 18 digits"),
        ("0371535009", "begin with 0"),
        ("751689013", "a description"),
        ("abc", "digits"),
        ("٣٧١٥٣٥٠٠٩", "digits"),
    ],
)
def test_a_snomed_id_proves_itself(code: str, fault: str | None):
    found = snomed_fault(code)
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_an_expansion_lists_codes_in_order_with_displays(core: Terminology):
    expansion = core.expand("http://hl7.org/fhir/ValueSet/administrative-gender")
    assert expansion is not None
    assert [(c.code, c.display) for c in expansion] == [
        ("male", "Male"),
        ("female", "Female"),
        ("other", "Other"),
        ("unknown", "Unknown"),
    ]


@pytest.mark.parametrize("value_set", ["http://hl7.org/fhir/ValueSet/body-site", "http://x/nobody"])
def test_what_cannot_be_listed_is_not_listed_in_part(core: Terminology, value_set: str):
    assert core.expand(value_set) is None


def test_a_supplement_adds_displays_and_no_codes():
    supplement = {
        "resourceType": "CodeSystem",
        "url": "http://x/gender-cy",
        "content": "supplement",
        "supplements": f"{GENDER}|4.0.1",
        "concept": [
            {"code": "male", "designation": [{"language": "cy", "value": "Gwryw"}]},
            {"code": "extra", "display": "Extra"},
        ],
    }
    terminology = Terminology(Definitions.core().with_resource(supplement))
    assert terminology.validate_code(GENDER, "male").displays == ("Male", "Gwryw")
    assert terminology.validate_code(GENDER, "extra").known is False


@pytest.mark.parametrize(
    ("general", "special", "answer"),
    [("_ActEncounterCode", "ACUTE", True), ("IMP", "ACUTE", True), ("ACUTE", "IMP", False), ("IMP", "IMP", True)],
)
def test_hierarchy(core: Terminology, general: str, special: str, answer: bool):
    assert core.subsumes("http://terminology.hl7.org/CodeSystem/v3-ActCode", general, special) is answer


def test_a_hierarchy_that_is_not_at_hand_cannot_be_told(core: Terminology):
    assert core.subsumes("http://snomed.info/sct", "138875005", "73211009") is None


SEX: JsonObject = {
    "resourceType": "ConceptMap",
    "url": "http://x/map",
    "group": [
        {
            "source": "http://x/sex",
            "target": GENDER,
            "element": [
                {"code": "M", "target": [{"code": "male", "display": "Male", "equivalence": "equal"}]},
                {"code": "Mr", "target": [{"code": "male", "equivalence": "wider"}]},
                {"code": "F", "target": [{"code": "female", "equivalence": "equivalent"}]},
                {"code": "X", "target": [{"equivalence": "unmatched"}]},
                {"code": "B", "target": [{"code": "male", "equivalence": "disjoint"}]},
            ],
            "unmapped": {"mode": "fixed", "code": "unknown"},
        }
    ],
}


@pytest.mark.parametrize(
    ("code", "targets"), [("M", ["male"]), ("F", ["female"]), ("X", []), ("B", []), ("never heard of", ["unknown"])]
)
def test_a_map_translates(core: Terminology, code: str, targets: list[str]):
    assert [c.code for c in core.translate(SEX, code, system="http://x/sex")] == targets


def test_a_map_run_backwards_prefers_the_exact(core: Terminology):
    assert core.translate(SEX, "male", reverse=True) == [
        Coding("http://x/sex", "M", None, "equal"),
        Coding("http://x/sex", "Mr", None, "narrower"),
    ]
    assert core.translate(SEX, "unknown", reverse=True) == []


def test_a_map_for_another_system_stays_silent(core: Terminology):
    assert core.translate(SEX, "M", system="http://x/other") == []


def test_a_map_in_a_package_is_found_by_canonical(core: Terminology):
    found = core.translate("http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v3", "male")
    assert [(c.system, c.code) for c in found] == [
        ("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "M")
    ]


def test_a_map_nobody_has_is_named(core: Terminology):
    with pytest.raises(LookupError, match="http://x/nowhere"):
        core.translate("http://x/nowhere", "a")


def test_another_map_is_asked_and_a_circle_of_maps_ends():
    first, second = (
        {
            "resourceType": "ConceptMap",
            "url": f"http://x/{name}",
            "group": [
                {
                    "target": GENDER,
                    "element": [{"code": name, "target": [{"code": "other", "equivalence": "equal"}]}],
                    "unmapped": {"mode": "other-map", "url": f"http://x/{other}"},
                }
            ],
        }
        for name, other in (("one", "two"), ("two", "one"))
    )
    terminology = Terminology(Definitions.core().with_resources([first, second]))
    assert [c.code for c in terminology.translate("http://x/one", "two")] == ["other"]
    assert terminology.translate("http://x/one", "three") == []


def test_a_code_system_that_supplements_another_is_a_supplement_whatever_its_content_says():
    supplement = {
        "resourceType": "CodeSystem",
        "url": "http://x/gender-cy",
        "content": "complete",
        "supplements": GENDER,
        "concept": [{"code": "male", "designation": [{"language": "cy", "value": "Gwryw"}]}],
    }
    terminology = Terminology(Definitions.core().with_resource(supplement))
    assert terminology.validate_code(GENDER, "male").displays == ("Male", "Gwryw")
    assert terminology.validate_code("http://x/gender-cy", "male").known is None
