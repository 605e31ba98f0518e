"""Which tests a mutant is tried on. The law: pure; those that reach it, the nearest first and of these the quickest, as
many as the budget holds.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from mutation.reach import AT_IMPORT

if TYPE_CHECKING:
    from mutation.mutants import Mutant
    from mutation.names import Names
    from mutation.reach import Reach


class Trial(NamedTuple):
    """A mutant and the tests that it is tried on, in their order, with the seconds of CPU that each takes. `left` is
    how many more reach it. `fresh` says that the package has to be imported with it: it runs before any test does.
    """

    mutant: Mutant
    tests: dict[str, float]
    left: int
    fresh: bool


def trial_of(mutant: Mutant, reach: Reach, names: Names, budget_seconds: float) -> Trial:
    """What to try."""
    tests = reach.tests(mutant.path, range(mutant.first, mutant.last + 1))
    fresh = mutant.at_import or AT_IMPORT in tests or "lambda" in mutant.was
    if fresh:
        lines: dict[str, list[int]] = {}
        for path, line in names.users(mutant.binds):
            lines.setdefault(path, []).append(line)
        tests = tests.union(*(reach.tests(path, of_file) for path, of_file in lines.items()))
        # a test may look at a table itself, and then it reaches no line: those of the module's own file are asked
        tests |= {test for test in reach.seconds if _distance(test, mutant.path) == 0}
    tests.discard(AT_IMPORT)
    chosen: dict[str, float] = {}
    for test in sorted(tests, key=lambda test: (_distance(test, mutant.path), reach.seconds[test], test)):
        if chosen and sum(chosen.values()) + reach.seconds[test] > budget_seconds:
            break
        chosen[test] = reach.seconds[test]
    return Trial(mutant, chosen, len(tests) - len(chosen), fresh)


def _distance(test: str, path: str) -> int:
    """How far a test's file is from a module: its own, its room's, another."""
    module, file = PurePosixPath(path), PurePosixPath(test.partition("::")[0])
    if file.parent.name != module.parent.name:
        return 2
    about = file.stem.removeprefix("test_")
    return 0 if module.stem.startswith(about) or about.startswith(module.stem) else 1
