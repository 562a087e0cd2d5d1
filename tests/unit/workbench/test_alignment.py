"""Rows find the rows they answer to, whatever their order."""

from __future__ import annotations

from interop.workbench.alignment import align, pairs


def test_members_answer_by_name():
    assert align({"a": "1", "b": "2"}, {"b": "x", "a": "y"}) == {("a",): ("a",), ("b",): ("b",)}


def test_rows_answer_by_likeness_not_by_place():
    one = [{"Name": "A", "Dose": "1"}, {"Name": "B", "Dose": "2"}]
    two = [{"Name": "B", "Dose": "2"}, {"Name": "A", "Dose": "9"}]
    assert pairs(one, two) == [(0, 1), (1, 0)]


def test_equal_rows_answer_in_their_order():
    one = [{"Name": "A"}, {"Name": "A"}]
    assert pairs(one, list(one)) == [(0, 0), (1, 1)]


def test_a_row_too_many_answers_to_none():
    assert align({"r": [{"a": "1"}, {"a": "2"}]}, {"r": [{"a": "2"}]}) == {("r", 1, "a"): ("r", 0, "a")}


def test_the_parts_of_a_field_have_fixed_places():
    """HL7 v2: a component is what it is by its number, not by its value."""
    assert align([["SMITH"], ["JOHN"]], [["JOHN"], ["SMITH"]]) == {(0, 0): (0, 0), (1, 0): (1, 0)}


def test_the_repetitions_of_an_hl7_field_answer_by_likeness():
    one = {"PID": [{"3": [[["1"], [], [], [], ["NH"]], [["2"], [], [], [], ["MR"]]]}]}
    two = {"PID": [{"3": [[["2"], [], [], [], ["MR"]], [["1"], [], [], [], ["NH"]]]}]}
    assert align(one, two, hl7=True)[("PID", 0, "3", 0, 0, 0)] == ("PID", 0, "3", 1, 0, 0)
    assert align(one, two)[("PID", 0, "3", 0, 0, 0)] == ("PID", 0, "3", 0, 0, 0)
