"""ministack: an emulator of AWS, a process of its own on real time, that runs a function on a queue without Docker."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.peers.environments import python_of
from benchmarks.peers.handlers import package

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "ministack"
_SECONDS = 30


@contextmanager
def emulator() -> Iterator[str | None]:
    """Its address, while it runs; None where it is not installed."""
    python = python_of(NAME)
    if python is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"GATEWAY_PORT": str(port), "HOME": home}
        command = [str(python), "-m", "ministack"]
        with subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _await(url, process)
                yield url
            finally:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, so that it ends its own processes; make it, when it does not."""
    process.terminate()
    try:
        process.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own process
        except urllib.error.HTTPError:  # it answers, and that is all that is asked
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("ministack does not answer")


class Emulated:
    """The queue `orders` with its dead-letter queue and a mapping to the handler, in an emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.sqs = _client("sqs", url)
        functions = _client("lambda", url)
        functions.create_function(
            FunctionName="orders",
            Runtime="python3.11",
            Role="arn:aws:iam::000000000000:role/orders",
            Handler="app.handler",
            Code={"ZipFile": package()},
        )
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        attributes = {
            "VisibilityTimeout": "30",
            "RedrivePolicy": f'{{"deadLetterTargetArn": "{self._arn(self.dead)}", "maxReceiveCount": "3"}}',
        }
        self.queue = self.sqs.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
        functions.create_event_source_mapping(
            EventSourceArn=self._arn(self.queue),
            FunctionName="orders",
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def _arn(self, url: str) -> str:
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(asked["Attributes"]["QueueArn"])

    def count(self, url: str) -> int:
        """Messages in a queue, those in flight among them."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def await_count(self, url: str, expected: int, *, most: float) -> None:
        """Ask again and again, until so many messages are there; an error after `most` seconds."""
        end = time.monotonic() + most
        while self.count(url) != expected:
            if time.monotonic() > end:
                raise RuntimeError(f"not {expected} messages in {url} after {most} seconds")
            time.sleep(0.01)


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
