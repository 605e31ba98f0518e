"""The signs of a chart. The law: each mark has its own ASCII sign; where several fall together, the worst is seen.

Capital letters and `*` `?` are ends, small letters and `+` `<` `^` are steps on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lambda_events.report.phrases import Mark, Phrase
    from pytest_lambda_events.report.terminal.style import Role

__all__ = ["ATTEMPTS", "SIGNS", "Beat", "Sign", "beats_of", "worst"]


class Sign(NamedTuple):
    """How a mark is drawn, what a legend calls it, and what it is about."""

    letter: str
    name: str
    role: Role


# the worst first
SIGNS: Final[Mapping[Mark, Sign]] = {
    "dead_lettered": Sign("D", "dead-lettered", "lost"),
    "discarded": Sign("G", "given up (discarded)", "lost"),
    "expired": Sign("E", "expired", "lost"),
    "pending": Sign("?", "pending at the end", "held"),
    "failed": Sign("x", "failed", "failed"),
    "behind": Sign("b", "behind a failed one", "failed"),
    "open": Sign("o", "no outcome yet", "held"),
    "split": Sign("<", "batch split", "held"),
    "throttled": Sign("t", "throttled", "held"),
    "refused": Sign("n", "not invoked", "held"),
    "fault": Sign("!", "fault", "held"),
    "filtered": Sign("F", "filtered out", "usual"),
    "processed": Sign("*", "processed", "well"),
    "succeeded": Sign("+", "succeeded", "well"),
    "delivered": Sign("@", "invocation record sent", "usual"),
    "moved": Sign("m", "moved by a task", "usual"),
    "received": Sign("r", "received", "usual"),
    "again": Sign("^", "visible again", "usual"),
    "sent": Sign("s", "sent", "usual"),
}
_ORDER: Final[Mapping[Mark, int]] = {mark: place for place, mark in enumerate(SIGNS)}

ATTEMPTS: Final[frozenset[Mark]] = frozenset(("succeeded", "failed", "behind", "open"))
_TRIES: Final[frozenset[Mark]] = ATTEMPTS | {"throttled", "refused"}
_COMES: Final[frozenset[Mark]] = frozenset(("sent", "received", "again"))
_ENDS: Final[frozenset[Mark]] = frozenset(
    ("dead_lettered", "discarded", "expired", "pending", "processed", "filtered", "moved")
)


def worst(marks: Iterable[Mark]) -> Mark:
    """Which of these is seen."""
    return min(marks, key=_ORDER.__getitem__)


class Beat(NamedTuple):
    """What is drawn with one sign: at most one attempt, with what led to it. `place` counts those of one moment, from 0
    on; `number` is the invocation's, or 0.
    """

    at_ms: int
    place: int
    mark: Mark
    number: int


def beats_of(phrases: Iterable[tuple[int, Phrase]]) -> list[Beat]:
    """What happened to a record, sign by sign."""
    groups: list[tuple[int, int, list[Phrase]]] = []
    for at_ms, phrase in phrases:
        if not groups or groups[-1][0] != at_ms:
            groups.append((at_ms, 0, [phrase]))
        elif _goes_with({before.mark for before in groups[-1][2]}, phrase.mark):
            groups[-1][2].append(phrase)
        else:
            groups.append((at_ms, groups[-1][1] + 1, [phrase]))
    return [
        Beat(at_ms, place, worst(phrase.mark for phrase in group), max(phrase.number for phrase in group))
        for at_ms, place, group in groups
    ]


def _goes_with(before: set[Mark], mark: Mark) -> bool:
    """Whether a mark is part of what happened just before, at the same moment."""
    is_over = not before.isdisjoint(_TRIES | _ENDS | {"split"})
    if mark == "processed":
        return not is_over or "succeeded" in before
    if mark in _ENDS or mark in _TRIES or mark in _COMES or mark == "split":
        return not is_over
    return True
