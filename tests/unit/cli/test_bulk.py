"""``interop map`` over many records: streamed, summed up, and gone on with after a stop as if there had been none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from interop.cli import journal, translate
from interop.cli.journal import Journal
from interop.cli.output import Exit, Output
from interop.cli.pace import told
from interop.cli.results import Lines
from interop.errors import ContentError
from interop.outcome import Severity

MAPPING = """
mapping: bulk/register
version: "1"
title: One row, one patient
source:
  format: tables
  tables:
    resident: {file: rows.csv, key: ID, one: true}
bundle: {type: collection, kind: register, person: patient, identity: [resident.ID]}
groups:
  - group: patient
    create: Patient
    identity: [resident.ID]
    rules:
      - {source: resident.ID, target: "identifier[home].value"}
      - {source: resident.Surname, target: "name[official].family"}
      - {source: resident.DOB, target: birthDate, transform: {date: dd/MM/yyyy}}
"""
ROWS = [f"R/{n % 30},Ashworth{n},{'no date' if n % 10 == 3 else '14/08/1938'}" for n in range(40)]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "bulk"
    folder.mkdir()
    (folder / "register.yaml").write_text(MAPPING)
    (folder / "rows.csv").write_text("ID,Surname,DOB\n" + "\n".join(ROWS) + '\n"R/99" x,,\n')
    return folder


def mapped(work: Path, *, out: Path | None = None, ndjson: Path | None = None, resume: bool = False) -> Exit:
    files = {"rows.csv": work / "rows.csv"}
    target = translate.Target(out, ndjson, resume=resume, replace=False)
    listing = translate.Listing(Output.TEXT, Severity.WARNING, every=False)
    return translate._forwards(str(work / "register.yaml"), files, target, listing)


def test_a_file_that_is_there_and_differs_is_kept_and_the_new_one_gets_a_number(work: Path, capsys) -> None:
    out = work / "out"
    mapped(work, out=out)
    first = sorted(out.glob("*.json"))[0]
    whole = first.read_bytes()
    first.write_bytes(b"somebody's")
    mapped(work, out=out)
    assert first.read_bytes() == b"somebody's"
    assert first.with_name(f"{first.stem}-2.json").exists()
    assert "is there already and holds something else: kept" in " ".join(capsys.readouterr().err.split())
    target = translate.Target(out, None, resume=False, replace=True)
    listing = translate.Listing(Output.TEXT, Severity.WARNING, every=False)
    translate._forwards(str(work / "register.yaml"), {"rows.csv": work / "rows.csv"}, target, listing)
    assert len(first.read_bytes()) == len(whole)


class KilledError(Exception):
    """Stands for the machine going dark."""


def killed_after(monkeypatch: pytest.MonkeyPatch, results: int, place: type) -> None:
    """Every result is written for good, until the run dies in the middle of writing one."""
    monkeypatch.setattr(translate, "_KEPT_EVERY", -1.0)
    take, count = place.take, 0

    def dying(self, translated):
        nonlocal count
        count += 1
        if count > results:
            self._file.write(b'{"half a li')
            self._file.flush()
            raise KilledError
        take(self, translated)

    monkeypatch.setattr(place, "take", dying)


@pytest.mark.parametrize("stop", [1, 2, 17, 30])
def test_a_killed_run_goes_on_and_ends_with_the_bytes_of_one_that_was_not(work, monkeypatch, stop):
    whole, parts = work / "whole.ndjson", work / "parts.ndjson"
    journal_of_parts = work / "parts.ndjson.journal"
    with monkeypatch.context() as dying:
        killed_after(dying, stop, Lines)
        with pytest.raises(KilledError):
            mapped(work, ndjson=parts)
    assert json.loads(journal_of_parts.read_text())["done"] == stop
    assert mapped(work, ndjson=parts, resume=True) is Exit.FINDINGS

    # The same moment for both: it stands in every Bundle.
    now = json.loads(journal_of_parts.read_text())["now"]
    monkeypatch.setattr(journal, "Journal", lambda work, _: Journal(work, now))
    mapped(work, ndjson=whole)
    assert parts.read_bytes() == whole.read_bytes()


def test_every_record_has_its_line_and_what_is_wrong_with_the_file_has_one(work):
    mapped(work, ndjson=work / "o.ndjson")
    lines = [json.loads(line) for line in (work / "o.ndjson").read_text().splitlines()]
    assert [line["key"] for line in lines] == ["files", *(f"R/{n}" for n in range(30))]
    assert [issue["code"] for issue in lines[0]["issues"]] == ["csv-quote"]
    assert [line["valid"] for line in lines].count(True) == 18  # of 30, ten stand twice and three have no date
    assert lines[1]["bundle"]["entry"][0]["resource"]["name"] == [{"family": "Ashworth0"}]


def test_going_on_after_the_end_does_nothing(work, monkeypatch, capsys):
    monkeypatch.setattr(translate, "_KEPT_EVERY", -1.0)
    first = mapped(work, ndjson=work / "o.ndjson")
    before = (work / "o.ndjson").read_bytes()
    assert mapped(work, ndjson=work / "o.ndjson", resume=True) is first
    assert (work / "o.ndjson").read_bytes() == before


@pytest.mark.parametrize("changed", ["rows.csv", "register.yaml"])
def test_a_run_does_not_go_on_with_other_input(work, monkeypatch, changed):
    monkeypatch.setattr(translate, "_KEPT_EVERY", -1.0)
    mapped(work, ndjson=work / "o.ndjson")
    (work / changed).write_text((work / changed).read_text() + "\n# changed\n")
    with pytest.raises(ContentError, match=f"{changed} changed since"):
        mapped(work, ndjson=work / "o.ndjson", resume=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"work": {}, "now": "today"}'])
def test_a_damaged_journal_is_refused_in_words(work, text):
    (work / "o.ndjson.journal").write_text(text)
    with pytest.raises(ContentError, match="is no journal"):
        mapped(work, ndjson=work / "o.ndjson", resume=True)


def test_into_a_folder_no_record_takes_the_place_of_another(work, monkeypatch):
    rows = work / "rows.csv"
    rows.write_text("ID,Surname,DOB\nR/1,A,\nR-1,B,\nR.1,C,\n")
    monkeypatch.setattr(translate, "_KEPT_EVERY", -1.0)
    out = work / "out"
    mapped(work, out=out)
    names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    assert names == ["R-1-2.json", "R-1.json", "R.1.json"]
    state = json.loads((out / ".interop-map.journal").read_text())
    (out / "R-1-2.json").unlink()
    (out / ".interop-map.journal").write_text(json.dumps({**state, "done": 1, "finished": False}))
    mapped(work, out=out, resume=True)
    assert json.loads((out / "R-1-2.json").read_text())["entry"][0]["resource"]["name"] == [{"family": "B"}]


def test_a_short_run_leaves_no_journal(work):
    mapped(work, out=work / "out")
    assert [path.name for path in (work / "out").iterdir() if path.suffix != ".json"] == []


def test_a_mapping_with_faults_leaves_the_file_of_results_alone(work):
    (work / "o.ndjson").write_text("kept")
    (work / "register.yaml").write_text(MAPPING.replace("create: Patient", "create: Patent"))
    with pytest.raises(Exception, match="fault"):
        mapped(work, ndjson=work / "o.ndjson")
    assert (work / "o.ndjson").read_text() == "kept"


@pytest.mark.parametrize(
    "options",
    [{"out": Path("a"), "ndjson": Path("b")}, {"resume": True}, {"reverse": True, "resume": True}],
    ids=["two places", "nothing to go on with", "backwards"],
)
def test_options_that_contradict_each_other_are_refused(work, options):
    wanted = {"reverse": False, "out": None, "ndjson": None, "resume": False, **options}
    with pytest.raises(typer.BadParameter):
        translate.map_records(str(work / "register.yaml"), [work / "rows.csv"], **wanted, output=Output.TEXT)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, None, 0.0), "0 records, 0.0/s"),
        ((3, 10, 2.0), "3 of 10 records, 1.5/s, 5 s to go"),
        ((120_000, 1_000_000, 100.0), "120,000 of 1,000,000 records, 1,200/s, 12 min 13 s to go"),
        ((600_000, 1_000_000, 10.0, 599_000), "600,000 of 1,000,000 records, 100/s, 1 h 6 min to go"),
        ((1_000_000, 1_000_000, 10.0), "1,000,000 of 1,000,000 records, 100,000/s, 0 s to go"),
    ],
)
def test_the_pace_is_said_in_words(arguments, words):
    assert told(*arguments) == words


def test_a_key_is_shown_as_it_stands_and_commands_no_terminal(work, capsys):
    """Brackets are marks to rich and an escape sequence is one to a terminal; to us they are letters of a key."""
    (work / "rows.csv").write_text("ID,Surname,DOB\nR[/b]1\x1b[2J,A,14/08/1938\n")
    mapped(work)
    said = capsys.readouterr().out
    assert "R[/b]1\ufffd[2J" in said
