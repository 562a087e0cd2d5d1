"""A file that cannot be used, or not beyond some point, as the finding that says so."""

from __future__ import annotations

from interop.errors import ContentError
from interop.location import SourcePointer
from interop.outcome import Issue, Severity


def unusable(fault: ContentError, file: str, *, sheet: str | None = None, more: str = "") -> Issue:
    """The fault of a file as a fatal finding at that file; the part of it that is broken stays in the text.

    more  what else is to be said: ``; the records before it were read``
    """
    text = f"{fault.where}: {fault.text}" if fault.where and fault.where != file else fault.text
    source = SourcePointer(file, sheet=sheet)
    return Issue(fault.code, text + more, severity=Severity.FATAL, source=source, hint=fault.hint)
