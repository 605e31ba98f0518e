"""An event source mapping as tests hold it. The law: it configures and asks; the world runs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.harness.running import MAX_INVOCATIONS, MAX_SECONDS
from pytest_lambda_events.model.mapping import update_mapping
from pytest_lambda_events.model.refusal import said_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.mapping import MappingConfig, SourceRules
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.polling.queue import QueuePoller
    from pytest_lambda_events.sources.sqs.broker import SqsQueue

__all__ = ["EventSourceMapping"]


class EventSourceMapping:
    """What joins a source to a function. `uuid` is AWS's; `source` what it polls; `function` what it calls."""

    def __init__(
        self,
        world: World,
        *,
        uuid: str,
        source: SqsQueue,
        function: LambdaFunction,
        poller: QueuePoller,
        rules: SourceRules,
        arn: str,
    ) -> None:
        self.uuid = uuid
        self.arn = arn
        self.source = source
        self.function = function
        self.poller = poller
        self._world = world
        self._rules = rules
        self._modified_ms = world.clock.now_ms

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> MappingConfig:
        """What the poller goes by."""
        return self.poller.config

    @property
    def enabled(self) -> bool:
        """Whether it polls."""
        return self.poller.config.enabled

    def describe(self) -> dict[str, Any]:
        """What GetEventSourceMapping answers."""
        config = self.config
        return {
            "UUID": self.uuid,
            "BatchSize": config.batch_size,
            "MaximumBatchingWindowInSeconds": config.window_ms // 1000,
            "EventSourceArn": self.source.arn,
            "FunctionArn": self.function.config.invoked_arn,
            "LastModified": dt.datetime.fromtimestamp(self._modified_ms / 1000, tz=dt.timezone.utc),
            "State": "Enabled" if config.enabled else "Disabled",
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if config.reports_failures else [],
            "EventSourceMappingArn": self.arn,
        }

    def update(self, **changes: Any) -> None:
        """UpdateEventSourceMapping's parameters, at once. Errors: what AWS answers, as a `ClientError`."""
        self._world.clock.enter()
        with said_by("UpdateEventSourceMapping"):
            self.poller.reconfigure(
                update_mapping(
                    self.config,
                    changes,
                    self._rules,
                    source_arn=self.source.arn,
                    visibility_ms=self.source.engine.settings.visibility_ms,
                    function_timeout_ms=self.function.config.timeout_ms,
                )
            )
        self._modified_ms = self._world.clock.now_ms
        self._world.adoption.changed(self, changes)

    def enable(self) -> None:
        """Poll (again)."""
        self.update(Enabled=True)

    def disable(self) -> None:
        """Stop polling; what is with the function still ends."""
        self.update(Enabled=False)

    def delete(self) -> None:
        """Take the mapping away. Its run so far stays readable."""
        self._world.remove(self)

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_idle(self, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float = MAX_SECONDS) -> Run:
        """As `Harness.run_until_idle`, and the view of this mapping."""
        return self._world.run_until_idle(self._asked(), max_invocations, max_seconds)

    def run_for(
        self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float | None = None
    ) -> Run:
        """As `Harness.run_for`, and the view of this mapping."""
        return self._world.run_for(self._asked(), seconds, max_invocations, max_seconds)

    def run_until(
        self,
        predicate: Callable[[Run], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run:
        """As `Harness.run_until`, and the view of this mapping."""
        return self._world.run_until(self._asked(), predicate, max_invocations, max_seconds)

    def view(self) -> Run:
        """What happened so far, without running anything."""
        return self._world.view(self)

    def _asked(self) -> EventSourceMapping:
        self._world.clock.enter()
        if self not in self._world.mappings:
            raise UsageError(f"{self!r} was deleted; its run so far is `.view()`")
        return self

    def __repr__(self) -> str:
        return f"<EventSourceMapping {self.uuid}: {self.source.name} -> {self.function.config.name}>"
