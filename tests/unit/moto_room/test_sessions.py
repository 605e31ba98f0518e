"""Quick sessions: what is shared, and what is the user's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import botocore.handlers
import botocore.session
import pytest

from pytest_lambda_events.brokers.moto import sessions

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface


def loader_of(session: boto3.Session) -> object:
    return session._session.get_component("data_loader")


def test_sessions_share_what_was_read_and_nothing_else(surface: MotoSurface) -> None:
    first, second = boto3.Session(), boto3.Session()
    assert loader_of(first) is not loader_of(second)
    assert loader_of(first)._cache is loader_of(second)._cache
    assert loader_of(first).search_paths == loader_of(second).search_paths
    assert loader_of(first).search_paths is not loader_of(second).search_paths


def test_a_data_path_of_the_user_s_own_is_read(surface: MotoSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", "somewhere")
    assert "somewhere" in loader_of(boto3.Session()).search_paths


def test_the_default_session_is_a_whole_one(surface: MotoSurface) -> None:
    """Its handlers are those that botocore gives every session, each time anew."""
    for _ in range(2):
        boto3.setup_default_session()
        client = boto3.client("sqs")
        assert client.meta.region_name == "eu-west-1"
        assert client.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert "Boto3/" in client.meta.config.user_agent
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x"
    assert boto3.resource("sqs").create_queue(QueueName="q").url.endswith("/q")


def test_handlers_of_one_session_are_not_another_s(surface: MotoSurface) -> None:
    seen: list[str] = []
    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("before-call.sqs.ListQueues", lambda **_: seen.append("first"))
    boto3.client("sqs").list_queues()
    boto3.setup_default_session()
    boto3.client("sqs").list_queues()
    assert seen == ["first"]


def test_handlers_that_libraries_add_are_there(surface: MotoSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("sqs")
    seen: list[str] = []
    added = [*botocore.handlers.BUILTIN_HANDLERS, ("before-call", lambda **_: seen.append("added"))]
    for module in (botocore.handlers, botocore.session.handlers):
        monkeypatch.setattr(module, "BUILTIN_HANDLERS", added)
    boto3.setup_default_session()
    boto3.client("sqs").list_queues()
    assert seen == ["added"]


def test_a_default_session_with_options_is_boto3_s_own(surface: MotoSurface) -> None:
    boto3.setup_default_session(region_name="us-east-2")
    assert boto3.client("sqs").meta.region_name == "us-east-2"


def test_a_botocore_without_the_emitter_is_slower_and_right(
    surface: MotoSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_emitter", None)
    make = botocore.session.Session

    class Other(make):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            del self._original_handler

    monkeypatch.setattr(botocore.session, "Session", Other)
    assert boto3.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert sessions._emitter is None


@pytest.mark.parametrize("name", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_the_region_is_set_when_the_environment_has_none(
    idle_surface: MotoSurface, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    idle_surface.start()
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"
    idle_surface.stop()
    assert "AWS_DEFAULT_REGION" not in os.environ
    monkeypatch.setenv(name, "us-west-1")
    idle_surface.start()
    assert os.environ[name] == "us-west-1"
    idle_surface.stop()
    assert os.environ[name] == "us-west-1"
