"""`compare_runs`, for tests. The law: falsy when nothing changed, and readable in the message of a failed assertion."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.report.compare.comparing import compare
from pytest_lambda_events.report.compare.text import told
from pytest_lambda_events.report.compare.words import headline
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Advice
    from pytest_lambda_events.report.compare.comparing import BatchChange, Comparison, MappingChange, RecordGroup, Row
    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["RunComparison", "compare_runs"]


class RunComparison:
    """What changed between two runs. True when something did, so that a test says `assert not compare_runs(a, b)`.

    `str()` of it is the text for people, `text(width=…)` the same in another width. Whatever is the same in both runs
    is in none of the lists.
    """

    def __init__(self, comparison: Comparison, names: tuple[str, str]) -> None:
        self._found = comparison
        self.names = names

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return self._found.is_same

    @property
    def records(self) -> tuple[RecordGroup, ...]:
        """Records that are in both runs and changed, those together that changed in the same way; the worst first."""
        return self._found.groups

    @property
    def only_before(self) -> tuple[RecordView, ...]:
        """Records that are in the first run alone."""
        return self._found.only_before

    @property
    def only_after(self) -> tuple[RecordView, ...]:
        """Records that are in the second run alone."""
        return self._found.only_after

    @property
    def invocations(self) -> tuple[Row, ...]:
        """Counts by outcome, sizes of batches and lengths that differ."""
        return self._found.invocations

    @property
    def batch(self) -> BatchChange | None:
        """The first batch with other records; None when all have the same."""
        return self._found.batch

    @property
    def metrics(self) -> tuple[Row, ...]:
        """Metrics that differ."""
        return self._found.metrics

    @property
    def advice(self) -> tuple[tuple[Advice, ...], tuple[Advice, ...]]:
        """Advice that only the first run has, and advice that only the second has."""
        return self._found.advice_gone, self._found.advice_new

    @property
    def mappings(self) -> tuple[MappingChange, ...]:
        """Mappings whose parameters differ."""
        return self._found.mappings

    @property
    def elapsed(self) -> Row | None:
        """When the runs stopped, in seconds of virtual time; None when at the same."""
        return self._found.elapsed

    def text(self, width: int = 100) -> str:
        """What changed, for people: plain ASCII within `width` columns."""
        return told(self._found, width=width, names=self.names)

    def __bool__(self) -> bool:
        return not self.is_same

    @cached_property
    def _text(self) -> str:
        return self.text()

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {headline(self._found, self.names)}>"


def compare_runs(before: Run[Any], after: Run[Any], *, names: tuple[str, str] = ("before", "after")) -> RunComparison:
    """What changed between two runs: of two seeds, two handlers, two mappings.

    Records are matched by id, else by what they carry, so that what a seed makes up is no difference. `names` are what
    the text calls the runs. Runs of a live mapping are compared without their time.
    """
    return RunComparison(compare(_view(before), _view(after)), names)


def _view(run: Run[Any]) -> RunView:
    return view_of(run, is_live=type(run.mapping).__name__ == "LiveMapping")
