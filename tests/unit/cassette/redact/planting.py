"""Secrets, ways to wrap them, events that carry them, and a search for them that knows nothing of how we redact."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import urllib.parse
import zlib
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.envelopes import cloudwatch_logs, eventbridge, sns
from pytest_lambda_events.events import (
    activemq_event,
    documentdb_event,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    msk_event,
    rabbitmq_event,
    sqs_event,
    sqs_fifo_event,
)
from pytest_lambda_events.model.aggregated import UserRecord, aggregated, deaggregated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# put together here, so that nobody's scanner takes this file for a leak
_PEM = "-----{} RSA " + "PRIVATE KEY-----"
_GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
_SLACK = "xoxb-" + "17653672481-19874698323"

# what must not survive, and the text that it stands in
SECRETS: dict[str, tuple[str, str]] = {
    "account": ("601427279990", "arn:aws:sqs:eu-west-1:601427279990:orders"),
    "account in a URL": ("601427279991", "https://sqs.eu-west-1.amazonaws.com/601427279991/orders"),
    "account in a host": ("601427279992", "601427279992.dkr.ecr.eu-west-1.amazonaws.com/app:1"),
    "user of IAM": ("jane.doe", "arn:aws:iam::601427279990:user/admins/jane.doe"),
    "session": ("jane-session", "arn:aws:sts::601427279990:assumed-role/Admin/jane-session"),
    "email": ("jane.doe+x@corp-mail.com", "write to jane.doe+x@corp-mail.com, please"),
    "documentation's email": ("jane.doe@example.com", "jane.doe@example.com"),
    "access key": ("AKIA2E0A8F3B244C9986", "key AKIA2E0A8F3B244C9986 was used"),
    "documentation's key": ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    "secret key": (
        "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",
        "aws_secret_access_key = kWcrlUX5JEDGM/LtmEENI+aVmYvHNif5zB+d9+ct",
    ),
    "IAM id": ("AROAYYB64AB3LSVUYFP5T", "AROAYYB64AB3LSVUYFP5T:session-of-jane"),
    "JWT": (
        "dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ),
    "bearer": ("mF_9.B5f-4.1JqMsE7kd92", "Authorization: Bearer mF_9.B5f-4.1JqMsE7kd92"),
    "basic": ("amFuZTpodW50ZXIyMg", "Basic amFuZTpodW50ZXIyMg=="),
    "GitHub": (_GITHUB, f"token {_GITHUB}"),
    "Slack": (_SLACK, f"{_SLACK}-pdFZKVeTuE8sk7oOcBrzbqgy"),
    "URL": ("hunter-two-2", "postgres://app:hunter-two-2@db.internal/orders"),
    "assignment": ("hunter-three-3", "login failed for password=hunter-three-3&user=1"),
    "private key": (
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA",
        f"{_PEM.format('BEGIN')}\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\n{_PEM.format('END')}\n",
    ),
    "receipt handle": ("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a" * 4, "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a" * 4),
    "request": (
        "79104efb-640b-4b3a-9b1b-1d2b5f2f2b3a",
        "START RequestId: 79104efb-640b-4b3a-9b1b-1d2b5f2f2b3a Version: 1",
    ),
    "broker": ("arylnm", "b-6.orders.arylnm.c2.kafka.ca-central-1.amazonaws.com:9094"),
}

NAMED: dict[str, str] = {
    "password": "correct horse",
    "clientSecret": "d41d8cd9",
    "refresh_token": "r-1234",
    "x-api-key": "abc",
    "accountId": "601427279993",
    "requestId": "b0f7a9e2-5d0c-5e3f-8f1f-0a2b3c4d5e6f",
}
"""Secret by their names."""


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "sentence": lambda text: f"he said ({text}) and left",
    "json": lambda text: json.dumps({"a": {"b": [1.50, "x", {"c": text}]}}, indent=1),
    "json in json": lambda text: json.dumps({"Message": json.dumps({"deep": json.dumps([text])})}),
    "a line each": lambda text: f"{json.dumps({'a': text})}\n{json.dumps({'b': [text]})}\n",
    "key": lambda text: json.dumps({text: True}),
    "sns": lambda text: str(sns(json.dumps({"note": text}))),
    "sns message attribute": lambda text: str(sns("x", message_attributes={"note": text})),
    "eventbridge": lambda text: str(eventbridge({"note": text})),
    "base64": lambda text: json.dumps({"data": _base64(f"this is {text}".encode())}),
    "base64 url": lambda text: base64.urlsafe_b64encode(f"??>>{text}".encode()).decode().rstrip("="),
    "gzip": lambda text: json.dumps({"data": _base64(_gzip(json.dumps({"n": text}).encode()))}),
    "base64 of base64": lambda text: _base64(_base64(f"so {text}".encode()).encode()),
    "logs": lambda text: _base64(bytes(cloudwatch_logs(text, f"more {text}"))),
    "url": lambda text: f"https://x.test/?q={urllib.parse.quote(text, safe='')}",
}


def binary_record(text: str) -> bytes:
    """Bytes that are no text, with a length before the text, as Avro has it."""
    data = text.encode()
    return b"\xff\xfe\x00" + len(data).to_bytes(2, "big") + data + b"\x80"


def carriers(text: str) -> dict[str, tuple[str, Any]]:
    """Events that carry a text in every place that can hold one, by name: source and event."""
    attributes = {"note": text, "raw": text.encode()}
    several = aggregated([UserRecord(data=text.encode(), partition_key="a"), UserRecord(data=b"x", partition_key="b")])
    item = {"id": "1", "text": text, "list": [text, {"m": text}], "set": {text, "other"}, "raw": text.encode()}
    document = {"_id": "1", "text": text, "list": [{"d": text}]}
    return {
        "sqs body": ("sqs", sqs_event(text)),
        "sqs attributes": ("sqs", sqs_event("x", message_attributes=attributes)),
        "fifo body": ("sqs_fifo", sqs_fifo_event(text)),
        "kinesis data": ("kinesis", kinesis_event(text)),
        "kinesis gzip": ("kinesis", kinesis_event(_gzip(text.encode()))),
        "kinesis aggregate": ("kinesis", kinesis_event(several)),
        "dynamodb": ("dynamodb", dynamodb_event(item, event_name="MODIFY", old={**item, "n": 1})),
        "activemq data": ("activemq", activemq_event(text)),
        "activemq properties": ("activemq", activemq_event("x", properties={"note": text}, correlation_id=text)),
        "rabbitmq data": ("rabbitmq", rabbitmq_event(text)),
        "rabbitmq headers": ("rabbitmq", rabbitmq_event("x", headers={"note": text, "table": {"deep": text}})),
        "kafka value": ("kafka", kafka_event(text)),
        "kafka headers": ("kafka", kafka_event("x", key=text, headers={"note": text})),
        "msk value": ("msk", msk_event(text)),
        "documentdb": ("documentdb", documentdb_event(document)),
        "documentdb update": (
            "documentdb",
            documentdb_event({**document, "n": 2}, operation="update", changes={"text": text, "a.b": text}),
        ),
    }


def survivors(value: Any, *secrets: str) -> Iterator[str]:
    """Which of these are still to be found: in texts, in what they are when decoded, in bytes, in keys."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from survivors(key, *secrets)
            yield from survivors(one, *secrets)
    elif isinstance(value, list):
        if value and all(type(one) is int and -128 <= one <= 255 for one in value):
            yield from survivors(bytes(one & 255 for one in value), *secrets)
        for one in value:
            yield from survivors(one, *secrets)
    elif isinstance(value, str):
        yield from _in_text(value, secrets)
    elif isinstance(value, bytes):
        yield from _in_bytes(value, secrets)


def _in_text(text: str, secrets: tuple[str, ...]) -> Iterator[str]:
    plain = urllib.parse.unquote(text)
    yield from (f"{secret} in {text[:200]}" for secret in secrets if secret in text or secret in plain)
    for candidate in {text, *text.replace('"', " ").split()}:
        padded = candidate.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            data = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data and len(candidate) > 8:
            yield from _in_bytes(data, secrets)
    if text[:1] in ("{", "[", '"'):
        try:
            inner = json.loads(text)
        except ValueError:
            return
        if inner != text:
            yield from survivors(inner, *secrets)


def _in_bytes(data: bytes, secrets: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{secret} in {data[:200]!r}" for secret in secrets if secret.encode() in data)
    if data[:2] == b"\x1f\x8b":
        try:
            yield from _in_bytes(zlib.decompress(data, 31), secrets)
        except zlib.error:
            return
    for record in deaggregated(data) or ():
        yield from _in_bytes(record.data, secrets)
    try:
        yield from _in_text(data.decode(), secrets)
    except UnicodeDecodeError:
        return


ALL_TOGETHER = "\n".join(text for _, text in SECRETS.values())

__all__ = ["ALL_TOGETHER", "NAMED", "SECRETS", "WRAPPINGS", "binary_record", "carriers", "survivors"]
