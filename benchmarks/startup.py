"""CPU of pytest on one empty test, with the plugin and without it."""

from __future__ import annotations

import resource  # POSIX only, like this one benchmark: os.times() counts in hundredths of a second
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Bar

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIRS = 20
_WITHOUT = ("-p", "no:lambda_events")


def _others() -> list[str]:
    """Options that switch off other people's plugins: they cost, and waver, more than what is measured here."""
    names = {entry.name for entry in entry_points(group="pytest11")} - {"lambda_events"}
    return [word for name in sorted(names) for word in ("-p", f"no:{name}")]


def _cpu_ms(folder: str, *options: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_others(), *options]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def run() -> Iterator[Bar]:
    """Twenty interleaved pairs; the median of their differences."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        differences = []
        for pair in range(_PAIRS):
            # which comes first takes turns, because a machine warms up and tires
            first, second = _cpu_ms(folder, *_WITHOUT[: 2 * (pair % 2)]), _cpu_ms(folder, *_WITHOUT[2 * (pair % 2) :])
            differences.append(second - first if pair % 2 else first - second)
    yield Bar(what="an unused plugin costs", measured=statistics.median(differences), most=10, unit=" ms")
