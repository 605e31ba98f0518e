"""Kinesis and DynamoDB Streams from end to end: what a user's test does, and what AWS was recorded to do."""

from __future__ import annotations

import base64
import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from botocore.exceptions import ClientError

from pytest_lambda_events import Faults, RunLimitReached, UsageError

if TYPE_CHECKING:
    from pytest_lambda_events import Harness

HORIZON = {"StartingPosition": "TRIM_HORIZON"}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
DAY = 86_400


def payloads(event: Any) -> list[Any]:
    """What a Kinesis event carries: texts, or what they are in JSON."""
    texts = [base64.b64decode(record["kinesis"]["data"]).decode("utf-8") for record in event["Records"]]
    return [text if text.isalpha() else json.loads(text) for text in texts]


class Consumer:
    """A handler that remembers batches and request ids, and raises when a batch holds one of `poison`."""

    def __init__(self, *poison: Any, reports: bool = False) -> None:
        self.batches: list[Any] = []
        self.request_ids: list[str] = []
        self.poison = poison
        self.reports = reports

    def __call__(self, event: Any, context: Any) -> Any:
        batch = payloads(event)
        self.batches.append(batch)
        self.request_ids.append(context.aws_request_id)
        bad = [number for number, payload in enumerate(batch) if payload in self.poison]
        if bad and self.reports:
            numbers = [event["Records"][number]["kinesis"]["sequenceNumber"] for number in bad]
            return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}
        assert not bad, "poison"
        return None


# -- recorded on AWS ---------------------------------------------------------------------------------------------------


def test_bisect_alone(aws: Harness) -> None:
    """[1 2 3 4] [1 2] [1] [2] [2] to the destination, [3 4]: lower half first, each half with its own budget."""
    stream, failed = aws.kinesis_stream("clicks"), aws.sqs_queue("failed")
    consumer = Consumer(2)
    mapping = aws.event_source_mapping(
        stream,
        consumer,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": failed.arn}},
        **HORIZON,
    )
    one, two, three, four = stream.send(1, 2, 3, 4, partition_key="a")
    run = mapping.run_until_idle()
    assert consumer.batches == [[1, 2, 3, 4], [1, 2], [1], [2], [2], [3, 4]]
    assert consumer.request_ids[3] == consumer.request_ids[4]
    assert len(set(consumer.request_ids)) == 5
    assert run.processed == [one, three, four]
    assert run.discarded == [two]
    assert run.destination(two) == failed.arn
    assert run.destination(one) is None
    (message,) = failed.messages
    record = message.json()
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["KinesisBatchInfo"]["startSequenceNumber"] == two.id
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_bisect_with_reporting(aws: Harness) -> None:
    """[1 2 3 4] reports 2, [2 3 4] reports 2: no progress, so halves: [2] [2] to the destination, [3 4]."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer(2, reports=True)
    mapping = aws.event_source_mapping(
        stream, consumer, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, **REPORTS, **HORIZON
    )
    stream.send(1, 2, 3, 4, partition_key="a")
    run = mapping.run_until_idle()
    assert consumer.batches == [[1, 2, 3, 4], [2, 3, 4], [2], [2], [3, 4]]
    assert [record.json() for record in run.discarded] == [2]


def test_progress_renews_the_budget_and_a_suffix_is_discarded_whole(aws: Harness) -> None:
    """Six records, three retries, the last one fails: delivered five times, the record says 4 and a batch of 1."""
    stream, failed = aws.kinesis_stream("clicks"), aws.sqs_queue("failed")
    consumer = Consumer(6, reports=True)
    mapping = aws.event_source_mapping(
        stream,
        consumer,
        MaximumRetryAttempts=3,
        DestinationConfig={"OnFailure": {"Destination": failed.arn}},
        **REPORTS,
        **HORIZON,
    )
    stream.send(1, 2, 3, 4, 5, 6, partition_key="a")
    run = mapping.run_until_idle()
    assert consumer.batches == [[1, 2, 3, 4, 5, 6], [6], [6], [6], [6]]
    (message,) = failed.messages
    record = message.json()
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    assert record["responseContext"]["functionError"] is None
    assert len(run.processed) == 5


def test_a_failed_batch_is_retried_unchanged_with_its_request_id(aws: Harness) -> None:
    """After 0.2 and 0.4 s; what comes in meanwhile waits behind it."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer("bad")
    mapping = aws.event_source_mapping(stream, consumer, MaximumRetryAttempts=2, **HORIZON)
    (bad,) = stream.send("bad", partition_key="a")
    stream.send("good", partition_key="a", at=0.1)
    run = mapping.run_until_idle()
    assert run.attempts(bad) == [0, 0.2, 0.6]
    assert consumer.batches == [["bad"], ["bad"], ["bad"], ["good"]]
    assert len(set(consumer.request_ids[:3])) == 1


def test_an_aged_prefix_is_discarded_first(aws: Harness) -> None:
    """Condition RecordAgeExceeded, without a responseContext; what is young enough is delivered."""
    stream, failed = aws.kinesis_stream("clicks"), aws.sqs_queue("failed")
    consumer = Consumer()
    mapping = aws.event_source_mapping(
        stream,
        consumer,
        MaximumRecordAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": failed.arn}},
        **HORIZON,
    )
    (old,) = stream.send("old", partition_key="a")
    aws.virtual_clock.advance(61)
    (young,) = stream.send("young", partition_key="a")
    run = mapping.run_until_idle()
    assert run.discarded == [old]
    assert run.processed == [young]
    assert run.attempts(old) == []
    record = failed.messages[0].json()
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert "responseContext" not in record


def test_a_poison_record_with_default_settings_expires_after_a_day(aws: Harness) -> None:
    """Infinite retries end at retention, and the good records behind it age out with it; the run names them."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer("bad")
    mapping = aws.event_source_mapping(stream, consumer, BatchSize=1, **HORIZON)
    (bad,) = stream.send("bad", partition_key="a")
    behind = stream.send("good", "better", partition_key="a")
    run = mapping.run_until_idle()
    assert run.expired == [bad, *behind]
    assert run.attempts(behind[0]) == []
    assert DAY <= run.elapsed < DAY + 61
    assert run.metrics["IteratorAge"] > 86_000_000
    assert "endless-retries-without-destination" in [advice.code for advice in run.advice]


def test_with_a_longer_retention_the_bound_explains_the_blocked_shard(aws: Harness) -> None:
    """Which record, how often, how old."""
    stream = aws.kinesis_stream("clicks", RetentionPeriodHours=8_760)
    mapping = aws.event_source_mapping(stream, Consumer("bad"), **HORIZON)
    stream.send("bad", partition_key="a")
    with pytest.raises(RunLimitReached, match="shardId-000000000000 is blocked by <KinesisRecord") as caught:
        mapping.run_until_idle()
    assert "iterator age" in str(caught.value)
    assert "AssertionError" in str(caught.value)


# -- positions, mappings -----------------------------------------------------------------------------------------------


def test_positions(aws: Harness) -> None:
    """From the beginning, from now on, from a moment; what was lost is said."""
    stream = aws.kinesis_stream("clicks")
    stream.send("early", partition_key="a")
    aws.virtual_clock.advance(10)
    stream.send("middle", partition_key="a")
    aws.virtual_clock.advance(10)
    moment = "2025-01-01T00:00:05Z"
    consumers = [Consumer() for _ in range(3)]
    all_, now, from_moment = (
        aws.event_source_mapping(stream, consumer, function={"FunctionName": f"f{number}"}, **position)
        for number, (consumer, position) in enumerate(
            zip(
                consumers,
                (
                    HORIZON,
                    {"StartingPosition": "LATEST"},
                    {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": moment},
                ),
                strict=True,
            )
        )
    )
    stream.send("late", partition_key="a")
    aws.run_until_idle()
    assert [consumer.batches for consumer in consumers] == [
        [["early", "middle", "late"]],
        [["late"]],
        [["middle", "late"]],
    ]
    assert len(now.view().records) == 1
    assert len(from_moment.view().records) == 2
    assert "latest-loses-records" in [advice.code for advice in now.view().advice]
    assert "latest-loses-records" not in [advice.code for advice in all_.view().advice]


def test_two_mappings_of_one_stream_are_independent(aws: Harness) -> None:
    """A record has a fate for each."""
    stream = aws.kinesis_stream("clicks")
    good, bad = Consumer(), Consumer("a")
    one = aws.event_source_mapping(stream, good, function={"FunctionName": "good"}, **HORIZON)
    two = aws.event_source_mapping(stream, bad, function={"FunctionName": "bad"}, MaximumRetryAttempts=0, **HORIZON)
    (record,) = stream.send("a", partition_key="a")
    aws.run_until_idle()
    assert one.view().fate(record) == "processed"
    assert two.view().fate(record) == "discarded"


def test_a_mapping_that_was_disabled_resumes_at_its_checkpoint(aws: Harness) -> None:
    """Nothing is lost, nothing comes twice."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer()
    mapping = aws.event_source_mapping(stream, consumer, **HORIZON)
    stream.send("a", partition_key="k")
    mapping.run_until_idle()
    mapping.disable()
    stream.send("b", partition_key="k")
    assert [record.data for record in mapping.run_until_idle().pending] == [b"b"]
    mapping.enable()
    mapping.run_until_idle()
    assert consumer.batches == [["a"], ["b"]]
    assert mapping.describe()["LastProcessingResult"] == "OK"


def test_a_deleted_mapping_expects_nothing_more(aws: Harness) -> None:
    """Its run so far stays readable."""
    stream = aws.kinesis_stream("clicks")
    mapping = aws.event_source_mapping(stream, Consumer(), **HORIZON)
    stream.send("a", partition_key="k")
    mapping.run_until_idle()
    mapping.delete()
    stream.send("b", partition_key="k")
    assert [record.data for record in mapping.view().records] == [b"a"]


def test_parallelization_keeps_the_order_of_each_key(aws: Harness) -> None:
    """Two batches of a shard at once, never two of one key."""
    stream = aws.kinesis_stream("clicks")
    spans: list[tuple[float, float, str]] = []

    def handler(event: Any, _context: Any) -> None:
        began = aws.virtual_clock.elapsed
        spans.extend((began, began + 2, record["kinesis"]["partitionKey"]) for record in event["Records"])

    mapping = aws.event_source_mapping(stream, handler, duration=2, BatchSize=1, ParallelizationFactor=2, **HORIZON)
    for number in range(4):
        stream.send(number, partition_key="ab"[number % 2])
    run = mapping.run_until_idle()
    assert run.elapsed == 4
    for key in "ab":
        mine = [span for span in spans if span[2] == key]
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(mine))


def test_children_wait_until_their_parent_is_drained(aws: Harness) -> None:
    """A shard that is split while its first record blocks it; then a merge."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer("bad")
    mapping = aws.event_source_mapping(stream, consumer, MaximumRetryAttempts=3, BatchSize=10, **HORIZON)
    stream.send("bad", partition_key="a")
    mapping.run_for(0.3)
    (parent,) = stream.shards
    left, right = stream.split(parent)
    stream.send(1, 2, 3, 4, partition_key=lambda number: f"key-{number}")
    mapping.run_until_idle()
    assert consumer.batches[:4] == [["bad"]] * 4
    assert sorted(number for batch in consumer.batches[4:] for number in batch) == [1, 2, 3, 4]
    stream.merge(left, right)
    stream.send(5, partition_key="a")
    mapping.run_until_idle()
    assert consumer.batches[-1] == [5]


def test_a_filter_passes_over_what_it_drops(aws: Harness) -> None:
    """Filtered records move the checkpoint, and do not fill a batch."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer()
    pattern = json.dumps({"data": {"amount": [{"numeric": [">", 10]}]}})
    mapping = aws.event_source_mapping(
        stream, consumer, BatchSize=2, FilterCriteria={"Filters": [{"Pattern": pattern}]}, **HORIZON
    )
    sent = stream.send(*({"amount": amount} for amount in (1, 20, 2, 30)), partition_key="a")
    run = mapping.run_until_idle()
    assert consumer.batches == [[{"amount": 20}, {"amount": 30}]]
    assert run.filtered == [sent[0], sent[2]]
    assert run.metrics["FilteredOutEventCount"] == 2


def test_a_consumer_gets_kpl_aggregates_one_by_one(aws: Harness) -> None:
    """Enhanced fan-out: inner records share a sequence number; without it the aggregate arrives opaque."""
    stream = aws.kinesis_stream("clicks")
    fan_out = stream.consumer("reader")
    seen: dict[str, Any] = {}
    for name, source in (("plain", stream), ("fan-out", fan_out)):
        aws.event_source_mapping(
            source,
            lambda event, _context, name=name: seen.setdefault(name, event),
            function={"FunctionName": name},
            **HORIZON,
        )
    stream.send({"n": 1}, {"n": 2}, partition_key="a", aggregate=True)
    aws.run_until_idle()
    assert len(seen["plain"]["Records"]) == 1
    assert payloads(seen["fan-out"]) == [{"n": 1}, {"n": 2}]
    assert len({record["kinesis"]["sequenceNumber"] for record in seen["fan-out"]["Records"]}) == 1
    assert seen["fan-out"]["Records"][0]["eventSourceARN"] == fan_out.arn


# -- windows -----------------------------------------------------------------------------------------------------------


def test_a_tumbling_window_carries_its_state_and_ends_with_a_final_invocation(aws: Harness) -> None:
    """State is {} first; the final invocation has no records; the next window begins anew."""
    stream = aws.kinesis_stream("clicks")
    calls: list[tuple[int, dict[str, Any], bool]] = []

    def count(event: Any, _context: Any) -> Any:
        calls.append((len(event["Records"]), event["state"], event["isFinalInvokeForWindow"]))
        return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}

    mapping = aws.event_source_mapping(stream, count, TumblingWindowInSeconds=30, BatchSize=2, **HORIZON)
    stream.send(1, 2, 3, partition_key="a")
    stream.send(4, partition_key="a", at=40)
    run = mapping.run_until_idle()
    assert calls == [
        (2, {}, False),
        (1, {"n": 2}, False),
        (0, {"n": 3}, True),
        (1, {}, False),
        (0, {"n": 1}, True),
    ]
    assert len(run.processed) == 4


# -- DynamoDB ----------------------------------------------------------------------------------------------------------


def test_whatever_the_users_code_writes_becomes_records(aws: Harness) -> None:
    """Items, batches, transactions and PartiQL through boto3; writes that change nothing do not."""
    table = aws.dynamodb_table("orders")
    names: list[str] = []
    mapping = aws.event_source_mapping(
        table, lambda event, _context: names.extend(record["eventName"] for record in event["Records"]), **HORIZON
    )
    client = boto3.client("dynamodb", region_name="us-east-1")
    item = {"id": {"S": "a"}, "total": {"N": "1"}}
    client.put_item(TableName="orders", Item=item)
    client.put_item(TableName="orders", Item=item)
    client.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]})
    client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "orders", "Item": {"id": {"S": "c"}}}},
            {"Delete": {"TableName": "orders", "Key": {"id": {"S": "b"}}}},
        ]
    )
    client.execute_statement(Statement='UPDATE "orders" SET total=? WHERE id=?', Parameters=[{"N": "2"}, {"S": "a"}])
    run = mapping.run_until_idle()
    assert names == ["INSERT", "INSERT", "INSERT", "REMOVE", "MODIFY"]
    assert run.processed == table.records
    assert run.processed[0].new_image == {"id": {"S": "a"}, "total": {"N": "1"}}


def test_time_to_live_is_the_services_remove(aws: Harness) -> None:
    """At its second, on virtual time, while nobody polls as well as during a run."""
    table = aws.dynamodb_table("sessions", ttl="expires")
    events: list[Any] = []
    mapping = aws.event_source_mapping(table, lambda event, _context: events.extend(event["Records"]), **HORIZON)
    beginning = 1_735_689_600
    table.put({"id": "a", "expires": beginning + 100})
    table.put({"id": "b", "expires": beginning + 5_000})
    assert mapping.run_until_idle().elapsed == 0
    mapping.run_for(200)
    assert events[-1]["userIdentity"]["principalId"] == "dynamodb.amazonaws.com"
    assert mapping.view().invocations[-1].at == 100
    aws.virtual_clock.advance(10_000)
    run = mapping.run_until_idle()
    assert [record["eventName"] for record in events] == ["INSERT", "INSERT", "REMOVE", "REMOVE"]
    assert run.processed[-1].created_ms == (beginning + 5_000) * 1_000
    assert table.items == []


# -- refusals, faults, adopted -----------------------------------------------------------------------------------------


def test_what_means_nothing_for_a_stream_is_refused(aws: Harness) -> None:
    """Faults of queues, groups of FIFO queues, attributes of what is there already."""
    stream = aws.kinesis_stream("clicks")
    with pytest.raises(UsageError, match="throttles and crashes"):
        aws.event_source_mapping(stream, Consumer(), faults=Faults(duplicates=0.1), **HORIZON)
    with pytest.raises(UsageError, match="message groups of FIFO queues"):
        aws.event_source_mapping(stream, Consumer(), single_group_batches=True, **HORIZON)
    with pytest.raises(UsageError, match="leave out ShardCount"):
        aws.kinesis_stream(stream.arn, ShardCount=2)
    with pytest.raises(UsageError, match="leave out BillingMode"):
        aws.dynamodb_table(aws.dynamodb_table().arn, BillingMode="PROVISIONED")
    with pytest.raises(ClientError, match="Unsupported starting position"):
        aws.event_source_mapping(
            aws.dynamodb_table("orders"),
            Consumer(),
            StartingPosition="AT_TIMESTAMP",
            StartingPositionTimestamp="2024-01-01",
        )


def test_sources_without_a_name_get_one_and_existing_ones_are_adopted(aws: Harness) -> None:
    """By ARN."""
    assert [aws.kinesis_stream().name for _ in range(2)] == ["stream-1", "stream-2"]
    table = aws.dynamodb_table()
    assert table.name == "table-1"
    assert aws.dynamodb_table(table.stream_arn).name == "table-1"
    assert aws.kinesis_stream(aws.kinesis_stream("clicks").arn).name == "clicks"


def test_crashes_of_the_poller_lose_nothing(aws: Harness) -> None:
    """What was processed before the crash comes again: at least once."""
    stream = aws.kinesis_stream("clicks")
    consumer = Consumer()
    mapping = aws.event_source_mapping(stream, consumer, faults=Faults(crashes=0.5), BatchSize=1, **HORIZON)
    sent = stream.send(*range(10), partition_key="a")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert len(consumer.batches) > 10
    assert sorted({batch[0] for batch in consumer.batches}) == list(range(10))


def test_a_second_delivery_of_a_streams_batch(aws: Harness) -> None:
    """Idempotency is asked for streams, too: the same batch from the same checkpoint."""
    stream = aws.kinesis_stream("clicks")
    total = [0]

    def handler(event: Any, _context: Any) -> None:
        total[0] += sum(payloads(event))

    mapping = aws.event_source_mapping(stream, handler, **HORIZON)
    stream.send(1, 2, partition_key="a")
    mapping.run_until_idle()
    assert mapping.check_idempotency(total=lambda: total) == ["total"]


def test_metrics_of_a_queue_and_a_stream_together(aws: Harness) -> None:
    """The harness's run sums counts, and takes the greatest age."""
    stream, queue = aws.kinesis_stream("clicks"), aws.sqs_queue("orders")
    aws.event_source_mapping(stream, lambda *_: time.sleep(1), BatchSize=1, **HORIZON)
    aws.event_source_mapping(queue, lambda *_: None, function={"FunctionName": "orders"})
    stream.send(1, 2, partition_key="a")
    queue.send("a")
    run = aws.run_until_idle()
    assert run.metrics["Invocations"] == 3
    assert run.metrics["DeletedEventCount"] == 1
    assert run.metrics["IteratorAge"] >= 1_000
    assert len(run.processed) == 3


@pytest.mark.parametrize("kind", ["kinesis", "dynamodb"])
def test_powertools_batch_processor_runs_through_the_loop(aws: Harness, kind: str) -> None:
    """A handler as most people write it, for both sources."""
    event_type = EventType.KinesisDataStreams if kind == "kinesis" else EventType.DynamoDBStreams
    processor = BatchProcessor(event_type=event_type)

    def one(record: Any) -> None:
        poison = record.kinesis.data_as_text() if kind == "kinesis" else record.dynamodb.new_image["id"]
        assert poison != "bad"

    def handler(event: Any, context: Any) -> Any:
        return process_partial_response(event=event, record_handler=one, processor=processor, context=context)

    source: Any = aws.kinesis_stream("clicks") if kind == "kinesis" else aws.dynamodb_table("orders")
    mapping = aws.event_source_mapping(
        source, handler, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, **REPORTS, **HORIZON
    )
    for name in ("good", "bad", "better"):
        if kind == "kinesis":
            source.send(name, partition_key="a")
        else:
            source.put({"id": name})
    run = mapping.run_until_idle()
    assert [record.data if kind == "kinesis" else record.json()["id"] for record in run.discarded] in (
        ["bad"],
        [b"bad"],
    )
    assert len(run.processed) == 2


def test_windows_are_delivered_again_with_their_ends(aws: Harness) -> None:
    """A window's final invocation has no records, and its second delivery is one like any other."""
    sizes: list[int] = []

    def handler(event: Any, context: Any) -> Any:
        sizes.append(len(event["Records"]))
        return {"state": {}}

    stream = aws.kinesis_stream("clicks")
    mapping = aws.event_source_mapping(stream, handler, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=10)
    stream.send("one")
    mapping.run_until_idle()
    assert sizes == [1, 0]
    assert mapping.check_idempotency(sizes=lambda: sizes) == ["sizes"]
    assert sizes == [1, 0, 1, 0]
