"""A page as a tagged PDF (PDF/UA-1): the one place that needs WeasyPrint, which is an extra."""

from __future__ import annotations

from typing import NoReturn

from interop.errors import SettingsError

VARIANT = "pdf/ua-1"
HINT = "pip install 'interop[pdf]'; on Debian also: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def pdf(page: str) -> bytes:
    """An HTML page of ours as PDF, tagged for screen readers, with its title and language. Nothing is fetched.

    Raises SettingsError when WeasyPrint is not installed, or the libraries it draws with are not.
    """
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]  # no stubs are published
    except (ImportError, OSError) as fault:
        raise SettingsError(
            f"a PDF needs WeasyPrint, which cannot be loaded here: {fault}",
            code="no-pdf",
            hint=HINT,
        ) from None
    written = HTML(string=page, url_fetcher=_fetch_nothing).write_pdf(pdf_variant=VARIANT)
    return bytes(written)


def _fetch_nothing(url: str, *_: object, **__: object) -> NoReturn:
    """Our pages hold everything they need: whatever asks for more is a mistake, and a way out for data."""
    raise ValueError("a page of ours fetches nothing")
