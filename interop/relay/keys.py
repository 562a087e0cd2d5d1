"""The key that encrypts the store at rest: from the environment, or a file only its owner can read."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from interop.errors import StoreError

VARIABLE = "INTEROP_STORE_KEY"
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def key_beside(database: Path) -> Path:
    """Where a store's key file lies unless the settings say otherwise."""
    return database.with_name(database.name + ".key")


def store_key(database: Path, key_file: Path | None, environment: Mapping[str, str]) -> str:
    """The 256-bit key as 64 hex digits: the environment's, else the key file's, else a new one for a new store.

    Raises StoreError when a store exists whose key is gone (a new key could never open it), when others may read
    the key file, or when the key is not 64 hex digits.
    """
    if given := environment.get(VARIABLE):
        return _checked(given, VARIABLE)
    file = key_file or key_beside(database)
    if file.exists():
        return _read(file)
    if database.exists():
        raise StoreError(
            f"the store exists but its key file {file} does not",
            where=str(database),
            hint=f"put the key file back from your safe copy, or set {VARIABLE}",
        )
    return _create(file)


def _read(file: Path) -> str:
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise StoreError("others on this machine may read the store's key", where=str(file), hint=f"chmod 600 {file}")
    return _checked(file.read_text(encoding="ascii", errors="replace"), str(file))


def _create(file: Path) -> str:
    """Write a fresh key and make it durable before anything is encrypted with it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(32)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return _read(file)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key + "\n")
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key


def _checked(text: str, origin: str) -> str:
    key = text.strip()
    if not _HEX.fullmatch(key):
        raise StoreError(
            f"the store key is {len(key)} characters, wanted 64 hex digits (256 bits)",
            where=origin,
            hint="make one with: openssl rand -hex 32",
        )
    return key.lower()
