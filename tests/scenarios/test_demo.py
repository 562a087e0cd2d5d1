"""The main job as a user runs it: three processes, three databases, real HTTP."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.client import NodeClient
from interop.demo.journey import ACTS

STEPS = 9


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.CompletedProcess[bytes], Path]]:
    """The demo, played once; its three nodes are kept running for the tests and stopped after them."""
    out = tmp_path_factory.mktemp("demo") / "demo-output"
    command = [sys.executable, "-m", "interop.cli.main", "demo", "--json", "--keep", "--out", str(out)]
    process = subprocess.run(command, capture_output=True, timeout=240, check=False)
    yield process, out
    for number in re.findall(rb"process (\d+)", process.stderr):
        os.kill(int(number), signal.SIGTERM)


def test_all_nine_steps_happen(played: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    process, _ = played
    assert process.returncode == 0, process.stderr.decode() + process.stdout.decode()


def test_the_numbers_are_those_of_the_story(played: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    numbers = json.loads(played[0].stdout)
    assert numbers["complete"] is True
    # Red bag, discharge and the corrected record, each to two organisations, and so the notices of admission and
    # discharge; one item lost, one change of co-ordinator.
    assert (numbers["sent"], numbers["acknowledged"]) == (12, 12)
    assert (numbers["quarantined"], numbers["replayed"]) == (1, 1)
    assert (numbers["lost"], numbers["duplicate_effects"]) == (0, 0)
    assert numbers["obligations"] == {"kept": 2, "late": 0}


def test_every_file_it_names_is_there(played: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    numbers = json.loads(played[0].stdout)
    assert len(numbers["files"]) >= STEPS
    assert all(Path(file).stat().st_size > 0 for file in numbers["files"])
    assert any(file.endswith("journey.html") for file in numbers["files"])


def test_the_databases_are_encrypted_and_the_logs_hold_nobody(
    played: tuple[subprocess.CompletedProcess[bytes], Path],
) -> None:
    nodes = played[1] / "nodes"
    stores = sorted(nodes.rglob("interop.db*"))
    assert len([s for s in stores if s.name == "interop.db"]) == 3
    for store in stores:
        assert b"Ashworth" not in store.read_bytes(), store
        assert not store.read_bytes().startswith(b"SQLite format 3"), store
    logs = [log.read_text(encoding="utf-8") for log in nodes.rglob("node.log")]
    assert len(logs) == 3
    assert all(logs)
    for word in ("Ashworth", "Edith", "9990000018", "Greaves", "Traceback"):
        assert not [log for log in logs if word in log], word


def test_the_readme_shows_what_it_prints(played: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    page = (played[1] / "journey.html").read_text(encoding="utf-8")
    for number, (title, *_) in enumerate(ACTS, start=1):
        assert f"{number} {title}  " in readme
        assert title in html.unescape(page)


def test_kept_nodes_answer_at_the_addresses_it_prints(
    played: tuple[subprocess.CompletedProcess[bytes], Path],
) -> None:
    told = re.findall(r"(http://\S+)  token in (\S+)  process", played[0].stderr.decode())
    assert len(told) == 3
    for address, token_file in told:
        with NodeClient(address, Path(token_file).read_text(encoding="utf-8").strip()) as node:
            assert node.ready()
            assert node.status()["counts"]["duplicate_effects"] == 0


def test_a_folder_it_did_not_make_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    command = [sys.executable, "-m", "interop.cli.main", "demo", "--out", str(tmp_path)]
    process = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert process.returncode == 2
    assert b"choose --out" in process.stderr
    assert (tmp_path / "mine.txt").exists()
