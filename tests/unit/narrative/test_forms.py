"""The same page in every form: plain text and easy read leave nothing out, and a PDF can be read aloud."""

from __future__ import annotations

import io
import re
import sys
import time
from pathlib import Path

import pytest
from lxml import html

from interop import narrative
from interop.errors import ContentError, SettingsError
from interop.json_codec import Json, JsonObject
from interop.narrative import Form, Presentation
from interop.narrative.easy_read import means, sentences
from interop.narrative.labels import label_cells

KINDS = ("front-sheet", "discharge", "full-pack")


def shown(page: str) -> list[str]:
    """The words a reader sees, without the list of contents, pictures (told in words) and dashes."""
    tree = html.fromstring(page)
    for unread in tree.xpath("//style|//nav|//svg|//head"):
        unread.drop_tree()
    return re.findall(r"[^\W_]+", " ".join(tree.itertext()))


@pytest.mark.parametrize("kind", KINDS)
def test_plain_text_holds_every_word_of_the_page(kind: str, red_bag: JsonObject) -> None:
    page = narrative.page(red_bag, kind=kind)
    said = set(re.findall(r"[^\W_]+", narrative.plain_text(page)))
    assert [word for word in shown(page) if word not in said] == []


def test_plain_text_reads_a_table_row_by_row_and_numbers_the_parts(red_bag: JsonObject) -> None:
    said = narrative.page(red_bag, kind="front-sheet", presentation=Presentation(form=Form.PLAIN_TEXT))
    assert "\n1. Allergies\n" in said
    assert re.search(r"\d+ of 7\. Medicine: Zopiclone 3\.75 mg tablets\nDose and how often: ", said)
    assert said.index("1. Allergies") < said.index("2. CPR decision") < said.index("3. Communication needs")
    assert "<" not in said


def test_easy_read_says_every_value_of_every_section(red_bag: JsonObject) -> None:
    page = narrative.page(red_bag, presentation=Presentation(form=Form.EASY_READ))
    said = set(re.findall(r"[^\W_]+", narrative.plain_text(page)))
    document = narrative.narrate(red_bag)
    sections = document["entry"][0]["resource"]["section"]
    cells = [cell for s in sections for cell in html.fromstring(s["text"]["div"]).xpath("//td|//tbody//th[@scope]|//p")]
    values = [word for cell in cells for word in re.findall(r"[^\W_]+", cell.text_content())]
    labels = {word for cell in cells if cell.tag == "th" for word in re.findall(r"[^\W_]+", cell.text_content())}
    assert len(values) > 300
    assert set(values) - labels - said == set()


def test_easy_read_asks_questions_and_explains_hard_words_beside_the_records_own(red_bag: JsonObject) -> None:
    page = narrative.page(red_bag, presentation=Presentation(form=Form.EASY_READ))
    tree = html.fromstring(page)
    for picture in tree.xpath("//svg"):
        picture.drop_tree()
    headings = [heading.text_content().strip() for heading in tree.xpath("//h2")]
    assert headings[:4] == [
        "Who am I?", "What am I allergic to?", "What happens if my heart stops?", "How should people talk with me?",
    ]  # fmt: skip
    assert all("?" in heading for heading in headings)
    assert len(headings) == len(set(headings))
    assert "CPR means pressing on the chest to try to start a heart that has stopped." in page
    assert "--size:16pt" in page


def test_hard_words_are_whole_words_and_abbreviations_keep_their_capitals() -> None:
    assert means("She sees the GP") == ("GP means the doctor near home.",)
    assert means("a big gpx") == ()
    assert means("HYPERTENSION") == ("Hypertension means high blood pressure.",)


def test_sentences_part_ideas_and_lose_no_word() -> None:
    assert sentences("Fell at 02:10. Pain in the hip; cannot stand.") == [
        "Fell at 02:10.", "Pain in the hip", "cannot stand.",
    ]  # fmt: skip
    assert sentences("3.75 mg at night") == ["3.75 mg at night"]


def test_every_cell_under_a_heading_carries_it() -> None:
    head = "<table><thead><tr><th>A &amp; B</th><th>C</th></tr></thead>"
    page = f"{head}\n<tbody><tr><th>1</th><td>2</td></tr></tbody></table>"
    assert label_cells(page).endswith(
        '<tr><th data-label="A &amp; B">1</th><td data-label="C">2</td></tr></tbody></table>'
    )
    assert label_cells("<table><tbody><tr><td>2</td></tr></tbody></table>") == (
        "<table><tbody><tr><td>2</td></tr></tbody></table>"
    )


def test_a_pdf_is_tagged_titled_in_english_and_its_tables_have_headers(red_bag: JsonObject) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: use interop[test]")
    pytest.importorskip("weasyprint", reason="weasyprint is not installed: use interop[pdf]")
    read = pypdf.PdfReader(io.BytesIO(narrative.pdf(narrative.front_sheet(red_bag))))
    root = read.trailer["/Root"]
    assert len(read.pages) == 1
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.metadata.title == "Red bag transfer summary: Mrs Edith May Ashworth"
    assert (
        b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data() or b"pdfuaid" in root["/Metadata"].get_data()
    )
    tags = list(tagged(root["/StructTreeRoot"]))
    assert tags.count("H1") == 1
    assert tags.index("H1") < tags.index("H2") < tags.index("Table")
    assert {"TH", "TD", "TR", "THead", "TBody", "L", "LI"} <= set(tags)
    said = " ".join(read.pages[0].extract_text().split())
    order = [said.find(part) for part in ("Mrs Edith May Ashworth", "999 000 0018", "Allergies", "CPR decision")]
    assert -1 not in order
    assert order == sorted(order)


def tagged(node: Json) -> list[str]:
    """The structure types of a PDF in reading order."""
    held = node.get_object()  # type: ignore[union-attr]
    if not hasattr(held, "get"):
        return []
    kids = held.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    own = [str(held["/S"])[1:]] if "/S" in held else []
    return own + [tag for kid in kids if not isinstance(kid, int) for tag in tagged(kid)]


def test_the_front_sheet_is_a_pdf_in_less_than_a_second_of_a_processor(red_bag: JsonObject) -> None:
    pytest.importorskip("weasyprint", reason="weasyprint is not installed: use interop[pdf]")
    page = narrative.front_sheet(red_bag)
    narrative.pdf(page)
    start = time.process_time()
    narrative.pdf(page)
    assert time.process_time() - start < 1.0


def test_a_pdf_without_weasyprint_is_a_mistake_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(SettingsError, match=re.escape("pip install 'interop[pdf]'")):
        narrative.pdf("<p>")


def test_a_journey_tells_one_persons_documents_in_order_and_which_says_what(
    red_bag: JsonObject, discharge: JsonObject
) -> None:
    said = narrative.plain_text(narrative.timeline_page([discharge, red_bag]))
    days = said[said.index("What happened") :]
    assert days.index("14 Nov 2026") < days.index("18 Nov 2026")
    assert "Said by: Red bag transfer summary" in said


def test_a_journey_of_two_people_is_refused_and_names_neither(red_bag: JsonObject, build: object) -> None:
    other = {
        "resourceType": "Patient",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}],
    }
    with pytest.raises(ContentError, match="not surely about one person") as refused:
        narrative.timeline_page([red_bag, build(other)])  # type: ignore[operator]
    assert "999" not in str(refused.value)
    assert "Ashworth" not in str(refused.value)


def test_documents_that_differ_on_allergies_are_both_told_on_a_journey(red_bag: JsonObject, build: object) -> None:
    number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}
    patient = {"resourceType": "Patient", "identifier": [number]}
    newer = build(patient)  # type: ignore[operator]
    newer["entry"][0]["resource"]["date"] = "2026-12-01"
    said = narrative.plain_text(narrative.timeline_page([red_bag, newer]))
    assert "The documents do not agree. Check before acting." in said
    assert "says about allergies: Penicillin" in said
    assert "says about CPR: Not for attempted CPR" in said


def test_a_page_for_the_person_is_set_as_their_record_asks(red_bag: JsonObject) -> None:
    asked = narrative.wanted(red_bag)
    assert asked.presentation.text_size in (16, 20, 24, 28)
    assert any("20 point" in line for line in asked.because) == (asked.presentation.text_size == 20)


def test_every_template_stands_where_the_pages_look_for_it() -> None:
    folder = Path(narrative.__file__).parent / "templates"
    assert {"page.html", "page.css", "large_print.css", "unfolded.css", "easy_read.html"} <= {
        path.name for path in folder.iterdir()
    }
