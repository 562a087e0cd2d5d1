"""A small mapping of two tables, written for these tests, and its samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop.mapping import Mapping, load
from interop.sources import SourceRecord
from interop.workbench.rulebook import Rulebook

NOW = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)

TEXT = """\
mapping: home/test
version: "1"
title: A small mapping
source:
  format: tables
  zone: Europe/London
  tables:
    resident: {file: residents.csv, key: ID, one: true, columns: [ID, Surname, Forenames, Born, Sex, Room, Shoe Size]}
    medicines: {file: medicines.csv, key: ID, optional: true}
bundle: {type: collection, person: patient, identity: [resident.ID]}
groups:
  - group: patient
    create: Patient
    identity: [resident.ID]
    rules:
      - {source: resident.Surname, target: "name[official].family", note: As on the passport}
      - {source: resident.Forenames, target: "name[official].given", transform: {split: " "}}
      - {value: official, target: "name[official].use"}
      - {source: resident.Born, target: birthDate, transform: {date: dd/MM/yyyy}}
      - {source: resident.Sex, target: gender, translate: codes/sex}
  - group: medicines
    create: MedicationStatement
    for: medicines
    when: {Stopped: absent}
    rules:
      - {value: active, target: status}
      - {source: Medicine, target: medicationCodeableConcept.text}
      - {source: Note, target: note.text, reverse: false}
      - {reference: patient, target: subject}
drop:
  resident.Room: Changes daily
"""

SEX = {
    "resourceType": "ConceptMap",
    "url": "https://home.example/ConceptMap/sex",
    "status": "active",
    "group": [
        {
            "target": "http://hl7.org/fhir/administrative-gender",
            "element": [
                {"code": "F", "target": [{"code": "female", "equivalence": "equivalent"}]},
                {"code": "Lady", "target": [{"code": "female", "equivalence": "wider"}]},
                {"code": "M", "target": [{"code": "male", "equivalence": "equivalent"}]},
            ],
        }
    ],
}

RESIDENTS = """\
ID,Surname,Forenames,Born,Sex,Room,Shoe Size
R1,Ashworth,Edith May,14/08/1938,F,7,5
R2,Greaves,Walter,21/02/1935,M,9,
"""

MEDICINES = """\
ID,Medicine,Note,Stopped
R1,Paracetamol,with food,
R1,Zopiclone,,Yes
R2,Ramipril,,
"""


@dataclass(frozen=True)
class Bench:
    """The mapping, its rules as written, and a way to its samples."""

    path: Path
    mapping: Mapping
    book: Rulebook

    def records(self, residents: str = RESIDENTS, medicines: str = MEDICINES) -> tuple[SourceRecord, ...]:
        return tuple(self.mapping.read({"residents.csv": residents.encode(), "medicines.csv": medicines.encode()}))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """``bench()`` or ``bench(("old", "new"), …)``: the mapping, with parts of its text replaced."""
    count = 0

    def made(*changes: tuple[str, str]) -> Bench:
        nonlocal count
        count += 1
        folder = tmp_path / str(count) / "home"
        (folder / "codes").mkdir(parents=True)
        (folder / "codes" / "sex.json").write_text(json.dumps(SEX), encoding="utf-8")
        text = TEXT
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = folder / "test.yaml"
        path.write_text(text, encoding="utf-8")
        return Bench(path, load(path), Rulebook.of(path))

    return made
