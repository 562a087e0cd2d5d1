"""A value that cannot be carried as asked: raised deep in a transform, turned into an Issue where its cell is known."""

from __future__ import annotations

from interop.json_codec import Json
from interop.outcome import Severity


class Refusal(Exception):  # noqa: N818  # an answer about a value, not a fault of the program
    """One value refused, or carried only in part.

    code      the issue's code
    text      what was found and what was wanted
    hint      what to do
    severity  error unless what matters was carried all the same
    instead   the part that is certain and is written (the date of an ambiguous time; the text of an unknown code)
    """

    def __init__(
        self,
        code: str,
        text: str,
        hint: str | None = None,
        *,
        severity: Severity = Severity.ERROR,
        instead: Json = None,
    ):
        super().__init__(text)
        self.code = code
        self.text = text
        self.hint = hint
        self.severity = severity
        self.instead = instead
