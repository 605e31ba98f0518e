"""What other services put into a queue, as they write it. The law: moto decides what is delivered; the envelope around
it gets the form that captures show, and no body of the user's own making is touched.

Forms: docs/fidelity.md, "Nested envelopes". Which service delivers is told by the module that calls moto's SQS.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.messages import content_deduplication_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["Delivered", "delivery"]

_ROOM = __name__.rpartition(".")[0]

# unique ids of the services' own principals, from captures; one for a region that nobody captured is made up
_SENDERS = {
    ("events", "us-east-1"): "AIDAJXNJGGKNS7OSV23OI",
    ("s3", "eu-west-1"): "AIDAJQOC3SADRY5PEMBNW",
    ("s3", "us-east-1"): "AIDAJHIPRHEMV73VRJEBU",
    ("sns", "eu-west-1"): "AIDAISMY7JYY5F7RTT6AO",
    ("sns", "us-west-2"): "AIDAIYLAVTDLUXBIEIX46",
}

_SNS_KEYS = (
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
    "UnsubscribeURL",
)
_EVENT_KEYS = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")


class Delivered(NamedTuple):
    """A message as it reaches the queue; `sender_id` None is the caller's own.

    `deduplication_id` is what SNS gives to a FIFO queue when the publisher gave none.
    """

    body: str
    attributes: Mapping[str, Any]
    sender_id: str | None
    deduplication_id: str | None = None


def delivery(surface: MotoSurface, queue: Any, body: str, attributes: Mapping[str, Any]) -> Delivered:
    """What arrives in `queue` when moto sends it `body`."""
    caller = _caller()
    known = _SERVICES.get(caller.f_globals.get("__name__", "")) if caller is not None else None
    if known is None or caller is None:
        return Delivered(body, attributes, None)
    service, envelope = known
    sender_id = _SENDERS.get((service, queue.region)) or surface.identifiers.principal(
        "AIDA", f"sender/{service}/{queue.region}"
    )
    if service == "sns":
        deduplication_id = _of_content(caller)
        if _is_raw(caller.f_locals.get("self")):
            return Delivered(body, _raw_attributes(attributes), sender_id, deduplication_id)
        return Delivered(envelope(surface, queue, body, caller), attributes, sender_id, deduplication_id)
    return Delivered(envelope(surface, queue, body, caller), attributes, sender_id)


def _of_content(caller: FrameType) -> str | None:
    """A topic with ContentBasedDeduplication hashes the message, not the envelope around it (recorded)."""
    topic = getattr(caller.f_locals.get("self"), "topic", None)
    if str(getattr(topic, "content_based_deduplication", None)).lower() != "true":
        return None
    return content_deduplication_id(str(caller.f_locals.get("message")))


def _is_raw(subscription: Any) -> bool:
    """RawMessageDelivery is a bool in new versions of moto, and a text in old ones."""
    return str(getattr(subscription, "attributes", {}).get("RawMessageDelivery")).lower() == "true"


def _caller() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_ROOM):
        frame = frame.f_back
    return frame


def _time(surface: MotoSurface) -> str:
    """The present, with milliseconds and Z; versions of moto differ here."""
    return surface.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _raw_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Raw delivery turns attributes into message attributes; moto leaves binary ones as base64 text."""
    return {
        name: {**value, "BinaryValue": base64.b64decode(value["BinaryValue"])}
        if isinstance(value.get("BinaryValue"), str)
        else value
        for name, value in attributes.items()
    }


def _sns(surface: MotoSurface, queue: Any, body: str, caller: FrameType) -> str:
    """SNS prints its notification: two spaces, ` : `, attributes one to a line.

    Moto's signature and certificate differ from run to run, so they are replaced by seeded ones of the same form.
    """
    notification = json.loads(body)
    ids = surface.identifiers
    host = f"https://sns.{queue.region}.amazonaws.com/"
    notification["Timestamp"] = _time(surface)
    notification["SignatureVersion"] = "1"
    notification["Signature"] = base64.b64encode(ids.stream("sns/signature").randbytes(256)).decode("ascii")
    notification["SigningCertURL"] = f"{host}SimpleNotificationService-{ids.hex(32, 'sns/certificate')}.pem"
    subscription = caller.f_locals["self"]  # moto's own link names a subscription that does not exist
    notification["UnsubscribeURL"] = f"{host}?Action=Unsubscribe&SubscriptionArn={subscription.arn}"
    lines = [f'  "{key}" : {_text(notification[key])}' for key in _SNS_KEYS if key in notification]
    attributes = notification.get("MessageAttributes")
    if attributes:
        inner = ",\n".join(f"    {_text(name)} : {compact(value)}" for name, value in attributes.items())
        lines.append(f'  "MessageAttributes" : {{\n{inner}\n  }}')
    return "{\n" + ",\n".join(lines) + "\n}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _s3(surface: MotoSurface, _queue: Any, body: str, _caller: FrameType) -> str:
    """S3 writes compactly, and says more than moto does: who, from where, and the order of writes."""
    event = json.loads(body)
    if event.get("Event") == "s3:TestEvent":
        event["Time"] = _time(surface)
        event["RequestId"] = _request_id(surface)
        event["HostId"] = _host_id(surface)
        return compact(event)
    return compact({"Records": [_s3_record(surface, record) for record in event["Records"]]})


def _s3_record(surface: MotoSurface, record: Mapping[str, Any]) -> dict[str, Any]:
    s3 = record["s3"]
    surface.sequence += 1
    # hex digits that rise with each write: seconds, then a count
    sequencer = f"00{surface.clock.now_ms // 1000:08X}{surface.sequence & 0xFFFFFFFF:08X}"
    return {
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "eventTime": _time(surface),
        "eventName": record["eventName"],
        "userIdentity": {"principalId": f"AWS:{surface.sender_id}"},
        "requestParameters": {"sourceIPAddress": "203.0.113.10"},  # of the range for documentation, RFC 5737
        "responseElements": {"x-amz-request-id": _request_id(surface), "x-amz-id-2": _host_id(surface)},
        "s3": {
            "s3SchemaVersion": s3["s3SchemaVersion"],
            "configurationId": s3["configurationId"],
            "bucket": {
                "name": s3["bucket"]["name"],
                "ownerIdentity": {"principalId": surface.owner_id},
                "arn": s3["bucket"]["arn"],
            },
            "object": {**s3["object"], "sequencer": sequencer},
        },
    }


def _letters(surface: MotoSurface, count: int, purpose: str) -> str:
    return "".join(surface.identifiers.stream(purpose).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=count))


def _request_id(surface: MotoSurface) -> str:
    return _letters(surface, 16, "s3/request")


def _host_id(surface: MotoSurface) -> str:
    return base64.b64encode(surface.identifiers.stream("s3/host").randbytes(56)).decode("ascii")


def _events(_surface: MotoSurface, queue: Any, body: str, _caller: FrameType) -> str:
    """EventBridge writes compactly, in its order; an input of the target's own choosing keeps its order."""
    event = json.loads(body)
    if isinstance(event, dict) and {"detail-type", "source", "detail"} <= event.keys():
        event.setdefault("account", queue.account_id)  # moto's template leaves it out
        known = {key: event[key] for key in _EVENT_KEYS if key in event}
        event = {**known, **{key: value for key, value in event.items() if key not in known}}
    return compact(event)


_SERVICES: dict[str, tuple[str, Callable[[MotoSurface, Any, str, FrameType], str]]] = {
    "moto.events.models": ("events", _events),
    "moto.s3.notifications": ("s3", _s3),
    "moto.sns.models": ("sns", _sns),
}
