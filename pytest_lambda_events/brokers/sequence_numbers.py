"""SequenceNumber of a FIFO queue. The law: later entries have greater numbers, and a number tells when it was given.

Their arithmetic: `model/sequence_numbers.py`.
"""

from __future__ import annotations

from bisect import bisect_right

from pytest_lambda_events.model.sequence_numbers import fifo_number

__all__ = ["SequenceNumbers"]

_MICROSECOND = 1 << 8


class SequenceNumbers:
    """The numbers of one queue. Several in one millisecond are microseconds apart."""

    __slots__ = ("_given",)

    def __init__(self) -> None:
        self._given: list[tuple[int, int]] = []  # moment and its last number; more than one only with announcements

    def next(self, at_ms: int, index: int, now_ms: int) -> str:
        """For a message that enters at `at_ms`, the `index`-th of its batch; it is `now_ms`.

        Greater than any number for this moment or an earlier one, and less than those that are announced for later, as
        long as the moments' thousand microseconds last (then it is greater than those, too).
        """
        given = self._given
        passed = bisect_right(given, now_ms, key=_moment)
        if passed > 1:
            del given[: passed - 1]  # of the past only the last counts
        place = bisect_right(given, at_ms, key=_moment)
        number = self._after(given[place - 1][1] if place else 0, at_ms, index)
        if place < len(given) and number >= given[place][1]:
            number = self._after(given[-1][1], at_ms, index)
            del given[place:]
        given.insert(place, (at_ms, number))
        if place and given[place - 1][0] == at_ms:
            del given[place - 1]
        return str(number)

    @staticmethod
    def _after(last: int, at_ms: int, index: int) -> int:
        number = fifo_number(at_ms * 1000, index)
        if number <= last:
            number = (last // _MICROSECOND) * _MICROSECOND + index
        return number if number > last else number + _MICROSECOND


def _moment(entry: tuple[int, int]) -> int:
    return entry[0]
