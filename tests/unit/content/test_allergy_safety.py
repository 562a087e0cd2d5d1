"""A named allergy, "no known allergies" and "nobody asked" stay three things, there and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop import narrative
from interop.json_codec import JsonObject
from interop.mapping import Mapped, Mapping
from interop.translator import Translator

HOME = Path(__file__).parents[3] / "examples" / "red-bag-journey" / "care-home-corrected"
HEADER = "Resident ID,Substance,Reaction,Severity,Recorded On,Recorded By\n"


def sent(mapping: Callable[[str], Mapping], *substances: str) -> Mapped:
    files = {path.name: path.read_bytes() for path in HOME.iterdir()}
    files["allergies.csv"] = (HEADER + "".join(f"RH-022,{substance},,,,\n" for substance in substances)).encode()
    (record,) = mapping("care-home/red-bag").read(files).records
    return mapping("care-home/red-bag").apply(record, now=datetime(2026, 11, 16, tzinfo=UTC))


def section(found: Mapped) -> JsonObject:
    assert found.composition is not None
    heading = "allergies-and-adverse-reaction"
    (allergies,) = (s for s in found.composition["section"] if s["code"]["coding"][0]["code"] == heading)
    result: JsonObject = allergies
    return result


def codes(found: Mapped) -> list[str | None]:
    allergies = [e.resource for e in found.resources if e.resource["resourceType"] == "AllergyIntolerance"]
    return [a["code"].get("coding", [{}])[0].get("code") for a in allergies]


@pytest.mark.parametrize(
    "words", ["No known allergies", "no known allergies", "NO KNOWN  ALLERGIES", "nka", "None known"]
)
def test_asked_and_none_known_is_a_statement_however_it_is_spelt(words: str, mapping: Callable[[str], Mapping]) -> None:
    assert codes(sent(mapping, words)) == ["716186003"]


def test_no_known_drug_allergy_speaks_of_medicines_only(mapping: Callable[[str], Mapping]) -> None:
    assert codes(sent(mapping, "NKDA")) == ["409137002"]


def test_a_named_allergy_has_its_words_and_no_code_we_do_not_know(mapping: Callable[[str], Mapping]) -> None:
    assert codes(sent(mapping, "Penicillin", "Nitrofurantoin")) == [None, None]


@pytest.mark.parametrize(("substances", "reason"), [(("Not known",), "unavailable"), ((), "notasked")])
def test_not_known_and_not_asked_make_no_allergy_and_say_which(
    substances: tuple[str, ...], reason: str, mapping: Callable[[str], Mapping]
) -> None:
    found = sent(mapping, *substances)
    assert codes(found) == []
    assert section(found)["emptyReason"]["coding"][0]["code"] == reason


@pytest.mark.parametrize(
    ("substances", "sendable"),
    [(("Not known",), True), ((), False), (("No known allergies",), True), (("No known allergies", "Latex"), False)],
)
def test_only_an_answer_may_be_sent_and_only_one_answer(
    substances: tuple[str, ...], sendable: bool, mapping: Callable[[str], Mapping], translator: Translator
) -> None:
    document = narrative.narrate(sent(mapping, *substances).bundle())
    assert translator.validator.validate(document).ok == sendable


@pytest.mark.parametrize("substances", [("Penicillin",), ("No known allergies",), ("NKDA",), ()])
def test_what_was_said_comes_back_as_it_was_said(
    substances: tuple[str, ...], mapping: Callable[[str], Mapping]
) -> None:
    local = mapping("care-home/red-bag").reverse(sent(mapping, *substances).bundle())
    assert tuple(row["Substance"] for row in local.tree.get("allergies", ())) == substances
