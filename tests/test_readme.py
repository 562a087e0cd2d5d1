"""The README tells the truth: its snippets run, its commands exist, every verb is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from interop.cli.main import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line.split("#")[0].split() for line in README.splitlines() if line.startswith("interop ")]
VERBS = sorted(get_command(app).commands)  # type: ignore[attr-defined]  # a click group


def test_there_is_something_to_check() -> None:
    assert len(SNIPPETS) >= 2
    assert len(COMMANDS) >= 8


def test_every_snippet_runs(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    made = CliRunner().invoke(
        app, ["init", "--ods", "VNX01", "--name", "Rosewood House", "--path", str(tmp_path / "home" / "interop.toml")]
    )
    assert made.exit_code == 0, made.output
    for snippet in SNIPPETS:
        ran = subprocess.run(
            [sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()
        assert ran.stdout


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words lead to, through groups of commands, and the words left for it."""
    found = get_command(app)
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words[0]]  # type: ignore[attr-defined]  # a click group
        words = words[1:]
    return found, words


def _leaves(words: list[str]) -> list[list[str]]:
    """The commands below words: a group is not one itself."""
    inner = getattr(_command(words)[0], "commands", ())
    return [leaf for name in inner for leaf in _leaves([*words, name])] or [words]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme_and_helps(verb: str) -> None:
    assert f"interop {verb}" in README or f"`make {verb}" in README or f"make {verb} " in README
    for words in _leaves([verb]):
        helped = CliRunner().invoke(app, [*words, "--help"])
        assert helped.exit_code == 0
        assert "--output" in helped.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_shown_is_one_we_have(command: list[str]) -> None:
    found, left = _command(command[1:])
    assert left != command[1:] or left == ["--help"]
    options = {word for word in left if word.startswith("--")}
    known = {option for parameter in found.params for option in parameter.opts} | {"--help"}
    assert options <= known


def test_the_api_is_the_one_promised() -> None:
    import interop

    assert sorted(interop.__all__) == interop.__all__
    assert interop.__all__ == [
        "InteropError", "Issue", "NodeClient", "Outcome", "Severity", "Validator", "Verdict",
        "assemble", "inbox", "load_mapping", "map_record", "open_node", "send", "typed", "validate", "validator",
    ]  # fmt: skip
    assert all(getattr(interop, name) for name in interop.__all__)
    with pytest.raises(AttributeError):
        interop.nothing_of_the_sort  # noqa: B018
