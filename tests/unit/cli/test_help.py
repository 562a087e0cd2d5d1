"""Every verb says what it does and how it answers."""

from __future__ import annotations

import pytest

VERBS = {
    "demo": "red bag goes to hospital",
    "map": "FHIR Bundles",
    "validate": "Check FHIR R4 resources",
    "send": "queue them for their recipients",
    "inbox": "What others sent us",
    "status": "what is still owed",
    "replay": "Try again",
    "serve": "Run the node",
    "init": "starter configuration",
}


def test_the_first_page_names_every_verb_and_the_exit_codes(interop):
    told = interop("--help")
    assert told.code == 0
    for verb in VERBS:
        assert f" {verb} " in told.out, verb
    for meaning in ("0 fine", "1 findings", "2 usage", "3 could not tell"):
        assert meaning in told.out


def test_no_verb_at_all_shows_the_same_page(interop):
    assert "0 fine" in interop().out


@pytest.mark.parametrize(("verb", "words"), VERBS.items())
def test_each_verb_says_what_it_does(interop, verb, words):
    told = interop(verb, "--help")
    assert told.code == 0
    assert words in " ".join(told.out.split())
    assert "--output" in told.out


@pytest.mark.parametrize("words", [("nonsense",), ("map",), ("map", "care-home/red-bag"), ("send", "--to")])
def test_a_wrong_call_is_usage(interop, words):
    told = interop(*words)
    assert told.code == 2
    assert told.out == ""
    assert "Error" in told.err


def test_a_fault_of_ours_shows_its_place_and_no_record(interop, journey, monkeypatch):
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("Edith Ashworth")

    monkeypatch.setattr("interop.translator.Translator", breaks)
    monkeypatch.delenv("INTEROP_TRACEBACK", raising=False)
    told = interop("map", "care-home/red-bag", journey / "care-home")
    assert told.code == 3
    assert "ValueError at test_help.py" in told.err
    assert "Ashworth" not in told.out + told.err
    assert "Traceback" not in told.err
