"""What Lambda's poller delivers into moto's resources: a message, a notification, an object. The law: moto's own path,
so that the user's boto3 finds it there and the exact engine takes it; what cannot be delivered is a reason, no error.

Rules: the execution role is the sender, in a session of Lambda's own (recorded); SNS and S3 pass it on as they pass on
what anybody gives them. Permissions are not looked at.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["Delivering"]

_CONTENT_TYPE = "application/octet-stream"  # recorded of the objects that Lambda writes
_ACCOUNT_FIELD, _REGION_FIELD = 4, 3


class Delivering:
    """Deliveries through one harness's moto. Each method gives None, or in one sentence why it did not deliver."""

    def __init__(self, surface: MotoSurface) -> None:
        self._surface = surface

    def send_message(self, queue_arn: str, body: str, *, sender_id: str) -> str | None:
        """Send a message to a queue, now.

        A FIFO queue refuses it: Lambda gives no message group.
        """
        surface = self._surface
        try:
            surface.put(surface.find_queue(queue_arn).queue, body, sender_id=sender_id)
        except Refusal as refusal:
            hint = f" ({refusal.hint})" if refusal.hint else ""
            return f"{queue_arn} did not take it: {refusal.message}{hint}"
        return None

    def publish(self, topic_arn: str, message: str) -> str | None:
        """Publish a notification without a subject and attributes (recorded); its subscribers get it now."""
        backend = _backend("moto.sns.models", "sns_backends", topic_arn)
        if backend is None or topic_arn not in backend.topics:
            return f"there is no topic {topic_arn}"
        try:
            backend.publish(message=message, arn=topic_arn, message_attributes={})
        except ServiceException as refused:
            return f"{topic_arn} did not take it: {refused.message}"
        return None

    def put_object(self, bucket_arn: str, key: str, body: str) -> str | None:
        """Put an object; the bucket's notifications tell of it."""
        bucket = bucket_arn.rpartition(":")[2]
        backends = _loaded("moto.s3.models", "s3_backends")
        partition, account = (None, None) if backends is None else backends.bucket_accounts.get(bucket, (None, None))
        if backends is None or account is None:
            return f"there is no bucket {bucket}"
        put = backends[account][partition].put_object(bucket, key, body.encode("utf-8", "surrogatepass"))
        put.set_metadata({"Content-Type": _CONTENT_TYPE})
        return None


def _loaded(module: str, name: str) -> Any:
    """Moto's backends of a service, None when nobody has used it: then it holds nothing, and importing it is slow."""
    return getattr(sys.modules.get(module), name, None)


def _backend(module: str, name: str, arn: str) -> Any:
    """The backend of an ARN's account and region, None when there is none; asking makes none."""
    fields = arn.split(":")
    regions = (_loaded(module, name) or {}).get(fields[_ACCOUNT_FIELD])
    return None if regions is None else dict.get(regions, fields[_REGION_FIELD])
