"""What a terminology server has said, kept: in memory, and if wanted in a file that survives the process.

The file is lines of JSON under a first line that names it. Each answer is added with one write, so a file that was cut
short, or two processes that write at once, lose at most the line in question; a line that cannot be read is passed
over. A file that does not begin with our line is another program's: it is neither read nor written.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

FIRST = b'{"file": "interop terminology answers", "version": 1}'
MOST = 50_000
"""Answers kept. Beyond that memory starts afresh, and the file keeps the newest half."""
_LONGEST_LINE = 4096  # what one write puts at the end of a file in one piece


@dataclass(frozen=True, slots=True)
class Question:
    """A code, and the value set it is asked of: canonical, or the text of one include; "" asks the code system."""

    server: str
    system: str
    code: str
    value_set: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """holds: yes, no, or could not tell. at: when it was given, seconds since 1970."""

    holds: bool | None
    at: float = 0.0
    display: str = ""
    reason: str = ""
    inactive: bool = False


class Answers:
    """The answers so far. Safe to use from many threads.

    lasting   seconds an answer stays good
    doubting  seconds one that could not tell stays good; it is not put in the file
    """

    def __init__(self, file: Path | None = None, *, lasting: float = 30 * 86_400, doubting: float = 300):
        self._file = file
        self._lasting = lasting
        self._doubting = doubting
        self._lock = Lock()
        self._kept: dict[Question, Answer] | None = None

    def find(self, question: Question, now: float) -> Answer | None:
        with self._lock:
            found = self._read().get(question)
        return found if found is not None and self._is_good(found, now) else None

    def keep(self, question: Question, answer: Answer) -> None:
        """Remember it. A file that cannot be written costs nothing but the memory of it."""
        with self._lock:
            kept = self._read()
            if len(kept) >= MOST:
                kept.clear()
            kept[question] = answer
            if answer.holds is not None:
                self._add(_line(question, answer))

    def _is_good(self, answer: Answer, now: float) -> bool:
        longest = self._doubting if answer.holds is None else self._lasting
        return 0 <= now - answer.at < longest  # an answer from the future is a clock set back, or forged

    def _read(self) -> dict[Question, Answer]:
        if self._kept is None:
            self._kept = {}
            try:
                data = self._file.read_bytes() if self._file else b""
            except OSError:
                data = b""
            if data.startswith(FIRST):
                self._kept.update(_entries(data))
                if data.count(b"\n") > MOST:
                    self._shorten(dict(list(self._kept.items())[-MOST // 2 :]))
            elif data and FIRST.startswith(data):  # cut short in its first line
                self._shorten({})
            elif data:
                self._file = None
        return self._kept

    def _add(self, line: bytes) -> None:
        if self._file is None or len(line) > _LONGEST_LINE:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab", buffering=0) as out:
                out.write(line if out.tell() else FIRST + line)
        except OSError:
            self._file = None

    def _shorten(self, kept: dict[Question, Answer]) -> None:
        """Write the file anew with these, in one move."""
        self._kept = kept
        if self._file is None:
            return
        try:
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}.")
            with os.fdopen(handle, "wb") as out:
                out.write(FIRST + b"".join(_line(q, a) for q, a in kept.items() if a.holds is not None))
            Path(name).replace(self._file)
        except OSError:
            self._file = None


def _line(question: Question, answer: Answer) -> bytes:
    """Begins with the line end, so that it stands alone even after one that was cut short."""
    asked = [question.server, question.system, question.code, question.value_set]
    said = [answer.holds, answer.at, answer.display, answer.reason, answer.inactive]
    return b"\n" + json.dumps([asked, said]).encode()


def _entries(data: bytes) -> Iterator[tuple[Question, Answer]]:
    for line in data.splitlines()[1:]:
        try:
            (server, system, code, value_set), (holds, at, display, reason, inactive) = json.loads(line)
        except (ValueError, TypeError):
            continue
        texts = (server, system, code, value_set, display, reason)
        if all(isinstance(t, str) for t in texts) and isinstance(holds, bool) and isinstance(at, int | float):
            yield Question(server, system, code, value_set), Answer(holds, at, display, reason, inactive is True)
