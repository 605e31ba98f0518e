"""`python -m mutation`: change the package, one change at a time, and say how many of the changes a test notices."""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mutation.choosing import trial_of
from mutation.mutants import mutants_of
from mutation.names import Names
from mutation.reach import KEPT, reach_of
from mutation.settings import BAR, BUDGET, Settings
from mutation.survivors import judgements_in, key_of, write
from mutation.trying import try_each

if TYPE_CHECKING:
    from mutation.mutants import Mutant

SURVIVORS = Path(__file__).with_name("survivors.md")
KILLED = ("killed", "timeout")


def main(argv: list[str]) -> int:
    """Sample, try, report; exit code 1 when the score is below the bar."""
    options = _parser().parse_args(argv)
    root = Path.cwd()
    settings = Settings()
    if options.toy:
        settings = Settings(package=options.toy, rooms=(options.toy,), tests=(f"test_{options.toy}.py",), warm=())
    mutants = _mutants(root, settings, options.only)
    # all in one order, so that a greater sample has the smaller one in it
    sample = random.Random(options.seed).sample(mutants, len(mutants))[: options.sample]
    if options.list:
        print(*sorted(sample), sep="\n")
        return 0
    # what is imported again and again is compiled once, whatever the caller's habit, and not in the tree
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(root / KEPT / "bytecode")
    for name in settings.warm:
        importlib.import_module(name)
    began = time.monotonic()
    reach = reach_of(root, settings)
    print(f"{len(reach.seconds)} tests, {len(mutants)} mutants, of which {len(sample)} are tried", flush=True)
    names = Names({path.relative_to(root).as_posix(): path.read_bytes() for path in _files(root, settings.package)})
    if options.unchanged:
        sample = [mutant._replace(edits=()) for mutant in sample]
    outcomes: dict[Mutant, str] = {}
    if options.again:
        survived = judgements_in(SURVIVORS.read_text(encoding="utf-8"))
        outcomes = {mutant: "killed" for mutant in sample if key_of(mutant) not in survived}
    trials = [trial_of(one, reach, names, options.budget) for one in sorted(sample) if one not in outcomes]
    for trial, outcome in try_each(trials, root, settings, options.processes):
        outcomes[trial.mutant] = outcome
        if outcome not in KILLED:
            print(f"{outcome}: {trial.mutant}" + (f" ({trial.left} tests left out)" if trial.left else ""), flush=True)
        if len(outcomes) % 100 == 0:
            print(f"{len(outcomes)} of {len(sample)} after {time.monotonic() - began:.0f} s", flush=True)
    summary, score = _summary(outcomes, settings)
    print(f"\n{summary}")
    if options.write:
        again = ", survivors tried again on more of the tests" if options.again else ""
        how = f"{len(sample)} of {len(mutants)} mutants, drawn with seed {options.seed}{again}:"
        survivors = [mutant for mutant, outcome in outcomes.items() if outcome not in KILLED]
        unjudged = write(SURVIVORS, survivors, f"{how}\n\n{summary}")
        print(f"{SURVIVORS.name}: {len(survivors)} survivors, {unjudged} of them not judged")
    return 0 if score >= BAR else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__.partition(": ")[2])
    parser.add_argument("--sample", type=int, default=1000, metavar="N", help="try so many mutants (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which sample (default: 0)")
    parser.add_argument("--only", default="", metavar="PATH[:LINE]", help="only mutants of files that begin so")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="try so many at a time (default: 1)")
    parser.add_argument(
        "--budget", type=float, default=BUDGET, metavar="SECONDS", help="of tests for each mutant (default: 5)"
    )
    parser.add_argument(
        "--again", action="store_true", help="only those of the sample that are in survivors.md; the others were killed"
    )
    parser.add_argument("--write", action="store_true", help="write survivors.md anew; judgements in it are kept")
    parser.add_argument("--unchanged", action="store_true", help="change nothing: every trial has to survive")
    parser.add_argument("--list", action="store_true", help="print the sample and try nothing")
    parser.add_argument("--toy", default="", metavar="FOLDER", help=argparse.SUPPRESS)
    return parser


def _files(root: Path, folder: str) -> list[Path]:
    return sorted((root / folder).rglob("*.py"))


def _mutants(root: Path, settings: Settings, only: str) -> list[Mutant]:
    path, _, line = only.partition(":")
    found = []
    for room in settings.rooms:
        for file in _files(root, room):
            name = file.relative_to(root).as_posix()
            if name.startswith(path):
                found += mutants_of(name, file.read_bytes())
    return [mutant for mutant in found if not line or mutant.line == int(line)]


def _summary(outcomes: dict[Mutant, str], settings: Settings) -> tuple[str, float]:
    """A table of the rooms, and the score of all."""
    columns = ("killed", "timeout", "survived", "unreached")
    score = 0.0
    lines = [f"| room | {' | '.join(columns)} | score |", "|---|---|---|---|---|---|"]
    for room in (*settings.rooms, ""):
        counts = Counter(outcome for mutant, outcome in outcomes.items() if mutant.path.startswith(room))
        score = 100 * sum(counts[column] for column in KILLED) / max(1, counts.total())
        cells = " | ".join(str(counts[column]) for column in columns)
        lines.append(f"| {room.rpartition('/')[2] or 'all'} | {cells} | {score:.1f} % |")
    return "\n".join(lines), score


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
