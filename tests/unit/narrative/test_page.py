"""The page for a document, whichever kind it is."""

from __future__ import annotations

from interop.narrative import discharge_page, front_sheet, page


def test_a_discharge_is_a_discharge_page_and_anything_else_a_front_sheet(red_bag: dict, discharge: dict) -> None:
    assert page(red_bag) == front_sheet(red_bag)
    assert page(discharge) == discharge_page(discharge)
