"""What took long to work out, kept on disk for the next process: JSON values by the hash of what they follow from.

A file holds JSON and nothing that runs: reading one never executes anything, so not even a forged file can do more
than give a wrong answer, and a forger who can write here could as well change the packages themselves. The first
line is a checksum of the rest: a half-written, cut or foreign file is no file. A file of another user is not read.
Writing is to a name of its own and then one rename, so two processes never see each other's halves. No fault of
this place is an error: then the work is done again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path

import orjson

from interop.json_codec import Json

MOST_FILES = 2_000
"""Files kept; when there are more, the older half goes."""
_ENDING = ".json"


def digest(*parts: str | bytes) -> str:
    """One hash of several parts; where a part ends is part of it."""
    found = blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big"))
        found.update(data)
    return found.hexdigest()


@cache
def code_digest(*modules: str, room: str = "interop.definitions") -> str:
    """The hash of modules of a room: what other code worked out is not what this code would."""
    folder = resources.files(room)
    return digest(*(folder.joinpath(f"{name}.py").read_bytes() for name in modules))


class Cache:
    """A folder of JSON values by key. A key is a ``digest`` of everything its value depends on."""

    def __init__(self, folder: Path):
        self._folder = folder

    @classmethod
    def of_user(cls, environment: Mapping[str, str]) -> Cache | None:
        """``INTEROP_CACHE_DIR``, else ``interop`` in the user's cache folder (XDG). None when the former is empty."""
        named = environment.get("INTEROP_CACHE_DIR")
        if named is not None:
            return cls(Path(named)) if named else None
        shared = environment.get("XDG_CACHE_HOME", "")
        if Path(shared).is_absolute():
            return cls(Path(shared) / "interop")
        home = environment.get("HOME", "")
        return cls(Path(home) / ".cache" / "interop") if home else None

    def get(self, key: str) -> Json | None:
        """The value kept under a key; None when there is none, or none that can be trusted."""
        try:
            with (self._folder / f"{key}{_ENDING}").open("rb") as file:
                if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
                    return None
                checksum, _, text = file.read().partition(b"\n")
            return orjson.loads(text) if checksum == digest(key, text).encode() else None
        except (OSError, orjson.JSONDecodeError):
            return None

    def put(self, key: str, value: Json) -> None:
        """Keep a value. What JSON cannot hold exactly (a Decimal) is not kept."""
        with suppress(OSError, TypeError):
            text = orjson.dumps(value)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".new")
            try:
                with open(handle, "wb") as file:  # noqa: PTH123  a file descriptor has no path
                    file.write(digest(key, text).encode() + b"\n" + text)
                Path(name).replace(self._folder / f"{key}{_ENDING}")
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._thin_out()

    def _thin_out(self) -> None:
        with os.scandir(self._folder) as entries:
            found = [entry.path for entry in entries]
        if len(found) > MOST_FILES:
            aged = sorted(found, key=lambda path: Path(path).stat().st_mtime)
            for path in aged[: len(aged) // 2]:
                Path(path).unlink(missing_ok=True)
