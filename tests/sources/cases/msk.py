"""How events of Amazon MSK may vary: as those of self-managed Kafka, and in the cluster."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from pytest_lambda_events.events import msk_event

KAFKA = runpy.run_path(str(Path(__file__).with_name("kafka.py")))
TIME = "2025-01-01T00:00:00Z"
ARN = "arn:aws:kafka:us-west-2:210987654321:cluster/MSKWorkshopCluster/a93759a9-c9d0-4952-984c-492c6bfa2be8-13"


def plain() -> Any:
    """Two records without key and headers."""
    return msk_event({"order": 1}, "text", time=TIME)


def everything() -> Any:
    """All that may stand beside a value, from a large cluster that is named by its ARN."""
    return msk_event(
        {"order": 1},
        None,
        b"\xff\x00",
        topic="shop.orders-v2",
        cluster=ARN,
        auth="scram",
        brokers=6,
        key=lambda number: ("ada", "bela", None)[number],
        headers=[("trace", b"\x76\xdc\x00\x7f\x80"), ("kind", "é"), ("kind", "")],
        partitions=3,
        key_schema=lambda number: None if number == 2 else KAFKA["AVRO"],
        time=TIME,
    )


def serverless() -> Any:
    """One address, and IAM."""
    return msk_event("a", serverless=True, region="eu-west-3", time=TIME)


def public() -> Any:
    """From outside the cluster's VPC, in China."""
    return msk_event("a", cluster="Shop-Events", region="cn-north-1", auth="tls", public=True, time=TIME)


def _arn_of(event: Any, old: str, new: str) -> None:
    event["eventSourceArn"] = event["eventSourceArn"].replace(old, new)


def _another_region(event: Any) -> None:
    _arn_of(event, event["eventSourceArn"].split(":")[3], "ap-south-1")


def _another_cell(event: Any) -> None:
    event["eventSourceArn"] += "0"


def _the_other_kind(event: Any) -> None:
    start, _, cell = event["eventSourceArn"].rpartition("-")
    event["eventSourceArn"] = f"{start}-{cell[1:] if cell.startswith('s') else f's{cell}'}"


def _another_cluster(event: Any) -> None:
    if "boot-" not in event["bootstrapServers"]:
        _arn_of(event, "cluster/", "cluster/x")


def _a_printed_cluster(event: Any) -> None:
    parts = event["eventSourceArn"].split("/")
    event["eventSourceArn"] = "/".join((*parts[:2], "751d2973-a626-431c-9d4e-d7975eb44dd7-2"))


def _another_port(event: Any) -> None:
    event["bootstrapServers"] = event["bootstrapServers"].rpartition(":")[0] + ":9099"


def _ports_of_outside(event: Any) -> None:
    servers = event["bootstrapServers"]
    event["bootstrapServers"] = (
        servers.replace("-public", "") if "-public" in servers else servers.replace(":90", ":91")
    )


def _two_clusters(event: Any) -> None:
    servers = event["bootstrapServers"].split(",")
    if len(servers) > 1:
        name, letters, rest = servers[1].split(".", 2)
        event["bootstrapServers"] = f"{servers[0]},{name}.{letters}.abcdef.{rest.partition('.')[2]}"


def _brokers_of_elsewhere(event: Any) -> None:
    event["bootstrapServers"] = "broker-1.example.com:9092"


MORE = {
    **KAFKA["OF_RECORDS"],
    "an ARN of another region": (_another_region, "bootstrapServers"),
    "an ARN of another cell": (_another_cell, "bootstrapServers"),
    "an ARN of the other kind": (_the_other_kind, "bootstrapServers"),
    "an ARN of another name": (_another_cluster, "bootstrapServers"),
    "the documentation's cluster": (_a_printed_cluster, "eventSourceArn"),
    "a port of nobody": (_another_port, "bootstrapServers"),
    "a port of the other side": (_ports_of_outside, "bootstrapServers"),
    "brokers of two clusters": (_two_clusters, "bootstrapServers"),
    "brokers of another service": (_brokers_of_elsewhere, "bootstrapServers"),
}

EVENTS = {"plain": plain, "everything": everything, "serverless": serverless, "public": public}
OPTIONAL = KAFKA["OPTIONAL"]
FREE = KAFKA["FREE"]
PRINTED = KAFKA["PRINTED"] | {"bootstrapServers"}
DERIVED = KAFKA["DERIVED"] | {"eventSourceArn", "bootstrapServers"}
