"""A long CSV through ``interop map``: memory, pace, and a run that is killed and goes on, against one that is not.

    python tests/benchmarks/stream/bench.py [ROWS]     (1,000,000 by default)

Prints one JSON object. Fails (exit 1) when memory passes 300 MB, or when the run that was killed does not end with
every record once.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_MEMORY = 300 * 1024 * 1024

MAPPING = """
mapping: bench/register
version: "1"
title: One row, one patient
source:
  format: tables
  tables:
    resident: {file: rows.csv, key: Resident ID, one: true, required: [NHS Number]}
bundle: {type: collection, kind: register, person: patient, identity: [resident.Resident ID]}
groups:
  - group: patient
    create: Patient
    identity: [resident.Resident ID]
    rules:
      - {value: "https://fhir.nhs.uk/Id/nhs-number", target: "identifier[nhs].system"}
      - {source: resident.NHS Number, target: "identifier[nhs].value", transform: nhs-number}
      - {source: resident.Resident ID, target: "identifier[home].value"}
      - {source: resident.Surname, target: "name[official].family"}
      - {source: resident.Forename, target: "name[official].given"}
      - {source: resident.DOB, target: birthDate, transform: {date: dd/MM/yyyy}}
      - {source: resident.Street, target: "address[home].line"}
      - {source: resident.Postcode, target: "address[home].postalCode"}
drop: {resident.Notes: Nobody asked for them}
"""
HEADER = "Resident ID,NHS Number,Surname,Forename,DOB,Street,Postcode,Notes\n"


def write_rows(path: Path, count: int) -> None:
    """Synthetic residents, their keys in no order: an index that liked order would be flattered."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(count):
            day = f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/19{30 + n % 60}"
            street = f'"{n % 99 + 1} Mill Lane, Thornbury"'
            key = f"R{n * 7919 % count:07d}"
            file.write(f"{key},9990000018,Surname{n % 5000},Edith,{day},{street},BS35 {n % 9 + 1}AB,note {n}\n")


def command(folder: Path, result: str, *more: str) -> list[str]:
    run = "from interop.cli.main import run; run()"
    files = [str(folder / "bench" / "register.yaml"), str(folder / "rows.csv")]
    return [sys.executable, "-c", run, "map", *files, "--ndjson", str(folder / result), *more]


def finished(arguments: list[str]) -> tuple[float, int]:
    """Seconds, and the most memory the process had, in bytes."""
    begun = time.monotonic()
    process = subprocess.Popen(arguments)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"the run ended with {process.returncode}")
    return time.monotonic() - begun, usage.ru_maxrss * 1024


def killed(arguments: list[str], journal: Path, after: int) -> int:
    """Start, and kill without warning once so many records are known to be written. How many were."""
    process = subprocess.Popen(arguments)
    done = 0
    while process.poll() is None and done < after:
        time.sleep(0.5)
        done = json.loads(journal.read_text())["done"] if journal.exists() else 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    return done


def keys_of(path: Path) -> tuple[int, str]:
    """How many lines there are, and a digest of their keys in order."""
    digest, count = hashlib.sha256(), 0
    with path.open("rb") as file:
        for line in file:
            digest.update(json.loads(line)["key"].encode() + b"\n")
            count += 1
    return count, digest.hexdigest()


def main(rows: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench").mkdir()
        (folder / "bench" / "register.yaml").write_text(MAPPING, encoding="utf-8")
        write_rows(folder / "rows.csv", rows)
        size = (folder / "rows.csv").stat().st_size
        stopped_after = killed(command(folder, "parts.ndjson"), folder / "parts.ndjson.journal", rows // 10)
        rest, rest_memory = finished(command(folder, "parts.ndjson", "--resume"))
        seconds, memory = finished(command(folder, "whole.ndjson"))
        whole, parts = keys_of(folder / "whole.ndjson"), keys_of(folder / "parts.ndjson")
    good = max(memory, rest_memory) < MOST_MEMORY and whole == parts and whole[0] == rows
    result = {
        "rows": rows,
        "csv bytes": size,
        "seconds": round(seconds, 1),
        "records a second": round(rows / seconds),
        "most memory, MB": round(memory / 1024 / 1024, 1),
        "killed after": stopped_after,
        "seconds of the rest": round(rest, 1),
        "most memory of the rest, MB": round(rest_memory / 1024 / 1024, 1),
        "same records, each once": whole == parts and whole[0] == rows,
    }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
