"""This project's validator, every rule on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from loop import answer

import interop
from interop.json_codec import loads

judge = interop.validator()


def errors(resource: Any) -> int:
    return len(judge.validate(resource).errors)


answer(Path(sys.argv[1]), {"parsed": errors, "text": errors}, loads)
