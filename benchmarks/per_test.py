"""What one test pays, warm: our queue, DLQ, mapping and a client of the user's, against bare moto and freezegun."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
from freezegun import freeze_time
from moto import mock_aws

from benchmarks.measure import Bar, compared, seconds
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


def _handler(_event: Any, _context: Any) -> None:
    pass


def _bare() -> None:
    with mock_aws(), freeze_time("2025-01-01"):
        boto3.client("sqs")


def _ours(*, client: bool) -> None:
    with Harness() as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=3)
        aws.event_source_mapping(queue, _handler)
        if client:
            boto3.client("sqs")


def run() -> Iterator[Bar]:
    """After three warm-up rounds of each; CPU time."""
    for _ in range(3):
        _bare()
        _ours(client=True)
    ours, bare = compared(lambda: _ours(client=True), _bare, times=10)
    alone = seconds(lambda: _ours(client=False), times=10, cpu=True)
    detail = f"{ours * 1000:.1f} ms against {bare * 1000:.1f} ms"
    yield Bar(what="with a client, against bare moto and freezegun", measured=ours / bare, most=1, detail=detail)
    yield Bar(what="without a client", measured=alone * 1000, most=15, unit=" ms")
