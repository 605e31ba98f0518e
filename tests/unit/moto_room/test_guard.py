"""Nothing of AWS leaves the process, whoever made the client and when."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import InstanceMetadataProvider, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, EndpointConnectionError
from botocore.httpsession import URLLib3Session
from botocore.utils import InstanceMetadataFetcher
from moto import mock_aws

from pytest_lambda_events.errors import CallLeftProcess

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})

BEFORE = """
import os, sys
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="none", AWS_SHARED_CREDENTIALS_FILE="none")
import boto3, botocore.session
nobody = boto3.client("sqs", region_name="eu-west-1")
somebody = boto3.client("sqs", region_name="eu-west-1", aws_access_key_id="AKIAREAL", aws_secret_access_key="real")
session = boto3.Session(region_name="eu-west-1")
resource = boto3.resource("sqs", region_name="eu-west-1")
assert "moto" not in sys.modules

import socket
def refuse(*args, **kwargs):
    raise AssertionError("a socket was opened")
socket.socket.connect = refuse
socket.getaddrinfo = refuse

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers
class Journal:
    def __getattr__(self, name):
        return lambda *_: None
surface = MotoSurface(VirtualClock(1735689600000), Journal(), Identifiers(0), "eu-west-1")
calls = []
surface.on_call = calls.append
surface.start()
handle = surface.create_queue("orders", {})
for client in (nobody, somebody, session.client("sqs"), resource.meta.client):
    client.send_message(QueueUrl=handle.url, MessageBody="a")
later = botocore.session.get_session().create_client("sqs")
later.send_message(QueueUrl=handle.url, MessageBody="a")
assert handle.engine.counts(surface.clock.now_ms) == (5, 0, 0), handle.engine.counts(surface.clock.now_ms)
assert calls == ["SQS.SendMessage"] * 5, calls
surface.stop()
try:
    nobody.send_message(QueueUrl=handle.url, MessageBody="a")
except Exception as error:
    print(type(error).__name__)
"""


def test_clients_from_before_moto_are_served_by_moto(tmp_path: Path) -> None:
    """With credentials and without, clients, sessions and resources; and afterwards they are what they were."""
    script = tmp_path / "before.py"
    script.write_text(BEFORE, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "NoCredentialsError\n"


def test_a_call_to_another_endpoint_is_refused(surface: MotoSurface) -> None:
    sqs = boto3.client("sqs", endpoint_url="http://localhost:4566", config=ONE_ATTEMPT)
    with pytest.raises(CallLeftProcess) as caught:
        sqs.list_queues()
    said = str(caught.value)
    assert said.startswith("SQS.ListQueues: POST http://localhost:4566/ would have left the process")
    assert "AWS_ENDPOINT_URL" in said


def test_a_call_to_another_endpoint_of_the_environment_is_refused(
    surface: MotoSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CallLeftProcess, match=r"SQS\.ListQueues: POST http://127\.0\.0\.1:9/"):
        boto3.client("sqs", config=ONE_ATTEMPT).list_queues()


def request(url: str) -> Any:
    return AWSRequest(method="GET", url=url).prepare()


def test_a_service_that_moto_does_not_have_is_refused(surface: MotoSurface) -> None:
    with pytest.raises(CallLeftProcess, match="Moto does not have this service"):
        URLLib3Session().send(request("https://nosuch.eu-west-1.amazonaws.com/"))


def test_what_the_user_lets_through_goes_through(surface: MotoSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    """`passthrough` in mock_aws's own configuration is asking for it."""
    core = {"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1:9/.*"], "services": ["sts"]}}}
    with mock_aws(config=core):
        with pytest.raises(EndpointConnectionError):  # of urllib3, really: nobody listens there
            URLLib3Session().send(request("http://127.0.0.1:9/x"))
        with pytest.raises(CallLeftProcess):
            URLLib3Session().send(request("http://127.0.0.2:9/x"))


def test_the_machine_s_metadata_is_out_of_reach(surface: MotoSurface) -> None:
    """So that a search for credentials goes on elsewhere instead of failing."""
    fetcher = InstanceMetadataFetcher(timeout=1, num_attempts=2)
    assert InstanceMetadataProvider(iam_role_fetcher=fetcher).load() is None


def test_credentials_that_would_have_to_be_fetched_are_not(surface: MotoSurface) -> None:
    import datetime as dt

    def refresh() -> dict[str, Any]:
        raise CredentialRetrievalError(provider="sso", error_msg="nobody is there")

    old = RefreshableCredentials(
        "AKIAREAL", "real", "t", dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc), refresh, "sso"
    )
    client = boto3.client("sqs")
    client._request_signer._credentials = old
    assert client.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_credentials_of_moto_s_own_making_are_kept(surface: MotoSurface) -> None:
    """An assumed role of another account works in that account."""
    role = {"RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "session"}
    given = boto3.client("sts").assume_role(**role)["Credentials"]
    other = boto3.client(
        "sqs",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    url = other.create_queue(QueueName="theirs")["QueueUrl"]
    assert "/111122223333/" in url
    assert surface.find_queue(url).account == "111122223333"


def test_every_call_is_told_once(surface: MotoSurface) -> None:
    calls: list[str] = []
    surface.on_call = calls.append
    handle = surface.create_queue("orders", {})
    surface.send(handle, "a")
    sqs = boto3.client("sqs")
    sqs.receive_message(QueueUrl=handle.url)
    next(iter(sqs.get_paginator("list_queues").paginate()))
    boto3.client("secretsmanager").list_secrets()
    surface.on_call = None
    sqs.list_queues()
    assert calls == ["SQS.ReceiveMessage", "SQS.ListQueues", "Secrets Manager.ListSecrets"]
