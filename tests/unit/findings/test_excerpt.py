"""The line a finding is about: the right piece of it, the right part marked, safe to show."""

from __future__ import annotations

import pytest

from interop.findings.excerpt import WIDTH, excerpt, lines_of
from interop.printable import printable


@pytest.mark.parametrize(
    ("line", "col", "text", "meant"),
    [
        ('  "gender": "wo\\"man",', 3, '"gender": "wo\\"man",', '"gender": "wo\\"man"'),
        ('  "active" : true, "a": 1', 3, '"active" : true, "a": 1', '"active" : true'),
        ('  "name": [{}]', 3, '"name": [{}]', '"name"'),
        ('  "given": ["Édith", "東京"]', 22, '"given": ["Édith", "東京"]', '"東京"'),
        ("    {", 5, "{", "{"),
        ("  -1.5e3, 2", 3, "-1.5e3, 2", "-1.5e3"),
        ('\t<gender value="x"/><a/>\r', 2, '<gender value="x"/><a/>', '<gender value="x"/>'),
        ('  <name', 3, "<name", "<name"),
        ('  "gender": "x"', None, '"gender": "x"', ""),
        ("ab", 99, "ab", ""),
        ("  ab", 1, "  ab", " "),
    ],
)  # fmt: skip
def test_what_is_meant_is_marked(line: str, col: int | None, text: str, meant: str) -> None:
    shown = excerpt(["", line], 2, col)
    assert shown is not None
    assert (shown.line, shown.text, shown.parts[1]) == (2, text, meant)
    assert "".join(shown.parts) == text


@pytest.mark.parametrize("col", [1, 40, 5000, 9990])
def test_of_a_long_line_the_piece_around_the_place_is_shown(col: int) -> None:
    line = ("0123456789" * 1000)[: col - 1] + "X" + "0123456789" * 20
    shown = excerpt([line], 1, col)
    assert shown is not None
    assert len(shown.text) <= WIDTH + 2
    assert shown.text[shown.start] == "X"
    assert shown.text.startswith("…") is (col > 1)
    assert shown.text.endswith("…")


@pytest.mark.parametrize(("line", "col"), [(0, 1), (3, 1), (2, 1)])
def test_a_line_that_is_not_there_or_empty_is_not_shown(line: int, col: int) -> None:
    assert excerpt(["a", "  "], line, col) is None


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{\r\n}", "{\n}".encode("utf-16"), b"{\n}"])
def test_lines_are_numbered_as_findings_number_them(data: bytes) -> None:
    assert [line.rstrip() for line in lines_of(data)] == ["{", "}"]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert lines_of(b"a\xffb") == ["a\ufffdb"]


@pytest.mark.parametrize(
    ("found", "shown"),
    [("a\x1b[31m", "a\ufffd[31m"), ("\u202eabc", "\ufffdabc"), ("é\t東\n", "é\t東\n"), ("\ud800", "\ufffd")],
)
def test_nothing_a_terminal_obeys_is_shown(found: str, shown: str) -> None:
    assert printable(found) == shown
