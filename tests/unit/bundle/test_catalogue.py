"""Every finding of these rooms is explained in the issue catalogue, and nothing is explained that is never found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "interop"
CODE = re.compile(r"""(?:Issue\(|_issue\([^"]*|_fatal\(|_found\(|code=)\s*"([a-z0-9-]+)\"""")
GROUND = [ROOT / "xml_codec.py", ROOT / "json_codec.py", ROOT / "models.py"]


def codes(files: list[Path]) -> set[str]:
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_code_is_explained_and_every_explanation_is_used():
    explained = set()
    for room in ("sources", "bundle"):
        explained |= set(json.loads((ROOT / f"issues/{room}.json").read_text(encoding="utf-8")))
    used = codes([*(ROOT / "sources").glob("*.py"), *(ROOT / "bundle").glob("*.py"), *GROUND])
    assert used - explained == set()
    assert explained - used == set()


@pytest.mark.parametrize("room", ["sources", "bundle"])
def test_an_explanation_says_what_why_and_what_to_do(room):
    for code, entry in json.loads((ROOT / f"issues/{room}.json").read_text(encoding="utf-8")).items():
        assert set(entry) == {"type", "means", "matters", "fix", "spec"}, code
        assert all(entry.values()), code
