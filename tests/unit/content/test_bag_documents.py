"""The documents our own rules make: a missing item, and the medicines to sign; valid here and in UK Core."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.definitions import Package
from interop.json_codec import JsonObject
from interop.mapping import Mapped
from interop.models import parse_fault
from interop.narrative import full_pack, narrate
from interop.narrative.page import page
from interop.practice.lost_items import follow_ups
from interop.reconciliation import Answer, Signer, decide, worksheet
from interop.translator import Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
CHECKS = ROOT / "examples" / "red-bag-checkpoints"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RUTH = Signer("Ruth Lane", "Registered nurse", NOW)


@pytest.fixture(scope="module")
def made(translator: Translator, red_bag: Mapped, discharge: Mapped) -> dict[str, JsonObject]:
    """Every document by what it is; the lists of the bag include those of the transfer summary and the discharge."""
    found: list[JsonObject] = [red_bag.bundle(), discharge.bundle()]
    for mapping, names in (
        ("care-home/checkpoint", ("checkpoints.csv", "checkpoint-items.csv")),
        ("care-home/checkpoint-json", ("ambulance.json",)),
    ):
        files = {name: (CHECKS / name).read_bytes() for name in names}
        found += [one.bundle for one in translator.translate(mapping, files, now=NOW) if one.bundle]
    sheet = worksheet(red_bag.bundle(), discharge.bundle())
    signed = decide(sheet, {number: Answer("accept") for number in range(1, 9)}, RUTH)
    lost = {one.key: one.bundle for one in follow_ups(found, NOW)}
    assert len(lost) == 4
    return {**lost, "sheet": sheet, "signed": signed}


@cache
def national() -> frozenset[str]:
    package = Package.load(ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore")
    return frozenset(r["url"] for r in package.resources() if r["resourceType"] == "StructureDefinition")


def test_each_is_valid_and_an_independent_model_reads_it(made: dict[str, JsonObject], translator: Translator) -> None:
    for bundle in made.values():
        document = narrate(bundle)
        assert [str(issue) for issue in translator.judge(document).errors] == []
        assert [fault for entry in document["entry"] if (fault := parse_fault(entry["resource"]))] == []


def test_each_also_satisfies_uk_core(made: dict[str, JsonObject], uk_core_validator: Validator) -> None:
    for bundle in made.values():
        for entry in narrate(bundle)["entry"]:
            url = UK_CORE + entry["resource"]["resourceType"]
            assert url in national()
            assert [str(issue) for issue in uk_core_validator.validate(entry["resource"], profiles=[url]).errors] == []


def test_each_has_its_own_page(made: dict[str, JsonObject]) -> None:
    assert all("Medicines to check" in page(made[name]) for name in ("sheet", "signed"))
    lost = [page(bundle) for name, bundle in made.items() if name not in ("sheet", "signed")]
    assert all("Bag RB-VNX01-03: what is missing" in one for one in lost)
    assert any("Next: St Elsewhere&#39;s Hospital looks for it" in one for one in lost)


@pytest.mark.parametrize("words", ["Hearing aid (left)", "St Elsewhere's Hospital had it last and looks for it"])
def test_the_full_pack_tells_the_task_in_words(words: str, made: dict[str, JsonObject]) -> None:
    packs = [full_pack(bundle).replace("&#39;", "'") for bundle in made.values()]
    assert any(words in pack for pack in packs)


def test_what_was_decided_is_said_in_the_narrative(
    made: dict[str, JsonObject],
) -> None:
    told = {name: str(narrate(made[name])["entry"][0]["resource"]["section"]) for name in ("sheet", "signed")}
    assert "Ruth Lane" in told["signed"]
    assert "Ruth Lane" not in told["sheet"]
