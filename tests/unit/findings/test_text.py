"""The report at a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from interop.findings import Checked, Form, Report, written
from interop.findings.text import GROUPS, PLACES, show
from interop.outcome import Issue, Outcome

WHOLE = """\
wards/a b.json invalid: 4 errors, 1 warning, 1 for information

  error code-not-in-value-set  found 'woman', wanted one of male, female
    at Patient.gender, line 3 column 3
       3 │ "gender": "woman",
         │ ^^^^^^^^^^^^^^^^^
    → use a code from the value set

  error json-shape  found <b>one</b> value, an array is wanted
    at Patient.name[0].given, line 4 column 35
       4 │ "name": [{"family": "Ашворт 東京", "given": "<b>Edith</b>"}],
         │                                    ^^^^^^^^^^^^^^^^^^^^^^^
    at Patient.name[1].given, line 4 column 2

  error date-unreadable  not a date\ufffd[2J\ufffd
    at residents.csv row 14, column "DOB", '1938?'

  warning code-not-preferred  'x' is not preferred
    at Patient.contact
    by UKCore-Patient

  information code-not-checked  could not tell
    at Patient.language, line 2 column 3
       2 │ "resourceType": "Patient",
         │ ^^^^^^^^^^^^^^^^^^^^^^^^^

broken.json could-not-tell: 1 unreadable or unknown

  fatal content-json  not JSON
    at line 1 column 1
       1 │ {
         │ ^

fine.json valid: nothing found

3 files, 1 valid: 1 unreadable or unknown, 4 errors, 1 warning, 1 for information
"""


def test_a_report_reads_like_this(report: Report) -> None:
    assert written(report, Form.TEXT).decode() == WHOLE


def shown(report: Report, **options: object) -> str:
    file = StringIO()
    show(report, Console(file=file, soft_wrap=True, highlight=False, **options))  # type: ignore[arg-type]
    return file.getvalue()


def test_what_is_for_information_is_only_counted_on_a_console(report: Report) -> None:
    assert "code-not-checked" not in shown(report)
    assert "1 for information" in shown(report)


def test_severity_and_caret_have_colour_and_words_of_the_file_are_no_markup(report: Report) -> None:
    coloured = shown(report, force_terminal=True, color_system="standard")
    assert "\x1b[31merror\x1b[0m" in coloured
    assert '\x1b[31m"gender": "woman"\x1b[0m' in coloured
    assert "<b>Edith</b>" in coloured
    assert "\x1b[2J" not in coloured


def test_a_flood_is_cut_short_and_counted() -> None:
    places = [Issue("cardinality", "found 2", f"Patient.name[{n}]") for n in range(PLACES + 3)]
    kinds = [Issue("cardinality", f"found {n}", "Patient.name") for n in range(3, GROUPS + 9)]
    told = shown(Report((Checked.of("a", Outcome.of(places + kinds)),), made=None))  # type: ignore[arg-type]
    assert "and at 3 more places" in told
    assert f"and {1 + len(kinds) - GROUPS} more of this severity" in told
