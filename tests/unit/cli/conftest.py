"""Two nodes that nobody runs: their configuration files."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFIG = """
[node]
name = "{name}"
port = 1                     # nobody listens there

[[organisations]]
ods = "{ods}"
name = "{name}"
role = "care-home"

[[partners]]
ods = "{partner}"
name = "The other one"
role = "hospital"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The configuration of a care home's node that nobody runs."""
    return _written(tmp_path / "home", ods="VNX01", name="Rosewood House", partner="RXE99")


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    """The configuration of the hospital's node that nobody runs."""
    return _written(tmp_path / "hospital", ods="RXE99", name="St Elsewhere's Hospital", partner="VNX01")


def _written(folder: Path, **words: str) -> Path:
    folder.mkdir()
    config = folder / "interop.toml"
    config.write_text(CONFIG.format(**words), encoding="utf-8")
    return config
