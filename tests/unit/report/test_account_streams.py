"""The story of a stream's records: put, tried in batches, split, passed, given up, expired, each word for word."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.run import Run, Scope
from pytest_lambda_events.model.trace import Invocation, Ledger
from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.view import view_of
from pytest_lambda_events.report.words import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Outcome

START_MS = 1_735_689_600_000
CLICKS = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
USERS = "arn:aws:dynamodb:us-east-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"
FAILURES = "arn:aws:sqs:us-east-1:123456789012:failures"
MAPPING = "mapping"


class Story:
    """A ledger written by hand, in virtual seconds, as the poller of a stream writes it."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.metrics: dict[str, int] = {}
        self.now_ms = START_MS
        self._calls = 0

    def at(self, seconds: float) -> int:
        self.now_ms = START_MS + round(seconds * 1000)
        return self.now_ms

    def put(self, seconds: float, *bodies: str) -> list[KinesisRecord]:
        """Records of Kinesis whose short ids are ...000000001, ...000000002, ..."""
        at_ms = self.at(seconds)
        records = []
        for body in bodies:
            record = KinesisRecord(
                id=f"4966786784084263320450841286220844449445074385{len(self.ledger.records) + 1:09d}",
                data=body.encode(),
                partition_key="key",
                arrival_ms=at_ms,
                shard_id="shardId-000000000000",
            )
            self._add(at_ms, CLICKS, record)
            records.append(record)
        return records

    def _add(self, at_ms: int, arn: str, record: Any) -> None:
        self.ledger.entered(at_ms, arn, record)
        self.ledger.expects(at_ms, MAPPING, record)

    def written(self, seconds: float, event_name: Any, **keys: str) -> DynamoDbRecord:
        at_ms = self.at(seconds)
        record = DynamoDbRecord(
            id="111111800000000000000000001",
            event_id="0" * 32,
            event_name=event_name,
            keys={name: {"S": value} for name, value in keys.items()},
            new_image=None,
            old_image=None,
            view_type="KEYS_ONLY",
            size_bytes=3,
            created_ms=at_ms,
        )
        self._add(at_ms, USERS, record)
        return record

    def begun(self, seconds: float, records: Sequence[Any], request_id: str | None = None) -> str:
        """An invocation begins; a retry has the request id of the first try."""
        self._calls += 1
        request_id = request_id or f"request-{self._calls}"
        self.ledger.invoked(self.at(seconds), MAPPING, ids(records), request_id)
        return request_id

    def ended(
        self,
        seconds: float,
        records: Sequence[Any],
        request_id: str,
        outcome: Outcome = "success",
        failed: Sequence[Any] = (),
        problem: str | None = None,
        duration: float = 0,
    ) -> None:
        invocation = Invocation(
            at=seconds - duration,
            duration=duration,
            records=tuple(records),
            outcome=outcome,
            failed=tuple(failed),
            request_id=request_id,
            mapping=MAPPING,
            event_text="{}",
            response=None,
            error=None,
            problem=problem,
        )
        self.ledger.ended(self.at(seconds), invocation, ids(failed))

    def passed(self, seconds: float, records: Sequence[Any]) -> None:
        """An invocation that succeeds."""
        request_id = self.begun(seconds, records)
        self.left(seconds, records, "processed")
        self.ended(seconds, records, request_id)

    def failed(self, seconds: float, records: Sequence[Any], request_id: str | None = None) -> str:
        """An invocation that raises."""
        request_id = self.begun(seconds, records, request_id)
        self.ended(seconds, records, request_id, "error", records, "raised ValueError: no page")
        return request_id

    def reported(self, seconds: float, records: Sequence[Any], first: Any) -> None:
        """An invocation that reports `first`: the checkpoint moves to it."""
        place = list(records).index(first)
        request_id = self.begun(seconds, records)
        self.left(seconds, records[:place], "processed")
        self.ended(seconds, records, request_id, "partial", records[place:])

    def left(self, seconds: float, records: Sequence[Any], fate: Fate) -> None:
        self.ledger.left(self.at(seconds), MAPPING, ids(records), fate)

    def run(self, *, stopped: float | None = None, looks_at: Sequence[str] = ()) -> Run:
        """What the mapping did; the steps of `looks_at`, sources, are in its trace."""
        now_ms = self.now_ms if stopped is None else self.at(stopped)
        scope = Scope([MAPPING, *looks_at], [MAPPING], self.metrics, None)
        return Run(self.ledger, scope, start_ms=START_MS, now_ms=now_ms, seed=7)


def ids(records: Sequence[Any]) -> tuple[str, ...]:
    return tuple([record.id for record in records])


@pytest.fixture
def story() -> Story:
    return Story()


def told(run: Run, **options: Any) -> str:
    """What is told of the records, without the counts at the end."""
    return account(view_of(run), **options).partition("\n\n")[0]


def text(expected: str) -> str:
    return dedent(expected).strip("\n")


# -- whole stories ----------------------------------------------------------------------------------------------------


def test_a_record_that_was_processed(story):
    """It stays in the stream; what moves is the checkpoint."""
    records = story.put(0, '{"page":"/"}')
    story.passed(0.5, records)

    assert told(story.run(looks_at=[CLICKS])) == text(
        """
        ...000000001  {"page":"/"}  -> processed
              0 s  put into clicks
            0.5 s  invoked #1: success, checkpoint moved past it
        """
    )


def test_a_batch_that_was_given_up(story):
    """A retry has the request id of the first try, and is another invocation all the same."""
    records = story.put(0, "a", "b")
    request_id = story.failed(0, records)
    story.failed(0.2, records, request_id)
    story.failed(0.6, records, request_id)
    story.left(0.6, records, "discarded")
    story.ledger.delivered(story.at(0.6), MAPPING, ids(records), FAILURES)

    assert told(story.run(looks_at=[CLICKS])) == text(
        """
        ...000000001  a  -> discarded
              0 s  put into clicks
              0 s  invoked #1 in a batch of 2: failed: raised ValueError: no page
            0.2 s  invoked #2 in a batch of 2: failed, same as #1
            0.6 s  invoked #3 in a batch of 2: failed, same as #1
            0.6 s  given up after 3 attempts, invocation record sent to failures
        ...000000002  b  -> discarded, the same steps
        """
    )


def test_a_batch_that_was_split(story):
    """Halves are tried at once, with retries of their own; the good half passes."""
    good, bad = story.put(0, "good", "bad")
    story.failed(0, [good, bad])
    story.ledger.split(story.at(0), MAPPING, ids([good, bad]))
    story.passed(0, [good])
    story.failed(0, [bad])
    story.left(0, [bad], "discarded")

    assert told(story.run(looks_at=[CLICKS])) == text(
        """
        ...000000002  bad  -> discarded
              0 s  put into clicks
              0 s  invoked #1 in a batch of 2: failed: raised ValueError: no page
              0 s  batch split in two, invoked #3: failed, same as #1
              0 s  given up after 2 attempts, without an invocation record
        ...000000001  good  -> processed
              0 s  put into clicks
              0 s  invoked #1 in a batch of 2: failed: raised ValueError: no page
              0 s  batch split in two, invoked #2: success, checkpoint moved past it
        """
    )


def test_records_behind_one_that_was_reported(story):
    """The one before passes; the one behind is tried again, though nobody reported it."""
    first, bad, behind = records = story.put(0, "first", "bad", "behind")
    story.reported(0, records, bad)
    story.passed(0, [bad, behind])

    assert told(story.run(looks_at=[CLICKS])) == text(
        """
        ...000000002  bad  -> processed
              0 s  put into clicks
              0 s  invoked #1 in a batch of 3: reported in batchItemFailures
              0 s  invoked #2 in a batch of 2: success, checkpoint moved past it
        ...000000003  behind  -> processed
              0 s  put into clicks
              0 s  invoked #1 in a batch of 3: behind ...000000002, which was reported in batchItemFailures
              0 s  invoked #2 in a batch of 2: success, checkpoint moved past it
        ...000000001  first  -> processed
              0 s  put into clicks
              0 s  invoked #1 in a batch of 3: success, checkpoint moved past it
        """
    )
    assert first in story.run().processed


def test_a_change_of_an_item(story):
    """A change is told by what happened and the item's key."""
    change = story.written(0, "MODIFY", id="user-1", sort="a")
    story.passed(0, [change])

    assert told(story.run(looks_at=[USERS])) == text(
        """
        ...000000001  MODIFY id=user-1, sort=a  -> processed
              0 s  written to users
              0 s  invoked #1: success, checkpoint moved past it
        """
    )


def test_a_run_that_does_not_look_at_the_stream(story):
    """Then the story begins with the first invocation, and the stream still has its name."""
    records = story.put(0, "a")
    story.failed(0, records)

    assert told(story.run(stopped=1)) == text(
        """
        ...000000001  a  -> pending
              0 s  invoked #1: failed: raised ValueError: no page
              1 s  still in clicks when the run stopped (to be tried again)
        """
    )


def test_a_record_that_was_there_before_the_harness(story):
    """Nobody saw it come in."""
    (record,) = story.put(0, "a")
    story.ledger.steps.clear()

    assert told(story.run(stopped=1)) == text(
        f"""
        ...{record.id[-9:]}  a  -> pending
              1 s  still in its stream when the run stopped (never invoked)
        """
    )


# -- ends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        pytest.param("filtered", "filtered out", id="filtered"),
        pytest.param("expired", "expired: the stream's retention ran out", id="expired"),
        pytest.param("discarded", "given up as too old, without an invocation record", id="too-old"),
    ],
)
def test_an_end_without_an_invocation(story, fate, expected):
    """What the poller decides by itself."""
    records = story.put(0, "a")
    story.left(3, records, fate)

    assert told(story.run()).splitlines()[1] == f"      3 s  {expected}"


def test_a_record_that_grew_too_old_between_two_tries(story):
    """The last failure was not the end."""
    records = story.put(0, "a")
    story.failed(0, records)
    story.left(60, records, "discarded")
    story.ledger.delivered(story.at(60), MAPPING, ids(records), "arn:aws:s3:::failures")

    assert told(story.run()).splitlines()[-1] == "     60 s  given up as too old, invocation record sent to failures"


@pytest.mark.parametrize(
    ("step", "state"),
    [
        pytest.param(lambda story, records: None, "never invoked", id="untouched"),
        pytest.param(lambda story, records: story.begun(0, records), "in flight", id="in-flight"),
        pytest.param(lambda story, records: story.failed(0, records), "to be tried again", id="failed"),
    ],
)
def test_a_pending_record(story, step, state):
    """Where it stood when the run stopped."""
    records = story.put(0, "a")
    step(story, records)

    last = told(story.run(stopped=5)).splitlines()[-1]

    assert last == f"      5 s  still in clicks when the run stopped ({state})"


# -- tries that never reached the function ----------------------------------------------------------------------------


def test_a_throttled_batch(story):
    """It has the request id of the try that comes after it."""
    records = story.put(0, "a")
    story.ended(0, records, "request-1", "throttled", records)
    story.passed(0.2, records)

    assert told(story.run()) == text(
        """
        ...000000001  a  -> processed
              0 s  throttled
            0.2 s  invoked #1: success, checkpoint moved past it
        """
    )


def test_a_batch_that_is_too_large(story):
    """The function never saw it."""
    records = story.put(0, "a")
    for seconds in (0, 0.2):
        story.ended(seconds, records, "request-1", "error", records, "RequestEntityTooLargeException: 6,500,000 bytes")
    story.left(0.2, records, "discarded")

    assert told(story.run()) == text(
        """
        ...000000001  a  -> discarded
              0 s  not invoked: RequestEntityTooLargeException: 6,500,000 bytes
            0.2 s  not invoked: RequestEntityTooLargeException: 6,500,000 bytes, given up, without an
                   invocation record
        """
    )


def test_a_fault_that_was_asked_for(story):
    """The poller was gone before the checkpoint moved."""
    records = story.put(0, "a")
    request_id = story.begun(0, records)
    story.ledger.fault(story.at(0), MAPPING, ids(records), "crashes")
    story.ended(0, records, request_id)
    story.passed(0, records)

    assert told(story.run(), width=120) == text(
        """
        ...000000001  a  -> processed
              0 s  invoked #1: success
              0 s  fault: the poller was gone before the checkpoint moved, invoked #2: success, checkpoint moved past it
        """
    )


def test_final_invocations_of_windows_that_failed_are_told_at_the_end(story):
    """They carry no record, so they belong to nobody's story."""
    story.passed(0, story.put(0, "a"))
    request_id = story.failed(180, [])
    story.failed(180.2, [], request_id)
    story.passed(180.6, [])

    assert account(view_of(story.run()), width=120).splitlines()[-2:] == [
        "4 invocations (2 success, 2 error) with batches of 0 to 1 records; stopped at 180.6 s",
        "2 final invocations of windows did not succeed, the last at 180.2 s: failed: raised ValueError: no page",
    ]


# -- long stories -----------------------------------------------------------------------------------------------------


def test_a_day_of_retries_is_told_in_a_few_lines(story):
    """A poison record that holds up its shard until retention ends."""
    records = story.put(0, "poison", "behind")
    request_id = None
    for minute in range(1_440):
        request_id = story.failed(60 * minute, records, request_id)
    story.left(86_400, records, "expired")

    lines = told(story.run()).splitlines()

    assert len(lines) == 6
    assert lines[3].strip() == "... 1,438 more times until 23 h 59 min (86340 s), the same way"
    assert lines[4].strip() == "1 d (86400 s)  expired: the stream's retention ran out"
    assert lines[5] == "...000000002  behind  -> expired, the same steps"


def test_tries_in_batches_of_two_sizes_are_not_the_same(story):
    """Two records of one moment whose batches differ are two stories."""
    one, two, three = story.put(0, "one", "two", "three")
    story.failed(0, [one])
    story.failed(0, [two, three])

    lines = told(story.run(stopped=0)).splitlines()

    assert [line for line in lines if "invoked #" in line] == [
        "      0 s  invoked #1: failed: raised ValueError: no page",
        "      0 s  invoked #2 in a batch of 2: failed: raised ValueError: no page",
    ]
    assert lines[-1] == "...000000003  three  -> pending, the same steps"


def test_a_run_of_a_stream_and_a_queue(story):
    """Each is told in its own way."""
    (click,) = story.put(0, "click")
    story.passed(0, [click])
    message = SqsMessage(id="00000009-aaaa-4bbb-8ccc-dddddddddddd", body="order", sent_timestamp=0, sender_id="me")
    story.ledger.entered(story.at(0), FAILURES, message)

    scope = Scope([MAPPING, CLICKS], [MAPPING, FAILURES], {}, None)
    run = Run(story.ledger, scope, start_ms=START_MS, now_ms=START_MS, seed=7)

    assert told(run) == text(
        """
        00000009  order  -> pending
              0 s  sent to failures
              0 s  still in failures when the run stopped (never received)
        ...000000001  click  -> processed
              0 s  put into clicks
              0 s  invoked #1: success, checkpoint moved past it
        """
    )


# -- names and bodies -------------------------------------------------------------------------------------------------


def test_data_that_is_no_text_is_shown_as_far_as_it_can_be(story):
    """One line, in ASCII."""
    (record,) = story.put(0, "x")
    binary = KinesisRecord(
        id=record.id, data=b"\xff\x00page", partition_key="key", arrival_ms=START_MS, shard_id=record.shard_id
    )
    story.ledger.records[record.id] = binary

    assert told(story.run()).splitlines()[0] == r"...000000001  \ufffd\x00page  -> pending"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        pytest.param(FAILURES, "failures", id="queue"),
        pytest.param("arn:aws:sns:us-east-1:123456789012:failures", "failures", id="topic"),
        pytest.param("arn:aws:s3:::failures", "failures", id="bucket"),
        pytest.param(CLICKS, "clicks", id="stream"),
        pytest.param(f"{CLICKS}/consumer/reader:1789808973", "clicks", id="consumer"),
        pytest.param(USERS, "users", id="table"),
        pytest.param("orders", "orders", id="a-name-already"),
    ],
)
def test_what_people_call_a_resource(arn, name):
    """The part of its ARN that somebody chose."""
    assert name_of(arn) == name
