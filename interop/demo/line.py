"""The wire between partners and the hospital: it can be cut after a message arrived and before its receipt leaves."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from interop.demo.cast import HOST

_CHUNK = 65_536


class Line:
    """A TCP relay from ``door`` to ``port``.

    ``cut_once(act)``: at the next answer the far side gives, nothing of it is passed on; ``act`` is called
    and the caller's connection is dropped. So the far side has received, and the near side does not know.
    """

    def __init__(self, door: int, port: int):
        self._port = port
        self._act: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, door), backlog=64, reuse_port=False)
        threading.Thread(target=self._accept, name="line", daemon=True).start()

    def cut_once(self, act: Callable[[], None]) -> None:
        with self._lock:
            self._act = act

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((HOST, self._port), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        threading.Thread(target=_copy, args=(near, far), daemon=True).start()
        with near, far, contextlib.suppress(OSError):
            while answer := far.recv(_CHUNK):
                with self._lock:
                    act, self._act = self._act, None
                if act is not None:
                    act()
                    near.shutdown(socket.SHUT_RDWR)  # closing alone would leave the other thread's read waiting
                    return
                near.sendall(answer)


def _copy(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while request := near.recv(_CHUNK):
            far.sendall(request)
        far.shutdown(socket.SHUT_WR)
