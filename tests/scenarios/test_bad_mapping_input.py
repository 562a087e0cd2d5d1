"""Files made to hurt, and files as spreadsheets spoil them, through ``interop map``.

Each is told in words with its place; nothing crashes, nothing runs away with time or memory, and nothing half made is
written where something was asked for. What may eat memory, and one plain case of each kind, runs as a process of its
own, as a user starts it; the others run through the same command in this one.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest

from interop.cli import main

SECONDS, MEGABYTES = 60, 400
"""Bounds for one run on a busy machine."""

EMPTY_ROWS = 1_000_000 if os.environ.get("INTEROP_FULL_TESTS") else 100_000
"""As many as a sheet has that somebody formatted to its end; a tenth of them in every run."""

PEOPLE = """
mapping: people
version: "1"
title: People out of one table
source:
  format: tables
  zone: Europe/London
  tables:
    person: {FILE, key: ID, one: true, required: [ID, NHS Number, Surname, DOB]}
bundle: {type: collection, kind: people, person: patient, identity: [person.ID]}
groups:
  - group: patient
    create: Patient
    identity: [person.ID]
    rules:
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: person.NHS Number, target: "identifier[nhs].value", transform: nhs-number, required: true}
      - {source: person.Surname, target: name.family, required: true}
      - {source: person.DOB, target: birthDate, transform: {date: [dd/MM/yyyy, iso]}, required: true}
  - group: weight
    create: Observation
    rules:
      - {value: final, target: status}
      - {value: Weight, target: code.text}
      - {source: person.Weight, target: valueQuantity, transform: {quantity: kg}}
      - {source: person.DOB, target: effectiveDateTime, transform: {date: [dd/MM/yyyy, iso]}, reverse: false}
      - {reference: patient, target: subject}
drop: {person.ID: The key}
"""
HEADER = ["ID", "NHS Number", "Surname", "DOB", "Weight"]
GOOD = ["P1", "9990000018", "Ashworth", "14/08/1938", "51.5"]


@dataclass(frozen=True)
class Run:
    code: int
    said: str
    seconds: float
    megabytes: float
    written: list[str]


# The command, its peak of memory noted at its end as Linux tells it (kB).
PROCESS = """
import atexit, pathlib
status = pathlib.Path("/proc/self/status")
def peak():
    if status.exists():
        pathlib.Path("peak").write_text(status.read_text().partition("VmHWM:")[2].split()[0])
atexit.register(peak)
from interop.cli.main import run
run()
"""


HEAVY = ("nothing wrong", "very many", "bomb", "entities", "deep", "never ends", "far away", "holds itself")
"""Words in the names of cases that run as processes: their memory is their own, and a crash would be theirs."""


def run(folder: Path, mapping: str, *files: Path, case: str = "nothing wrong") -> Run:
    """``interop map`` as a user starts it; for a light case in this process."""
    out = folder / "out"
    words = ["map", mapping, *map(str, files), "--out", str(out)]
    begun = time.monotonic()
    if not any(word in case for word in HEAVY):
        return _here(words, out, begun)
    ended = subprocess.run(
        [sys.executable, "-c", PROCESS, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "COLUMNS": "250"},
        timeout=SECONDS,
        check=False,
    )
    seconds = time.monotonic() - begun
    peak = folder / "peak"
    megabytes = int(peak.read_text()) / 1024 if peak.exists() else 0.0
    written = sorted(path.name for path in out.iterdir() if path.suffix == ".json") if out.is_dir() else []
    return Run(ended.returncode, " ".join((ended.stdout + ended.stderr).split()), seconds, megabytes, written)


def _here(words: list[str], out: Path, begun: float) -> Run:
    """The console script in this process: its exit code, all it said, what it wrote."""
    told = io.StringIO()
    given = mock.patch.object(sys, "argv", ["interop", *words])
    with given, redirect_stdout(told), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main.run()
    code = int(ended.value.code or 0)
    written = sorted(path.name for path in out.iterdir() if path.suffix == ".json") if out.is_dir() else []
    return Run(code, " ".join(told.getvalue().split()), time.monotonic() - begun, 0.0, written)


def check(result: Run, code: int, words: tuple[str, ...]) -> None:
    missing = [word for word in words if word not in result.said]
    assert not missing, result.said[:3000]
    assert "Traceback" not in result.said
    assert result.code == code, result.said[:3000]
    assert result.seconds < SECONDS
    assert result.megabytes < MEGABYTES


def table(*rows: list[Any]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def with_cell(column: str, value: str) -> bytes:
    row = list(GOOD)
    row[HEADER.index(column)] = value
    return table(row)


@pytest.fixture
def csv_mapping(tmp_path: Path) -> str:
    (tmp_path / "people.yaml").write_text(PEOPLE.replace("FILE", "file: people.csv"), encoding="utf-8")
    return str(tmp_path / "people.yaml")


@pytest.fixture
def xlsx_mapping(tmp_path: Path) -> str:
    text = PEOPLE.replace("FILE", "file: people.xlsx, format: xlsx, sheet: People")
    (tmp_path / "people.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path / "people.yaml")


# What spreadsheets do to a CSV: (the file, exit code, what is said).
TABLES: dict[str, tuple[Callable[[], bytes], int, tuple[str, ...]]] = {
    "nothing wrong": (lambda: table(GOOD), 0, ("P1 became",)),
    "an NHS number whose leading nought Excel ate": (
        lambda: with_cell("NHS Number", "999000018"), 1,
        ('people.csv row 2, column "NHS Number"', "999000018", "a leading zero may have been lost"),
    ),
    "a long number as Excel shows it": (
        lambda: with_cell("NHS Number", "9.99E+09"), 1, ('people.csv row 2, column "NHS Number"', "9.99E+09"),
    ),
    "a date as Excel's serial number": (
        lambda: with_cell("DOB", "14106"), 1, ('people.csv row 2, column "DOB"', "'14106'", "dd/MM/yyyy"),
    ),
    "a decimal comma": (
        lambda: with_cell("Weight", "51,5"), 1, ('people.csv row 2, column "Weight"', "'51,5'", "decimal comma"),
    ),
    "a cell that is a command": (
        lambda: with_cell("Surname", "=cmd|' /C calc'!A0"), 0,
        ('people.csv row 2, column "Surname"', "begins like a spreadsheet formula"),
    ),
    "two headers alike": (
        lambda: table(GOOD).replace(b"Surname", b"DOB", 1), 1, ('people.csv row 1, column "DOB"', "stands 2 times"),
    ),
    "one line in another encoding": (
        lambda: table(GOOD, ["P2", "9990000026", "Grün", "01/02/1940", "60"]).replace("ü".encode(), b"\xfc"), 1,
        ("people.csv", "3"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_a_table_as_a_spreadsheet_spoils_it(tmp_path: Path, csv_mapping: str, case: str) -> None:
    data, code, words = TABLES[case]
    (tmp_path / "people.csv").write_bytes(data())
    result = run(tmp_path, csv_mapping, tmp_path / "people.csv", case=case)
    check(result, code, words)


def test_very_many_empty_rows_are_no_work(tmp_path: Path, csv_mapping: str) -> None:
    (tmp_path / "people.csv").write_bytes(table(GOOD) + b",,,,\r\n" * EMPTY_ROWS)
    check(run(tmp_path, csv_mapping, tmp_path / "people.csv"), 0, ("P1 became",))


# -- workbooks ----------------------------------------------------------------------------------------------------


def workbook(change: Callable[[Any], object] | None = None, *, sheet: str = "People") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in (HEADER, GOOD):
        page.append(row)
    if change is not None:
        change(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def part(data: bytes, name: str, change: Callable[[bytes], Iterable[bytes]]) -> bytes:
    """A workbook with one of its parts changed, written piece by piece."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            with new.open(entry, "w", force_zip64=True) as written:
                for piece in change(old.read(entry)) if entry == name else [old.read(entry)]:
                    written.write(piece)
    return out.getvalue()


def before(end: bytes, pieces: Iterable[bytes]) -> Callable[[bytes], Iterable[bytes]]:
    """The part with pieces put in before its end."""

    def changed(data: bytes) -> Iterable[bytes]:
        head, sign, tail = data.partition(end)
        return chain([head], pieces, [sign, tail])

    return changed


def put(cell: str, value: Any) -> Callable[[Any], object]:
    return lambda page: page.__setitem__(cell, value)


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 100 + b'">]>'

WORKBOOKS: dict[str, tuple[Callable[[], bytes], int, tuple[str, ...]]] = {
    "nothing wrong": (workbook, 0, ("P1 became",)),
    "a real date": (lambda: workbook(put("D2", date(1938, 8, 14))), 0, ("P1 became",)),
    "an NHS number as a number": (lambda: workbook(put("B2", 9990000018)), 0, ("P1 became",)),
    "an NHS number as a number, its nought eaten": (
        lambda: workbook(put("B2", 999000018)), 1,
        ('people.xlsx sheet "People" row 2, column "NHS Number"', "999000018"),
    ),
    "a date as a plain number": (
        lambda: workbook(put("D2", 14106)), 1, ('people.xlsx sheet "People" row 2, column "DOB"', "14106"),
    ),
    "a formula nobody has calculated": (
        lambda: workbook(put("C2", "=A2")), 1, ('people.xlsx sheet "People" row 2, column "Surname"', "formula"),
    ),
    "merged cells": (
        lambda: workbook(lambda page: page.merge_cells("C2:D2")), 1, ('people.xlsx sheet "People" row 2', "merged"),
    ),
    "two headers alike": (
        lambda: workbook(put("C1", "DOB")), 1, ('people.xlsx sheet "People" row 1, column "DOB"', "stands 2 times"),
    ),
    "another sheet": (lambda: workbook(sheet="Staff"), 1, ("people.xlsx", "People", "Staff")),
    "a far away empty row": (lambda: workbook(put("A1048576", " ")), 0, ("P1 became",)),
    "no workbook": (lambda: b"PK not really", 1, ("people.xlsx",)),
    "cut in half": (lambda: workbook()[:2000], 1, ("people.xlsx",)),
    "a sheet that is no XML": (lambda: part(workbook(), SHEET, lambda _: [b"<worksheet"]), 1, ("people.xlsx",)),
    "entities": (lambda: part(workbook(), SHEET, lambda d: [LAUGHS, d.partition(b"?>")[2]]), 1, ("people.xlsx",)),
    "a zip bomb": (
        lambda: part(workbook(), SHEET, before(b"</worksheet>", repeat(b" " * 1_000_000, 300))), 1,
        ("people.xlsx", "unpacks"),
    ),
    "very many empty rows": (
        lambda: part(workbook(), SHEET, before(b"</sheetData>", (b'<row r="%d"/>' % n for n in range(3, EMPTY_ROWS)))),
        0, ("P1 became",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook(tmp_path: Path, xlsx_mapping: str, case: str) -> None:
    data, code, words = WORKBOOKS[case]
    (tmp_path / "people.xlsx").write_bytes(data())
    check(run(tmp_path, xlsx_mapping, tmp_path / "people.xlsx", case=case), code, words)


# -- XML, HL7 v2, mappings ----------------------------------------------------------------------------------------

XML = """
mapping: people
version: "1"
title: People out of XML
source: {format: xml, file: people.xml, at: person, key: id}
bundle: {type: collection, kind: people, identity: [id]}
groups:
  - {group: patient, create: Patient, rules: [{source: name, target: name.family, required: true}]}
"""
DOCUMENTS: dict[str, tuple[bytes, int, tuple[str, ...]]] = {
    "nothing wrong": (b"<people><person><id>1</id><name>A</name></person></people>", 0, ("1 became",)),
    "entities": (LAUGHS + b"<people><person><id>1</id><name>&b;</name></person></people>", 1, ("people.xml",)),
    "a file from the disk": (
        b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><people><person><id>1</id><name>&a;</name></person></people>',
        1, ("people.xml",),
    ),
    "cut short": (b"<people><person><id>1</id>", 1, ("people.xml",)),
    "a hundred thousand deep": (b"<a>" * 100_000 + b"</a>" * 100_000, 1, ("people.xml",)),
}  # fmt: skip


@pytest.mark.parametrize("case", DOCUMENTS)
def test_an_xml_document(tmp_path: Path, case: str) -> None:
    data, code, words = DOCUMENTS[case]
    (tmp_path / "people.yaml").write_text(XML, encoding="utf-8")
    (tmp_path / "people.xml").write_bytes(data)
    result = run(tmp_path, str(tmp_path / "people.yaml"), tmp_path / "people.xml", case=case)
    check(result, code, words)
    assert "root:" not in "".join(p.read_text() for p in (tmp_path / "out").iterdir())


def test_a_message_without_its_header_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.hl7").write_bytes(b"EVN|A01|20261114\rPID|1||9990000018^^^NHS^NH\r")
    result = run(tmp_path, "hospital/adt", tmp_path / "a.hl7")
    check(result, 1, ("a.hl7", "belong to no message", "MSH"))
    assert result.written == []


START = """mapping: people
version: "1"
title: x
source: {format: json}
bundle: {type: collection, kind: x, identity: [id]}
"""
CIRCLE = """
groups:
  - {group: a, create: Organization, rules: [{source: x, target: name}, {reference: b, target: partOf}]}
  - {group: b, create: Organization, rules: [{source: x, target: name}, {reference: a, target: partOf}]}
"""
ENDLESS = """
groups:
  - group: a
    create: Organization
    rules:
      - {source: x, target: name}
      - {compute: "1.repeat($this + 1).first().toString()", target: alias}
"""
LOOPS: dict[str, tuple[dict[str, str], int, tuple[str, ...]]] = {
    "pieces that use each other": (
        {
            "people.yaml": START + "use: [one.yaml]\n",
            "one.yaml": "piece: one\ntitle: x\nuse: [two.yaml]\n",
            "two.yaml": "piece: two\ntitle: x\nuse: [one.yaml]\n",
        }, 2, ("in a circle", "one.yaml → two.yaml → one.yaml"),
    ),
    "a mapping that uses itself": ({"people.yaml": START + "use: [people.yaml]\n"}, 2, ("people.yaml",)),
    "YAML that holds itself": ({"people.yaml": START + "groups: &g [*g]\n"}, 2, ("people.yaml",)),
    "groups that refer to each other": ({"people.yaml": START + CIRCLE}, 0, ("became",)),
    "an expression that never ends": ({"people.yaml": START + ENDLESS}, 1, ("people.json", "repeat")),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOPS)
def test_a_mapping_that_goes_in_circles(tmp_path: Path, case: str) -> None:
    files, code, words = LOOPS[case]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "people.json").write_text('{"id": "1", "x": "Home"}', encoding="utf-8")
    check(run(tmp_path, str(tmp_path / "people.yaml"), tmp_path / "people.json", case=case), code, words)
