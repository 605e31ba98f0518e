"""What `terraform show -json` prints of a plan or a state. The law: values are Terraform's own; what it will only know
after it is applied is found by the reference in the configuration, if that is one and means the whole value.

Terraform, "JSON Output Format": planned_values, values, resource_changes (after_unknown), configuration (expressions).
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.placed import PlacedDict
from pytest_lambda_events.templates.terraform import read_resources
from pytest_lambda_events.templates.terraform_names import IDENTITIES, TerraformResource, computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.templates.declared import Template
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place
    from pytest_lambda_events.templates.typed import Notes

__all__ = ["read_show"]

_INDEX: Final = re.compile(r"\[[^]]*\]$")
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
        self._is_plan = "planned_values" in root
        self._configuration = (root.get("configuration") or {}).get("root_module") or {}
        top = root.get("planned_values" if self._is_plan else "values") or {}
        self._all: dict[str, PlacedDict] = dict(_walk(top.get("root_module")))
        prior = (root.get("prior_state") or {}).get("values") or {}
        self._data = {address: one for address, one in _walk(prior.get("root_module")) if one.get("mode") == "data"}
        self._unknown = {
            one.get("address"): (one.get("change") or {}).get("after_unknown") or {}
            for one in root.get("resource_changes") or ()
        }
        # what AWS told is there, unless a resource is only about to be made
        self._made = {
            one.get("address")
            for one in root.get("resource_changes") or ()
            if "create" in ((one.get("change") or {}).get("actions") or ())
        }
        self._open: list[str] = []

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
            if one.get("mode", "managed") == "managed" and str(one.get("type")).startswith("aws_")
        ]

    def _values(self, address: str) -> dict[str, Any]:
        one = self._all[address]
        values = dict(one.get("values") or {})
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
        found = self._follow(expression.get("references") or [], at.module, at.address)
        return nothing if found is None else found

    def _follow(self, references: list[str], module: str, address: str) -> Any:
        """What a single reference gives; None where there are several, or nobody knows."""
        ends = [one for one in references if not any(other.startswith((f"{one}.", f"{one}[")) for other in references)]
        ends = [one for one in ends if one not in ("each.key", "each.value", "count.index")]
        if len(ends) != 1:
            return None
        (end,) = ends
        key = f"{module}|{end}"
        if key in self._open:
            raise TemplateError(f"{' -> '.join([*self._open, key])} goes round in a circle")
        self._open.append(key)
        try:
            return self._reference(end, module, address)
        finally:
            self._open.pop()

    def _reference(self, end: str, module: str, address: str) -> Any:
        prefix = f"{module}." if module else ""
        if end.startswith("var."):
            return self._variable(end[4:], module, address)
        if end.startswith("module."):
            _, name, output = (*end.split(".", 2), "")[:3]
            call = _called(self._configuration, module, name.partition("[")[0])
            expression = (((call.get("module") or {}).get("outputs") or {}).get(output) or {}).get("expression") or {}
            return self._follow(expression.get("references") or [], f"{prefix}module.{name}", address)
        if end.startswith("data."):
            target, _, attribute = end.rpartition(".")
            found = self._data.get(f"{prefix}{target}")
            return None if found is None else (found.get("values") or {}).get(attribute)
        target, _, attribute = end.rpartition(".")
        found_address = self._instance(f"{prefix}{target}", address)
        if found_address is None:
            return None
        one = self._all[found_address]
        value = (one.get("values") or {}).get(attribute)
        if value is not None:
            return value
        return self._computed(found_address, attribute)

    def _variable(self, name: str, module: str, address: str) -> Any:
        if not module:
            return self._given.get(name)
        outer, _, call = module.rpartition("module.")
        called = _called(self._configuration, outer.rstrip("."), call.partition("[")[0])
        expression = (called.get("expressions") or {}).get(name) or {}
        if "constant_value" in expression:
            return expression["constant_value"]
        return self._follow(expression.get("references") or [], outer.rstrip("."), address)

    def _instance(self, target: str, asking: str) -> str | None:
        """The address of the instance that is meant: the only one, or that of the same index."""
        if target in self._all:
            return target
        found = [one for one in self._all if _INDEX.sub("", one) == target]
        if len(found) == 1:
            return found[0]
        index = _INDEX.search(asking)
        same = f"{target}{index[0]}" if index is not None else None
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
        module = address[: address.rfind(own)].rstrip(".")
        body: Any = self._configuration
        for name in re.findall(r"module\.([\w-]+)", module):
            body = ((body.get("module_calls") or {}).get(name) or {}).get("module") or {}
        for each in body.get("resources") or ():
            if each.get("type") == one["type"] and each.get("name") == one["name"]:
                return module, each.get("expressions") or {}
        return module, {}


def _walk(module: Any) -> Iterator[tuple[str, PlacedDict]]:
    """Every resource of a module and of those in it, by address."""
    if isinstance(module, PlacedDict):
        for one in module.get("resources") or ():
            if isinstance(one, PlacedDict) and {"address", "type", "name"} <= one.keys():
                yield one["address"], one
        for child in module.get("child_modules") or ():
            yield from _walk(child)


def _places(one: PlacedDict) -> dict[str, Place]:
    values = one.get("values")
    return {name: values.place(name) for name in values} if isinstance(values, PlacedDict) else {}


def _nth(blocks: Any, number: int) -> Any:
    if isinstance(blocks, list):
        return blocks[number] if number < len(blocks) else {}
    return blocks


def _called(configuration: Any, module: str, name: str) -> Any:
    """The call of a module, in the configuration of the one that calls it."""
    body = configuration
    for outer in re.findall(r"module\.([\w-]+)", module):
        body = ((body.get("module_calls") or {}).get(outer) or {}).get("module") or {}
    return (body.get("module_calls") or {}).get(name) or {}
