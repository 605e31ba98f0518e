"""DocumentDB in live mode: a real pymongo, over the wire, against a stub: tests/brokers/servers/mongodb.py says why."""

from __future__ import annotations

import datetime as dt
import time

import bson
import pytest

from pytest_lambda_events import Harness, LiveHarness, NotConnected, RunLimitReached, UsageError
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.sources import validate

QUIET = 0.1
HORIZON = {"StartingPosition": "TRIM_HORIZON", "MaximumBatchingWindowInSeconds": 0}
CLUSTER = "arn:aws:rds:eu-west-1:111122223333:cluster:shop"


class Recorder:
    """A handler that remembers its events, and fails as often as it is told to."""

    def __init__(self, fails=0):
        self.events = []
        self.fails = fails

    def __call__(self, event, context):
        self.events.append(event)
        if len(self.events) <= self.fails:
            raise ValueError("not yet")

    @property
    def changes(self):
        """The changes of all events."""
        return [one["event"] for event in self.events for one in event["events"]]


@pytest.fixture
def orders(mongodb, live):
    """A collection."""
    return live.documentdb_collection("shop.orders", url=mongodb.url, cluster=CLUSTER)


def writes(collection, run):
    """Every verb, with every kind of value; a run after each."""
    steps = [
        lambda: collection.insert(
            {"_id": 1, "n": 1, "tags": ["a"]},
            {"_id": {"$oid": "63eeb6e7d418cd98afb1c1d7"}, "when": dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc)},
            {"_id": bson.Int64(3), "price": bson.Decimal128("1.50"), "deep": {"none": None, "data": b"\x00\xff"}},
        ),
        lambda: collection.update(1, {"n": 2, "tags": ABSENT}),
        lambda: collection.update({"n": 2}, {"$inc": {"n": 5}, "$set": {"new": bson.Int64(7)}}),
        lambda: collection.update(1, {"n": 7}),
        lambda: collection.replace(1, {"other": True}),
        lambda: collection.delete({"_id": {"$in": [1]}}),
        lambda: collection.update("nobody", {"n": 1}),
        lambda: collection.rename("archive"),
        lambda: collection.insert({"_id": "again"}),
        collection.drop,
    ]
    made = []
    for step in steps:
        made += step()
        run()
    return made


def told(events):
    """The changes of events without what each server makes up: tokens and times."""
    changes = [one["event"] for event in events for one in event["events"]]
    return [{name: value for name, value in one.items() if name not in ("_id", "clusterTime")} for one in changes]


@pytest.mark.parametrize("look_up", ["Default", "UpdateLookup"])
def test_the_same_writes_deliver_the_same_as_in_memory(mongodb, look_up):
    """Documents, updates, replacements, deletes, a rename, a drop: through pymongo, over the wire and back."""
    config = {"DocumentDBEventSourceConfig": {"FullDocument": look_up}, **HORIZON, "BatchSize": 1}
    ours, theirs = Recorder(), Recorder()
    with Harness() as aws:
        collection = aws.documentdb_collection("shop.orders", cluster=CLUSTER)
        mapping = aws.event_source_mapping(collection, ours, **config)
        writes(collection, mapping.run_until_idle)
    with LiveHarness(timeout=3) as live:
        collection = live.documentdb_collection("shop.orders", url=mongodb.url, cluster=CLUSTER)
        mapping = live.event_source_mapping(collection, theirs, **config)
        records = writes(collection, lambda: mapping.run_until_idle(quiet=0.03))
        run = mapping.view()

    assert records == run.processed == collection.engine.records
    assert told(ours.events) == told(theirs.events)
    assert [list(one) for one in ours.changes] == [list(one) for one in theirs.changes]
    assert [] == [finding for event in theirs.events for finding in validate(event)]
    assert {CLUSTER} == {event["eventSourceArn"] for event in theirs.events}


def test_a_failed_batch_holds_up_the_rest_and_comes_again(live, orders):
    """The same poller: strictly in order."""
    handler = Recorder(fails=1)
    mapping = live.event_source_mapping(orders, handler, **HORIZON, BatchSize=2)
    sent = orders.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    run = mapping.run_until_idle(quiet=QUIET)

    assert [[1, 2], [1, 2], [3]] == [
        [one["event"]["documentKey"]["_id"] for one in e["events"]] for e in handler.events
    ]
    assert sent == run.processed
    assert [2, 2, 1] == [len(run.attempts(one)) for one in sent]


def test_latest_begins_with_what_comes(live, orders):
    """What came before the mapping is not read."""
    handler = Recorder()
    orders.insert({"_id": "old"})
    mapping = live.event_source_mapping(orders, handler, **{**HORIZON, "StartingPosition": "LATEST"})
    orders.insert({"_id": "new"})
    mapping.run_until_idle(quiet=QUIET)

    assert ["new"] == [one["documentKey"]["_id"] for one in handler.changes]


def test_another_harness_goes_on_behind_a_change(mongodb):
    """Whoever kept a change's id, as Lambda keeps its checkpoint."""
    with LiveHarness(timeout=3) as live:
        orders = live.documentdb_collection("shop.orders", url=mongodb.url)
        first, _ = orders.insert({"_id": 1}, {"_id": 2})
    with LiveHarness(timeout=3) as live:
        handler = Recorder()
        orders = live.documentdb_collection("shop.orders", url=mongodb.url, resume_after=first.id)
        live.event_source_mapping(orders, handler, **HORIZON).run_until_idle(quiet=QUIET)

    assert [2] == [one["documentKey"]["_id"] for one in handler.changes]


@pytest.mark.parametrize(("ago", "seen"), [(3_600, [1]), (-3_600, [])])
def test_changes_may_begin_at_a_moment(mongodb, ago, seen):
    """Of the past, where the server still has them."""
    with LiveHarness(timeout=3) as live:
        live.documentdb_collection("shop.orders", url=mongodb.url).insert({"_id": 1})
        moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=ago)
        again = live.documentdb_collection("shop.orders", url=mongodb.url, start_at=moment)
        assert seen == [one.change["documentKey"]["_id"] for one in again.records]


def test_a_database_shows_all_its_collections(mongodb, live):
    """And is written through them."""
    shop = live.documentdb_collection("shop", url=mongodb.url)
    handler = Recorder()
    mapping = live.event_source_mapping(shop, handler, **HORIZON)
    live.documentdb_collection("shop.orders", url=mongodb.url).insert({"_id": 1})
    live.documentdb_collection("shop.items", url=mongodb.url).insert({"_id": 2})
    mapping.run_until_idle(quiet=QUIET)

    assert ["orders", "items"] == [one["ns"]["coll"] for one in handler.changes]
    with pytest.raises(UsageError, match="shop is a database"):
        shop.insert({"_id": 3})


def test_what_somebody_else_writes_is_seen(live, orders):
    """With pymongo's own collection, which is there for all that has no verb."""
    handler = Recorder()
    mapping = live.event_source_mapping(orders, handler, **HORIZON)
    orders.collection.insert_one({"_id": "theirs"})
    run = mapping.run_until_idle(quiet=QUIET)

    assert orders.records == run.processed
    assert ["theirs"] == [one["documentKey"]["_id"] for one in handler.changes]


@pytest.mark.parametrize("wanted", [{"$or": [{"n": 1}, {"n": 2}]}, {"$expr": {"$eq": ["$n", 1]}}])
def test_a_filter_that_begins_with_an_operator_is_no_id(mongodb, orders, monkeypatch, wanted):
    """The server gets it as it is: only what extended JSON has a form for, as $oid, is an _id."""
    asked = []
    monkeypatch.setattr(mongodb, "_delete", lambda command: asked.append(command["deletes"][0]["q"]) or {"n": 0})
    orders.delete(wanted)
    orders.delete({"$oid": "63eeb6e7d418cd98afb1c1d7"})

    assert [wanted, {"_id": bson.ObjectId("63eeb6e7d418cd98afb1c1d7")}] == asked


def test_dropping_what_is_not_there_changes_nothing(orders):
    """As in memory; it is not waited for."""
    assert [] == orders.drop()


def test_a_mapping_of_something_else_is_refused(live, orders):
    """As in memory."""
    with pytest.raises(UsageError, match="CollectionName is 'items'"):
        live.event_source_mapping(
            orders, Recorder(), **HORIZON, DocumentDBEventSourceConfig={"CollectionName": "items"}
        )


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_what_the_server_refuses_is_an_error(orders):
    """In its words."""
    orders.insert({"_id": 1})
    with pytest.raises(NotConnected, match=r"did not insert in shop\.orders: .*duplicate key"):
        orders.insert({"_id": 1})


@pytest.mark.parametrize(("code", "words"), [(136, "modifyChangeStreams"), (13, "how to sign in")])
def test_a_change_stream_that_is_not_there_is_explained(mongodb, live, code, words):
    """DocumentDB has them only where they were enabled."""
    mongodb.failures.append(("aggregate", code, "NotThere"))

    with pytest.raises(NotConnected, match=f"did not let us watch shop.orders: .*{words}"):
        live.documentdb_collection("shop.orders", url=mongodb.url)


def test_a_server_that_is_not_there_is_an_error_and_not_a_wait():
    """Nor is one that takes the connection and is silent."""
    with LiveHarness(timeout=0.5) as live:
        began = time.monotonic()
        with pytest.raises(NotConnected, match=r"MongoDB at 127\.0\.0\.1:1 did not let us watch"):
            live.documentdb_collection("shop.orders", url="mongodb://127.0.0.1:1/")
        assert time.monotonic() - began < 10


def test_a_server_that_says_nothing_is_given_up(silent_port):
    """It takes the connection."""
    with LiveHarness(timeout=0.5) as live, pytest.raises(NotConnected, match="did not let us watch"):
        live.documentdb_collection("shop.orders", url=f"mongodb://127.0.0.1:{silent_port}/")


def test_a_server_that_goes_away_ends_the_run(mongodb):
    """Also while a run only waits for changes."""
    with LiveHarness(timeout=1) as live:
        orders = live.documentdb_collection("shop.orders", url=mongodb.url)
        mapping = live.event_source_mapping(orders, Recorder(), **HORIZON)
        mapping.run_until_idle(quiet=QUIET)
        mongodb.stop()
        with pytest.raises(NotConnected, match=r"did not say what happened in shop\.orders"):
            mapping.run_for(20)


def test_a_write_that_is_not_shown_is_said_to_be_missing(mongodb, monkeypatch):
    """The server took it, and its stream does not have it."""
    with LiveHarness(timeout=0.3) as live:
        orders = live.documentdb_collection("shop.orders", url=mongodb.url)
        monkeypatch.setattr(mongodb, "_stream", lambda _namespace: [])
        with pytest.raises(NotConnected, match=r"did not show it within 0\.3 s: 0 of 1 changes came"):
            orders.insert({"_id": 1})


def test_a_run_has_real_bounds(live, orders):
    """A change that never succeeds."""

    def handler(event, context):
        raise ValueError("never")

    mapping = live.event_source_mapping(orders, handler, **HORIZON)
    orders.insert({"_id": 1})
    with pytest.raises(RunLimitReached, match="within 1 seconds"):
        mapping.run_until_idle(quiet=QUIET, max_seconds=1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "mysql://localhost"}, "write one like mongodb://localhost:27017"),
        ({"name": "shop.$cmd"}, "is no collection"),
        ({"name": "sh op"}, "no name of a database"),
        ({"cluster": "Orders!"}, "no ARN of a cluster"),
        ({"start_at": "yesterday"}, "start_at='yesterday' is not an ISO 8601 time"),
        ({"client": {"no_such_option": 1}}, "no_such_option"),
    ],
)
def test_what_means_nothing_is_refused(mongodb, live, given, words):
    """Before or when it is connected."""
    with pytest.raises(UsageError, match=words):
        live.documentdb_collection(**{"name": "shop.orders", "url": mongodb.url, **given})
