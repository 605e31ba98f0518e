"""Events of FIFO queues without a poller. The law: those of `sqs`, with what a FIFO queue adds to each message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.messages import check_deduplication_id, check_group_id, content_deduplication_id
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.model.sequence_numbers import fifo_number
from pytest_lambda_events.sources.sqs.build import deliver, queue_arn
from pytest_lambda_events.sources.sqs.event import SqsEventShape
from pytest_lambda_events.sources.sqs.make import make_message

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["sqs_fifo_event"]

_LARGEST_BATCH: Final = 10  # Lambda Developer Guide, "Using Lambda with Amazon SQS"


def sqs_fifo_event(
    *payloads: Any,
    queue: str = "orders.fifo",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    receive_count: int | Callable[[int], int] | None = None,
    message_group_id: str | Callable[[int], str] | None = None,
    message_deduplication_id: str | Callable[[int], str] | None = None,
    message_attributes: Mapping[str, Any] | Callable[[int], Mapping[str, Any]] | None = None,
    sender_id: str | Callable[[int], str] | None = None,
    trace_header: str | Callable[[int], str] | None = None,
    dead_letter_source_arn: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """An event of a FIFO queue of one record for each payload, with rising sequence numbers.

    Args:
        payloads: The bodies: `str` and `bytes` as they are, anything else as compact JSON; orders when none is given.
        queue: The queue's name, which ends in `.fifo`, or its ARN (an ARN says region and account, too).
        region: The queue's region.
        account: The queue's account, 12 digits.
        count: How often to repeat a single payload, or how many orders to make when no payload is given.
        seed: Fixes every id: same seed, same event.
        time: When the messages were sent, ISO 8601 or a datetime; the virtual present when a harness is active.
        receive_count: ApproximateReceiveCount: above 1 it is a redelivery. 1, or 4 from a dead-letter queue.
        message_group_id: The message group, `group-1` when left out.
        message_deduplication_id: That of the content when left out, as ContentBasedDeduplication makes it.
        message_attributes: Plain values (str, number, bytes), or the API's form with DataType.
        sender_id: SenderId; an IAM user's when left out.
        trace_header: AWSTraceHeader, of X-Ray.
        dead_letter_source_arn: The message comes from a dead-letter queue, and this is where it was before.
        overrides: What to put at which path when all is derived, e.g. `{"Records[0].awsRegion": "eu-west-1"}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all.
    Errors: what AWS answers to SendMessage, as a `ClientError`; `UsageError` for a queue whose name does not end in
    `.fifo`, and for more records than a FIFO batch may have.
    """
    arn = queue_arn(queue, region, account)
    if not arn.endswith(".fifo"):
        raise UsageError(f"queue={queue!r}: the name of a FIFO queue ends in .fifo")
    identifiers = Identifiers(seed)
    bodies = payloads_of(payloads, count, kind="order", identifiers=identifiers)
    if len(bodies) > _LARGEST_BATCH:
        raise UsageError(f"{len(bodies)} records: a batch of a FIFO queue has at most {_LARGEST_BATCH}")
    if isinstance(message_deduplication_id, str) and len(bodies) > 1:
        raise UsageError("one message_deduplication_id for several payloads: the queue would take only the first")
    sent_ms = moment_ms(time)
    taken: set[str] = set()

    def make(number: int, body: Any) -> SqsMessage:
        aside = aside_of(body)
        group = each(message_group_id, number) or aside.get("message_group_id") or "group-1"
        given = each(message_deduplication_id, number) or aside.get("message_deduplication_id")
        check_group_id(group)
        if given is not None:
            check_deduplication_id(given)
        message = make_message(
            body,
            identifiers=identifiers,
            arn=arn,
            sent_ms=sent_ms,
            message_attributes=each(message_attributes, number),
            message_group_id=group,
            sender_id=each(sender_id, number),
            trace_header=each(trace_header, number),
        )
        deduplication_id = given or content_deduplication_id(message.body)
        if given is None and deduplication_id in taken:
            # the queue would drop the second of two: who sends a text twice on purpose gives it an id
            deduplication_id = identifiers.uuid4("deduplication")
        taken.add(deduplication_id)
        return replace(
            message,
            message_deduplication_id=deduplication_id,
            sequence_number=str(fifo_number(sent_ms * 1000, number)),
        )

    with said_by("SendMessage"):
        messages = [make(number, body) for number, body in enumerate(bodies)]
    event = deliver(
        SqsEventShape(arn, window=False),
        messages,
        identifiers,
        arn,
        receive_count=receive_count,
        idle_ms=lambda: 0,  # as captured: a FIFO message is mostly handed out in the millisecond of its sending
        dead_letter_source_arn=dead_letter_source_arn,
    )
    return finished(event, overrides)
