"""Mappings: one readable file, both directions, every value traced to its source."""

from interop.mapping.inverse import LocalRecord
from interop.mapping.mapped import Mapped
from interop.mapping.mapping import Mapping, load
from interop.mapping.telling import Asked, Telling
from interop.mapping.trace import Trace

__all__ = ["Asked", "LocalRecord", "Mapped", "Mapping", "Telling", "Trace", "load"]
