"""kill -9 at random moments: every accepted document has its one follow-up, and no follow-up lacks its document."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from interop.relay.checking import Check
from interop.relay.counts import Counts
from interop.relay.store import Store, StoreSettings

CYCLES = max(2, int(os.environ.get("CYCLES", "3")))
PROGRAM = Path(__file__).with_name("sitting.py")


def _run(folder: Path, seconds: float) -> list[int]:
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        assert process.stdout.readline(), "it accepted at least one"  # the first takes longest: all is compiled for it
        threading.Timer(seconds, process.kill).start()
        lines = [line.strip() for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -9
    return [int(line) for line in lines]


def test_documents_and_what_follows_from_them_live_and_die_together(tmp_path: Path) -> None:
    rng = random.Random(9)  # noqa: S311  the moments to kill at, the same in every run
    accepted = [number for _ in range(CYCLES) for number in _run(tmp_path, rng.uniform(0.05, 0.6))]
    with Store.open(StoreSettings(tmp_path / "data" / "interop.db")) as store:
        with store.reading() as connection:
            documents = connection.exec_driver_sql("SELECT id FROM message WHERE kind = 'day-room'").scalars().all()
            sent = connection.exec_driver_sql("SELECT id FROM message WHERE kind = 'chair-changed'").scalars().all()
            done = connection.exec_driver_sql("SELECT cause, message FROM consequence").all()
        assert len(documents) >= len(accepted) > 0
        assert sorted(row.cause for row in done) == sorted(documents)
        assert sorted(row.message for row in done) == sorted(sent)
        counts = Counts(store).of("VNX01")
        assert (counts["lost"], counts["queued"]) == (0, len(sent))
        assert list(Check(store)) == []
