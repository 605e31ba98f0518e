"""What would be deployed: a thumbnail for the object of each task."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import boto3
from aws_lambda_powertools.utilities.data_classes import S3BatchOperationEvent, S3BatchOperationResponse
from botocore.exceptions import ClientError

BUSY = ("SlowDown", "RequestTimeout", "InternalError")

s3 = boto3.client("s3", region_name="us-east-1")


class BrokenImage(Exception):
    """This is no image."""


def thumbnail(image: bytes) -> bytes:
    """A smaller image; the example's own format, so that it needs no library for real ones."""
    if not image.startswith(b"IMAGE:"):
        raise BrokenImage(f"starts with {image[:6]!r}")
    return image[:16]


def resize(bucket: str, key: str, version_id: str | None) -> str:
    """Put the thumbnail beside the photo; where it is."""
    version = {"VersionId": version_id} if version_id is not None else {}
    image = s3.get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    s3.put_object(Bucket=bucket, Key=f"thumbnails/{key}", Body=thumbnail(image))
    return f"thumbnails/{key}"


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The function's entry point: every task has a result, whatever happens."""
    batch = S3BatchOperationEvent(event)
    task = batch.task
    try:
        code, text = "Succeeded", resize(task.s3_bucket, task.s3_key, task.s3_version_id)
    except BrokenImage as error:
        code, text = "PermanentFailure", f"broken image: {error}"
    except ClientError as error:
        reason = error.response["Error"]["Code"]
        code, text = ("TemporaryFailure" if reason in BUSY else "PermanentFailure"), reason
    return respond(batch, code, text)


def careless_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The same without Powertools, and what is broken is skipped: it has no result."""
    results = []
    for task in event["tasks"]:
        bucket, key = task["s3BucketArn"].rpartition(":")[2], unquote_plus(task["s3Key"])
        try:
            text = resize(bucket, key, task["s3VersionId"])
        except BrokenImage:
            continue
        results.append({"taskId": task["taskId"], "resultCode": "Succeeded", "resultString": text})
    return {
        "invocationSchemaVersion": event["invocationSchemaVersion"],
        "treatMissingKeysAs": "Succeeded",
        "invocationId": event["invocationId"],
        "results": results,
    }


def misspelt_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The same work, reported in a word that S3 does not know."""
    response = handler(event, context)
    response["results"][0]["resultCode"] = "Success"
    return response


def respond(batch: S3BatchOperationEvent, code: Any, text: str) -> dict[str, Any]:
    """One result for the one task; nothing is left to a default."""
    response = S3BatchOperationResponse(batch.invocation_schema_version, batch.invocation_id, "PermanentFailure")
    response.add_result(batch.task.build_task_batch_response(code, text))
    return response.asdict()
