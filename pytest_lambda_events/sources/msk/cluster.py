"""An MSK cluster: its ARN and the addresses of its brokers. The law: they agree, and a cluster is always the same one.

Recorded on AWS, for provisioned clusters::

    arn:aws:kafka:ca-central-1:…:cluster/digital-msk-batca1/6415732f-1c7d-4e62-aacf-95c089a0ef75-2
    b-6.digitalmskbatca1.arylnm.c2.kafka.ca-central-1.amazonaws.com:9094,b-5.…,b-1.…

The number behind the UUID is that of the host (`-2`, `c2`; `-13`, `c13`); the name loses its hyphens (clusters from
before 2021 keep them) and is cut so that name, six characters and `cN` have 32 together; three brokers at the most are
named, in any order. A serverless cluster has one address: `-s3` and `boot-z3majaui.c3.kafka-serverless.…:9098`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    import random

__all__ = ["CLUSTER", "PORTS", "PROVISIONED", "SERVERLESS", "Auth", "Cluster", "cluster_of", "host_name"]

Auth = Literal["plaintext", "tls", "scram", "iam"]
"""How clients prove who they are; each has a port of its own."""

PORTS: Final = {"plaintext": 9092, "tls": 9094, "scram": 9096, "iam": 9098}
_PUBLIC: Final = 100
"""How much higher the ports for clients from outside the VPC are."""

CLUSTER: Final = re.compile(
    r"cluster/(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,63})/"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?P<serverless>s?)(?P<cell>[1-9][0-9]*)"
)
"""What follows the account in a cluster's ARN."""

_REGION_NAME: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+")
_REGION: Final = rf"(?P<region>{_REGION_NAME.pattern})\.amazonaws\.com(?:\.cn)?"
PROVISIONED: Final = re.compile(
    r"b-[1-9][0-9]*(?P<public>-public)?\."
    r"(?P<name>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.[a-z0-9]{6}\.c(?P<cell>[1-9][0-9]*)"
    rf"\.kafka\.{_REGION}:(?P<port>[0-9]+)"
)
"""The address of a broker."""

SERVERLESS: Final = re.compile(
    rf"boot-[a-z0-9]{{8}}\.c(?P<cell>[1-9][0-9]*)\.kafka-serverless\.{_REGION}:(?P<port>[0-9]+)"
)
"""The address of a serverless cluster."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_WHOLE: Final = 32
_CELLS: Final = 20
_SERVERLESS_CELLS: Final = 3
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_MOST_NAMED: Final = 3
_STANDARD: Final = ("aws", "amazonaws.com")
_PARTITIONS: Final = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster: `arn`, whether it is serverless, and what its brokers' addresses end in, before the port."""

    arn: str
    serverless: bool
    domain: str

    def bootstrap_servers(self, *, auth: Auth, public: bool, brokers: int, dice: random.Random) -> str:
        """The addresses as an event has them, of three of the brokers and shuffled. Errors: `UsageError`."""
        if auth not in PORTS:
            raise UsageError(f"auth={auth!r}{nearest(str(auth), PORTS)}: there are {', '.join(PORTS)}")
        if self.serverless:
            if auth != "iam" or public:
                raise UsageError(f"auth={auth!r}, public={public}: a serverless cluster has IAM only, inside its VPCs")
            return f"{self.domain}:{PORTS[auth]}"
        if public and auth == "plaintext":
            raise UsageError("public=True: from outside its VPC nobody reaches a cluster without TLS; say auth='iam'")
        if brokers < 1:
            raise UsageError(f"brokers={brokers}: a cluster has at least one")
        port = PORTS[auth] + (_PUBLIC if public else 0)
        named = dice.sample(range(1, brokers + 1), min(brokers, _MOST_NAMED))
        return ",".join(f"b-{number}{'-public' if public else ''}.{self.domain}:{port}" for number in named)


@lru_cache
def cluster_of(cluster: str, region: str, account: str, *, serverless: bool) -> Cluster:
    """The cluster that is given by name or ARN. Errors: `UsageError`.

    What the name does not say is derived from it, whatever the seed: the same cluster has the same ARN in every event.
    """
    arn = cluster if cluster.startswith("arn:") else _arn_of(cluster, region, account, serverless=serverless)
    parts = arn.split(":", 5)
    found = CLUSTER.fullmatch(parts[-1])
    if found is None or len(parts) != 6 or parts[2] != "kafka":  # noqa: PLR2004 - arn:P:S:R:A:rest
        raise UsageError(
            f"cluster={cluster!r} is no cluster: write a name of 1 to 64 letters, digits and hyphens, or an ARN such "
            "as arn:aws:kafka:us-east-1:123456789012:cluster/orders/1cbf212b-3937-4536-a3b0-c09868d7e5f5-4"
        )
    if serverless and not found["serverless"]:
        raise UsageError(f"serverless=True, but cluster={cluster!r} is a provisioned one: its ARN would end in -s1")
    region, cell = parts[3], int(found["cell"])
    if _REGION_NAME.fullmatch(region) is None or _ACCOUNT.fullmatch(parts[4]) is None:
        raise UsageError(f"{arn}: region={region!r} and account={parts[4]!r} are to be such as us-east-1 and 12 digits")
    dice = Identifiers(0).stream(arn)
    suffix = _partition(region)[1]
    if found["serverless"]:
        domain = f"boot-{_drawn(dice, 8)}.c{cell}.kafka-serverless.{region}.{suffix}"
    else:
        domain = f"{host_name(found['name'], cell)}.{_drawn(dice, 6)}.c{cell}.kafka.{region}.{suffix}"
    return Cluster(arn=arn, serverless=bool(found["serverless"]), domain=domain)


def host_name(name: str, cell: int, *, hyphens: bool = False) -> str:
    """What is left of a cluster's name in its brokers' addresses. `hyphens`: the cluster is from before 2021."""
    kept = name.lower() if hyphens else name.lower().replace("-", "")
    return kept[: _WHOLE - len(f".xxxxxx.c{cell}")]


def _arn_of(name: str, region: str, account: str, *, serverless: bool) -> str:
    start = f"arn:{_partition(region)[0]}:kafka:{region}:{account}:cluster/{name}/"
    identifiers = Identifiers(0)
    cell = identifiers.stream(start).randint(1, _SERVERLESS_CELLS if serverless else _CELLS)
    return f"{start}{identifiers.uuid4(start)}-{'s' if serverless else ''}{cell}"


def _partition(region: str) -> tuple[str, str]:
    """The partition of AWS, and what its addresses end in."""
    return next((found for start, found in _PARTITIONS.items() if region.startswith(f"{start}-")), _STANDARD)


def _drawn(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(_LETTERS, k=count))
