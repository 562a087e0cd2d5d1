"""Accepts messages with their originals until it is killed: small files in one write, large ones stored before.

Started by test_originals_crash.py; prints the number of each message once it is accepted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from interop.relay import original_file
from interop.relay.message import Message
from interop.relay.original_file import OriginalFile
from interop.relay.originals import Making, Originals
from interop.relay.outbox import Outbox
from interop.relay.store import Store, StoreSettings

original_file.AT_ONCE, original_file.PIECE = 1000, 400


def files(number: int) -> tuple[OriginalFile, ...]:
    """Of every message its own file, one it shares with nine others, and every fifth time a large one."""
    found = [
        OriginalFile.of("own.csv", b"own %d" % number),
        OriginalFile.of("shared.csv", b"shared %d" % (number // 10)),
    ]
    if number % 5 == 0:
        found.append(OriginalFile.of("large.csv", b"%09d\n" % number * 300))
    return tuple(found)


def main(folder: Path) -> None:
    with Store.open(StoreSettings(folder / "node.db")) as store:
        outbox, originals = Outbox(store), Originals(store)
        with store.reading() as connection:
            number = connection.exec_driver_sql("SELECT COUNT(*) FROM message").scalar() or 0
        print("ready", flush=True)  # noqa: T201  it talks to the test through its output
        while True:
            item = Message("VNX01", f"bag-{number}", "transfer-summary", "text/plain", b"x")
            made = Making("care-home/red-bag", "1", f"RH-{number}", store.now(), files(number))
            originals.stage("VNX01", made.files)

            def work(_: object, item: Message = item, made: Making = made) -> None:
                outbox.put(item, ["RXE99"])
                originals.cite("VNX01", item.id, made)

            store.write(work)
            print(number, flush=True)  # noqa: T201
            number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
