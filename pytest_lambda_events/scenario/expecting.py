"""Is a run as expected? The law: who names one fate names them all (the others have no record), and every difference
is told at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import ScenarioDifference
from pytest_lambda_events.model.records import FATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.scenario.model import Scenario

__all__ = ["check", "differences"]

_WELL: Final[tuple[Fate, ...]] = ("processed", "filtered")
_NAMED: Final = 5


def check(scenario: Scenario, run: Run[Any]) -> None:
    """Errors: `ScenarioDifference`, which lists all that is not as expected."""
    found = differences(scenario, run)
    if found:
        raise ScenarioDifference("\n  ".join((f"{scenario.place}: not as expected", *found)), run)


def differences(scenario: Scenario, run: Run[Any]) -> list[str]:
    """What is not as `expect` says; where it names no fate, also how records ended that `allow` does not name."""
    return [*_fates(scenario, run), *_further(scenario, run)]


def _fates(scenario: Scenario, run: Run[Any]) -> Iterator[str]:
    expected = scenario.expect.fates
    if expected is None and scenario.allow is None:
        return
    fates = [run.fate(record) for record in run.records]
    for fate in FATES:
        there = [number for number, found in enumerate(fates) if found == fate]
        if expected is None:
            if there and fate not in _WELL and fate not in (scenario.allow or ()):
                yield f"{fate}: {_counted(len(there))} ({_numbers(there)}), and allow does not name it"
            continue
        wanted = expected.get(fate, 0)
        if isinstance(wanted, int):
            if len(there) != wanted:
                which = f" ({_numbers(there)})" if there else ""
                unnamed = "" if fate in expected else ", because expect does not name it"
                yield f"{fate}: expected {wanted}{unnamed}, found {len(there)}{which}"
        elif list(wanted) != there:
            yield f"{fate}: expected {_numbers(wanted)}, found {_numbers(there)}"


def _further(scenario: Scenario, run: Run[Any]) -> Iterator[str]:
    expected = scenario.expect
    if expected.invocations is not None and len(run.invocations) != expected.invocations:
        yield f"invocations: expected {expected.invocations}, found {len(run.invocations)}"
    records = run.records
    for number, wanted in (expected.attempts or {}).items():
        if number >= len(records):
            yield f"attempts: there is no record {number}: {_counted(len(records))} came, counted from 0"
        elif run.attempts(records[number]) != list(wanted):
            found = run.attempts(records[number])
            yield f"attempts of record {number}: expected {list(wanted)}, found {found}"
    if expected.advice is not None:
        given = {one.code for one in run.advice}
        if given != expected.advice:
            yield f"advice: expected {_codes(expected.advice)}, found {_codes(given)}"


def _counted(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"


def _numbers(numbers: Sequence[int]) -> str:
    """`record 1`, `records 1, 4`; of many only the first."""
    if not numbers:
        return "none"
    shown = ", ".join(str(number) for number in numbers[:_NAMED])
    more = ", …" if len(numbers) > _NAMED else ""
    return f"record{'' if len(numbers) == 1 else 's'} {shown}{more}"


def _codes(codes: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(codes)) or "none"
