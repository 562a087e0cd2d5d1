"""The nodes' processes: each organisation's own, as an administrator would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interop.client import NodeClient
from interop.demo.cast import Cast, Member
from interop.errors import StoreError
from interop.settings import read_secret

START_SECONDS = 60


class Processes:
    """``interop serve`` for each node; what it logs goes to ``node.log`` in its folder."""

    def __init__(self) -> None:
        self._running: dict[Path, subprocess.Popen[bytes]] = {}

    def start(self, member: Member) -> None:
        """Start the member's node, unless it runs already (a hub is started once)."""
        if member.config in self._running:
            return
        with (member.folder / "node.log").open("ab") as log:
            self._running[member.config] = subprocess.Popen(  # noqa: S603  our own program, arguments are ours
                [sys.executable, "-m", "interop.cli.main", "serve", "--config", str(member.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, member: Member) -> None:
        """Raises StoreError when the node stops, or is not ready in time."""
        process = self._running[member.config]
        give_up = time.monotonic() + START_SECONDS
        with client(member) as node:
            while not node.ready():
                if process.poll() is not None or time.monotonic() > give_up:
                    where = str(member.folder / "node.log")
                    raise StoreError(f"{member.name} did not start", where=where, hint="read its last lines")
                time.sleep(0.05)

    def alive(self, member: Member) -> bool:
        return member.config in self._running

    def kill(self, member: Member) -> None:
        """SIGKILL: no goodbye, no flush, no clean-up."""
        process = self._running[member.config]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        del self._running[member.config]

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def number(self, member: Member) -> int | None:
        """The process id of the member's node."""
        process = self._running.get(member.config)
        return process.pid if process else None


def client(member: Member) -> NodeClient:
    """The member's own operator, at its node."""
    return NodeClient(member.url, read_secret(member.token_file))


@contextmanager
def running(cast: Cast, *, keep: bool = False) -> Iterator[Processes]:
    """All members' nodes, ready. Stopped at the end unless ``keep``; always stopped when something fails."""
    processes = Processes()
    try:
        for member in cast.members:
            processes.start(member)
        for member in cast.members:
            processes.wait_ready(member)
        yield processes
    except BaseException:
        processes.stop()
        raise
    if not keep:
        processes.stop()
