"""What tests of captures need: AWS over HTTP (moto's server, in a thread), and the command line."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pytest_lambda_events.cassette import load
from pytest_lambda_events.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.cassette import Cassette

# real brokers, as the tests of live mode have them
_spec = importlib.util.spec_from_file_location(
    "live_brokers", Path(__file__).parents[1] / "brokers" / "live" / "conftest.py"
)
_live = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_live)
kafka, rabbitmq, activemq, unique = _live.kafka, _live.rabbitmq, _live.activemq, _live.unique

_numbers = itertools.count(1)


class Endpoint:
    """AWS, as far as a capture sees it: an address, and clients of our own to look behind it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1")

    def unique(self, name: str) -> str:
        """The server is one for all tests of the process: no two use the same names."""
        return f"{name}-{next(_numbers)}"

    def queue(self, *bodies: str, **attributes: str) -> str:
        """The URL of a new queue with these messages."""
        name = self.unique("orders") + (".fifo" if attributes.get("FifoQueue") else "")
        client = self.client("sqs")
        url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        for body in bodies:
            client.send_message(QueueUrl=url, MessageBody=body)
        return url

    def stream(self, *data: bytes, shards: int = 1) -> str:
        """The name of a new Kinesis stream with these records."""
        name, client = self.unique("clicks"), self.client("kinesis")
        client.create_stream(StreamName=name, ShardCount=shards)
        for number, one in enumerate(data):
            client.put_record(StreamName=name, Data=one, PartitionKey=f"key-{number}")
        return name

    def table(self, *items: dict[str, Any]) -> str:
        """The name of a new table with a stream, into which these items were put."""
        name, client = self.unique("table"), self.client("dynamodb")
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for item in items:
            client.put_item(TableName=name, Item=item)
        return name


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return Endpoint(moto_server)


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ended]:
    """Run `lambda-events` with these arguments, in this process and in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        code = main(list(arguments))
        return Ended(code, *capfd.readouterr())

    return run


@pytest.fixture
def captured(cli: Callable[..., Ended], aws: Endpoint, tmp_path: Path) -> Callable[..., Cassette]:
    """Run `lambda-events capture` against the endpoint, without redaction; the cassette that it wrote."""

    def run(*arguments: str) -> Cassette:
        ended = cli("capture", *arguments, "--endpoint-url", aws.url, "--no-redact")
        assert ended.code == 0, ended.err
        return load(tmp_path / ended.out.splitlines()[0])

    return run


def records_of(cassette: Cassette) -> list[Any]:
    """The records of all events, one after the other."""
    return [record for one in cassette.interactions for record in json.loads(json.dumps(one.event))["Records"]]


@pytest.fixture
def records() -> Callable[[Cassette], list[Any]]:
    return records_of


RUNNER = """
import json, os, signal, sys, time
from importlib import import_module
from pytest_lambda_events.cli import main
for name in ("boto3", "botocore.session", *json.loads(sys.argv[1])):
    import_module(name)
for line in sys.stdin:
    folder, arguments, kill_after = json.loads(line)
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1), os.dup2(log, 2)
        os._exit(main(arguments))
    if kill_after is not None:
        time.sleep(kill_after)  # the moment is the point: nothing is waited for
        os.kill(child, signal.SIGKILL)  # it may have ended, and is ours until it is waited for
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([code, time.monotonic() - began]), flush=True)
"""


class Killer:
    """Runs `lambda-events` in processes of their own, forked from one that has imported everything, and kills them.

    So a random moment is one of the capture, and not of Python's start.
    """

    def __init__(self, folder: Path, *modules: str) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, json.dumps(modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, kill_after: float | None = None) -> tuple[int, float]:
        """Its exit code (negative: the signal that ended it), and how long it ran."""
        self._process.stdin.write(json.dumps([str(self.folder), arguments, kill_after]) + "\n")
        self._process.stdin.flush()
        code, seconds = json.loads(self._process.stdout.readline())
        return code, seconds

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def killer(tmp_path: Path) -> Iterator[Callable[..., Killer]]:
    """A `Killer` that has imported these modules, too."""
    made: list[Killer] = []

    def make(*modules: str) -> Killer:
        made.append(Killer(tmp_path, *modules))
        return made[-1]

    yield make
    for one in made:
        one.close()
