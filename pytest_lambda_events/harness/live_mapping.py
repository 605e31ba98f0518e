"""An event source mapping of live mode as tests hold it. The law: the mapping that the virtual world has, run on real
time: a run ends after some quiet, because nobody can know that nothing more will come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic

from pytest_lambda_events.clock.virtual import length_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mapping_refusals import at
from pytest_lambda_events.model.records import R

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.run import Run

__all__ = ["MAX_INVOCATIONS", "MAX_SECONDS", "QUIET_SECONDS", "LiveMapping", "refuse_what_is_not_live"]

QUIET_SECONDS: Final = 1.0
"""A run is at rest when for so long nothing came and nothing ended."""

MAX_INVOCATIONS: Final = 10_000
MAX_SECONDS: Final = 60.0
"""The bounds of one run call; the seconds are real ones."""

_NOT_LIVE: Final = {
    "faults": "faults are drawn from a seed, and here the broker and the network decide what goes wrong",
    "duration": "a handler takes the time that it takes; duration= is for virtual time",
    "concurrency": "one handler runs at a time, in the test's own thread, as long as it takes",
    "single_group_batches": "it is about message groups of SQS FIFO queues, and SQS has no live mode",
}


def refuse_what_is_not_live(parameters: Mapping[str, Any]) -> None:
    """Errors: `UsageError` for parameters that only a world of our own could do something about."""
    for name, why in _NOT_LIVE.items():
        if name in parameters:
            raise UsageError(f"{name}= has no meaning in live mode: {why}")
    destination = at(parameters, "DestinationConfig.OnFailure.Destination")  # the types are checked later
    if isinstance(destination, str) and destination.startswith("arn:"):
        raise UsageError(
            f"DestinationConfig: live mode has no queues, topics and buckets of AWS, so {destination} cannot be "
            "reached; of on-failure destinations a Kafka topic of the same cluster can be (kafka://topic)"
        )


class LiveMapping(Generic[R]):
    """What joins a live source to a function; see `EventSourceMapping`.

    Whichever mapping of a harness is asked to run, all of its enabled mappings poll. Errors of everything that runs:
    `RunLimitReached` at a bound; `NotConnected` when a broker is lost.
    """

    def __init__(self, mapping: EventSourceMapping[R], patience: Patience, entered: Callable[[], None]) -> None:
        self._mapping = mapping
        self._patience = patience
        self._entered = entered
        self.uuid = mapping.uuid
        self.arn = mapping.arn
        self.source = mapping.source

    @property
    def function(self) -> LambdaFunction:
        """What it calls."""
        return self._mapping.function

    @property
    def config(self) -> MappingConfig:
        """What the poller goes by."""
        return self._mapping.config

    @property
    def enabled(self) -> bool:
        """Whether it polls."""
        return self._mapping.enabled

    def describe(self) -> dict[str, Any]:
        """What GetEventSourceMapping answers."""
        return self._mapping.describe()

    def update(self, **changes: Any) -> None:
        """UpdateEventSourceMapping's parameters, at once. Errors: what AWS answers, as a `ClientError`."""
        self._entered()
        refuse_what_is_not_live(changes)
        self._mapping.update(**changes)

    def enable(self) -> None:
        """Poll (again)."""
        self.update(Enabled=True)

    def disable(self) -> None:
        """Stop polling."""
        self.update(Enabled=False)

    def delete(self) -> None:
        """Take the mapping away. Its run so far stays readable."""
        self._entered()
        self._mapping.delete()

    def run_until_idle(
        self,
        *,
        quiet: float = QUIET_SECONDS,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[R]:
        """Run until for `quiet` seconds nothing came and nothing ended, and nothing waits to be tried again."""
        self._entered()
        with self._patience.run(length_ms("quiet", quiet)):
            return self._mapping.run_until_idle(max_invocations=max_invocations, max_seconds=max_seconds)

    def run_for(self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS) -> Run[R]:
        """Run for so many real seconds."""
        self._entered()
        with self._patience.run(None):
            return self._mapping.run_for(seconds, max_invocations=max_invocations)

    def run_until(
        self,
        predicate: Callable[[Run[R]], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[R]:
        """Run until `predicate(run)` is true; it is asked before and after each step."""
        self._entered()
        with self._patience.run(None):
            return self._mapping.run_until(predicate, max_invocations=max_invocations, max_seconds=max_seconds)

    def view(self) -> Run[R]:
        """What happened so far, without running anything."""
        return self._mapping.view()

    def __repr__(self) -> str:
        return repr(self._mapping).replace("EventSourceMapping", "LiveMapping")
