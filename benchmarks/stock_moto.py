"""Which clauses of SQS's fidelity stock moto fails: `python -m benchmarks.stock_moto`. For information, no verdict.

What holds here needs no repair of ours any more. Each clause runs as the suite runs it, with moto's own engine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
SUITE = "tests/brokers/sqs/test_fidelity.py"


def run() -> dict[int, tuple[str, str]]:
    """By clause: `holds`, `fails` or `never returns`, and the test's sentence."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", f"--junitxml={report}", SUITE],
            cwd=ROOT,
            env={**os.environ, "SQS_WORLD": "stock"},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - pytest wrote it just now
        found: dict[int, tuple[str, str]] = {}
        for case in cases:
            name = re.match(r"test_s(\d\d)_([^\[]*)", case.attrib["name"])
            if name is None:
                continue
            clause, sentence = int(name[1]), name[2].replace("_", " ")
            if case.find("skipped") is not None:
                found[clause] = ("never returns", sentence)
            elif case.find("failure") is not None or case.find("error") is not None:
                found[clause] = ("fails", sentence)
            else:  # of a test's cases, one that fails is enough
                found.setdefault(clause, ("holds", sentence))
        return found


def main() -> None:
    """Print the table and the count."""
    clauses = run()
    for clause, (how, sentence) in sorted(clauses.items()):
        print(f"S{clause:<3} {how:14} {sentence}")
    wrong = sum(how != "holds" for how, _ in clauses.values())
    print(f"moto {version('moto')}: {wrong} of {len(clauses)} clauses are not AWS's")


if __name__ == "__main__":
    main()
