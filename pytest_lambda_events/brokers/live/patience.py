"""How long to go on asking real brokers. The law: a run is at rest when for so long nothing came and nothing ended."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pytest_lambda_events.errors import NotConnected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.clock.ports import Clock

__all__ = ["ASK_MS", "BEHIND_MS", "Patience"]

ASK_MS = 20
"""A broker that had nothing is asked again after so many milliseconds."""


BEHIND_MS = 5_000
"""What should come is waited for so much longer: it may have gone to somebody else."""


class Patience:
    """Shared by all brokers of a live harness. `turn` counts runs: with each, a broker looks anew at what there is."""

    def __init__(self, clock: Clock) -> None:
        self.turn = 0
        self._clock = clock
        self._quiet_ms: int | None = 0
        self._stirred_ms = clock.now_ms
        self._at_rest: list[Callable[[], None]] = []

    def at_rest(self, call: Callable[[], None]) -> None:
        """Have this called whenever a run has ended, also at a bound or with an error: nobody polls then."""
        self._at_rest.append(call)

    @contextmanager
    def run(self, quiet_ms: int | None) -> Iterator[None]:
        """Around a run; it ends after so much quiet, or None: not by itself."""
        self.begin(quiet_ms)
        try:
            yield
        except BaseException:
            for call in self._at_rest:
                with suppress(NotConnected):  # how the run ended says more
                    call()
            raise
        for call in self._at_rest:
            call()

    def begin(self, quiet_ms: int | None) -> None:
        """A run begins; it ends after so much quiet, or None: not by itself."""
        self.turn += 1
        self._quiet_ms = quiet_ms
        self.stir()

    def stir(self) -> None:
        """Something came, or an invocation ended: what it leads to may be on its way."""
        self._stirred_ms = self._clock.now_ms

    def is_quiet(self, now_ms: int) -> bool:
        """Whether what is asked at this moment is asked for the last time, unless something comes of it."""
        return self._quiet_ms is not None and now_ms >= self._stirred_ms + self._quiet_ms

    def next_ask(self, now_ms: int, asked_ms: int, *, is_behind: bool = False) -> int | None:
        """When to ask a broker again that was asked at `asked_ms`; None when nothing more is to be expected.

        `is_behind`: there should be something.
        """
        if self.is_quiet(asked_ms - (BEHIND_MS if is_behind else 0)):
            return None
        return max(now_ms, asked_ms + ASK_MS)
