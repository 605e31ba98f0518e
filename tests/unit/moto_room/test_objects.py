"""Objects through moto's S3: what boto3 put is read, and what is put is there for boto3."""

from __future__ import annotations

import sys
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pytest_lambda_events.brokers.moto.objects import bucket_exists, get_object, list_keys, put_object


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of moto's S3, with one bucket."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="photos")
        yield client


def test_what_boto3_put_is_read(s3: Any) -> None:
    """The current version, with its ETag."""
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="photos", Key="a b", Body=b"old")
    etag = s3.put_object(Bucket="photos", Key="a b", Body=b"new")["ETag"]
    assert get_object("photos", "a b") == (b"new", etag.strip('"'))
    s3.delete_object(Bucket="photos", Key="a b")
    assert get_object("photos", "a b") is None


def test_what_is_put_is_there_for_boto3(s3: Any) -> None:
    """Under the same key, byte for byte."""
    assert put_object("photos", "a/b", b"\x00\xff")
    assert s3.get_object(Bucket="photos", Key="a/b")["Body"].read() == b"\x00\xff"


def test_keys_are_listed_in_order(s3: Any) -> None:
    """All of them, whatever a page of ListObjects holds."""
    names = [f"{number:04}" for number in range(1_100)]
    for name in reversed(names):
        put_object("photos", name, b"")
    assert list_keys("photos") == names


def test_a_bucket_that_is_not_there_has_nothing(s3: Any) -> None:
    """No object, no keys, and nothing is put."""
    assert bucket_exists("photos")
    assert not bucket_exists("nowhere")
    assert get_object("nowhere", "a") is None
    assert list_keys("nowhere") == []
    assert put_object("nowhere", "a", b"") is False
    assert get_object("photos", "a") is None


def test_another_accounts_bucket_is_found(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of buckets are the world's, not an account's."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    boto3.client("s3", region_name="eu-west-1").create_bucket(
        Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    monkeypatch.delenv("MOTO_ACCOUNT_ID")
    assert put_object("theirs", "a", b"x")
    assert get_object("theirs", "a") is not None


def test_where_nobody_loaded_motos_s3_there_is_no_bucket(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is not loaded to find that out."""
    monkeypatch.delitem(sys.modules, "moto.s3.models")
    assert not bucket_exists("photos")
    assert "moto.s3.models" not in sys.modules
