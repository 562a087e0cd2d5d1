"""The part every Python peer shares: answers "INPUT MODE MILLISECONDS" with the cost of one operation."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any


def answer(folder: Path, operations: dict[str, Callable[[Any], int]], parse: Callable[[bytes], Any]) -> None:
    """``operations``: by mode, a function that judges one input (bytes or parsed) and gives its number of errors."""

    @cache
    def inputs(name: str, mode: str) -> Sequence[Any]:
        texts = (folder / f"{name}.ndjson").read_bytes().splitlines()
        return texts if mode == "text" else [parse(text) for text in texts]

    @cache
    def stream(name: str, mode: str) -> Any:
        return cycle(inputs(name, mode))

    for line in sys.stdin:
        name, mode, milliseconds = line.split()
        operation, waiting = operations[mode], stream(name, mode)
        errors = count = 0
        started = time.process_time()
        until = started + int(milliseconds) / 1000
        while time.process_time() < until or not count:
            errors = operation(next(waiting))
            count += 1
        took = time.process_time() - started
        sys.stdout.write(json.dumps({"micros": took / count * 1e6, "operations": count, "errors": errors}) + "\n")
        sys.stdout.flush()
