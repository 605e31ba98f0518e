"""serverless.yml: functions and their events as the resources that the framework makes. The law: as for SAM, names
only; the framework's own defaults (6 seconds, 1024 MB, batches of 10 from streams, TRIM_HORIZON) stand here.

Serverless Framework, "AWS events", "Functions"; what it generates, as its version 3 does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates.cloudformation import Stack
from pytest_lambda_events.templates.declared import Code, Unresolved, names_open_in, settled
from pytest_lambda_events.templates.identities import Where
from pytest_lambda_events.templates.parsing import parsed
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList, made, section
from pytest_lambda_events.templates.serverless_events import (
    DEFAULTS,
    EVENTS,
    MADE,
    WINDOW,
    alphanumeric,
    label_of,
    last_name,
    made_of,
    normalized,
    source_of_event,
)
from pytest_lambda_events.templates.serverless_variables import Variables
from pytest_lambda_events.templates.stack import Resource, resources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_lambda_events.templates.declared import Template
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["read_serverless"]

_TIMEOUT: Final = 6
_MEMORY: Final = 1024

_FUNCTION: Final = {
    "handler": "Handler",
    "memorySize": "MemorySize",
    "reservedConcurrency": "ReservedConcurrentExecutions",
    "runtime": "Runtime",
    "timeout": "Timeout",
}

_KEYS: Final = (
    *_FUNCTION,
    "condition",
    "description",
    "destinations",
    "environment",
    "events",
    "maximumEventAge",
    "maximumRetryAttempts",
    "name",
    "package",
    "provisionedConcurrency",
    "role",
    "snapStart",
    "tags",
    "tracing",
    "url",
    "vpc",
)

Entries: TypeAlias = "list[tuple[str, Any, Place | None]]"


def read_serverless(root: PlacedDict, file: Path, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    """What it declares. Errors: `TemplateError`."""
    variables = Variables(root, given, where, parsed, file.parent)
    provider = root.get("provider")
    region = provider.get("region") if isinstance(provider, PlacedDict) else None
    if region is not None:
        region = variables.value(region, root.place("provider"))
        if isinstance(region, str):
            where = Where(region, where.account)
            variables = Variables(root, given, where, parsed, file.parent)
    whole = variables.value(root, root.origin)
    service = _Service(whole, variables.stage, notes)
    sections = list(_sections(whole.get("resources")))
    resources = {name: one for each in sections for name, one in resources_of(each).items()}
    for one in service.resources():
        if one.id in resources and one.type == resources[one.id].type:
            one = replace(one, properties=_merged(one.properties, resources[one.id].properties))
        resources[one.id] = one
    stack = made(
        whole.origin, [(key, _together(sections, key, whole), None) for key in ("Parameters", "Mappings", "Conditions")]
    )
    plain = {name: value for name, value in given.items() if name in stack["Parameters"] or not name.isalnum()}
    return Stack(stack, resources, file=str(file), dialect="serverless", given=plain, where=where, notes=notes).read()


def _sections(value: Any) -> Iterator[PlacedDict]:
    """`resources` is one CloudFormation template, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        settled(one if isinstance(one, Unresolved) else None)
        if isinstance(one, PlacedDict):
            yield one


def _together(sections: list[PlacedDict], key: str, whole: PlacedDict) -> PlacedDict:
    """What stands under this key in any of them."""
    found = [section(each, key) for each in sections]
    return made(whole.origin, [(name, value, each.place(name)) for each in found for name, value in each.items()])


def _merged(first: PlacedDict, second: PlacedDict) -> PlacedDict:
    return made(
        first.origin,
        [(name, value, each.place(name)) for each in (first, second) for name, value in each.items()],
    )


class _Service:
    """The functions of one file. Every variable in it is resolved, or `Unresolved`."""

    def __init__(self, root: PlacedDict, stage: Any, notes: Notes) -> None:
        self._root = root
        self._stage = stage
        self._notes = notes
        provider = root.get("provider")
        self._provider = provider if isinstance(provider, PlacedDict) else PlacedDict(root.place("provider"))

    def resources(self) -> Iterator[Resource]:
        functions = self._root.get("functions")
        settled(functions if isinstance(functions, Unresolved) else None)
        for group in functions if isinstance(functions, list) else [section(self._root, "functions")]:
            settled(group if isinstance(group, Unresolved) else None)
            if not isinstance(group, PlacedDict):
                raise TemplateError(f"{self._root.place('functions')}: functions are a mapping, or a list of mappings")
            for name, body in group.items():
                if body is not None:
                    yield from self._function(name, body, group.place(name))

    def _function(self, name: str, body: Any, place: Place) -> Iterator[Resource]:
        settled(body if isinstance(body, Unresolved) else None)
        if not isinstance(body, PlacedDict):
            raise TemplateError(f"{place}: a function is a mapping")
        for key in body:  # plugins add keys of their own, so only what looks like one of these is noted
            if key not in _KEYS and nearest(key, _KEYS):
                self._notes.unknown("a function", key, _KEYS, body.place(key))
        identifier = f"{normalized(name)}LambdaFunction"
        entries: Entries = [("FunctionName", self._name(name, body, place), body.place("name"))]
        for key, api in _FUNCTION.items():
            defaults = {"timeout": _TIMEOUT, "memorySize": _MEMORY}
            if body.get(key) is not None:
                entries.append((api, body[key], body.place(key)))
            elif key != "handler" and self._provider.get(key) is not None:
                entries.append((api, self._provider[key], self._provider.place(key)))
            elif key in defaults:
                entries.append((api, defaults[key], place))
        environment = self._environment(body)
        if environment:
            entries.append(("Environment", {"Variables": environment}, body.place("environment")))
        yield Resource(
            id=identifier,
            type="AWS::Lambda::Function",
            properties=made(place, entries),
            place=place,
            names=(name,),
            code=Code(path="."),
        )
        target: Any = {"Fn::GetAtt": [identifier, "Arn"]}
        alias = "provisioned" if body.get("provisionedConcurrency") else "snapstart" if body.get("snapStart") else None
        if alias is not None:
            properties = made(place, [("FunctionName", {"Ref": identifier}, None), ("Name", alias, None)])
            yield Resource(id=f"{identifier}Alias", type="AWS::Lambda::Alias", properties=properties, place=place)
            target = {"Ref": f"{identifier}Alias"}
        yield from self._invoke(identifier, body, place)
        yield from self._events(name, body, target)

    def _name(self, name: str, body: PlacedDict, place: Place) -> Any:
        if body.get("name") is not None:
            return body["name"]
        service = self._root.get("service")
        if isinstance(service, dict):
            service = service.get("name")
        missing = names_open_in([service, self._stage])
        return Unresolved(missing, place) if missing else f"{service}-{self._stage}-{name}"

    def _consumer_name(self, function: str, stream: str) -> str:
        kinesis = self._provider.get("kinesis")
        mode = kinesis.get("consumerNamingMode") if isinstance(kinesis, PlacedDict) else None
        service = self._root.get("service")
        return f"{function}{stream}{f'{service}{self._stage}' if mode else ''}Consumer"

    def _environment(self, body: PlacedDict) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in (self._provider, body):
            one = each.get("environment")
            settled(one if isinstance(one, Unresolved) else None)
            found.update(section(each, "environment"))
        return {name: value for name, value in found.items() if value is not None}

    def _invoke(self, function: str, body: PlacedDict, place: Place) -> Iterator[Resource]:
        keys = {"maximumEventAge": "MaximumEventAgeInSeconds", "maximumRetryAttempts": "MaximumRetryAttempts"}
        entries: Entries = [(api, body[key], body.place(key)) for key, api in keys.items() if key in body]
        destinations = body.get("destinations")
        if isinstance(destinations, PlacedDict):
            named = {
                f"O{key[1:]}": {"Destination": one.get("arn") if isinstance(one, dict) else one}
                for key, one in destinations.items()
            }
            entries.append(("DestinationConfig", named, body.place("destinations")))
        if entries:
            properties = made(
                place, [("FunctionName", {"Ref": function}, None), ("Qualifier", "$LATEST", None), *entries]
            )
            yield Resource(
                id=f"{function}EvConf", type="AWS::Lambda::EventInvokeConfig", properties=properties, place=place
            )

    # -- events -----------------------------------------------------------------------------------------------------

    def _events(self, function: str, body: PlacedDict, target: Any) -> Iterator[Resource]:
        events = body.get("events")
        settled(events if isinstance(events, Unresolved) else None)
        if events is not None and not isinstance(events, PlacedList):
            raise TemplateError(f"{body.place('events')}: events are a list")
        for number, event in enumerate(events or ()):
            settled(event if isinstance(event, Unresolved) else None)
            if not isinstance(event, PlacedDict):
                continue
            for kind, given in event.items():
                if kind in EVENTS:
                    place = event.place(kind)
                    settled(given if isinstance(given, Unresolved) else None)
                    if not isinstance(given, PlacedDict):
                        given = made(place, [("arn", given, place)])
                    yield from self._event(function, kind, given, (target, place, number))

    def _event(self, function: str, kind: str, given: PlacedDict, at: tuple[Any, Place, int]) -> Iterator[Resource]:
        target, place, number = at
        entries: dict[str, tuple[Any, Place | None]] = {"FunctionName": (target, None)}
        for name, value in DEFAULTS.get(kind, {}).items():
            entries[name] = (value, None)
        for key, value in sorted(given.items(), key=lambda one: one[0] == "virtualHost"):  # credentials come first
            where = given.place(key)
            if key in EVENTS[kind]:
                if value or not (key == "batchSize" or (key in WINDOW and kind in ("kafka", "msk"))):
                    entries[EVENTS[kind][key]] = (value, where)
            elif key in MADE[kind]:
                for name, made_of_it in made_of(kind, key, value, where):
                    there: Any = entries[name][0] if name in entries else None
                    entries[name] = (there + made_of_it if isinstance(there, list) else made_of_it, where)
            else:
                self._notes.unknown(f"an event of type {kind}", key, [*EVENTS[kind], *MADE[kind]], where)
        label = label_of(kind, given)
        base = f"{normalized(function)}EventSourceMapping{label}"
        if kind == "stream" and given.get("consumer") is not None:
            consumer = given["consumer"]
            if consumer is True:
                name = self._consumer_name(function, last_name(given.get("arn")))
                identifier = f"{alphanumeric(name)}StreamConsumer"
                properties = made(place, [("StreamARN", given.get("arn"), place), ("ConsumerName", name, None)])
                yield Resource(id=identifier, type="AWS::Kinesis::StreamConsumer", properties=properties, place=place)
                consumer = {"Ref": identifier}
            entries["EventSourceArn"] = (consumer, given.place("consumer"))
        yield Resource(
            id=base,
            type="AWS::Lambda::EventSourceMapping",
            properties=made(place, [(name, value, where) for name, (value, where) in entries.items()]),
            place=place,
            names=(f"{kind}:{source_of_event(given)}", kind, f"events[{number}]"),
        )
