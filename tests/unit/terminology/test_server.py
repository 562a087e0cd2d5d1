"""A terminology server as third source: what it is asked, and what its answers mean."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from interop.definitions import Definitions
from interop.errors import SettingsError
from interop.json_codec import JsonObject
from interop.terminology import Terminology
from interop.terminology.answers import Answers
from interop.terminology.server import TerminologyServer

SNOMED = "http://snomed.info/sct"
BODY_SITE = "http://hl7.org/fhir/ValueSet/body-site"
DIABETES, ARM, NEVER = "73211009", "368209003", "371535009"


def test_a_code_is_asked_of_its_system(start):
    far, server = start()
    assert server.validate_code(SNOMED, DIABETES).known is True
    assert far.asked == [("/fhir/CodeSystem/$validate-code", {"url": SNOMED, "code": DIABETES})]
    assert server.validate_code(f"{SNOMED}|http://snomed.info/sct/83821000000107", ARM).known is True
    assert far.asked[-1][1] == {"url": SNOMED, "code": ARM, "version": "http://snomed.info/sct/83821000000107"}


def test_a_no_carries_the_servers_reason(start):
    answer = start()[1].validate_code(SNOMED, NEVER)
    assert (answer.known, answer.reason) == (False, "Unknown code")


def test_one_wording_of_several_is_not_held_against_another(start):
    assert start()[1].validate_code(SNOMED, DIABETES).displays == ()


def test_a_value_set_is_asked_by_its_url_and_version(start):
    far, server = start()
    assert server.contains("http://x/vs|2.0", SNOMED, ARM) is True
    assert far.asked == [
        (
            "/fhir/ValueSet/$validate-code",
            {"url": "http://x/vs", "valueSetVersion": "2.0", "coding": {"system": SNOMED, "code": ARM}},
        )
    ]
    assert server.contains("http://x/vs", None, ARM) is True
    assert far.asked[-1][1] == {"url": "http://x/vs", "code": ARM, "inferSystem": True}


@pytest.mark.parametrize(
    ("part", "url"),
    [
        ({"filter": [{"property": "concept", "op": "is-a", "value": "91723000"}]}, f"{SNOMED}?fhir_vs=isa/91723000"),
        ({"filter": [{"property": "concept", "op": "in", "value": "999"}]}, f"{SNOMED}?fhir_vs=refset/999"),
        ({"filter": [{"property": "constraint", "op": "=", "value": "<< 9"}]}, f"{SNOMED}?fhir_vs=ecl/%3C%3C%209"),
        (
            {"version": f"{SNOMED}/83", "filter": [{"property": "concept", "op": "is-a", "value": "91723000"}]},
            f"{SNOMED}/83?fhir_vs=isa/91723000",
        ),
    ],
)
def test_an_include_of_snomed_is_asked_by_its_implicit_url(start, part: JsonObject, url: str):
    far, server = start()
    assert server.selects({"system": SNOMED, **part}, ARM) is True
    assert far.asked == [("/fhir/ValueSet/$validate-code", {"url": url, "coding": {"system": SNOMED, "code": ARM}})]


def test_any_other_include_travels_in_the_question(start):
    far, server = start()
    part = {"system": "http://loinc.org", "filter": [{"property": "CLASS", "op": "=", "value": "BP"}]}
    assert server.selects(part, ARM) is True
    assert far.asked[0][1]["valueSet"]["compose"] == {"include": [part]}


def test_an_include_of_a_whole_system_is_a_question_about_the_code(start):
    far, server = start()
    assert server.selects({"system": SNOMED}, ARM) is True
    assert far.asked[0][0] == "/fhir/CodeSystem/$validate-code"


def test_the_definitions_at_hand_answer_first(start):
    far, server = start()
    terminology = Terminology(Definitions.core(), server)
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert terminology.contains(gender, None, "male") is True
    assert terminology.contains(gender, None, "woman") is False
    assert terminology.contains(BODY_SITE, SNOMED, "368209004") is False  # its check digit is wrong
    assert terminology.validate_code("http://hl7.org/fhir/administrative-gender", "woman").known is False
    assert far.asked == []


def test_the_server_answers_what_these_cannot(start):
    terminology = Terminology(Definitions.core(), start()[1])
    assert terminology.contains(BODY_SITE, SNOMED, ARM) is True
    assert terminology.contains(BODY_SITE, SNOMED, NEVER) is False
    assert terminology.validate_code(SNOMED, DIABETES).known is True
    assert terminology.validate_code(SNOMED, NEVER).known is False


def test_exclusions_and_imports_stay_here(start):
    far, server = start()
    value_set = {
        "resourceType": "ValueSet",
        "url": "http://x/vs",
        "compose": {
            "include": [{"valueSet": [BODY_SITE]}],
            "exclude": [{"system": SNOMED, "concept": [{"code": DIABETES}]}],
        },
    }
    terminology = Terminology(Definitions.core().with_resource(value_set), server)
    assert terminology.contains("http://x/vs", SNOMED, ARM) is True
    assert terminology.contains("http://x/vs", SNOMED, DIABETES) is False
    assert {asked["url"] for _, asked in far.validations} == {f"{SNOMED}?fhir_vs=isa/442083009"}


def test_compiling_a_value_set_asks_nobody(start):
    far, server = start()
    listed = {"system": SNOMED, "concept": [{"code": code} for code in (ARM, DIABETES, NEVER)]}
    value_set = {
        "resourceType": "ValueSet",
        "url": "http://x/vs",
        "compose": {"include": [listed | {"valueSet": [BODY_SITE]}]},
    }
    terminology = Terminology(Definitions.core().with_resource(value_set), server)
    assert terminology.expand("http://x/vs") is None
    assert far.asked == []
    assert terminology.contains("http://x/vs", SNOMED, ARM) is True
    assert terminology.contains("http://x/vs", SNOMED, "44054006") is False
    assert len(far.validations) == 1  # a code that is not listed is out, whatever the server says


def test_the_same_question_is_asked_once(start):
    far, server = start()
    for _ in range(5):
        assert server.validate_code(SNOMED, DIABETES).known is True
        assert server.contains("http://x/vs", SNOMED, ARM) is True
        assert server.validate_code(SNOMED, NEVER).known is False
    assert len(far.validations) == 3


def test_an_answer_in_the_file_spares_the_next_process_the_question(start, tmp_path: Path):
    far, server = start(answers=Answers(tmp_path / "answers"))
    assert server.validate_code(SNOMED, DIABETES).known is True
    again = TerminologyServer(far.url, answers=Answers(tmp_path / "answers"))
    assert again.validate_code(SNOMED, DIABETES).known is True
    again.close()
    assert len(far.asked) == 1


@pytest.mark.parametrize(
    "address", ["", "terminology.example/fhir", "ftp://t.example", "http://", "file:///etc/passwd"]
)
def test_an_address_that_is_none_is_refused_at_once(address: str):
    with pytest.raises(SettingsError) as caught:
        TerminologyServer(address)
    assert caught.value.code == "terminology-server"


def test_many_threads_may_ask(start):
    terminology = Terminology(Definitions.core(), start()[1])
    found: list[bool | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(terminology.contains(BODY_SITE, SNOMED, ARM))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_the_room_opens_without_the_http_library():
    code = "import sys, interop.terminology; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
