"""The resources of a stack, and what their properties and names are. The law: everything that a property says goes
through the resolver; what a resource is for is the business of others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates.declared import Code, Unresolved
from pytest_lambda_events.templates.identities import identity_of
from pytest_lambda_events.templates.intrinsics import ABSENT, Resolver
from pytest_lambda_events.templates.placed import PlacedDict, section
from pytest_lambda_events.templates.resources import IDENTITIES, RENAMED
from pytest_lambda_events.templates.typed import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["Properties", "Resource", "function_named", "resources_of"]

_FUNCTION_NAME: Final = re.compile(r"(?:.*:function:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a stack. `names` are other words for a mapping or function, `code` where a function's code is, if a
    framework said it otherwise than CloudFormation.
    """

    id: str
    type: str
    properties: PlacedDict
    place: Place
    condition: str | None = None
    names: tuple[str, ...] = ()
    code: Code | None = None


def resources_of(root: PlacedDict) -> dict[str, Resource]:
    """The resources of a template. Errors: `TemplateError` for what is none."""
    found: dict[str, Resource] = {}
    resources = section(root, "Resources")
    for name, raw in resources.items():
        place = resources.place(name)
        if name.startswith("Fn::ForEach"):
            raise TemplateError(f"{place}: loops are not unrolled; give the template as CloudFormation processed it")
        if not isinstance(raw, PlacedDict) or not isinstance(raw.get("Type"), str):
            raise TemplateError(f"{place}: a resource is a mapping with a Type")
        found[name] = Resource(
            id=name,
            type=raw["Type"],
            properties=section(raw, "Properties"),
            place=place,
            condition=raw.get("Condition"),
            names=_path_in(raw),
            code=_asset(raw),
        )
    return found


def _path_in(raw: PlacedDict) -> tuple[str, ...]:
    """What CDK calls a resource: its path without the stack, and without what CDK puts under a construct."""
    metadata = raw.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    words = path.split("/")[1:] if isinstance(path, str) else []
    return ("/".join(words[:-1] if words[-1] == "Resource" else words),) if words else ()


def _asset(raw: PlacedDict) -> Code | None:
    """Where CDK put the code of a function, beside the template."""
    metadata = raw.get("Metadata")
    path = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    return Code(path=path) if isinstance(path, str) else None


def function_named(text: object) -> tuple[str, str | None]:
    """Name and qualifier out of what FunctionName says: a name or an ARN, whole or in part."""
    found = _FUNCTION_NAME.fullmatch(str(text))
    return (str(text), None) if found is None else (found["name"], found["qualifier"])


class Properties:
    """Names and properties of the resources of one stack. `whole`: there are no others, such as a framework's."""

    def __init__(
        self,
        root: PlacedDict,
        resources: Mapping[str, Resource],
        *,
        file: str,
        given: Mapping[str, Any],
        where: Where,
        notes: Notes,
        whole: bool = True,
    ) -> None:
        self._whole = whole
        self.all = resources
        self.where = where
        self.notes = notes
        self.resolver = Resolver(root, given, where, self.attribute)
        known = [*section(root, "Parameters"), *resources]
        for name in given:
            if name.isalnum() and name not in known:  # a plain name that is nobody's was misspelt
                raise TemplateError(f"{file} has no parameter {name!r}{nearest(name, known)}")

    def attribute(self, name: str, attribute: str | None, place: Place) -> Any:
        """What Ref (None) or Fn::GetAtt gives; None where nobody knows."""
        resource = self.all.get(name)
        if resource is None:
            base, _, kind = name.rpartition(".")
            if kind in ("Alias", "Version") and base in self.all:
                return self._made_by_sam(base, kind, place)
            if not self._whole:
                return None
            if attribute is None:
                raise TemplateError(f"{place}: there is no parameter or resource {name!r}{nearest(name, self.all)}")
            raise TemplateError(f"{place}: there is no resource {name!r}{nearest(name, self.all)}")
        if resource.type == "AWS::Lambda::Alias" and attribute in (None, "AliasArn"):
            return self._qualified(resource, "Name")
        if resource.type == "AWS::Lambda::Version" and attribute in (None, "FunctionArn"):
            return self._qualified(resource, None)
        known = IDENTITIES.get(resource.type)
        wanted = None if known is None else known.ref if attribute is None else known.attributes.get(attribute)
        if wanted is None:
            return None
        identity = self.identity(resource)
        return identity if isinstance(identity, Unresolved) else identity[wanted]

    def _made_by_sam(self, function: str, kind: str, place: Place) -> Any:
        """The alias or version of a function with AutoPublishAlias, in SAM's words: `F.Alias`, `F.Version`."""
        for one in self.all.values():
            if kind == "Alias" and one.type == "AWS::Lambda::Alias" and one.id.startswith(f"{function}Alias"):
                return self.attribute(one.id, None, place)
        arn = self.attribute(function, "Arn", place)
        return f"{arn}:1" if kind == "Version" and isinstance(arn, str) else None

    def identity(self, one: Resource) -> Mapping[str, str] | Unresolved:
        """Names and ARNs of a resource; what its name rests on may be open."""
        return self.resolver.trail.follow(one.id, lambda: self._named(one), one.place)

    def _named(self, one: Resource) -> Mapping[str, str] | Unresolved:
        known = IDENTITIES[one.type]
        name = self.property(one, known.named_by)
        if isinstance(name, Unresolved):
            return name
        if name is ABSENT:
            fifo = self.property(one, "FifoQueue" if known.kind == "queue" else "FifoTopic")
            name = one.id + (".fifo" if known.kind in ("queue", "topic") and fifo in (True, "true") else "")
        if known.kind == "consumer":
            stream = self.property(one, "StreamARN")
            if isinstance(stream, Unresolved):
                return stream
            name = f"{stream} {name}"
        try:
            return identity_of(known.kind, str(name), self.where)
        except UsageError as error:
            raise TemplateError(f"{one.properties.place(known.named_by)}: {error}") from None

    def _qualified(self, one: Resource, named_by: str | None) -> Any:
        function = self.property(one, "FunctionName")
        qualifier = "1" if named_by is None else self.property(one, named_by)
        for part in (function, qualifier):
            if isinstance(part, Unresolved):
                return part
        return f"{self.where.arn('lambda', 'function:')}{function_named(function)[0]}:{qualifier}"

    def property(self, one: Resource, name: str) -> Any:
        """A property's value, `ABSENT` without it."""
        if name not in one.properties:
            return ABSENT
        return self.resolver.value(one.properties[name], one.properties.place(name))

    def properties(self, one: Resource, shapes: Mapping[str, Any], also: tuple[str, ...] = ()) -> dict[str, Any]:
        """The properties that have a shape, in it."""
        found = {}
        for name in one.properties:
            place = one.properties.place(name)
            if name not in shapes:
                if name not in also:
                    self.notes.unknown(one.type, name, [*shapes, *also], place)
            elif shapes[name] is not None:
                value = self.property(one, name)
                if value is not ABSENT:
                    found[name] = typed(value, shapes[name], place, self.notes)
        return found

    @staticmethod
    def places(one: Resource) -> Mapping[str, Place]:
        """The places of its properties, by the API's names."""
        return MappingProxyType({RENAMED.get(name, name): one.properties.place(name) for name in one.properties})
