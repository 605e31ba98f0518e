"""Events without a poller, for unit tests that call a handler directly. The law: neither time nor moto is touched.

An event is what the poller would have handed over on the first delivery: every derived field is derived.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.sequence_numbers import SequenceNumbers
from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.invoking.context import LambdaContext
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.messages import check_group_id, content_deduplication_id
from pytest_lambda_events.model.records import payload_text
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.sources.sqs.event import SqsEventShape
from pytest_lambda_events.sources.sqs.make import make_message

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["lambda_context", "sqs_event", "sqs_fifo_event"]

_ACCOUNT = "123456789012"
_START = "2025-01-01T00:00:00Z"


def _present_ms(sent: str | dt.datetime | None) -> int:
    """When the records are made: as asked, else the virtual present if a harness is active, else a fixed moment."""
    if sent is not None:
        return parse_start(sent)
    harness = sys.modules.get("pytest_lambda_events.harness")
    if harness is not None and harness._active is not None:  # noqa: SLF001 - asked, not imported: that would cost moto
        clock = harness._active.virtual_clock  # noqa: SLF001
        clock.enter()
        return int(clock.now_ms)
    return parse_start(_START)


def sqs_event(
    *payloads: Any,
    queue: str = "orders",
    region: str = "us-east-1",
    account: str = _ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    sent: str | dt.datetime | None = None,
    receive_count: int = 1,
    message_attributes: Mapping[str, Any] | None = None,
    message_group_id: str | None = None,
    trace_header: str | None = None,
    dead_letter_source_arn: str | None = None,
    window: bool = False,
) -> dict[str, Any]:
    """An SQS event of one record for each payload, as Lambda hands it to a function.

    `queue` is the queue's name or ARN (an ARN says region and account, too). `count` repeats a single payload, or makes
    so many orders when no payload is given. `receive_count` above 1 is a redelivery; `dead_letter_source_arn` makes it
    a message from a dead-letter queue; `window` says that the mapping has a batching window (it shows in
    md5OfMessageAttributes). Errors: what AWS answers to SendMessage, as a `ClientError`; `UsageError`.
    """

    def make(body: Any, _number: int) -> SqsMessage:
        return make_message(
            body,
            identifiers=identifiers,
            arn=arn,
            sent_ms=sent_ms,
            message_attributes=message_attributes,
            message_group_id=message_group_id,
            trace_header=trace_header,
        )

    arn = _arn(queue, region, account)
    identifiers, sent_ms = Identifiers(seed), _present_ms(sent)
    # an idle queue hands a message out within 1 to 10 ms
    idle = identifiers.stream(f"idle/{arn}")
    return _event(
        SqsEventShape(arn, window=window),
        _made(_bodies(payloads, count), make),
        identifiers,
        arn,
        receive_count=receive_count,
        idle_ms=lambda: idle.randint(1, 10),
        dead_letter_source_arn=dead_letter_source_arn,
    )


def sqs_fifo_event(
    *payloads: Any,
    queue: str = "orders.fifo",
    region: str = "us-east-1",
    account: str = _ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    sent: str | dt.datetime | None = None,
    receive_count: int = 1,
    message_group_id: str = "group-1",
    message_deduplication_id: str | None = None,
    message_attributes: Mapping[str, Any] | None = None,
    trace_header: str | None = None,
    dead_letter_source_arn: str | None = None,
) -> dict[str, Any]:
    """An event of a FIFO queue: as `sqs_event`, in one message group, with rising sequence numbers.

    Without `message_deduplication_id` each record has that of its content, as a queue with ContentBasedDeduplication
    gives it; with one only a single payload makes sense. Errors: as for `sqs_event`; `UsageError` for a queue whose
    name does not end in `.fifo`.
    """
    arn = _arn(queue, region, account)
    if not arn.endswith(".fifo"):
        raise UsageError(f"queue={queue!r}: the name of a FIFO queue ends in .fifo")
    bodies = _bodies(payloads, count)
    if message_deduplication_id is not None and len(bodies) > 1:
        raise UsageError("one message_deduplication_id for several payloads: the queue would take only the first")
    identifiers, sent_ms = Identifiers(seed), _present_ms(sent)
    numbers = SequenceNumbers()

    def make(body: Any, number: int) -> SqsMessage:
        check_group_id(message_group_id)
        text = payload_text(body)
        return replace(
            make_message(
                text,
                identifiers=identifiers,
                arn=arn,
                sent_ms=sent_ms,
                message_attributes=message_attributes,
                message_group_id=message_group_id,
                trace_header=trace_header,
            ),
            message_deduplication_id=message_deduplication_id or content_deduplication_id(text),
            sequence_number=numbers.next(sent_ms, number, sent_ms),
        )

    return _event(
        SqsEventShape(arn, window=False),
        _made(bodies, make),
        identifiers,
        arn,
        receive_count=receive_count,
        idle_ms=lambda: 0,  # as captured: a FIFO message is mostly handed out in the millisecond of its sending
        dead_letter_source_arn=dead_letter_source_arn,
    )


def _arn(queue: str, region: str, account: str) -> str:
    return queue if queue.startswith("arn:") else f"arn:aws:sqs:{region}:{account}:{queue}"


def _made(bodies: tuple[Any, ...], make: Callable[[Any, int], SqsMessage]) -> list[SqsMessage]:
    with said_by("SendMessage"):
        return [make(body, number) for number, body in enumerate(bodies)]


def _event(
    shape: SqsEventShape,
    records: Sequence[SqsMessage],
    identifiers: Identifiers,
    arn: str,
    *,
    receive_count: int,
    idle_ms: Callable[[], int],
    dead_letter_source_arn: str | None,
) -> dict[str, Any]:
    if receive_count < 1:
        raise UsageError(f"receive_count={receive_count}: a delivered message was received at least once")
    new_handle = identifiers.handle_maker(arn.rpartition(":")[2])
    texts = [
        shape.record_text(
            _FirstSeen(
                record=record,
                receipt_handle=new_handle(),
                receive_count=receive_count,
                first_receive_ms=record.sent_timestamp + idle_ms(),
                dead_letter_source_arn=dead_letter_source_arn,
            )
        )
        for record in records
    ]
    event: dict[str, Any] = json.loads(shape.event_text(texts))
    return event


@dataclass(slots=True, kw_only=True)
class _FirstSeen:
    """A message as a poller would have received it."""

    record: SqsMessage
    receipt_handle: str | None
    receive_count: int
    first_receive_ms: int | None
    dead_letter_source_arn: str | None


def _bodies(payloads: tuple[Any, ...], count: int | None) -> tuple[Any, ...]:
    if count is not None and count < 1:
        raise UsageError(f"count={count}: an event carries at least one record")
    if not payloads:
        return tuple({"order": number, "amount": 100 * number} for number in range(1, (count or 1) + 1))
    if count is None:
        return payloads
    if len(payloads) != 1:
        raise UsageError(f"count={count} repeats one payload, but {len(payloads)} were given; leave count out")
    return payloads * count


def lambda_context(*, seed: int = 0, region: str = "us-east-1", **function: Any) -> LambdaContext:
    """A context object for calling a handler directly; `function` has CreateFunction's names (Timeout, MemorySize …).

    Its remaining time follows `time.time()`, so it follows whatever freezes that.
    """
    with said_by("CreateFunction"):
        config = read_function(function, default_name="function", region=region, account=_ACCOUNT)
    identifiers = Identifiers(seed)
    deadline = time.time() + config.timeout_ms / 1000
    return LambdaContext(
        config,
        request_id=identifiers.uuid4("context"),
        log_stream_name=f"2025/01/01/[$LATEST]{identifiers.hex(32, 'log')}",
        remaining_ms=lambda: round((deadline - time.time()) * 1000),
    )
