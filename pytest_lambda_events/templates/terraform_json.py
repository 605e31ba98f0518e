"""Terraform's configuration in JSON (.tf.json, what CDK for Terraform synthesizes). The law: references inside the file
are followed, defaults of variables hold; nothing is read but this file.

Terraform, "JSON Configuration Syntax".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.hcl import evaluate
from pytest_lambda_events.templates.identities import Where
from pytest_lambda_events.templates.limits import Effort, Trail
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList, place_in, section
from pytest_lambda_events.templates.terraform import read_resources
from pytest_lambda_events.templates.terraform_names import IDENTITIES, TerraformResource, computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.templates.declared import Template
    from pytest_lambda_events.templates.hcl import Reference
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["read_configuration"]


def read_configuration(root: PlacedDict, file: str, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    """What it declares. Errors: `TemplateError`."""
    return _Configuration(root, file, given, where, notes).read()


class _Configuration:
    def __init__(self, root: PlacedDict, file: str, given: Mapping[str, Any], where: Where, notes: Notes) -> None:
        self._file = file
        self._given = given
        self._notes = notes
        self._variables = dict(_variables(root))
        self._locals = {
            name: (value, block.place(name)) for block in _bodies(root.get("locals")) for name, value in block.items()
        }
        self._raw = dict(self._resources(root))
        self._trail = Trail()
        self._effort = Effort()
        self._where = where
        self._where = Where(self._region(root) or where.region, where.account)
        for name in given:
            if name.isidentifier() and name not in self._variables:
                raise TemplateError(f"{file} has no variable {name!r}{nearest(name, self._variables)}")
        if "module" in root:
            notes.say("modules are not read from configuration; give `terraform show -json`", root.place("module"))

    def _region(self, root: PlacedDict) -> str | None:
        for body in _bodies(section(root, "provider").get("aws")):
            if "region" in body and "alias" not in body:
                found = self._value(body["region"], body.place("region"))
                return found if isinstance(found, str) else None
        return None

    def _resources(self, root: PlacedDict) -> Iterator[tuple[str, tuple[str, str, PlacedDict, Place]]]:
        for kind, bodies, _ in _labelled(root["resource"]):
            for name, body, place in _labelled(bodies):
                if not isinstance(body, PlacedDict):
                    raise TemplateError(f"{place}: a resource is a mapping")
                yield f"{kind}.{name}", (kind, name, body, place)

    def read(self) -> Template:
        """Every resource that stands once."""
        resources = []
        for address, (kind, name, body, place) in self._raw.items():
            if not kind.startswith("aws_"):
                continue
            repeated = next((key for key in ("count", "for_each") if key in body), None)
            if repeated is not None:
                self._notes.say(
                    f"{repeated} is not unrolled here, so {address} is left out; give `terraform show -json`",
                    body.place(repeated),
                )
                continue
            resources.append(
                TerraformResource(
                    address=address,
                    type=kind,
                    name=name,
                    values=MappingProxyType({key: self._value(one, body.place(key)) for key, one in body.items()}),
                    place=place,
                    places=MappingProxyType({key: body.place(key) for key in body}),
                    written=True,
                )
            )
        return read_resources(resources, file=self._file, where=self._where, notes=self._notes)

    # -- values -----------------------------------------------------------------------------------------------------

    def _value(self, raw: Any, place: Place) -> Any:
        self._effort.spend(place)
        if isinstance(raw, str):
            found = evaluate(raw, self._lookup, place)
            return self._effort.text(found, place) if isinstance(found, str) else found
        if isinstance(raw, PlacedDict):
            return {key: self._value(value, raw.place(key)) for key, value in raw.items()}
        if isinstance(raw, PlacedList):
            return [self._value(value, raw.place(number)) for number, value in enumerate(raw)]
        return raw

    def _lookup(self, reference: Reference, place: Place) -> Any:
        path, steps = reference
        if path in self._given:
            return self._given[path]
        nothing = Unresolved((path,), place)
        match steps:
            case ("var", str(name), *keys):
                return _member(self._variable(name, place), keys, nothing)
            case ("local", str(name), *keys) if name in self._locals:
                raw, where = self._locals[name]
                value = self._trail.follow(f"local.{name}", lambda: self._value(raw, where), place)
                return _member(value, keys, nothing)
            case ("data", str(kind), str(), str(attribute)):
                return self._surrounding(kind, attribute) or nothing
            case (str(kind), str(name), str(attribute), *keys) if (address := f"{kind}.{name}") in self._raw:
                value = self._trail.follow(
                    f"{address}.{attribute}", lambda: self._attribute(address, attribute, nothing), place
                )
                return _member(value, keys, nothing)
        return nothing

    def _variable(self, name: str, place: Place) -> Any:
        if name in self._given:
            return self._given[name]
        declared = self._variables.get(name)
        if declared is None:
            raise TemplateError(f"{place}: there is no variable {name!r}{nearest(name, self._variables)}")
        return declared["default"] if "default" in declared else Unresolved((name,), place)

    def _attribute(self, address: str, attribute: str, nothing: Unresolved) -> Any:
        kind, name, body, where = self._raw[address]
        if attribute in body:
            return self._value(body[attribute], body.place(attribute))
        if kind == "aws_lambda_alias" and attribute == "arn":
            return self._alias(body)
        if kind in IDENTITIES and attribute in IDENTITIES[kind][2]:
            named = IDENTITIES[kind][1]
            names = (named, f"{named}_prefix", "fifo_queue", "fifo_topic", "stream_arn")
            wanted = [key for key in names if key in body]
            values = {key: self._value(body[key], body.place(key)) for key in wanted}
            made = computed(kind, values, name, self._where, where)
            return made if isinstance(made, Unresolved) else made[attribute]
        return nothing

    def _alias(self, body: PlacedDict) -> Any:
        function = self._value(body.get("function_name"), body.place("function_name"))
        name = self._value(body.get("name"), body.place("name"))
        for one in (function, name):
            if isinstance(one, Unresolved):
                return one
        return f"{self._where.arn('lambda', 'function:')}{str(function).rpartition(':')[2]}:{name}"

    def _surrounding(self, kind: str, attribute: str) -> str | None:
        where = self._where
        known = {
            "aws_region": {"name": where.region, "id": where.region, "region": where.region},
            "aws_caller_identity": {"account_id": where.account, "id": where.account},
            "aws_partition": {"partition": where.partition, "id": where.partition, "dns_suffix": where.suffix},
        }
        return known.get(kind, {}).get(attribute)


def _member(value: Any, keys: Sequence[str | int], nothing: Unresolved) -> Any:
    """What stands in a value at these keys."""
    for key in keys:
        if isinstance(value, Unresolved):
            return value
        there = key in value if isinstance(value, Mapping) else isinstance(value, list) and key in range(len(value))
        if not there:
            return nothing
        value = value[key]
    return value


def _bodies(value: Any) -> list[PlacedDict]:
    """Blocks of one kind: one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, PlacedDict)]


def _variables(root: PlacedDict) -> Iterator[tuple[str, PlacedDict]]:
    for name, body, place in _labelled(root.get("variable")):
        if not isinstance(body, PlacedDict):
            raise TemplateError(f"{place}: a variable is a mapping")
        yield name, body


def _labelled(value: Any) -> Iterator[tuple[str, Any, Place]]:
    """Label, body and place of each."""
    for block in _bodies(value):
        for name, body in block.items():
            if name == "//":
                continue
            for one in body if isinstance(body, list) else [body]:
                yield name, one, place_in(one, block.place(name)) if isinstance(body, list) else block.place(name)
