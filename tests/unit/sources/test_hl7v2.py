"""HL7 v2: text to tree and back without loss, delimiters from the message, and findings for what is odd."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from interop.location import SourcePath
from interop.sources import Format, SourceSpec, hl7v2_frames, read, write
from interop.sources.hl7v2 import DELETE, Delimiters, delimiters_of, escape, parse_segment, unescape
from interop.sources.hl7v2 import write as write_message
from interop.sources.hl7v2_source import hl7_path

FOLDER = Path(__file__).parents[2] / "cases/sources"
ESCAPES = YAML(typ="safe").load(FOLDER / "hl7v2-escapes.yaml")
FAULTS = YAML(typ="safe").load(FOLDER / "hl7v2-faults.yaml")
PUBLISHED = Path(__file__).parents[3].parent / "shared/real-inputs/hl7v2-adt"
HL7 = SourceSpec(Format.HL7V2)
ADT = (
    b"MSH|^~\\&|PAS|RXE99|HUB|VNX01|202611140425||ADT^A01^ADT_A01|MSG1|P|2.4\r"
    b"EVN|A01|202611140425\r"
    b"PID|1||RH-014^^^HOME~9990000018^^^NHS^NH||ASHWORTH&VON^EDITH^^^MRS||19380814|F\r"
    b"NK1|1|BELL^MARGARET\rNK1|2|ASHWORTH^TOM\r"
    b'PV1|1|I|A\\T\\E^^3|""\r'
)


def only(data: bytes):
    reading = read(HL7, {"a.hl7": data})
    assert reading.findings == ()
    return reading.records[0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("PID", 0, "5", 0, 0, 0), "ASHWORTH"),
        (("PID", 0, "5", 0, 0, 1), "VON"),
        (("PID", 0, "5", 0, 1, 0), "EDITH"),
        (("PID", 0, "3", 1, 0, 0), "9990000018"),
        (("NK1", 1, "2", 0, 1, 0), "TOM"),
        (("PV1", 0, "3", 0, 0, 0), "A&E"),
        (("PV1", 0, "4", 0, 0, 0), DELETE),
        (("MSH", 0, "1", 0, 0, 0), "|"),
        (("MSH", 0, "2", 0, 0, 0), "^~\\&"),
        (("MSH", 0, "9", 0, 1, 0), "A01"),
        (("PID", 0, "4", 0, 0, 0), None),
        (("PID", 0, "5", 0, 2, 0), None),
        (("PID", 0, "30", 0, 0, 0), None),
        (("segments",), ["MSH", "EVN", "PID", "NK1", "NK1", "PV1"]),
    ],
)
def test_a_value_stands_at_segment_field_repetition_component_subcomponent(path: SourcePath, value):
    assert only(ADT).value(path) == value


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("PID", 0, "5", 0, 1, 0), "PID-5.2"),
        (("PID", 0, "5", 0, 0, 1), "PID-5.1.2"),
        (("PID", 0, "3", 1, 0, 0), "PID-3[2].1"),
        (("NK1", 1, "2"), "NK1[2]-2"),
        (("PV1",), "PV1"),
    ],
)
def test_a_place_is_said_as_hl7_people_say_it(path: SourcePath, words):
    assert hl7_path(path) == words
    assert str(only(ADT).pointer(path)) == f"a.hl7 {words}"


def test_the_message_is_named_by_its_control_id():
    assert only(ADT).key == "MSG1"


@pytest.mark.parametrize("case", ESCAPES, ids=[case["escaped"] for case in ESCAPES])
def test_escapes_are_undone_and_put_back(case):
    usual = Delimiters()
    assert unescape(case["escaped"], usual) == case["text"]
    assert escape(case["text"], usual) == case.get("written", case["escaped"])


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_survives_writing_and_reading(text):
    usual = Delimiters()
    escaped = escape(text, usual)
    assert not set(escaped) & set("|^~&\r\n")
    assert unescape(escaped, usual) == text


sub_components = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
components = st.one_of(st.just([]), st.lists(sub_components, min_size=1, max_size=3))
repetitions = st.lists(components, min_size=2, max_size=3).map(lambda found: [*found, ["end"]])
fields = st.one_of(st.just([]), st.lists(repetitions, min_size=1, max_size=3))


@given(st.lists(fields, min_size=1, max_size=4))
def test_any_tree_of_fields_survives_writing_and_reading(values):
    segment = {str(number): value for number, value in enumerate(values, 1)}
    text = write_message({"ZZZ": [segment]})
    assert parse_segment(text.rstrip("\r"), Delimiters()) == ("ZZZ", segment)


@pytest.mark.parametrize("case", FAULTS, ids=[case["desc"] for case in FAULTS])
def test_odd_messages_give_findings_not_crashes(case):
    reading = read(HL7, {"a.hl7": case["text"].encode()})
    assert [record.key for record in reading] == case["records"]
    found = [f"{i.code} {i.severity} {i.source} {i.line}" for i in reading.findings]
    assert found == case.get("findings", [])


def test_a_torn_segment_is_written_back_as_it_came():
    text = "MSH|^~\\&|||||||ADT^A01|1\rEVN|\rPID|1\rNTE|1||first \\E\\ line\rsecond | line \\T\\\rPV1|1\r"
    assert write_message(read(HL7, {"a.hl7": text.encode()}).records[0].tree) == text


def test_delimiters_are_the_messages_own():
    record = only(b"MSH#*!?%#PAS######ADT*A01#9\rEVN#\rPID#1##A!B*C%D#\rPV1#a?T?b\r")
    assert record.value(("PID", 0, "3")) == [[["A"]], [["B"], ["C", "D"]]]
    assert record.value(("PV1", 0, "1", 0, 0, 0)) == "a%b"
    assert write_message(record.tree).startswith("MSH#*!?%#PAS")


def test_delimiters_a_message_does_not_declare_it_does_not_have():
    record = only(b"MSH|^|||||||ADT^A01|1\rEVN|\rPID|1||a~b\\T\\^c&d\rPV1|1\r")
    assert record.value(("PID", 0, "3")) == [[["a~b\\T\\"], ["c&d"]]]
    assert "PID|1||a~b\\T\\^c&d\r" in write_message(record.tree)


@pytest.mark.parametrize("msh", ["MSH", "MSH|", "MSH||A", "MSH|^^~\\|A", "MSH|^~\\&#+|A", "MSHxyz12x"])
def test_delimiters_that_cannot_work_are_refused_in_words(msh):
    assert isinstance(delimiters_of(msh), str)


def test_the_character_set_a_message_declares_is_used():
    head = "MSH|^~\\&|||||||ADT^A01|1||2.4||||||8859/1\rEVN|\rPID|1|||||Brontë\rPV1|1\r"
    assert only(head.encode("latin-1")).value(("PID", 0, "6", 0, 0, 0)) == "Brontë"


def test_each_message_of_a_file_is_read_by_its_own_character_set():
    head = "MSH|^~\\&|||||||ADT^A01|{}||2.4||||||{}\rEVN|\rPID|1|||||Brontë\rPV1|1\r"
    data = head.format(1, "UNICODE UTF-8").encode() + head.format(2, "8859/1").encode("latin-1")
    reading = read(HL7, {"a.hl7": data})
    assert reading.findings == ()
    assert [record.value(("PID", 0, "6", 0, 0, 0)) for record in reading] == ["Brontë", "Brontë"]


def test_one_message_nobody_can_decode_does_not_take_the_others_with_it():
    good = b"MSH|^~\\&|||||||ADT^A01|2|P|2.4\rEVN|\rPID|1\rPV1|1\r"
    reading = read(HL7, {"a.hl7": b"MSH|^~\\&|||||||ADT^A01|1\rPID|1|\xeb\r" + good})
    assert [record.key for record in reading] == ["2"]
    assert [(i.code, i.line) for i in reading.issues] == [("source-encoding", 2)]


def test_a_message_in_utf_16_is_read():
    text = "MSH|^~\\&|||||||ADT^A01|1|P|2.4\rEVN|\rPID|1|||||Brontë\rPV1|1\r"
    assert only(text.encode("utf-16")).value(("PID", 0, "6", 0, 0, 0)) == "Brontë"


def test_a_character_set_that_does_not_fit_is_said():
    head = "MSH|^~\\&|||||||ADT^A01|1||2.4||||||ASCII\rEVN|\rPID|1|||||Brontë\rPV1|1\r"
    (record,) = read(HL7, {"a.hl7": head.encode()}).records
    assert record.value(("PID", 0, "6", 0, 0, 0)) == "Brontë"
    assert [f"{i.code} {i.severity} {i.source}" for i in record.issues] == ["source-encoding information a.hl7 MSH-18"]


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_messages_are_found_wherever_the_window_ends(monkeypatch, size):
    monkeypatch.setattr(hl7v2_frames, "_CHUNK", size)
    message = "MSH|^~\\&|||||||ADT^A01|{}|P|2.4\r\nEVN|A01\r\nPID|1||x\r\nPV1|1\r\n"
    data = "".join(message.format(n) for n in range(50)).encode()
    reading = read(HL7, {"a.hl7": data})
    assert [record.key for record in reading] == [str(n) for n in range(50)]
    assert reading.findings == ()


def test_bytes_in_no_allowed_encoding_are_refused():
    reading = read(HL7, {"a.hl7": b"MSH|^~\\&|||||||ADT^A01|1\rPID|1|\xeb\r"})
    assert reading.records == ()
    assert [issue.code for issue in reading.issues] == ["source-encoding"]


def test_a_message_made_from_nothing_gets_the_usual_delimiters_and_its_segments_in_order():
    tree = {"MSH": [{"9": [[["ACK"]]], "10": [[["7"]]]}], "MSA": [{"1": [[["AA"]]], "3": [[["a|b"]]]}]}
    assert write_message(tree) == "MSH|^~\\&|||||||ACK|7\rMSA|AA||a\\F\\b\r"
    assert write(HL7, [tree]) == {"records.hl7": b"MSH|^~\\&|||||||ACK|7\rMSA|AA||a\\F\\b\r"}


@pytest.mark.skipif(not PUBLISHED.exists(), reason="published HL7 v2 messages are not at hand")
def test_published_messages_are_read_without_a_finding_and_written_back_as_they_came():
    files = sorted(PUBLISHED.glob("*.hl7"))
    assert len(files) >= 7
    for file in files:
        reading = read(HL7, {file.name: file.read_bytes()})
        assert reading.findings == (), file.name
        as_came = file.read_bytes().decode()
        normal = as_came.replace("\r\n", "\r").replace("\n", "\r").rstrip("\r") + "\r"
        assert "".join(write_message(record.tree) for record in reading) == normal, file.name
