"""An Excel workbook (.xlsx) read as it stands in its file: sheets, and their rows one at a time, nothing calculated.

A workbook is a zip of XML parts. Both are hostile until proved otherwise: sizes are checked before anything is
unpacked, document types are refused, and no part is ever held whole but the shared texts.
Source: ECMA-376 part 1 (SpreadsheetML) and part 2 (packages).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from lxml import etree

from interop.errors import ContentError
from interop.sources.cell_formats import PLAIN, CellFormat, cell_format
from interop.sources.record import SourceFile
from interop.sources.safe_xml import events, let_go
from interop.sources.workbook_package import Package

_TEXTS = 128 << 20  # bytes; the shared texts are held in memory
_TREE = 16 << 20  # bytes; so are the small parts
_RANGES = 10_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)[\"']")
_CHUNK = 1 << 20
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its name on the tab. ``hidden``: Excel does not show it."""

    name: str
    part: str
    hidden: bool = False


class Cell(NamedTuple):
    """One cell that holds something. There are very many, so it is a tuple.

    kind   as in the file: ``n`` number, ``s`` shared text, ``str``, ``inlineStr``, ``b``, ``e`` error, ``d`` ISO date
    text   the value as it stands in the file, shared texts looked up; of a formula what Excel calculated last
    style  index of its format
    formula  it is one;  ``blank``: a formula that nobody has calculated yet
    """

    column: int
    kind: str
    text: str
    style: int = 0
    formula: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that holds something. ``number`` from 1 as Excel shows it."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False


class Workbook:
    """An open workbook; use it in a ``with`` statement. Made by ``open``."""

    def __init__(self, package: Package):
        self.file = package.file
        self.reached = 0
        """Number of the last row that ``rows`` went through, empty or not."""
        self._package = package

    @classmethod
    def open(cls, file: SourceFile) -> Workbook:
        """Raises ContentError: ``xlsx-not-a-workbook``, ``xlsx-protected``, ``xlsx-too-large``, ``content-xml`` …"""
        package = Package.open(file)
        try:
            book = cls(package)
            if not book.sheets:
                raise ContentError("has no sheet", code="xlsx-not-a-workbook", where=file.name)
        except BaseException:
            package.close()
            raise
        return book

    def close(self) -> None:
        self._package.close()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is in it -----------------------------------------------------------------------------------------

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """In the order of their tabs. Chart sheets have no rows and are left out."""
        targets = self._targets(self._workbook_part)
        found = []
        for sheet in self._tree(self._workbook_part).iter("{*}sheet"):
            relation = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")
            part = targets.get(str(relation), "")
            if part in self._package and "chartsheet" not in part:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(Sheet(str(sheet.get("name", "")), part, hidden))
        return tuple(found)

    @cached_property
    def since_1904(self) -> bool:
        """Whether days are counted from 1904, as Excel for the Macintosh did."""
        properties = self._tree(self._workbook_part).find(".//{*}workbookPr")
        return properties is not None and properties.get("date1904", "0") in ("1", "true")

    @cached_property
    def formats(self) -> tuple[CellFormat, ...]:
        """The meaning of each cell style."""
        part = self._first_part("styles.xml")
        if part is None:
            return ()
        tree = self._tree(part)
        codes = {n.get("numFmtId"): str(n.get("formatCode", "")) for n in tree.iter("{*}numFmt")}
        styles = tree.find(".//{*}cellXfs")
        numbers = [style.get("numFmtId", "0") for style in styles] if styles is not None else []
        return tuple(cell_format(int(n) if n.isdigit() else 0, codes.get(n)) for n in numbers)

    def format_of(self, cell: Cell) -> CellFormat:
        return self.formats[cell.style] if 0 <= cell.style < len(self.formats) else PLAIN

    def hidden_columns(self, sheet: Sheet) -> tuple[tuple[int, int], ...]:
        """Ranges of columns (from 1) that Excel does not show."""
        found = []
        with self._package.part(sheet.part) as stream:
            for _, element in events(stream, self._package.name_of(sheet.part), ("start",)):
                tag = etree.QName(element).localname
                if tag == "col" and element.get("hidden") in ("1", "true"):
                    found.append((_whole(element.get("min")), _whole(element.get("max"))))
                if tag == "sheetData":
                    break
        return tuple(found)

    def merged(self, sheet: Sheet) -> tuple[str, ...]:
        """Ranges of merged cells, ``B4:B6``. They stand behind the rows, so the sheet is looked through once."""
        found: list[str] = []
        rest = b""
        with self._package.part(sheet.part) as stream:
            while len(found) < _RANGES and (chunk := stream.read(_CHUNK)):
                window = rest + chunk
                last = 0
                for match in _MERGED.finditer(window):
                    found.append(match[1].decode())
                    last = match.end()
                rest = window[max(last, len(window) - 200) :]
        return tuple(found)

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows that hold something, in their order. Raises ContentError where the sheet breaks off."""
        number = 0
        with self._package.part(sheet.part) as stream:
            for _, element in events(stream, self._package.name_of(sheet.part), ("end",), "{*}row"):
                self.reached = number = _whole(element.get("r")) or number + 1
                cells = tuple(self._cells(element)) if len(element) else ()
                hidden = element.get("hidden") in ("1", "true")
                let_go(element)
                if cells:
                    yield SheetRow(number, cells, hidden)

    # -- cells -------------------------------------------------------------------------------------------------

    def _cells(self, row: etree._Element) -> Iterator[Cell]:
        column = 0
        for element in row:
            reference = element.get("r")
            column = _column_number(reference.rstrip(_DIGITS)) if reference else column + 1
            if len(element):
                cell = self._cell(element, column)
                if cell is not None:
                    yield cell

    def _cell(self, element: etree._Element, column: int) -> Cell | None:
        kind = element.get("t", "n")
        formula, value, inline = False, None, None
        for child in element:
            name = child.tag.rpartition("}")[2]
            if name == "v":
                value = child.text
            elif name == "f":
                formula = True
            elif name == "is":
                inline = _rich_text(child)
        style = _whole(element.get("s"))
        if kind == "s":
            number = _whole(value)
            text = self._texts[number] if number < len(self._texts) else ""
        else:
            text = inline if inline is not None else _unescaped(value or "")
        if formula and not text and kind != "str":
            return Cell(column, kind, "", style, formula=True, blank=True)
        return Cell(column, kind, text, style, formula) if text else None

    @cached_property
    def _texts(self) -> list[str]:
        part = self._first_part("sharedstrings.xml")
        if part is None:
            return []
        texts = []
        with self._package.part(part, at_most=_TEXTS) as stream:
            for _, element in events(stream, self._package.name_of(part), ("end",), "{*}si"):
                texts.append(_rich_text(element))
                let_go(element)
        return texts

    # -- parts -------------------------------------------------------------------------------------------------

    @cached_property
    def _workbook_part(self) -> str:
        part = self._first_part("workbook.xml", "officedocument")
        if part is None:
            raise self._package.another_kind()
        return part

    def _first_part(self, name: str, relation: str = "") -> str | None:
        """A part by what the package says it is for, else by its usual place."""
        if relation:
            for kind, target in self._relations("_rels/.rels", ""):
                if kind.lower().endswith(relation) and target.endswith(".xml") and target in self._package:
                    return target
            return f"xl/{name}" if f"xl/{name}" in self._package else None
        wanted = {"styles.xml": "styles", "sharedstrings.xml": "sharedstrings"}[name]
        folder, file = posixpath.split(self._workbook_part)
        for kind, target in self._relations(f"{folder}/_rels/{file}.rels", folder):
            if kind.lower().endswith(f"/{wanted}") and target in self._package:
                return target
        return f"xl/{name}" if f"xl/{name}" in self._package else None

    def _targets(self, part: str) -> dict[str, str]:
        folder, file = posixpath.split(part)
        tree = self._tree(f"{folder}/_rels/{file}.rels") if f"{folder}/_rels/{file}.rels" in self._package else ()
        return {str(r.get("Id", "")): _joined(folder, str(r.get("Target", ""))) for r in tree}

    def _relations(self, part: str, folder: str) -> list[tuple[str, str]]:
        tree = self._tree(part) if part in self._package else ()
        return [(str(r.get("Type", "")), _joined(folder, str(r.get("Target", "")))) for r in tree]

    def _tree(self, part: str) -> etree._Element:
        """A small part, whole."""
        root = None
        with self._package.part(part, at_most=_TREE) as stream:
            for _, element in events(stream, self._package.name_of(part), ("start", "end")):
                root = element if root is None else root
        if root is None:
            raise ContentError("the part is empty", code="content-xml", where=self._package.name_of(part))
        return root


def _rich_text(element: etree._Element) -> str:
    """The text of runs; reading aids for Japanese (rPh) are not part of it."""
    if len(element) == 1 and element[0].tag.endswith("}t"):
        return _unescaped(element[0].text or "")
    texts = []
    for node in element.iter("{*}t"):
        parent = node.getparent()
        if parent is None or not str(parent.tag).endswith("}rPh"):
            texts.append(node.text or "")
    return _unescaped("".join(texts))


def _unescaped(text: str) -> str:
    """``_x000D_`` is how a workbook writes a character XML cannot (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    halves = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _joined(folder: str, target: str) -> str:
    path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(path).lower()


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0


@lru_cache(1 << 10)
def _column_number(letters: str) -> int:
    """``C`` → 3."""
    number = 0
    for letter in letters[:4]:
        if not ("A" <= letter <= "Z"):
            break
        number = number * 26 + ord(letter) - 64
    return min(number, 1 << 14)


def column_letters(number: int) -> str:
    """3 → ``C``."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
