"""What Lambda does between a change stream and a function.

Lambda Developer Guide, "Using Lambda with Amazon DocumentDB"; Amazon DocumentDB Developer Guide, "Using AWS Lambda with
change streams".
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events import Faults, NotSimulated, UsageError
from pytest_lambda_events.events import validate

ARN = "arn:aws:rds:us-east-1:123456789012:cluster:orders"
FAILURES = "arn:aws:sqs:us-east-1:123456789012:failures"
FROM_START = {"StartingPosition": "TRIM_HORIZON"}
MIB = 1024 * 1024


def moments(run: Any) -> list[float]:
    return [call.at for call in run.invocations]


# -- events, batches, windows ------------------------------------------------------------------------------------------


def test_changes_come_in_order_in_events_that_are_sound(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    sent = orders.insert({"_id": 1, "total": 5}, {"_id": 2})
    sent += orders.update(1, {"total": 6}) + orders.replace(2, {"n": 1}) + orders.delete(1)
    run = mapping.run_until_idle()
    assert handler.batches == ["i1 i2 u1 r2 d1"]
    assert run.processed == run.records == sent
    assert validate(handler.events[0]) == []
    assert (handler.events[0]["eventSourceArn"], handler.events[0]["eventSource"]) == (ARN, "aws:docdb")
    assert [change["_id"]["_data"] for change in handler.changes] == [record.id for record in sent]


def test_a_batch_waits_half_a_second_for_more(aws: Any, orders: Any, recorder: Any) -> None:
    """500 ms from the first change, or until BatchSize is reached."""
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler, BatchSize=3)
    for at in (10, 10.4, 10.6, 20, 20.1, 20.2):
        orders.insert({"_id": at}, at=at)
    run = mapping.run_until_idle()
    assert [len(event["events"]) for event in handler.events] == [2, 1, 3]
    assert moments(run) == [10.5, 11.1, 20.2]


@pytest.mark.parametrize(("window", "at"), [(0, 10), (1, 11), (300, 310)])
def test_a_window_of_ones_own(aws: Any, orders: Any, recorder: Any, window: int, at: float) -> None:
    mapping = aws.event_source_mapping(orders, recorder(), MaximumBatchingWindowInSeconds=window)
    orders.insert({"_id": 1}, at=10)
    assert moments(mapping.run_until_idle()) == [at]


def test_one_invocation_at_a_time(aws: Any, orders: Any, recorder: Any) -> None:
    """However long it takes, and whatever waits."""
    mapping = aws.event_source_mapping(orders, recorder(), duration=2, BatchSize=1)
    orders.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    assert moments(mapping.run_until_idle()) == [0, 2, 4]


def test_an_event_stays_below_6_mb(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    orders.insert(*({"_id": number, "text": "x" * 2 * MIB} for number in range(5)))
    mapping.run_until_idle()
    assert handler.batches == ["i0 i1", "i2 i3", "i4"]


def test_a_change_of_more_than_6_mb_is_dropped_and_counted(aws: Any, orders: Any, recorder: Any) -> None:
    """The function never hears of it, and what is around it goes on."""
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    one, large, two = orders.insert({"_id": 1}, {"_id": "large", "text": "x" * 7 * MIB}, {"_id": 2})
    run = mapping.run_until_idle()
    assert (run.processed, run.discarded) == ([one, two], [large])
    assert handler.batches == ["i1", "i2"]
    assert run.metrics["OversizedRecordCount"] == 1
    assert (run.metrics["Errors"], run.metrics["FailedInvokeEventCount"], run.metrics["DroppedEventCount"]) == (0, 0, 0)
    assert run.attempts(large) == []
    assert run.destination(large) is None


# -- FullDocument ------------------------------------------------------------------------------------------------------


def test_by_default_an_update_has_no_document(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1, "total": 5})
    orders.update(1, {"total": 6})
    mapping.run_until_idle()
    assert [change.get("fullDocument") for change in handler.changes] == [{"_id": 1, "total": 5}, None]
    assert "fullDocument" not in handler.changes[1]


def test_update_lookup_adds_the_document_as_it_is_when_the_change_is_read(aws: Any, orders: Any, recorder: Any) -> None:
    """Not as the update left it: what came later is in it, too; null when it is gone. Inserts are as they were."""
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler, DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    orders.insert({"_id": 1, "n": 0}, {"_id": 2, "n": 0})
    orders.update(1, {"n": 1})
    orders.update(2, {"n": 1})
    orders.update(1, {"n": 2})
    orders.delete(2)
    orders.update(1, {"n": 3}, at=100)
    mapping.run_until_idle()
    assert [(change["operationType"], change.get("fullDocument")) for change in handler.changes] == [
        ("insert", {"_id": 1, "n": 0}),
        ("insert", {"_id": 2, "n": 0}),
        ("update", {"_id": 1, "n": 2}),
        ("update", None),
        ("update", {"_id": 1, "n": 2}),
        ("delete", None),
        ("update", {"_id": 1, "n": 3}),
    ]
    assert ["fullDocument" in change for change in handler.changes] == [True] * 5 + [False, True]
    assert list(handler.changes[2]) == [
        *("_id", "clusterTime", "documentKey", "fullDocument", "ns", "operationType", "updateDescription"),
    ]
    assert [validate(event) for event in handler.events] == [[], []]


def test_what_was_looked_up_stays_while_the_batch_is_retried(aws: Any, orders: Any, recorder: Any) -> None:
    """Tried again unchanged; read anew after the mapping was disabled and enabled."""
    orders.insert({"_id": 1, "n": 0})
    handler = recorder(1, times=2)
    mapping = aws.event_source_mapping(orders, handler, DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    orders.update(1, {"n": 1})
    mapping.run_for(0.6)
    orders.delete(1, at=0.65)
    mapping.run_for(0.2)
    assert [change["fullDocument"] for change in handler.changes] == [{"_id": 1, "n": 1}] * 2
    mapping.disable()
    mapping.enable()
    mapping.run_until_idle()
    assert [change.get("fullDocument") for change in handler.changes[2:]] == [None, None]


def test_a_renamed_collection_has_no_documents_to_look_up(aws: Any, orders: Any, recorder: Any) -> None:
    """They are looked for under the name that the change has."""
    handler = recorder()
    config = {"FullDocument": "UpdateLookup"}
    mapping = aws.event_source_mapping(orders.database, handler, DocumentDBEventSourceConfig=config)
    orders.insert({"_id": 1})
    orders.update(1, {"n": 1})
    orders.rename("archive")
    mapping.run_until_idle()
    assert [change.get("fullDocument", "absent") for change in handler.changes] == [{"_id": 1}, None, "absent"]


def test_full_document_can_be_changed(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1})
    mapping.update(DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    orders.update(1, {"n": 1})
    mapping.run_until_idle()
    assert handler.changes[-1]["fullDocument"] == {"_id": 1, "n": 1}
    mapping.update(DocumentDBEventSourceConfig={"FullDocument": "Default"})
    orders.update(1, {"n": 2})
    mapping.run_until_idle()
    assert "fullDocument" not in handler.changes[-1]


# -- what a mapping gets -----------------------------------------------------------------------------------------------


def test_a_collections_mapping_gets_its_own_changes(aws: Any, orders: Any, recorder: Any) -> None:
    """And its end: the drop, an invalidate, and what is written afterwards."""
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1})
    orders.database["users"].insert({"_id": 2})
    orders.drop()
    orders.insert({"_id": 3})
    run = mapping.run_until_idle()
    assert handler.batches == ["i1 drop invalidate i3"]
    assert run.processed == orders.records
    assert "ns" not in handler.changes[2]


def test_a_databases_mapping_gets_those_of_all_its_collections(aws: Any, recorder: Any) -> None:
    """In the order in which they were written, without the invalidates of collections."""
    shop = aws.documentdb_database("shop")
    handler = recorder()
    mapping = aws.event_source_mapping(shop, handler)
    shop["orders"].insert({"_id": 1})
    shop["users"].insert({"_id": 2})
    shop["orders"].update(1, {"n": 1})
    aws.documentdb_collection("other.orders").insert({"_id": 3})
    shop["orders"].drop()
    shop.drop()
    run = mapping.run_until_idle()
    assert handler.batches == ["i1 i2 u1 drop drop dropDatabase invalidate"]
    assert [change.get("ns", {}).get("coll") for change in handler.changes] == [
        *("orders", "users", "orders", "orders", "users", None, None),
    ]
    assert run.processed == shop.records
    assert validate(handler.events[0]) == []


def test_two_mappings_have_a_place_each(aws: Any, orders: Any, recorder: Any) -> None:
    """What one cannot pass does not hold up the other; fates are per mapping."""
    stuck = aws.event_source_mapping(orders, recorder(1), function={"FunctionName": "stuck"}, **FROM_START)
    free = aws.event_source_mapping(orders.database, recorder(), **FROM_START)
    sent = orders.insert({"_id": 1}, {"_id": 2})
    aws.run_for(60)
    assert (stuck.view().pending, free.view().processed) == (sent, sent)


@pytest.mark.parametrize(
    ("parameters", "seen"),
    [
        ({}, "i3"),
        ({"StartingPosition": "LATEST"}, "i3"),
        ({"StartingPosition": "TRIM_HORIZON"}, "i1 i2 i3"),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "2025-01-01T00:01:40Z"}, "i2 i3"),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "2025-01-01T00:01:41Z"}, "i3"),
    ],
)
def test_where_a_mapping_begins(aws: Any, orders: Any, recorder: Any, parameters: Any, seen: str) -> None:
    """LATEST unless it says something else: what was written before the mapping is never read."""
    orders.insert({"_id": 1})
    orders.insert({"_id": 2}, at=100)
    aws.virtual_clock.advance(200)
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler, **parameters)
    orders.insert({"_id": 3})
    run = mapping.run_until_idle()
    assert handler.batches == [seen]
    assert [one.code for one in run.advice] == (
        ["latest-loses-records"] if seen == "i3" and len(parameters) < 2 else []
    )


def test_trim_horizon_is_what_retention_has_left(aws: Any, orders: Any, recorder: Any) -> None:
    orders.insert({"_id": 1})
    orders.insert({"_id": 2}, at=3600)
    aws.virtual_clock.advance(10_800)
    handler = recorder()
    run = aws.event_source_mapping(orders, handler, **FROM_START).run_until_idle()
    assert handler.batches == ["i2"]
    assert len(run.records) == 1


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_failed_batch_is_tried_again_unchanged_until_it_succeeds(aws: Any, orders: Any, recorder: Any) -> None:
    """Same event, same request id; what came meanwhile comes after it."""
    handler = recorder(2, times=3)
    mapping = aws.event_source_mapping(orders, handler)
    sent = orders.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    orders.insert({"_id": 4}, at=0.6)
    run = mapping.run_until_idle()
    assert handler.batches == ["i1 i2 i3"] * 4 + ["i4"]
    assert moments(run) == [0.5, 0.7, 1.1, 1.9, 1.9]
    assert handler.events[:4] == [handler.events[0]] * 4
    assert [len(set(handler.requests[:4])), len(set(handler.requests))] == [1, 2]
    assert run.processed[:3] == sent
    assert run.metrics["FailedInvokeEventCount"] == 9


def test_the_delay_doubles_up_to_a_minute(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder(1, times=11)
    mapping = aws.event_source_mapping(orders, handler)
    (record,) = orders.insert({"_id": 1})
    tries = mapping.run_until_idle().attempts(record)
    delays = [round(later - earlier, 1) for earlier, later in pairwise(tries)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60]


def test_nothing_that_a_function_returns_is_read(aws: Any, orders: Any) -> None:
    """There are no partial responses; a function that lists failures loses those records, and is told."""
    mapping = aws.event_source_mapping(
        orders, lambda event, context: {"batchItemFailures": [{"itemIdentifier": event["events"][0]["event"]["_id"]}]}
    )
    sent = orders.insert({"_id": 1}, {"_id": 2})
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [one.code for one in run.advice] == ["partial-response-not-enabled"]


@pytest.mark.parametrize("ending", ["timeout", "unserialisable"])
def test_other_endings_are_failures_too(aws: Any, orders: Any, ending: str) -> None:
    import time

    calls: list[float] = []

    def handler(event: Any, context: Any) -> Any:
        calls.append(0)
        if len(calls) > 2:
            return None
        if ending == "timeout":
            time.sleep(4)
        return {1, 2}

    mapping = aws.event_source_mapping(orders, handler, function={"Timeout": 3})
    (record,) = orders.insert({"_id": 1})
    run = mapping.run_until_idle()
    assert run.processed == [record]
    assert len(run.attempts(record)) == 3


def test_throttles_and_crashes(aws: Any, orders: Any, recorder: Any) -> None:
    """A throttle is no attempt; after a crash the same changes come again."""
    handler = recorder()
    faults = Faults(throttles=0.4, crashes=0.4)
    mapping = aws.event_source_mapping(orders, handler, faults=faults, BatchSize=1)
    sent = orders.insert(*({"_id": number} for number in range(20)))
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert run.metrics["Throttles"] > 0
    assert len(handler.events) > 20
    assert list(dict.fromkeys(handler.batches)) == [f"i{number}" for number in range(20)]
    with pytest.raises(UsageError, match="throttles and crashes"):
        aws.event_source_mapping(orders.database, recorder(), faults=Faults(duplicates=0.1))


def test_a_function_without_concurrency_is_throttled(aws: Any, orders: Any, recorder: Any) -> None:
    mapping = aws.event_source_mapping(orders, recorder(), function={"ReservedConcurrentExecutions": 0})
    orders.insert({"_id": 1})
    run = mapping.run_for(10)
    assert run.invocations[0].outcome == "throttled"
    assert run.metrics["Throttles"] == len(run.invocations)
    assert run.pending == orders.records


def test_a_poison_change_expires_and_the_mapping_is_disabled(aws: Any, recorder: Any) -> None:
    """After the log's retention; what is behind it is never delivered, and an advice says so."""
    orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
    handler = recorder(1)
    mapping = aws.event_source_mapping(orders, handler, BatchSize=1)
    bad, good = orders.insert({"_id": 1}, {"_id": 2})
    assert orders.insert({"_id": 3}, at=7200) == []
    run = mapping.run_until_idle()
    assert run.expired == [bad]
    assert run.pending[0] == good
    assert 3600 <= run.elapsed < 3660
    assert not mapping.enabled
    described = mapping.describe()
    assert (described["State"], described["LastProcessingResult"]) == ("Disabled", "PROBLEM: Function call failed")
    assert [one.code for one in run.advice] == ["mapping-disabled-by-expiry"]
    with pytest.raises(NotSimulated, match="create a new mapping"):
        mapping.enable()
    mapping.update(BatchSize=50)
    mapping.delete()
    again = recorder()
    fresh = aws.event_source_mapping(orders, again, function={"FunctionName": "again"}, **FROM_START)
    fresh.run_until_idle()
    assert again.batches == ["i3"]  # 2 has expired meanwhile


# -- restarts ----------------------------------------------------------------------------------------------------------


def test_a_mapping_that_was_disabled_goes_on_where_it_was(aws: Any, orders: Any, recorder: Any) -> None:
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1})
    mapping.run_until_idle()
    mapping.disable()
    orders.insert({"_id": 2})
    mapping.run_for(60)
    assert handler.batches == ["i1"]
    mapping.enable()
    assert len(mapping.run_until_idle().processed) == 2
    assert handler.batches == ["i1", "i2"]


def test_one_that_was_disabled_for_too_long_does_not(aws: Any, orders: Any, recorder: Any) -> None:
    """Its resume token points at what is gone."""
    handler = recorder()
    mapping = aws.event_source_mapping(orders, handler)
    mapping.disable()
    (lost,) = orders.insert({"_id": 1})
    orders.insert({"_id": 2}, at=10_799)
    aws.virtual_clock.advance(10_800)
    mapping.enable()
    run = mapping.run_until_idle()
    assert (run.expired, handler.events, mapping.enabled) == ([lost], [], False)


def test_a_new_mapping_has_a_place_of_its_own(aws: Any, orders: Any, recorder: Any) -> None:
    """Nothing is kept of the one before it: TRIM_HORIZON delivers again what that has processed."""
    first = aws.event_source_mapping(orders, recorder(), **FROM_START)
    orders.insert({"_id": 1})
    first.run_until_idle()
    first.delete()
    handler = recorder()
    aws.event_source_mapping(orders, handler, **FROM_START).run_until_idle()
    assert handler.batches == ["i1"]


# -- the mapping itself ------------------------------------------------------------------------------------------------


def test_what_a_mapping_says_of_itself(aws: Any, orders: Any, recorder: Any) -> None:
    """Database, collection and secret are filled in."""
    mapping = aws.event_source_mapping(orders, recorder())
    described = mapping.describe()
    assert described["EventSourceArn"] == ARN
    assert described["StartingPosition"] == "LATEST"
    assert described["BatchSize"] == 100
    assert described["DocumentDBEventSourceConfig"] == {
        "DatabaseName": "shop",
        "CollectionName": "orders",
        "FullDocument": "Default",
    }
    (access,) = described["SourceAccessConfigurations"]
    assert access["Type"] == "BASIC_AUTH"
    assert access["URI"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:")
    database = aws.event_source_mapping(orders.database, recorder(), DocumentDBEventSourceConfig=None)
    assert database.describe()["DocumentDBEventSourceConfig"] == {"DatabaseName": "shop", "FullDocument": "Default"}


def test_a_mapping_by_arn(aws: Any, orders: Any, recorder: Any) -> None:
    """As a template has it: the collection, or the whole database."""
    access = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-a1B2c3"}]

    def mapped(**config: str) -> Any:
        return aws.event_source_mapping(
            ARN, recorder(), SourceAccessConfigurations=access, DocumentDBEventSourceConfig=config
        )

    assert mapped(DatabaseName="shop", CollectionName="orders").source.name == "shop.orders"
    assert mapped(DatabaseName="shop").source.name == "shop"
    with pytest.raises(UsageError, match=r"Invalid type for parameter DocumentDBEventSourceConfig\.DatabaseName"):
        mapped(DatabaseName=["shop"])  # type: ignore[arg-type]
    for config in ({"DatabaseName": "other"}, {"DatabaseName": "shop", "CollectionName": "users"}):
        with pytest.raises(NotSimulated, match=r"is not here; make it with documentdb_collection\(...\)"):
            mapped(**config)
    with pytest.raises(ClientError, match="Invalid parameters: documentDBEventSourceConfig, databaseName"):
        aws.event_source_mapping(ARN, recorder(), SourceAccessConfigurations=access)
    other = ARN.replace("orders", "unknown")
    with pytest.raises(NotSimulated, match="is not here"):
        aws.event_source_mapping(
            other, recorder(), SourceAccessConfigurations=access, DocumentDBEventSourceConfig={"DatabaseName": "shop"}
        )


def test_no_cluster_is_here_at_first(aws: Any, recorder: Any) -> None:
    access = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mine-a1B2c3"}]
    with pytest.raises(NotSimulated, match=r"make it with documentdb_collection"):
        aws.event_source_mapping(
            ARN, recorder(), SourceAccessConfigurations=access, DocumentDBEventSourceConfig={"DatabaseName": "shop"}
        )


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "Invalid parameters: filterCriteria"),
        ({"FunctionResponseTypes": ["ReportBatchItemFailures"]}, "Invalid parameters: functionResponseTypes"),
        ({"MaximumRetryAttempts": 3}, "Unsupported 'maximumRetryAttempts' parameter"),
        ({"DestinationConfig": {"OnFailure": {"Destination": FAILURES}}}, "Unsupported 'destinationConfig' parameter"),
        ({"ParallelizationFactor": 2}, "Unsupported 'parallelizationFactor' parameter"),
        ({"TumblingWindowInSeconds": 2}, "Unsupported 'tumblingWindowInSeconds' parameter"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "a starting position timestamp must be provided"),
        ({"DocumentDBEventSourceConfig": 7}, "Invalid type for parameter DocumentDBEventSourceConfig"),
    ],
)
def test_what_aws_refuses(aws: Any, orders: Any, recorder: Any, parameters: Any, words: str) -> None:
    """There are no filters, retries, partial responses or destinations for DocumentDB."""
    with pytest.raises((ClientError, UsageError), match=words):
        aws.event_source_mapping(orders, recorder(), **parameters)


def test_the_config_of_another_collection(aws: Any, orders: Any, recorder: Any) -> None:
    """The source says what it is."""
    for config in ({"CollectionName": "users"}, {"DatabaseName": "other"}):
        with pytest.raises(UsageError, match=r"but the source is shop\.orders: leave it out"):
            aws.event_source_mapping(orders, recorder(), DocumentDBEventSourceConfig=config)
    with pytest.raises(UsageError, match="CollectionName is 'orders', but the source is shop"):
        aws.event_source_mapping(orders.database, recorder(), DocumentDBEventSourceConfig={"CollectionName": "orders"})
    same = {"DatabaseName": "shop", "CollectionName": "orders", "FullDocument": None}
    assert aws.event_source_mapping(orders, recorder(), DocumentDBEventSourceConfig=same).enabled


def test_a_second_mapping_of_the_same(aws: Any, orders: Any, recorder: Any) -> None:
    """Refused for one collection and one function; another collection of the cluster is another source."""
    handler = recorder()
    aws.event_source_mapping(orders, handler)
    with pytest.raises(ClientError, match="already exists"):
        aws.event_source_mapping(aws.documentdb_collection("shop.orders"), handler)
    assert aws.event_source_mapping(aws.documentdb_collection("shop.users"), handler)


def test_a_handler_may_write_to_the_collection(aws: Any, orders: Any) -> None:
    """What it writes comes to it, too, behind what is there."""
    seen: list[str] = []

    def handler(event: Any, context: Any) -> None:
        for entry in event["events"]:
            change = entry["event"]
            seen.append(change["operationType"])
            if change["operationType"] == "insert":
                orders.update_one({"_id": change["documentKey"]["_id"]}, {"$set": {"seen": True}})

    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1}, {"_id": 2})
    assert len(mapping.run_until_idle().processed) == 4
    assert seen == ["insert", "insert", "update", "update"]


def test_iterator_age(aws: Any, orders: Any, recorder: Any) -> None:
    """The age of a batch's last change, in milliseconds; the longest counts."""
    mapping = aws.event_source_mapping(orders, recorder())
    orders.insert({"_id": 1})
    orders.insert({"_id": 2}, at=50)
    aws.virtual_clock.advance(60)
    assert mapping.run_until_idle().metrics["IteratorAge"] == 10_000
