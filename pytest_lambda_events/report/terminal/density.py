"""Many records as one row: how much happened when. The law: computed from steps, none of which is put into words.

Ten thousand records are a histogram over time for each fate: the attempts that failed, and the ends.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pytest_lambda_events.report.ranking import RANKED_FATES
from pytest_lambda_events.report.terminal.rows import Label, Row, density_of
from pytest_lambda_events.report.terminal.style import FATE_ROLES
from pytest_lambda_events.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.report.phrases import Mark
    from pytest_lambda_events.report.telling import Teller
    from pytest_lambda_events.report.terminal.axis import Axis
    from pytest_lambda_events.report.terminal.style import Role
    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["Many", "Ramp"]

Kind = Literal["failed", "throttled", "ended"]
_KINDS: Final[tuple[Kind, ...]] = ("failed", "throttled", "ended")
_ROLES: Final[Mapping[Kind, Role]] = {"failed": "failed", "throttled": "held"}
_KIND_OF: Final[Mapping[Mark, Kind]] = {
    "failed": "failed",
    "behind": "failed",
    "throttled": "throttled",
    "refused": "throttled",
}
_SIGNS: Final = ".:oO#"  # more ink is more


class Many:
    """Records that are not told apart, but for how they ended."""

    def __init__(self, view: RunView, teller: Teller, records: Sequence[RecordView]) -> None:
        self.fates = Counter(record.fate for record in records)
        more = "more " if len(records) < len(view.records) else ""
        self.labels = {
            fate: Label(counted(count, f"{more}record", f"{more}records"), brief=f"{count:,}")
            for fate, count in self.fates.items()
        }
        self._tallies = _tallies(view, teller, records) if records else {}

    @property
    def moments(self) -> set[int]:
        """When something happened to them, in milliseconds since the harness began."""
        return {moment for tally in self._tallies.values() for moment in tally}

    def rows(self, axis: Axis) -> tuple[list[Row], list[tuple[str, Role]]]:
        """A row for each fate and what happened, and what its signs mean."""
        columns = {key: _by_column(tally, axis) for key, tally in self._tallies.items()}
        ramp = _ramp_for(max((max(counts.values()) for counts in columns.values()), default=0))
        rows: list[Row] = []
        for fate in RANKED_FATES:
            label = self.labels.get(fate, Label(""))
            for kind in _KINDS:
                if (fate, kind) not in columns:
                    continue
                end, role = (fate, FATE_ROLES[fate]) if kind == "ended" else (kind, _ROLES[kind])
                rows.append(Row(label, density_of(columns[fate, kind], ramp, axis, role), end, role))
                label = Label("")
        return rows, ramp.legend


def _by_column(tally: Mapping[int, int], axis: Axis) -> Counter[int]:
    found: Counter[int] = Counter()
    for moment, count in tally.items():
        found[axis.column(moment)] += count
    return found


def _tallies(view: RunView, teller: Teller, records: Sequence[RecordView]) -> dict[tuple[Fate, Kind], Counter[int]]:
    """How often it happened to these records, by how they ended, what happened, and its moment in milliseconds."""
    fates: dict[str, Fate] = {record.id: record.fate for record in records}
    found: dict[tuple[Fate, Kind], Counter[int]] = {}
    for step in view.steps:
        for mark, record_ids in teller.outcomes(step):
            for fate, count in Counter(fates[one] for one in record_ids if one in fates).items():
                kind: Kind | None = "ended" if mark == fate else _KIND_OF.get(mark)
                if kind is not None:
                    found.setdefault((fate, kind), Counter())[step.at_ms - view.start_ms] += count
    pending = sum(1 for fate in fates.values() if fate == "pending")
    if pending:
        found["pending", "ended"] = Counter({round(view.elapsed * 1000): pending})
    return found


class Ramp(NamedTuple):
    """Signs for counts: each from its threshold on, the least first."""

    thresholds: tuple[int, ...]

    def sign(self, count: int) -> str:
        """The sign of a count; a space for none."""
        reached = sum(1 for threshold in self.thresholds if count >= threshold)
        return _SIGNS[reached - 1] if reached else " "

    @property
    def legend(self) -> list[tuple[str, Role]]:
        """What each sign means."""
        return [(f"{sign} {least:,}+", "usual") for sign, least in zip(_SIGNS, self.thresholds, strict=False)]


def _ramp_for(peak: int) -> Ramp:
    """Round thresholds up to the greatest count: 1, and the last of 2, 5, 10, 20, 50, ... that it reaches."""
    rounds, size = [], 1
    while size <= peak:
        rounds += [factor * size for factor in (1, 2, 5) if factor * size <= peak]
        size *= 10
    return Ramp((1, *rounds[1:][-(len(_SIGNS) - 1) :]))
