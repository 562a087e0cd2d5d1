"""An ordinary installation: the wheel alone, in an empty environment, run from an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (made,) = out.glob("*.whl")
    return made


def test_profiles_mappings_and_examples_are_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "interop/shipped/mappings/care-home/red-bag.yaml",
        "interop/shipped/profiles/interop.uk.care/package.json",
        "interop/shipped/examples/red-bag-journey/hospital/adt-a03.hl7",
        "interop/cli/starter.toml",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/")]


def test_it_runs_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / "bin"
    subprocess.run([programs / "pip", "install", "--quiet", wheel], check=True, capture_output=True, timeout=300)
    empty = tmp_path / "empty"
    empty.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def interop(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [programs / "interop", *words], cwd=empty, env=clean, capture_output=True, timeout=240, check=False
        )

    mapped = interop("map", "care-home/red-bag", str(ROOT / "examples/red-bag-journey/care-home"), "--output", "json")
    assert mapped.returncode == 0, mapped.stderr.decode()
    assert json.loads(mapped.stdout)["records"][0]["valid"] is True
    played = interop("demo", "--json")
    assert played.returncode == 0, played.stderr.decode()
    assert json.loads(played.stdout)["complete"] is True
