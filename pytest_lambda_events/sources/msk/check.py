"""Is this an event of Amazon MSK as Lambda sends it? The law: that of `kafka`, and one cluster in ARN and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import text_at
from pytest_lambda_events.model.regions import region_of
from pytest_lambda_events.model.shapes import Arn, Constant, Fields
from pytest_lambda_events.sources.kafka.check import BOOTSTRAP_SERVERS, RECORDS, check_records, check_servers
from pytest_lambda_events.sources.msk.cluster import CLUSTER, PORTS, PROVISIONED, SERVERLESS, host_name

if TYPE_CHECKING:
    import re

    from pytest_lambda_events.model.findings import Report

__all__ = ["EVENT", "check"]

ARN: Final = Arn(
    "kafka", CLUSTER, "arn:aws:kafka:us-east-1:123456789012:cluster/orders/1cbf212b-3937-4536-a3b0-c09868d7e5f5-4"
)
EVENT = Fields(
    always={"eventSource": Constant(("aws:kafka",)), "eventSourceArn": ARN, "records": RECORDS},
    expected={"bootstrapServers": BOOTSTRAP_SERVERS},  # not in events from before 2021
)

_IAM: Final = {str(PORTS["iam"])}
_INSIDE: Final = {str(port) for port in PORTS.values()}
_OUTSIDE: Final = {"9194", "9196", "9198"}
_PRINTED_CLUSTER: Final = "751d2973-a626-431c-9d4e-d7975eb44dd7"


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of Amazon MSK."""
    EVENT.check(event, (), report)
    servers = check_servers(event, report)
    check_records(event, report)
    arn = text_at(event, "eventSourceArn")
    if arn is not None and _PRINTED_CLUSTER in arn:
        report.note(("eventSourceArn",), arn, "a cluster of your own: this one is a documentation sample's")
    found = CLUSTER.fullmatch(arn.split(":", 5)[-1]) if arn is not None else None
    if servers and found is not None:
        _check_addresses(servers, arn, found, report)


def _check_addresses(servers: list[str], arn: str | None, cluster: re.Match[str], report: Report) -> None:
    """The brokers are those of the cluster in the ARN; one note at the most, on the first that is not."""
    text, path = ",".join(servers), ("bootstrapServers",)
    form = SERVERLESS if cluster["serverless"] else PROVISIONED
    addresses = [form.fullmatch(server) for server in servers]
    first = addresses[0]
    if first is None or None in addresses:
        kind, example = ("a serverless", "boot-") if cluster["serverless"] else ("a provisioned", "b-1.")
        report.note(path, text, f"addresses of {kind} cluster ({example}…), as in eventSourceArn")
        return
    expected = _expected(first, arn, cluster)
    if expected is not None:
        report.note(path, text, expected)
    elif len({server.partition(".")[2] for server in servers}) > 1:
        report.note(path, text, "brokers of one cluster, at one port")


def _expected(address: re.Match[str], arn: str | None, cluster: re.Match[str]) -> str | None:
    """What the address of a broker should be; None when it is that."""
    region = region_of(arn)
    if address["region"] != region:
        return f"{region}, the region in eventSourceArn"
    if address["cell"] != cluster["cell"]:
        return f"c{cluster['cell']}, the number at the end of eventSourceArn"
    ports = _IAM if cluster["serverless"] else _OUTSIDE if address["public"] else _INSIDE
    if address["port"] not in ports:
        return f"port {' or '.join(sorted(ports))}"
    if cluster["serverless"]:
        return None
    names = [host_name(cluster["name"], int(cluster["cell"]), hyphens=hyphens) for hyphens in (False, True)]
    return None if address["name"] in names else f"{names[0]}, of the cluster's name in eventSourceArn"
