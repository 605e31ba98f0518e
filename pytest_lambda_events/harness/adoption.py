"""Event source mappings that the user's own code made in moto, driven by our pollers. The law: moto's object stays the
truth; what boto3 changes there is applied before the next step of a run, and what a test changes here is written there.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_lambda_events.brokers.moto.lambda_mappings import (
    change_mapping,
    delete_mapping,
    find_mapping,
    find_mappings,
)
from pytest_lambda_events.errors import HandlerNotUsable, NotSimulated, UsageError
from pytest_lambda_events.invoking.code import FunctionCode
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.refusal import Refusal, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.brokers.moto.lambda_mappings import FoundFunction, FoundMapping
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.harness.running import World
    from pytest_lambda_events.model.function import FunctionConfig

__all__ = ["Adoption"]

_SERVICES = ("sqs", "kinesis", "dynamodb")

Handler: TypeAlias = "Callable[[Any, Any], Any] | str"


@dataclass(slots=True)
class _Adopted:
    """A mapping, and moto's as it was when last looked at; whether its handler came from the function's code."""

    mapping: EventSourceMapping[Any]
    seen: FoundMapping
    from_code: bool


class Adoption:
    """The adopted mappings of one world. `stale` says that boto3 may have changed something since the last look."""

    def __init__(self, world: World) -> None:
        self.stale = False
        self._world = world
        self._adopted: dict[str, _Adopted] = {}
        self._codes: dict[Any, tuple[FunctionCode, Callable[[Any, Any], Any]]] = {}

    # -- adopting ---------------------------------------------------------------------------------------------------

    def adopt_all(self, handlers: Mapping[str, Handler]) -> list[EventSourceMapping[Any]]:
        """See `Harness.adopt`. All or none."""
        self.sync()  # a mapping deleted meanwhile is not in the way of its successor
        all_found = [found for found in find_mappings() if found.service in _SERVICES]
        known = {found.function_name for found in all_found}
        for name in handlers:
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise UsageError(
                    f"handlers[{name!r}]: no event source mapping in moto has a function of this name; mapped to "
                    f"sources that are simulated are: {there}"
                )
        new = [found for found in all_found if found.uuid not in self._adopted]
        try:
            return [self._adopt(found, handlers.get(found.function_name), 0) for found in new]
        except BaseException:
            for found in new:
                adopted = self._adopted.pop(found.uuid, None)
                if adopted is not None:
                    self._world.forget(adopted.mapping)
            raise

    def adopt(
        self, uuid: str, handler: Handler | None, duration: float | Callable[[Any], float], **ours: Any
    ) -> EventSourceMapping[Any]:
        """Adopt the mapping of this UUID; `ours` are what `World.map` takes that AWS has no word for.

        Errors: AWS's ResourceNotFoundException; `UsageError` the second time.
        """
        self.sync()
        found = find_mapping(uuid)
        if uuid in self._adopted:
            raise UsageError(
                f"event source mapping {uuid} is adopted already; use what adopt() or event_source_mapping() returned"
            )
        if found is None:
            there = ", ".join(map(str, find_mappings()[:3])) or "no event source mapping at all"
            with said_by("GetEventSourceMapping"):
                raise Refusal(
                    "ResourceNotFoundException",
                    "The resource you requested does not exist.",
                    f"moto has {there}",
                    404,
                )
        if found.service not in _SERVICES:
            raise NotSimulated(f"{found}: {found.service} is not simulated yet")
        return self._adopt(found, handler, duration, **ours)

    def _adopt(
        self, found: FoundMapping, handler: Handler | None, duration: float | Callable[[Any], float], **ours: Any
    ) -> EventSourceMapping[Any]:
        with _named(found):
            function = _function_of(found)
            source = self._world.sources.find(found.event_source_arn)
            called = handler if handler is not None else self._from_code(found, function)
            mapping = self._world.map(
                source, called, function.parameters, duration, found.parameters, uuid=found.uuid, arn=found.arn, **ours
            )
        self._adopted[found.uuid] = _Adopted(mapping, found, from_code=handler is None)
        return mapping

    # -- the function's own code ------------------------------------------------------------------------------------

    def _from_code(self, found: FoundMapping, function: FoundFunction) -> Callable[[Any, Any], Any]:
        """The handler out of the zip file: one for all mappings of a function, as one environment runs them on AWS."""
        config = _config_of(function)
        variables = tuple(sorted(config.environment.items()))
        key = (config.invoked_arn, function.handler, function.code, variables)
        if key not in self._codes:
            try:
                self._codes[key] = self._load(function, config)
            except HandlerNotUsable as error:
                raise HandlerNotUsable(
                    f"the code of function {function.name!r} gives no handler: {error}. Pass the handler itself: "
                    f"adopt(handlers={{{function.name!r}: handler}}), or event_source_mapping({found.uuid!r}, handler)"
                ) from error
        return self._codes[key][1]

    def _load(self, function: FoundFunction, config: FunctionConfig) -> tuple[FunctionCode, Callable[[Any, Any], Any]]:
        if function.runtime is not None and not function.runtime.startswith("python"):
            raise HandlerNotUsable(f"its Runtime is {function.runtime!r}, and only Python runs in this process")
        if function.code is None or not function.handler:
            raise HandlerNotUsable("moto has no zip file and Handler for it (a container image, or an empty S3 object)")
        code = FunctionCode(function.code, function.handler)
        try:
            with code.in_place():
                handler = self._world.usable(function.handler, config)
        except BaseException:
            code.close()
            raise
        return code, code.bound(handler)

    def close(self) -> None:
        """Remove what was unpacked."""
        for code, _ in self._codes.values():
            code.close()
        self._codes.clear()

    # -- keeping up with moto ---------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Apply what boto3 or CloudFormation did to adopted mappings and their functions since the last look.

        Errors: what AWS answers to such a change, as a `ClientError` that names the mapping.
        """
        self.stale = False
        for uuid, adopted in list(self._adopted.items()):
            found = find_mapping(uuid)
            if found is None:
                self._world.remove(adopted.mapping)
            elif found != adopted.seen:
                try:
                    with _named(found):
                        self._apply(adopted, found)
                except BaseException:
                    self.stale = True
                    raise
                adopted.seen = found

    def _apply(self, adopted: _Adopted, found: FoundMapping) -> None:
        mapping, before = adopted.mapping, adopted.seen
        function = _function_of(found)
        if function != before.function:
            if function.name != before.function_name:
                raise UsageError(
                    f"it now calls {function.name!r} instead of {before.function_name!r}, whose handler was adopted "
                    f"with it. Delete this mapping, create another, and adopt that one"
                )
            if adopted.from_code:
                mapping.function.handler = self._from_code(found, function)
            self._world.reconfigure(mapping, _config_of(function))
        mapping.update(
            **{name: value for name, value in found.parameters.items() if value != before.parameters.get(name)}
        )

    def changed(self, mapping: EventSourceMapping[Any], changes: Mapping[str, Any]) -> None:
        """A mapping was updated on our side; one that is adopted is so in moto too."""
        adopted = self._adopted.get(mapping.uuid)
        if adopted is not None and changes:
            change_mapping(mapping.uuid, changes)
            found = find_mapping(mapping.uuid)
            if found is not None:  # what boto3 changed beside that is still to be applied
                written = {name: found.parameters[name] for name in changes if name in found.parameters}
                adopted.seen = replace(adopted.seen, parameters={**adopted.seen.parameters, **written})

    def removed(self, mapping: EventSourceMapping[Any]) -> None:
        """A mapping was deleted on our side; one that was adopted is so in moto too."""
        if self._adopted.pop(mapping.uuid, None) is not None:
            delete_mapping(mapping.uuid)


def _function_of(found: FoundMapping) -> FoundFunction:
    if found.function is None:
        raise UsageError(f"its function {found.function_arn} does not exist (any more): on AWS every invocation fails")
    return found.function


def _config_of(function: FoundFunction) -> FunctionConfig:
    with said_by("CreateFunction"):
        # the name is a whole ARN: region and account stand in it
        return read_function(function.parameters, default_name=function.name, region="", account="")


@contextmanager
def _named(found: FoundMapping) -> Iterator[None]:
    """Errors say which mapping it is about."""
    from botocore.exceptions import ClientError

    try:
        yield
    except UsageError as error:
        raise type(error)(f"{found}: {error}") from error
    except ClientError as error:
        hint = getattr(error, "hint", "")
        error.hint = f"this is about {found}" + (f"; {hint}" if hint else "")  # type: ignore[attr-defined]
        raise
