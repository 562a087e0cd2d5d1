"""``--output json`` is one JSON value on standard output and nothing else; the exit code says the rest."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("words", "code", "keys"),
    [
        (("map", "care-home/red-bag", "{journey}/care-home"), 0, {"records"}),
        (("map", "care-home/red-bag", "{journey}/care-home-bad"), 1, {"records"}),
        (("map", "hospital/adt", "{journey}/hospital/adt-a01.hl7"), 0, {"records"}),
        (("validate", "{tmp}/patient.json"), 0, {"resourceType", "issue"}),
        (("validate", "{tmp}/patient.json", "{tmp}/broken.json"), 3, {"files"}),
        (("validate", "{tmp}/wrong.json", "{tmp}/broken.json"), 1, {"files"}),
        (("validate", "{tmp}/broken.json"), 3, {"resourceType", "issue"}),
    ],
)
def test_one_value_and_nothing_else(interop, journey, tmp_path, words, code, keys):
    patient = {"resourceType": "Patient", "birthDate": "1938-08-14"}
    (tmp_path / "patient.json").write_text(json.dumps(patient), encoding="utf-8")
    (tmp_path / "wrong.json").write_text(json.dumps({**patient, "birthDate": "14/08/1938"}), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    told = interop(*(word.format(journey=journey, tmp=tmp_path) for word in words), "--output", "json")
    assert told.code == code, told.err
    assert set(told.json()) == keys


def test_a_document_out_and_back_keeps_its_place_and_its_words(interop, journey, tmp_path):
    told = interop("map", "care-home/red-bag", journey / "care-home", "--out", tmp_path / "out", "--output", "json")
    bundle = tmp_path / "out" / "RH-014.json"
    assert json.loads(bundle.read_bytes()) == told.json()["records"][0]["bundle"]
    assert str(bundle) in told.err.replace("\n", "")
    back = interop("map", "care-home/red-bag", bundle, "--reverse", "--output", "json")
    assert back.code == 0, back.err
    assert "Ashworth" in back.json()["files"]["residents.csv"]


def test_a_mistake_leaves_standard_output_empty(interop, journey):
    told = interop("map", "care-home/redbag", journey / "care-home", "--output", "json")
    assert told.code == 2
    assert told.out == ""
    assert "did you mean 'care-home/red-bag'?" in told.err
