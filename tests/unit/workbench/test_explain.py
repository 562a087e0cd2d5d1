"""One record explained: the table, the picture, the page."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from lxml import etree

from interop.errors import ContentError
from interop.workbench.explain import HIDDEN, choose, explain, of_groups, shown
from interop.workbench.page import html
from interop.workbench.picture import svg

SVG = "{http://www.w3.org/2000/svg}"


def _explained(bench, now, *, residents=None):
    b = bench()
    records = b.records(residents) if residents else b.records()
    return explain(b.mapping, b.book, records[0], now=now)


def test_a_line_says_cell_raw_value_rule_steps_target_and_value(bench, now):
    line = next(one for one in _explained(bench, now).lines if one.target == "Patient.birthDate")
    assert str(line.source) == 'residents.csv row 2, column "Born"'
    assert (line.raw, line.rule, line.steps, line.value) == (
        "14/08/1938",
        "home/test.yaml:19",
        ("date dd/MM/yyyy",),
        "1938-08-14",
    )


def test_a_code_table_is_a_step_and_the_note_of_a_rule_is_told(bench, now):
    lines = {line.target: line for line in _explained(bench, now).lines}
    assert lines["Patient.gender"].steps == ("table codes/sex",)
    assert lines["Patient.name[0].family"].note == "As on the passport"


def test_constants_are_lines_without_a_source(bench, now):
    line = next(one for one in _explained(bench, now).lines if one.target == "Patient.name[0].use")
    assert (line.source, line.raw, line.value) == (None, None, "official")


def test_a_rule_of_several_sources_names_every_cell_it_read(bench, now):
    rule = '      - {source: resident.Surname, target: "name[official].family", note: As on the passport}\n'
    several = (
        '      - {source: [resident.Forenames, resident.Room, resident.Surname], target: "name[official].text",'
        ' transform: {join: " "}}\n'
    )
    b = bench((rule, rule + several))
    records = b.records("ID,Surname,Forenames,Born,Sex,Room,Shoe Size\nR1,Ashworth,Edith,14/08/1938,F,,\n")
    line = next(x for x in explain(b.mapping, b.book, records[0], now=now).lines if x.target == "Patient.name[0].text")
    assert [(str(pointer), raw) for pointer, raw in line.cells] == [
        ('residents.csv row 2, column "Forenames"', "Edith"),
        ('residents.csv row 2, column "Surname"', "Ashworth"),
    ]


def test_a_record_is_chosen_by_key_or_else_by_number(bench):
    records = bench().records()
    assert choose(records, "R2").key == "R2"
    assert choose(records, "2").key == "R2"
    with pytest.raises(ContentError, match="there is no record '7' among 2"):
        choose(records, "7")


def test_only_named_groups(bench, now):
    found = of_groups(_explained(bench, now), ["medicines"])
    assert {line.group for line in found.lines} == {"medicines"}
    with pytest.raises(ContentError, match="no group 'x'"):
        of_groups(found, ["x"])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"coding": [{"system": "s", "code": "1", "display": "One"}]}, "One [1]"),
        ({"coding": [{"system": "s", "code": "1"}], "text": "Uno"}, "Uno [1]"),
        ({"system": "s", "code": "1", "display": "One"}, "One [1]"),
        ({"value": 72, "unit": "kg"}, "72 kg"),
        ("two\nlines", "two lines"),
        (True, "true"),
    ],
)
def test_values_are_shown_as_people_say_them(value, words):
    assert shown(value, values=True) == words
    assert shown(value, values=False) == HIDDEN


# -- the picture -------------------------------------------------------------------------------------------------------


def _texts(picture):
    """(x, y, width) of every piece of text, monospaced at 11 px in the widest usual font."""
    for node in etree.fromstring(picture.encode()).iter(f"{SVG}text"):
        spans = list(node.iter(f"{SVG}tspan")) or [node]
        for span in spans:
            x = float(span.get("x") or node.get("x"))
            yield x, float(node.get("y")), len(span.text or "") * 6.75


def test_no_text_of_the_picture_overlaps_another(bench, now):
    long = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size\n" + f"R1,{'Long' * 60},{'A B ' * 40},14/08/1938,F,7,5\n"
    rows: dict[float, list[tuple[float, float]]] = {}
    for x, y, width in _texts(svg(_explained(bench, now, residents=long))):
        if y > 60:  # below the title
            rows.setdefault(y, []).append((x, x + width))
    assert len(rows) > 5
    for spans in rows.values():
        for (_, end), (begin, _) in pairwise(sorted(spans)):
            assert end <= begin
    heights = sorted(rows)
    columns = {x for spans in rows.values() for x, _ in spans}
    assert columns
    for x in columns:
        own = [y for y in heights if any(at == x for at, _ in rows[y])]
        assert all(below - above >= 11 for above, below in pairwise(own))


def test_no_text_leaves_its_card(bench, now):
    long = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size\n" + f"R1,{'長い' * 90},B,14/08/1938,F,7,5\n"
    picture = svg(_explained(bench, now, residents=long))
    root = etree.fromstring(picture.encode())
    boxes = [box for box in root.iter(f"{SVG}rect") if box.get("class") == "card"]
    cards = [(float(box.get("x")), float(box.get("x")) + float(box.get("width"))) for box in boxes]
    for node in root.iter(f"{SVG}tspan"):
        wide = sum(2 if ord(char) > 0x2FFF else 1 for char in node.text or "") * 6.75
        x = float(node.get("x") or node.getparent().get("x"))
        assert any(left <= x and x + wide <= right for left, right in cards)


def test_what_is_cut_is_whole_in_its_tooltip(bench, now):
    name = "Long" * 60
    picture = svg(
        _explained(bench, now, residents=f"ID,Surname,Forenames,Born,Sex,Room,Shoe Size\nR1,{name},B,14/08/1938,F,,\n")
    )
    assert f"{name}</title>" in picture
    assert "…" in picture


def test_every_sourced_value_is_drawn_once(bench, now):
    told = _explained(bench, now)
    root = etree.fromstring(svg(told).encode())
    cards = [text for text in root.iter(f"{SVG}text") if text.find(f"{SVG}title") is not None]
    targets = [text for text in cards if " = " in (text.find(f"{SVG}title").text or "")]
    assert len(targets) == len(told.sourced)


def test_the_picture_and_the_page_need_nothing_else(bench, now):
    told = _explained(bench, now)
    for made in (svg(told), html(told).decode()):
        assert not re.search(r"(src|href)\s*=|@import|url\(|<script", made)
        assert "prefers-color-scheme" in made


def test_hostile_values_stay_text(bench, now):
    bad = 'ID,Surname,Forenames,Born,Sex,Room,Shoe Size\nR1,"<script>alert(1)</script>&\x0b",B,14/08/1938,F,,\n'
    told = _explained(bench, now, residents=bad)
    for made in (svg(told), html(told).decode()):
        assert "<script" not in made
        assert "\x0b" not in made
    etree.fromstring(svg(told).encode())


def test_no_values_shows_none(bench, now):
    told = _explained(bench, now)
    for made in (svg(told, values=False), html(told, values=False).decode(), str(told.as_json(values=False))):
        assert "Ashworth" not in made
        assert "14/08/1938" not in made
        assert "1938-08-14" not in made
        assert "R1" not in made  # a key may be an NHS number
    assert 'column "Born"' in str(told.as_json(values=False))
