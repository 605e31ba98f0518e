"""The same records a second time: at-least-once delivery, on request. The law: what the second delivery changes is told
by effects that the user names; nothing is assumed about what a handler does.
"""

from __future__ import annotations

import copy
import json
from reprlib import Repr
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import compact
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.sources import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.run import Run

__all__ = ["deliver_again"]

_UNTIL: Final = {"stream": "the checkpoint", "log": "the commit of its offset"}

_short = Repr()
_short.maxstring = _short.maxother = 200


def deliver_again(
    mapping: EventSourceMapping[Any],
    run: Run[Any],
    effects: Mapping[str, Callable[[], Any]],
    *,
    invoke: Callable[[str], Ending],
    new_handle: Callable[[], str],
) -> tuple[list[str], str, tuple[str, ...]]:
    """Invoke the function again with every record that it processed.

    The names of the effects that differ afterwards, a sentence about them (empty when there are none), and the ids of
    the records.
    """
    if not effects:
        raise UsageError("name at least one effect to compare: check_idempotency(orders=lambda: table.scan()['Items'])")
    events = list(_redelivered(run, new_handle))
    if not events:
        raise UsageError(f"{mapping!r} has processed nothing yet: run it first, then deliver its records again")
    before = {name: copy.deepcopy(read()) for name, read in effects.items()}
    told = []
    for text, _ in events:
        ending = invoke(text)
        if ending.kind != "returned":
            told.append(f"the second delivery {ending.problem}")
    changed = []
    for name, read in effects.items():
        after = read()
        if after != before[name]:
            changed.append(name)
            told.append(f"{name} was {_short.repr(before[name])} and is {_short.repr(after)}")
    message = ""
    if told:
        message = (
            f"the same records delivered twice: {'; '.join(told)}. {_at_least_once(mapping.source.kind)}: make the "
            f"effect depend on {_names(mapping.source.kind)}"
        )
    return changed, message, tuple(dict.fromkeys(record_id for _, ids in events for record_id in ids))


def _at_least_once(kind: str) -> str:
    """Why that happens on AWS, in one clause."""
    source = named(kind)
    until = {"mq": "the acknowledgement", "sqs": "the delete"}.get(source.service, _UNTIL.get(source.family))
    title = source.title[0].upper() + source.title[1:]
    return f"{title}: a record is delivered at least once, and again after a crash between the work and {until}"


def _names(kind: str) -> str:
    """What tells a record from another, and is the same each time."""
    if kind == "rabbitmq":  # AMQP gives messages no id
        return "an id of the message's own (the publisher's messageId, or one in the body), and look at `redelivered`"
    return "the record's id"


def _redelivered(run: Run[Any], new_handle: Callable[[], str]) -> Iterator[tuple[str, list[str]]]:
    """The events of what succeeded, as the next receive would hand it out: a new handle, a count one higher."""
    for call in run.invocations:
        if call.outcome not in ("success", "partial"):
            continue
        if call.records and isinstance(call.records[0], (ActiveMqMessage, RabbitMqMessage)):
            yield compact(_flagged(call.event)), [record.id for record in call.records]
            continue
        if not (call.records and isinstance(call.records[0], SqsMessage)):
            # a stream's or topic's, or the end of a window: delivered again as it was, from the same checkpoint
            yield call.event_text, [record.id for record in call.records]
            continue
        failed = {record.id for record in call.failed}
        event = json.loads(call.event_text)
        records = [record for record in event["Records"] if record["messageId"] not in failed]
        for record in records:
            record["receiptHandle"] = new_handle()
            attributes = record["attributes"]
            attributes["ApproximateReceiveCount"] = str(int(attributes["ApproximateReceiveCount"]) + 1)
        if records:
            yield compact({"Records": records}), [record["messageId"] for record in records]


def _flagged(event: Any) -> Any:
    """A broker's event as the next delivery: `redelivered` is true of every message."""
    by_queue = event.get("rmqMessagesByQueue", {}).values()
    for message in [*event.get("messages", ()), *(one for messages in by_queue for one in messages)]:
        message["redelivered"] = True
    return event
