"""XML read piece by piece with entities, document types and the network off, and never more than a window in memory.

Source: OWASP XML External Entity Prevention; ECMA-376 part 2 (workbooks hold no document types either).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

from lxml import etree

from interop.errors import ContentError

LARGEST = 64 << 20
"""Bytes. An element that is longer than this is no record."""

_CHUNK = 1 << 16


Kind = Literal["start", "end"]


class Readable(Protocol):
    """Bytes that can be read piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes; none at the end."""


def events(
    stream: Readable, name: str, kinds: Sequence[Kind], tag: str | None = None, *, longest: int = LARGEST
) -> Iterator[tuple[str, etree._Element]]:
    """lxml's parse events (``start``, ``end``), for elements called ``tag`` where that is given.

    The caller empties what it no longer needs. Raises ContentError ``xml-doctype`` for a document type,
    ``content-xml`` for what is not XML (with the line), ``xml-too-deep``, and ``xml-too-large`` when ``longest`` bytes
    go by without an event; the events before the fault have been given by then.
    """
    # The stubs allow for events without elements, which are not asked for here.
    parser: Any = etree.XMLPullParser(
        kinds, tag=tag, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    silent, first = 0, True
    try:
        while chunk := stream.read(_CHUNK):
            if first and b"<!DOCTYPE" in chunk.replace(b"\0", b""):
                raise _doctype(name)
            first = False
            silent += len(chunk)
            parser.feed(chunk)
            for event, element in parser.read_events():
                if silent and element.getroottree().docinfo.doctype:
                    raise _doctype(name)
                silent = 0
                yield str(event), element
            if silent > longest:
                text = f"one element goes on for more than {longest:,} bytes"
                raise ContentError(text, code="xml-too-large", where=name, hint="no real record is that long")
        parser.close()
        for event, element in parser.read_events():
            yield str(event), element
    except etree.XMLSyntaxError as fault:
        line, column = fault.position
        if "depth" in (fault.msg or ""):
            raise ContentError("nested more than 256 levels deep", code="xml-too-deep", where=name) from None
        where = f"{name} line {line} column {column}"
        raise ContentError(f"not XML: {fault.msg}", code="content-xml", where=where).found_at(line, column) from None


def let_go(element: etree._Element) -> None:
    """Empty an element that has been read, and forget those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (previous := element.getprevious()) is not None:
        parent.remove(previous)


def _doctype(name: str) -> ContentError:
    return ContentError(
        "brings a document type (<!DOCTYPE>), which is never read here",
        code="xml-doctype",
        where=name,
        hint="remove <!DOCTYPE …> and write entities out",
    )
