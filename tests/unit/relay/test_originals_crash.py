"""kill -9 between any two steps: no message without its originals, no citation without its file, nothing half kept."""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from interop.relay.checking import Check
from interop.relay.message import message_id
from interop.relay.originals import UNCITED_FOR, Originals
from interop.relay.schema import message
from interop.relay.schema_originals import original
from interop.relay.store import Store, StoreSettings

CYCLES = int(os.environ.get("CYCLES", "8"))
PROGRAM = Path(__file__).with_name("keeping.py")


def _run(folder: Path, seconds: float) -> list[int]:
    """The numbers it said were accepted before it was killed."""
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        threading.Timer(seconds, process.kill).start()
        lines = [line.strip() for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -9
    return [int(line) for line in lines]


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keeping")
    rng = random.Random(4)  # noqa: S311  the moments to kill at, the same in every run
    accepted = [number for _ in range(CYCLES) for number in _run(folder, rng.uniform(0.02, 0.3))]
    with Store.open(StoreSettings(folder / "node.db")) as store:
        yield accepted, store


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("keeping", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    from interop.relay import original_file

    before = original_file.AT_ONCE, original_file.PIECE
    spec.loader.exec_module(module)
    yield module
    original_file.AT_ONCE, original_file.PIECE = before


def test_something_was_accepted_in_every_life(after):
    accepted, _ = after
    assert len(accepted) > CYCLES


def test_every_message_has_all_its_originals_to_the_byte(after, program):
    accepted, store = after
    with store.reading() as connection:
        held = connection.scalars(select(message.c.identifier)).all()
    assert {f"bag-{number}" for number in accepted} <= set(held)
    originals = Originals(store)
    for identifier in held:
        number = int(identifier.removeprefix("bag-"))
        [made] = originals.of_message("VNX01", message_id("VNX01", identifier))
        found = {kept.name: b"".join(originals.checked("VNX01", kept.sha256)) for kept in made.originals}
        assert found == {file.name: file.content for file in program.files(number)}


def test_nothing_is_damaged_and_no_reference_leads_nowhere(after):
    _, store = after
    assert list(Check(store)) == []


def test_what_a_crash_left_uncited_is_only_ever_one_large_file_a_life_and_goes(after):
    _, store = after
    with store.reading() as connection:
        left = connection.scalars(select(original.c.size).where(original.c.cited.is_(False))).all()
    assert len(left) <= CYCLES
    assert all(size == 3000 for size in left)
    Originals(store).drop_uncited(store.now() + UNCITED_FOR)
    with store.reading() as connection:
        assert connection.scalars(select(original.c.size).where(original.c.cited.is_(False))).all() == []
