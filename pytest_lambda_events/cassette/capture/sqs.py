"""A standard SQS queue. The law: each message is received once at most, and made visible again within seconds.

SQS has no way to look without receiving. A receive hides messages from their consumers and raises their receive counts,
so it happens only on request, in one sweep that is over after some seconds; only messages that stay hidden meanwhile
cannot be received by it a second time. If this process is killed, their short visibility timeout brings them back.

Rules: SQS Developer Guide, "Visibility timeout", "Dead-letter queues", "Short and long polling".
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import stamp
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.sources.sqs.event import SqsEventShape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.cassette.capture.aws import Account

__all__ = ["FEWEST_RECEIVES", "HIDE_SECONDS", "SqsTap", "Standing", "refusal", "standing_of"]

HIDE_SECONDS: Final = 10
"""How long a message stays hidden if this process dies."""

FEWEST_RECEIVES: Final = 5
"""What maxReceiveCount has to be: below, one receive more takes a large part of a message's chances."""

_BATCH: Final = 10
_MARGIN_SECONDS: Final = 0.5
"""A receipt is used no later than so long before it lapses."""

_LONG_POLL: Final = 1
"""SQS looks at all its servers only when it may wait."""

_SYSTEM: Final = ("SenderId", "SentTimestamp", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount")
"""What every event has. Where an endpoint does not say it, it is made up, and marked so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A queue's counts: messages to be received, and in flight. SQS calls both approximate."""

    visible: int
    in_flight: int

    def __str__(self) -> str:
        return f"{self.visible} visible, {self.in_flight} in flight"


def standing_of(attributes: Mapping[str, str]) -> Standing:
    """The counts in a queue's attributes."""
    return Standing(
        visible=int(attributes.get("ApproximateNumberOfMessages", 0)),
        in_flight=int(attributes.get("ApproximateNumberOfMessagesNotVisible", 0)),
    )


def refusal(attributes: Mapping[str, str]) -> str | None:
    """Why a queue with these attributes is not received from, in a sentence; None when it may be."""
    name = attributes.get("QueueArn", "").rpartition(":")[2]
    if attributes.get("FifoQueue") == "true" or name.endswith(".fifo"):
        return (
            f"{name} is a FIFO queue: while a message is in flight its whole group waits, and a consumer that comes "
            "meanwhile gets later messages of other groups first. Capture at the handler instead: `lambda-events "
            "capture handler`"
        )
    limit = _limit(attributes)
    if limit is not None and limit < FEWEST_RECEIVES:
        return (
            f"{name} moves a message to its dead-letter queue after {limit} receive{'s' if limit > 1 else ''}, and a "
            f"capture is one of them; it takes {FEWEST_RECEIVES} or more. Capture at the handler instead: "
            "`lambda-events capture handler`"
        )
    return None


def _limit(attributes: Mapping[str, str]) -> int | None:
    """MaxReceiveCount; None without a dead-letter queue."""
    policy = attributes.get("RedrivePolicy")
    return int(json.loads(policy)["maxReceiveCount"]) if policy else None


@dataclass(slots=True, kw_only=True)
class _Received:
    """A message as `SqsEventShape` reads it."""

    record: SqsMessage
    receipt_handle: str | None
    receive_count: int
    first_receive_ms: int | None
    dead_letter_source_arn: str | None


class SqsTap:
    """A queue by its name, ARN or URL. `window`: the mapping has a batching window (see `SqsEventShape`).

    Errors: `UsageError` for a queue that is refused; botocore's.
    """

    source = "sqs"
    records_at = "Records"
    invented = ()
    pause_seconds = 0.0

    def __init__(
        self,
        account: Account,
        queue: str,
        *,
        window: bool = False,
        hide_seconds: int = HIDE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = account.client("sqs")
        # a receive that is tried again may have hidden messages the first time, and would count them twice
        self._receiver = account.client("sqs", attempts=1)
        self._url = _url_of(self._client, queue)
        attributes = self._attributes(self._url)
        refused = refusal(attributes)
        if refused is not None:
            raise UsageError(refused)
        self._before = standing_of(attributes)
        self._limit = _limit(attributes)
        self._dead_letter_url = self._dead_letter(attributes)
        self._dead_before = self._dead_standing()
        arn = attributes["QueueArn"]
        self.name = arn.rpartition(":")[2]
        self._shape = SqsEventShape(arn, window=window)
        self._hide_seconds = hide_seconds
        self._now = now
        self._since: float | None = None
        self._handles: list[tuple[str, float]] = []
        self._ids: set[str] = set()
        self._worn: list[str] = []
        self._dry = False

    # -- taking --------------------------------------------------------------------------------------------------------

    @property
    def at_rest(self) -> bool:
        """Whether all have come that the queue had, or a receive found nothing."""
        return self._dry

    @property
    def over(self) -> bool:
        """Whether the sweep is over: it found no more, half of the time that messages are hidden has passed, or one
        came that has no receive left.
        """
        if self._since is None:
            return False
        return self._dry or bool(self._worn) or self._now() - self._since >= self._hide_seconds / 2

    def take(self, most: int, seconds: float) -> list[Taken]:
        """Receive once, at most ten; before anything came it may wait for it, since waiting disturbs nobody."""
        asked = self._now()
        wait = _LONG_POLL if self._since is not None else max(_LONG_POLL, min(int(seconds), 2))
        answer = self._receiver.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, _BATCH),
            VisibilityTimeout=self._hide_seconds,
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", ())
        self._dry = not messages
        if messages and self._since is None:
            self._since = asked
        self._handles += [(message["ReceiptHandle"], asked) for message in messages]
        new = [message for message in messages if self._is_new(message)]
        # as many as the queue said it has: another receive would only keep these hidden for longer
        self._dry = self._dry or len(self._ids) >= self._before.visible > 0
        return [self._taken(message) for message in new]

    def _is_new(self, message: Mapping[str, Any]) -> bool:
        """Whether it comes for the first time: SQS may deliver a message twice."""
        identifier = message["MessageId"]
        new = identifier not in self._ids
        self._ids.add(identifier)
        count = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
        if self._limit is not None and count >= self._limit:
            self._worn.append(identifier)
        return new

    def _taken(self, message: Mapping[str, Any]) -> Taken:
        given = message.get("Attributes", {})
        present = str(time.time_ns() // 1_000_000)
        made_up = (Identifiers(0).principal("AIDA", "sender"), present, present, "1")
        attributes = {**dict(zip(_SYSTEM, made_up, strict=True)), **given}
        received = _Received(
            record=SqsMessage(
                id=message["MessageId"],
                body=message["Body"],
                sent_timestamp=int(attributes["SentTimestamp"]),
                sender_id=attributes["SenderId"],
                # SQS names a type with each; some emulators list the system's attributes here, too, without one
                message_attributes={
                    name: value for name, value in message.get("MessageAttributes", {}).items() if "DataType" in value
                },
                message_group_id=attributes.get("MessageGroupId"),
                trace_header=attributes.get("AWSTraceHeader"),
            ),
            receipt_handle=message["ReceiptHandle"],
            receive_count=int(attributes["ApproximateReceiveCount"]),
            first_receive_ms=int(attributes["ApproximateFirstReceiveTimestamp"]),
            dead_letter_source_arn=attributes.get("DeadLetterQueueSourceArn"),
        )
        text = self._shape.record_text(received)
        return Taken(
            native=text,
            shown=json.loads(text),
            at=stamp(),
            invented=tuple(f"attributes.{name}" for name in _SYSTEM if name not in given),
        )

    def event(self, taken: Sequence[Taken]) -> Any:
        """The event of these messages."""
        return json.loads(self._shape.event_text([one.native for one in taken]))

    # -- putting back --------------------------------------------------------------------------------------------------

    def close(self) -> Closed:
        """Make every message visible again, and see whether it is."""
        if not self._handles:
            return Closed(told=("nothing was received",))
        hidden = self._release()
        after = standing_of(self._attributes(self._url))
        many = "messages were" if len(self._ids) > 1 else "message was"
        counts = f"{self.name} has {after} (before: {self._before})"
        told = [f"{len(self._ids)} {many} received once and made visible again: {counts}"]
        if hidden:
            told.append(
                f"{len(hidden)} could not be made visible and come back by themselves within {self._hide_seconds} s: "
                f"{'; '.join(sorted(set(hidden)))}"
            )
        if self._worn:
            told.append(
                f"the capture stopped at {', '.join(self._worn)}: with this receive it has reached maxReceiveCount "
                f"({self._limit}), and the next receive moves it to the dead-letter queue"
            )
        dead = self._dead_standing()
        moved = 0 if dead is None or self._dead_before is None else dead.visible - self._dead_before.visible
        if moved > 0:
            told.append(f"the dead-letter queue has {moved} more than before: a receive moves what has none left")
        sound = not hidden and not self._worn and moved <= 0 and after.in_flight <= self._before.in_flight
        return Closed(told=tuple(told), sound=sound)

    def _release(self) -> list[str]:
        """Make what was received visible; why it did not work, for each message where it did not.

        One that was hidden for too long is visible already. It may be with a consumer now, and our receipt could show
        it to another.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        latest = self._now() - self._hide_seconds + _MARGIN_SECONDS
        ours = [handle for handle, asked in self._handles if asked >= latest]
        failed = [f"it took more than {self._hide_seconds} s"] * (len(self._handles) - len(ours))
        for at in range(0, len(ours), _BATCH):
            handles = ours[at : at + _BATCH]
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(handles)
            ]
            try:
                answer = self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            except (BotoCoreError, ClientError) as error:  # the others may still work
                failed += [str(error)] * len(handles)
            else:
                failed += [one.get("Message") or one.get("Code", "refused") for one in answer.get("Failed", ())]
        return failed

    # -- looking -------------------------------------------------------------------------------------------------------

    def _attributes(self, url: str) -> dict[str, str]:
        answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        attributes: dict[str, str] = answer.get("Attributes", {})
        return attributes

    def _dead_letter(self, attributes: Mapping[str, str]) -> str | None:
        """The dead-letter queue's URL, if there is one that may be looked at."""
        from botocore.exceptions import ClientError

        policy = attributes.get("RedrivePolicy")
        if not policy:
            return None
        try:
            return _url_of(self._client, json.loads(policy)["deadLetterTargetArn"])
        except ClientError:
            return None

    def _dead_standing(self) -> Standing | None:
        from botocore.exceptions import ClientError

        if self._dead_letter_url is None:
            return None
        try:
            return standing_of(self._attributes(self._dead_letter_url))
        except ClientError:
            return None


def _url_of(client: Any, queue: str) -> str:
    if queue.startswith(("http://", "https://")):
        return queue
    asked = {"QueueName": queue}
    if queue.startswith("arn:"):
        account, _, name = queue.split(":", 4)[4].partition(":")
        asked = {"QueueName": name, "QueueOwnerAWSAccountId": account}
    url: str = client.get_queue_url(**asked)["QueueUrl"]
    return url
