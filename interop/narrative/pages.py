"""Turns words into pages: one template environment, everything escaped, nothing fetched from outside."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from interop.reading.wording import NOT_RECORDED

TEMPLATES = Path(__file__).parent / "templates"
_DATED = re.compile(r"\d{1,2} \w{3} \d{4}(, \d\d:\d\d)?")
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@cache
def environment() -> Environment:
    """The templates, compiled once per process. Autoescape is always on; an unknown name is a mistake of ours."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_printable,
    )
    made.filters["recorded"] = recorded
    made.filters["link"] = link
    made.tests["dated"] = lambda value: isinstance(value, str) and bool(_DATED.fullmatch(value))
    return made


def render(template: str, **words: object) -> str:
    """A template filled with words. ``style`` and ``NOT_RECORDED`` are always there."""
    return environment().get_template(template).render(**words)


@cache
def style(name: str) -> Markup:
    """A stylesheet of ours, to stand inside the page: trusted, because it ships with the templates."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  our own file, no data in it


def recorded(value: object, gap: str = NOT_RECORDED) -> object:
    """The value, or why there is none ("not recorded") in a way a reader sees without colour."""
    return value if value not in (None, "", (), []) else Markup('<span class="missing">{}</span>').format(gap)


def link(target: object, words: object) -> Markup:
    """A link to a file beside the page or to http(s); any other target is shown as plain words."""
    address = str(target or "")
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return escape(words)
    if not address or address.startswith("//") or scheme not in ("", "http", "https"):
        return escape(words)
    return Markup('<a href="{}">{}</a>').format(address, words)


def _printable(value: object) -> object:
    """Characters XML forbids never reach a page or a narrative."""
    if type(value) is str and _UNPRINTABLE.search(value):
        return _UNPRINTABLE.sub("\ufffd", value)
    return value
