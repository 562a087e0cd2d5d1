"""What can go wrong that a person must change: the one tree of exceptions.

Issues (``outcome.Issue``) describe data and are returned; exceptions describe a mistake in a file, a
configuration or a call, and are raised. Each says what was found, where, and what to do.

InteropError
├── ContentError        bytes that are not what their content type says (JSON, XML, CSV, HL7 v2)
├── DefinitionError     a profile or package that cannot be read or contradicts its base
├── ExpressionError     a FHIRPath expression that cannot be compiled or run
├── CatalogueError      a mapping, profile or standard was not found where we looked
├── MappingError        a mapping file that cannot be compiled (carries every fault found)
├── SettingsError       a configuration file that cannot be used
├── StoreError          the store cannot be opened, is locked by another process, or has another key
├── TransitionError     a message was asked to make a move its state does not allow
└── AccessError         the caller is not known, or may not do this
"""

from __future__ import annotations


class InteropError(Exception):
    """A mistake a person can mend.

    code   stable and documented, e.g. ``content-json``
    text   what was found and what was wanted
    where  file, key path, line and column: whatever leads to the spot
    hint   what to change
    at     1-based line and column in the text that was read, where they are known
    """

    code = "interop"
    at: tuple[int, int | None] | None = None

    def __init__(self, text: str, *, code: str | None = None, where: str | None = None, hint: str | None = None):
        super().__init__(text)
        self.text = text
        self.where = where
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.text}{remedy}"


class ContentError(InteropError):
    """Bytes that are not what their content type says."""

    code = "content"

    def found_at(self, line: int, column: int | None = None) -> ContentError:
        """This error, which now knows its place in the text."""
        self.at = (line, column)
        return self


class DefinitionError(InteropError):
    """A profile or package that cannot be read, is missing, or contradicts its base."""

    code = "definition"


class ExpressionError(InteropError):
    """A FHIRPath expression that cannot be compiled, or that failed while it ran."""

    code = "expression"


class CatalogueError(InteropError):
    """A mapping, profile or standard was not found where we looked."""

    code = "not-in-catalogue"


class MappingError(InteropError):
    """A mapping file that cannot be compiled. ``faults`` holds every fault, not just the first."""

    code = "mapping"

    def __init__(self, text: str, *, faults: tuple[str, ...] = (), where: str | None = None, hint: str | None = None):
        super().__init__(text, where=where, hint=hint)
        self.faults = faults


class SettingsError(InteropError):
    """A configuration file that cannot be used."""

    code = "settings"


class StoreError(InteropError):
    """The store cannot be opened, is held by another process, or was made with another key."""

    code = "store"


class TransitionError(InteropError):
    """A message was asked to make a move its state does not allow."""

    code = "transition"


class AccessError(InteropError):
    """The caller is not known (``unknown-caller``), or may not do this (``forbidden``)."""

    code = "forbidden"
