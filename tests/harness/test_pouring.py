"""Captured records, put back into their sources and driven with mappings: what comes out is what was captured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Returned,
    load,
    replay,
    write,
)
from pytest_lambda_events.cassette.player import LambdaCassette
from pytest_lambda_events.errors import CassetteDifference, UsageError
from pytest_lambda_events.events import (
    ABSENT,
    activemq_event,
    documentdb_event,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    msk_event,
    rabbitmq_event,
    s3_batch_event,
    sqs_event,
    sqs_fifo_event,
)
from pytest_lambda_events.sources import SOURCES, pouring_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.harness import Harness

GOLDEN = Path(__file__).parents[1] / "data" / "events"
SAMPLES = Path(__file__).parents[2] / "cassettes"


@pytest.fixture
def tape(tmp_path: Path, lambda_events: Harness) -> Callable[..., LambdaCassette]:
    """A cassette of these events, in a test that has a harness."""

    def make(source: str, *events: Any, **options: Any) -> LambdaCassette:
        interactions = [one if isinstance(one, Interaction) else Interaction(event=one) for one in events]
        path = tmp_path / "cassette.json"
        cassette = Cassette(
            source=source,
            recorded_at="2025-01-01T00:00:00Z",
            recorded_by="test",
            captured=Captured(how="test"),
            interactions=tuple(interactions),
        )
        write(cassette, path, overwrite=path.exists())
        return LambdaCassette(path, clock=lambda: lambda_events.virtual_clock, **options)

    return make


def succeed(_event: Any, _context: Any) -> None:
    """A handler."""


def nothing(_event: Any, _context: Any) -> None:
    """Another one: the first is the name of another function."""


class Kept:
    """A handler that keeps what it gets."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: Any, _context: Any) -> None:
        self.events.append(event)


# -- each source -------------------------------------------------------------------------------------------------------


def queue(aws: Harness) -> Any:
    return aws.sqs_queue("orders")


def fifo_queue(aws: Harness) -> Any:
    return aws.sqs_queue("orders.fifo")


def stream(aws: Harness) -> Any:
    return aws.kinesis_stream("clicks", ShardCount=2)


def table(aws: Harness) -> Any:
    return aws.dynamodb_table("orders", keys=("id",))


def topic(aws: Harness) -> Any:
    return aws.kafka_topic("orders", partitions=2)


def msk(aws: Harness) -> Any:
    return aws.msk_topic("orders", partitions=2)


def active(aws: Harness) -> Any:
    return aws.activemq_queue("orders")


def rabbit(aws: Harness) -> Any:
    return aws.rabbitmq_queue("orders")


def collection(aws: Harness) -> Any:
    return aws.documentdb_collection("shop.orders")


MESSAGE = ("data", "messageType", "deliveryMode", "correlationID", "replyTo", "type", "priority", "properties")

RECORDED = {
    "sqs": lambda e: [
        (r["body"], r["messageAttributes"], r["attributes"].get("MessageGroupId")) for r in e["Records"]
    ],
    "sqs_fifo": lambda e: [
        (r["body"], r["attributes"]["MessageGroupId"], r["attributes"]["MessageDeduplicationId"]) for r in e["Records"]
    ],
    "kinesis": lambda e: [(r["kinesis"]["data"], r["kinesis"]["partitionKey"]) for r in e["Records"]],
    "dynamodb": lambda e: [
        (r["eventName"], *(r["dynamodb"].get(name) for name in ("Keys", "OldImage", "NewImage"))) for r in e["Records"]
    ],
    "kafka": lambda e: [
        (r["partition"], r.get("key"), r.get("value"), r["headers"]) for many in e["records"].values() for r in many
    ],
    "activemq": lambda e: [
        tuple(r[name] for name in MESSAGE) for r in e["messages"]
    ],
    "documentdb": lambda e: [
        {name: one["event"].get(name) for name in ("operationType", "documentKey", "fullDocument", "updateDescription")}
        for one in e["events"]
    ],
    "rabbitmq": lambda e: [
        (r["data"], {**r["basicProperties"], "userId": None}) for many in e["rmqMessagesByQueue"].values() for r in many
    ],
}  # fmt: skip
RECORDED["msk"] = RECORDED["kafka"]

# a batch has one partition after the other, or one group; shards are read one after the other
SORTED = {"kafka", "msk", "kinesis", "sqs_fifo"}
ATTRIBUTES = {"name": "Zoë", "count": 7, "raw": b"\x00\xff", "typed": {"DataType": "Number.int", "StringValue": "12"}}

CASES: dict[str, tuple[str, Any, Any]] = {
    "sqs": ("sqs", queue, sqs_event({"order": 1}, "é\n", message_attributes=ATTRIBUTES, message_group_id="tenant")),
    "sqs plain": ("sqs", queue, sqs_event("a", "b", "a")),
    "sqs_fifo": (
        "sqs_fifo",
        fifo_queue,
        sqs_fifo_event("a", "b", "c", message_group_id=["x", "y", "x"].__getitem__),
    ),
    "kinesis": ("kinesis", stream, kinesis_event({"click": 1}, b"\xff\x00", partition_key="user")),
    "dynamodb insert": ("dynamodb", table, dynamodb_event({"id": "a", "total": 5, "raw": b"\xff", "tags": {"x", "y"}})),
    "dynamodb modify": (
        "dynamodb",
        table,
        dynamodb_event({"id": "a", "total": 5}, event_name="MODIFY", old={"id": "a", "total": 3, "gone": None}),
    ),
    "dynamodb remove": ("dynamodb", table, dynamodb_event({"id": "a", "total": 5}, event_name="REMOVE")),
    "kafka": (
        "kafka",
        topic,
        kafka_event({"n": 1}, None, b"\xff", key=["k", "k", None].__getitem__, headers=[("h", "1"), ("h", b"\xff")]),
    ),
    "msk": ("msk", msk, msk_event("a", "b", "c", partitions=2, partition=[0, 1, 0].__getitem__)),
    "activemq": (
        "activemq",
        active,
        activemq_event(
            "a",
            b"\xff",
            correlation_id="c",
            reply_to="back",
            type="t",
            priority=7,
            properties={"n": 1, "JMSXGroupID": "g"},
        ),
    ),
    "documentdb": (
        "documentdb",
        collection,
        documentdb_event(
            {"_id": 1, "total": 5, "at": {"city": "Riga"}, "tags": ["a", "b"], "note": None},
            count=4,
            operation=["insert", "update", "replace", "delete"].__getitem__,
            changes=lambda n: {"total": 6, "at.city": "Oslo", "tags.1": "c", "note": ABSENT} if n == 1 else None,
        ),
    ),
    "documentdb update": (
        "documentdb",
        collection,
        documentdb_event(
            {"$oid": "0123456789abcdef01234567"},
            operation="update",
            changes={"total": 6, "at.city": "Oslo", "tags.1": "c", "deep.er.note": ABSENT},
        ),
    ),
    "documentdb replace": ("documentdb", collection, documentdb_event({"_id": 1, "n": 1}, operation="replace")),
    "documentdb delete": ("documentdb", collection, documentdb_event(7, operation="delete")),
    "rabbitmq": (
        "rabbitmq",
        rabbit,
        rabbitmq_event(
            {"a": 1},
            b"\xff",
            headers={"text": "é", "n": 5, "deep": {"list": ["a", 1], "none": None}},
            priority=5,
            timestamp="2025-01-01T13:30:34Z",
            message_id="m",
            app_id="shop",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_comes_out_is_what_was_captured(case: str, tape: Any, lambda_events: Harness) -> None:
    """Whatever the record carries of its own; ids and times are given anew."""
    name, make, event = CASES[case]
    source, handler = make(lambda_events), Kept()
    cassette = tape(name, event)
    parameters = {} if name in ("sqs", "sqs_fifo", "activemq", "rabbitmq") else {"StartingPosition": "TRIM_HORIZON"}
    mapping = lambda_events.event_source_mapping(source, handler, **parameters)
    records = cassette.pour(source)
    run = mapping.run_until_idle()
    assert run.processed == records == source.records
    seen = RECORDED[name]
    found = [one for event in handler.events for one in seen(event)]
    assert sorted(map(repr, found)) == sorted(map(repr, seen(event)))
    if name not in SORTED:
        assert found == seen(event)
    captured = [cassette.captured(record) for record in records]
    assert [one.record for one in captured] == cassette.records
    assert [one.event for one in captured] == [0] * len(records)


def test_every_source_that_is_simulated_is_here() -> None:
    """A new source needs a line above."""
    there = {name for name, _, _ in CASES.values()} | {"s3_batch"}
    assert {source.name for source in SOURCES} == there


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_golden_event_can_be_poured(path: Path, tape: Any, lambda_events: Harness) -> None:
    """None of the forms that a source's events have is refused."""
    name = path.parent.name
    event = json.loads(path.read_text(encoding="utf-8"))
    cassette = tape(name, event)
    if name == "s3_batch":
        job = lambda_events.s3_batch_job(succeed, **cassette.job())
        assert [task.key for task in job.records]
        return
    makers: dict[str, Any] = {named: make for named, make, _ in CASES.values()}
    source = _table_for(lambda_events, event) if name == "dynamodb" else makers[name](lambda_events)
    records = cassette.pour(source)
    if name == "documentdb":  # an invalidate follows from what was before it
        operations = [one["event"]["operationType"].removesuffix("Database") for one in cassette.records]
        made = [one.change["operationType"] for one in records]
        assert [one for one in made if one != "invalidate"] == [one for one in operations if one != "invalidate"]
        return
    assert len(records) == len(cassette.records)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.json")), ids=lambda path: path.parent.name)
def test_every_sample_can_be_poured(path: Path, lambda_events: Harness) -> None:
    """The committed cassettes, of what AWS's documentation prints."""
    made: dict[str, Any] = {name: make for name, make, _ in CASES.values()}
    cassette = LambdaCassette(path, clock=lambda: lambda_events.virtual_clock)
    if path.parent.name == "s3_batch":
        assert lambda_events.s3_batch_job(succeed, **cassette.job()).records
    elif path.parent.name == "dynamodb":
        assert cassette.pour(_table_for(lambda_events, cassette.event))
    else:
        assert len(cassette.pour(made[path.parent.name](lambda_events))) == len(cassette.records)


def _table_for(aws: Harness, event: Any) -> Any:
    first = (event["Records"] or [{"dynamodb": {"Keys": {"id": {"S": ""}}}}])[0]["dynamodb"]["Keys"]
    return aws.dynamodb_table("orders", keys={name: kind for name, value in first.items() for kind in value})


# -- each record once --------------------------------------------------------------------------------------------------


def test_a_record_that_was_delivered_twice_is_put_once(tape: Any, lambda_events: Harness) -> None:
    """A retry in the cassette is no second message; it is said where else it was."""
    first, again = sqs_event("a", "b"), sqs_event("a", "b", receive_count=2)
    del again["Records"][0]
    cassette, source = tape("sqs", first, again), queue(lambda_events)
    one, two = cassette.pour(source)
    assert [one.body, two.body] == ["a", "b"]
    assert cassette.captured(one).also == ()
    found = cassette.captured(two)
    assert (found.event, found.path, found.also) == (0, "Records[1]", ((1, "Records[0]"),))


def test_rabbitmqs_messages_have_no_identity(tape: Any, lambda_events: Harness) -> None:
    """Two alike are two; one that says redelivered is one that was there before."""
    event = rabbitmq_event("a", "a")
    again = rabbitmq_event("a", redelivered=True)
    source = rabbit(lambda_events)
    assert len(tape("rabbitmq", event).pour(source)) == 2
    assert len(tape("rabbitmq", again, again).pour(source)) == 1


def test_rabbitmqs_properties_that_no_publisher_could_set(tape: Any, lambda_events: Harness) -> None:
    """Bytes among the headers that are no text stay bytes; a time that is none is left out."""
    event = rabbitmq_event("a", headers={"raw": "x"})
    properties = event["rmqMessagesByQueue"]["orders::/"][0]["basicProperties"]
    properties["headers"]["raw"]["bytes"] = [-1, -2]
    properties["timestamp"] = "yesterday"
    (record,) = tape("rabbitmq", event).pour(rabbit(lambda_events))
    assert record.headers == {"raw": b"\xff\xfe"}
    assert record.timestamp is None


def test_records_of_an_aggregate_share_their_number(tape: Any, lambda_events: Harness) -> None:
    """As enhanced fan-out hands them over; each is one."""
    event = kinesis_event("a", "b")
    event["Records"][1]["kinesis"]["sequenceNumber"] = event["Records"][0]["kinesis"]["sequenceNumber"]
    event["Records"][1]["eventID"] = event["Records"][0]["eventID"]
    assert [one.data for one in tape("kinesis", event, event).pour(stream(lambda_events))] == [b"a", b"b"]


def test_a_message_lives_as_long_as_it_did(tape: Any, lambda_events: Harness) -> None:
    """Its time to live, not the moment at which it would have been over."""
    event = activemq_event("a", time="2024-01-01T00:00:00Z")
    event["messages"][0]["expiration"] = event["messages"][0]["timestamp"] + 5_000
    (record,) = tape("activemq", event).pour(active(lambda_events))
    assert record.expiration == record.timestamp + 5_000


# -- images ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
def test_images_that_were_not_captured_are_made_up(view: str, name: str, tape: Any, lambda_events: Harness) -> None:
    """The change and its keys are those captured, and so is every image that is known; the others say what they are."""
    old = {} if name != "MODIFY" else {"old": {"id": "a", "total": 3}}
    event = dynamodb_event({"id": "a", "total": 5}, event_name=name, StreamViewType=view, **old)
    change = event["Records"][0]["dynamodb"]
    (record,) = tape("dynamodb", event).pour(table(lambda_events))
    assert (record.event_name, record.keys) == (name, change["Keys"])
    for image, key in ((record.old_image, "OldImage"), (record.new_image, "NewImage")):
        if key in change:
            assert image == change[key]
        elif image is not None:
            assert image == {"id": {"S": "a"}, "not_captured": image["not_captured"]}


def test_changes_of_one_item_follow_one_another(tape: Any, lambda_events: Harness) -> None:
    """No image is made up where the one before it says it; the table is not seen to be set up."""
    events = [
        dynamodb_event({"id": "a", "n": 1}, StreamViewType="NEW_IMAGE", seed=1),
        dynamodb_event({"id": "a", "n": 2}, event_name="MODIFY", StreamViewType="NEW_IMAGE", seed=2),
        dynamodb_event({"id": "a"}, event_name="REMOVE", StreamViewType="NEW_IMAGE", seed=3),
    ]
    source = table(lambda_events)
    tape("dynamodb", *events).pour(source)
    assert [(one.event_name, one.json(), one.old_image) for one in source.records] == [
        ("INSERT", {"id": "a", "n": 1}, None),
        ("MODIFY", {"id": "a", "n": 2}, {"id": {"S": "a"}, "n": {"N": "1"}}),
        ("REMOVE", {"id": "a", "n": 2}, {"id": {"S": "a"}, "n": {"N": "2"}}),
    ]
    assert source.items == []


def test_an_insert_of_what_is_there_is_one(tape: Any, lambda_events: Harness) -> None:
    """The item that was there goes, and nobody sees it go."""
    source = table(lambda_events)
    source.put({"id": "a", "n": 0})
    tape("dynamodb", dynamodb_event({"id": "a", "n": 1})).pour(source)
    assert [one.event_name for one in source.records] == ["INSERT", "INSERT"]


def test_changes_of_a_database_go_to_their_collections(tape: Any, lambda_events: Harness) -> None:
    """Made where they were made; a collection takes those of any."""
    events = [
        documentdb_event({"_id": 1}, collection="shop.orders"),
        documentdb_event({"_id": 1}, collection="shop.products", seed=1),
    ]
    database = lambda_events.documentdb_database("test")
    tape("documentdb", *events).pour(database)
    assert [one.change["ns"]["coll"] for one in database.records] == ["orders", "products"]
    with pytest.raises(UsageError, match="E11000"):
        database.collection("orders").insert({"_id": 1})
    gone = documentdb_event(operation="dropDatabase", collection="shop.orders", seed=2)
    made = tape("documentdb", gone).pour(database)
    operations = [one.change["operationType"] for one in made if one.change["operationType"] != "invalidate"]
    assert operations == ["drop", "drop", "dropDatabase"]


def test_a_document_is_not_seen_to_be_set_up(tape: Any, lambda_events: Harness) -> None:
    """What is there stays; what is inserted was not there."""
    source = collection(lambda_events)
    source.insert({"_id": 1, "total": 1}, {"_id": 2})
    update = documentdb_event(1, operation="update", changes={"total": 6})
    insert = documentdb_event({"_id": 2, "total": 5}, seed=1)
    tape("documentdb", update, insert).pour(source)
    assert [one.change["operationType"] for one in source.records] == ["insert", "insert", "update", "insert"]
    assert source.find() == [{"_id": 1, "total": 6}, {"_id": 2, "total": 5}]


def test_an_update_that_was_looked_up(tape: Any, lambda_events: Harness) -> None:
    """Its whole document is known, and is that again."""
    event = documentdb_event(
        {"_id": 1, "total": 5, "tags": [{"n": 1}]},
        operation="update",
        changes={"total": 6, "tags.0.n": 2},
        FullDocument="UpdateLookup",
    )
    source = collection(lambda_events)
    (record,) = tape("documentdb", event).pour(source)
    assert record.change["updateDescription"] == event["events"][0]["event"]["updateDescription"]
    assert source.find() == [event["events"][0]["event"]["fullDocument"]]


# -- times -------------------------------------------------------------------------------------------------------------


def test_all_at_once_or_at_a_moment(tape: Any, lambda_events: Harness) -> None:
    """By default now, else at that second."""
    cassette, source = (
        tape("sqs", sqs_event("a"), sqs_event("b", time="2025-01-01T00:10:00Z", seed=1)),
        queue(lambda_events),
    )
    cassette.pour(source)
    cassette.pour(source, at=60)
    mapping = lambda_events.event_source_mapping(source, succeed)
    run = mapping.run_until_idle()
    assert [run.attempts(record) for record in run.records] == [[0], [0], [60], [60]]


LATER: Any = {"time": "2025-01-01T00:10:00Z", "seed": 1}

SPREAD = {
    "sqs": ("sqs", queue, [sqs_event("a"), sqs_event("b", **LATER)]),
    "kinesis": ("kinesis", stream, [kinesis_event("a"), kinesis_event("b", **LATER)]),
    "dynamodb": (
        "dynamodb",
        table,
        [
            dynamodb_event({"id": "a", "n": 1}),
            dynamodb_event({"id": "a", "n": 2}, event_name="MODIFY", old={"id": "a", "n": 1}, **LATER),
        ],
    ),
    "kafka": ("kafka", topic, [kafka_event("a"), kafka_event("b", **LATER)]),
    "activemq": ("activemq", active, [activemq_event("a"), activemq_event("b", **LATER)]),
    "documentdb": (
        "documentdb",
        collection,
        [documentdb_event({"_id": 1}), documentdb_event(2, operation="delete", **LATER)],
    ),
    "rabbitmq": (
        "rabbitmq",
        rabbit,
        [rabbitmq_event("a", timestamp=100), rabbitmq_event("b", timestamp=700, seed=1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPREAD)
def test_times_are_kept_on_request(name: str, tape: Any, lambda_events: Harness) -> None:
    """The gaps between the records' own times; each record still says which it was."""
    _, make, events = SPREAD[name]
    cassette, source = tape(name, *events), make(lambda_events)
    lambda_events.virtual_clock.advance(30)
    cassette.pour(source, keep_times=True)
    parameters = {} if name in ("sqs", "activemq", "rabbitmq") else {"StartingPosition": "TRIM_HORIZON"}
    mapping = lambda_events.event_source_mapping(source, succeed, **parameters)
    run = mapping.run_until_idle()
    wait = 0.5 if name in ("kafka", "activemq", "rabbitmq", "documentdb") else 0  # their batching window
    assert [run.attempts(record) for record in run.processed] == [[30 + wait], [630 + wait]]
    assert [cassette.captured(record).event for record in run.processed] == [0, 1]


def test_kafkas_own_times_move_with_the_pouring(tape: Any, lambda_events: Harness) -> None:
    """The last is now and the others as much before it as they were; or each is the moment of its putting."""
    events = [kafka_event("a"), kafka_event("b", time="2025-01-01T00:10:00Z", seed=1)]
    cassette, source = tape("kafka", *events), topic(lambda_events)
    now_ms = lambda_events.virtual_clock.now_ms
    assert [one.timestamp - now_ms for one in cassette.pour(source)] == [-600_000, 0]
    assert cassette.pour(source, at=50) == []
    assert cassette.pour(source, at=100, keep_times=True) == []
    lambda_events.virtual_clock.advance(1_000)
    times = [one.timestamp - now_ms for one in source.records]
    assert times == [-600_000, 0, 50_000 - 600_000, 50_000, 100_000, 700_000]


# -- what cannot be ----------------------------------------------------------------------------------------------------


def test_another_kind_of_source_is_refused(tape: Any, lambda_events: Harness) -> None:
    """Records go into their like; both Kafkas are alike."""
    cassette = tape("sqs", sqs_event("a"))
    with pytest.raises(UsageError, match="holds records of Amazon SQS, and the source is Amazon Kinesis"):
        cassette.pour(stream(lambda_events))
    with pytest.raises(UsageError, match="and the source is a str"):
        cassette.pour("orders")
    with pytest.raises(UsageError, match=r"records of Amazon SQS make no job"):
        cassette.job()
    assert len(tape("msk", msk_event("a")).pour(topic(lambda_events))) == 1


def test_a_broken_event_is_said_to_be_one(tape: Any, lambda_events: Harness) -> None:
    """By its number."""
    with pytest.raises(UsageError, match=r"event 1 is no sound event.*KeyError\('body'\)"):
        tape("sqs", sqs_event("a"), {"Records": [{"eventSource": "aws:sqs"}]}).pour(queue(lambda_events))


def test_a_record_from_elsewhere_was_not_poured(tape: Any, lambda_events: Harness) -> None:
    """An error that names the cassette."""
    cassette, source = tape("kafka", kafka_event("a")), topic(lambda_events)
    cassette.pour(source, at=5)
    (other,) = source.send("b")
    with pytest.raises(UsageError, match=r"was not poured from cassette\.json"):
        cassette.captured(other)


def test_a_partition_that_is_not_there(tape: Any, lambda_events: Harness) -> None:
    """The key decides then."""
    event = kafka_event("a", key="k", partitions=9, partition=8)
    (record,) = tape("kafka", event).pour(topic(lambda_events))
    assert record.partition < 2


# -- jobs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", ["1.0", "2.0"])
def test_tasks_make_a_job(schema: Any, tape: Any, lambda_events: Harness) -> None:
    """Of the same objects; a task that was retried is one."""
    more = {"user_arguments": {"size": "64"}} if schema == "2.0" else {}
    events = [
        s3_batch_event("a b/ü.jpg", bucket="photos", version_id="v0", schema=schema, **more),
        s3_batch_event("c.jpg", bucket="photos", version_id="v1", schema=schema, seed=1, **more),
    ]
    cassette = tape("s3_batch", *events, events[0])
    arguments = cassette.job()
    assert arguments == {
        "keys": [("a b/ü.jpg", "v0"), ("c.jpg", "v1")],
        "bucket": "photos",
        **({"schema": "2.0", **more} if schema == "2.0" else {}),
    }

    def handler(event: Any, _context: Any) -> Any:
        results = [{"taskId": one["taskId"], "resultCode": "Succeeded", "resultString": ""} for one in event["tasks"]]
        return {"invocationSchemaVersion": schema, "invocationId": event["invocationId"], "results": results}

    job = lambda_events.s3_batch_job(handler, **arguments)
    run = job.run_until_idle()
    assert run.processed == job.records
    assert [cassette.captured(task).event for task in job.records] == [0, 1]
    assert cassette.captured(job.records[0]).also == ((2, "tasks[0]"),)


def test_tasks_are_not_poured(tape: Any) -> None:
    """The error says what to do; two buckets make no job, nor does nothing."""
    with pytest.raises(UsageError, match=r"s3_batch_job\(handler, \*\*lambda_cassette\.job\(\)\)"):
        tape("s3_batch", s3_batch_event("a")).pour(None)
    with pytest.raises(UsageError, match="of 2 buckets, one, two"):
        tape("s3_batch", s3_batch_event("a", bucket="one"), s3_batch_event("a", bucket="two", seed=1)).job()
    with pytest.raises(UsageError, match="no tasks"):
        tape("s3_batch").job()


# -- runs --------------------------------------------------------------------------------------------------------------


def test_yesterdays_batch_meets_retries(tape: Any, lambda_events: Harness) -> None:
    """One record of a captured batch fails three times and is dead-lettered; the handler's calls are answered anew."""
    rates = HttpCall(
        request=HttpRequest(method="GET", url="https://api.example.com/rates"),
        outcome=HttpResponse(status=200, body=b"2"),
    )
    event = Interaction(event=sqs_event("1", "poison", "3"), outcome=Returned(None), http=(rates,))
    cassette = tape("sqs", event)

    def handler(given: Any, _context: Any) -> Any:
        requests.get("https://api.example.com/rates", timeout=1)
        failed = [one["messageId"] for one in given["Records"] if one["body"] == "poison"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    source = lambda_events.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    _, poison, _ = cassette.pour(source)
    mapping = lambda_events.event_source_mapping(
        source, cassette.handler(handler), FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    run = mapping.run_until_idle()
    assert run.attempts(poison) == [0, 30, 60]
    assert run.dead_lettered == [poison]
    assert mapping.function.config.name == "handler"
    cassette.check_calls()
    assert cassette.unused() == []


def test_a_call_in_a_run_that_was_not_recorded_is_told_at_the_end(tape: Any, lambda_events: Harness) -> None:
    """Each once, although the poller tries again; and a recorded call that nobody made is unused."""
    rates = HttpCall(
        request=HttpRequest(method="GET", url="https://api.example.com/rates"),
        outcome=HttpResponse(status=200, body=b"2"),
    )
    cassette = tape("sqs", Interaction(event=sqs_event("1"), http=(rates,)))
    source = lambda_events.sqs_queue("orders", maxReceiveCount=2)
    cassette.pour(source)
    handler = cassette.handler(lambda *_: requests.get("https://api.example.com/other", timeout=1).json())
    run = lambda_events.event_source_mapping(source, handler).run_until_idle()
    assert len(run.dead_lettered) == 1
    with pytest.raises(CassetteDifference) as told:
        cassette.check_calls()
    assert str(told.value).count("has no answer to GET https://api.example.com/other") == 1
    assert cassette.unused() == [
        "cassette.json: the handler did not call GET https://api.example.com/rates, as it did when it was recorded"
    ]


def test_a_run_is_taken_and_replayed(tmp_path: Path, lambda_events: Harness) -> None:
    """What the function was handed and how it ended, and its calls: an answer, an error, a timeout, no JSON."""
    import responses

    path = tmp_path / "taken.json"
    cassette = LambdaCassette(path, mode="once", clock=lambda: lambda_events.virtual_clock)

    def handler(event: Any, context: Any) -> Any:
        match event["Records"][0]["body"]:
            case "call":
                return requests.get("https://api.example.com/rates", timeout=1).json()
            case "fail":
                raise ValueError("no")
            case "sleep":
                import time

                time.sleep(5)
            case "set":
                return {1}
        return None

    source = lambda_events.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=1)
    source.send("call", "fail", "sleep", "set", "x")
    mapping = lambda_events.event_source_mapping(source, cassette.handler(handler), BatchSize=1)
    with responses.RequestsMock() as world:
        world.add(responses.GET, "https://api.example.com/rates", json={"batchItemFailures": []})
        run = mapping.run_until_idle()
    cassette.take(run)
    assert cassette.save(tmp_path / "notes") is True

    found = load(path).interactions
    assert [one.at for one in found] == ["2025-01-01T00:00:00.000Z"] * 3 + ["2025-01-01T00:00:03.000Z"] * 2
    outcomes = [getattr(one.outcome, "type", None) for one in found]
    assert outcomes == [None, "ValueError", "Sandbox.Timedout", "Runtime.MarshalError", None]
    assert found[2].outcome.message == "Task timed out after 3.00 seconds"  # type: ignore[union-attr]
    assert [len(one.http) for one in found] == [1, 0, 0, 0, 0]
    assert [one.same for one in replay(load(path), handler)] == [True, True, False, True, True]


def test_throttled_invocations_are_not_taken(tmp_path: Path, lambda_events: Harness) -> None:
    """The function never had them; and where nothing is recorded, nothing is taken."""
    path = tmp_path / "taken.json"
    cassette = LambdaCassette(path, mode="once", clock=lambda: lambda_events.virtual_clock)
    source = lambda_events.sqs_queue("orders", VisibilityTimeout=60)
    source.send("a")
    mapping = lambda_events.event_source_mapping(source, succeed, function={"ReservedConcurrentExecutions": 0})
    run = mapping.run_for(20)
    assert {one.outcome for one in run.invocations} == {"throttled"}
    cassette.take(run)
    assert cassette.save(tmp_path / "notes") is False
    mapping.delete()
    run = lambda_events.event_source_mapping(source, nothing).run_until_idle()
    cassette.take(run)
    assert cassette.save(tmp_path / "notes") is True
    written = path.read_bytes()
    again = LambdaCassette(path, clock=lambda: lambda_events.virtual_clock)
    again.take(run)
    assert again.save(tmp_path / "notes") is False
    assert path.read_bytes() == written


def test_pouring_is_declared_for_every_source_but_none_twice() -> None:
    """Where a module is, it says which kinds it fills."""
    kinds = {source.name for source in SOURCES}
    for name in {name for name, _, _ in CASES.values()}:
        assert set(pouring_of(name).INTO) <= kinds
        assert name in pouring_of(name).INTO
