"""SQS events without a poller. The law: what the poller would have handed over, on the delivery that is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.sources.sqs.event import SqsEventShape
from pytest_lambda_events.sources.sqs.make import make_message

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["deliver", "queue_arn", "sqs_event"]

_AFTER_REDRIVE: Final = 4  # three receives, the maxReceiveCount that most people have, and the one in the DLQ


def sqs_event(
    *payloads: Any,
    queue: str = "orders",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    receive_count: int | Callable[[int], int] | None = None,
    message_attributes: Mapping[str, Any] | Callable[[int], Mapping[str, Any]] | None = None,
    message_group_id: str | Callable[[int], str] | None = None,
    sender_id: str | Callable[[int], str] | None = None,
    trace_header: str | Callable[[int], str] | None = None,
    dead_letter_source_arn: str | None = None,
    window: bool = False,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """An SQS event of one record for each payload, as Lambda hands it to a function.

    Args:
        payloads: The bodies: `str` and `bytes` as they are, anything else as compact JSON; orders when none is given.
        queue: The queue's name or ARN (an ARN says region and account, too).
        region: The queue's region.
        account: The queue's account, 12 digits.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every id: same seed, same event.
        time: When the messages were sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        receive_count: ApproximateReceiveCount: above 1 it is a redelivery. 1, or 4 from a dead-letter queue.
        message_attributes: Plain values (str, number, bytes), or the API's form with DataType.
        message_group_id: The tenant of a fair queue.
        sender_id: SenderId; an IAM user's when left out.
        trace_header: AWSTraceHeader, of X-Ray.
        dead_letter_source_arn: The message comes from a dead-letter queue, and this is where it was before.
        window: The mapping has a batching window (it shows in md5OfMessageAttributes).
        overrides: What to put at which path when all is derived, e.g. `{"Records[0].awsRegion": "eu-west-1"}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: what AWS answers to SendMessage, as a `ClientError`; `UsageError`.
    """
    arn = queue_arn(queue, region, account)
    if arn.endswith(".fifo"):
        raise UsageError(f"queue={queue!r} is a FIFO queue: sqs_fifo_event makes its events")
    identifiers = Identifiers(seed)
    sent_ms = moment_ms(time)

    def make(number: int, body: Any) -> SqsMessage:
        return make_message(
            body,
            identifiers=identifiers,
            arn=arn,
            sent_ms=sent_ms,
            message_attributes=each(message_attributes, number),
            message_group_id=each(message_group_id, number),
            sender_id=each(sender_id, number),
            trace_header=each(trace_header, number),
        )

    bodies = payloads_of(payloads, count, kind="order", identifiers=identifiers)
    with said_by("SendMessage"):
        messages = [make(number, body) for number, body in enumerate(bodies)]
    # an idle queue hands a message out within 1 to 10 ms
    idle = identifiers.stream(f"idle/{arn}")
    event = deliver(
        SqsEventShape(arn, window=window),
        messages,
        identifiers,
        arn,
        receive_count=receive_count,
        idle_ms=lambda: idle.randint(1, 10),
        dead_letter_source_arn=dead_letter_source_arn,
    )
    return finished(event, overrides)


def queue_arn(queue: str, region: str, account: str) -> str:
    """The ARN of a queue that is given by name or ARN. Errors: `UsageError` for an ARN of another service."""
    if not queue.startswith("arn:"):
        return f"arn:{partition_of(region)}:sqs:{region}:{account}:{queue}"
    if not queue.startswith("arn:aws") or queue.split(":")[2:3] != ["sqs"] or queue.count(":") != 5:  # noqa: PLR2004
        raise UsageError(f"queue={queue!r} is no ARN of a queue; write arn:aws:sqs:us-east-1:123456789012:orders")
    return queue


def deliver(
    shape: SqsEventShape,
    records: Sequence[SqsMessage],
    identifiers: Identifiers,
    arn: str,
    *,
    receive_count: int | Callable[[int], int] | None,
    idle_ms: Callable[[], int],
    dead_letter_source_arn: str | None,
) -> dict[str, Any]:
    """The event of messages that one receive handed out. Errors: `UsageError` for what no receive could be."""
    fewest = 1 if dead_letter_source_arn is None else 2
    if dead_letter_source_arn is not None:
        _check_redrive(dead_letter_source_arn, arn)
    new_handle = identifiers.handle_maker(arn.rpartition(":")[2])
    texts = []
    for number, record in enumerate(records):
        receives = each(receive_count, number)
        if receives is None:
            receives = 1 if dead_letter_source_arn is None else _AFTER_REDRIVE
        if receives < fewest:
            where = "was received at least once" if fewest == 1 else "was received at least once there, and now here"
            raise UsageError(f"receive_count={receives}: a delivered message {where}; give {fewest} or more")
        delivery = _FirstSeen(
            record=record,
            receipt_handle=new_handle(),
            receive_count=receives,
            first_receive_ms=record.sent_timestamp + idle_ms(),
            dead_letter_source_arn=dead_letter_source_arn,
        )
        texts.append(shape.record_text(delivery))
    event: dict[str, Any] = json.loads(shape.event_text(texts))
    return event


def _check_redrive(source: str, arn: str) -> None:
    """A dead-letter queue is in its source's region and account, and of its kind (SQS Developer Guide, DLQs)."""
    alike = source.split(":")[:5] == arn.split(":")[:5] and source.endswith(".fifo") == arn.endswith(".fifo")
    if not alike or source == arn:
        raise UsageError(
            f"dead_letter_source_arn={source!r} cannot be the source of {arn}: a dead-letter queue is another queue of "
            "the same region, account and kind (standard or FIFO)"
        )


@dataclass(slots=True, kw_only=True)
class _FirstSeen:
    """A message as a poller would have received it."""

    record: SqsMessage
    receipt_handle: str | None
    receive_count: int
    first_receive_ms: int | None
    dead_letter_source_arn: str | None
