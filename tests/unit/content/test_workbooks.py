"""The home's workbook with something left out or typed as people do: what may be absent, and where a finding points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from interop.translator import Translated, Translator

BOOK = Path(__file__).parents[3] / "examples" / "care-plan" / "care-plans.xlsx"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
Change = Callable[[Workbook], None]


def translated(translator: Translator, change: Change) -> list[Translated]:
    book, data = load_workbook(BOOK), BytesIO()
    change(book)
    book.save(data)
    return list(translator.translate("care-home/care-plan", {BOOK.name: data.getvalue()}, now=NOW))


def cell(sheet: str, row: int, column: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        place = next(head.column for head in book[sheet][1] if head.value == column)
        book[sheet].cell(row, place).value = value

    return change


def without(*sheets: str) -> Change:
    def change(book: Workbook) -> None:
        for sheet in sheets:
            del book[sheet]

    return change


def test_the_sheets_that_may_be_absent_may_all_be_absent(translator: Translator) -> None:
    absent = without("Strengths", "Other plans", "Contributors", "About me", "Contacts")
    assert [(one.key, one.sendable) for one in translated(translator, absent)] == [("RH-014", True), ("RH-022", True)]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda book: book["Plan"].delete_rows(3), "source-required", 'sheet "Plan", column "Title"'),
        (cell("Goals", 2, "Target Date", "14.01.2027"), "date-unreadable", 'sheet "Goals" row 2, column "Target Date"'),
        (cell("Goals", 2, "Importance Score", 11), "number-range", 'sheet "Goals" row 2, column "Importance Score"'),
        (cell("Actions", 3, "Goal ID", "G7"), "invariant", 'sheet "Actions" row 3, column "Goal ID"'),
        (
            cell("Residents", 2, "NHS Number", 990000018),
            "nhs-number-format",
            'sheet "Residents" row 2, column "NHS Number"',
        ),
        (cell("Goals", 2, "Goal", "=A1"), "xlsx-formula", 'sheet "Goals" row 2, column "Goal"'),
    ],
)
def test_a_finding_names_sheet_row_and_column(change: Change, code: str, place: str, translator: Translator) -> None:
    issues = [issue for one in translated(translator, change) for issue in one.outcome.errors]
    assert [issue for issue in issues if issue.code == code and place in str(issue.source)], [str(i) for i in issues]
