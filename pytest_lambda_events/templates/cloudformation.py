"""CloudFormation: from resources to what is declared. The law: SAM and serverless.yml are expanded to the resources
that their frameworks make, and read here; nothing else knows what a resource means.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.templates.declared import Code, DeclaredFunction, DeclaredMapping, Template, Unresolved
from pytest_lambda_events.templates.intrinsics import ABSENT, is_function
from pytest_lambda_events.templates.resources import (
    FUNCTION_PROPERTIES,
    INVOKE_PROPERTIES,
    MAPPING_PROPERTIES,
    MAPPING_SHAPES,
    RENAMED,
)
from pytest_lambda_events.templates.stack import Properties, function_named
from pytest_lambda_events.templates.stack_sources import Sources
from pytest_lambda_events.templates.typed import tags_of, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place, PlacedDict
    from pytest_lambda_events.templates.stack import Resource
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["Stack"]

_MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_FUNCTION: Final = "AWS::Lambda::Function"
_ASSET: Final = re.compile(r"([0-9a-f]{64})\.zip")
_SUB_NAME: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^{}]*)?\}")


class Stack:
    """Reads what the resources of one stack declare."""

    def __init__(
        self,
        root: PlacedDict,
        resources: Mapping[str, Resource],
        *,
        file: str,
        dialect: str,
        given: Mapping[str, Any],
        where: Where,
        notes: Notes,
    ) -> None:
        self._file = file
        self._dialect = dialect
        self._notes = notes
        # frameworks make more than is read here: APIs, roles
        whole = dialect == "cloudformation"
        self._of = Properties(root, resources, file=file, given=given, where=where, notes=notes, whole=whole)
        self._conditions = {one.id: self._holds(one) for one in resources.values()}

    def _holds(self, one: Resource) -> bool | Unresolved:
        return True if one.condition is None else self._of.resolver.condition(one.condition, one.place)

    def read(self) -> Template:
        """What is declared."""
        sources = Sources(self._of)
        there = [one for one in self._of.all.values() if self._conditions[one.id] is not False]
        functions = {one.id: self._function(one) for one in there if one.type == _FUNCTION}
        for one in there:
            if one.type == "AWS::Lambda::EventInvokeConfig":
                self._invoke(one, functions)
        return Template(
            file=self._file,
            dialect=self._dialect,
            functions=tuple(functions.values()),
            mappings=tuple(self._mapping(one, functions) for one in there if one.type == _MAPPING),
            resources=tuple(sources.declared(there)),
            subscriptions=tuple(sources.subscriptions(there)),
            notes=self._notes.all(),
        )

    # -- functions and mappings -------------------------------------------------------------------------------------

    def _function(self, one: Resource) -> DeclaredFunction:
        given = self._of.properties(one, FUNCTION_PROPERTIES)
        identity = self._of.identity(one)
        name: Any = identity if isinstance(identity, Unresolved) else identity["name"]
        handler, runtime = given.pop("Handler", None), given.pop("Runtime", None)
        where = one.code if one.code is not None else self._code(one)
        return DeclaredFunction(
            id=one.id,
            name=name,
            parameters=MappingProxyType({**given, "FunctionName": name}),
            place=one.place,
            places=self._of.places(one),
            code=Code(
                path=where.path,
                text=where.text,
                handler=handler if isinstance(handler, str) else None,
                runtime=runtime if isinstance(runtime, str) else None,
            ),
            uses=tuple(dict.fromkeys(self._named_in(one.properties.get("Environment")))),
            names=one.names,
        )

    def _code(self, one: Resource) -> Code:
        found = self._of.property(one, "Code")
        if isinstance(found, str):  # a path, until the template is packaged
            return Code(path=found)
        given = found if isinstance(found, dict) else {}
        text, asset = given.get("ZipFile"), _ASSET.fullmatch(str(given.get("S3Key")))
        if asset is not None:  # CDK's, which stands beside the template as a directory
            return Code(path=f"asset.{asset[1]}")
        return Code(text=text) if isinstance(text, str) else Code()

    def _named_in(self, raw: Any) -> Iterator[str]:
        """The ids of the resources that a value names."""
        if isinstance(raw, dict):
            if is_function(raw):
                ((function, argument),) = raw.items()
                first = argument[0] if isinstance(argument, list) and argument else argument
                if function in ("Ref", "Fn::GetAtt") and isinstance(first, str):
                    yield first.partition(".")[0]
                elif function == "Fn::Sub" and isinstance(first, str):
                    yield from _SUB_NAME.findall(first)
            for one in raw.values():
                yield from self._named_in(one)
        elif isinstance(raw, list):
            for one in raw:
                yield from self._named_in(one)

    def _invoke(self, one: Resource, functions: dict[str, DeclaredFunction]) -> None:
        """What is declared of a function's asynchronous invocations goes to the function."""
        given = self._of.properties(one, INVOKE_PROPERTIES, ("FunctionName",))
        name, _ = function_named(self._of.property(one, "FunctionName"))
        for function in functions.values():
            if function.name == name:
                functions[function.id] = replace(function, event_invoke=MappingProxyType(given))

    def _mapping(self, one: Resource, functions: Mapping[str, DeclaredFunction]) -> DeclaredMapping:
        parameters: dict[str, Any] = {}
        for name in one.properties:
            place = one.properties.place(name)
            if name not in MAPPING_PROPERTIES:
                self._notes.unknown(one.type, name, MAPPING_PROPERTIES, place)
                continue
            value = self._of.property(one, name)
            if value is not ABSENT:
                api = RENAMED.get(name, name)
                parameters[api] = self._parameter(api, value, place)
        target = parameters.get("FunctionName")
        name, qualifier = ("", None) if isinstance(target, Unresolved) else function_named(target)
        found = next((function for function in functions.values() if function.name == name), None)
        condition = self._conditions[one.id]
        return DeclaredMapping(
            id=one.id,
            function=name if found is None else found.id,
            parameters=MappingProxyType(parameters),
            place=one.place,
            places=self._of.places(one),
            qualifier=qualifier,
            names=one.names,
            condition=condition if isinstance(condition, Unresolved) else None,
        )

    def _parameter(self, name: str, value: Any, place: Place) -> Any:
        if name == "Tags":
            return tags_of(value, place)
        if name == "SelfManagedEventSource" and isinstance(value, dict):
            endpoints = value.get("Endpoints")
            if isinstance(endpoints, dict):
                renamed = {"KafkaBootstrapServers": "KAFKA_BOOTSTRAP_SERVERS"}
                value = {**value, "Endpoints": {renamed.get(key, key): one for key, one in endpoints.items()}}
        return typed(value, MAPPING_SHAPES[name], place, self._notes)
