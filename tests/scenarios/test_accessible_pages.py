"""Every page in a real browser: WCAG 2.2 AA by axe, narrow screens, large text, paper, and not one request.

Each document of each mapping case is shown as its own kind of page, as front sheet and as full pack, in every
presentation. axe runs over those forms whose markup differs; sizes alone are checked for what sizes can break.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from interop import narrative
from interop.catalogue import Catalogue, shipped
from interop.json_codec import JsonObject
from interop.narrative import STANDARD, Form, Presentation
from interop.narrative.page import kind_of
from interop.translator import Translator

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install 'interop[test]'"
)
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EASY = Presentation(form=Form.EASY_READ)
LARGEST = Presentation(28)
SIZES = [Presentation(size) for size in (16, 20, 24)]
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && !e.closest('.unseen') && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 120)).slice(0, 3)"""
CUT_OFF = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && !e.matches('.unseen') && getComputedStyle(e).overflow !== 'visible'
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
  .map(e => e.outerHTML.slice(0, 120)).slice(0, 3)"""


@dataclass
class Tab:
    """One browser tab that has no way out. ``said``: what a page asked for or complained about."""

    page: Any
    said: list[str] = field(default_factory=list)

    def show(self, html: str, *, width: int = 1280, media: str = "screen") -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media=media)
        self.page.set_content(html)

    def at(self, width: int, media: str = "screen") -> list[str]:
        """What does not fit at this width."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media=media)
        wide = self.page.evaluate("document.documentElement.scrollWidth") > width
        return self.page.evaluate(TOO_WIDE) or ["wider than the screen"] if wide else []

    def violations(self) -> list[str]:
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found = axe.Axe().run(self.page, options=options).response["violations"]
        return [f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in found]


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    browser_path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser_path is None:
        pytest.skip(f"no browser is installed (looked for {', '.join(BROWSERS)}): apt install chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page()
        made = Tab(page)
        page.route("**/*", lambda route: (made.said.append(f"asked for {route.request.url}"), route.abort()))
        page.on("console", lambda message: made.said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: made.said.append(f"error: {error}"))
        yield made
        browser.close()


def shown(documents: tuple[JsonObject, ...]) -> Iterator[tuple[str, Callable[[Presentation], str], bool]]:
    """(name, page in a presentation, whether it is the document's own kind) of every page a document is shown as."""
    for number, document in enumerate(documents):
        own = kind_of(document).name
        for kind in dict.fromkeys((own, "front-sheet", "full-pack")):

            def made(presentation: Presentation, document: JsonObject = document, kind: str = kind) -> str:
                return narrative.page(document, kind=kind, presentation=presentation)

            yield f"{kind} of document {number}", cache(made), kind == own


def test_no_page_breaks_a_rule_of_wcag_2_2_aa(tab: Tab, case_documents: tuple[JsonObject, ...]) -> None:
    found = {}
    for name, page, own in shown(case_documents):
        for presentation in (STANDARD, LARGEST, EASY) if own else (STANDARD,):
            tab.show(page(presentation))
            if faults := tab.violations():
                found[f"{name}, {presentation.form} {presentation.text_size or ''}"] = faults
    assert found == {}


def test_every_page_fits_a_narrow_screen_twice_the_text_and_a4(
    tab: Tab, case_documents: tuple[JsonObject, ...]
) -> None:
    found = {}
    for name, page, own in shown(case_documents):
        for presentation in (STANDARD, *SIZES, LARGEST, EASY) if own else (STANDARD, LARGEST):
            tab.show(page(presentation))
            # 320 px is WCAG's reflow; 640 is 1280 with the text at 200 %; 794 is A4 at 96 dpi.
            faults = [*tab.at(320), *tab.at(640), *tab.at(794, "print"), *tab.page.evaluate(CUT_OFF)]
            if faults:
                found[f"{name}, {presentation.form} {presentation.text_size or ''}"] = faults
    assert found == {}


def test_a_journey_of_several_documents_breaks_no_rule_either(
    tab: Tab, red_bag_and_discharge: list[JsonObject]
) -> None:
    for presentation in (STANDARD, LARGEST, EASY):
        tab.show(narrative.timeline_page(red_bag_and_discharge, presentation))
        assert tab.violations() == []
        assert tab.at(320) == []


def test_no_letter_of_large_print_is_smaller_than_asked(tab: Tab, red_bag_and_discharge: list[JsonObject]) -> None:
    smallest = """() => Math.min(...[...document.querySelectorAll('body *')]
      .filter(e => !e.closest('svg') && !e.closest('.unseen') && e.checkVisibility() && [...e.childNodes]
        .some(n => n.nodeType === 3 && n.textContent.trim()))
      .map(e => parseFloat(getComputedStyle(e).fontSize))) * 0.75"""
    for document in red_bag_and_discharge:
        for size in (16, 20, 24, 28):
            for kind in ("front-sheet", "discharge", "full-pack"):
                tab.show(narrative.page(document, kind=kind, presentation=Presentation(size)))
                assert tab.page.evaluate(smallest) >= size - 0.01, (kind, size)


def test_the_front_sheet_is_one_sheet_of_paper(tab: Tab, red_bag_and_discharge: list[JsonObject]) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: pip install 'interop[test]'")
    tab.show(narrative.front_sheet(red_bag_and_discharge[0]), media="print")
    printed = pypdf.PdfReader(io.BytesIO(tab.page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in printed.pages[0].mediabox[2:]] == [210, 297]


def test_nothing_was_asked_for_and_nothing_was_complained_about(tab: Tab) -> None:
    """Runs last: over every page the tests above opened."""
    assert tab.said == []


@pytest.fixture(scope="module")
def red_bag_and_discharge() -> list[JsonObject]:
    journey, translator = shipped("examples") / "red-bag-journey", Translator(Catalogue())
    home = {path.name: path for path in (journey / "care-home").iterdir()}
    hospital = {"discharge.json": journey / "hospital" / "discharge.json"}
    made = []
    for mapping, files in (("care-home/red-bag", home), ("hospital/discharge", hospital)):
        (translated,) = translator.translate(mapping, files, now=datetime(2026, 11, 18, tzinfo=UTC))
        assert translated.bundle is not None
        made.append(translated.bundle)
    return made
