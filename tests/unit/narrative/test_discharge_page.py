"""The discharge as a care home reads it."""

from __future__ import annotations

from lxml import html

from interop.narrative import discharge_page
from interop.reconciliation import belongings, medicines


def rows(page: str, section: str) -> dict[str, list[str]]:
    """Cells of each row of a section's table, by the name in its row header."""
    tree = html.fromstring(page)
    found = tree.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    return {" ".join(row.findtext("th").split()): [" ".join(c.text_content().split()) for c in row] for row in found}


def test_each_medicine_is_marked_and_set_beside_what_was_taken_before(red_bag: dict, discharge: dict) -> None:
    table = rows(discharge_page(discharge, medicines(red_bag, discharge)), "medicines")
    marks = {name.split()[0]: cells[0] for name, cells in table.items()}
    assert marks["Amlodipine"] == "CHANGED"
    assert marks["Zopiclone"] == "STOPPED"
    assert marks["Alendronic"] == "NEW"
    assert list(marks.values()).count("Same") == 5
    amlodipine = table["Amlodipine 5 mg tablets"]
    assert amlodipine[2].startswith("5 mg, by mouth")
    assert amlodipine[3].startswith("10 mg, by mouth")
    assert amlodipine[4].startswith("Dose halved")
    assert table["Zopiclone 3.75 mg tablets"][2] == "Do not give"
    assert table["Alendronic acid 70 mg tablets"][3] == "Not taken before"


def test_differences_stand_before_what_is_the_same(red_bag: dict, discharge: dict) -> None:
    marks = [cells[0] for cells in rows(discharge_page(discharge, medicines(red_bag, discharge)), "medicines").values()]
    assert marks == sorted(marks, key=lambda mark: mark == "Same")


def test_a_medicine_left_out_is_asked_about_and_never_called_stopped(red_bag: dict, discharge: dict) -> None:
    discharge["entry"] = [
        e for e in discharge["entry"] if "Donepezil" not in str(e["resource"].get("medicationCodeableConcept"))
    ]
    page = discharge_page(discharge, medicines(red_bag, discharge))
    first = next(iter(rows(page, "medicines").values()))
    assert first[:3] == ["NOT LISTED", "Donepezil 10 mg tablets", "Not on the discharge list"]
    assert "Ask before the next dose: Donepezil 10 mg tablets" in page


def test_a_claim_of_same_with_another_dose_is_a_question(red_bag: dict, discharge: dict) -> None:
    for entry in discharge["entry"]:
        change = entry["resource"].get("extension", [{}])[-1].get("extension", [{}])[0]
        if "Amlodipine" in str(entry) and change.get("url") == "status":
            change["valueCode"] = "same"
    first = next(iter(rows(discharge_page(discharge, medicines(red_bag, discharge)), "medicines").values()))
    assert first[0] == "SAME?"
    assert "the sender says same, but dose: 10 mg before, 5 mg now" in first[4]


def test_without_an_earlier_list_the_discharges_own_words_are_shown(discharge: dict) -> None:
    page = discharge_page(discharge)
    assert rows(page, "medicines")["Amlodipine 5 mg tablets"][0] == "CHANGED"
    assert "Before hospital" not in page


def test_belongings_are_marked_in_words(red_bag: dict, discharge: dict) -> None:
    table = rows(discharge_page(discharge, belongings=belongings(red_bag, discharge)), "bag")
    assert table["Hearing aid (left)"][:4] == ["MISSING", "Hearing aid (left)", "1", "0"]
    assert table["Nightdress"][:4] == ["Returned", "Nightdress", "2", "2"]


def test_every_section_of_the_discharge_is_on_the_page_once(discharge: dict) -> None:
    page = discharge_page(discharge)
    for said in (
        "Bruised right hip",
        "Confusion is back to her usual",
        "Check standing and lying blood pressure",
        "Stand up slowly",
    ):
        assert page.count(said) == 1
    for title in ("What was wrong", "What happened in hospital", "What happens next, and who does it", "Advice"):
        assert f">{title}</h2>" in page
