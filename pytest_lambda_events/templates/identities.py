"""How AWS calls what a template declares. The law: what AWS makes up when it creates a resource is made of the name
that the template gives it, so that the same template has the same ARNs in every run.

Region and account are those where the harness creates things. A resource without a name of its own is called after its
id in the template, where AWS would put the stack's name before it and random letters behind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.mq_brokers import broker_of
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.sources.msk.cluster import cluster_of
from pytest_lambda_events.templates.declared import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.templates.placed import Place

__all__ = ["ACCOUNT", "Where", "identity_of", "source_served"]

ACCOUNT: Final = "123456789012"
"""The account that moto plays."""

_CLUSTERS: Final[Mapping[str, str]] = {"documentdb": "documentdb", "msk": "msk", "serverless_msk": "msk"}
_ENGINES: Final = ("activemq", "rabbitmq")
_STREAM_LABEL: Final = "2025-01-01T00:00:00.000"


@dataclass(frozen=True, slots=True)
class Where:
    """Region and account of a stack."""

    region: str = "us-east-1"
    account: str = ACCOUNT

    @property
    def partition(self) -> str:
        """`aws`, or that of China or GovCloud."""
        return partition_of(self.region)

    @property
    def suffix(self) -> str:
        """What the addresses of AWS end in."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        """An ARN in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def identity_of(kind: str, name: str, where: Where) -> Mapping[str, str]:
    """`arn`, `id`, `name` and what else AWS gives a resource of this kind. Errors: `UsageError` for an unfit name."""
    return _KINDS[kind](name, where)


def source_served(kind: str, engine: Any, place: Place) -> Any:
    """The registry's name of the source that a cluster or broker serves; `engine` is what a broker of Amazon MQ runs,
    `Unresolved` stays. Errors: `TemplateError` for an engine that there is not.
    """
    if kind in _CLUSTERS:
        return _CLUSTERS[kind]
    if isinstance(engine, Unresolved):
        return engine
    found = str(engine or _ENGINES[0]).lower()
    if found not in _ENGINES:
        raise TemplateError(f"{place}: the engine of a broker is ActiveMQ or RabbitMQ, not {engine!r:.80}")
    return found


def _hex(name: str, digits: int) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _uuid(name: str) -> str:
    return Identifiers(0).uuid4(name)


def _plain(service: str, resource: str) -> Callable[[str, Where], Mapping[str, str]]:
    def identity(name: str, where: Where) -> Mapping[str, str]:
        return {"name": name, "id": name, "arn": where.arn(service, resource.format(name))}

    return identity


def _queue(name: str, where: Where) -> Mapping[str, str]:
    url = f"https://sqs.{where.region}.{where.suffix}/{where.account}/{name}"
    return {"name": name, "id": url, "url": url, "arn": where.arn("sqs", name)}


def _table(name: str, where: Where) -> Mapping[str, str]:
    arn = where.arn("dynamodb", f"table/{name}")
    return {"name": name, "id": name, "arn": arn, "stream_arn": f"{arn}/stream/{_STREAM_LABEL}"}


def _topic(name: str, where: Where) -> Mapping[str, str]:
    arn = where.arn("sns", name)
    return {"name": name, "id": arn, "arn": arn}


def _bucket(name: str, where: Where) -> Mapping[str, str]:
    host = f"{name}.s3.{where.suffix}"
    return {"name": name, "id": name, "arn": f"arn:{where.partition}:s3:::{name}", "host": host}


def _msk(name: str, where: Where, *, serverless: bool = False) -> Mapping[str, str]:
    arn = cluster_of(name, where.region, where.account, serverless=serverless).arn
    return {"name": name, "id": arn, "arn": arn}


def _serverless_msk(name: str, where: Where) -> Mapping[str, str]:
    return _msk(name, where, serverless=True)


def _broker(name: str, where: Where) -> Mapping[str, str]:
    found = broker_of(name, region=where.region, account=where.account, uuid=_uuid(f"mq/{name}"))
    return {"name": name, "id": found.id, "arn": found.arn}


def _documentdb(name: str, where: Where) -> Mapping[str, str]:
    name = name.lower()
    return {"name": name, "id": name, "arn": where.arn("rds", f"cluster:{name}")}


def _secret(name: str, where: Where) -> Mapping[str, str]:
    arn = where.arn("secretsmanager", f"secret:{name}-{_hex(name, 6)}")
    return {"name": name, "id": arn, "arn": arn}


def _role(name: str, where: Where) -> Mapping[str, str]:
    return {"name": name, "id": name, "arn": f"arn:{where.partition}:iam::{where.account}:role/{name}"}


def _key(name: str, where: Where) -> Mapping[str, str]:
    uuid = _uuid(f"kms/{name}")
    return {"name": uuid, "id": uuid, "arn": where.arn("kms", f"key/{uuid}")}


def _subnet(name: str, where: Where) -> Mapping[str, str]:
    identifier = f"subnet-{_hex(name, 17)}"
    return {"name": identifier, "id": identifier, "arn": where.arn("ec2", f"subnet/{identifier}")}


def _security_group(name: str, where: Where) -> Mapping[str, str]:
    identifier = f"sg-{_hex(name, 17)}"
    return {"name": identifier, "id": identifier, "arn": where.arn("ec2", f"security-group/{identifier}")}


def _consumer(name: str, where: Where) -> Mapping[str, str]:
    stream_arn, _, consumer = name.rpartition(" ")
    if not stream_arn.startswith("arn:"):
        raise UsageError(f"a consumer belongs to a stream's ARN, not to {stream_arn!r} ({where.region})")
    arn = f"{stream_arn}/consumer/{consumer}:1735689600"
    return {"name": consumer, "id": arn, "arn": arn}


_KINDS: Final[Mapping[str, Callable[[str, Where], Mapping[str, str]]]] = {
    "broker": _broker,
    "bucket": _bucket,
    "consumer": _consumer,
    "documentdb": _documentdb,
    "function": _plain("lambda", "function:{}"),
    "key": _key,
    "msk": _msk,
    "queue": _queue,
    "role": _role,
    "secret": _secret,
    "security_group": _security_group,
    "serverless_msk": _serverless_msk,
    "stream": _plain("kinesis", "stream/{}"),
    "subnet": _subnet,
    "table": _table,
    "topic": _topic,
}
