"""Mappings as AWS describes them. The law: text, comparison and page call what a mapping reads by the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["function_of", "named_in"]


def named_in(described: Mapping[str, Any]) -> str:
    """Topics and queues by their names, a collection as `database.collection`; nothing where its ARN alone says it."""
    names = described.get("Topics") or described.get("Queues")
    if isinstance(names, (list, tuple)):
        return ", ".join(map(str, names))
    collection = described.get("DocumentDBEventSourceConfig")
    if isinstance(collection, dict):
        return ".".join(str(collection[key]) for key in ("DatabaseName", "CollectionName") if key in collection)
    return ""


def function_of(described: Mapping[str, Any]) -> str:
    """The name of the function that a mapping, or a job, invokes, with its qualifier if it has one."""
    found: Any = described
    if "FunctionArn" not in described:
        for key in ("Operation", "LambdaInvoke"):
            found = found.get(key) if isinstance(found, dict) else None
    arn = found.get("FunctionArn") if isinstance(found, dict) else None
    return str(arn or "").rpartition(":function:")[2]
