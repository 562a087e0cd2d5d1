"""Findings about what was made of a record, told in the words and at the cells of the record's owner."""

from interop.mapping.telling.record import Asked, Telling

__all__ = ["Asked", "Telling"]
