"""Capturing from a change stream, through pymongo, from a server in this process that speaks its protocol."""

from __future__ import annotations

import datetime as dt

import bson
import pymongo
import pytest

from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.documentdb import DocumentDbTap
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources import identify, validate

ORDER = bson.ObjectId("63eeb6e7d418cd98afb1c1d7")


@pytest.fixture
def shop(mongodb, unique):
    """A database that no other test has."""
    client = pymongo.MongoClient(mongodb.url)
    yield client[unique("shop").replace("-", "_")]
    client.close()


@pytest.fixture
def capture(cli, mongodb, tmp_path):
    def run(namespace, *arguments):
        ended = cli("capture", "documentdb", namespace, "--uri", mongodb.url, "--no-redact", *arguments)
        assert ended.code == 0, ended.err
        assert "nothing is left behind" in ended.err
        return load(tmp_path / ended.out.splitlines()[0])

    return run


SINCE = ("--since", "2023-11-14T22:13:20Z")


def happened(shop):
    """Some changes, of two collections."""
    document = {"_id": ORDER, "n": 1, "big": bson.Int64(5), "price": 1.5, "at": dt.datetime(1970, 1, 1)}
    shop.orders.insert_one(document)
    shop.other.insert_one({"_id": 1})
    shop.orders.update_one({"_id": ORDER}, {"$set": {"n": 2}})
    shop.orders.delete_one({"_id": ORDER})


def changes_of(cassette):
    return [one["event"] for interaction in cassette.interactions for one in interaction.event["events"]]


def test_the_event_is_what_the_function_would_get(shop, capture):
    """Relaxed extended JSON, the keys that DocumentDB has, in Lambda's order; the cluster's ARN is made up."""
    happened(shop)

    cassette = capture(f"{shop.name}.orders", *SINCE)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == cassette.source == "documentdb"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ("eventSourceArn",)
    insert, update, delete = changes_of(cassette)
    assert list(insert) == ["_id", "clusterTime", "documentKey", "fullDocument", "ns", "operationType"]
    assert insert["fullDocument"] == {
        "_id": {"$oid": str(ORDER)},
        "n": 1,
        "big": 5,
        "price": 1.5,
        "at": {"$date": "1970-01-01T00:00:00Z"},
    }
    assert update["updateDescription"] == {"updatedFields": {"n": 2}, "removedFields": []}
    assert "fullDocument" not in update
    assert delete["documentKey"] == {"_id": {"$oid": str(ORDER)}}


def test_a_whole_database_and_the_mappings_settings(shop, capture):
    """Several collections; the cluster's ARN and FullDocument, as the mapping has them."""
    happened(shop)
    arn = "arn:aws:rds:us-east-1:123456789012:cluster:shop"
    cassette = capture(shop.name, *SINCE, "--cluster-arn", arn, "--update-lookup", "--batch-size", "3")
    assert [len(one.event["events"]) for one in cassette.interactions] == [3, 1]
    assert {one["ns"]["coll"] for one in changes_of(cassette)} == {"orders", "other"}
    assert cassette.interactions[0].invented == ()
    assert cassette.interactions[0].event["eventSourceArn"] == arn
    assert [one["fullDocument"] for one in changes_of(cassette) if one["operationType"] == "update"] == [None]


def test_it_goes_on_behind_a_drop(shop, capture):
    """The server ends the cursor there; a collection of that name has a stream again."""
    happened(shop)
    shop.orders.drop()
    shop.orders.insert_one({"_id": 8})

    cassette = capture(f"{shop.name}.orders", *SINCE)

    assert ["insert", "update", "delete", "drop", "invalidate", "insert"] == [
        one["operationType"] for one in changes_of(cassette)
    ]


def test_what_happens_while_it_is_watched(shop, capture, monkeypatch):
    """With --for; what was before is not in the stream."""
    happened(shop)
    monkeypatch.setattr(
        "pytest_lambda_events.cassette.capture.waiting.Patience.pause",
        lambda self, seconds: shop.orders.insert_one({"_id": 7}),
    )
    cassette = capture(f"{shop.name}.orders", "--for", "30", "--count", "1")
    assert [one["documentKey"] for one in changes_of(cassette)] == [{"_id": 7}]


def test_what_cannot_be_captured_is_said(mongodb, cli):
    """No time in which anything could happen, a filter, no address, streams that are switched off."""
    uri = ("--uri", mongodb.url)
    mongodb.failures.append(("aggregate", 303, "change streams are off"))
    for arguments, told in (
        (("shop", *uri), "nothing has happened yet"),
        (("shop", *uri, "--for", "1", "--filter", "{}"), "have no filters"),
        (("shop", "--uri", "http://x", "--for", "1"), "write one like mongodb://"),
        (("shop", *uri, "--for", "1"), "modifyChangeStreams"),
    ):
        ended = cli("capture", "documentdb", *arguments)
        assert (ended.code, told in ended.err) == (2, True), ended.err


def test_a_stream_that_breaks_off_keeps_what_came(shop, mongodb, cli, monkeypatch):
    """With the reason."""
    happened(shop)
    monkeypatch.setattr(
        "pytest_lambda_events.cassette.capture.waiting.Patience.pause",
        lambda self, seconds: mongodb.failures.append(("getMore", 13, "no longer allowed")),
    )
    ended = cli("capture", "documentdb", shop.name, "--uri", mongodb.url, "--count", "9", *SINCE)
    assert (ended.code, bool(ended.out)) == (2, True)
    assert "no longer allowed" in ended.err
    assert "4 records in 1 event" in ended.err


def test_what_came_in_the_same_round_as_an_error_is_not_lost(shop, mongodb):
    """The next round raises it."""
    happened(shop)
    tap = DocumentDbTap(mongodb.url, shop.name, since=1_700_000_000)
    following = tap._stream.next
    calls = iter((following, following))

    def broken():
        try:
            return next(calls)()
        except StopIteration:
            raise NotConnected("gone") from None

    tap._stream.next = broken
    assert len(tap.take(10, 0)) == 2
    for _ in range(2):
        with pytest.raises(NotConnected, match="gone"):
            tap.take(10, 0)
    tap.close()


def test_a_cluster_that_is_not_there():
    """It is not waited for without end."""
    with pytest.raises(NotConnected):
        DocumentDbTap("mongodb://127.0.0.1:9", "shop", seconds=0.2)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """One line with pip's command."""
    monkeypatch.setitem(__import__("sys").modules, "pymongo", None)
    with pytest.raises(UsageError, match=r"pytest-lambda-events\[mongodb\]"):
        DocumentDbTap("mongodb://localhost", "shop")
