"""What `terraform show -json` prints of a plan or a state. The law: values are Terraform's own; what it will only know
after it is applied is found by the reference in the configuration, if that is one and means the whole value.

Terraform, "JSON Output Format": planned_values, values, resource_changes (after_unknown), configuration (expressions).
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.limits import Trail
from pytest_lambda_events.templates.placed import PlacedDict, mappings, section
from pytest_lambda_events.templates.terraform import read_resources
from pytest_lambda_events.templates.terraform_names import IDENTITIES, TerraformResource, computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.templates.declared import Template
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["read_show"]

_INDEX: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_MODULE: Final = re.compile(r"module\.([\w-]+)")
_WHOLE: Final = frozenset(
    (
        "destination",
        "destination_arn",
        "endpoint",
        "event_source_arn",
        "function_name",
        "kms_key_arn",
        "queue_url",
        "role",
        "stream_arn",
        "topic_arn",
        "uri",
    )
)
"""Arguments that are one ARN, name or URL: a single reference to one is the whole value."""


def read_show(root: PlacedDict, file: str, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    """What it declares. Errors: `TemplateError`."""
    shown = _Shown(root, given, where)
    return read_resources(shown.resources(), file=file, where=where, notes=notes)


class _At(NamedTuple):
    """Where values are: the resource, its module, its place in the file, and the path of the block."""

    address: str
    module: str
    origin: Place
    path: str

    def inside(self, name: str) -> _At:
        """A block of it."""
        return self._replace(path=f"{self.path}.{name}")


class _Shown:
    def __init__(self, root: PlacedDict, given: Mapping[str, Any], where: Where) -> None:
        self._given = given
        self._where = where
        self._configuration = section(section(root, "configuration"), "root_module")
        top = section(root, "planned_values" if "planned_values" in root else "values")
        self._all = dict(_walk(section(top, "root_module")))
        self._instances: dict[str, list[str]] = {}
        for address in self._all:
            self._instances.setdefault(_parted(address)[0], []).append(address)
        prior = section(section(section(root, "prior_state"), "values"), "root_module")
        self._data = {address: one for address, one in _walk(prior) if one.get("mode") == "data"}
        changes = {str(one.get("address")): section(one, "change") for one in mappings(root, "resource_changes")}
        self._unknown = {address: change.get("after_unknown") for address, change in changes.items()}
        # what AWS told is there, unless a resource is only about to be made
        self._made = {address for address, change in changes.items() if "create" in _texts(change.get("actions"))}
        self._trail = Trail()
        self._known: dict[str, dict[str, Any]] = {}
        self._written: dict[str, dict[tuple[str, str], PlacedDict]] = {}

    def resources(self) -> list[TerraformResource]:
        """Those that Terraform manages, of the AWS provider."""
        return [
            TerraformResource(
                address=address,
                type=one["type"],
                name=one["name"],
                values=MappingProxyType(self._values(address)),
                place=one.origin,
                places=MappingProxyType(_places(one)),
                read_back=address not in self._made,
            )
            for address, one in self._all.items()
            if one.get("mode", "managed") == "managed" and one["type"].startswith("aws_")
        ]

    def _values(self, address: str) -> dict[str, Any]:
        """The values of a resource, put together once: others may rest on them many times."""
        if address not in self._known:
            self._known[address] = self._put_together(address)
        return self._known[address]

    def _put_together(self, address: str) -> dict[str, Any]:
        one = self._all[address]
        values: dict[str, Any] = dict(section(one, "values"))
        module, expressions = self._expressions(address)
        unknown = self._unknown.get(address)
        if isinstance(unknown, dict):
            values = self._filled(values, unknown, expressions, _At(address, module, one.origin, address))
        for name, value in values.items():
            if f"{address}.{name}" in self._given:
                values[name] = self._asked_for(f"{address}.{name}", value)
        return values

    def _asked_for(self, name: str, otherwise: Any) -> Any:
        found = self._given.get(name, otherwise)
        return found if not isinstance(found, dict) else json.dumps(found)

    # -- what is not known yet --------------------------------------------------------------------------------------

    def _filled(self, values: dict[str, Any], unknown: Mapping[str, Any], expressions: Any, at: _At) -> dict[str, Any]:
        """The values with what is unknown put in, block by block."""
        written = expressions if isinstance(expressions, dict) else {}
        for name, open_ in unknown.items():
            if open_ is True:
                values[name] = self._of_expression(name, written.get(name), at)
            elif isinstance(open_, list) and isinstance(values.get(name), list):
                blocks = written.get(name)
                values[name] = [
                    self._filled(dict(block), inner, _nth(blocks, number), at.inside(name))
                    if isinstance(block, dict) and isinstance(inner, dict)
                    else self._of_expression(name, blocks, at)
                    if inner is True
                    else block
                    for number, (block, inner) in enumerate(zip(values[name], open_, strict=False))
                ]
            elif isinstance(open_, dict) and isinstance(values.get(name), dict):
                values[name] = self._open_members(dict(values[name]), open_, at.inside(name))
        return values

    def _open_members(self, values: dict[str, Any], unknown: Mapping[str, Any], at: _At) -> dict[str, Any]:
        """A map of which some members are unknown; the configuration does not say which reference is whose."""
        for key, open_ in unknown.items():
            if open_ is True:
                wanted = f"{at.path}.{key}"
                values[key] = self._given.get(wanted, Unresolved((wanted,), at.origin))
        return values

    def _of_expression(self, name: str, expression: Any, at: _At) -> Any:
        wanted = f"{at.path}.{name}"
        if wanted in self._given:
            return self._asked_for(wanted, None)
        nothing = Unresolved((wanted,), at.origin)
        if not isinstance(expression, dict):
            return None  # AWS computes it: no argument, an attribute
        if "constant_value" in expression:
            return expression["constant_value"]
        if name not in _WHOLE:
            return nothing
        found = self._follow(_texts(expression.get("references")), at.module, at.address)
        return nothing if found is None else found

    def _follow(self, references: list[str], module: str, address: str) -> Any:
        """What a single reference gives; None where there are several, or nobody knows."""
        ends = [one for one in references if not any(other.startswith((f"{one}.", f"{one}[")) for other in references)]
        ends = [one for one in ends if one not in ("each.key", "each.value", "count.index")]
        if len(ends) != 1:
            return None
        (end,) = ends
        name = f"{module}.{end}" if module else end
        return self._trail.follow(name, lambda: self._reference(end, module, address), self._all[address].origin)

    def _reference(self, end: str, module: str, address: str) -> Any:
        prefix = f"{module}." if module else ""
        if end.startswith("var."):
            return self._variable(end[4:], module, address)
        if end.startswith("module."):
            _, name, output = (*end.split(".", 2), "")[:3]
            inside = f"{prefix}module.{name}"
            outputs = section(self._module(inside), "outputs")
            expression = section(section(outputs, output), "expression")
            return self._follow(_texts(expression.get("references")), inside, address)
        if end.startswith("data."):
            target, _, attribute = end.rpartition(".")
            found = self._data.get(f"{prefix}{target}")
            return None if found is None else section(found, "values").get(attribute)
        target, _, attribute = end.rpartition(".")
        found_address = self._instance(f"{prefix}{target}", address)
        if found_address is None:
            return None
        one = self._all[found_address]
        value = section(one, "values").get(attribute)
        if value is not None:
            return value
        return self._computed(found_address, attribute)

    def _variable(self, name: str, module: str, address: str) -> Any:
        if not module:
            return self._given.get(name)
        outer, _, call = module.rpartition("module.")
        outer = outer.rstrip(".")
        called = section(section(self._module(outer), "module_calls"), call.partition("[")[0])
        expression = section(section(called, "expressions"), name)
        if "constant_value" in expression:
            return expression["constant_value"]
        return self._follow(_texts(expression.get("references")), outer, address)

    def _instance(self, target: str, asking: str) -> str | None:
        """The address of the instance that is meant: the only one, or that of the same index."""
        if target in self._all:
            return target
        found = self._instances.get(target, [])
        if len(found) == 1:
            return found[0]
        same = target + _parted(asking)[1]
        return same if same in found else None

    def _computed(self, address: str, attribute: str) -> Any:
        one = self._all[address]
        kind = one["type"]
        if kind == "aws_lambda_alias" and attribute == "arn":
            values = self._values(address)
            if isinstance(values.get("function_name"), str) and isinstance(values.get("name"), str):
                function = values["function_name"].rpartition(":")[2]
                return f"{self._where.arn('lambda', 'function:')}{function}:{values['name']}"
            return None
        if kind not in IDENTITIES or attribute not in IDENTITIES[kind][2]:
            return None
        made = computed(kind, self._values(address), one["name"], self._where, one.origin)
        return made if isinstance(made, Unresolved) else made[attribute]

    def _expressions(self, address: str) -> tuple[str, Any]:
        """The module of a resource, and the expressions of its configuration."""
        one = self._all[address]
        own = f"{one['type']}.{one['name']}"
        module = address[: _parted(address)[0].rfind(own)].rstrip(".")
        if module not in self._written:
            self._written[module] = {
                (str(each.get("type")), str(each.get("name"))): section(each, "expressions")
                for each in mappings(self._module(module), "resources")
            }
        return module, self._written[module].get((one["type"], one["name"]), {})

    def _module(self, address: str) -> PlacedDict:
        """The configuration of a module, which has one for all its instances."""
        body = self._configuration
        for name in _MODULE.findall(_INDEX.sub("", address)):
            body = section(section(section(body, "module_calls"), name), "module")
        return body


def _walk(module: PlacedDict) -> Iterator[tuple[str, PlacedDict]]:
    """Every resource of a module and of those in it, by address."""
    for one in mappings(module, "resources"):
        if all(isinstance(one.get(key), str) for key in ("address", "type", "name")):
            yield one["address"], one
    for child in mappings(module, "child_modules"):
        yield from _walk(child)


def _parted(address: str) -> tuple[str, str]:
    """An address and its index, `["dev"]` or nothing."""
    found = [one.start() for one in _INDEX.finditer(address) if one.end() == len(address)]
    return (address[: found[0]], address[found[0] :]) if found else (address, "")


def _texts(value: Any) -> list[str]:
    """The texts of a list, such as what an expression refers to."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _places(one: PlacedDict) -> dict[str, Place]:
    values = one.get("values")
    return {name: values.place(name) for name in values} if isinstance(values, PlacedDict) else {}


def _nth(blocks: Any, number: int) -> Any:
    if isinstance(blocks, list):
        return blocks[number] if number < len(blocks) else {}
    return blocks
