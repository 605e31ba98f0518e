"""What `event_source_mapping` is: a function of a source and a handler, and of a template. The law: it asks the world,
and decides nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, overload

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.records import EventSource, R

__all__ = ["MappingFactory"]

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class MappingFactory:
    """Makes event source mappings: `harness.event_source_mapping(...)`."""

    def __init__(self, harness: Harness, world: World, enter: Callable[[], None]) -> None:
        self._harness = harness
        self._world = world
        self._enter = enter

    @overload
    def __call__(
        self,
        source: EventSource[R],
        handler: Callable[[Any, Any], Any] | str,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        **parameters: Any,
    ) -> EventSourceMapping[R]: ...

    @overload
    def __call__(
        self,
        source: str | None,
        handler: Callable[[Any, Any], Any] | str | None = None,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        **parameters: Any,
    ) -> EventSourceMapping[Any]: ...

    def __call__(
        self,
        source: EventSource[Any] | str | None,
        handler: Callable[[Any, Any], Any] | str | None = None,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        **parameters: Any,
    ) -> EventSourceMapping[Any]:
        """Map a source to a handler.

        `source` is a source or its ARN (None: SelfManagedEventSource says where it is); `handler` a callable,
        `"package.module:function"` or Lambda's `"module.function"`; `function` has CreateFunction's names (`Timeout`,
        `MemorySize`, `Environment` …);
        `duration` is the length of an invocation in seconds, or a function of the event, for handlers that do not
        sleep; `faults` is what goes wrong on the way, `Faults(duplicates=0.1)`; `single_group_batches` gives a FIFO
        queue's batches one message group each; `concurrency` is how many consumers a mapping of an ActiveMQ queue has,
        up to AWS's five; `parameters` are CreateEventSourceMapping's. Errors: what AWS answers,
        as a `ClientError`; `UsageError` (`HandlerNotUsable`, `NotSimulated`) for what cannot mean anything.

        In place of a source, the UUID of a mapping that the user's own code made in moto (boto3, CloudFormation)
        adopts that one, with the configuration that it and its function have there. Its handler may be left out; then
        it is looked for in the function's code, as `adopt` does.
        """
        self._enter()
        if isinstance(source, str) and _UUID.fullmatch(source):
            if function or parameters:
                raise UsageError(
                    f"event source mapping {source} exists already, so it and its function are configured by their "
                    f"owner: leave out {', '.join([*(['function'] if function else []), *parameters])}, or change them "
                    "with boto3's update_event_source_mapping and update_function_configuration"
                )
            return self._world.adoption.adopt(
                source.lower(),
                handler,
                duration,
                faults=faults,
                single_group_batches=single_group_batches,
                concurrency=concurrency,
            )
        if handler is None:
            raise UsageError(
                "the second argument is the handler; only a mapping that your own code made in moto, given by its "
                "UUID, may have one already: in its function's code"
            )
        found: Any = source
        if found is None or isinstance(found, str):
            found = self._world.sources.find(found, parameters, function or {})
        if not hasattr(found, "mapped_arn"):
            raise UsageError(
                f"the first argument is the event source: what sqs_queue() or kinesis_stream() returned, or an ARN; "
                f"not {source!r}"
            )
        return self._world.map(
            found,
            handler,
            function or {},
            duration,
            parameters,
            faults=faults,
            single_group_batches=single_group_batches,
            concurrency=concurrency,
        )

    def from_template(
        self,
        path: str | os.PathLike[str],
        function: str,
        *,
        event: str | None = None,
        handlers: Mapping[str, Callable[[Any, Any], Any] | str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
    ) -> EventSourceMapping[Any]:
        """Make a mapping as a template declares it: SAM, CloudFormation, CDK's output, Terraform, serverless.yml.

        `function` is the function's id in the template, `event` the mapping's: of SAM's events the name, else the id of
        the resource; it may be left out for a function with one mapping. What the mapping needs, and what the
        function's environment names, is created as declared: queues with their dead-letter queues, streams, tables,
        topics, buckets; what is there under the same name is taken. `handlers` gives handlers by function; any other
        is imported from where the template says the code is. `parameters` are values that the template leaves open, by
        name. `mapping.source` is the source. Errors: `TemplateError`, which names what there is or what to give; what
        AWS answers, as a `ClientError`; `HandlerNotUsable`; `NotSimulated`. Unknown properties are `TemplateWarning`s.
        """
        self._enter()
        from pytest_lambda_events.harness.templates import map_from_template

        return map_from_template(
            self._harness,
            self._world,
            path,
            function,
            event=event,
            handlers=handlers or {},
            parameters=parameters or {},
            duration=duration,
            faults=faults,
            single_group_batches=single_group_batches,
            concurrency=concurrency,
        )
