"""`python -m benchmarks.alone NAME`: one benchmark in a process of its own; each finding is a line of JSON.

The law: no benchmark meets what another has left behind: heaps, imports, caches.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Bar, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
_KINDS = {"Bar": Bar, "Peer": Peer}


class BenchmarkFailed(Exception):
    """A benchmark ended without saying all that it was to say."""


def measured(name: str) -> Iterator[Bar | Peer]:
    """What the benchmark of this name finds, as it finds it; `BenchmarkFailed` when it fails."""
    # installed packages are compiled once: so is a working tree here, whatever the shell says
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "benchmarks.alone", name]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            kind, _, values = line.partition(" ")
            if kind in _KINDS:
                yield _KINDS[kind](**json.loads(values))
    if process.returncode != 0:
        raise BenchmarkFailed(f"{name} ended with {process.returncode}")


def main(name: str) -> None:
    """Run it here."""
    for found in importlib.import_module(f"benchmarks.{name}").run():
        print(type(found).__name__, json.dumps(asdict(found)), flush=True)  # ASCII, whatever the console speaks


if __name__ == "__main__":
    main(sys.argv[1])
