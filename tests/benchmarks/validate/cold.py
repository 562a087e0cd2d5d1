"""Times whole processes, each from start to exit: ``python cold.py RUNS COMMAND...`` prints medians as JSON.

A small process of its own, as the peak memory the system reports for a child is never below that of its parent.
"""

from __future__ import annotations

import json
import os
import sys
import time
from statistics import median


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of one process."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    runs, words = int(sys.argv[1]), sys.argv[2:]
    measure(words)
    sys.stdout.write(
        json.dumps([median(column) for column in zip(*(measure(words) for _ in range(runs)), strict=True)])
    )
