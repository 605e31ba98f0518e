"""Values of Terraform's as the API has them. The law: pure; blocks are mappings or lists of one, and what was not given
is not there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mapping_source import source_of
from pytest_lambda_events.model.parameters import MapOf
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources import rules_of
from pytest_lambda_events.templates.declared import DeclaredQueue, Unresolved
from pytest_lambda_events.templates.terraform_names import NOT_THERE, snake

if TYPE_CHECKING:
    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.declared import Declared

__all__ = [
    "api_value",
    "block",
    "blocks",
    "index_of",
    "key_schema",
    "throughput",
    "without_foreign",
    "words_for",
]

_FRACTION: Final = re.compile(r"\.(\d+)")


def block(value: Any) -> Mapping[str, Any] | None:
    """A block that may stand once; a list of one, in JSON."""
    found = blocks(value)
    return found[0] if found else None


def blocks(value: Any) -> list[Mapping[str, Any]]:
    """Blocks that may stand several times."""
    if isinstance(value, Mapping):
        return [value]
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def api_value(value: Any, shape: Shape, name: str = "") -> Any:
    """A value with the API's names."""
    if isinstance(value, Unresolved):
        return value
    if name == "StartingPositionTimestamp" and isinstance(value, str):
        return seconds(value)
    if isinstance(shape, tuple):
        if isinstance(shape[0], str):
            return value
        return [api_value(one, shape[0]) for one in blocks(value)]
    if isinstance(shape, MapOf):
        return {
            key: one.split(",") if isinstance(one, str) and isinstance(shape.value, tuple) else one
            for key, one in (block(value) or {}).items()
        }
    if isinstance(shape, Mapping):
        members = block(value) or {}
        return {
            member: api_value(members[snake(member)], inner)
            for member, inner in shape.items()
            if members.get(snake(member)) not in NOT_THERE
        }
    return value


def seconds(text: str) -> Any:
    """A time of RFC 3339 as seconds since 1970; anything else stays, to be refused where it is read."""
    # what Python 3.10 reads has no Z, and three digits or six behind the point
    plain = _FRACTION.sub(lambda found: f".{found[1]:0<6.6}", text.replace("Z", "+00:00"))
    try:
        moment = dt.datetime.fromisoformat(plain)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def without_foreign(parameters: dict[str, Any]) -> dict[str, Any]:
    """What was read back has zeros for what the source does not have; they were never given."""
    arn = parameters.get("EventSourceArn")
    try:
        rules = rules_of(source_of(arn if isinstance(arn, str) else None, parameters))
    except (Refusal, UsageError):
        return parameters
    everywhere = {"EventSourceArn", "FunctionName", "Enabled", "BatchSize", "MaximumBatchingWindowInSeconds", "Tags"}
    kept = {
        name: value
        for name, value in parameters.items()
        if value or isinstance(value, Unresolved) or name in rules.applies or name in everywhere
    }
    if kept.get("MaximumRecordAgeInSeconds") == 0:
        del kept["MaximumRecordAgeInSeconds"]
    return kept


def key_schema(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The KeySchema of a table or index."""
    found = [{"AttributeName": values.get("hash_key"), "KeyType": "HASH"}]
    if values.get("range_key"):
        found.append({"AttributeName": values["range_key"], "KeyType": "RANGE"})
    return found


def throughput(values: Mapping[str, Any]) -> dict[str, Any]:
    """The ProvisionedThroughput of a table or index."""
    return {"ReadCapacityUnits": values.get("read_capacity"), "WriteCapacityUnits": values.get("write_capacity")}


def index_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """A secondary index."""
    projection = {"ProjectionType": values.get("projection_type")}
    if values.get("non_key_attributes"):
        projection["NonKeyAttributes"] = list(values["non_key_attributes"])
    found = {"IndexName": values.get("name"), "KeySchema": key_schema(values), "Projection": projection}
    if values.get("read_capacity"):
        found["ProvisionedThroughput"] = throughput(values)
    return found


def words_for(one: Declared) -> set[str]:
    """What an environment would name a resource by."""
    words: list[Any] = [one.name, one.arn, *((one.url,) if isinstance(one, DeclaredQueue) else ())]
    return {word for word in words if isinstance(word, str)}
