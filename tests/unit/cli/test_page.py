"""``interop page``: the document as a page, in the form that was asked for or that the person needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interop.json_codec import dumps, loads

CASES = Path(__file__).parents[2] / "cases" / "reading"
RED_BAG, DISCHARGE = CASES / "red-bag.json", CASES / "discharge.json"


def test_a_page_goes_to_standard_output_or_into_a_file(interop: Callable, tmp_path: Path) -> None:
    assert interop("page", RED_BAG).out.startswith("<!DOCTYPE html>")
    ran = interop("page", RED_BAG, "--out", tmp_path / "a" / "front.html")
    assert (ran.code, ran.out) == (0, "")
    assert "Penicillin" in (tmp_path / "a" / "front.html").read_text(encoding="utf-8")


def test_a_person_gets_the_print_their_record_asks_for_and_staff_do_not(interop: Callable) -> None:
    assert "--size:20pt" in interop("page", RED_BAG, "--for", "person").out
    assert "--size:" not in interop("page", RED_BAG).out
    assert "--size:28pt" in interop("page", RED_BAG, "--for", "person", "--size", "28").out


def test_forms_and_kinds_are_chosen_by_name(interop: Callable) -> None:
    assert "<" not in interop("page", RED_BAG, "--plain-text").out
    assert "Who am I?" in interop("page", RED_BAG, "--easy-read").out
    assert "In this pack" in interop("page", RED_BAG, "--kind", "full-pack").out
    assert "Journey" in interop("page", RED_BAG, DISCHARGE, "--kind", "journey").out
    kinds = {row["kind"] for row in interop("page", "--kinds", "--output", "json").json()}
    assert {"front-sheet", "discharge", "full-pack", "journey"} <= kinds


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((RED_BAG, "--size", "12"), "16, 20, 24, 28"),
        ((RED_BAG, "--easy-read", "--plain-text"), "not both"),
        ((RED_BAG, "--pdf"), "--pdf needs --out"),
        ((RED_BAG, DISCHARGE), "only --kind journey"),
        ((RED_BAG, "--kind", "poster"), "no kind of page is called 'poster'"),
        ((), "name a document"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_made(words: tuple, says: str, interop: Callable) -> None:
    ran = interop("page", *words)
    assert ran.code == 2
    assert says in ran.err
    assert ran.out == ""


def test_what_is_no_document_is_refused_with_the_way_to_make_one(interop: Callable, tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_bytes(dumps({"resourceType": "Patient"}))
    ran = interop("page", tmp_path / "patient.json")
    assert ran.code == 2
    assert "Patient without a Composition" in ran.err
    assert "interop map" in ran.err


def test_a_pdf_is_written(interop: Callable, tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", reason="weasyprint is not installed: use interop[pdf]")
    ran = interop("page", RED_BAG, "--pdf", "--out", tmp_path / "front.pdf")
    assert ran.code == 0, ran.err
    assert (tmp_path / "front.pdf").read_bytes().startswith(b"%PDF-")
    assert loads(RED_BAG.read_bytes())
