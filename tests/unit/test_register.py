"""A patient register is right in every row, or refused by row and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from interop.errors import SettingsError
from interop.register import read
from interop.relay.persons import Demographics, Standing

HEAD = "NHS number,Family name,Birth date,Status\n"


def register(folder: Path, text: str) -> Path:
    path = folder / "patients.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_become_people_with_a_standing(tmp_path: Path) -> None:
    path = register(tmp_path, HEAD + "999 000 0018,Ashworth,14/08/1938,active\n9990000034,Greaves,01/02/1935,moved\n")
    assert list(read(path)) == [
        ("9990000018", Demographics("Ashworth", date(1938, 8, 14)), Standing.KNOWN),
        ("9990000034", Demographics("Greaves", date(1935, 2, 1)), Standing.MOVED),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "9990000019,A,14/08/1938,active\n", "row 2: column 'NHS number'"),
        (HEAD + "9990000018,A,14-08-1938,active\n", "row 2: column 'Birth date'"),
        (HEAD + "9990000018,A,14/08/1938,gone\n", "column 'Status': 'gone' is none of active, moved, deceased"),
        ("NHS number;Family name\n", "no column"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        list(read(register(tmp_path, text)))
    assert words in str(refused.value)
