"""The patient register an organisation exports from its own system: who it knows, and how they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from interop.errors import SettingsError
from interop.identifiers import nhs_number_fault
from interop.relay.persons import Demographics, Standing

COLUMNS = ("NHS number", "Family name", "Birth date", "Status")
STATUS = {"active": Standing.KNOWN, "moved": Standing.MOVED, "deceased": Standing.DECEASED}


def read(path: Path) -> Iterator[tuple[str, Demographics, Standing]]:
    """(NHS number, demographics, standing) of every person in the file.

    CSV, UTF-8, columns ``NHS number,Family name,Birth date,Status``; birth dates dd/MM/yyyy; status active, moved
    or deceased, empty for active. Raises SettingsError naming row and column: a register that is half right must
    not decide who is known.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"the patient register cannot be read: {fault}", where=str(path)) from None
    rows = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise SettingsError(f"the patient register has no column {missing[0]!r}", where=str(path))
    for number, row in enumerate(rows, start=2):
        yield _person(row, f"{path} row {number}")


def _person(row: dict[str, str | None], where: str) -> tuple[str, Demographics, Standing]:
    cell = {column: (row.get(column) or "").strip() for column in COLUMNS}
    number = cell["NHS number"].replace(" ", "")
    if fault := nhs_number_fault(number):
        raise SettingsError(f"column 'NHS number': {fault}", where=where)
    try:
        born = datetime.strptime(cell["Birth date"], "%d/%m/%Y").date()  # noqa: DTZ007  a birth date has no zone
    except ValueError:
        raise SettingsError(f"column 'Birth date': {cell['Birth date']!r} is not dd/MM/yyyy", where=where) from None
    standing = STATUS.get(cell["Status"].casefold() or "active")
    if standing is None:
        known = ", ".join(STATUS)
        raise SettingsError(f"column 'Status': {cell['Status']!r} is none of {known}", where=where)
    return number, Demographics(cell["Family name"] or None, born), standing
