"""An explanation of a finding says what it means, why it matters and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "interop"


@pytest.mark.parametrize("room", ["sources", "bundle"])
def test_an_explanation_says_what_why_and_what_to_do(room):
    for code, entry in json.loads((ROOT / f"issues/{room}.json").read_text(encoding="utf-8")).items():
        assert set(entry) == {"type", "means", "matters", "fix", "spec"}, code
        assert all(entry.values()), code
