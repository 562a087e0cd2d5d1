"""Files as they really arrive: one thing broken at a time, and what a person is told to change, and where.

Exit codes: 0 fine, 1 findings, 2 usage or configuration, 3 could not tell.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from interop.node import Node
from interop.settings import Settings

Edit = Callable[[bytes], bytes]


def text(edit: Callable[[str], str]) -> Edit:
    return lambda data: edit(data.decode("utf-8")).encode("utf-8")


def swap(old: str, new: str) -> Edit:
    def edit(before: str) -> str:
        assert old in before, f"the example no longer holds {old!r}"
        return before.replace(old, new, 1)

    return text(edit)


def rows(edit: Callable[[list[list[str]]], object]) -> Edit:
    """The table's rows changed as a spreadsheet would change them."""

    def changed(before: str) -> str:
        table = list(csv.reader(io.StringIO(before)))
        edit(table)
        out = io.StringIO()
        csv.writer(out).writerows(table)
        return out.getvalue()

    return text(changed)


def cut(segment: str) -> Edit:
    """The message without a segment."""
    return lambda data: b"\r".join(s for s in data.split(b"\r") if not s.startswith(segment.encode()))


def first(segment: str) -> Edit:
    """The message with a segment moved up behind MSH."""

    def moved(data: bytes) -> bytes:
        head, *rest = data.strip(b"\r").split(b"\r")
        rest.sort(key=lambda s: not s.startswith(segment.encode()))
        return b"\r".join([head, *rest])

    return moved


BINARY = bytes(range(256)) * 8
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
BIG = b'{"resourceType":"Patient","name":[{"text":"' + b"x" * (30 * 2**20) + b'"}]}'
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">]><Patient xmlns="http://hl7.org/fhir"><id value="&a;"/></Patient>'

# What was broken: (file, how, exit code, what is said).
TABLES: dict[str, tuple[str, Edit, int, tuple[str, ...]]] = {
    "semicolons": (
        "medicines.csv", text(lambda t: t.replace(",", ";")), 1,
        ("medicines.csv row 1", "separated by semicolons", "export it with commas"),
    ),
    "tabs": ("medicines.csv", text(lambda t: t.replace(",", "\t")), 1, ("medicines.csv row 1", "separated by tabs")),
    "cp1252": (
        "residents.csv", lambda d: d.decode().replace("Edith", "Édith").encode("cp1252"), 1,
        ("residents.csv", "byte 0xC9 on line 2", "Windows-1252", 'save it as "CSV UTF-8"'),
    ),
    "utf-16": ("residents.csv", lambda d: d.decode().encode("utf-16"), 0, ("RH-014 became a transfer-summary",)),
    "utf-16 without its mark": (
        "residents.csv", lambda d: d.decode().encode("utf-16-le"), 1, ("residents.csv", "(")
    ),
    "byte order mark": ("residents.csv", lambda d: b"\xef\xbb\xbf" + d, 0, ("RH-014 became a transfer-summary",)),
    "windows line ends": (
        "medicines.csv", text(lambda t: t.replace("\n", "\r\n")), 0, ("RH-014 became a transfer-summary",)
    ),
    "missing column": (
        "medicines.csv", swap("Medicine,", "Drug name,"), 1,
        ('medicines.csv row 1, column "Medicine"', "the column is missing", "headed 'Medicine'"),
    ),
    "column twice": (
        "medicines.csv", swap("Reason,Note", "Reason,Reason"), 1,
        ('medicines.csv row 1, column "Reason"', "stands 2 times", "rename or remove all but one"),
    ),
    "a line break in quotes": (
        "medicines.csv", rows(lambda t: t[1].__setitem__(8, "with water\nnot with milk")), 0,
        ("RH-014 became a transfer-summary",),
    ),
    "rows count as a spreadsheet shows them": (
        "medicines.csv",
        rows(lambda t: (t[1].__setitem__(8, "two\nlines"), t[2].__setitem__(6, "yesterday"))), 1,
        ('medicines.csv row 3, column "Started"', "'yesterday' is not a date as dd/MM/yyyy"),
    ),
    "a quote that never closes": (
        "medicines.csv", swap("By mouth", '"By mouth'), 1, ("medicines.csv row ", "close the quote"),
    ),
    "a stray quote": (
        "medicines.csv", swap("RH-014,Amlodipine", '"RH-014" x,Amlodipine'), 1,
        ("medicines.csv row 3", "close the quote"),
    ),
    "a row cut short": (
        "medicines.csv", rows(lambda t: t.__setitem__(2, t[2][:4])), 1,
        ("medicines.csv row 3", "the row has 4 cells, the header has 9"),
    ),
    "no rows": ("residents.csv", rows(lambda t: t.__delitem__(slice(1, None))), 1, ("residents.csv",)),
    "an empty file": ("medicines.csv", lambda d: b"", 1, ("medicines.csv", "the file is empty", "header row")),
    "a binary file": ("medicines.csv", lambda d: BINARY, 1, ("medicines.csv", "byte 0x80 on line 2", "save it as")),
    "zero bytes": ("medicines.csv", lambda d: d.replace(b"Amlodipine", b"\x00\x00"), 1, ("medicines.csv row 3",)),
    "json cut short": (
        "assessments.json", lambda d: d[: len(d) // 2], 1, ("assessments.json", "not JSON", "line ", "column ")
    ),
    "json ten thousand deep": (
        "assessments.json", lambda d: b'{"residents":' + DEEP + b"}", 1,
        ("assessments.json", "nested more than 200 levels deep"),
    ),
    "json without the list": (
        "assessments.json", lambda d: b'{"people": []}', 1, ("assessments.json", "holds no list at 'residents'")
    ),
}  # fmt: skip

MESSAGES: dict[str, tuple[Edit, int, tuple[str, ...]]] = {
    "PV1 before PID": (first("PV1"), 0, ("adt-a01.hl7 PV1", "PV1 stands before PID", "correct the order")),
    "a Z-segment": (lambda d: d + b"ZBD|1|WARD 5|BED 3\r", 0, ("became an encounter-event",)),
    "no MSH": (cut("MSH"), 1, ("adt-a01.hl7", "line 1 on (EVN", "belong to no message", "MSH first")),
    "PID before MSH": (
        lambda d: b"\r".join([d.split(b"\r")[2], *d.split(b"\r")[:2], *d.split(b"\r")[3:]]), 1,
        ("line 1 on (PID", "belong to no message"),
    ),
    "no PID": (cut("PID"), 1, ("adt-a01.hl7", "has no PID segment", "send PID in every ADT message")),
    "no PV1": (cut("PV1"), 1, ("adt-a01.hl7 PV1-19.1", "fill it in at the source")),
    "a line break inside a field": (
        swap("Fall with", "Fall\rwith"), 1, ("line 8 is no segment", "inside PV2", "\\.br\\")
    ),
    "a wrong check digit": (
        swap("9990000018", "9990000019"), 1, ("adt-a01.hl7 PID-3", "fails the check digit", "ask for 8")
    ),
    "an unreadable time": (swap("|20261114031200\rPV2", "|14/11/2026\rPV2"), 1, ("adt-a01.hl7 PV1-44", "14/11/2026")),
    "an empty file": (lambda d: b"", 1, ("adt-a01.hl7", "the file is empty")),
    "a binary file": (lambda d: BINARY, 1, ("adt-a01.hl7", "belong to no message", "check that the file is HL7 v2")),
    "JSON instead": (lambda d: b'{"resourceType": "Patient"}', 1, ("adt-a01.hl7", "check that the file is HL7 v2")),
}  # fmt: skip

RESOURCES: dict[str, tuple[bytes, int, tuple[str, ...]]] = {
    "malformed": (b'{"resourceType": "Patient",\n "name": [}', 3, ("not JSON", "line 2 column 11", "correct it there")),
    "cut short": (b'{"resourceType": "Pat', 3, ("not JSON", "line 1")),
    "ten thousand deep": (DEEP, 3, ("nested more than 200 levels deep",)),
    "ten thousand lists": (b"[" * 10_000 + b"]" * 10_000, 3, ("nested more than 200 levels deep",)),
    "30 MB": (BIG, 1, ("Patient.name[0].text", "31457280 characters, at most 1048576")),
    "empty": (b"", 3, ("line 1 column 1",)),
    "binary": (BINARY, 3, ("byte 128 is not UTF-8", "save the file as UTF-8")),
    "a key twice": (b'{"resourceType": "Patient", "id": "a", "id": "b"}', 3, ("'id'", "twice")),
    "a list": (b"[]", 3, ("resource",)),
    "an unknown type": (b'{"resourceType": "Resident"}', 3, ("'Resident' is not a resource type",)),
    "malformed XML": (b'<Patient xmlns="http://hl7.org/fhir"><name></Patient>', 3, ("line 1",)),
    "XML with entities": (LAUGHS, 3, ("document type",)),
    "XML of another kind": (b"<note><to>you</to></note>", 3, ("http://hl7.org/fhir",)),
}


def _says(told, words):
    said = " ".join((told.out + told.err).split())
    missing = [word for word in words if word not in said]
    assert not missing, said
    assert "Traceback" not in said
    assert "of ours" not in said


@pytest.fixture
def good(journey, tmp_path) -> Path:
    return Path(shutil.copytree(journey / "care-home", tmp_path / "care-home"))


def test_the_files_we_start_from_are_fine(interop, good, journey):
    assert interop("map", "care-home/red-bag", good).code == 0
    assert interop("map", "hospital/adt", journey / "hospital" / "adt-a01.hl7").code == 0


@pytest.mark.parametrize("case", TABLES)
def test_a_set_of_tables(interop, good, case):
    name, edit, code, words = TABLES[case]
    file = good / name
    file.write_bytes(edit(file.read_bytes()))
    told = interop("map", "care-home/red-bag", good)
    _says(told, words)
    assert told.code == code


@pytest.mark.parametrize("case", MESSAGES)
def test_an_hl7_message(interop, journey, tmp_path, case):
    edit, code, words = MESSAGES[case]
    file = tmp_path / "adt-a01.hl7"
    file.write_bytes(edit((journey / "hospital" / "adt-a01.hl7").read_bytes()))
    told = interop("map", "hospital/adt", file)
    _says(told, words)
    assert told.code == code


@pytest.mark.parametrize("case", RESOURCES)
def test_a_resource(interop, tmp_path, case):
    data, code, words = RESOURCES[case]
    (tmp_path / "resource").write_bytes(data)
    told = interop("validate", tmp_path / "resource")
    _says(told, words)
    assert told.code == code


def test_a_z_segment_is_told_and_not_sent(interop, journey, tmp_path):
    file = tmp_path / "adt-a01.hl7"
    file.write_bytes((journey / "hospital" / "adt-a01.hl7").read_bytes() + b"ZBD|1|WARD 5|BED 3\r")
    (record,) = interop("map", "hospital/adt", file, "--output", "json").json()["records"]
    unread = [i["source"] for i in record["issues"] if i["code"] == "source-field-unread"]
    assert f"{file.name} ZBD-2.1" in unread
    assert "WARD 5" not in json.dumps(record["bundle"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("remove", ("allergies.csv: the file of table 'allergies' is missing", "add allergies.csv")),
        ("rename", ("the file of table 'allergies' is missing", "allergy list.csv", "add allergies.csv")),
    ],
)
def test_a_missing_file(interop, good, change, words):
    if change == "remove":
        (good / "allergies.csv").unlink()
    else:
        (good / "allergies.csv").rename(good / "allergy list.csv")
    told = interop("map", "care-home/red-bag", good)
    _says(told, words)
    assert told.code == 1


def test_a_column_nobody_reads_is_told_by_its_name(interop, good):
    widen = rows(lambda t: [row.append("Colour" if row is t[0] else "red") for row in t])
    (good / "medicines.csv").write_bytes(widen((good / "medicines.csv").read_bytes()))
    told = interop("map", "care-home/red-bag", good, "--output", "json")
    assert told.code == 0
    (record,) = told.json()["records"]
    assert [i for i in record["issues"] if 'column "Colour"' in i.get("source", "")]


def test_a_file_nobody_reads_is_told_and_stops_nothing(interop, good):
    (good / "rota.csv").write_text("who,when\n", encoding="utf-8")
    told = interop("map", "care-home/red-bag", good)
    _says(told, ("rota.csv: no table of the mapping reads this file", "RH-014 became a transfer-summary"))
    assert told.code == 0


def test_two_records_of_one_key_are_two_files(interop, journey, tmp_path):
    for name in ("first.hl7", "second.hl7"):
        shutil.copy(journey / "hospital" / "adt-a01.hl7", tmp_path / name)
    told = interop("map", "hospital/adt", tmp_path / "first.hl7", tmp_path / "second.hl7", "--out", tmp_path / "out")
    _says(told, ("second.hl7", "has the same key as the record at first.hl7"))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["RXE99-000417-2.json", "RXE99-000417.json"]


def test_two_files_of_one_name(interop, good, journey):
    told = interop("map", "care-home/red-bag", good, journey / "care-home-bad" / "residents.csv")
    _says(told, ("two files are called 'residents.csv'", "send them apart"))
    assert told.code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("map", "care-home/redbag", "{good}"), "did you mean 'care-home/red-bag'?"),
        (("map", "nonsense", "{good}"), "known mappings: care-home/"),
        (("map", "{tmp}/mine.yaml", "{good}"), "there is no mapping file"),
        (("map", "{tmp}/broken.yaml", "{good}"), "broken.yaml"),
        (("map", "care-home/red-bag", "{tmp}/nowhere"), "does not exist"),
        (("map", "care-home/red-bag", "{good}", "--out", "{good}/needs.csv"), "is a file"),
        (("map", "care-home/discharge", "{tmp}/broken.yaml", "--reverse"), "not JSON"),
        (("map", "care-home/discharge", "{tmp}/list.json", "--reverse"), "found no resource"),
        (("map", "care-home/discharge", "{tmp}/patient.json", "--reverse"), "found Patient, a mapping run backwards"),
        (("validate", "{tmp}/nothing"), "holds no file (name the files or their folder)"),
        (("send", "care-home/red-bag", "{good}", "--config", "{tmp}/none.toml"), "make one with: interop init"),
        (("status", "--config", "{good}"), "name the configuration file with --config"),
        (("status", "--config", "{tmp}/broken.toml"), "not TOML: "),
        (("status", "--config", "{tmp}/binary.toml"), "byte 0 is not UTF-8 (save the file as UTF-8 text)"),
        (("status", "--config", "{tmp}/misspelt.toml"), "node.prot"),
        (("serve", "--config", "{tmp}/misspelt.toml"), "organisations.0.ods: "),
    ],
)
def test_a_mistake_in_the_call_or_the_configuration(interop, good, tmp_path, words, said):
    (tmp_path / "broken.yaml").write_text("mapping: mine\n  version: [", encoding="utf-8")
    (tmp_path / "broken.toml").write_text("[node\n", encoding="utf-8")
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}', encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "misspelt.toml").write_text(
        '[node]\nname = "a"\nprot = 1\n[[organisations]]\nods = "a b"\nname = "A"\nrole = "gp"\n', encoding="utf-8"
    )
    told = interop(*(word.format(good=good, tmp=tmp_path) for word in words))
    _says(told, (said,))
    assert told.code == 2
    assert told.out == ""


CONFIG = (
    '[node]\nname = "Rosewood House"\n[[organisations]]\nods = "VNX01"\nname = "Rosewood House"\nrole = "care-home"\n'
)


@pytest.mark.parametrize("case", ["semicolons", "cp1252", "a quote that never closes", "a binary file"])
def test_what_cannot_be_sent_is_kept_as_it_came(interop, good, tmp_path, case):
    name, edit, _, words = TABLES[case]
    (good / name).write_bytes(edit((good / name).read_bytes()))
    config = tmp_path / "interop.toml"
    config.write_text(CONFIG, encoding="utf-8")
    told = interop("send", "care-home/red-bag", good, "--config", config)
    assert told.code == 1
    _says(told, words)
    with Node.open(Settings.load(config)) as node:
        (record,) = node.quarantine.records("VNX01")
        kept = node.quarantine.files("VNX01", record.id)
        assert node.history.stories("VNX01") == []
    assert kept == {path.name: path.read_bytes() for path in good.iterdir()}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("map", "care-home/red-bag", "{good}"), 0, b"RH-014 became a transfer-summary"),
        (("map", "care-home/red-bag", "{tmp}/deep.json"), 1, b"add residents.csv"),
        (("map", "care-home/redbag", "{good}"), 2, b"did you mean 'care-home/red-bag'?"),
        (("validate", "{tmp}/deep.json"), 3, b"nested more than 200 levels deep"),
    ],
)
def test_as_a_process_it_ends_the_same_way(good, tmp_path, words, code, said):
    (tmp_path / "deep.json").write_bytes(DEEP)
    command = [sys.executable, "-m", "interop.cli.main", *(w.format(good=good, tmp=tmp_path) for w in words)]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
    assert b"Traceback" not in ended.stderr
