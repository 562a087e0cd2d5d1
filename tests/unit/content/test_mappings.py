"""The shipped mappings over the example records: what they make, that it is valid, and what they find wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop import narrative
from interop.definitions import Package
from interop.json_codec import JsonObject
from interop.mapping import Mapped, Mapping
from interop.models import parse_fault
from interop.outcome import Outcome, Severity
from interop.translator import Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
JOURNEY = ROOT / "examples" / "red-bag-journey"
PUBLISHED = ROOT.parent / "shared" / "real-inputs" / "hl7v2-adt"
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
LOCAL = "https://interop.example/fhir/StructureDefinition/"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
SPECIAL = {
    "news2": "Observation-EarlyWarningTotalScore",
    "vital-sign": "Observation-VitalSigns",
    "acvpu": "Observation-ACVPU",
}
EXAMPLES = (
    ("care-home/red-bag", "care-home", "*"),
    ("care-home/red-bag", "care-home-corrected", "*"),
    ("care-home/red-bag-json", "red-bag-json", "RH-014.json"),
    ("care-home/red-bag-json", "red-bag-json", "RH-022.json"),
    ("care-home/care-plan", "care-plan", "*.xlsx", "RH-014"),
    ("care-home/care-plan", "care-plan", "*.xlsx", "RH-022"),
    ("care-home/care-plan-json", "care-plan", "RH-014.json"),
    ("care-home/care-plan-json", "care-plan", "RH-022.json"),
    ("care-home/care-team", "care-team", "*.xlsx", "RH-014"),
    ("care-home/care-team", "care-team", "*.xlsx", "RH-022"),
    ("care-home/care-team-json", "care-team", "RH-014.json"),
    ("care-home/care-team-json", "care-team", "RH-022.json"),
    ("hospital/discharge", "hospital", "discharge.json"),
    ("hospital/adt", "hospital", "adt-a01.hl7"),
    ("hospital/adt", "hospital", "adt-a03.hl7"),
)
NOT_IN_UK_CORE = {"Goal"}


def of_type(mapped: Mapped, resource_type: str) -> list[JsonObject]:
    return [entry.resource for entry in mapped.resources if entry.resource["resourceType"] == resource_type]


def judged(mapped: Mapped, translator: Translator) -> Outcome:
    """All findings about a mapped record, each led back to its source."""
    bundle = mapped.bundle()
    if bundle["type"] == "document":
        bundle = narrative.narrate(bundle)
    outcome = translator.judge(bundle, kind=mapped.kind)
    return Outcome(mapped.issues) + outcome.traced(mapped.trace.within(bundle).find)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("mappings/*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_mapping_compiles(path: Path, mapping: Callable[[str], Mapping]) -> None:
    name = f"{path.parent.name}/{path.stem}"
    assert mapping(name).name == name


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_an_example_maps_and_is_valid(
    example: tuple[str, ...], mapped: Callable[..., Mapped], translator: Translator
) -> None:
    assert [str(issue) for issue in judged(mapped(*example), translator).errors] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_an_independent_model_of_fhir_reads_every_resource(
    example: tuple[str, ...], mapped: Callable[..., Mapped]
) -> None:
    bundle = mapped(*example).bundle()
    narrated = narrative.narrate(bundle) if bundle["type"] == "document" else bundle
    assert [fault for entry in narrated["entry"] if (fault := parse_fault(entry["resource"]))] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_every_resource_claims_a_profile_of_ours(example: tuple[str, ...], mapped: Callable[..., Mapped]) -> None:
    resources = [entry.resource for entry in mapped(*example).resources]
    composition = mapped(*example).composition
    for resource in [*resources, *([composition] if composition else [])]:
        claimed = resource["meta"]["profile"]
        assert claimed[0].startswith(LOCAL), resource["resourceType"]


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_every_resource_also_satisfies_uk_core(
    example: tuple[str, ...], mapped: Callable[..., Mapped], uk_core_validator: Validator
) -> None:
    package = Package.load(ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore")
    profiles = {
        resource["url"] for resource in package.resources() if resource["resourceType"] == "StructureDefinition"
    }
    found = []
    bundle = mapped(*example).bundle()
    for entry in (narrative.narrate(bundle) if bundle["type"] == "document" else bundle)["entry"]:
        resource = entry["resource"]
        national = [profile for profile in _national(resource) if profile in profiles]
        assert national or resource["resourceType"] in NOT_IN_UK_CORE
        found += uk_core_validator.validate(resource, profiles=national).errors
    assert [str(issue) for issue in found] == []


def _national(resource: JsonObject) -> Iterator[str]:
    """The UK Core profiles a resource has to satisfy: its type's, and the more special ones its code asks for."""
    yield UK_CORE + resource["resourceType"]
    claimed = resource["meta"]["profile"][0].removeprefix(LOCAL)
    special = {
        "news2": "Observation-EarlyWarningTotalScore",
        "vital-sign": "Observation-VitalSigns",
        "acvpu": "Observation-ACVPU",
    }
    if claimed in special:
        yield UK_CORE + special[claimed]


def test_the_red_bag_holds_what_the_hospital_needs(red_bag: Mapped) -> None:
    assert red_bag.person == "9990000018"
    types = {entry.resource["resourceType"] for entry in red_bag.resources}
    assert types == {
        "Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Encounter", "Condition",
        "AllergyIntolerance", "MedicationStatement", "Observation", "Flag", "CarePlan", "CareTeam",
        "QuestionnaireResponse", "Provenance", "Device", "DocumentReference",
    }  # fmt: skip
    (composition,) = (entry["resource"] for entry in red_bag.bundle()["entry"][:1])
    assert [section["code"]["coding"][0]["code"] for section in composition["section"]][:3] == [
        "allergies-and-adverse-reaction",
        "end-of-life-care",
        "individual-requirements",
    ]


def test_a_medicine_keeps_its_words_and_its_last_dose(red_bag: Mapped) -> None:
    (amlodipine,) = (
        medicine
        for medicine in of_type(red_bag, "MedicationStatement")
        if medicine["medicationCodeableConcept"]["text"] == "Amlodipine 10 mg tablets"
    )
    assert amlodipine["dosage"][0]["text"] == "10 mg, by mouth, once a day in the morning"
    last_given = {extension["url"]: extension for extension in amlodipine["extension"]}[LOCAL + "last-given"]
    assert last_given["valueDateTime"] == "2026-11-13T08:10:00+00:00"


def test_the_care_team_has_one_active_co_ordinator_and_the_one_before(red_bag: Mapped) -> None:
    (team,) = of_type(red_bag, "CareTeam")
    coordinators = [
        participant
        for participant in team["participant"]
        if any(coding["code"] == "768820003" for role in participant["role"] for coding in role["coding"])
    ]
    assert [participant["period"].get("end") for participant in coordinators] == [None, "2026-09-01"]
    people = {entry.full_url: entry.resource for entry in red_bag.resources}
    role = people[coordinators[0]["member"]["reference"]]
    assert people[role["practitioner"]["reference"]]["name"][0]["text"] == "Joseph Mensah"


def test_the_cpr_decision_says_when_who_and_where_the_form_is(red_bag: Mapped) -> None:
    (decision,) = (
        flag for flag in of_type(red_bag, "Flag") if flag["category"][0]["coding"][0]["code"] == "cpr-decision"
    )
    assert decision["code"]["coding"][0]["code"] == "450476008"
    assert decision["period"] == {"start": "2026-03-12", "end": "2027-03-12"}
    assert decision["author"]["display"] == "Dr Priya Nair"
    assert "red bag" in decision["extension"][0]["valueString"]


THREE_FAULTS = [
    ("nhs-number-check-digit", 'residents.csv row 2, column "NHS Number"', "999 000 0043"),
    ("date-impossible", 'residents.csv row 2, column "DOB"', "31/02/1935"),
    ("invariant", "allergies.csv", None),
]


def test_the_bad_record_gives_exactly_its_three_faults(mapped: Callable[..., Mapped], translator: Translator) -> None:
    found = mapped("care-home/red-bag", "care-home-bad", "*")
    document = narrative.narrate(found.bundle())
    outcome = translator.validator.validate(document).traced(found.trace.within(document).find)
    errors = [*Outcome(found.issues).errors, *outcome.errors]
    assert [(issue.code, str(issue.source), issue.value) for issue in errors] == THREE_FAULTS


def test_the_information_standard_adds_nothing_to_them(mapped: Callable[..., Mapped], translator: Translator) -> None:
    outcome = judged(mapped("care-home/red-bag", "care-home-bad", "*"), translator)
    assert [(issue.code, str(issue.source), issue.value) for issue in outcome.errors] == THREE_FAULTS


def test_no_known_allergies_is_said_and_not_left_out(mapped: Callable[..., Mapped]) -> None:
    (allergy,) = of_type(mapped("care-home/red-bag", "care-home-corrected", "*"), "AllergyIntolerance")
    assert allergy["code"]["coding"][0]["code"] == "716186003"
    assert "reaction" not in allergy


def test_the_same_person_is_the_same_resource_in_every_run(red_bag: Mapped, mapping: Callable[[str], Mapping]) -> None:
    again = mapping("care-home/red-bag").apply(red_bag.record, now=NEW_YEAR)
    assert [entry.full_url for entry in again.resources] == [entry.full_url for entry in red_bag.resources]


def test_the_discharge_says_what_happened_to_every_medicine(discharge: Mapped) -> None:
    changes = {}
    for medicine in of_type(discharge, "MedicationStatement"):
        (change,) = (
            extension for extension in medicine["extension"] if extension["url"] == LOCAL + "medication-change"
        )
        parts = {part["url"]: part.get("valueCode", part.get("valueString")) for part in change["extension"]}
        changes[medicine["medicationCodeableConcept"]["text"].split()[0]] = (medicine["status"], parts["status"])
    assert changes["Alendronic"] == ("active", "started")
    assert changes["Amlodipine"] == ("active", "changed")
    assert changes["Zopiclone"] == ("stopped", "stopped")
    assert sum(change == ("active", "same") for change in changes.values()) == 5


@pytest.mark.parametrize(
    ("file", "status", "event"), [("adt-a01.hl7", "in-progress", "A01"), ("adt-a03.hl7", "finished", "A03")]
)
def test_an_adt_message_becomes_an_encounter(file: str, status: str, event: str, mapped: Callable[..., Mapped]) -> None:
    found = mapped("hospital/adt", "hospital", file)
    (encounter,) = of_type(found, "Encounter")
    assert (encounter["status"], found.event, found.person) == (status, f"ADT^{event}", "9990000018")
    assert encounter["period"]["start"] == "2026-11-14T03:12:00+00:00"
    assert encounter["hospitalization"]["admitSource"]["coding"][0]["code"] == "85"
    assert ("end" in encounter["period"]) == (event == "A03")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published messages are not beside the repository")
@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("ADT-A01-01.hl7", "in-progress"), ("ADT-A01-02.hl7", "in-progress"), ("ADT-A02-01.hl7", "in-progress"),
        ("ADT-A03-01.hl7", "finished"), ("ADT-A08-01.hl7", "finished"), ("ADT-A11-01.hl7", "cancelled"),
        ("ADT-A13-01.hl7", "in-progress"),
    ],
)  # fmt: skip
def test_a_published_message_full_of_odd_fields_is_accepted(
    file: str, status: str, mapping: Callable[[str], Mapping], translator: Translator
) -> None:
    reading = mapping("hospital/adt").read({file: (PUBLISHED / file).read_bytes()})
    (record,) = reading.records
    found = mapping("hospital/adt").apply(record, now=NEW_YEAR)
    outcome = judged(found, translator)
    assert [str(issue) for issue in outcome.errors] == []
    assert of_type(found, "Encounter")[0]["status"] == status
    odd = [issue for issue in outcome if issue.severity is Severity.WARNING and issue.source is not None]
    assert odd, "odd codes are carried as words and said"
