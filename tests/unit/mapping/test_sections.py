"""Documents: sections with entries, sections that say why they are empty, free text."""

from __future__ import annotations

import pytest

DOCUMENT = """
bundle: {type: document, kind: summary, person: patient, identity: [resident.ID]}
composition:
  rules:
    - {value: final, target: status}
    - {value: Summary, target: title}
    - {value: Transfer summary, target: type.text}
    - {value: "2026-11-14", target: date}
    - {value: Jo Mensah, target: author.display}
    - {reference: patient, target: subject}
  sections:
    - title: Allergies
      code: allergies-and-adverse-reaction
      entries: [allergies]
      when-empty:
        - {when: {resident.Asked: "No"}, reason: notasked, text: Nobody asked}
        - unavailable
    - {title: Belongings, code: belongings}
    - {title: Wishes, code: "sct|1", text: resident.Wishes}
groups:
  - group: patient
    create: Patient
    rules: [{source: resident.Name, target: name.text}]
  - group: allergies
    create: AllergyIntolerance
    for: rows
    rules:
      - {value: the person, target: patient.display}
      - {source: What, target: code.text}
"""


def composition(mapped, residents, rows="ID,What\n"):
    return mapped(DOCUMENT, residents, rows).bundle()["entry"][0]["resource"]


def test_a_section_lists_what_its_groups_made(mapped):
    found = composition(mapped, "ID,Name,Asked,Wishes\nR1,Ash,Yes,\n", "ID,What\nR1,Latex\n")
    (section,) = found["section"]
    assert section["code"]["coding"][0]["system"].endswith("UKCore-RecordStandardHeadings")
    assert len(section["entry"]) == 1


@pytest.mark.parametrize(("asked", "reason"), [("No", "notasked"), ("Yes", "unavailable")])
def test_an_empty_section_says_why(mapped, asked, reason):
    (section,) = composition(mapped, f"ID,Name,Asked,Wishes\nR1,Ash,{asked},\n")["section"]
    assert section["emptyReason"]["coding"][0]["code"] == reason
    assert "entry" not in section


def test_free_text_is_escaped_and_comes_back(mapped, mapping):
    found = mapped(DOCUMENT, "ID,Name,Asked,Wishes\nR1,Ash,Yes,To go <home>\n", "ID,What\nR1,Latex\n")
    section = found.bundle()["entry"][0]["resource"]["section"][1]
    assert "To go &lt;home&gt;" in section["text"]["div"]
    assert mapping(DOCUMENT).reverse(found.bundle()).tree["resident"]["Wishes"] == "To go <home>"


def test_a_finding_about_a_section_names_the_table_it_is_filled_from(mapped):
    found = mapped(DOCUMENT, "ID,Name,Asked,Wishes\nR1,Ash,Yes,\n")
    pointer, value, rule = found.trace.find("Bundle.entry[0].resource.section[0]")
    assert pointer.file == "rows.csv"
    assert value is None
    assert "section[0]" in rule


def test_a_heading_in_two_code_systems_is_written_in_both_and_found_by_either(mapped, mapping):
    text = DOCUMENT.replace('code: "sct|1"', 'code: ["sct|1|Wishes", about-me]')
    found = mapped(text, "ID,Name,Asked,Wishes\nR1,Ash,Yes,To go home\n", "ID,What\nR1,Latex\n").bundle()
    section = found["entry"][0]["resource"]["section"][-1]
    first, second = section["code"]["coding"]
    assert (first["code"], first["display"], second["code"]) == ("1", "Wishes", "about-me")
    for kept in (first, second):
        section["code"]["coding"] = [kept]
        assert mapping(text).reverse(found).tree["resident"]["Wishes"] == "To go home"


def test_what_a_document_replaces_is_named_as_that_document_names_itself(mapped):
    rules = "    - {reference: patient, target: subject}\n"
    earlier = (
        "    - {value: replaces, target: relatesTo.code}\n"
        "    - source: [resident.Old, resident.Site]\n"
        "      target: relatesTo.targetIdentifier.value\n"
        "      transform: {bundle-identifier: home/test}\n"
    )
    text = DOCUMENT.replace("[resident.ID]", "[resident.ID, resident.Site]").replace(rules, rules + earlier)
    first = mapped(text, "ID,Name,Site,Old\nR1,Ash,St E,\n")
    second = mapped(text, "ID,Name,Site,Old\nR2,Ash,st e,r1\n")
    related = second.composition["relatesTo"][0]["targetIdentifier"]["value"]
    assert related == first.identifier["value"] != second.identifier["value"]
