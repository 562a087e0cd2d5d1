"""Documents others published make pages too: nothing crashes, and the person is on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from interop import narrative
from interop.completeness import score, standard
from interop.json_codec import loads

REAL = Path(__file__).parents[3].parent / "shared" / "real-inputs" / "r4"
FILES = sorted(REAL.glob("*.json"))


@pytest.mark.skipif(not FILES, reason="the published examples are not beside this checkout")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_published_example_makes_every_page(path: Path) -> None:
    document = loads(path.read_bytes())
    assert "<h1>" in narrative.front_sheet(document)
    assert "<h1>" in narrative.full_pack(document)
    assert "<h1>" in narrative.discharge_page(document)
    etree.fromstring(narrative.web_of_care_svg(document).encode())
    score(document, standard("discharge"))
    narrative.narrate(document)
