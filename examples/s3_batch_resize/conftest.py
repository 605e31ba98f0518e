"""What the account has: a bucket with photos, a manifest that lists them, and a bucket for the report."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

PHOTOS = {
    "2025/beach day.jpg": b"IMAGE: sand, sea, and a dog that will not sit still",
    "2025/hills.jpg": b"IMAGE: green, and a sheep",
    "2025/notes.txt": b"buy milk",
}


@pytest.fixture
def s3(lambda_events: Any) -> Any:
    """The buckets, in moto."""
    client = boto3.client("s3", region_name="us-east-1")
    for bucket in ("photos", "jobs"):
        client.create_bucket(Bucket=bucket)
    for key, body in PHOTOS.items():
        client.put_object(Bucket="photos", Key=key, Body=body)
    rows = [f"photos,{key.replace(' ', '%20')}\n" for key in PHOTOS]
    client.put_object(Bucket="jobs", Key="manifests/photos.csv", Body="".join(rows).encode())
    return client


@pytest.fixture
def resize_job(s3: Any, s3_batch_job: Any) -> Any:
    """The job as it would be created, with another handler for each test."""

    def make(handler: Any) -> Any:
        return s3_batch_job(
            handler,
            manifest="s3://jobs/manifests/photos.csv",
            report={"Bucket": "arn:aws:s3:::jobs", "Prefix": "reports", "ReportScope": "AllTasks"},
            function={"Timeout": 10},
        )

    return make
