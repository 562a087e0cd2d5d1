"""``interop`` called as the console script calls it, in this process: exit code, standard output, standard error."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog

from interop.catalogue import Catalogue, shipped
from interop.cli.main import run
from interop.json_codec import JsonObject
from interop.translator import Translator
from interop.workbench.cases import Case, cases_of, files_of


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


@cache
def mapping_cases() -> tuple[Case, ...]:
    """Every case beside a shipped mapping that makes a document: what the page tests read."""
    catalogue = Catalogue()
    paths = {name: catalogue.mapping(name) for name in sorted(catalogue.mapping_names())}
    found = (case for name, path in paths.items() if _makes_documents(path) for case in cases_of(name, path))
    return tuple(case for case in found if json.loads((case.folder / "expected.json").read_bytes())["records"])


def _makes_documents(mapping: Path) -> bool:
    """Whether a mapping, or a piece it uses, says so. Read as text: to compile them all would take seconds."""
    text = mapping.read_text(encoding="utf-8")
    pieces = (mapping.parent / name for name in re.findall(r"[\w./-]*pieces/[\w-]+\.yaml", text))
    return any("\n  type: document" in each for each in (text, *(p.read_text(encoding="utf-8") for p in pieces)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``case_documents`` runs once for each mapping case.

    In a browser once for each mapping, because a page takes seconds there; ``make accessibility`` runs them all.
    """
    if "case_documents" not in metafunc.fixturenames:
        return
    cases = mapping_cases()
    if metafunc.module.__name__.endswith("test_accessible_pages") and not os.environ.get("INTEROP_EVERY_PAGE"):
        cases = tuple({case.mapping: case for case in reversed(cases)}.values())[::-1]
    metafunc.parametrize("case_documents", cases, ids=lambda case: case.name.replace(": ", "-"), indirect=True)


@cache
def documents_of(case: Case) -> tuple[JsonObject, ...]:
    plan = compiled(Catalogue()).mapping(case.mapping)
    now = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
    made = (plan.apply(record, now=now).bundle() for record in plan.read(files_of(case.folder)))
    return tuple(bundle for bundle in made if bundle.get("type") == "document")


@pytest.fixture
def case_documents(request: pytest.FixtureRequest) -> tuple[JsonObject, ...]:
    """The documents that one mapping case makes."""
    documents = documents_of(request.param)
    assert documents, "its expected.json says that it makes a document"
    return documents
