"""An event source mapping as tests hold it. The law: it configures and asks; the world runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.filtering.judging import why_refused
from pytest_lambda_events.harness.running import MAX_INVOCATIONS, MAX_SECONDS
from pytest_lambda_events.model.mapping import update_mapping
from pytest_lambda_events.model.mapping_response import NO_RECORDS, Identity, describe
from pytest_lambda_events.model.records import R
from pytest_lambda_events.model.refusal import said_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.mapping import MappingConfig, SourceRules
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.polling.ports import MappingPoller

__all__ = ["EventSourceMapping"]


class EventSourceMapping(Generic[R]):
    """What joins a source to a function. `uuid` is AWS's; `source` what it polls; `function` what it calls.

    `place` is where the ledger has its records' fates: the queue, which they leave, or for a stream the mapping itself.

    Errors of everything that runs it: `RunLimitReached` at a bound. Of that and of what changes it: `UsageError` once
    it was deleted, or its harness is not active.
    """

    def __init__(
        self,
        world: World,
        *,
        uuid: str,
        source: Any,
        function: LambdaFunction,
        poller: MappingPoller,
        place: str,
        rules: SourceRules,
        arn: str,
    ) -> None:
        self.uuid = uuid
        self.arn = arn
        self.source = source
        self.function = function
        self.poller = poller
        self.place = place
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
        identity = Identity(
            uuid=self.uuid,
            arn=self.arn,
            source_arn=self.source.mapped_arn,
            function_arn=self.function.config.invoked_arn,
            modified_ms=self._modified_ms,
            last_result=getattr(self.poller, "last_result", NO_RECORDS),
        )
        return describe(self.config, self._rules, identity)

    described = describe  # what a run has of it, as of a job

    def update(self, **changes: Any) -> None:
        """UpdateEventSourceMapping's parameters, at once. Errors: what AWS answers, as a `ClientError`."""
        self._asked()
        with said_by("UpdateEventSourceMapping"):
            self.poller.reconfigure(
                update_mapping(
                    self.config,
                    changes,
                    self._rules,
                    source_arn=self.source.mapped_arn,
                    visibility_ms=self.source.visibility_ms,
                    function_timeout_ms=self.function.config.timeout_ms,
                    check_filters=why_refused,
                )
            )
        self._world.advising.on_filters(self)
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
        self._world.remove(self._asked())

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_idle(self, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float = MAX_SECONDS) -> Run[R]:
        """As `Harness.run_until_idle`, and the view of this mapping."""
        return self._world.run_until_idle(self._asked(), max_invocations, max_seconds)

    def run_for(
        self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float | None = None
    ) -> Run[R]:
        """As `Harness.run_for`, and the view of this mapping."""
        return self._world.run_for(self._asked(), seconds, max_invocations, max_seconds)

    def run_until(
        self,
        predicate: Callable[[Run[R]], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[R]:
        """As `Harness.run_until`, and the view of this mapping."""
        return self._world.run_until(self._asked(), predicate, max_invocations, max_seconds)

    def view(self) -> Run[R]:
        """What happened so far, without running anything."""
        return self._world.view(self)

    def check_idempotency(self, **effects: Callable[[], Any]) -> list[str]:
        """Deliver everything that was processed once more, and compare effects before and after.

        Each of `effects` is a function without arguments that reads something the handler changes: a table, an outbox
        (`check_idempotency(orders=lambda: table.scan()["Items"])`). The names of those that a second delivery changed;
        an empty list when the handler is idempotent. What was found is also advice, `handler-not-idempotent`. Errors:
        `UsageError` without an effect, or before anything was processed.
        """
        return self._world.check_idempotency(self._asked(), effects)

    def _asked(self) -> EventSourceMapping[R]:
        self._world.entered()
        if self not in self._world.mappings:
            raise UsageError(f"{self!r} was deleted; its run so far is `.view()`")
        return self

    def __repr__(self) -> str:
        return f"<EventSourceMapping {self.uuid}: {self.source.name} -> {self.function.config.name}>"
