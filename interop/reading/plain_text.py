"""The words of somebody else's XHTML narrative, without its markup."""

from __future__ import annotations

from html.parser import HTMLParser

BLOCKS = {"p", "div", "li", "tr", "br", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "dt", "dd"}
SILENT = {"script", "style", "head", "title"}


def plain_text(xhtml: str | None) -> str:
    """The text of a narrative, a line per block; scripts and styles are dropped. Never fails."""
    if not xhtml:
        return ""
    reader = _Words()
    reader.feed(xhtml)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.words.append("\n" if tag in BLOCKS else " " if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in SILENT))
        self.words.append("\n" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)
