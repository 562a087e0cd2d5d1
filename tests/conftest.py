"""``interop`` called as the console script calls it, in this process: exit code, standard output, standard error."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog

from interop.catalogue import shipped
from interop.cli.main import run
from interop.translator import Translator


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as the one JSON value it must be."""
        return json.loads(self.out)


Interop = Callable[..., Ran]
compiled = cache(Translator)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept on disk between processes stays out of the user's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTEROP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def interop(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Interop]:
    # What a process compiles once is compiled once here too, not once a call.
    monkeypatch.setattr("interop.translator.Translator", compiled)
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = list(root.handlers)

    def called(*words: object) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["interop", *map(str, words)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        return Ran(int(ended.value.code or 0), told.out, told.err)

    yield called
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def journey() -> Path:
    """The shipped example records."""
    return shipped("examples") / "red-bag-journey"
