"""Which clauses of fidelity stock moto fails: `python -m benchmarks.stock_moto`. For information, no verdict.

What holds here needs no repair of ours any more. Each clause runs as its suite runs it, with moto's own engine.
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
SUITES = {"s": ("SQS_WORLD", "tests/brokers/sqs"), "k": ("KINESIS_WORLD", "tests/brokers/kinesis")}


def run(letter: str) -> dict[int, tuple[str, str]]:
    """By clause of a suite: `holds`, `fails` or `never returns`, and the test's sentence."""
    variable, suite = SUITES[letter]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:randomly",
                f"--junitxml={report}",
                f"{suite}/test_fidelity.py",
            ],
            cwd=ROOT,
            env={**os.environ, variable: "stock"},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - pytest wrote it just now
        found: dict[int, tuple[str, str]] = {}
        for case in cases:
            name = re.match(rf"test_{letter}(\d\d)_([^\[]*)", case.attrib["name"])
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
    """Print the tables and the counts."""
    for letter in SUITES:
        clauses = run(letter)
        for clause, (how, sentence) in sorted(clauses.items()):
            print(f"{letter.upper()}{clause:<3} {how:14} {sentence}")
        wrong = sum(how != "holds" for how, _ in clauses.values())
        print(f"moto {version('moto')}: {wrong} of {len(clauses)} clauses of {letter.upper()} are not AWS's\n")


if __name__ == "__main__":
    main()
