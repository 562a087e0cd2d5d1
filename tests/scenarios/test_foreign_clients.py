"""Clients we did not write: a fuzzer that knows only our OpenAPI description, and curl's way of speaking HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop.cli.main import app


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A node as `interop init` and `interop serve` make it: its URL, its operator's token, its log."""
    folder = tmp_path_factory.mktemp("node")
    config = folder / "interop.toml"
    made = CliRunner().invoke(app, ["init", "--ods", "VNX01", "--name", "Rosewood House", "--path", str(config)])
    assert made.exit_code == 0, made.output
    log = folder / "node.log"
    command = [sys.executable, "-m", "interop.cli.main", "serve", "--config", str(config), "--port", "0"]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        url = next(word for word in line.split() if word.startswith("http"))
        yield url, (folder / "operator.token").read_text(encoding="utf-8").strip(), log
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def test_a_fuzzer_finds_no_server_error_and_no_undocumented_answer(address: tuple[str, str, Path]) -> None:
    url, token, log = address
    schemathesis = Path(sys.executable).with_name("st")
    command = [
        str(schemathesis), "run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {token}",
        "--checks", "not_a_server_error,content_type_conformance", "--max-examples", "8",
        "--phases", "examples,coverage,fuzzing", "--seed", "7",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=log.parent)
    assert ran.returncode == 0, ran.stdout[-4000:]
    lines = log.read_text(encoding="utf-8")
    assert "node_started" in lines
    assert "request_failed" not in lines
    assert "Traceback" not in lines
