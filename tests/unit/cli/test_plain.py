"""A command line without a mistake is read without the full machinery, and means the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop.cli import main
from interop.cli.plain import straight

SEEN: list[dict[str, object]] = []


@pytest.fixture(autouse=True)
def spies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the real application only says what it was called with."""
    SEEN.clear()


WELL_FORMED = [
    ["validate", "FILE"],
    ["validate", "FILE", "OTHER", "--profile", "https://a.example/p", "--profile=https://a.example/q"],
    ["validate", "--package", "FOLDER", "-o", "json", "FILE"],
    ["map", "care-home/red-bag", "FOLDER", "--reverse"],
    ["map", "care-home/red-bag", "FILE", "OTHER", "--out", "new"],
    ["status"],
    ["inbox", "--config", "FILE"],
]
ANOTHER_WAY = [
    [],
    ["--help"],
    ["nothing-such"],
    ["validate", "--help"],
    ["validate", "--no-such-option", "FILE"],
    ["validate", "FILE", "--profile"],
    ["validate", "FILE", "--output", "poem"],
    ["validate", "FILE", "--package", "missing"],
    ["validate", "FILE", "-o", "json", "-o", "text"],
    ["validate", "--", "FILE"],
    ["map"],
    ["map", "care-home/red-bag"],
    ["map", "care-home/red-bag", "missing"],
    ["map", "care-home/red-bag", "FILE", "--reverse=yes"],
]


def _real(words: list[str], folder: Path) -> list[str]:
    (folder / "other.json").write_text("{}", encoding="utf-8")
    file = folder / "file.json"
    file.write_text("{}", encoding="utf-8")
    named = {"FILE": str(file), "OTHER": str(folder / "other.json"), "FOLDER": str(folder)}
    return [named.get(word, word) for word in words]


def _called(words: list[str], monkeypatch: pytest.MonkeyPatch, *, plainly: bool) -> dict[str, object]:
    """What the command gets, either way."""
    import functools

    for command in main.app.registered_commands:
        assert command.callback is not None

        @functools.wraps(command.callback)
        def spy(**given: object) -> None:
            SEEN.append(given)

        monkeypatch.setattr(command, "callback", spy)
    if plainly:
        ready = straight(main.app, words)
        assert ready is not None
        ready()
    else:
        assert CliRunner().invoke(main.app, words).exit_code == 0
    return SEEN[-1]


@pytest.mark.parametrize("words", WELL_FORMED, ids=" ".join)
def test_both_ways_mean_the_same(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = _real(words, tmp_path)
    plain = _called(line, monkeypatch, plainly=True)
    assert {name: value or None for name, value in plain.items()} == {
        name: value or None for name, value in _called(line, monkeypatch, plainly=False).items()
    }


@pytest.mark.parametrize("words", ANOTHER_WAY, ids=" ".join)
def test_whatever_needs_explaining_takes_the_other_way(words: list[str], tmp_path: Path) -> None:
    assert straight(main.app, _real(words, tmp_path)) is None


def test_what_the_environment_says_takes_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CONFIG", "elsewhere.toml")
    assert straight(main.app, ["status"]) is None


def test_validating_a_file_loads_only_what_judges_it(tmp_path: Path) -> None:
    """Half a second is little: what maps, draws, serves or configures stays out of the process."""
    file = tmp_path / "patient.json"
    file.write_text('{"resourceType": "Patient"}', encoding="utf-8")
    script = (
        "import sys\n"
        f"sys.argv = ['interop', 'validate', {str(file)!r}]\n"
        "from interop.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    unneeded = {"pydantic", "jinja2", "sqlalchemy", "fastapi", "httpx2", "rich.progress", "yaml"}
    unneeded |= {"interop.mapping", "interop.narrative", "interop.settings", "interop.sources", "interop.relay"}
    assert not unneeded & loaded
