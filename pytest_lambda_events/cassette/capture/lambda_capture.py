"""Captures the events that a Lambda function gets, and what became of them, for `lambda-events capture`.

Written into this application by `lambda-events capture handler`. It needs nothing but Python's standard library (and
boto3, which Lambda has, for S3 and SQS). It is yours: read it, change it, delete it.

    from lambda_capture import capture

    @capture
    def handler(event, context): ...

Nothing is captured until the function's environment says where to:

    LAMBDA_CAPTURE_TO         stdout (the function's log group), file:/tmp/events.jsonl, s3://bucket/prefix, or the URL
                              of an SQS queue (standard)
    LAMBDA_CAPTURE_RATE       the share of invocations to capture, 0 to 1; default 1
    LAMBDA_CAPTURE_MAX_BYTES  what is larger is left out, with a note; default 1000000

The law: the handler never notices. Whatever goes wrong here is a line on stderr, and a target that failed is left alone
for a minute. Events are data of your users: whoever can read the target can read them.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["capture"]

_LINE_BYTES = 250_000  # CloudWatch Logs takes 262,144 bytes in one log event, SQS at least as many in a message
_PAUSE_SECONDS = 60.0


def capture(
    handler: Callable[..., Any] | None = None,
    *,
    to: str | None = None,
    rate: float | None = None,
    max_bytes: int | None = None,
) -> Any:
    """Decorate a handler. What is left out is read from the environment, once, when the function is loaded."""
    if handler is None:
        return functools.partial(capture, to=to, rate=rate, max_bytes=max_bytes)
    try:
        recorder = _recorder(to, rate, max_bytes)
    except Exception as error:  # noqa: BLE001 - the handler never notices
        _complain(error)
        return handler
    if recorder is None:
        return handler
    given = handler

    @functools.wraps(given)
    def captured(event: Any, context: Any = None, *rest: Any, **more: Any) -> Any:
        number = recorder.began(event)
        if number is None:
            return given(event, context, *rest, **more)
        try:
            response = given(event, context, *rest, **more)
        except BaseException as error:
            recorder.ended(number, {"error": {"type": type(error).__name__, "message": _text_of(error)}})
            raise
        recorder.ended(number, {"response": response})
        return response

    return captured


class _Recorder:
    """What decides, writes and forgives."""

    def __init__(self, target: Any, rate: float, max_bytes: int) -> None:
        self._target = target
        self._rate = rate
        self._max_bytes = max_bytes
        self._dice = random.Random(os.urandom(8))  # noqa: S311 - the handler's own random numbers stay as they are
        self._quiet_until = 0.0
        self._waiting: dict[str, list[str]] = {}

    def began(self, event: Any) -> str | None:
        """Note an event before the handler can change it; the invocation's number, None when it is not captured.

        A quick target has it at once, so that an invocation that Lambda ends by its timeout is captured, too.
        """
        try:
            if self._rate < 1 and self._dice.random() >= self._rate:
                return None
            if time.monotonic() < self._quiet_until or self._is_own(event):
                return None
            number = os.urandom(8).hex()
            lines = self._lines(number, {"at": _now()}, "event", event)
            if self._target.quick:
                self._target.write(lines)
            else:
                self._waiting[number] = lines
            return number
        except Exception as error:  # noqa: BLE001 - the handler never notices
            self._failed(error)
            return None

    def ended(self, number: str, outcome: dict[str, Any]) -> None:
        """Note what became of it."""
        try:
            ((key, value),) = outcome.items()
            try:
                lines = self._lines(number, {}, key, value)
            except (TypeError, ValueError, RecursionError) as error:
                # Lambda's runtime cannot send it either, and fails the invocation
                failure = {"type": "Runtime.MarshalError", "message": f"Unable to marshal response: {error}"}
                lines = self._lines(number, {}, "error", failure)
            self._target.write([*self._waiting.pop(number, []), *lines])
        except Exception as error:  # noqa: BLE001 - the handler never notices
            self._failed(error)

    def _is_own(self, event: Any) -> bool:
        """Whether the event comes from the queue that captures go to: each would make another, for ever."""
        own = self._target.queue
        if not own or not isinstance(event, dict):
            return False
        records = event.get("Records")
        record = records[0] if isinstance(records, list) and records else None
        return isinstance(record, dict) and str(record.get("eventSourceARN")).rpartition(":")[2] == own

    def _lines(self, number: str, about: dict[str, Any], key: str, value: Any) -> list[str]:
        text = json.dumps(value, separators=(",", ":"), default=_plain)
        if len(text) > self._max_bytes:
            note = f"{len(text)} bytes of {key}, and LAMBDA_CAPTURE_MAX_BYTES is {self._max_bytes}"
            return [_line({"id": number, **about, "dropped": note})]
        whole = _line({"id": number, **about}, f',"{key}":{text}}}')
        if len(whole) <= _LINE_BYTES:
            return [whole]
        pieces = [whole[at : at + _LINE_BYTES] for at in range(0, len(whole), _LINE_BYTES)]
        return [
            f"{_line({'id': number, 'piece': place, 'of': len(pieces), 'what': key})} {piece}"
            for place, piece in enumerate(pieces, 1)
        ]

    def _failed(self, error: BaseException) -> None:
        self._waiting.clear()
        self._quiet_until = time.monotonic() + _PAUSE_SECONDS
        _complain(error)


def _recorder(to: str | None, rate: float | None, max_bytes: int | None) -> _Recorder | None:
    """What the arguments and the environment ask for; None for nothing."""
    given = os.environ.get("LAMBDA_CAPTURE_TO", "") if to is None else to
    share = float(os.environ.get("LAMBDA_CAPTURE_RATE") or 1) if rate is None else float(rate)
    most = int(os.environ.get("LAMBDA_CAPTURE_MAX_BYTES") or 1_000_000) if max_bytes is None else int(max_bytes)
    if not 0 <= share <= 1:
        raise ValueError(f"the rate is a share from 0 to 1, and not {share}")
    if not given or share == 0:
        return None
    return _Recorder(_target(given), share, most)


def _target(given: str) -> Any:
    if given == "stdout":
        return _Stdout()
    kind, _, rest = given.partition(":")
    if kind == "file" and rest:
        return _File(rest)
    if kind == "s3" and rest.strip("/"):
        return _Bucket(*rest.strip("/").partition("/")[::2])
    if kind in ("http", "https"):
        return _Queue(given)
    raise ValueError(f"LAMBDA_CAPTURE_TO is stdout, file:PATH, s3://BUCKET/PREFIX or a queue's URL, not {given!r}")


# Targets. A quick one has the event before the handler runs, one that is not quick everything after it; `queue` is the
# name of the queue that it is, if it is one.


class _Stdout:
    """Standard output, which Lambda writes to the function's log group."""

    quick, queue = True, ""

    def write(self, lines: list[str]) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


class _File:
    """A file that grows, for functions outside Lambda, and for `/tmp`."""

    quick, queue = True, ""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, lines: list[str]) -> None:
        with open(self._path, "ab") as file:  # noqa: PTH123 - one import less at every cold start
            file.write("".join(f"{line}\n" for line in lines).encode("ascii"))


class _Bucket:
    """An S3 bucket: an object for each invocation."""

    quick, queue = False, ""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = None

    def write(self, lines: list[str]) -> None:
        if self._client is None:
            self._client = _client("s3")
        moment = _now()
        key = f"{self._prefix}{moment[:10].replace('-', '/')}/{moment[11:]}-{os.urandom(4).hex()}.jsonl"
        body = "".join(f"{line}\n" for line in lines).encode("ascii")
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)


class _Queue:
    """A standard SQS queue: a message for each invocation, or several for a large one."""

    quick = False

    def __init__(self, url: str) -> None:
        self.queue = url.rstrip("/").rpartition("/")[2]
        if self.queue.endswith(".fifo"):
            raise ValueError("captures go to a standard queue, not to a FIFO queue")
        self._url = url
        self._client: Any = None

    def write(self, lines: list[str]) -> None:
        if self._client is None:
            host = self._url.split("/")[2].split(".")
            self._client = _client("sqs", host[1] if host[0] == "sqs" and "amazonaws" in host else None)
        for body in _bodies(lines):
            self._client.send_message(QueueUrl=self._url, MessageBody=body)


def _bodies(lines: list[str]) -> Iterator[str]:
    """The lines, as many together as fit into a message."""
    body = ""
    for line in lines:
        if body and len(body) + 1 + len(line) > _LINE_BYTES:
            yield body
            body = line
        else:
            body = f"{body}\n{line}" if body else line
    yield body


def _client(service: str, region: str | None = None) -> Any:
    """A client that gives up soon: it must not cost the handler more than a few seconds, once a minute."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
    return boto3.client(service, region_name=region, config=config)


def _line(about: dict[str, Any], rest: str = "}") -> str:
    return json.dumps({"lambda-events-capture": 1, **about}, separators=(",", ":"))[:-1] + rest


def _plain(value: Any) -> Any:
    """What Lambda's runtime makes of a value that JSON does not have."""
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the handler's own class, and may do anything
        return ""


def _now() -> str:
    now = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"


def _complain(error: BaseException) -> None:
    with contextlib.suppress(Exception):  # there is nobody left to tell
        sys.stderr.write(f"lambda_capture: not captured: {type(error).__name__}: {error}\n")
