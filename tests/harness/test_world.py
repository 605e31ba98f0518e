"""Time, several mappings on one clock, the user's own queues and clients, determinism."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws

from pytest_lambda_events import ClockError, Harness, RunLimitReached, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def nothing(_event: Any, _context: Any) -> None:
    """A handler that succeeds."""


# -- running ------------------------------------------------------------


def test_run_for_passes_exactly_so_much_time(aws: Harness) -> None:
    """Whether or not anything happens; what is due at the end of it happens, what is due later does not."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)

    def fail(_event: Any, _context: Any) -> None:
        raise ValueError

    mapping = aws.event_source_mapping(queue, fail)
    (record,) = queue.send("a")
    assert mapping.run_for(30).attempts(record) == [0, 30]
    assert mapping.run_for(29.999).attempts(record) == [0, 30]
    assert aws.virtual_clock.elapsed == 59.999
    assert mapping.run_for(0.001).attempts(record) == [0, 30, 60]


def test_run_until_stops_after_the_step_that_made_it_true(aws: Harness) -> None:
    """The predicate sees a Run after every step."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing, BatchSize=1)
    queue.send("a", "b", "c")
    run = mapping.run_until(lambda run: len(run.processed) == 2)
    assert len(run.processed) == 2
    assert len(run.pending) == 1


def test_run_until_says_when_everything_came_to_rest_first(aws: Harness) -> None:
    """A predicate that cannot come true is an error that carries the run."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing)
    queue.send("a")
    with pytest.raises(RunLimitReached, match="came to rest and the predicate is still false"):
        mapping.run_until(lambda run: bool(run.dead_lettered))


def test_a_run_stops_at_its_bound_of_virtual_time(aws: Harness) -> None:
    """max_seconds bounds one call."""

    def fail(_event: Any, _context: Any) -> None:
        raise ValueError("no")

    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    mapping = aws.event_source_mapping(queue, fail)
    queue.send("a")
    with pytest.raises(RunLimitReached, match="within 100 virtual seconds") as caught:
        mapping.run_until_idle(max_seconds=100)
    assert len(caught.value.run.invocations) == 4


def test_a_run_does_not_change_afterwards(aws: Harness) -> None:
    """It is what happened until then."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing)
    (a,) = queue.send("a")
    first = mapping.run_until_idle()
    queue.send("b")
    second = mapping.run_until_idle()
    assert first.records == [a]
    assert len(first.invocations) == 1
    assert len(second.records) == 2


def test_two_mappings_advance_together_and_see_their_own(aws: Harness) -> None:
    """One clock: the queue of the one and the DLQ of it, both mapped; whichever is asked, both run."""

    def fail(_event: Any, _context: Any) -> None:
        raise ValueError("poison")

    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
    assert queue.dlq is not None
    main = aws.event_source_mapping(queue, fail)
    rescue = aws.event_source_mapping(queue.dlq, nothing)
    (record,) = queue.send("a")
    run = main.run_until_idle()
    assert run.dead_lettered == [record]
    assert rescue.view().processed == [record]
    assert rescue.view().attempts(record) == [60]
    assert aws.view().fate(record) == "processed"
    assert aws.view().attempts(record) == [0, 30, 60]
    assert aws.view().metrics["Invocations"] == 3
    event = rescue.view().invocations[0].event["Records"][0]
    assert event["attributes"]["DeadLetterQueueSourceArn"] == queue.arn
    assert event["attributes"]["ApproximateReceiveCount"] == "3"


def test_delays_of_queue_and_message(aws: Harness) -> None:
    """DelaySeconds of the message wins over the queue's; at= delays the sending itself."""
    queue = aws.sqs_queue("orders", DelaySeconds=60)
    mapping = aws.event_source_mapping(queue, nothing)
    (default,) = queue.send("a")
    (now,) = queue.send("b", delay_seconds=0)
    (later,) = queue.send("c", delay_seconds=10, at=100)
    run = mapping.run_until_idle()
    assert run.attempts(now) == [0]
    assert run.attempts(default) == [60]
    assert run.attempts(later) == [110]
    assert later.sent_timestamp == aws.virtual_clock.start_ms + 100_000


def test_an_outage_is_time_in_which_nobody_polls(aws: Harness) -> None:
    """What fell due while the clock was advanced happens at the next run, at that time."""
    queue = aws.sqs_queue("orders", MessageRetentionPeriod=3_600)
    mapping = aws.event_source_mapping(queue, nothing)
    (lost,) = queue.send("a")
    (found,) = queue.send("b", at=1_800)
    aws.virtual_clock.advance(4_000)
    run = mapping.run_until_idle()
    assert run.expired == [lost]
    assert run.attempts(found) == [4_000]


def test_time_sleep_in_a_test_passes_time(aws: Harness) -> None:
    """And datetime, time and the queue's clock agree."""
    time.sleep(12.5)
    assert aws.virtual_clock.elapsed == 12.5
    assert dt.datetime.now(tz=dt.timezone.utc) == dt.datetime(2025, 1, 1, 0, 0, 12, 500_000, tzinfo=dt.timezone.utc)
    assert time.time() == aws.virtual_clock.now_ms / 1000


def test_a_long_polling_receive_returns_and_has_moved_the_clock(aws: Harness) -> None:
    """An empty queue: 20 s; a message that comes after 7 s: 7 s."""
    queue = aws.sqs_queue("orders")
    client = boto3.client("sqs")
    assert "Messages" not in client.receive_message(QueueUrl=queue.url, WaitTimeSeconds=20)
    assert aws.virtual_clock.elapsed == 20
    queue.send("a", at=27)
    (message,) = client.receive_message(QueueUrl=queue.url, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "a"
    assert aws.virtual_clock.elapsed == 27


def test_a_queue_deleted_while_it_is_mapped_takes_its_messages_with_it(aws: Harness) -> None:
    """What was in it is discarded; what was announced for later never comes to be."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing)
    lost = queue.send("a", "b")
    queue.send("late", at=50)
    boto3.client("sqs").delete_queue(QueueUrl=queue.url)
    run = mapping.run_until_idle()
    assert run.discarded == run.records == lost
    assert run.invocations == []
    with pytest.raises(ClientError, match="NonExistentQueue"):
        queue.send("c")


def test_receive_counts_go_on_through_a_chain_of_dead_letter_queues(aws: Harness) -> None:
    """Two receives, then two more in a queue that allows four, then the last queue."""
    last = aws.sqs_queue("last")
    middle = aws.sqs_queue("middle", RedrivePolicy={"deadLetterTargetArn": last.arn, "maxReceiveCount": 4})
    first = aws.sqs_queue("first", RedrivePolicy={"deadLetterTargetArn": middle.arn, "maxReceiveCount": 2})
    for queue, name in ((first, "one"), (middle, "two")):
        aws.event_source_mapping(queue, lambda *_: 1 / 0, function={"FunctionName": name})
    (record,) = first.send("a")
    run = aws.run_until_idle()
    assert run.attempts(record) == [0, 30, 60, 90]
    assert run.fate(record) == "dead_lettered"
    assert last.messages == [record]


# -- freezes and mocks of the user's ------------------------------------------------------------


def test_a_freeze_of_the_users_that_began_first_is_joined() -> None:
    """Its time is where ours begins, and our jumps move it."""
    with freeze_time("2024-05-01 12:00:00") as frozen, Harness(region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30)
        (record,) = queue.send("a")
        assert record.sent_timestamp == 1_714_564_800_000
        aws.virtual_clock.advance(60)
        assert frozen() == dt.datetime(2024, 5, 1, 12, 1)
        frozen.tick(30)
        assert aws.virtual_clock.elapsed == 90


def test_a_freeze_inside_a_test_moves_the_clock_forward(aws: Harness) -> None:
    """It is as if so much time had passed while nobody polled; afterwards time stays there."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing)
    (record,) = queue.send("a")
    with freeze_time("2025-01-02T00:00:00Z"):
        run = mapping.run_until_idle()
    assert run.attempts(record) == [86_400]
    assert dt.datetime.now(tz=dt.timezone.utc).date() == dt.date(2025, 1, 2)


def test_a_freeze_in_the_past_is_the_start_as_long_as_nothing_happened(aws: Harness) -> None:
    """`@freeze_time` on a test begins after its fixtures."""
    with freeze_time("2024-05-01"):
        queue = aws.sqs_queue("orders")
        (record,) = queue.send("a")
        assert record.sent_timestamp == 1_714_521_600_000
        assert aws.virtual_clock.elapsed == 0


def test_a_freeze_that_goes_backwards_is_refused(aws: Harness) -> None:
    """Once records exist time does not go back."""
    queue = aws.sqs_queue("orders")
    queue.send("a")
    with freeze_time("2024-05-01"), pytest.raises(ClockError, match="take the virtual clock back"):
        queue.send("b")


def test_a_ticking_freeze_is_refused(aws: Harness) -> None:
    """Real time leaks into it."""
    queue = aws.sqs_queue("orders")
    with freeze_time("2026-01-01", tick=True), pytest.raises(ClockError, match="tick"):
        queue.send("b")


def test_mock_aws_of_the_users_is_joined_whichever_came_first() -> None:
    """A queue made inside the user's mock_aws is adopted, and what is left in it is given back."""
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        url = client.create_queue(QueueName="orders")["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="from before")
        with Harness(region="us-east-1") as aws:
            queue = aws.sqs_queue(url)
            (record,) = queue.messages
            assert record.body == "from before"
            assert record.sent_timestamp == aws.virtual_clock.now_ms  # sent on real time, which is ahead: just now
            run = aws.event_source_mapping(queue, nothing).run_until_idle()
            assert run.processed == [record]
            queue.send("left behind")
        (left,) = client.receive_message(QueueUrl=url)["Messages"]
        assert left["Body"] == "left behind"


def test_a_queue_made_by_the_users_code_is_adopted_by_arn(aws: Harness) -> None:
    """boto3 inside the test; mapped by its ARN."""
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="theirs")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client.send_message(
        QueueUrl=url, MessageBody="hello", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}}
    )
    mapping = aws.event_source_mapping(arn, nothing)
    run = mapping.run_until_idle()
    (record,) = run.processed
    assert record.message_attributes["k"]["StringValue"] == "v"
    assert aws.sqs_queue(arn).records == [record]


def test_sns_s3_and_eventbridge_deliver_into_a_queue(aws: Harness, recorder: Any) -> None:
    """What moto's other services put in goes through the poller with AWS's envelopes."""
    queue = aws.sqs_queue("inbox")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    sns, s3, events = boto3.client("sns"), boto3.client("s3"), boto3.client("events")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    sns.publish(TopicArn=topic, Message="from sns", Subject="hi")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_notification_configuration(
        Bucket="bucket",
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]},
    )
    s3.put_object(Bucket="bucket", Key="a key.txt", Body=b"x")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue.arn}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Sold", "Detail": json.dumps({"order": 1})}])
    run = mapping.run_until_idle()
    bodies = [record.json() for record in run.processed]
    kinds = ["sns" if "TopicArn" in body else "events" if "detail-type" in body else "s3" for body in bodies]
    assert kinds[0] == "sns"
    assert kinds[-1] == "events"
    assert set(kinds[1:-1]) == {"s3"}
    assert bodies[0]["Message"] == "from sns"
    assert run.processed[0].body.startswith('{\n  "Type" : "Notification",\n')
    assert bodies[-1]["detail"] == {"order": 1}
    assert '": ' not in run.processed[-1].body


# -- one at a time, one seed ------------------------------------------------------------


def test_only_one_harness_is_active(aws: Harness) -> None:
    """There is one time and one moto in a process."""
    with pytest.raises(UsageError, match="another harness is active"):
        Harness().start()
    assert aws.sqs_queue("still-works").messages == []


def test_a_harness_that_is_not_active_says_so() -> None:
    """Before and after its with block; stopping twice is fine."""
    harness = Harness()
    with pytest.raises(UsageError, match="not active"):
        harness.sqs_queue("orders")
    with harness:
        pass
    harness.stop()
    with pytest.raises(UsageError, match="not active"):
        harness.run_until_idle()


def test_nothing_of_a_harness_that_is_not_active_runs_a_handler() -> None:
    """No moto stands before AWS any more: what the handler calls would go there. Looking is fine."""
    called: list[Any] = []
    with Harness() as aws:
        queue = aws.sqs_queue("orders")
        queue.send({"order": 1})
        mapping = aws.event_source_mapping(queue, lambda event, context: called.append(event))
        job = aws.s3_batch_job(lambda event, context: called.append(event), keys=["a"])
    for asked in (
        mapping.run_until_idle,
        lambda: mapping.run_for(1),
        lambda: mapping.run_until(lambda run: True),
        lambda: mapping.check_idempotency(nothing=lambda: None),
        lambda: mapping.update(BatchSize=1),
        mapping.delete,
        job.run_until_idle,
        lambda: job.run_for(1),
        lambda: job.run_until(lambda run: True),
    ):
        with pytest.raises(UsageError, match="not active"):
            asked()
    assert called == []
    assert len(mapping.view().pending) == len(job.view().pending) == 1


STORY = """
    from pytest_lambda_events import Harness

    def handler(event, context):
        context.log("x")
        failed = [r for r in event["Records"] if "3" in r["body"]]
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in failed]}

    def story(seed=7):
        with Harness(seed=seed, region="us-east-1") as aws:
            queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
            mapping = aws.event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
            orders = [{"order": n, "tags": sorted({"a", "b"})} for n in range(40)]
            queue.send(*orders, message_attributes={"n": 1, "s": "x"})
            queue.send("later", at=12.5)
            return mapping.run_until_idle().trace.to_json()
"""


def test_the_same_seed_gives_the_same_trace_in_another_process(tmp_path: Path) -> None:
    """Byte for byte, ids and receipt handles included, under another PYTHONHASHSEED."""
    script = tmp_path / "story.py"
    script.write_text(textwrap.dedent(STORY) + "\nimport sys\nsys.stdout.write(story())\n", encoding="utf-8")
    traces = []
    for hash_seed in ("0", "random"):
        result = subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        )
        traces.append(result.stdout.replace(b"x", b"x"))
    assert traces[0] == traces[1]
    assert len(traces[0]) > 10_000


def test_another_seed_gives_other_ids(tmp_path: Path) -> None:
    """The same story, other identifiers."""
    namespace: dict[str, Any] = {}
    exec(textwrap.dedent(STORY), namespace)  # noqa: S102
    first, again, other = (namespace["story"](seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", ["kafka_topic", "activemq_queue", "rabbitmq_queue", "documentdb_collection"])
def test_a_secret_that_is_made_up_is_in_the_regions_partition(kind: str) -> None:
    """As every ARN of a mapping in China is."""
    with Harness(region="cn-north-1") as aws:
        options = {"StartingPosition": "LATEST"} if kind in ("kafka_topic", "documentdb_collection") else {}
        mapping = aws.event_source_mapping(getattr(aws, kind)(), lambda event, context: None, **options)
        secrets = [one["URI"] for one in mapping.describe()["SourceAccessConfigurations"]]
    assert {"arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret"} == {
        one.rpartition(":")[0] for one in secrets if one.startswith("arn:")
    }


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_the_arn_of_a_mapping_is_in_the_regions_partition(region: str, partition: str) -> None:
    """As that of its function is."""
    with Harness(region=region) as aws:
        mapping = aws.event_source_mapping(aws.sqs_queue("orders"), nothing)
        described = mapping.describe()
    assert described["EventSourceMappingArn"] == mapping.arn
    assert mapping.arn == f"arn:{partition}:lambda:{region}:123456789012:event-source-mapping:{mapping.uuid}"
    assert described["FunctionArn"].startswith(f"arn:{partition}:lambda:{region}:")
