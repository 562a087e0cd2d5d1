"""Clinical mistakes seeded one at a time into good records: each is found, where it stands, in words anyone reads.

A case: ``base`` [mapping, example], ``set`` the place, ``to`` a value (or ``gone``), and what the finding must be: its
``code``, the end of its source (``at``) and a phrase it ``says``. The example is a JSON file, or a folder of CSV files,
where ``medicines.csv[2].Dose`` is row 2 of that file (row 1 holds the headings).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from interop.json_codec import Json
from interop.outcome import Issue
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "tests" / "cases" / "content").glob("*-defects.yaml"))
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['desc']}")
    for path in FILES
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def spoilt(case: Mapping[str, Json]) -> dict[str, bytes]:
    path = ROOT / "examples" / case["base"][1]
    if path.is_file():
        return {path.name: _json(path.read_bytes(), case["set"], case)}
    files = {member.name: member.read_bytes() for member in path.iterdir() if member.suffix != ".md"}
    name, rest = re.match(r"([^\[]+?\.\w+)[.\[](.*)$", case["set"]).groups()  # type: ignore[union-attr]
    change = _row if name.endswith(".csv") else _json
    return {**files, name: change(files[name], rest, case)}


def _json(data: bytes, place: str, case: Mapping[str, Json]) -> bytes:
    record = json.loads(data)
    *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", place))
    node: Json = record
    for step in steps:
        node = node[step]
    if case.get("gone"):
        del node[last]
    else:
        node[last] = case["to"]
    return json.dumps(record).encode()


def _row(data: bytes, place: str, case: Mapping[str, Json]) -> bytes:
    """Row 2 is the first under the headings; a place without a column is the whole row."""
    number, _, column = place.partition("].")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    index = int(number.rstrip("]")) - 2
    if column:
        rows[index][column] = "" if case.get("gone") else str(case["to"])
    else:
        del rows[index]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, next(csv.reader(io.StringIO(data.decode("utf-8"), newline=""))))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def said(issue: Issue) -> str:
    return " ".join(f"{issue.text} {issue.hint or ''}".split()).casefold()


@pytest.mark.parametrize("case", CASES)
def test_a_defect_is_found_in_plain_words(case: Mapping[str, Json], translator: Translator) -> None:
    severity = case.get("severity", "error")
    found = [
        issue
        for one in translator.translate(case["base"][0], spoilt(case), now=NOW)
        for issue in one.outcome
        if issue.severity == severity and issue.code == case["code"]
    ]
    placed = [issue for issue in found if str(issue.source).endswith(case["at"])]
    assert placed, [f"{issue.code} {issue.source}" for issue in found]
    assert any(case["says"].casefold() in said(issue) for issue in placed), [issue.text for issue in placed]
