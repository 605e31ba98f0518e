"""S3 Batch Operations' event: the JSON that the function gets. The law: key by key as captured on AWS.

Written as text, because text is what is sent. Captures and rules: docs/sources.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.batch_task import S3BatchTask

__all__ = ["S3BatchEventShape", "SchemaVersion"]

SchemaVersion = Literal["1.0", "2.0"]
"""InvocationSchemaVersion of the job: 2.0 has the bucket's name instead of its ARN, and the job's arguments."""

_quoted: Callable[[str], str] = encode_basestring


class S3BatchEventShape:
    """What a job needs to make events of its tasks."""

    def __init__(
        self, schema: SchemaVersion, *, job_id: str, partition: str = "aws", user_arguments: Mapping[str, str]
    ) -> None:
        job = f'"id":{_quoted(job_id)}'
        if schema == "1.0":
            self._bucket = f'"s3BucketArn":"arn:{partition}:s3:::'
        else:
            job += f',"userArguments":{compact(dict(user_arguments))}'
            self._bucket = '"s3Bucket":"'
        self._start = f'{{"invocationSchemaVersion":"{schema}","invocationId":"'
        self._job = f'","job":{{{job}}},"tasks":['

    def record_text(self, record: S3BatchTask) -> str:
        """One task as compact JSON. The key is URL-encoded: blanks as `+`, slashes as they are (recorded on AWS)."""
        version = "null" if record.version_id is None else _quoted(record.version_id)
        return (
            f'{{"taskId":"{record.id}",{self._bucket}{record.bucket}","s3Key":"{quote_plus(record.key, safe="/")}",'
            f'"s3VersionId":{version}}}'
        )

    def event_text(self, record_text: str, invocation_id: str) -> str:
        """The event around the one task that an invocation has."""
        return f"{self._start}{invocation_id}{self._job}{record_text}]}}"
