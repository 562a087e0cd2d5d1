"""How a page is set for its reader: the size of its letters, and its form. What it says never depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LARGE_PRINT = (16, 20, 24, 28)
"""Sizes in points that a person may ask for; 20, 24 and 28 have SNOMED CT codes of their own."""


class Form(StrEnum):
    """The form a page takes.

    standard    the page as it was designed
    easy-read   short sentences, one idea a line, questions as headings, plain words beside the hard ones
    plain-text  words alone, in the order a voice or a Braille display reads them
    """

    STANDARD = "standard"
    EASY_READ = "easy-read"
    PLAIN_TEXT = "plain-text"


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a reader asked for. ``text_size``: points, no letter smaller; None is the page's own size.

    Raises ValueError for a size that is not offered.
    """

    text_size: int | None = None
    form: Form = Form.STANDARD

    def __post_init__(self) -> None:
        if self.text_size is not None and self.text_size not in LARGE_PRINT:
            offered = ", ".join(map(str, LARGE_PRINT))
            raise ValueError(f"text size {self.text_size} is not offered: it is one of {offered} points")

    @property
    def large(self) -> bool:
        return self.text_size is not None


STANDARD = Presentation()
"""Each page as it was designed, for those who work with it."""
