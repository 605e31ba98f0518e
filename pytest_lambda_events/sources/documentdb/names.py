"""Names of clusters, databases and collections. The law: those that DocumentDB and MongoDB take, and no others."""

from __future__ import annotations

import re
from typing import Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_making import Namespace
from pytest_lambda_events.model.regions import partition_of

__all__ = ["cluster_arn", "collection_name", "database_name", "namespace"]

_ARN: Final = re.compile(r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster:[a-z][a-z0-9-]{0,62}")
# MongoDB Limits and Thresholds, "Naming Restrictions"
_DB: Final = re.compile(r'[^/\\. "$\0]{1,63}')
_COLL: Final = re.compile(r"(?!system\.)[^$\0]{1,235}")


def cluster_arn(cluster: str, region: str, account: str) -> str:
    """The ARN of a cluster, given by its name or its ARN. Errors: `UsageError`."""
    arn = cluster
    if not cluster.startswith("arn:"):
        arn = f"arn:{partition_of(region)}:rds:{region}:{account}:cluster:{cluster}"
    if _ARN.fullmatch(arn) is None or arn.endswith("-") or "--" in arn.rpartition(":")[2]:
        raise UsageError(
            f"{arn!r} is no ARN of a cluster: write arn:aws:rds:us-east-1:123456789012:cluster:orders, or a name of 1 "
            "to 63 lower-case letters, digits and single hyphens that begins with a letter"
        )
    return arn


def namespace(name: object, argument: str) -> Namespace:
    """A collection by its full name, database.collection. Errors: `UsageError`, which says what `argument` it was."""
    db, _, coll = str(name).partition(".")
    if _DB.fullmatch(db) is None or _COLL.fullmatch(coll) is None:
        raise UsageError(
            f'{argument}={name!r} is no collection: write database.collection, such as "shop.orders", with names that '
            "MongoDB allows"
        )
    return Namespace(db=db, coll=coll)


def database_name(name: object) -> str:
    """The name of a database. Errors: `UsageError`."""
    if not isinstance(name, str) or _DB.fullmatch(name) is None:
        raise UsageError(f"{name!r} is no name of a database: write one such as 'shop', without . and $")
    return name


def collection_name(name: object) -> str:
    """The name of a collection, without its database. Errors: `UsageError`."""
    if not isinstance(name, str) or _COLL.fullmatch(name) is None:
        raise UsageError(f"{name!r} is no name of a collection: write one such as 'orders', without $")
    return name
